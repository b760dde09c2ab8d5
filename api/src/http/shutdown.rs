//! Stopping without cutting anybody off in the middle of a sentence, and without sending all of them to the next node at the
//! same moment.

use std::time::Duration;

use tokio::sync::watch;

use crate::kit::app::App;

/// Tells whoever asks that the service is about to stop.
pub struct Shutdown {
    begun: watch::Sender<bool>,
    spread: Duration,
    app: App,
}

impl Shutdown {
    /// Not yet. Streams and sockets will be ended one after another over this time.
    #[must_use]
    pub fn new(spread: Duration, app: App) -> Self {
        Self { begun: watch::Sender::new(false), spread, app }
    }

    /// Now: no longer ready, streams come to their end.
    pub fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Returns when it begins.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut begun = self.begun.subscribe();
        async move {
            if begun.wait_for(|begun| *begun).await.is_err() {
                // The service is gone altogether, which is a beginning too.
            }
        }
    }

    /// Returns when it has begun and it is this stream's or socket's turn to end: at a moment of its own within the spread.
    pub fn turn(&self) -> impl Future<Output = ()> + Send + use<> {
        let (begun, spread, app) = (self.wait(), self.spread, self.app.clone());
        async move {
            begun.await;
            if !spread.is_zero() {
                tokio::time::sleep(part(spread, &app)).await;
            }
        }
    }

    /// A time for one client to wait before it comes back, in milliseconds: different for each, so that they do not all come
    /// at once.
    #[must_use]
    pub fn retry_ms(&self) -> u128 {
        (RETRY + part(RETRY.saturating_add(self.spread), &self.app)).as_millis()
    }
}

/// How long a client waits at least before it comes back.
const RETRY: Duration = Duration::from_secs(1);

/// A part of this time, by chance.
fn part(of: Duration, app: &App) -> Duration {
    let mut chance = [0; 4];
    app.entropy().fill(&mut chance);
    of.mul_f64(f64::from(u32::from_be_bytes(chance)) / f64::from(u32::MAX))
}
