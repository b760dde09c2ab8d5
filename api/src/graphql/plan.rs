//! Plans: what happens next on a case, as staff and the customer see it.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, StepId, TaskId};
use entity::kind::{CommitmentState, TaskStatus};
use entity::{commitment, plan, plan_step};

use super::case::Case;
use super::commitment::{Commitment, CommitmentDueInput};
use super::context::{ContextExt, act, id, part_id, read_error, required_row, to_id};
use super::error::payload;
use super::scalar::Date;
use super::staff::Staff;
use super::task::CaseTask;
use crate::case::plan as acts;
use crate::case::plan::query::{self, Present};

/// A version of the plan of a case: the next steps, as the customer was told.
pub struct Plan(pub plan::Model);

/// A version of the plan of a case: the next steps, as the customer was told.
#[Object]
impl Plan {
    /// The id, opaque.
    async fn id(&self) -> ID {
        part_id(self.0.case_id, self.0.number)
    }

    /// The number of the version: 1, 2, 3 …
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When this version was made, UTC.
    async fn made_at(&self) -> DateTime<Utc> {
        self.0.made_at
    }

    /// The member of staff who made this version.
    async fn made_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.made_by).await).map(Staff)
    }

    /// The reason given to the customer for removing a step with a date; null when none was given.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The steps of this version, in order.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<PlanStep>> {
        let rows = query::steps(ctx.db(), self.0.case_id, self.0.number).await.map_err(read_error)?;
        Ok(rows.into_iter().map(PlanStep).collect())
    }
}

/// A step of a plan.
pub struct PlanStep(plan_step::Model);

/// A step of a plan.
#[Object]
impl PlanStep {
    /// The id, opaque. A step that goes on in the next version has the same id there.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What happens, as the customer reads it.
    async fn what(&self) -> &str {
        &self.0.what
    }

    /// The commitment of a step with a date; null when the step has no date.
    async fn commitment(&self, ctx: &Context<'_>) -> Result<Option<Commitment>> {
        Ok(promise(ctx, &self.0).await?.map(Commitment))
    }

    /// The partner's task that the step depends on, which the customer does not see; null when there is none.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<CaseTask>> {
        let Some(id) = self.0.task_id else { return Ok(None) };
        required_row(ctx.loaders().tasks.one(id).await).map(|row| Some(CaseTask(row)))
    }

    /// When it was done, UTC; null until then.
    async fn done_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.0.done_at.or(promise(ctx, &self.0).await?.and_then(|row| row.done_at)))
    }

    /// The partner's present estimate, UTC, if it differs from the time promised to the customer, or is after the
    /// promised day; adopt it with `setPlan`. Null otherwise.
    async fn suggested_due_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let (Some(task), Some(promise)) = (self.0.task_id, promise(ctx, &self.0).await?) else { return Ok(None) };
        let task = required_row(ctx.loaders().tasks.one(task).await)?;
        let open = matches!(task.status, TaskStatus::Accepted | TaskStatus::InProgress)
            && promise.state == CommitmentState::Open;
        let outside = |eta: &DateTime<Utc>| match promise.due_day {
            // Where a day was promised, only an estimate after that day differs from the promise.
            Some(_) => *eta > promise.due_at,
            None => *eta != promise.due_at,
        };
        Ok(task.eta.filter(|eta| open && outside(eta)))
    }
}

async fn promise(ctx: &Context<'_>, step: &plan_step::Model) -> Result<Option<commitment::Model>> {
    match step.commitment_id {
        Some(id) => ctx.loaders().commitments.one(id).await.map_err(read_error),
        None => Ok(None),
    }
}

/// The present plan of a case; none when it has none for its present customer.
///
/// # Errors
/// When the store cannot be read.
pub async fn present(ctx: &Context<'_>, case: &entity::case::Model) -> Result<Option<Plan>> {
    Ok(query::present(ctx.db(), case).await.map_err(read_error)?.version.map(Plan))
}

/// The plan for your case: what happens next.
#[derive(SimpleObject)]
pub struct CustomerPlan {
    /// When the plan was made or last changed, UTC.
    changed_at: DateTime<Utc>,
    /// The steps, in the order in which they happen.
    steps: Vec<CustomerStep>,
}

/// A step of what happens next on your case.
#[derive(SimpleObject)]
pub struct CustomerStep {
    /// The id, opaque. It stays the same when the plan is changed and the step goes on.
    id: ID,
    /// What happens in this step, in words for you.
    what: String,
    /// By when it happens, UTC; null when no date was named.
    due_at: Option<DateTime<Utc>>,
    /// The day by the end of which it happens; null when a time was named, or no date.
    due_day: Option<Date>,
    /// When it was done, UTC; null until then.
    done_at: Option<DateTime<Utc>>,
    /// Whether we promised it by a date and did not keep it.
    broken: bool,
}

