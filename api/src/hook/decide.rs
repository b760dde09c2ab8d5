//! What is delivered to an endpoint about an event, when a delivery is retried, and when an endpoint is turned off.
//! Pure.

use chrono::{DateTime, TimeDelta, Utc};
use entity::event;
use entity::id::TypedId;
use entity::kind::PartyKind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::event::payload::Payload;

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

/// The ids that a delivery holds, by name.
type Ids = Map<String, Value>;

/// What is delivered to a partner's endpoint about an event: the ordering key, which is the task, and ids. None for an
/// event that is not about a task.
#[must_use]
pub fn told_to_partner(event: &event::Model, payload: &Payload) -> Option<(Uuid, Ids)> {
    let (task, _) = payload.task()?;
    Some((task.uuid(), ids([("taskId", json!(task)), ("caseId", json!(event.case_id))])))
}

/// What is delivered to a seller's endpoint about an event: the ordering key, which is the case, and ids. None for
/// imported events, because they happened long ago.
#[must_use]
pub fn told_to_seller(event: &event::Model, payload: &Payload) -> Option<(Uuid, Ids)> {
    if event.by_kind == PartyKind::Import {
        return None;
    }
    let mut all = ids([("caseId", json!(event.case_id)), ("seq", json!(event.seq))]);
    if let Some((task, _)) = payload.task() {
        all.extend(ids([("taskId", json!(task))]));
    }
    if let Some(commitment) = payload.commitment() {
        all.extend(ids([("commitmentId", json!(commitment))]));
    }
    Some((event.case_id.uuid(), all))
}

fn ids<const N: usize>(all: [(&str, Value); N]) -> Ids {
    all.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
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
