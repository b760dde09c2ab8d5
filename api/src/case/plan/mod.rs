//! The plan of a case: what happens next and by when, in steps that the customer reads. A step with a date is a
//! commitment. Each change is a new version, of which the customer is told in one short letter.

pub mod decide;
pub mod query;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, CommitmentId, CustomerId, StepId, TaskId};
use entity::kind::{CommitmentPlace, CommitmentState, DueKind, Language, Visibility};
use entity::{case, case_task, commitment, plan, plan_step};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::decide::{StepDate, date};
use super::commitment::decide::{CommitmentAct, Due};
use super::commitment::{self as promises, MadeAs, Promised, due_of, in_words};
use super::tell;
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, optional, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts::{self, Text};
use crate::timer;

/// The most steps of a plan.
const STEPS: usize = 20;
/// The most versions of a plan.
const VERSIONS: i32 = 200;
/// The most characters of a step, of a reason and of how the customer agreed.
const LONGEST: usize = 500;

/// A step of the new plan.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// The step of the present plan that goes on; `None` for a new one.
    pub step: Option<StepId>,
    /// What happens, as the customer reads it; `None` keeps the words of the step that goes on.
    pub what: Option<String>,
    /// By when; `None` keeps the date of the step that goes on.
    pub due: Option<Due>,
    /// The partner's task behind it; `None` keeps the task of the step that goes on.
    pub task: Option<TaskId>,
    /// How the customer agreed to another date.
    pub agreed: Option<String>,
}

/// Sets the plan of a case.
///
/// # Errors
/// One problem for the field that is wrong, with the place of the step: `steps.1.what`; `INVALID_TRANSITION` when the
/// case is closed or merged.
pub async fn set(work: &mut Work, id: CaseId, steps: &[NewStep], reason: Option<&str>) -> Outcome<case::Model> {
    let mut case = door::case(work, id, Action::ManageCommitments, "caseId").await?;
    CaseAct::SetPlan.check(&Situation::of(&case), "caseId")?;
    let staff = work.actor().staff().ok_or_else(|| refused(Action::ManageCommitments))?;
    let reason = optional(reason, "reason", LONGEST)?;
    let before = query::present(work.tx()?, &case).await?;
    let number = query::last_number(work.tx()?, id).await? + 1;
    check(steps, number, &before.steps)?;
    let mut rows = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let former = before.steps.iter().find(|former| Some(former.id) == step.step);
        let row = self::step(work, &mut case, (index, step), former).await?;
        rows.push(plan_step::Model { number, ..row });
    }
    withdraw(work, &mut case, (&before.steps, &rows), reason.as_deref()).await?;
    let (customer_id, seller_id, made_at) = (case.customer_id, case.seller_id, work.now());
    work.insert(plan::Model { case_id: id, number, seller_id, customer_id, made_at, made_by: staff, reason });
    for row in rows {
        work.insert(row);
    }
    log::append(work, &mut case, &Payload::PlanChanged { number })?;
    timer::acted(work, &case).await?;
    tell::schedule_letter(work, &case);
    Ok(case.done())
}

fn check(steps: &[NewStep], number: i32, before: &[plan_step::Model]) -> Result<(), Problem> {
    let refuse = |code, field: &str, text: Text| Err(Problem::new(code, field, text));
    if steps.len() > STEPS {
        return refuse(ErrorCode::TooLong, "steps", texts::commitment::too_many_steps());
    }
    if steps.is_empty() {
        return refuse(ErrorCode::Required, "steps", texts::commitment::no_steps());
    }
    if number > VERSIONS {
        return refuse(ErrorCode::Invalid, "caseId", texts::commitment::too_many_versions());
    }
    let mut seen = HashSet::new();
    for (index, step) in steps.iter().enumerate() {
        let Some(id) = step.step else { continue };
        let field = format!("steps.{index}.stepId");
        if !before.iter().any(|former| former.id == id) {
            return Err(Problem::not_found(&field));
        }
        if !seen.insert(id) {
            return refuse(ErrorCode::Invalid, &field, texts::commitment::step_twice());
        }
    }
    Ok(())
}

