//! Messages between the owner and the partner of a task, refusals of completions, and what the owner shares later.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{AttachmentId, TaskId};
use entity::kind::CustomerField;
use entity::{case_task, task_message, task_share};

use crate::graphql::context::{ContextExt, act, id, ids, read_error, to_id};
use crate::graphql::documents::meter::{for_bytes, pay};
use crate::graphql::error::{UserError, payload};
use crate::graphql::party::Party;
use crate::graphql::report::file::Attachment;
use crate::graphql::task::CaseTask;
use crate::graphql::task::acts::{FileInput, sent_with, still_theirs};
use crate::kit::actor::Actor;
use crate::kit::upload::Upload;
use crate::task::share::Sharing;
use crate::task::talk::Words;

/// A message between the owner of a case and a partner about its task. The customer never sees it.
#[derive(Clone)]
pub struct TaskMessage(pub task_message::Model);

/// A message between the owner of a case and a partner about its task. The customer never sees it.
#[Object]
impl TaskMessage {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The party that wrote it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// The text of the message.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The time by which the other side is to answer, UTC; null when the message is not a question.
    async fn answer_by(&self) -> Option<DateTime<Utc>> {
        self.0.answer_by
    }

    /// When the question was answered, UTC: by a message of the other side, by a partner's update or report that the
    /// task is done, or by the owner's refusal of such a report. Null until then, and when the message is not a
    /// question.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The result that the partner had reported and that the owner refused with this message (`rejectCompletion`); null
    /// for other messages.
    async fn refused_result(&self) -> Option<&str> {
        self.0.refused_result.as_deref()
    }

    /// The files that came with it.
    #[graphql(complexity = "crate::graphql::page::list_cost(2, child_complexity)")]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        let rows = ctx.loaders().message_files.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Attachment).collect())
    }

    /// When it was written, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// What the owner shared with a partner at one time, and why.
pub struct TaskSharing(pub task_share::Model);

/// What the owner shared with a partner at one time, and why.
#[Object]
impl TaskSharing {
    /// The id, opaque.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The parts of the customer's data that were shared; empty when only files were.
    async fn fields(&self) -> &[CustomerField] {
        &self.0.fields.0
    }

    /// Why the partner must know it. The customer may ask.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was shared, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// The input of `writeToTask`.
#[derive(InputObject)]
pub struct WriteToTaskInput {
    /// The id of the task.
    task_id: ID,
    /// The text; 1 to 5,000 characters. Staff and the partner read it, the customer does not.
    text: String,
    /// For a question: the time by which the other side is to answer, UTC, in the future, within two years. When it
    /// passes, the owner is told that the partner is late, or the owner's lead that the partner waits.
    answer_by: Option<DateTime<Utc>>,
    /// Files for the other side: at most 10, together at most 20 MiB and no more than one request may hold.
    #[graphql(default)]
    attachments: Vec<FileInput>,
    /// Files that you uploaded before (`createUpload`), by their ids, at most 10: complete, not attached to anything
    /// else, and uploaded with this credential within a day.
    #[graphql(default)]
    upload_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `rejectCompletion`.
#[derive(InputObject)]
pub struct RejectCompletionInput {
    /// The id of the task that was reported done.
    task_id: ID,
    /// What is missing, for the partner; 1 to 5,000 characters.
    missing: String,
    /// The time by which the task must be done now, UTC: in the future, within two years.
    due_at: DateTime<Utc>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `shareWithPartner`.
#[derive(InputObject)]
pub struct ShareWithPartnerInput {
    /// The id of the task.
    task_id: ID,
    /// The parts of the customer's data that are shared in addition.
    #[graphql(default)]
    fields: Vec<CustomerField>,
    /// The ids of files of the case that the partner may fetch, such as the customer's photographs; at most 20.
    #[graphql(default)]
    file_ids: Vec<ID>,
    /// Why the partner must know it; 1 to 500 characters. The partner sees the reason, and the customer may ask for it.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `writeToTask`.
    WriteToTaskPayload {
        /// The task as it is now, with the message.
        task: CaseTask
    }
}

payload! {
    /// The answer to `rejectCompletion`.
    RejectCompletionPayload {
        /// The task as it is now.
        task: CaseTask
    }
}

payload! {
    /// The answer to `shareWithPartner`.
    ShareWithPartnerPayload {
        /// The task as it is now.
        task: CaseTask
    }
}

/// The task that an act of either side returns. `NOT_FOUND` for a partner that may not see it any more.
fn seen(
    ctx: &Context<'_>,
    done: std::result::Result<case_task::Model, Vec<UserError>>,
) -> std::result::Result<case_task::Model, Vec<UserError>> {
    if matches!(ctx.actor(), Actor::Partner { .. }) { still_theirs(ctx, done) } else { done }
}

/// Mutations of messages about tasks and of what is shared for them.
#[derive(Default)]
pub struct TaskTalkMutation;

#[Object]
impl TaskTalkMutation {
    /// Writes to the other side about a task, until its case is closed: the owner and managers to the partner, the
    /// partner to the owner. The customer never sees it. A message with `answerBy` is a question. Fails with
    /// `INVALID_TRANSITION` when the task was withdrawn or declined, or its case is closed.
    async fn write_to_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and your message.")] input: WriteToTaskInput,
    ) -> Result<WriteToTaskPayload> {
        let files: Vec<Upload> = input.attachments.into_iter().map(Into::into).collect();
        pay(ctx, for_bytes(files.iter().map(|file| file.bytes.len()).sum()))?;
        let files = match sent_with(ctx, files, &input.upload_ids) {
            Ok(files) => files,
            Err(errors) => return Ok(Err::<case_task::Model, _>(errors).into()),
        };
        let words = Words { text: input.text, answer_by: input.answer_by, files };
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            Ok(crate::task::talk::write(work, task, &words).await?.0)
        });
        Ok(seen(ctx, done.await?).into())
    }

    /// Refuses a reported completion: says what is missing, and by when it is to be done. The status becomes
    /// `IN_PROGRESS` again, and the refusal is counted in the partner's performance. Fails with `INVALID_TRANSITION`
    /// unless the status is `DONE` and the case open, and when the partner is not active any more. For the case's owner
    /// and managers.
    async fn reject_completion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, what is missing, and the new date.")] input: RejectCompletionInput,
    ) -> Result<RejectCompletionPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            crate::task::talk::reject(work, task, (&input.missing, input.due_at)).await
        });
        Ok(done.await?.into())
    }

    /// Shares more of the customer's data, or files of the case, with the partner of a task. It can read them while the
    /// task is open. Fails with `INVALID_TRANSITION` when the task has ended. For the case's owner and managers.
    async fn share_with_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, what is shared, and why.")] input: ShareWithPartnerInput,
    ) -> Result<ShareWithPartnerPayload> {
        let done = act(ctx, async move |work| {
            let task = id::<TaskId>(&input.task_id, "taskId")?;
            let files = ids::<AttachmentId>(&input.file_ids, "fileIds")?;
            let sharing = Sharing { fields: input.fields.clone(), files, reason: input.reason.clone() };
            crate::task::share::extend(work, task, &sharing).await
        });
        Ok(done.await?.into())
    }
}
