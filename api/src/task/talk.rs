//! Messages between the owner and the partner about a task: messages, questions with a time for the answer, and
//! refusals of a reported completion. The customer sees none of it.

use chrono::{DateTime, Utc};
use entity::id::TaskId;
use entity::kind::{DueKind, PartyKind};
use entity::{case, case_task, due, partner, task_message};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::answer::{SentWith, files, restart_update_timer};
use super::decide::{self, TaskAct};
use super::{finish, in_the_future};
use crate::access::door;
use crate::access::storage::{self, Stores};
use crate::access::table::Action;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::texts;
use crate::timer;
use crate::upload::Holder;

/// The most messages of one task.
const MOST: u64 = 500;
/// The most characters of a message.
const LONGEST: usize = 5_000;

/// A message about a task.
#[derive(Debug, Clone)]
pub struct Words {
    /// The text.
    pub text: String,
    /// The time by which the other side is to answer; `None` when it is not a question.
    pub answer_by: Option<DateTime<Utc>>,
    /// Files for the other side.
    pub files: SentWith,
}

/// Writes to the other side about a task. It answers all open questions of the other side.
///
/// # Errors
/// `INVALID_TRANSITION` when the task was declined or withdrawn, or its case is closed; a problem with the field when
/// the text, the time or a file is not valid; `INVALID` when the task has too many messages.
pub async fn write(work: &mut Work, id: TaskId, words: &Words) -> Outcome<(case_task::Model, task_message::Model)> {
    let (mut task, case) = door::task(work, id, Action::WriteToTask, "taskId").await?;
    check_goes_on(work, &case).await?;
    task.status = decide::after(TaskAct::Write, task.status)?;
    check_room(work, &task).await?;
    let mut problems = Problems::default();
    let text = problems.check(required(&words.text, "text", LONGEST)).unwrap_or_default();
    if let Some(by) = words.answer_by {
        problems.check(in_the_future(by, work.now(), "answerBy"));
    }
    problems.refuse_if_any()?;
    let by_staff = work.actor().staff().is_some();
    answered(work, &task, !by_staff).await?;
    if let Some(by) = words.answer_by {
        if by_staff {
            check_active(work, &task).await?;
        }
        ask(work, &case, &task, (by_staff, by)).await?;
    }
    let row = task_message::Model { answer_by: words.answer_by, ..new_message(work, &task, text) };
    work.insert(row.clone());
    let taken = Stores { text: row.body.len(), files: words.files.size(), field: "attachments" };
    storage::take(work, taken).await?;
    files(work, &task, &words.files, Holder::TaskMessage(row.id)).await?;
    if by_staff {
        timer::acted(work, &case).await?;
    }
    let payload = Payload::TaskMessageAdded { task: id, partner: task.partner_id, message: row.id };
    Ok((finish(work, task, case, &[payload])?, row))
}

/// Refuses a reported completion: says what is missing, and by when it is to be done. The task continues.
///
/// # Errors
/// `INVALID_TRANSITION` when the task is not done, its case is closed, or the partner is not active; a problem with the
/// field when the text or the time is not valid.
pub async fn reject(
    work: &mut Work,
    id: TaskId,
    (missing, due_at): (&str, DateTime<Utc>),
) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::RequestTask, "taskId").await?;
    check_goes_on(work, &case).await?;
    task.status = decide::after(TaskAct::Reject, task.status)?;
    check_active(work, &task).await?;
    let mut problems = Problems::default();
    let missing = problems.check(required(missing, "missing", LONGEST)).unwrap_or_default();
    problems.check(in_the_future(due_at, work.now(), "dueAt"));
    problems.refuse_if_any()?;
    answered(work, &task, false).await?;
    let row = task_message::Model { refused_result: task.result.take(), ..new_message(work, &task, missing) };
    work.insert(row.clone());
    (task.ended_at, task.due_at) = (None, due_at);
    task.rejections += 1;
    restart_update_timer(work, &case, &mut task);
    timer::set_of(work, &case, id.0, DueKind::TaskDoneBy, due_at);
    timer::acted(work, &case).await?;
    let payload = Payload::TaskRejected { task: id, partner: task.partner_id, message: row.id, due: due_at };
    finish(work, task, case, &[payload])
}

