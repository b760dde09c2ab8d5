//! When a delivery is retried, and when an endpoint is turned off. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// The backoff: how long after each failed attempt the next one is made.
const WAITS: &[TimeDelta] = &[
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];
/// How long an endpoint may fail before it is turned off.
pub const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(3);

/// When the next attempt is made, after this many attempts; `None` when there are no more. A random part spreads the
/// attempts of many deliveries over time; `chance` is any number.
#[must_use]
pub fn next_try(attempts: i32, now: DateTime<Utc>, chance: u8) -> Option<DateTime<Utc>> {
    let wait = usize::try_from(attempts).ok()?.checked_sub(1).and_then(|past| WAITS.get(past))?;
    // Adds at most a tenth of the wait.
    Some(now + *wait + *wait * i32::from(chance) / 2_560)
}

/// Whether an endpoint that has failed since this time is turned off now.
#[must_use]
pub fn given_up(failing_since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - failing_since >= GIVEN_UP_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_become_rarer_and_end() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let waits: Vec<_> =
            (1..=10).map(|attempts| next_try(attempts, now, 0).map(|at| (at - now).num_seconds())).collect();
        assert_eq!(
            waits,
            [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
                .map(Some)
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
        let latest = next_try(3, now, 255).unwrap() - now;
        assert!(latest > TimeDelta::minutes(30) && latest < TimeDelta::minutes(33), "{latest}");
        assert!(next_try(0, now, 0).is_none());
        assert!(!given_up(now, now + TimeDelta::hours(71)) && given_up(now, now + TimeDelta::days(3)));
    }
}
