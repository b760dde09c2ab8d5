//! What is done to a partner's part of a case.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::case_task;
use entity::id::TaskId;

use super::context::{act, id};
use super::error::payload;
use super::task::CaseTask;
use crate::task::{Answer, Ask};

/// Asks a partner to do its part.
#[derive(InputObject)]
pub struct RequestTaskInput {
    /// On which case.
    case_id: ID,
    /// Whom.
    partner_id: ID,
    /// In a few words; 1 to 200 characters.
    title: String,
    /// What exactly; 1 to 5,000 characters. The partner sees it; share no more of the customer than the task needs.
    asked: String,
    /// By when the partner must have accepted, UTC; 24 hours from now when left out, or `dueAt` if that is sooner.
    accept_by: Option<DateTime<Utc>>,
    /// By when it must be done, UTC.
    due_at: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Takes a task back.
#[derive(InputObject)]
pub struct WithdrawTaskInput {
    /// Which.
    task_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Takes a task on.
#[derive(InputObject)]
pub struct AcceptTaskInput {
    /// Which.
    task_id: ID,
    /// When you expect it to be done, UTC.
    eta: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Tells how a task goes.
#[derive(InputObject)]
pub struct UpdateTaskInput {
    /// Which.
    task_id: ID,
    /// How it goes; 1 to 5,000 characters. The owner reads it, the customer does not.
    text: String,
    /// When you now expect it to be done, UTC; left out, the last word stands.
    eta: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Reports a task done.
#[derive(InputObject)]
pub struct CompleteTaskInput {
    /// Which.
    task_id: ID,
    /// What came of it; 1 to 5,000 characters.
    result: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Refuses a task.
#[derive(InputObject)]
pub struct DeclineTaskInput {
    /// Which.
    task_id: ID,
    /// Why, for the owner; 1 to 5,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

macro_rules! task_payload {
    ($($name:ident, $doc:literal;)*) => {$(
        payload! {
            #[doc = $doc]
            $name {
                /// The task as it is now.
                task: CaseTask
            }
        }
    )*};
}

task_payload! {
    RequestTaskPayload, "The answer to `requestTask`.";
    WithdrawTaskPayload, "The answer to `withdrawTask`.";
    AcceptTaskPayload, "The answer to `acceptTask`.";
    UpdateTaskPayload, "The answer to `updateTask`.";
    CompleteTaskPayload, "The answer to `completeTask`.";
    DeclineTaskPayload, "The answer to `declineTask`.";
}

async fn answer(
    ctx: &Context<'_>,
    task: ID,
    given: Answer,
) -> Result<std::result::Result<case_task::Model, Vec<super::error::UserError>>> {
    act(ctx, async move |work| {
        let task = id::<TaskId>(&task, "taskId")?;
        crate::task::answer(work, task, &given).await
    })
    .await
}

/// Acts on tasks.
#[derive(Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Asks a partner to do its part; the case is then under investigation. For the case's owner and managers.
    async fn request_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, of whom, by when.")] input: RequestTaskInput,
    ) -> Result<RequestTaskPayload> {
        let RequestTaskInput { case_id, partner_id, title, asked, accept_by, due_at, .. } = input;
        let done = act(ctx, async move |work| {
            let (title, asked) = (title.clone(), asked.clone());
            let ask = Ask {
                case: id(&case_id, "caseId")?,
                partner: id(&partner_id, "partnerId")?,
                title,
                asked,
                accept_by,
                due_at,
            };
            crate::task::request(work, &ask).await
        });
        Ok(done.await?.into())
    }

    /// Takes a task back. For the case's owner and managers.
    async fn withdraw_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: WithdrawTaskInput,
    ) -> Result<WithdrawTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            crate::task::withdraw(work, task).await
        });
        Ok(done.await?.into())
    }

    /// Takes a task on, perhaps with the time it is expected to be done. For the partner.
    async fn accept_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and by when.")] input: AcceptTaskInput,
    ) -> Result<AcceptTaskPayload> {
        Ok(answer(ctx, input.task_id, Answer::Accept { eta: input.eta }).await?.into())
    }

    /// Tells the owner how a task goes. For the partner.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: UpdateTaskInput,
    ) -> Result<UpdateTaskPayload> {
        Ok(answer(ctx, input.task_id, Answer::Update { text: input.text, eta: input.eta }).await?.into())
    }

    /// Reports a task done. For the partner.
    async fn complete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what result.")] input: CompleteTaskInput,
    ) -> Result<CompleteTaskPayload> {
        Ok(answer(ctx, input.task_id, Answer::Complete { result: input.result }).await?.into())
    }

    /// Refuses a task with a reason. The owner is told at once; the case keeps its owner and the customer sees nothing of
    /// it. For the partner.
    async fn decline_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: DeclineTaskInput,
    ) -> Result<DeclineTaskPayload> {
        Ok(answer(ctx, input.task_id, Answer::Decline { reason: input.reason }).await?.into())
    }
}
