//! Long computations, such as checking rules or trying them on thousands of cases. They run one at a time, on a thread
//! that serves no requests.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::graphql::context::{ContextExt, fault_error};
use crate::kit::error::Fault;
use crate::ownership::rule_set::off_thread;

/// How long a computation waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// The semaphore that lets one computation run at a time.
struct ComputeTurns(Arc<Semaphore>);

impl Default for ComputeTurns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// A turn to compute. The computation holds it until it ends, even when nobody waits for the result any more.
pub struct ComputeTurn(OwnedSemaphorePermit);

/// Waits for a turn to compute.
///
/// # Errors
/// `BUSY` when the turn does not come within five seconds.
pub async fn turn(ctx: &Context<'_>) -> Result<ComputeTurn> {
    let turns = ctx.app().part::<ComputeTurns>();
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&turns.0).acquire_owned()).await;
    turn.ok().and_then(std::result::Result::ok).map(ComputeTurn).ok_or_else(|| fault_error(&Fault::Busy))
}

impl ComputeTurn {
    /// Runs the computation on a blocking thread.
    ///
    /// # Errors
    /// `INTERNAL` when the computation panicked or the service stops.
    pub async fn think<T: Send + 'static>(self, think: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let thought = off_thread(move || {
            let Self(_held) = self;
            think()
        });
        thought.await.map_err(|fault| fault_error(&fault))
    }
}
