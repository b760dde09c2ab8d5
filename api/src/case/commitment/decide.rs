//! The states of a commitment, and when its time ends. Pure.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use entity::kind::CommitmentState;
use serde::Serialize;

use crate::calendar::{Calendar, instant};
use crate::kit::error::{ErrorCode, Problem};
use crate::texts::{self, Text};

/// The longest time from making a commitment to its end: two years.
const FARTHEST: TimeDelta = TimeDelta::days(731);
/// How long ago a commitment may have been made: ten years.
const OLDEST: TimeDelta = TimeDelta::days(3_653);

/// By when something is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Due {
    /// The time by which it is promised, UTC.
    At(DateTime<Utc>),
    /// By the end of this day in the zone in which it was said, whether the company is open on it or not.
    Day(NaiveDate),
}

impl Due {
    /// When the time ends, in this zone. When there is no midnight after the day, because clocks go forward over it,
    /// the first time after it is used.
    #[must_use]
    pub fn ends(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::Day(day) => {
                let next = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
                let first =
                    (0..24).find_map(|hours| zone.from_local_datetime(&(next + TimeDelta::hours(hours))).earliest());
                first.map_or_else(|| next.and_utc(), |at| at.to_utc())
            }
        }
    }

    /// The day, if a day was named.
    #[must_use]
    pub const fn day(self) -> Option<NaiveDate> {
        match self {
            Self::At(_) => None,
            Self::Day(day) => Some(day),
        }
    }
}

/// When the owner is told that a commitment with this time is near: when the last working day before its day begins, so
/// that there is a working day left. None when that is past, or no such day is within two weeks.
#[must_use]
pub fn near(calendar: &Calendar, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // A day ends at midnight, which is the first instant of the next.
    let mut day = calendar.date(due_at - TimeDelta::seconds(1));
    for _ in 0..14 {
        day = day.pred_opt()?;
        if calendar.opens_on(day).is_some() {
            return instant::opening(calendar.zone(), day, 0).filter(|at| *at > now);
        }
    }
    None
}

/// An act on a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentAct {
    /// What was promised is done.
    Keep,
    /// The customer agreed to another date.
    Renegotiate,
    /// It is taken back.
    Withdraw,
    /// Its time has ended, and what was promised is not done.
    RunOut,
}

