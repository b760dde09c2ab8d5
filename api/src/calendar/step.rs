//! The steps of a calculation, so that it can be explained.

use chrono::{DateTime, NaiveDate, Utc};

use super::Closed;

/// One step of a calculation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The calculation begins at this instant.
    Began(DateTime<Utc>),
    /// The seconds of this interval counted.
    Counted {
        /// The start of the interval.
        from: DateTime<Utc>,
        /// The end of the interval.
        until: DateTime<Utc>,
        /// The number of seconds left afterwards.
        left: i64,
    },
    /// A day counted.
    Day {
        /// The date of the day.
        date: NaiveDate,
        /// The number of days left afterwards.
        left: i64,
    },
    /// A day did not count, because the calendar is closed.
    Skipped(NaiveDate, Closed),
    /// A day did not count, because it ended in a pause.
    Paused(NaiveDate),
    /// The day that lies the span's days, weeks or months after the start.
    Lands(NaiveDate),
    /// The result: the instant at which the span is due.
    Due(DateTime<Utc>),
}

/// Receives the steps of a calculation.
pub trait StepListener {
    /// Receives one step; the closure is only called when the step is recorded.
    fn step(&mut self, step: impl FnOnce() -> Step);
}

/// A listener that ignores all steps.
pub struct Unheard;

impl StepListener for Unheard {
    fn step(&mut self, _: impl FnOnce() -> Step) {}
}

impl StepListener for Vec<Step> {
    fn step(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}
