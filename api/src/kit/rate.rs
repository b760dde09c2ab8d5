//! How much one caller may ask for: points that flow into a bucket by the second, taken out by the cost of what is asked.
//! Callers are told apart by credential *and* address, so that a flood with a widget's public key from one place leaves
//! the same form elsewhere alone.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::{Clock as RateClock, Reference};
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware};
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;

use super::clock::Clock;

/// A bucket's size and inflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Points at most: what can be asked for at once.
    pub burst: NonZeroU32,
    /// Points per second.
    pub per_second: NonZeroU32,
}

impl Rate {
    /// Seconds from an empty bucket to a full one.
    #[must_use]
    pub fn window(self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }
}

/// What is in a bucket after something was taken out of it, or could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The bucket.
    pub rate: Rate,
    /// Points left.
    pub remaining: u32,
    /// How long until what was asked for would be there; none when it was taken.
    pub wait: Option<Duration>,
}

impl Level {
    /// Seconds until the bucket is full again.
    #[must_use]
    pub fn reset(self) -> u32 {
        self.rate.burst.get().saturating_sub(self.remaining).div_ceil(self.rate.per_second.get())
    }
}

/// Buckets by key.
pub struct Rates<K: Hash + Eq + Clone> {
    rate: Rate,
    time: Time,
    limiter: RateLimiter<K, HashMapStateStore<K>, Time, StateInformationMiddleware>,
}

impl<K: Hash + Eq + Clone> Rates<K> {
    /// Full buckets.
    #[must_use]
    pub fn new(rate: Rate, clock: Arc<dyn Clock>) -> Self {
        let time = Time { start: clock.now(), clock };
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let limiter =
            RateLimiter::<K, _, _, NoOpMiddleware<Since>>::new(quota, HashMapStateStore::default(), time.clone())
                .with_middleware::<StateInformationMiddleware>();
        Self { rate, time, limiter }
    }

    /// Takes this many points out of a caller's bucket, all or none.
    pub fn take(&self, key: &K, points: NonZeroU32) -> Level {
        let level = |remaining, wait| Level { rate: self.rate, remaining, wait };
        match self.limiter.check_key_n(key, points) {
            Ok(Ok(state)) => level(state.remaining_burst_capacity(), None),
            Ok(Err(until)) => level(0, Some(until.wait_time_from(self.time.now()))),
            // More than the bucket ever holds: as good as a bucket that has to be filled.
            Err(_) => level(0, Some(Duration::from_secs(self.rate.window().into()))),
        }
    }

    /// Forgets callers whose buckets are full.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// How many callers are remembered.
    #[must_use]
    pub fn callers(&self) -> usize {
        self.limiter.len()
    }
}

/// The service's clock as the limiter reads it: since the service began.
#[derive(Clone)]
struct Time {
    clock: Arc<dyn Clock>,
    start: DateTime<Utc>,
}

impl RateClock for Time {
    type Instant = Since;

    fn now(&self) -> Since {
        let since = (self.clock.now() - self.start).to_std().unwrap_or_default();
        Since(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX / 2).into())
    }
}

/// Time since the service began. The library's own reference saturates only in debug builds of its caller; this one always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Since(Nanos);

impl std::ops::Add<Nanos> for Since {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(Nanos::new(self.0.as_u64().saturating_add(other.as_u64())))
    }
}

impl Reference for Since {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Nanos::new(self.0.as_u64().saturating_sub(earlier.0.as_u64()))
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(Nanos::new(self.0.as_u64().saturating_sub(duration.as_u64())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::clock::ManualClock;
    use chrono::TimeDelta;

    fn points(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn a_bucket_empties_fills_and_belongs_to_one_caller() {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let rates = Rates::new(Rate { burst: points(10), per_second: points(2) }, clock.clone());
        assert_eq!(rates.take(&"a", points(7)).remaining, 3);
        let refused = rates.take(&"a", points(7));
        assert_eq!(refused.wait, Some(Duration::from_secs(2)), "four points are missing");
        assert_eq!(rates.take(&"b", points(7)).wait, None);
        clock.advance(TimeDelta::seconds(2));
        assert_eq!(rates.take(&"a", points(7)).wait, None);
        assert!(rates.take(&"a", points(11)).wait.is_some(), "more than it ever holds");
        clock.advance(TimeDelta::seconds(60));
        rates.tidy();
        assert_eq!(rates.callers(), 0);
    }
}
