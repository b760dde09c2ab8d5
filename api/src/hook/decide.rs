//! When a delivery is retried, and when an endpoint is turned off. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// The backoff: how long after each failed attempt the next one is made.
pub const WAITS: &[TimeDelta] = &[
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

/// Whether an endpoint that has failed since this time is turned off now.
#[must_use]
pub fn given_up(failing_since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - failing_since >= GIVEN_UP_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_given_up_after_three_days() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(!given_up(now, now + TimeDelta::hours(71)) && given_up(now, now + TimeDelta::days(3)));
        let all: TimeDelta = WAITS.iter().sum();
        assert!(all > GIVEN_UP_AFTER, "a delivery is tried for as long as its endpoint is");
    }
}
