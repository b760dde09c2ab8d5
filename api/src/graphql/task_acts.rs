//! What is done to a partner's part of a case.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::case_task;
use entity::id::{PartnerContactId, TaskId, TaskUpdateId};
use entity::kind::{Cause, CustomerField};

use super::context::{ContextExt, act, id, to_id, user_errors};
use super::error::payload;
use super::message::Message;
use super::meter::{for_bytes, pay};
use super::scalar::Base64;
use super::task::CaseTask;
use crate::access::table::shown;
use crate::kit::error::Problem;
use crate::kit::upload::Upload;
use crate::task::Ask;
use crate::task::answer::{Answer, Claim};

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
    /// How often the partner tells how it goes once it has accepted, in hours: 1 to 720; 72 when left out.
    update_every_hours: Option<i32>,
    /// By when it must be done, UTC.
    due_at: DateTime<Utc>,
    /// What of the customer the partner may read while the task is open; nothing when left out.
    share: Option<ShareInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// What of a customer a partner may read, and why.
#[derive(InputObject, Clone)]
pub struct ShareInput {
    /// What.
    fields: Vec<CustomerField>,
    /// Why the partner must know it; 1 to 500 characters. The partner sees it, and the customer may ask.
    reason: String,
}

/// What a partner takes for the cause.
#[derive(InputObject, Clone)]
pub struct ClaimInput {
    /// Whose fault it was, in one word.
    cause: Cause,
    /// In your own words; 1 to 5,000 characters.
    text: String,
}

/// A file sent along.
#[derive(InputObject)]
pub struct FileInput {
    /// What it is called; 1 to 200 characters.
    name: String,
    /// What it is said to be, such as "image/jpeg". Never trusted.
    content_type: Option<String>,
    /// The bytes.
    content: Base64,
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
    /// Files for the owner: at most 10, of 20 MB in all and no more than a request may hold.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// What you take for the cause; kept as your statement, a claim beside others.
    claim: Option<ClaimInput>,
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
    /// What you take for the cause; kept as your statement, a claim beside others.
    claim: Option<ClaimInput>,
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
    /// What you take for the cause; kept as your statement, a claim beside others.
    claim: Option<ClaimInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Says who of your people does a task.
#[derive(InputObject)]
pub struct AssignTaskInput {
    /// Which.
    task_id: ID,
    /// Who; nobody in particular when left out.
    partner_contact_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Reminds a partner of a task.
#[derive(InputObject)]
pub struct RemindTaskInput {
    /// Which.
    task_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Turns what a partner told into words for the customer.
#[derive(InputObject)]
pub struct PublishTaskUpdateInput {
    /// What the partner told.
    task_update_id: ID,
    /// Your words for the customer; 1 to 20,000 characters. Nothing of the partner's own reaches them.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
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
    AssignTaskPayload, "The answer to `assignTask`.";
    RemindTaskPayload, "The answer to `remindTask`.";
}

payload! {
    /// The answer to `declineTask`. The task itself is yours no more.
    DeclineTaskPayload {
        /// Which task it was.
        declined_task_id: ID
    }
}
payload! {
    /// The answer to `publishTaskUpdate`.
    PublishTaskUpdatePayload {
        /// What the customer reads.
        message: Message
    }
}

pub(super) fn claimed(claim: Option<ClaimInput>) -> Option<Claim> {
    claim.map(|claim| Claim { cause: claim.cause, text: claim.text })
}

impl From<FileInput> for Upload {
    fn from(file: FileInput) -> Self {
        Self { name: file.name, content_type: file.content_type, bytes: file.content.0.into() }
    }
}

/// The task that came of an act, if it is still its partner's: a request repeated after it was taken back finds it no more.
pub(super) fn still_theirs(
    ctx: &Context<'_>,
    done: std::result::Result<case_task::Model, Vec<super::error::UserError>>,
) -> std::result::Result<case_task::Model, Vec<super::error::UserError>> {
    match done {
        Ok(task) if !shown(ctx.actor(), &task) => Err(user_errors(ctx, vec![Problem::not_found("taskId")])),
        done => done,
    }
}

async fn answer(
    ctx: &Context<'_>,
    task: ID,
    given: Answer,
    claim: Option<ClaimInput>,
) -> Result<std::result::Result<case_task::Model, Vec<super::error::UserError>>> {
    let claim = claimed(claim);
    act(ctx, async move |work| {
        let task = id::<TaskId>(&task, "taskId")?;
        crate::task::answer::answer(work, task, &given, claim.as_ref()).await
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
        let done = act(ctx, async move |work| {
            let share = input.share.clone();
            let ask = Ask {
                case: id(&input.case_id, "caseId")?,
                partner: id(&input.partner_id, "partnerId")?,
                title: input.title.clone(),
                asked: input.asked.clone(),
                accept_by: input.accept_by,
                update_every_hours: input.update_every_hours,
                due_at: input.due_at,
                share_reason: share.as_ref().map(|share| share.reason.clone()),
                share: share.map(|share| share.fields).unwrap_or_default(),
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
        let done = answer(ctx, input.task_id, Answer::Accept { eta: input.eta }, None).await?;
        Ok(still_theirs(ctx, done).into())
    }

    /// Tells the owner how a task goes. For the partner.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: UpdateTaskInput,
    ) -> Result<UpdateTaskPayload> {
        let files: Vec<Upload> = input.attachments.into_iter().map(Into::into).collect();
        pay(ctx, for_bytes(files.iter().map(|file| file.bytes.len()).sum()))?;
        let told = Answer::Update { text: input.text, eta: input.eta, files };
        Ok(still_theirs(ctx, answer(ctx, input.task_id, told, input.claim).await?).into())
    }

    /// Reports a task done. For the partner.
    async fn complete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what result.")] input: CompleteTaskInput,
    ) -> Result<CompleteTaskPayload> {
        let done = answer(ctx, input.task_id, Answer::Complete { result: input.result }, input.claim).await?;
        Ok(still_theirs(ctx, done).into())
    }

    /// Refuses a task with a reason. The owner is told at once; the case keeps its owner and the customer sees nothing of
    /// it. For the partner.
    async fn decline_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: DeclineTaskInput,
    ) -> Result<DeclineTaskPayload> {
        let done = answer(ctx, input.task_id, Answer::Decline { reason: input.reason }, input.claim).await?;
        Ok(done.map(|task| to_id(task.id)).into())
    }

    /// Says who of your people does a task. For the partner.
    async fn assign_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and who.")] input: AssignTaskInput,
    ) -> Result<AssignTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            let to = input.partner_contact_id.as_ref();
            let to = to.map(|text| id::<PartnerContactId>(text, "partnerContactId")).transpose()?;
            crate::task::answer::assign(work, task, to).await
        });
        Ok(still_theirs(ctx, done.await?).into())
    }

    /// Reminds the partner of a task that waits. For the case's owner and managers.
    async fn remind_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RemindTaskInput,
    ) -> Result<RemindTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            crate::task::remind(work, task).await
        });
        Ok(done.await?.into())
    }

    /// Turns what a partner told into your words for the customer, who hears the owner and nobody else. Nothing passes
    /// unasked. For the case's owner and managers.
    async fn publish_task_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was told, and your words.")] input: PublishTaskUpdateInput,
    ) -> Result<PublishTaskUpdatePayload> {
        let done = act(ctx, async move |work| {
            let update = id::<TaskUpdateId>(&input.task_update_id, "taskUpdateId")?;
            Ok(crate::case::publish(work, update, &input.text).await?.1)
        });
        Ok(done.await?.into())
    }
}
