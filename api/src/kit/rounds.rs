//! The wait between two looks of a loop that does what is due: letters, webhooks, mails that came, clocks, events.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::app::App;
use super::loops::{Loops, Place, UnderWay};

/// How often a loop looks at least: another node may have written something.
const POLL: Duration = Duration::from_secs(1);
/// How long it rests at least: every act wakes every loop, those of others and its own.
const BREATH: Duration = Duration::from_millis(100);

/// What a round came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Round {
    /// Whether there was something to do, or it failed: another round may find more.
    pub found: bool,
    /// When something is due next, as far as is known.
    pub next: Option<DateTime<Utc>>,
}

impl Round {
    /// One that failed: it is not known what is due.
    pub const FAILED: Self = Self { found: true, next: None };
}

/// When to look again.
pub struct Rounds {
    app: App,
    place: Place,
    committed: Option<watch::Receiver<u64>>,
    least: Duration,
    most: Duration,
}

impl Rounds {
    /// For a loop of this service, which looks when something was committed here, and every second.
    #[must_use]
    pub fn of(app: &App, name: &'static str) -> Self {
        let place = app.part::<Loops>().join(name);
        Self { app: app.clone(), place, committed: Some(app.committed()), least: BREATH, most: POLL }
    }

    /// For one that looks at once when something was committed.
    #[must_use]
    pub fn at_once(app: &App, name: &'static str) -> Self {
        Self { least: Duration::ZERO, ..Self::of(app, name) }
    }

    /// For one that looks so often, whatever is committed.
    #[must_use]
    pub fn every(app: &App, name: &'static str, time: Duration) -> Self {
        Self { committed: None, least: Duration::ZERO, most: time, ..Self::of(app, name) }
    }

    /// Begins a round, as soon as nobody holds the loops.
    pub async fn begin(&self) {
        self.place.begin().await;
    }

    /// Returns when it is time for another round: something was committed here, the clock shows the time that the last round
    /// named, the loop has rested long enough, or a round is asked for.
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

    /// Returns when the clock shows this time. Whoever asks for a round before hears that there is nothing to do.
    pub async fn rest_until(&self, time: DateTime<Utc>, found: bool) {
        self.rest_through(self.app.wait_until(time), found).await;
    }

    /// Returns after this time, by whatever clock tokio has. Whoever asks for a round before hears that there is nothing to do.
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

    /// For a loop that waits in its own way: says that it rests; what is returned ends when the clock shows this time, or a
    /// round is asked for.
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

    /// Work that goes on after the round that began it; it ends when what is returned is dropped.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        self.place.under_way()
    }
}