/// The present plan of a case as its customer sees it; none when there is none for them.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_customer(ctx: &Context<'_>, case: &entity::case::Model) -> Result<Option<CustomerPlan>> {
    let Present { version: Some(version), steps } = query::present(ctx.db(), case).await.map_err(read_error)? else {
        return Ok(None);
    };
    let mut shown = Vec::with_capacity(steps.len());
    for step in steps {
        let promise = promise(ctx, &step).await?;
        // A step whose commitment was withdrawn has no date.
        let promise = promise.as_ref().filter(|row| row.state != CommitmentState::Withdrawn);
        shown.push(CustomerStep {
            id: to_id(step.id),
            what: step.what,
            due_at: promise.map(|row| row.due_at),
            due_day: promise.and_then(|row| row.due_day).map(Date),
            done_at: step.done_at.or(promise.and_then(|row| row.done_at)),
            broken: promise.is_some_and(|row| row.state == CommitmentState::Broken),
        });
    }
    Ok(Some(CustomerPlan { changed_at: version.made_at, steps: shown }))
}

/// A step of a plan that is set.
#[derive(InputObject)]
pub struct PlanStepInput {
    /// The step of the present plan that goes on; a new step when left out.
    step_id: Option<ID>,
    /// What happens, as the customer reads it: "A new mat is sent to you"; 1 to 500 characters. When left out, a step
    /// that goes on keeps its words.
    what: Option<String>,
    /// The time or the day by which it happens, which makes the step a commitment to the customer. When left out, a
    /// step that goes on keeps its date, and a new one has none.
    due: Option<CommitmentDueInput>,
    /// The partner's task that the step depends on, which the customer does not see. When left out, a step that goes on
    /// keeps its task.
    task_id: Option<ID>,
    /// How the customer agreed to another date than the one they were told before: "By telephone"; at most 500
    /// characters, for staff. Required when the date of a step is changed whose time has not ended.
    agreed: Option<String>,
}

/// The input of `setPlan`.
#[derive(InputObject)]
pub struct SetPlanInput {
    /// The case whose plan is set.
    case_id: ID,
    /// The steps, in order: 1 to 20. Steps of the present plan that are not named are taken out.
    steps: Vec<PlanStepInput>,
    /// Why a step with a date is removed, as the customer reads it; at most 500 characters. Required when the time of
    /// such a step has not ended.
    reason: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `completeStep`.
#[derive(InputObject)]
pub struct CompleteStepInput {
    /// The step of the present plan that was done.
    step_id: ID,
    /// What shows that it was done; 1 to 1,000 characters, for staff. It is kept with the commitment, and as a note
    /// where the step has no date.
    evidence: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setPlan`.
    SetPlanPayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `completeStep`.
    CompleteStepPayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}

/// Acts on plans.
#[derive(Default)]
pub struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Sets the plan of a case: what happens next. Each change is a new version, which the customer sees at once; all
    /// changes within ten minutes are told in one short letter, if the seller has a mailbox and an address is known.
    /// The letter is no contact and moves no date. A step with a date is a commitment to the customer; a date or a task
    /// of a step can be changed and not removed. `INVALID_TRANSITION` when the case is closed or merged; `INVALID` when
    /// the plan has 200 versions; `NOT_FOUND` for a step that is not in the present plan, or a task of another case.
    /// For the case's owner and managers.
    async fn set_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The steps of the plan.")] input: SetPlanInput,
    ) -> Result<SetPlanPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let mut steps = Vec::with_capacity(input.steps.len());
            for (index, step) in input.steps.iter().enumerate() {
                let (step_field, task_field) = (format!("steps.{index}.stepId"), format!("steps.{index}.taskId"));
                steps.push(acts::NewStep {
                    step: step.step_id.as_ref().map(|text| id::<StepId>(text, &step_field)).transpose()?,
                    what: step.what.clone(),
                    due: step.due.map(Into::into),
                    task: step.task_id.as_ref().map(|text| id::<TaskId>(text, &task_field)).transpose()?,
                    agreed: step.agreed.clone(),
                });
            }
            acts::set(work, case, &steps, input.reason.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Notes that a step of the present plan was done. If it has a date, its commitment is kept by it, or stays broken
    /// when the time has ended. `NOT_FOUND` when it is not in the present plan; `INVALID_TRANSITION` when it is done
    /// already, or its commitment was withdrawn. For the case's owner and managers.
    async fn complete_step(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The step, and what shows that it was done.")] input: CompleteStepInput,
    ) -> Result<CompleteStepPayload> {
        let done = act(ctx, async move |work| {
            acts::complete(work, id::<StepId>(&input.step_id, "stepId")?, &input.evidence).await
        });
        Ok(done.await?.into())
    }
}
