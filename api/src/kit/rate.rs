//! Rate limits by token bucket. Points flow into a bucket every second, and each request takes out its cost. Only the
//! time that has passed counts, not the time of day, so a correction of the clock changes nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

/// The size and the inflow of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The most points in the bucket, which is also the largest burst.
    pub burst: NonZeroU32,
    /// The points that flow in per second.
    pub per_second: NonZeroU32,
}

impl Rate {
    /// The number of seconds in which an empty bucket becomes full.
    #[must_use]
    pub fn window(self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }

    /// This rate, multiplied by `count`.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        let all = |points: NonZeroU32| NonZeroU32::new(points.get().saturating_mul(count)).unwrap_or(NonZeroU32::MIN);
        Self { burst: all(self.burst), per_second: all(self.per_second) }
    }

    /// This rate, divided by `of`, with a burst of at least `burst`.
    #[must_use]
    pub fn part(self, of: u32, burst: u32) -> Self {
        let one = |points: u32| NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        Self {
            burst: one((self.burst.get() / of.max(1)).max(burst)),
            per_second: one(self.per_second.get() / of.max(1)),
        }
    }

    /// The nanoseconds in which this many points flow in.
    fn time_of(self, points: u32) -> u64 {
        u64::from(points).saturating_mul(1_000_000_000) / u64::from(self.per_second.get())
    }
}

/// The level of a bucket after points were taken out, or were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The size and the inflow of the bucket.
    pub rate: Rate,
    /// The points that are left.
    pub remaining: u32,
    /// How long to wait until the refused points would be available; none when the points were taken.
    pub wait: Option<Duration>,
}

impl Level {
    /// The number of seconds until the bucket is full.
    #[must_use]
    pub fn reset(self) -> u32 {
        self.rate.burst.get().saturating_sub(self.remaining).div_ceil(self.rate.per_second.get())
    }
}

