//! Acts on tasks.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::case_task;
use entity::id::{PartnerContactId, TaskId, TaskUpdateId, UploadId};
use entity::kind::{Cause, CustomerField};

use crate::access::table::shown;
use crate::case::OutgoingMessage;
use crate::graphql::commitment::{CommitmentDueInput, CommitmentInput};
use crate::graphql::context::{ContextExt, act, id, ids, to_id, user_errors};
use crate::graphql::documents::meter::{for_bytes, pay};
use crate::graphql::error::payload;
use crate::graphql::message::Message;
use crate::graphql::scalar::Base64;
use crate::graphql::task::CaseTask;
use crate::kit::error::Problem;
use crate::kit::upload::Upload;
use crate::task::TaskRequest;
use crate::task::answer::{Claim, SentWith, TaskAnswer};

/// The input of `requestTask`.
#[derive(InputObject)]
pub struct RequestTaskInput {
    /// The id of the case.
    case_id: ID,
    /// The id of the partner that is asked: an active partner of the case's seller.
    partner_id: ID,
    /// The title of the task, in a few words; 1 to 200 characters.
    title: String,
    /// What the partner is asked to do; 1 to 5,000 characters. The partner reads it, so mention no more of the customer
    /// than the task needs.
    asked: String,
    /// The time by which the partner must have accepted, UTC: in the future, and not after `dueAt`. When left out, it
    /// is set by `partnerAccepts` of the case's times, else 24 hours from now, or `dueAt` if that is sooner.
    accept_by: Option<DateTime<Utc>>,
    /// The interval at which the partner sends updates once it has accepted, in hours, nights and holidays included: 1
    /// to 720; 72 when left out.
    update_every_hours: Option<i32>,
    /// The time by which the task must be done, UTC: in the future, within two years.
    due_at: DateTime<Utc>,
    /// The customer's data that the partner may read while the task is open; nothing when left out.
    share: Option<ShareInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The parts of a customer's data that a partner may read, and why.
#[derive(InputObject, Clone)]
pub struct ShareInput {
    /// The parts of the customer's data that are shared.
    fields: Vec<CustomerField>,
    /// Why the partner must know it; 1 to 500 characters. The partner sees the reason, and the customer may ask for it.
    reason: String,
}

/// A partner's claim about the cause.
#[derive(InputObject, Clone)]
pub struct ClaimInput {
    /// Who or what caused it, as the partner sees it.
    cause: Cause,
    /// The claim in your own words; 1 to 5,000 characters.
    text: String,
}

/// A file that is sent with an update.
#[derive(InputObject)]
pub struct FileInput {
    /// The name of the file; 1 to 200 characters.
    name: String,
    /// The media type that the sender states, such as "image/jpeg"; `application/octet-stream` when left out. It is not
    /// trusted.
    content_type: Option<String>,
    /// The bytes of the file.
    content: Base64,
}

/// The input of `withdrawTask`.
#[derive(InputObject)]
pub struct WithdrawTaskInput {
    /// The id of the task.
    task_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `acceptTask`.
#[derive(InputObject)]
pub struct AcceptTaskInput {
    /// The id of the task.
    task_id: ID,
    /// The time at which you expect it to be done, UTC: in the future, within two years. It may be left out.
    eta: Option<DateTime<Utc>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `updateTask`.
#[derive(InputObject)]
pub struct UpdateTaskInput {
    /// The id of the task.
    task_id: ID,
    /// How the task is going; 1 to 5,000 characters. The owner reads it, the customer does not.
    text: String,
    /// The time at which you now expect it to be done, UTC: in the future, within two years. When left out, the last
    /// one stays.
    eta: Option<DateTime<Utc>>,
    /// Files for the owner: at most 10, together at most 20 MiB and no more than one request may hold.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Your claim about the cause. It is kept as a statement and decides nothing.
    claim: Option<ClaimInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `completeTask`.
#[derive(InputObject)]
pub struct CompleteTaskInput {
    /// The id of the task.
    task_id: ID,
    /// The result of the task; 1 to 5,000 characters.
    result: String,
    /// Your claim about the cause. It is kept as a statement and decides nothing.
    claim: Option<ClaimInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `declineTask`.
#[derive(InputObject)]
pub struct DeclineTaskInput {
    /// The id of the task.
    task_id: ID,
    /// Why you decline it, for the owner; 1 to 5,000 characters.
    reason: String,
    /// Your claim about the cause. It is kept as a statement and decides nothing.
    claim: Option<ClaimInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `assignTask`.
#[derive(InputObject)]
pub struct AssignTaskInput {
    /// The id of the task.
    task_id: ID,
    /// The id of an active person at your company who does the task; nobody when left out.
    partner_contact_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `remindTask`.
#[derive(InputObject)]
pub struct RemindTaskInput {
    /// The id of the task.
    task_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `publishTaskUpdate`.
#[derive(InputObject)]
pub struct PublishTaskUpdateInput {
    /// The id of the partner's update.
    task_update_id: ID,
    /// Your message to the customer; 1 to 20,000 characters. Nothing that the partner wrote reaches the customer.
    text: String,
    /// What the message promises, each with a date; at most 10.
    #[graphql(default)]
    commitments: Vec<CommitmentInput>,
    /// By when the customer hears from you next: in the future, within 183 days. They see it, and it is a commitment.
    /// When left out, it is the time of the service level (`nextContact`). Ignored when the case is closed, and when no
    /// address is known to mail the message to: it is then no contact.
    next_contact_by: Option<CommitmentDueInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
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
    /// The answer to `declineTask`. You cannot read the task itself any more.
    DeclineTaskPayload {
        /// The id of the declined task.
        declined_task_id: ID
    }
}
payload! {
    /// The answer to `publishTaskUpdate`.
    PublishTaskUpdatePayload {
        /// The message that the customer reads.
        message: Message
    }
}

pub(in crate::graphql) fn claimed(claim: Option<ClaimInput>) -> Option<Claim> {
    claim.map(|claim| Claim { cause: claim.cause, text: claim.text })
}

impl From<FileInput> for Upload {
    fn from(file: FileInput) -> Self {
        Self { name: file.name, content_type: file.content_type, bytes: file.content.0.into() }
    }
}

/// The files of the request, and those that were uploaded before.
pub(in crate::graphql) fn sent_with(
    ctx: &Context<'_>,
    files: Vec<Upload>,
    uploads: &[ID],
) -> std::result::Result<SentWith, Vec<crate::graphql::error::UserError>> {
    let uploads = ids::<UploadId>(uploads, "uploadIds").map_err(|problem| user_errors(ctx, vec![problem]))?;
    Ok(SentWith { files, uploads })
}

/// The task that an act returns, if its partner may still see it. When a request is repeated after the task was
/// withdrawn, the answer is `NOT_FOUND`.
pub(in crate::graphql) fn still_theirs(
    ctx: &Context<'_>,
    done: std::result::Result<case_task::Model, Vec<crate::graphql::error::UserError>>,
) -> std::result::Result<case_task::Model, Vec<crate::graphql::error::UserError>> {
    match done {
        Ok(task) if !shown(ctx.actor(), &task) => Err(user_errors(ctx, vec![Problem::not_found("taskId")])),
        done => done,
    }
}

async fn answer(
    ctx: &Context<'_>,
    task: ID,
    given: TaskAnswer,
    claim: Option<ClaimInput>,
) -> Result<std::result::Result<case_task::Model, Vec<crate::graphql::error::UserError>>> {
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
    /// Requests a task from a partner. The stage of the case becomes `INVESTIGATING`. Fails with `INVALID_TRANSITION`
    /// when the case is closed. For the case's owner and managers.
    async fn request_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, the case and the partner.")] input: RequestTaskInput,
    ) -> Result<RequestTaskPayload> {
        let done = act(ctx, async move |work| {
            let share = input.share.clone();
            let ask = TaskRequest {
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

    /// Withdraws a task. The partner cannot see it any more. Fails with `INVALID_TRANSITION` when it has ended. For the
    /// case's owner and managers.
    async fn withdraw_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task to withdraw.")] input: WithdrawTaskInput,
    ) -> Result<WithdrawTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            crate::task::withdraw(work, task).await
        });
        Ok(done.await?.into())
    }

