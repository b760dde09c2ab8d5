//! What changes from one version of a plan to the next. Pure.

use entity::kind::CommitmentState;

use crate::case::commitment::decide::Due;

/// What becomes of the commitment of a step that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDate {
    /// Nothing: the date is the same, or there is none.
    Same,
    /// A commitment is made: the step had no date, or its former one has ended.
    New,
    /// The commitment is renegotiated, to which the customer must have agreed.
    Renegotiated,
}

/// What becomes of the date of a step. `before` is the date and the state of its commitment, `now` the date in the new
/// version; `None` keeps what it has.
#[must_use]
pub fn date(before: Option<(Due, CommitmentState)>, now: Option<Due>) -> StepDate {
    match (before, now) {
        (_, None) => StepDate::Same,
        (Some((before, _)), Some(now)) if before == now => StepDate::Same,
        (Some((_, CommitmentState::Open)), Some(_)) => StepDate::Renegotiated,
        (_, Some(_)) => StepDate::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_the_customer_was_told_is_renegotiated_and_one_that_has_passed_is_made_anew() {
        let day = |day: &str| Due::Day(day.parse().unwrap());
        let (monday, friday) = (day("2026-11-02"), day("2026-11-06"));
        for (before, now, expected) in [
            (None, None, StepDate::Same),
            (None, Some(monday), StepDate::New),
            (Some((monday, CommitmentState::Open)), None, StepDate::Same),
            (Some((monday, CommitmentState::Open)), Some(monday), StepDate::Same),
            (Some((monday, CommitmentState::Open)), Some(friday), StepDate::Renegotiated),
            (Some((monday, CommitmentState::Broken)), Some(friday), StepDate::New),
            (Some((monday, CommitmentState::Broken)), Some(monday), StepDate::Same),
            (Some((monday, CommitmentState::Withdrawn)), Some(friday), StepDate::New),
        ] {
            assert_eq!(date(before, now), expected, "{before:?} {now:?}");
        }
    }
}
