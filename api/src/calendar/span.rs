//! Computes when a span of time from a start is due.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use super::pause::{Pauses, Stretch};
use super::step::{Step, StepListener, Unheard};
use super::walk::{MOST_DAYS, Walk};
use super::{Calendar, Unable, instant};

/// The unit that a span counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds of real time, including nights and holidays.
    Clock,
    /// Seconds in which the calendar is open.
    Working,
    /// Days on which the calendar is open, counted from the day after the start.
    WorkingDays,
    /// Calendar days, counted from the day after the start.
    Days,
    /// Weeks, ending on the same weekday.
    Weeks,
    /// Months, ending on the same day of the month, or on the last day of a month that is too short.
    Months,
}

impl Unit {
    /// Whether it counts whole days rather than seconds.
    #[must_use]
    pub const fn is_days(self) -> bool {
        !matches!(self, Self::Clock | Self::Working)
    }
}

/// At which time of its last day a span of days ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ends {
    /// At midnight, when the day is over.
    #[default]
    Midnight,
    /// When the calendar closes on that day; at midnight where it is closed.
    Closing,
}

/// What applies when the calendar is closed on the last day of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClosedEnd {
    /// That day remains the last.
    #[default]
    Keep,
    /// The next working day becomes the last.
    NextWorkingDay,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The unit that it counts.
    pub unit: Unit,
    /// How many seconds, days, weeks or months.
    pub count: u32,
    /// At which time of its last day it ends.
    pub ends: Ends,
    /// What applies when the calendar is closed on its last day.
    pub closed_end: ClosedEnd,
}

impl Span {
    /// A span of this many units; one that counts days ends at midnight.
    #[must_use]
    pub const fn of(count: u32, unit: Unit) -> Self {
        Self { unit, count, ends: Ends::Midnight, closed_end: ClosedEnd::Keep }
    }
}

/// When a span that begins at this start is due.
///
/// # Errors
/// When it is longer than about ten years, or the calendar is not open often enough.
pub fn due(start: DateTime<Utc>, span: Span, calendar: &Calendar) -> Result<DateTime<Utc>, Unable> {
    due_with(start, span, &Pauses::default(), &mut Walk::new(calendar), &mut Unheard)
}

/// Like [`due`], but pauses do not count, and each step is reported to the listener.
///
/// # Errors
/// As [`due`].
pub fn due_with(
    start: DateTime<Utc>,
    span: Span,
    pauses: &Pauses,
    walk: &mut Walk<'_>,
    listener: &mut impl StepListener,
) -> Result<DateTime<Utc>, Unable> {
    listener.step(|| Step::Began(start));
    let at = match span.unit {
        Unit::Clock => by_the_clock(start, span.count, pauses, listener)?,
        Unit::Working => while_open(start, span.count, pauses, walk, listener)?,
        _ => last_day(start, span, pauses, walk, listener)?,
    };
    listener.step(|| Step::Due(at));
    Ok(at)
}

fn by_the_clock(
    start: DateTime<Utc>,
    count: u32,
    pauses: &Pauses,
    listener: &mut impl StepListener,
) -> Result<DateTime<Utc>, Unable> {
    let mut left = TimeDelta::seconds(count.into());
    let far = start.checked_add_signed(TimeDelta::days(MOST_DAYS.into())).ok_or(Unable::TooLong)?;
    spend(&mut left, pauses.without((start, far)), listener).ok_or(Unable::TooLong)
}

fn while_open(
    start: DateTime<Utc>,
    count: u32,
    pauses: &Pauses,
    walk: &mut Walk<'_>,
    listener: &mut impl StepListener,
) -> Result<DateTime<Utc>, Unable> {
    if count == 0 {
        return Ok(start);
    }
    let mut left = TimeDelta::seconds(count.into());
    let mut date = walk.calendar().date(start);
    let mut open = false;
    for _ in 0..MOST_DAYS {
        match walk.stretches(date) {
            Ok(stretches) => {
                open |= !stretches.is_empty();
                for (from, until) in stretches.into_iter().filter(|(_, until)| *until > start) {
                    if let Some(at) = spend(&mut left, pauses.without((from.max(start), until)), listener) {
                        return Ok(at);
                    }
                }
            }
            Err(closed) => listener.step(|| Step::Skipped(date, closed)),
        }
        date = next(date)?;
    }
    Err(if open { Unable::TooLong } else { Unable::NeverOpen })
}

