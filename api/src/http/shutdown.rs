//! Stops the service without interrupting requests, and without sending all clients to the next node at the same
//! moment.

use std::time::Duration;

use tokio::sync::watch;

use crate::kit::app::App;

/// The signal that the service is about to stop.
pub struct Shutdown {
    begun: watch::Sender<bool>,
    spread: Duration,
    app: App,
}

impl Shutdown {
    /// A signal that has not been given. Streams and sockets will be ended at different moments within `spread`.
    #[must_use]
    pub fn new(spread: Duration, app: App) -> Self {
        Self { begun: watch::Sender::new(false), spread, app }
    }

    /// Gives the signal: the service is no longer ready, and streams end.
    pub fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether the signal has been given.
    #[must_use]
    pub fn begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Returns when the signal is given.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut begun = self.begun.subscribe();
        async move {
            if begun.wait_for(|begun| *begun).await.is_err() {
                // The sender is gone, which also means that the service stops.
            }
        }
    }

    /// Returns when this stream or socket should end after the signal: at a random moment within the spread.
    pub fn turn(&self) -> impl Future<Output = ()> + Send + use<> {
        let (begun, spread, app) = (self.wait(), self.spread, self.app.clone());
        async move {
            begun.await;
            if !spread.is_zero() {
                tokio::time::sleep(part(spread, &app)).await;
            }
        }
    }

    /// How many milliseconds one client should wait before it reconnects: random, so that clients do not all reconnect
    /// at once.
    #[must_use]
    pub fn retry_ms(&self) -> u128 {
        (RETRY + part(RETRY.saturating_add(self.spread), &self.app)).as_millis()
    }
}

/// The minimum time a client waits before it reconnects.
const RETRY: Duration = Duration::from_secs(1);

/// A random part of this time.
fn part(of: Duration, app: &App) -> Duration {
    let mut chance = [0; 4];
    app.entropy().fill(&mut chance);
    of.mul_f64(f64::from(u32::from_be_bytes(chance)) / f64::from(u32::MAX))
}
