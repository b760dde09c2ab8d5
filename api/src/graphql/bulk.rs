//! Many answers of a partner's system at once: each is an act of its own, and one that fails does not stop the others.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::TaskId;
use serde_json::Value;

use super::context::{act_on, id, user_errors};
use super::error::UserError;
use super::task::CaseTask;
use super::task_acts::{ClaimInput, still_theirs};
use crate::kit::error::{ErrorCode, Problem};
use crate::task::answer::{Answer, answer};

/// Answers in one request at most.
const MOST: usize = 100;

/// What is answered.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum TaskAnswerKind {
    /// As `acceptTask`.
    Accept,
    /// As `updateTask`; `text` is how it goes.
    Update,
    /// As `completeTask`; `text` is the result.
    Complete,
    /// As `declineTask`; `text` is the reason.
    Decline,
}

/// One answer of many.
#[derive(InputObject)]
pub struct TaskAnswerInput {
    /// To which task.
    task_id: ID,
    /// What.
    answer: TaskAnswerKind,
    /// The words; needed for all but `ACCEPT`.
    text: Option<String>,
    /// When you expect it to be done, UTC; for `ACCEPT` and `UPDATE`.
    eta: Option<DateTime<Utc>>,
    /// What you take for the cause; kept as your statement, a claim beside others.
    claim: Option<ClaimInput>,
    /// A key of this answer alone; the whole request's key and its place in the list when left out.
    idempotency_key: Option<String>,
    /// The version you act on: when the task has another by now, this answer changes nothing and you are told.
    expected_version: Option<i32>,
}

/// Many answers.
#[derive(InputObject)]
pub struct UpdateTasksInput {
    /// The answers, at most 100, in the order they are to happen.
    items: Vec<TaskAnswerInput>,
    /// Makes a repeated request harmless: the same key gives the same answers for seven days; 1 to 120 characters.
    idempotency_key: Option<String>,
}

/// What became of one answer.
#[derive(SimpleObject)]
pub struct TaskAnswerResult {
    /// Which task it was to.
    task_id: ID,
    /// The task as it is now; null when nothing was changed, and after `DECLINE`, by which it is yours no more.
    task: Option<CaseTask>,
    /// Why nothing was changed; empty when it was.
    user_errors: Vec<UserError>,
}

/// The answer to `updateTasks`.
#[derive(SimpleObject)]
pub struct UpdateTasksPayload {
    /// What became of each, in the order of `items`; null when nothing was tried.
    results: Option<Vec<TaskAnswerResult>>,
    /// Why nothing was tried; empty when it was. What was wrong with one answer stands in its result.
    user_errors: Vec<UserError>,
}

impl TaskAnswerInput {
    fn given(&self) -> Answer {
        let text = || self.text.clone().unwrap_or_default();
        match self.answer {
            TaskAnswerKind::Accept => Answer::Accept { eta: self.eta },
            TaskAnswerKind::Update => Answer::Update { text: text(), eta: self.eta, files: Vec::new() },
            TaskAnswerKind::Complete => Answer::Complete { result: text() },
            TaskAnswerKind::Decline => Answer::Decline { reason: text() },
        }
    }
}

/// Many acts at once.
#[derive(Default)]
pub struct BulkMutation;

#[Object]
impl BulkMutation {
    /// Answers up to 100 tasks, one after the other; one that fails does not stop the others. If the request itself fails
    /// half-way, repeat it with the same key. For partners' people and systems.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn update_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answers.")] input: UpdateTasksInput,
    ) -> Result<UpdateTasksPayload> {
        if input.items.len() > MOST {
            let (en, sv) = ("At most 100 answers in one request.", "Högst 100 svar i en begäran.");
            let problem = Problem::new(ErrorCode::TooLong, "items", en, sv);
            return Ok(UpdateTasksPayload { results: None, user_errors: user_errors(ctx, vec![problem]) });
        }
        // Each is an act; the first is paid for with the fields.
        let more = u32::try_from(input.items.len()).unwrap_or(u32::MAX).saturating_sub(1);
        super::meter::pay(ctx, more.saturating_mul(super::meter::ACT))?;
        let mut items = super::context::input(ctx)?.get_mut("items").map(Value::take).unwrap_or_default();
        let mut results = Vec::with_capacity(input.items.len());
        for (place, item) in input.items.into_iter().enumerate() {
            let whole = || input.idempotency_key.as_ref().map(|key| format!("{key}/{place}"));
            let key = item.idempotency_key.clone().or_else(whole);
            let as_sent = items.get_mut(place).map(Value::take).unwrap_or_default();
            let claim = super::task_acts::claimed(item.claim.clone());
            let (given, task) = (item.given(), item.task_id.clone());
            let done = act_on(ctx, as_sent, key.as_deref(), async move |work| {
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
