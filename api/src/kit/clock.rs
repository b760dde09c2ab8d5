//! The only door to the time of day. Times are UTC and have microseconds: what PostgreSQL keeps, so that a time
//! read back equals the time written.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync {
    /// The time now, in UTC, in whole microseconds.
    fn now(&self) -> DateTime<Utc>;
    /// Returns when this clock shows that time or a later one.
    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let wait = (time - self.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).boxed()
    }
}

/// A clock that moves when it is told to. For tests.
#[derive(Debug)]
pub struct ManualClock(watch::Sender<DateTime<Utc>>);

impl ManualClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(time: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(time.trunc_subsecs(6)))
    }

    /// Moves the clock; a negative step moves it back, as machines' clocks sometimes do.
    pub fn advance(&self, step: Duration) {
        self.0.send_modify(|time| *time += step);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let mut clock = self.0.subscribe();
        async move {
            // An error means the clock is gone and time stands still for good.
            if clock.wait_for(|now| *now >= time).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}
