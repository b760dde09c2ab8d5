//! `updateTasks`: many answers to tasks in one request. Each answer is an act of its own, and one that fails does not
//! stop the others.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::TaskId;

use super::bulk::{Item, Part, parts};
use crate::graphql::context::{act_on, id};
use crate::graphql::error::UserError;
use crate::graphql::task::CaseTask;
use crate::graphql::task::acts::{ClaimInput, still_theirs};
use crate::task::answer::{SentWith, TaskAnswer, answer};

/// What a partner answers to a task.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum TaskAnswerKind {
    /// The partner accepts the task, as with `acceptTask`.
    Accept,
    /// The partner reports how the task is going, as with `updateTask`; `text` is the report.
    Update,
    /// The partner reports the task done, as with `completeTask`; `text` is the result.
    Complete,
    /// The partner declines the task, as with `declineTask`; `text` is the reason.
    Decline,
}

/// One of the answers of `updateTasks`.
#[derive(InputObject)]
pub struct TaskAnswerInput {
    /// The task that is answered.
    task_id: ID,
    /// The kind of the answer.
    answer: TaskAnswerKind,
    /// The text of the answer; 1 to 5,000 characters. Required for every answer but `ACCEPT`, which does not use it.
    text: Option<String>,
    /// When you expect the task to be done, UTC: in the future, within two years. Used by `ACCEPT` and `UPDATE`; when
    /// left out, the time that you gave before stays.
    eta: Option<DateTime<Utc>>,
    /// Your claim about the cause. It is kept as your statement, beside the statements of others.
    claim: Option<ClaimInput>,
    /// An idempotency key for this answer alone; 1 to 128 characters. When left out, the key of the whole request
    /// together with the place of the answer in `items` is used.
    idempotency_key: Option<String>,
    /// The version of the task that you read. If it has changed since, this answer changes nothing and its error's code
    /// is `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `updateTasks`: answers to up to 100 tasks.
#[derive(InputObject)]
pub struct UpdateTasksInput {
    /// The answers, at most 100. They are carried out in this order.
    items: Vec<TaskAnswerInput>,
    /// Makes a repeated request harmless: the same key gives the same answers for seven days; 1 to 120 characters.
    idempotency_key: Option<String>,
}

/// The result of one of the answers of `updateTasks`.
#[derive(SimpleObject)]
pub struct TaskAnswerResult {
    /// The task that was answered.
    task_id: ID,
    /// The task as it is now. Null when nothing was changed, and after `DECLINE`, because a declined task is no longer
    /// visible to the partner.
    task: Option<CaseTask>,
    /// The reasons why this answer changed nothing; empty when it took effect.
    user_errors: Vec<UserError>,
}

/// The answer to `updateTasks`.
#[derive(SimpleObject)]
pub struct UpdateTasksPayload {
    /// The result of each answer, in the order of `items`. Null when no answer was tried.
    results: Option<Vec<TaskAnswerResult>>,
    /// The reasons why no answer was tried; empty when they were tried. The errors of one answer are in its result.
    user_errors: Vec<UserError>,
}

impl TaskAnswerInput {
    fn as_answer(&self) -> TaskAnswer {
        let text = || self.text.clone().unwrap_or_default();
        match self.answer {
            TaskAnswerKind::Accept => TaskAnswer::Accept { eta: self.eta },
            TaskAnswerKind::Update => TaskAnswer::Update { text: text(), eta: self.eta, files: SentWith::default() },
            TaskAnswerKind::Complete => TaskAnswer::Complete { result: text() },
            TaskAnswerKind::Decline => TaskAnswer::Decline { reason: text() },
        }
    }
}

impl Item for TaskAnswerInput {
    fn key(&self) -> Option<String> {
        self.idempotency_key.clone()
    }
}

/// Mutations that answer many tasks at once.
#[derive(Default)]
pub struct TaskBulkMutation;

#[Object]
impl TaskBulkMutation {
    /// Answers up to 100 tasks, one after the other. An answer that fails does not stop the others. If the request
    /// itself fails half-way, repeat it with the same key: an answer that took effect is not carried out again. For
    /// people and systems of partners.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn update_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answers to the tasks.")] input: UpdateTasksInput,
    ) -> Result<UpdateTasksPayload> {
        let parts = match parts(ctx, input.items, input.idempotency_key.as_deref())? {
            Ok(parts) => parts,
            Err(user_errors) => return Ok(UpdateTasksPayload { results: None, user_errors }),
        };
        let mut results = Vec::with_capacity(parts.len());
        for Part { item, sent, key } in parts {
            let claim = crate::graphql::task::acts::claimed(item.claim.clone());
            let (given, task) = (item.as_answer(), item.task_id.clone());
            let done = act_on(ctx, sent, key.as_deref(), async move |work| {
                answer(work, id::<TaskId>(&task, "taskId")?, &given, claim.as_ref()).await
            });
            let done = done.await?;
            let declined = item.answer == TaskAnswerKind::Decline && done.is_ok();
            let (task, user_errors) = match if declined { Ok(None) } else { still_theirs(ctx, done).map(Some) } {
                Ok(task) => (task.map(CaseTask), Vec::new()),
                Err(errors) => (None, errors),
            };
            results.push(TaskAnswerResult { task_id: item.task_id, task, user_errors });
        }
        Ok(UpdateTasksPayload { results: Some(results), user_errors: Vec::new() })
    }
}
