//! Stopping without cutting anybody off in the middle of a sentence.

use tokio::sync::watch;

/// Tells whoever asks that the service is about to stop.
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// Not yet.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Now: no longer ready, streams come to their end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it begins.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut begun = self.0.subscribe();
        async move {
            if begun.wait_for(|begun| *begun).await.is_err() {
                // The service is gone altogether, which is a beginning too.
            }
        }
    }
}
