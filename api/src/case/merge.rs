//! Merging two cases that are about the same thing. The case that continues keeps its owner, who answers for both. The
//! other case stays readable under its own reference and can be unmerged again. The store enforces that both have the
//! same owner.

use entity::id::CaseId;
use entity::kind::{CaseStage, OwnershipReason};
use entity::{case, merger, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{contact, give};
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::task;
use crate::texts::{self, Text};
use crate::timer::{self, CaseTimes};

/// A request to merge two cases.
#[derive(Debug, Clone)]
pub struct Merge {
    /// The case that is merged into the other one and ends.
    pub case: CaseId,
    /// The case that continues.
    pub into: CaseId,
    /// Why the cases are the same.
    pub reason: String,
    /// Whether the actor knows that both cases are of the same person, who may then read both. The same address on both
    /// is no proof, because anybody can enter any address in a form.
    pub same_customer: bool,
}

/// Merges one case into another, and returns the case that continues.
///
/// # Errors
/// When the cases cannot be merged; each reason is named.
pub async fn merge(work: &mut Work, ask: &Merge) -> Outcome<case::Model> {
    if ask.case == ask.into {
        return Err(Problem::new(ErrorCode::Invalid, "intoId", texts::case::same_case()).into());
    }
    let (case, into) = both(work, Action::MergeCases, (ask.case, "caseId"), (ask.into, "intoId")).await?;
    work.check_version(case.version)?;
    timer::acted(work, &into).await?;
    merge_locked(work, ask, case, into).await
}

/// As [`merge`], for cases that are locked. The caller restarts the timers of the case that continues.
///
/// # Errors
/// As [`merge`].
pub(super) async fn merge_locked(
    work: &mut Work,
    ask: &Merge,
    mut case: Held<case::Model>,
    mut into: Held<case::Model>,
) -> Outcome<case::Model> {
    let reason = required(&ask.reason, "reason", 1_000)?;
    check(work, &case, &into, ask.same_customer).await?;
    work.insert(merger::Model {
        id: work.new_id(),
        case_id: case.id,
        into_id: into.id,
        seller_id: case.seller_id,
        stage_before: case.stage,
        owner_before: case.owner_id,
        closed_at_before: case.closed_at,
        reason: reason.clone(),
        same_customer: ask.same_customer,
        merged_at: work.now(),
        undone_at: None,
    });
    super::handover::overtaken(work, &mut case).await?;
    Box::pin(super::pause::end(work, &mut case)).await?;
    timer::stop(work, case.id, timer::END_WITH_THE_CASE);
    log::append(work, &mut case, &Payload::CaseMerged { into: into.id })?;
    super::move_to(work, &mut case, CaseStage::Merged)?;
    case.merged_into = Some(into.id);
    if case.closed_at.is_none() {
        case.closed_at = Some(work.now());
        work.add_open_cases(case.owner_id, -1);
    }
    let told = case.next_contact_due.take();
    contact::take_over_contact_time(work, &mut into, told).await?;
    into.received_at = into.received_at.min(case.received_at);
    log::append(work, &mut into, &Payload::CaseAbsorbed { case: case.id })?;
    give::transfer(work, &mut case, into.owner_id, OwnershipReason::Merged, &reason).await?;
    Ok(into.done())
}

async fn check(work: &Work, case: &case::Model, into: &case::Model, same_customer: bool) -> Outcome<()> {
    let mut problems = Problems::default();
    let absorbs = door::has_merged_in(work, case.id).await?;
    problems.check(CaseAct::Merge.check(&Situation { absorbs, ..Situation::of(case) }, "caseId"));
    let mut refuse = |field: &str, text: Text| {
        problems.add(Problem::new(ErrorCode::InvalidTransition, field, text));
    };
    if into.stage == CaseStage::Merged {
        refuse("intoId", texts::case::into_merged());
    }
    if into.stage == CaseStage::Closed && case.stage != CaseStage::Closed {
        refuse("intoId", texts::case::into_closed());
    }
    if case.customer_id != into.customer_id && !same_customer {
        refuse("sameCustomer", texts::case::different_customers());
    }
    problems.refuse_if_any()
}

/// Undoes a merge. The case gets back its stage, and its former owner if they are still active; otherwise the owner
/// stays.
///
/// # Errors
/// When the case is not merged, or no reason is given.
pub async fn unmerge(work: &mut Work, id: CaseId, reason: &str) -> Outcome<case::Model> {
    // Read without a lock, to learn which two cases to lock in order.
    let found = case::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(|| Problem::not_found("caseId"))?;
    let Some(into) = found.merged_into else {
        let case = door::case(work, id, Action::MergeCases, "caseId").await?;
        CaseAct::Unmerge.check(&Situation::of(&case), "caseId")?;
        return Err(Fault::Broken("a case in the stage MERGED names the case it was merged into").into());
    };
    let (mut case, mut into) = both(work, Action::MergeCases, (id, "caseId"), (into, "caseId")).await?;
    work.check_version(case.version)?;
    CaseAct::Unmerge.check(&Situation::of(&case), "caseId")?;
    if case.merged_into != Some(into.id) {
        // It was unmerged and merged into another case while this act waited for the lock.
        return Err(Fault::Busy.into());
    }
    let reason = required(reason, "reason", 1_000)?;
    let query = merger::Entity::find().filter(merger::Column::CaseId.eq(id)).filter(merger::Column::UndoneAt.is_null());
    let mut merged = work.lock_one(query).await?.ok_or(Fault::Broken("a merged case has its merger"))?;
    log::append(work, &mut case, &Payload::CaseUnmerged { from: into.id })?;
    super::move_to(work, &mut case, merged.stage_before)?;
    case.merged_into = None;
    case.closed_at = merged.closed_at_before;
    let mut restart = false;
    if case.closed_at.is_none() {
        work.add_open_cases(case.owner_id, 1);
        restart = true;
    }
    log::append(work, &mut into, &Payload::CaseReleased { case: id })?;
    merged.undone_at = Some(work.now());
    let before = staff::Entity::find_by_id(merged.owner_before).one(work.tx()?).await?;
    let owner = before.filter(|owner| owner.active).map_or(into.owner_id, |owner| owner.id);
    give::transfer(work, &mut case, owner, OwnershipReason::Unmerged, &reason).await?;
    if restart {
        let times = CaseTimes::of(work, &case).await?;
        timer::start(work, &case, &times, work.now());
        contact::released(work, &mut case, &times).await?;
    } else {
        // What was reported done may have been refused meanwhile.
        task::close_all(work, &mut case).await?;
    }
    task::share::separated(work, id).await?;
    Ok(case.done())
}

/// Both cases, locked. The cases merged with them are locked too.
pub(super) async fn both(
    work: &Work,
    action: Action,
    first: (CaseId, &str),
    second: (CaseId, &str),
) -> Outcome<(Held<case::Model>, Held<case::Model>)> {
    door::lock_related(work, &[first.0, second.0]).await?;
    let first = door::either_case(work, first.0, action, first.1).await?;
    Ok((first, door::either_case(work, second.0, action, second.1).await?))
}
