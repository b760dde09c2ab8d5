//! The present state of the cases that notices are about: whether a notice is still true when it is mailed, and its
//! text.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::id::{CaseId, CommitmentId, StaffId};
use entity::kind::{CommitmentState, DueKind, EscalationReason, HandoverStatus, Language, NoticeKind};
use entity::{case, commitment, due, handover, notice};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::words;
use crate::case::commitment::promised_by;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::texts;

/// The present state of the cases that some notices are about.
pub(super) struct NoticeFacts {
    cases: HashMap<CaseId, case::Model>,
    /// The cases that are offered to the person.
    offered: HashSet<CaseId>,
    commitments: HashMap<CommitmentId, commitment::Model>,
    /// When the timers of the cases run out, or ran out.
    timers: HashMap<(CaseId, DueKind), DateTime<Utc>>,
}

impl NoticeFacts {
    pub(super) async fn read(work: &Work, person: StaffId, rows: &[notice::Model]) -> Outcome<Self> {
        let ids: HashSet<CaseId> = rows.iter().map(|row| row.case_id).collect();
        let of_ids = |ids: Vec<CaseId>| case::Entity::find().filter(case::Column::Id.is_in(ids));
        let mut all = of_ids(ids.iter().copied().collect()).all(work.tx()?).await?;
        let into: Vec<CaseId> = all.iter().filter_map(|case| case.merged_into).collect();
        if !into.is_empty() {
            all.extend(of_ids(into).all(work.tx()?).await?);
        }
        let has = |kind| rows.iter().any(|row| row.kind == kind);
        let cases: HashMap<CaseId, case::Model> = all.into_iter().map(|case| (case.id, case)).collect();
        let offered = if has(NoticeKind::Handover) { offered(work, person, &ids).await? } else { HashSet::new() };
        let near = rows.iter().filter(|row| row.kind == NoticeKind::CommitmentTomorrow);
        let near: Vec<CommitmentId> = near.filter_map(|row| row.detail.as_deref()?.parse().ok()).collect();
        let commitments = if near.is_empty() {
            Vec::new()
        } else {
            commitment::Entity::find().filter(commitment::Column::Id.is_in(near)).all(work.tx()?).await?
        };
        let timers = if has(NoticeKind::Escalated) { timers(work, &cases).await? } else { HashMap::new() };
        let commitments = commitments.into_iter().map(|row| (row.id, row)).collect();
        Ok(Self { cases, offered, commitments, timers })
    }

    /// The case that a notice is about; if that case was merged, the one that it was merged into.
    pub(super) fn case(&self, id: CaseId) -> Option<&case::Model> {
        let case = self.cases.get(&id)?;
        case.merged_into.map_or(Some(case), |into| self.cases.get(&into))
    }

    /// Whether a notice to this person is still true.
    pub(super) fn is_true(&self, row: &notice::Model, person: StaffId, now: DateTime<Utc>) -> bool {
        let Some(case) = self.case(row.case_id) else { return false };
        let (open, own) = (case.closed_at.is_none(), case.owner_id == person);
        match row.kind {
            // A letter about a closed case must reach its customer too, and a legal clock goes on running.
            NoticeKind::CallCustomer => own,
            // Whoever is mentioned or watches need not own the case, and what is said on a closed case is news too.
            NoticeKind::Mentioned | NoticeKind::Watched => true,
            NoticeKind::Escalated => {
                let why = reason(row.detail.as_deref());
                why == Some(EscalationReason::LegalClock) || open && self.is_late(case.id, why, now)
            }
            NoticeKind::Assigned => open && own && case.id == row.case_id,
            NoticeKind::Handover if row.detail.as_deref() == Some("HandoverEnded") => open && own,
            NoticeKind::Handover => open && self.offered.contains(&row.case_id),
            NoticeKind::CommitmentTomorrow => {
                open && own && self.commitment(row).is_some_and(|row| row.state == CommitmentState::Open)
            }
            NoticeKind::CustomerWrote | NoticeKind::Task => open && own,
        }
    }

    /// Whether it is still late: its timer still runs and has not been set to a later time.
    fn is_late(&self, case: CaseId, why: Option<EscalationReason>, now: DateTime<Utc>) -> bool {
        let timer = why.and_then(timer_of);
        timer.is_none_or(|timer| self.timers.get(&(case, timer)).is_some_and(|due_at| *due_at <= now))
    }

    fn commitment(&self, row: &notice::Model) -> Option<&commitment::Model> {
        self.commitments.get(&row.detail.as_deref()?.parse().ok()?)
    }

    /// The sentence of a notice.
    pub(super) fn sentence(&self, row: &notice::Model, language: Language) -> String {
        let text = match self.commitment(row).filter(|_| row.kind == NoticeKind::CommitmentTomorrow) {
            Some(commitment) => texts::notice::commitment_by(promised_by(commitment, language)),
            None => words::sentence(row.kind, row.detail.as_deref()),
        };
        text.read_in(language).to_owned()
    }
}

/// The reason of an escalation, from the detail of its notice.
fn reason(detail: Option<&str>) -> Option<EscalationReason> {
    EscalationReason::ALL.iter().copied().find(|reason| Some(reason.word()) == detail)
}

/// The timer of the case that exists as long as this is late; none when there is no such timer.
const fn timer_of(why: EscalationReason) -> Option<DueKind> {
    match why {
        EscalationReason::NotAcknowledged => Some(DueKind::AcknowledgeBy),
        EscalationReason::NotContacted => Some(DueKind::ContactBy),
        EscalationReason::OwnerSilent => Some(DueKind::OwnerActsBy),
        EscalationReason::NotReplied => Some(DueKind::ReplyBy),
        EscalationReason::NotAnswered => Some(DueKind::AnswerBy),
        EscalationReason::HandoverUnanswered
        | EscalationReason::PartnerSilent
        | EscalationReason::PartnerWaits
        | EscalationReason::DisputeUndecided
        | EscalationReason::LegalClock
        | EscalationReason::CommitmentBroken => None,
    }
}

async fn offered(work: &Work, person: StaffId, ids: &HashSet<CaseId>) -> Outcome<HashSet<CaseId>> {
    let all: Vec<CaseId> = handover::Entity::find()
        .select_only()
        .column(handover::Column::CaseId)
        .filter(handover::Column::CaseId.is_in(ids.iter().copied()))
        .filter(handover::Column::ToId.eq(person))
        .filter(handover::Column::Status.eq(HandoverStatus::Offered))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(all.into_iter().collect())
}

async fn timers(
    work: &Work,
    cases: &HashMap<CaseId, case::Model>,
) -> Outcome<HashMap<(CaseId, DueKind), DateTime<Utc>>> {
    let kinds = EscalationReason::ALL.iter().filter_map(|why| timer_of(*why));
    let all = due::Entity::find()
        .filter(due::Column::SubjectId.is_in(cases.keys().map(|id| id.0)))
        .filter(due::Column::Kind.is_in(kinds))
        .all(work.tx()?)
        .await?;
    Ok(all.into_iter().map(|row| ((row.case_id, row.kind), row.due_at)).collect())
}