/// Marks the open questions of one side as answered, because the other side has written, reported or refused something.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn answered(work: &mut Work, task: &case_task::Model, by_partner: bool) -> Outcome<()> {
    let rows = task_message::Entity::update_many()
        .col_expr(task_message::Column::AnsweredAt, Expr::value(work.now()))
        .filter(task_message::Column::TaskId.eq(task.id))
        .filter(task_message::Column::AnswerBy.is_not_null())
        .filter(task_message::Column::AnsweredAt.is_null())
        .filter(by_staff(by_partner));
    rows.exec(work.tx()?).await?;
    timer::stop_of(work, task.id.0, &[timer_of(by_partner)]);
    Ok(())
}

/// The kind of timer for the answers to questions of staff, or of the partner.
const fn timer_of(by_staff: bool) -> DueKind {
    if by_staff { DueKind::TaskAnswerBy } else { DueKind::TaskReplyBy }
}

fn by_staff(by_staff: bool) -> sea_orm::sea_query::Expr {
    if by_staff {
        task_message::Column::ByKind.eq(PartyKind::Staff)
    } else {
        task_message::Column::ByKind.ne(PartyKind::Staff)
    }
}

/// Sets the timer for the answer to the earliest time of this side's open questions. A timer about which somebody was
/// already informed is kept.
async fn ask(
    work: &mut Work,
    case: &case::Model,
    task: &case_task::Model,
    (staff, by): (bool, DateTime<Utc>),
) -> Outcome<()> {
    let kind = timer_of(staff);
    let known = work.find::<due::Model>((task.id.0, kind)).await?;
    if known.is_none_or(|known| known.level == 1 && known.at.is_some_and(|at| at > by)) {
        timer::set_of(work, case, task.id.0, kind, by);
    }
    Ok(())
}

/// Checks that the task has not reached the maximum of messages. A refusal of a completion is not checked, because
/// otherwise a task with many messages could not be refused.
async fn check_room(work: &Work, task: &case_task::Model) -> Outcome<()> {
    let known = task_message::Entity::find().filter(task_message::Column::TaskId.eq(task.id));
    if known.count(work.tx()?).await? < MOST {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Invalid, "taskId", texts::task::too_many_messages()).into())
}

/// A message by the actor.
fn new_message(work: &Work, task: &case_task::Model, body: String) -> task_message::Model {
    let (by_kind, by_id) = work.actor().party();
    task_message::Model {
        id: work.new_id(),
        task_id: task.id,
        by_kind,
        by_id,
        body,
        answer_by: None,
        answered_at: None,
        refused_result: None,
        at: work.now(),
    }
}

/// Refuses acts on a task when its case, or the one that it was merged into, is closed.
///
/// # Errors
/// `INVALID_TRANSITION` when it is closed.
pub(super) async fn check_goes_on(work: &Work, case: &case::Model) -> Outcome<()> {
    let closed = match case.merged_into {
        Some(into) => {
            case::Entity::find_by_id(into).one(work.tx()?).await?.is_some_and(|into| into.closed_at.is_some())
        }
        None => case.closed_at.is_some(),
    };
    if !closed {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::InvalidTransition, "taskId", texts::task::case_is_closed()).into())
}

/// Refuses requests to a partner that is not active any more.
///
/// # Errors
/// `INVALID_TRANSITION` when it is not.
pub(super) async fn check_active(work: &Work, task: &case_task::Model) -> Outcome<()> {
    let partner = partner::Entity::find_by_id(task.partner_id).one(work.tx()?).await?;
    if partner.is_some_and(|partner| partner.active) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::InvalidTransition, "taskId", texts::task::partner_inactive()).into())
}
