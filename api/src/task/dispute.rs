//! Disputes: several partners each say that another one is responsible. The owner of the case asks a question, sets a
//! time for the decision, and decides. The customer's timers keep running during the dispute, and no partner learns
//! about the others.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, DisputeId, PartnerId, TaskId};
use entity::kind::{DisputeStatus, DueKind, Language};
use entity::{case, case_task, dispute, dispute_task};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::in_the_future;
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
use crate::kit::page::once_each;
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

/// The most tasks in one dispute.
const TASKS: usize = 20;

/// Opens a dispute between tasks of a case.
///
/// # Errors
/// When the case is closed, the tasks are of fewer than two partners, or a text or time is missing or invalid.
pub async fn open(
    work: &mut Work,
    id: CaseId,
    tasks: &[TaskId],
    (question, decide_by): (&str, DateTime<Utc>),
) -> Outcome<dispute::Model> {
    let mut case = door::case(work, id, Action::SettleDispute, "caseId").await?;
    let mut problems = Problems::default();
    let question = problems.check(required(question, "question", 2_000)).unwrap_or_default();
    problems.check(in_the_future(decide_by, work.now(), "decideBy"));
    problems.check(CaseAct::OpenDispute.check(&Situation::of(&case), "caseId"));
    let tasks = once_each(tasks);
    let rows = case_task::Entity::find()
        .filter(case_task::Column::CaseId.eq(id))
        .filter(case_task::Column::Id.is_in(tasks.clone()))
        .all(work.tx()?)
        .await?;
    for (place, task) in tasks.iter().enumerate().take(TASKS) {
        if !rows.iter().any(|row| row.id == *task) {
            problems.add(Problem::not_found(&format!("taskIds.{place}")));
        }
    }
    let partners = once_each(&rows.iter().map(|row| row.partner_id).collect::<Vec<_>>());
    if partners.len() < 2 || tasks.len() > TASKS {
        problems.add(Problem::new(ErrorCode::Invalid, "taskIds", texts::task::too_few_partners()));
    }
    problems.refuse_if_any()?;
    let opened_by = work.actor().staff().ok_or(Fault::Broken("a dispute is opened by a person"))?;
    let row = dispute::Model {
        id: work.new_id(),
        version: 1,
        case_id: id,
        seller_id: case.seller_id,
        question,
        status: DisputeStatus::Open,
        decide_by,
        opened_by,
        opened_at: work.now(),
        finding: None,
        responsible_id: None,
        ended_by: None,
        ended_at: None,
    };
    work.insert(row.clone());
    for task_id in tasks {
        work.insert(dispute_task::Model { dispute_id: row.id, task_id, case_id: id });
    }
    timer::set_of(work, &case, row.id.0, DueKind::DisputeDecideBy, decide_by);
    timer::acted(work, &case).await?;
    log::append(work, &mut case, &Payload::DisputeOpened { dispute: row.id })?;
    Ok(row)
}

/// The result of a dispute.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The result in the owner's words.
    pub text: String,
    /// The partner who is responsible; none when no partner of the dispute is.
    pub responsible: Option<PartnerId>,
    /// Whether there turned out to be no dispute.
    pub dropped: bool,
}

/// Ends a dispute with this result.
///
/// # Errors
/// When the dispute has ended already, the text is missing, or the partner has no task in the dispute.
pub async fn end(work: &mut Work, id: DisputeId, finding: &Finding) -> Outcome<dispute::Model> {
    let not_found = || Problem::not_found("disputeId");
    let known = dispute::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let mut case = door::either_case(work, known.case_id, Action::SettleDispute, "disputeId").await?;
    let row = work.lock::<dispute::Model>(id).await?;
    let mut row = row.ok_or_else(not_found)?;
    work.check_version(row.version)?;
    if row.status != DisputeStatus::Open {
        return Err(Problem::new(ErrorCode::InvalidTransition, "disputeId", texts::task::dispute_over()).into());
    }
    let text = required(&finding.text, "finding", 5_000)?;
    if let Some(partner) = finding.responsible
        && !between(work, &row).await?.contains(&partner)
    {
        return Err(Problem::not_found("responsiblePartnerId").into());
    }
    row.status = if finding.dropped { DisputeStatus::Dropped } else { DisputeStatus::Decided };
    row.finding = Some(text);
    row.responsible_id = finding.responsible;
    row.ended_by = work.actor().staff();
    row.ended_at = Some(work.now());
    timer::stop_of(work, id.0, &[DueKind::DisputeDecideBy]);
    timer::acted(work, &case).await?;
    log::append(work, &mut case, &Payload::DisputeEnded { dispute: id, status: row.status })?;
    Ok(row.done())
}

/// Drops the open disputes of a locked case that is being closed.
pub(super) async fn close(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let open = dispute::Entity::find()
        .filter(dispute::Column::CaseId.eq(case.id))
        .filter(dispute::Column::Status.eq(DisputeStatus::Open))
        .order_by_asc(dispute::Column::Id);
    let closed = texts::task::case_closed();
    for mut row in work.lock_all(open).await? {
        row.status = DisputeStatus::Dropped;
        row.finding = Some(format!("{} / {}", closed.read_in(Language::En), closed.read_in(Language::Sv)));
        row.ended_by = work.actor().staff();
        row.ended_at = Some(work.now());
        timer::stop_of(work, row.id.0, &[DueKind::DisputeDecideBy]);
        log::append(work, case, &Payload::DisputeEnded { dispute: row.id, status: row.status })?;
    }
    Ok(())
}

/// The partners whose tasks are in the dispute.
async fn between(work: &Work, row: &dispute::Model) -> Outcome<Vec<PartnerId>> {
    let of = case_task::Entity::belongs_to(dispute_task::Entity)
        .from(case_task::Column::Id)
        .to(dispute_task::Column::TaskId)
        .into();
    let partners = case_task::Entity::find()
        .select_only()
        .column(case_task::Column::PartnerId)
        .join(sea_orm::JoinType::InnerJoin, of)
        .filter(dispute_task::Column::DisputeId.eq(row.id));
    Ok(partners.into_tuple().all(work.tx()?).await?)
}

/// Whether this dispute belongs to the locked case and is still open.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_open(work: &Work, case: &case::Model, id: DisputeId) -> Outcome<bool> {
    let row = dispute::Entity::find_by_id(id).one(work.tx()?).await?;
    Ok(row.is_some_and(|row| row.case_id == case.id && row.status == DisputeStatus::Open))
}