/// The row of a step in the new version, with its commitment.
async fn step(
    work: &mut Work,
    case: &mut case::Model,
    (index, step): (usize, &NewStep),
    former: Option<&plan_step::Model>,
) -> Outcome<plan_step::Model> {
    let path = format!("steps.{index}.");
    let what = match (&step.what, former) {
        (None, Some(former)) => former.what.clone(),
        (what, _) => required(what.as_deref().unwrap_or_default(), &format!("{path}what"), LONGEST)?,
    };
    if let Some(task) = step.task {
        let found = case_task::Entity::find_by_id(task).one(work.tx()?).await?;
        if found.is_none_or(|found| found.case_id != case.id) {
            return Err(Problem::not_found(&format!("{path}taskId")).into());
        }
    }
    let promise = match former.and_then(|former| former.commitment_id) {
        Some(id) => work.lock::<commitment::Model>(id).await?,
        None => None,
    };
    let commitment_id = match (date(promise.as_ref().map(|row| (due_of(row), row.state)), step.due), step.due) {
        (StepDate::New, Some(due)) => Some(promise_by(work, case, (&what, due), &path).await?.id),
        (StepDate::Renegotiated, Some(due)) => match promise {
            Some(row) => Some(renegotiate(work, case, row, (&what, due), (step, &path)).await?.id),
            None => None,
        },
        _ => former.and_then(|former| former.commitment_id),
    };
    Ok(plan_step::Model {
        case_id: case.id,
        number: 0,
        position: i32::try_from(index + 1).unwrap_or(i32::MAX),
        id: former.map_or_else(|| work.new_id(), |former| former.id),
        what,
        commitment_id,
        task_id: step.task.or(former.and_then(|former| former.task_id)),
        done_at: former.and_then(|former| former.done_at),
    })
}

async fn promise_by(
    work: &mut Work,
    case: &mut case::Model,
    (what, due): (&str, Due),
    path: &str,
) -> Outcome<commitment::Model> {
    let promised = Promised { what: what.to_owned(), due };
    promises::add(work, case, &promised, MadeAs::now(CommitmentPlace::Step), path).await
}

async fn renegotiate(
    work: &mut Work,
    case: &mut case::Model,
    mut row: Held<commitment::Model>,
    new: (&str, Due),
    (step, path): (&NewStep, &str),
) -> Outcome<commitment::Model> {
    if promises::decided(work, CommitmentAct::Renegotiate, &row).is_err() {
        // Its time has ended, and its timer has not been handled yet: it is broken, and another promise is made.
        return promise_by(work, case, new, path).await;
    }
    let Some(agreed) = optional(step.agreed.as_deref(), &format!("{path}agreed"), LONGEST)? else {
        let text = texts::commitment::agreement_missing();
        return Err(Problem::new(ErrorCode::Required, &format!("{path}agreed"), text).into());
    };
    let next = promise_by(work, case, new, path).await?;
    promises::end(work, case, &mut row, CommitmentState::Renegotiated)?;
    row.reason = Some(agreed);
    row.next_id = Some(next.id);
    Ok(next)
}

/// Withdraws the open commitments of steps that are not in the new version.
async fn withdraw(
    work: &mut Work,
    case: &mut case::Model,
    (before, after): (&[plan_step::Model], &[plan_step::Model]),
    reason: Option<&str>,
) -> Outcome<()> {
    let gone = before.iter().filter(|step| !after.iter().any(|row| row.id == step.id));
    for id in gone.filter_map(|step| step.commitment_id) {
        let row = work.lock::<commitment::Model>(id).await?;
        let Some(mut row) = row.filter(|row| promises::decided(work, CommitmentAct::Withdraw, row).is_ok()) else {
            continue;
        };
        let Some(reason) = reason else {
            return Err(Problem::new(ErrorCode::Required, "reason", texts::commitment::reason_missing()).into());
        };
        promises::end(work, case, &mut row, CommitmentState::Withdrawn)?;
        row.reason = Some(reason.to_owned());
    }
    Ok(())
}