    /// Accepts a task, optionally with the time at which it is expected to be done. Fails with `INVALID_TRANSITION`
    /// unless its status is `REQUESTED`. For the partner.
    async fn accept_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and when it will be done.")] input: AcceptTaskInput,
    ) -> Result<AcceptTaskPayload> {
        let done = answer(ctx, input.task_id, TaskAnswer::Accept { eta: input.eta }, None).await?;
        Ok(still_theirs(ctx, done).into())
    }

    /// Sends the owner an update of a task. Its status becomes `IN_PROGRESS`. Fails with `INVALID_TRANSITION` before
    /// the task is accepted and after it has ended. For the partner.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and how it is going.")] input: UpdateTaskInput,
    ) -> Result<UpdateTaskPayload> {
        let files: Vec<Upload> = input.attachments.into_iter().map(Into::into).collect();
        pay(ctx, for_bytes(files.iter().map(|file| file.bytes.len()).sum()))?;
        let files = match sent_with(ctx, files, &input.upload_ids) {
            Ok(files) => files,
            Err(errors) => return Ok(Err::<case_task::Model, _>(errors).into()),
        };
        let told = TaskAnswer::Update { text: input.text, eta: input.eta, files };
        Ok(still_theirs(ctx, answer(ctx, input.task_id, told, input.claim).await?).into())
    }

