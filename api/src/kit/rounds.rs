//! The wait between two looks of a loop that does what is due: letters, webhooks, mails that came.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::app::App;

/// How often a loop looks at least: another node may have written something.
const POLL: Duration = Duration::from_secs(1);
/// How long it rests at least: every act wakes every loop, those of others and its own.
const BREATH: Duration = Duration::from_millis(100);

/// When to look again.
pub struct Rounds {
    app: App,
    committed: watch::Receiver<u64>,
}

impl Rounds {
    /// For a loop of this service.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self { app: app.clone(), committed: app.committed() }
    }

    /// Returns when something was committed here, when the clock shows `next`, or after a second; never at once.
    pub async fn rest_until(&mut self, next: Option<DateTime<Utc>>) {
        tokio::time::sleep(BREATH).await;
        let due = next.map_or_else(|| Box::pin(std::future::pending()) as _, |next| self.app.wait_until(next));
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = self.committed.changed() => {}
            () = due => {}
        }
    }
}