/// Subtracts these intervals from what is left of a span and reports each. Returns the instant at which nothing is
/// left, if that happens.
fn spend(left: &mut TimeDelta, stretches: Vec<Stretch>, listener: &mut impl StepListener) -> Option<DateTime<Utc>> {
    for (from, until) in stretches {
        let length = until - from;
        if *left <= length {
            let at = from + *left;
            listener.step(|| Step::Counted { from, until: at, left: 0 });
            return Some(at);
        }
        *left -= length;
        let left = left.num_seconds();
        listener.step(|| Step::Counted { from, until, left });
    }
    None
}

fn last_day(
    start: DateTime<Utc>,
    span: Span,
    pauses: &Pauses,
    walk: &mut Walk<'_>,
    listener: &mut impl StepListener,
) -> Result<DateTime<Utc>, Unable> {
    let zone = walk.calendar().zone();
    let first = walk.calendar().date(start);
    let mut last = if span.unit == Unit::WorkingDays {
        counted(first, span.count, true, pauses, walk, listener)?
    } else {
        let last = shifted(first, span).ok_or(Unable::TooLong)?;
        let days = u32::try_from((last - first).num_days()).map_err(|_| Unable::TooLong)?;
        if days > MOST_DAYS {
            return Err(Unable::TooLong);
        }
        let last = if pauses.is_empty() { last } else { counted(first, days, false, pauses, walk, listener)? };
        listener.step(|| Step::Lands(last));
        last
    };
    if span.closed_end == ClosedEnd::NextWorkingDay {
        for _ in 0..MOST_DAYS {
            match walk.hours(last) {
                Ok(_) => break,
                Err(closed) => listener.step(|| Step::Skipped(last, closed)),
            }
            last = next(last)?;
        }
    }
    let closes = match span.ends {
        Ends::Midnight => None,
        Ends::Closing => walk.stretches(last).unwrap_or_default().last().map(|(_, until)| *until),
    };
    closes.or_else(|| instant::midnight_after(zone, last)).ok_or(Unable::TooLong)
}

/// The day on which this many days have been counted after the first.
fn counted(
    first: NaiveDate,
    count: u32,
    working: bool,
    pauses: &Pauses,
    walk: &mut Walk<'_>,
    listener: &mut impl StepListener,
) -> Result<NaiveDate, Unable> {
    let (mut date, mut left) = (first, count);
    for _ in 0..MOST_DAYS {
        if left == 0 {
            return Ok(date);
        }
        date = next(date)?;
        match counts(date, working, pauses, walk) {
            Ok(()) => {
                left -= 1;
                listener.step(|| Step::Day { date, left: left.into() });
            }
            Err(why) => listener.step(|| why),
        }
    }
    Err(if left == count { Unable::NeverOpen } else { Unable::TooLong })
}

/// Whether a day counts.
///
/// # Errors
/// The step that gives the reason why it does not count.
pub(super) fn counts(date: NaiveDate, working: bool, pauses: &Pauses, walk: &mut Walk<'_>) -> Result<(), Step> {
    if working && let Err(closed) = walk.hours(date) {
        return Err(Step::Skipped(date, closed));
    }
    let midnight = instant::midnight_after(walk.calendar().zone(), date);
    if midnight.is_some_and(|midnight| pauses.holds_end_of_day(midnight)) {
        return Err(Step::Paused(date));
    }
    Ok(())
}

fn shifted(first: NaiveDate, span: Span) -> Option<NaiveDate> {
    match span.unit {
        Unit::Weeks => first.checked_add_days(Days::new(u64::from(span.count) * 7)),
        Unit::Months => first.checked_add_months(Months::new(span.count)),
        _ => first.checked_add_days(Days::new(span.count.into())),
    }
}

fn next(date: NaiveDate) -> Result<NaiveDate, Unable> {
    date.succ_opt().ok_or(Unable::TooLong)
}
