//! Long thinking, such as checking rules or trying them on thousands of cases: one at a time, on a thread that answers
//! nobody else.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::context::{ContextExt, fault_error};
use crate::kit::error::Fault;
use crate::ownership::rule_set::off_thread;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whose turn it is.
struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// A turn to think. What is thought keeps it to its end, although nobody may wait for the result any more.
pub struct Turn(OwnedSemaphorePermit);

/// Waits for a turn.
///
/// # Errors
/// "Busy", when it does not come in time.
pub async fn turn(ctx: &Context<'_>) -> Result<Turn> {
    let turns = ctx.app().part::<Turns>();
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&turns.0).acquire_owned()).await;
    turn.ok().and_then(std::result::Result::ok).map(Turn).ok_or_else(|| fault_error(&Fault::Busy))
}

impl Turn {
    /// Thinks.
    ///
    /// # Errors
    /// When the service stops.
    pub async fn think<T: Send + 'static>(self, think: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let thought = off_thread(move || {
            let Self(_held) = self;
            think()
        });
        thought.await.map_err(|fault| fault_error(&fault))
    }
}
