//! Ownership periods: consecutive intervals in the store, without gap or overlap, exactly one of them open per case.
//! The case's own columns point at the open period, and the store refuses a commit where they do not.

use std::collections::HashMap;
use std::ops::DerefMut;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, StaffId};
use entity::kind::OwnershipReason;
use entity::{case, ownership};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::rows::Held;
use crate::kit::work::Work;

/// Inserts the first period of a new case.
pub fn begin(work: &mut Work, case: &case::Model) {
    let (by_kind, by_id) = work.actor().party();
    work.insert(ownership::Model {
        case_id: case.id,
        seq: case.owner_seq,
        owner_id: case.owner_id,
        started_at: work.now(),
        ended_at: None,
        prev_ended_at: None,
        reason: OwnershipReason::Routed,
        note: None,
        by_kind,
        by_id,
    });
}

/// Where one period ends and the next begins: now, but at least one microsecond after the open period started, so that
/// the history stays in order when two hand-overs happen in one instant or the clock was set back.
#[must_use]
pub fn boundary(now: DateTime<Utc>, started_at: DateTime<Utc>) -> DateTime<Utc> {
    now.max(started_at + TimeDelta::microseconds(1))
}

/// Gives each of these locked cases to the person beside it: closes the open period, opens the next and appends the
/// event to the event log.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn transfer(
    work: &mut Work,
    cases: &mut [(impl DerefMut<Target = case::Model>, StaffId)],
    reason: OwnershipReason,
    note: Option<&str>,
) -> Outcome<()> {
    let mut open = open_periods(work, cases.iter().map(|(case, _)| case.id).collect()).await?;
    let (by_kind, by_id) = work.actor().party();
    for (case, to) in cases {
        let mut period = open.remove(&case.id).ok_or(Fault::Broken("a case has an open period"))?;
        let end = boundary(work.now(), period.started_at);
        period.ended_at = Some(end);
        let from = std::mem::replace(&mut case.owner_id, *to);
        case.owner_seq = period.seq + 1;
        if case.closed_at.is_none() {
            work.add_open_cases(from, -1);
            work.add_open_cases(*to, 1);
        }
        work.insert(ownership::Model {
            case_id: case.id,
            seq: case.owner_seq,
            owner_id: *to,
            started_at: end,
            ended_at: None,
            prev_ended_at: Some(end),
            reason,
            note: note.map(str::to_owned),
            by_kind,
            by_id,
        });
        log::append(work, case, &Payload::OwnerChanged { from, to: *to, reason })?;
    }
    Ok(())
}

async fn open_periods(work: &Work, cases: Vec<CaseId>) -> Outcome<HashMap<CaseId, Held<ownership::Model>>> {
    let mut open = HashMap::with_capacity(cases.len());
    for chunk in cases.chunks(1_000) {
        let found = ownership::Entity::find()
            .filter(ownership::Column::CaseId.is_in(chunk.iter().copied()))
            .filter(ownership::Column::EndedAt.is_null());
        open.extend(work.lock_all(found).await?.into_iter().map(|period| (period.case_id, period)));
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_never_ends_before_it_began() {
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let step = TimeDelta::microseconds(1);
        assert_eq!(boundary(start, start), start + step);
        assert_eq!(boundary(start - TimeDelta::hours(1), start), start + step);
        assert_eq!(boundary(start + TimeDelta::hours(1), start), start + TimeDelta::hours(1));
    }
}
