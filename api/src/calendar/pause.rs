//! Intervals of time that do not count.

use chrono::{DateTime, Utc};

/// An interval: its start and its end.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// The pauses of a legal clock or timer; sorted, without overlapping or touching intervals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pauses(Vec<Stretch>);

impl Pauses {
    /// Collects these pauses. Those that touch or overlap are merged; empty ones are dropped.
    #[must_use]
    pub fn new(mut pauses: Vec<Stretch>) -> Self {
        pauses.retain(|(from, until)| from < until);
        pauses.sort_unstable();
        let mut all: Vec<Stretch> = Vec::with_capacity(pauses.len());
        for (from, until) in pauses {
            match all.last_mut() {
                Some((_, last)) if from <= *last => *last = (*last).max(until),
                _ => all.push((from, until)),
            }
        }
        Self(all)
    }

    /// Whether there are no pauses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts of this interval that are outside all pauses.
    #[must_use]
    pub fn without(&self, (mut from, until): Stretch) -> Vec<Stretch> {
        let mut left = Vec::new();
        for (begin, end) in &self.0 {
            if *begin >= until {
                break;
            }
            if *begin > from {
                left.push((from, *begin));
            }
            from = from.max(*end);
        }
        if from < until {
            left.push((from, until));
        }
        left
    }

    /// Whether a day that ends at this instant ends within a pause. Such a day does not count.
    #[must_use]
    pub fn holds_end_of_day(&self, midnight: DateTime<Utc>) -> bool {
        self.0.iter().any(|(from, until)| *from < midnight && midnight <= *until)
    }
}
