//! When the customer hears from the company next, and who is informed when that time has passed. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::calendar::Calendar;
use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// The longest time from a contact to the next one that the owner may name: half a year.
const FARTHEST: TimeDelta = TimeDelta::days(183);

/// A role that is informed that the time of a contact has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldOf {
    /// The owner of the case.
    Owner,
    /// The lead of one of the owner's teams.
    Lead,
    /// The seller's accountable person.
    Accountable,
}

/// Who is informed the first, the second, the third … time. The owner and the lead are informed at once, so that a
/// manager knows on the first day; on every further working day it is the accountable person.
#[must_use]
pub const fn told_of(level: i32) -> &'static [ToldOf] {
    if level <= 1 { &[ToldOf::Owner, ToldOf::Lead] } else { &[ToldOf::Accountable] }
}

/// When people are informed of something that ran out at this instant: at once if the calendar is open, otherwise when
/// it opens. A calendar that never opens is treated as always open.
#[must_use]
pub fn told_at(calendar: &Calendar, ran_out: DateTime<Utc>) -> DateTime<Utc> {
    calendar.open_from(ran_out).unwrap_or(ran_out)
}

/// When people are informed again: when the next working day begins. Everything that is late on that day is reported at
/// that time, so that nobody gets more than one summary a day. A calendar that never opens is treated as one that opens
/// every 24 hours.
#[must_use]
pub fn told_again_at(calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = calendar.date(now);
    let mut at = now;
    while let Some(opens) = calendar.opens_after(at) {
        if calendar.date(opens) > today {
            return opens;
        }
        at = opens;
    }
    now + TimeDelta::days(1)
}

/// Checks the time of the next contact that the owner names.
///
/// # Errors
/// [`ErrorCode::Invalid`] when it is not in the future, or too far in it.
pub fn check_named(due: DateTime<Utc>, now: DateTime<Utc>, field: &str) -> Result<(), Problem> {
    if due > now && due <= now + FARTHEST {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::commitment::next_contact()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::stored;
    use crate::directory::calendar::first;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn people_are_told_when_the_company_is_open_and_then_once_a_working_day() {
        let office = stored::calendar(&first("Europe/Stockholm", None, None));
        for (now, first_at, next) in [
            // A Monday at noon; a Friday night; the day before Christmas Eve 2026, a Wednesday.
            ("2026-11-02T12:00:00+01:00", "2026-11-02T12:00:00+01:00", "2026-11-03T08:00:00+01:00"),
            ("2026-11-06T23:00:00+01:00", "2026-11-09T08:00:00+01:00", "2026-11-09T08:00:00+01:00"),
            ("2026-12-23T10:00:00+01:00", "2026-12-23T10:00:00+01:00", "2026-12-28T08:00:00+01:00"),
            // Early in the morning: first today, then tomorrow.
            ("2026-11-03T00:00:01+01:00", "2026-11-03T08:00:00+01:00", "2026-11-04T08:00:00+01:00"),
        ] {
            assert_eq!(told_at(&office, at(now)), at(first_at), "{now}");
            assert_eq!(told_again_at(&office, at(now)), at(next), "{now}");
        }
    }

    #[test]
    fn the_owner_names_a_time_in_the_next_half_year() {
        let now = at("2026-11-02T12:00:00Z");
        for (due, valid) in [
            ("2026-11-02T12:00:00Z", false),
            ("2026-11-02T12:00:01Z", true),
            ("2027-05-04T12:00:00Z", true),
            ("2027-05-04T12:00:01Z", false),
        ] {
            assert_eq!(check_named(at(due), now, "nextContactBy").is_ok(), valid, "{due}");
        }
    }
}
