//! The wait between two rounds of a background loop. Loops do what is due: letters, webhooks, arrivals, timers, events.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::app::App;
use super::loops::{LoopHandle, Loops, UnderWay};

/// The longest wait, because another node may have written something.
const POLL: Duration = Duration::from_secs(1);
/// The shortest wait, because every act of this process wakes every loop.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// The result of a round.
#[derive(Debug, Clone, Copy, Default)]
pub struct Round {
    /// Whether the round found something to do, or failed. Another round may then find more.
    pub found: bool,
    /// When something is due next; none when nothing is known to be due.
    pub next: Option<DateTime<Utc>>,
}

impl Round {
    /// A round that failed. It is not known what is due.
    pub const FAILED: Self = Self { found: true, next: None };
}

/// Decides when a loop runs its next round.
pub struct Rounds {
    app: App,
    place: LoopHandle,
    committed: Option<watch::Receiver<u64>>,
    least: Duration,
    most: Duration,
}

impl Rounds {
    /// For a loop that runs when this process has committed something, and at least every second.
    #[must_use]
    pub fn of(app: &App, name: &'static str) -> Self {
        let place = app.part::<Loops>().join(name);
        Self { app: app.clone(), place, committed: Some(app.committed()), least: MIN_PAUSE, most: POLL }
    }

    /// As [`Rounds::of`], but without the shortest wait after a commit.
    #[must_use]
    pub fn at_once(app: &App, name: &'static str) -> Self {
        Self { least: Duration::ZERO, ..Self::of(app, name) }
    }

    /// For a loop that runs at this interval, whatever is committed.
    #[must_use]
    pub fn every(app: &App, name: &'static str, time: Duration) -> Self {
        Self { committed: None, least: Duration::ZERO, most: time, ..Self::of(app, name) }
    }

    /// Begins a round, as soon as the loops are not held.
    pub async fn begin(&self) {
        self.place.begin().await;
    }

    /// Returns when the next round should run: this process has committed something, the clock shows the time that the
    /// last round named, the longest wait is over, or a round was requested.
    pub async fn rest(&mut self, last: Round) {
        self.place.rest(last.found);
        let due = last.next.map_or_else(|| Box::pin(std::future::pending()) as _, |next| self.app.wait_until(next));
        let committed = async {
            let changed = match &mut self.committed {
                Some(committed) => committed.changed().await.is_ok(),
                None => false,
            };
            if !changed {
                std::future::pending::<()>().await;
            }
        };
        let time = async {
            tokio::time::sleep(self.least).await;
            tokio::select! {
                () = tokio::time::sleep(self.most) => {}
                () = committed => {}
                () = due => {}
            }
        };
        tokio::select! {
            () = time => {}
            () = self.place.asked() => {}
        }
    }

    /// Returns when the clock shows this time. A round that is requested before then counts as one with nothing to do.
    pub async fn rest_until(&self, time: DateTime<Utc>, found: bool) {
        self.rest_through(self.app.wait_until(time), found).await;
    }

    /// Returns after this time by tokio's clock. A round that is requested before then counts as one with nothing to
    /// do.
    pub async fn rest_for(&self, time: Duration) {
        self.rest_through(tokio::time::sleep(time), false).await;
    }

    async fn rest_through(&self, wait: impl Future<Output = ()>, found: bool) {
        self.place.rest(found);
        let mut wait = std::pin::pin!(wait);
        loop {
            tokio::select! {
                biased;
                () = &mut wait => return,
                () = self.place.asked() => self.place.pass(),
            }
        }
    }

    /// For a loop with its own way to wait: marks the loop as resting. The returned future ends when the clock shows
    /// this time, or a round is requested.
    pub fn resting_until(&self, time: DateTime<Utc>, found: bool) -> impl Future<Output = ()> + use<'_> {
        self.place.rest(found);
        let due = self.app.wait_until(time);
        async move {
            tokio::select! {
                () = due => {}
                () = self.place.asked() => {}
            }
        }
    }

    /// Registers work that continues after its round. The work has ended when the returned value is dropped.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        self.place.under_way()
    }
}
