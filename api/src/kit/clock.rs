//! The only source of the time. Times are in UTC and in whole microseconds, the precision of PostgreSQL, so that a time
//! read back equals the time written.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Instant;

use chrono::{DateTime, Duration, SubsecRound, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

/// A clock that can also be waited for.
pub trait Clock: Send + Sync {
    /// The time now, in UTC, in whole microseconds.
    fn now(&self) -> DateTime<Utc>;
    /// The time that has passed since a fixed moment before the first call. It never goes back, even if the time of day
    /// is set back. Rate limits are counted with it.
    fn elapsed(&self) -> std::time::Duration;
    /// Returns when this clock shows that time or a later one.
    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()>;
    /// Takes note of what the store's clock showed at a moment of this machine. Only the clock that several nodes share
    /// uses it.
    fn follow(&self, _store: DateTime<Utc>, _at: Instant) {}
    /// How far this machine's clock is ahead of the store's, negative if it is behind; none when the store's was not
    /// read.
    fn offset(&self) -> Option<Duration> {
        None
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn elapsed(&self) -> std::time::Duration {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        BEGAN.get_or_init(Instant::now).elapsed()
    }

    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let wait = (time - self.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).boxed()
    }
}

/// If the store's clock goes back by less than this, this clock stands still until it is reached; otherwise it goes
/// back too.
const STEP: Duration = Duration::seconds(30);
/// If the machine's clock differs from the store's by more than this, it is logged.
pub const OFFSET_TOLD: Duration = Duration::seconds(1);

/// The clock of several nodes that share a store: the store's clock. Between two readings of it, time is added from a
/// monotonic timer, which no correction of the machine's clock changes. Nodes whose clocks differ therefore agree on
/// what is due and on what came first. Before the first reading it is the machine's clock.
#[derive(Debug, Default)]
pub struct StoreClock(RwLock<Following>);

#[derive(Debug, Default)]
struct Following {
    since: Option<(DateTime<Utc>, Instant)>,
    offset: Option<Duration>,
    /// The latest time that this clock returned.
    told: Option<DateTime<Utc>>,
}

impl Following {
    fn at(&self, moment: Instant) -> Option<DateTime<Utc>> {
        let (store, at) = self.since?;
        Some(store + Duration::from_std(moment.saturating_duration_since(at)).ok()?)
    }
}

impl Clock for StoreClock {
    fn now(&self) -> DateTime<Utc> {
        let moment = Instant::now();
        let mut following = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let now = following.at(moment).unwrap_or_else(|| SystemClock.now()).trunc_subsecs(6);
        let told = following.told.filter(|told| *told > now && *told - now < STEP).unwrap_or(now);
        following.told = Some(told);
        told
    }

    fn elapsed(&self) -> std::time::Duration {
        SystemClock.elapsed()
    }

    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let wait = (time - self.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).boxed()
    }

    fn follow(&self, store: DateTime<Utc>, at: Instant) {
        let here = SystemClock.now() - Duration::from_std(at.elapsed()).unwrap_or_default();
        let mut following = self.0.write().unwrap_or_else(PoisonError::into_inner);
        following.since = Some((store, at));
        following.offset = Some(here - store);
    }

    fn offset(&self) -> Option<Duration> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).offset
    }
}

/// A clock that moves only when it is told to. For tests.
#[derive(Debug)]
pub struct ManualClock {
    time: watch::Sender<DateTime<Utc>>,
    /// The sum of the steps forward, in microseconds.
    passed: AtomicU64,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: DateTime<Utc>) -> Self {
        Self { time: watch::Sender::new(time.trunc_subsecs(6)), passed: AtomicU64::new(0) }
    }

    /// Moves the clock. A negative step moves it back, as can happen to a machine's clock.
    pub fn advance(&self, step: Duration) {
        self.passed.fetch_add(u64::try_from(step.num_microseconds().unwrap_or(0)).unwrap_or(0), Ordering::SeqCst);
        self.time.send_modify(|time| *time += step);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.time.borrow()
    }

    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::from_micros(self.passed.load(Ordering::SeqCst))
    }

    fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let mut clock = self.time.subscribe();
        async move {
            // An error means that the clock was dropped, so its time will never come.
            if clock.wait_for(|now| *now >= time).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_go_by_the_store_and_small_steps_back_are_waited_out() {
        let clock = StoreClock::default();
        let (here, moment) = (SystemClock.now(), Instant::now());
        assert_eq!(clock.offset(), None);
        clock.follow(here + Duration::days(1), moment);
        let tomorrow = clock.now();
        assert!(tomorrow - here >= Duration::days(1), "the store's time counts, not the machine's");
        let offset = clock.offset().unwrap();
        assert!((offset + Duration::days(1)).abs() < Duration::seconds(5), "{offset}");
        clock.follow(here + Duration::days(1) - Duration::seconds(10), moment);
        assert!(clock.now() >= tomorrow, "ten seconds back: time stands still for a while");
        clock.follow(here, moment);
        assert!(clock.now() < tomorrow - Duration::hours(23), "a day back is a correction");
    }
}