    /// Reports a task done. Fails with `INVALID_TRANSITION` before the task is accepted and after it has ended. For the
    /// partner.
    async fn complete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and its result.")] input: CompleteTaskInput,
    ) -> Result<CompleteTaskPayload> {
        let done = answer(ctx, input.task_id, TaskAnswer::Complete { result: input.result }, input.claim).await?;
        Ok(still_theirs(ctx, done).into())
    }

    /// Declines a task with a reason. The owner is told at once, the case keeps its owner, and the customer sees
    /// nothing of it. You cannot see the task any more. Fails with `INVALID_TRANSITION` when it has ended. For the
    /// partner.
    async fn decline_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and the reason.")] input: DeclineTaskInput,
    ) -> Result<DeclineTaskPayload> {
        let done = answer(ctx, input.task_id, TaskAnswer::Decline { reason: input.reason }, input.claim).await?;
        Ok(done.map(|task| to_id(task.id)).into())
    }

    /// Says which person at your company does a task. Fails with `INVALID_TRANSITION` when it has ended. For the
    /// partner.
    async fn assign_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and the person.")] input: AssignTaskInput,
    ) -> Result<AssignTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            let to = input.partner_contact_id.as_ref();
            let to = to.map(|text| id::<PartnerContactId>(text, "partnerContactId")).transpose()?;
            crate::task::answer::assign(work, task, to).await
        });
        Ok(still_theirs(ctx, done.await?).into())
    }

    /// Reminds the partner of a task. Fails with `INVALID_TRANSITION` when it has ended. For the case's owner and
    /// managers.
    async fn remind_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task to remind of.")] input: RemindTaskInput,
    ) -> Result<RemindTaskPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            crate::task::remind(work, task).await
        });
        Ok(done.await?.into())
    }

    /// Writes to the customer about a partner's update, in your own words. Nothing that a partner writes reaches the
    /// customer by itself. For the case's owner and managers.
    async fn publish_task_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The update, and your message.")] input: PublishTaskUpdateInput,
    ) -> Result<PublishTaskUpdatePayload> {
        let done = act(ctx, async move |work| {
            let update = id::<TaskUpdateId>(&input.task_update_id, "taskUpdateId")?;
            let promised = CommitmentInput::promised(&input.commitments);
            let next = input.next_contact_by.map(Into::into);
            let told = OutgoingMessage { words: &input.text, promised: &promised, next, apology: None, uploads: &[] };
            Ok(crate::case::publish(work, update, &told).await?.1)
        });
        Ok(done.await?.into())
    }
}