/// The state of a commitment after an act. `state` and `done` say what it is before: its state, and whether what was
/// promised is done.
///
/// # Errors
/// [`ErrorCode::InvalidTransition`], with what can be done instead.
pub fn after(
    act: CommitmentAct,
    (state, done): (CommitmentState, bool),
    (due_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<CommitmentState, Problem> {
    use CommitmentState::{Broken, Kept, Open, Renegotiated, Withdrawn};
    match (act, state) {
        // Its timer may not have been handled yet.
        (CommitmentAct::Keep, Open) if now <= due_at => Ok(Kept),
        // A commitment that is done after its time stays broken. That it was done is noted.
        (CommitmentAct::Keep, Open | Broken) if !done => Ok(Broken),
        (CommitmentAct::Renegotiate, Open) if now <= due_at => Ok(Renegotiated),
        (CommitmentAct::Withdraw, Open) if now <= due_at => Ok(Withdrawn),
        (CommitmentAct::RunOut, Open) if now > due_at => Ok(Broken),
        (_, Open | Broken) if !done => Err(refused(texts::commitment::ended_broken())),
        _ => Err(refused(texts::commitment::ended_already())),
    }
}

fn refused(text: Text) -> Problem {
    Problem::new(ErrorCode::InvalidTransition, "commitmentId", text)
}

/// Checks when a commitment was made and when its time ends. `path` is put before the names of the fields. A time that
/// has ended already is valid: the commitment is then broken.
///
/// # Errors
/// [`ErrorCode::Invalid`] with the field that is wrong.
pub fn times(made_at: DateTime<Utc>, due_at: DateTime<Utc>, now: DateTime<Utc>, path: &str) -> Result<(), Problem> {
    let wrong = |field: &str, text: Text| Err(Problem::new(ErrorCode::Invalid, &format!("{path}{field}"), text));
    if made_at > now || made_at < now - OLDEST {
        return wrong("madeAt", texts::commitment::made_at());
    }
    if due_at <= made_at || due_at > made_at + FARTHEST {
        return wrong("due", texts::commitment::due());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::chance::Chance;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_day_ends_at_midnight_where_it_was_said() {
        for (day, zone, ends, why) in [
            ("2026-11-06", Tz::Europe__Stockholm, "2026-11-07T00:00:00+01:00", "winter"),
            ("2026-12-25", Tz::Europe__Stockholm, "2026-12-26T00:00:00+01:00", "a closed day is a day"),
            ("2026-10-24", Tz::Europe__Stockholm, "2026-10-25T00:00:00+02:00", "the day before clocks go back"),
            ("2026-10-25", Tz::Europe__Stockholm, "2026-10-26T00:00:00+01:00", "a day of 25 hours"),
            ("2028-02-28", Tz::Europe__Stockholm, "2028-02-29T00:00:00+01:00", "a leap year"),
            (
                "2026-04-23",
                Tz::Africa__Cairo,
                "2026-04-24T01:00:00+03:00",
                "clocks go forward at midnight: it does not exist",
            ),
        ] {
            assert_eq!(Due::Day(day.parse().unwrap()).ends(zone), at(ends), "{day} {zone}: {why}");
        }
    }

    #[test]
    fn what_becomes_of_it() {
        use CommitmentAct::{Keep, Renegotiate, RunOut, Withdraw};
        use CommitmentState::{Broken, Kept, Open, Renegotiated, Withdrawn};
        let (before, due, after_it) =
            (at("2026-11-05T00:00:00Z"), at("2026-11-06T00:00:00Z"), at("2026-11-06T00:00:01Z"));
        for (act, state, done, now, expected) in [
            (Keep, Open, false, before, Ok(Kept)),
            (Keep, Open, false, due, Ok(Kept)),
            (Keep, Open, false, after_it, Ok(Broken)),
            (Keep, Broken, false, after_it, Ok(Broken)),
            (Keep, Broken, true, after_it, Err(())),
            (Keep, Kept, true, before, Err(())),
            (Renegotiate, Open, false, before, Ok(Renegotiated)),
            (Renegotiate, Open, false, after_it, Err(())),
            (Renegotiate, Broken, false, after_it, Err(())),
            (Withdraw, Open, false, before, Ok(Withdrawn)),
            (Withdraw, Renegotiated, false, before, Err(())),
            (RunOut, Open, false, due, Err(())),
            (RunOut, Open, false, after_it, Ok(Broken)),
            (RunOut, Kept, true, after_it, Err(())),
        ] {
            let became = after(act, (state, done), (due, now)).map_err(|_| ());
            assert_eq!(became, expected, "{act:?} {state:?} {done} {now}");
        }
    }

    /// Whatever is done in whatever order: it ends once and for good, is kept only in time, and broken only after it.
    #[test]
    fn it_ends_in_exactly_one_state() {
        let due = at("2026-11-06T00:00:00Z");
        for seed in 0..20_000 {
            let mut chance = Chance(seed);
            let (mut state, mut done, mut now) = (CommitmentState::Open, false, at("2026-11-05T23:58:30Z"));
            for _ in 0..=chance.below(20) {
                now += TimeDelta::seconds(chance.below(200).cast_signed());
                let act = match chance.below(4) {
                    0 => CommitmentAct::Keep,
                    1 => CommitmentAct::Renegotiate,
                    2 => CommitmentAct::Withdraw,
                    _ => CommitmentAct::RunOut,
                };
                let before = state;
                let Ok(next) = after(act, (state, done), (due, now)) else { continue };
                assert_ne!(next, CommitmentState::Open, "seed {seed}");
                assert!(before == CommitmentState::Open || before == next, "seed {seed}: {before:?} became {next:?}");
                assert_eq!(next == CommitmentState::Broken, now > due, "seed {seed}: {act:?} at {now}");
                state = next;
                done |= act == CommitmentAct::Keep;
            }
        }
    }
}
