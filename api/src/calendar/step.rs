//! What a calculation did, step by step, for whoever wants to see why.

use chrono::{DateTime, NaiveDate, Utc};

use super::Closed;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It began at this instant.
    Began(DateTime<Utc>),
    /// Seconds of this stretch counted, and so many were left then.
    Counted {
        /// From when.
        from: DateTime<Utc>,
        /// Until when.
        until: DateTime<Utc>,
        /// Seconds left after it.
        left: i64,
    },
    /// A day counted, and so many were left then.
    Day {
        /// Which.
        date: NaiveDate,
        /// Days left after it.
        left: i64,
    },
    /// A day did not count, because it is closed.
    Skipped(NaiveDate, Closed),
    /// A day did not count, because it ended in a pause.
    Paused(NaiveDate),
    /// So many days, weeks or months after its beginning is this day.
    Lands(NaiveDate),
    /// It is due at this instant.
    Due(DateTime<Utc>),
}

/// Whoever hears of the steps.
pub trait Listener {
    /// Hears of one step.
    fn step(&mut self, step: impl FnOnce() -> Step);
}

/// Nobody.
pub struct Unheard;

impl Listener for Unheard {
    fn step(&mut self, _: impl FnOnce() -> Step) {}
}

impl Listener for Vec<Step> {
    fn step(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}