/// A commitment was replaced by another one, outside the plan: the step that it is has the new date.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn renegotiated(work: &Work, id: CaseId, (from, to): (CommitmentId, CommitmentId)) -> Outcome<()> {
    let present = query::last_number(work.tx()?, id).await?;
    let steps = plan_step::Entity::update_many()
        .filter(plan_step::Column::CaseId.eq(id))
        .filter(plan_step::Column::Number.eq(present))
        .filter(plan_step::Column::CommitmentId.eq(from))
        .col_expr(plan_step::Column::CommitmentId, Expr::value(to));
    steps.exec(work.tx()?).await?;
    Ok(())
}

/// Notes that a step of the present plan is done. The commitment of a step with a date is kept by it.
///
/// # Errors
/// `NOT_FOUND` when it is no step of the present plan; `INVALID_TRANSITION` when it is done already, or its commitment
/// was withdrawn; `REQUIRED` or `TOO_LONG` for the evidence.
pub async fn complete(work: &mut Work, id: StepId, evidence: &str) -> Outcome<case::Model> {
    let not_found = || Problem::not_found("stepId");
    let found = query::by_step(work.tx()?, id).await?.ok_or_else(not_found)?;
    door::lock_related(work, &[found.case_id]).await?;
    let mut case = door::either_case(work, found.case_id, Action::ManageCommitments, "stepId").await?;
    work.check_version(case.version)?;
    let present = query::present(work.tx()?, &case).await?;
    let step = present.steps.into_iter().find(|step| step.id == id).ok_or_else(not_found)?;
    let evidence = required(evidence, "evidence", 1_000)?;
    match step.commitment_id {
        Some(promise) => {
            let row = work.lock::<commitment::Model>(promise).await?;
            promises::keep_locked(work, &mut case, row.ok_or_else(not_found)?, evidence).await?;
        }
        None if step.done_at.is_some() => {
            let text = texts::commitment::step_done_already();
            return Err(Problem::new(ErrorCode::InvalidTransition, "stepId", text).into());
        }
        None => {
            log::append(work, &mut case, &Payload::StepDone { step: id })?;
            crate::message::add(work, &mut case, Visibility::Internal, evidence).await?;
            work.save(plan_step::Model { done_at: Some(work.now()), ..step });
        }
    }
    timer::acted(work, &case).await?;
    Ok(case.done())
}

/// The case has another customer. The plan was made for the former one, and is not told to the new one; if both are the
/// same person, it is theirs.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn customer_changed(
    work: &mut Work,
    case: &case::Model,
    (from, same): (CustomerId, bool),
) -> Outcome<()> {
    if !same {
        timer::stop(work, case.id, &[DueKind::TellCustomer]);
        return Ok(());
    }
    let versions = plan::Entity::update_many()
        .filter(plan::Column::CaseId.eq(case.id))
        .filter(plan::Column::CustomerId.eq(from))
        .col_expr(plan::Column::CustomerId, Expr::value(case.customer_id));
    versions.exec(work.tx()?).await?;
    Ok(())
}

/// The present plan in words, and why steps were taken out, if it was changed since this time.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn changed_since(work: &Work, case: &case::Model, since: DateTime<Utc>) -> Outcome<Vec<String>> {
    let versions = query::since(work.tx()?, case, since).await?;
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    let mut said: Vec<String> = versions.into_iter().filter_map(|version| version.reason).collect();
    let mut lines = vec![texts::commitment::next_steps().read_in(case.language).to_owned()];
    for step in query::present(work.tx()?, case).await?.steps {
        let promise = match step.commitment_id {
            Some(id) => commitment::Entity::find_by_id(id).one(work.tx()?).await?,
            None => None,
        };
        lines.push(line(&step, promise.as_ref(), case.language));
    }
    said.push(lines.join("\n"));
    Ok(said)
}

fn line(step: &plan_step::Model, promise: Option<&commitment::Model>, language: Language) -> String {
    let number = step.position;
    let done = step.done_at.is_some() || promise.is_some_and(|row| row.done_at.is_some());
    if done {
        return format!("{number}. {} – {}", step.what, texts::commitment::done().read_in(language));
    }
    let open = promise.filter(|row| row.state != CommitmentState::Withdrawn);
    let Some(row) = open else { return format!("{number}. {}", step.what) };
    let by = in_words(due_of(row), row.zone.parse().unwrap_or(chrono_tz::Tz::UTC), language);
    format!("{number}. {} – {}", step.what, texts::commitment::by(by).read_in(language))
}
