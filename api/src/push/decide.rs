//! Which events are pushed to customers' devices, when, and what the answer of a push service means. Pure.

use chrono::{DateTime, Days, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use entity::id::CaseId;
use entity::kind::{PartyKind, Visibility};
use entity::{event, message};

use crate::calendar::instant::opening;
use crate::event::payload::Payload;

/// The night in the seller's time zone, without pushes to customers: the hour at which it begins and the hour at which
/// it ends.
const NIGHT: (u32, u16) = (21, 8);
/// The most pushes to a device per hour. Further news waits and is combined into one push per case.
pub const IN_AN_HOUR: usize = 10;
/// How long after each failed attempt the next one is made.
pub const WAITS: &[TimeDelta] =
    &[TimeDelta::seconds(30), TimeDelta::minutes(5), TimeDelta::minutes(30), TimeDelta::hours(2), TimeDelta::hours(8)];

/// The kind of event to push to a customer's devices, as the customer's API names it. None for the customer's own acts,
/// imported events, and events that only accompany another one. Whether a message is pushed also depends on
/// [`is_news`].
#[must_use]
pub fn push_kind(event: &event::Model, payload: &Payload) -> Option<&'static str> {
    let kind = match payload {
        Payload::MessageAdded { .. } if event.for_customer => "MESSAGE_ADDED",
        Payload::OwnerChanged { .. } => "OWNER_CHANGED",
        Payload::AnswerPaused { .. } => "ANSWER_PAUSED",
        Payload::CommitmentEnded { .. } => "COMMITMENT_ENDED",
        Payload::PlanChanged { .. } | Payload::StepDone { .. } => "PLAN_CHANGED",
        Payload::CaseMerged { .. } => "CASE_MERGED",
        Payload::CaseUnmerged { .. } => "CASE_UNMERGED",
        _ => return None,
    };
    (!matches!(event.by_kind, PartyKind::Customer | PartyKind::Import)).then_some(kind)
}

/// Whether a message on this case is pushed to the customer: one that they may read and did not write themselves, in
/// whichever way it came in.
#[must_use]
pub fn is_news(message: &message::Model, case: CaseId) -> bool {
    message.visibility == Visibility::Customer
        && message.case_id == case
        && !matches!(message.by_kind, PartyKind::Customer | PartyKind::Import)
}

/// When to send a push that could be sent at `ready_at`, so that the device gets at most [`IN_AN_HOUR`]. `latest` are
/// the times of its other pushes, newest first.
#[must_use]
pub fn spaced(ready_at: DateTime<Utc>, latest: &[DateTime<Utc>]) -> DateTime<Utc> {
    let oldest = latest.get(IN_AN_HOUR - 1);
    oldest.map_or(ready_at, |oldest| ready_at.max(*oldest + TimeDelta::hours(1)))
}

/// The earliest time for a push to a customer: now, or when the night ends.
#[must_use]
pub fn by_day(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let (local, (evening, morning)) = (now.with_timezone(&zone), NIGHT);
    let days = match local.hour() {
        hour if hour >= evening => 1,
        hour if hour < u32::from(morning) => 0,
        _ => return now,
    };
    let date = local.date_naive().checked_add_days(Days::new(days));
    date.and_then(|date| opening(zone, date, morning * 60)).unwrap_or(now)
}

/// What the answer of a push service means (RFC 8030, 5 and 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The message was accepted.
    Sent,
    /// The device does not exist any more.
    Gone,
    /// The service refused the message and would refuse it again.
    Refused,
    /// The service could not take the message now: try again later.
    Later,
}

/// What this HTTP status means.
#[must_use]
pub const fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Sent,
        404 | 410 => Verdict::Gone,
        408 | 425 | 429 | 500..=599 => Verdict::Later,
        _ => Verdict::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_silent_at_night_where_the_seller_is() {
        let zone: Tz = "Europe/Stockholm".parse().unwrap();
        for (now, expected) in [
            ("2026-11-02T14:00:00+01:00", "2026-11-02T14:00:00+01:00"),
            ("2026-11-02T20:59:59+01:00", "2026-11-02T20:59:59+01:00"),
            ("2026-11-02T21:00:00+01:00", "2026-11-03T08:00:00+01:00"),
            ("2026-11-03T00:30:00+01:00", "2026-11-03T08:00:00+01:00"),
            ("2026-11-03T07:59:59+01:00", "2026-11-03T08:00:00+01:00"),
            ("2026-11-03T08:00:00+01:00", "2026-11-03T08:00:00+01:00"),
            ("2026-10-24T22:00:00+02:00", "2026-10-25T08:00:00+01:00"),
        ] {
            let [now, expected] = [now, expected].map(|at| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(by_day(now, zone), expected, "{now}");
        }
    }

    #[test]
    fn a_device_gets_ten_an_hour_whatever_waits() {
        let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let mut sent: Vec<DateTime<Utc>> = Vec::new();
        for _ in 0..35 {
            let latest: Vec<_> = sent.iter().rev().take(IN_AN_HOUR).copied().collect();
            sent.push(spaced(at(0), &latest));
        }
        for (number, sent) in sent.iter().enumerate() {
            let hour = i64::try_from(number / IN_AN_HOUR).unwrap();
            assert_eq!(*sent, at(60 * hour), "{number}");
        }
        assert_eq!(spaced(at(90), &[at(0); 10]), at(90));
    }

    #[test]
    fn a_device_that_is_gone_is_known_from_a_service_that_is_busy() {
        for (status, expected) in [
            (201, Verdict::Sent),
            (404, Verdict::Gone),
            (410, Verdict::Gone),
            (429, Verdict::Later),
            (503, Verdict::Later),
            (301, Verdict::Refused),
            (400, Verdict::Refused),
            (403, Verdict::Refused),
            (413, Verdict::Refused),
        ] {
            assert_eq!(verdict(status), expected, "{status}");
        }
    }
}