/// Buckets by key. Only a limited number is remembered, at most twice `room`, so that keys which anybody can invent do
/// not fill the memory. A bucket that was forgotten counts as full.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    room: usize,
    /// The time at which each bucket will be full, in nanoseconds of [`super::clock::Clock::elapsed`]. `young` has
    /// those used since the last turn, `old` those used between the last two turns.
    young: HashMap<K, u64>,
    old: HashMap<K, u64>,
    turned: u64,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Creates full buckets. `room` is how many are remembered in each generation.
    #[must_use]
    pub fn new(rate: Rate, room: usize) -> Self {
        Self { rate, room: room.max(1), young: HashMap::new(), old: HashMap::new(), turned: 0 }
    }

    /// The size and the inflow of each bucket.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// The level of a bucket if this many points were taken out now. Nothing is taken.
    #[must_use]
    pub fn look(&self, key: &K, points: u32, now: Duration) -> Level {
        let whole = self.rate.time_of(self.rate.burst.get());
        let missing = self.full_at(key).saturating_sub(nanos(now)).min(whole);
        let asked = self.rate.time_of(points);
        let level = |missing: u64, wait| {
            let there = whole.saturating_sub(missing);
            let per_second = u128::from(self.rate.per_second.get());
            // Times are rounded down to whole nanoseconds, which must not cost a point.
            let points = (u128::from(there) * per_second + per_second.min(999_999_999)) / 1_000_000_000;
            let remaining = u32::try_from(points).unwrap_or(u32::MAX).min(self.rate.burst.get());
            Level { rate: self.rate, remaining, wait }
        };
        match missing.saturating_add(asked) {
            then if then <= whole => level(then, None),
            // The request costs more than the bucket can hold, so the time to fill the whole bucket is given.
            _ if asked > whole => level(missing, Some(Duration::from_secs(self.rate.window().into()))),
            then => level(missing, Some(Duration::from_nanos(then - whole))),
        }
    }

    /// Takes this many points out of a bucket, or all if there are fewer.
    pub fn spend(&mut self, key: &K, points: u32, now: Duration) {
        let whole = self.rate.time_of(self.rate.burst.get());
        let full_at = self.full_at(key).max(nanos(now)).saturating_add(self.rate.time_of(points));
        let full_at = full_at.min(nanos(now).saturating_add(whole));
        if self.young.len() >= self.room && !self.young.contains_key(key) {
            self.turn(now);
        }
        self.young.insert(key.clone(), full_at);
    }

    /// Takes this many points out of a bucket, or none if there are fewer.
    pub fn take(&mut self, key: &K, points: u32, now: Duration) -> Level {
        let level = self.look(key, points, now);
        if level.wait.is_none() {
            self.spend(key, points, now);
        }
        level
    }

    /// Forgets full buckets: those that were not used for as long as a bucket takes to fill.
    pub fn tidy(&mut self, now: Duration) {
        if nanos(now).saturating_sub(self.turned) >= self.rate.time_of(self.rate.burst.get()) {
            self.turn(now);
        }
    }

    /// The number of buckets that are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.young.len() + self.old.keys().filter(|key| !self.young.contains_key(key)).count()
    }

    fn full_at(&self, key: &K) -> u64 {
        self.young.get(key).or_else(|| self.old.get(key)).copied().unwrap_or(0)
    }

    fn turn(&mut self, now: Duration) {
        self.old = std::mem::take(&mut self.young);
        self.turned = nanos(now);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::clock::{Clock, ManualClock};
    use chrono::{DateTime, TimeDelta};

    fn rate(burst: u32, per_second: u32) -> Rate {
        Rate { burst: NonZeroU32::new(burst).unwrap(), per_second: NonZeroU32::new(per_second).unwrap() }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_bucket_empties_fills_and_belongs_to_one_key() {
        let mut buckets = Buckets::new(rate(10, 2), 100);
        assert_eq!(buckets.take(&"a", 7, seconds(0)), Level { rate: rate(10, 2), remaining: 3, wait: None });
        let refused = buckets.take(&"a", 7, seconds(0));
        assert_eq!((refused.remaining, refused.wait), (3, Some(seconds(2))), "four points are missing");
        assert_eq!(buckets.take(&"b", 7, seconds(0)).wait, None);
        assert_eq!(buckets.take(&"a", 7, seconds(2)).wait, None);
        assert_eq!(buckets.take(&"a", 11, seconds(2)).wait, Some(seconds(5)), "more than it ever holds");
        buckets.spend(&"a", 1_000, seconds(2));
        assert_eq!(buckets.look(&"a", 10, seconds(2)).wait, Some(seconds(5)), "it is empty and owes nothing");
        assert_eq!(buckets.look(&"a", 10, seconds(7)).remaining, 0);
    }

    #[test]
    fn a_bucket_of_any_size_counts_to_the_point() {
        for (burst, per_second) in [(1, 1), (7, 3), (11, 3), (20_000, 200), (u32::MAX, 1), (u32::MAX, 25_000_000)] {
            let mut buckets = Buckets::new(rate(burst, per_second), 1);
            assert_eq!(buckets.look(&(), 1, seconds(0)).remaining, burst - 1, "{burst}/{per_second}");
            assert!(buckets.take(&(), burst, seconds(0)).wait.is_none(), "{burst}/{per_second}");
            assert!(buckets.take(&(), 1, seconds(0)).wait.is_some(), "{burst}/{per_second}");
        }
    }

    #[test]
    fn however_many_keys_there_are_so_many_are_remembered() {
        let mut buckets = Buckets::new(rate(10, 1), 100);
        for key in 0..10_000 {
            buckets.take(&key, 10, seconds(0));
            assert!(buckets.remembered() <= 200);
        }
        assert!(buckets.take(&9_999, 1, seconds(0)).wait.is_some(), "the last is remembered");
        // A bucket that is not full is never forgotten by `tidy`, and no bucket is remembered for ever.
        buckets.tidy(seconds(5));
        buckets.tidy(seconds(9));
        assert!(buckets.take(&9_999, 10, seconds(9)).wait.is_some());
        buckets.tidy(seconds(10));
        assert!(buckets.look(&9_999, 10, seconds(10)).wait.is_none());
        buckets.tidy(seconds(20));
        assert_eq!(buckets.remembered(), 0);
    }

    #[test]
    fn a_clock_that_is_put_back_stops_nobody() {
        let clock = ManualClock::at(DateTime::UNIX_EPOCH);
        let mut buckets = Buckets::new(rate(10, 1), 100);
        buckets.spend(&"a", 10, clock.elapsed());
        clock.advance(-TimeDelta::days(1));
        clock.advance(TimeDelta::seconds(10));
        assert_eq!(buckets.take(&"a", 10, clock.elapsed()).wait, None, "ten seconds passed, whatever the clock says");
        clock.advance(-TimeDelta::days(1));
        assert_eq!(buckets.take(&"a", 10, clock.elapsed()).wait, Some(seconds(10)), "and none here");
    }
}
