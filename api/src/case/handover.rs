//! Hand-overs. A case is offered to one person, and its owner stays the owner until that person accepts. No queue ever
//! owns a case.

use chrono::TimeDelta;
use entity::id::{CaseId, HandoverId, StaffId};
use entity::kind::{DueKind, HandoverStatus, OwnershipReason};
use entity::{case, handover};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::decide::{HandoverAct, after_handover};
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::{self, Action};
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

/// Offers a case to a colleague.
///
/// # Errors
/// When the case is closed, it is offered or belongs to the colleague already, the colleague cannot own it, or is away
/// and gets the offer only if they are here, or the note is missing.
pub async fn offer(
    work: &mut Work,
    id: CaseId,
    (to, even_if_away): (StaffId, bool),
    note: &str,
) -> Outcome<handover::Model> {
    let mut case = door::case(work, id, Action::OfferHandover, "caseId").await?;
    let mut problems = Problems::default();
    let note = problems.check(required(note, "note", 2_000));
    let can = problems.check(super::give::can_own(work, &case, to, "toId").await?);
    if case.owner_id == to {
        problems.add(Problem::new(ErrorCode::InvalidTransition, "toId", texts::case::own_already()));
    } else if can.is_some() && !even_if_away {
        problems.check(super::give::is_here(work, &case, to, "toId").await?);
    }
    let offered = open(work, id).await?.is_some();
    problems.check(CaseAct::OfferHandover.check(&Situation { offered, ..Situation::of(&case) }, "caseId"));
    problems.refuse_if_any()?;
    let hours = directory::seller::one(work, case.seller_id).await?.handover_hours;
    let row = handover::Model {
        id: work.new_id(),
        case_id: id,
        seller_id: case.seller_id,
        from_id: case.owner_id,
        to_id: to,
        note: note.unwrap_or_default(),
        status: HandoverStatus::Offered,
        offered_at: work.now(),
        expires_at: work.now() + TimeDelta::hours(hours.into()),
        answered_at: None,
        answer: None,
    };
    work.insert(row.clone());
    log::append(work, &mut case, &Payload::HandoverOffered { handover: row.id, from: row.from_id, to })?;
    timer::set(work, &case, DueKind::HandoverEnds, row.expires_at);
    timer::acted(work, &case).await?;
    Ok(row)
}

/// Accepts an offer: the actor becomes the owner of the case.
///
/// # Errors
/// When the case was not offered to the actor, or the offer is no longer open.
pub async fn accept(work: &mut Work, id: HandoverId) -> Outcome<handover::Model> {
    let (mut row, mut case) = answerable(work, id, HandoverAct::Accept).await?;
    end(work, &mut row, &mut case, HandoverStatus::Accepted, None)?;
    timer::stop(work, case.id, &[DueKind::HandoverEnds]);
    super::give::transfer(work, &mut case, row.to_id, OwnershipReason::HandedOver, &row.note).await?;
    timer::acted(work, &case).await?;
    Ok(row.done())
}

/// Declines an offer, with a reason. The owner stays the owner.
///
/// # Errors
/// As [`accept`], and when no reason is given.
pub async fn decline(work: &mut Work, id: HandoverId, reason: &str) -> Outcome<handover::Model> {
    let (mut row, mut case) = answerable(work, id, HandoverAct::Decline).await?;
    let reason = required(reason, "reason", 2_000)?;
    end(work, &mut row, &mut case, HandoverStatus::Declined, Some(reason))?;
    timer::stop(work, case.id, &[DueKind::HandoverEnds]);
    Ok(row.done())
}

/// Takes an offer back.
///
/// # Errors
/// When the actor is neither the owner nor a manager or administrator, or the offer is no longer open.
pub async fn withdraw(work: &mut Work, id: HandoverId, reason: Option<&str>) -> Outcome<handover::Model> {
    let (mut row, mut case) = locked(work, id).await?;
    table::check(table::to_case(work.actor(), &case), Action::OfferHandover, Action::ReadCase, "handoverId")?;
    after_handover(HandoverAct::Withdraw, row.status)?;
    let reason = optional(reason, "reason", 2_000)?;
    end(work, &mut row, &mut case, HandoverStatus::Withdrawn, reason)?;
    timer::stop(work, case.id, &[DueKind::HandoverEnds]);
    timer::acted(work, &case).await?;
    Ok(row.done())
}

/// Ends the open offer of a locked case, if there is one, because something else has decided about the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn overtaken(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let Some(mut row) = open(work, case.id).await? else { return Ok(()) };
    end(work, &mut row, case, HandoverStatus::Overtaken, None)?;
    timer::stop(work, case.id, &[DueKind::HandoverEnds]);
    Ok(())
}

/// The offer of a case that is waiting for an answer, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub async fn open(work: &Work, case: CaseId) -> Outcome<Option<Held<handover::Model>>> {
    let query = handover::Entity::find()
        .filter(handover::Column::CaseId.eq(case))
        .filter(handover::Column::Status.eq(HandoverStatus::Offered));
    work.lock_one(query).await
}

/// Ends an offer with this status and appends the event.
///
/// # Errors
/// As [`log::append`].
pub fn end(
    work: &mut Work,
    row: &mut handover::Model,
    case: &mut case::Model,
    status: HandoverStatus,
    answer: Option<String>,
) -> Outcome<()> {
    row.status = status;
    row.answered_at = Some(work.now());
    row.answer = answer;
    log::append(work, case, &Payload::HandoverEnded { handover: row.id, to: row.to_id, status })
}

/// The offer and its case, both locked, if the case was offered to the actor.
async fn answerable(
    work: &Work,
    id: HandoverId,
    act: HandoverAct,
) -> Outcome<(Held<handover::Model>, Held<case::Model>)> {
    let (row, case) = locked(work, id).await?;
    if !matches!(work.actor(), Actor::Staff { id: own, .. } if own == row.to_id) {
        return Err(Problem::forbidden_in("handoverId", texts::case::not_offered_to_you()).into());
    }
    after_handover(act, row.status)?;
    if row.expires_at <= work.now() {
        return Err(Problem::new(ErrorCode::InvalidTransition, "handoverId", texts::case::offer_expired()).into());
    }
    Ok((row, case))
}

/// Locks the case first and then the offer, which is the lock order of all acts.
async fn locked(work: &Work, id: HandoverId) -> Outcome<(Held<handover::Model>, Held<case::Model>)> {
    let not_found = || Problem::not_found("handoverId");
    let found = handover::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    door::lock_related(work, &[found.case_id]).await?;
    let case = door::case(work, found.case_id, Action::ReadCase, "handoverId").await?;
    let row = work.lock::<handover::Model>(id).await?.ok_or_else(not_found)?;
    Ok((row, case))
}
