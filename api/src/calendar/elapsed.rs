//! Computes the time between a start and an end, in the unit of a span.

use chrono::{DateTime, TimeDelta, Utc};

use super::pause::Pauses;
use super::span::{Unit, counts};
use super::walk::{MOST_DAYS, Walk};
use super::{Calendar, Unable};

/// An amount of elapsed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Elapsed {
    /// Seconds of real time, or seconds in which the calendar was open.
    Seconds(i64),
    /// Days that have begun after the day of the start; only working days when the span counts working days.
    Days(i64),
}

/// The time between two instants in this unit; zero when the end is not after the start.
///
/// # Errors
/// When they are more than ten years apart.
pub fn elapsed(start: DateTime<Utc>, end: DateTime<Utc>, unit: Unit, calendar: &Calendar) -> Result<Elapsed, Unable> {
    elapsed_with(start, end, unit, &Pauses::default(), &mut Walk::new(calendar))
}

/// Like [`elapsed`], but pauses do not count.
///
/// # Errors
/// As [`elapsed`].
pub fn elapsed_with(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    unit: Unit,
    pauses: &Pauses,
    walk: &mut Walk<'_>,
) -> Result<Elapsed, Unable> {
    if end <= start {
        return Ok(if unit.is_days() { Elapsed::Days(0) } else { Elapsed::Seconds(0) });
    }
    if end - start > TimeDelta::days(MOST_DAYS.into()) {
        return Err(Unable::TooLong);
    }
    match unit {
        Unit::Clock => Ok(Elapsed::Seconds(total(&pauses.without((start, end))).num_seconds())),
        Unit::Working => Ok(Elapsed::Seconds(open(start, end, pauses, walk).num_seconds())),
        _ => Ok(Elapsed::Days(days(start, end, unit == Unit::WorkingDays, pauses, walk))),
    }
}

fn total(stretches: &[(DateTime<Utc>, DateTime<Utc>)]) -> TimeDelta {
    stretches.iter().map(|(from, until)| *until - *from).sum()
}

fn open(start: DateTime<Utc>, end: DateTime<Utc>, pauses: &Pauses, walk: &mut Walk<'_>) -> TimeDelta {
    let (first, last) = (walk.calendar().date(start), walk.calendar().date(end));
    let mut sum = TimeDelta::zero();
    for date in first.iter_days().take_while(|date| *date <= last) {
        for (from, until) in walk.stretches(date).unwrap_or_default() {
            let (from, until) = (from.max(start), until.min(end));
            if from < until {
                sum += total(&pauses.without((from, until)));
            }
        }
    }
    sum
}

fn days(start: DateTime<Utc>, end: DateTime<Utc>, working: bool, pauses: &Pauses, walk: &mut Walk<'_>) -> i64 {
    let first = walk.calendar().date(start);
    // An end at midnight belongs to the day that ends then.
    let last = walk.calendar().date(end - TimeDelta::nanoseconds(1));
    let mut sum = 0;
    for date in first.iter_days().skip(1).take_while(|date| *date <= last) {
        sum += i64::from(counts(date, working, pauses, walk).is_ok());
    }
    sum
}
