//! Who becomes the owner, once the rules have named a target and the people are known. Pure: no database, no async,
//! time as an argument. Total: whatever the rules and the rows say, somebody at the seller answers.

use chrono::{DateTime, Utc};
use entity::id::StaffId;
use serde::{Deserialize, Serialize};

/// A person who could become the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Who.
    pub staff: StaffId,
    /// Cases they own that are not closed.
    pub open_cases: i64,
    /// When a case last became theirs; never counts as the longest idle.
    pub last_assigned_at: Option<DateTime<Utc>>,
}

/// Why the fallback answers and not whom a rule named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FallbackReason {
    /// The seller has published no rule set.
    NoRuleSet,
    /// No rule matched.
    NoMatch,
    /// The rule names somebody who no longer works there.
    PersonNotActive,
    /// Nobody in the rule's team is active.
    TeamEmpty,
    /// What arrived could not be understood, so rules have nothing to go by.
    NotUnderstood,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The owner.
    pub owner: StaffId,
    /// None when a rule's own target answers.
    pub fallback: Option<FallbackReason>,
}

/// The one with the fewest open cases; among equals the longest idle; among those the oldest id, so that the same
/// facts give the same answer.
#[must_use]
pub fn least_loaded(candidates: &[Candidate]) -> Option<StaffId> {
    candidates
        .iter()
        .min_by_key(|candidate| (candidate.open_cases, candidate.last_assigned_at, candidate.staff))
        .map(|candidate| candidate.staff)
}

/// The least loaded of the candidates, or the seller's accountable person for this reason.
#[must_use]
pub fn choose(candidates: &[Candidate], accountable: StaffId, if_none: FallbackReason) -> Choice {
    match least_loaded(candidates) {
        Some(owner) => Choice { owner, fallback: None },
        None => Choice { owner: accountable, fallback: Some(if_none) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn person(number: u128, open_cases: i64, last_assigned: Option<i64>) -> Candidate {
        Candidate {
            staff: StaffId(Uuid::from_u128(number)),
            open_cases,
            last_assigned_at: last_assigned.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        }
    }

    #[test]
    fn fewest_open_then_longest_idle_then_the_oldest() {
        let table: &[(&[Candidate], Option<u128>)] = &[
            (&[], None),
            (&[person(1, 3, None), person(2, 2, Some(9))], Some(2)),
            (&[person(1, 2, Some(5)), person(2, 2, Some(4))], Some(2)),
            (&[person(1, 2, Some(5)), person(2, 2, None)], Some(2)),
            (&[person(2, 0, None), person(1, 0, None)], Some(1)),
        ];
        for (candidates, expected) in table {
            assert_eq!(least_loaded(candidates), expected.map(|id| StaffId(Uuid::from_u128(id))), "{candidates:?}");
        }
    }

    #[test]
    fn somebody_always_answers() {
        let boss = StaffId(Uuid::from_u128(99));
        let choice = choose(&[], boss, FallbackReason::TeamEmpty);
        assert_eq!(choice, Choice { owner: boss, fallback: Some(FallbackReason::TeamEmpty) });
    }
}
