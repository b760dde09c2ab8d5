//! Events as customers, partners and staff at work follow them: what concerns each, with what is needed to resume.

use async_graphql::{Enum, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::TaskId;
use entity::{case, case_task, event, message};

use super::context::{int, to_id};
use super::customer::CustomerCase;
use super::event::{CaseEvent, payload};
use super::message::CustomerMessage;
use super::task::CaseTask;
use crate::access::table::is_theirs;
use crate::event::payload::Payload;

/// What happened, for the customer.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum CustomerCaseEventKind {
    /// We got the complaint, and somebody answers for it.
    CaseOpened,
    /// Something more from you arrived.
    ReportAttached,
    /// You or we wrote something: see `message`.
    MessageAdded,
    /// Another person answers for the case now.
    OwnerChanged,
    /// It was found to be the same as another case of yours, which goes on.
    CaseMerged,
    /// It was taken apart from another case again.
    CaseUnmerged,
    /// The case moved on.
    StageChanged,
    /// The time by which you hear from us was set anew.
    NextContactChanged,
    /// The time for our answer stands still, because we wait for you: see `case.answerPause`.
    AnswerPaused,
    /// The time for our answer goes on.
    AnswerResumed,
}

/// Something that happened to your case.
pub struct CustomerCaseEvent {
    row: event::Model,
    kind: CustomerCaseEventKind,
    case: case::Model,
    message: Option<message::Model>,
}

impl CustomerCaseEvent {
    /// The event in this row, with the case it happened to; none when it does not concern the customer.
    ///
    /// # Errors
    /// As [`CaseEvent::read`].
    pub fn read(row: event::Model, case: case::Model, message: Option<message::Model>) -> Result<Option<Self>> {
        let kind = match payload(&row)? {
            Payload::CaseOpened { .. } => CustomerCaseEventKind::CaseOpened,
            Payload::ReportAttached { .. } => CustomerCaseEventKind::ReportAttached,
            Payload::MessageAdded { .. } => CustomerCaseEventKind::MessageAdded,
            Payload::OwnerChanged { .. } => CustomerCaseEventKind::OwnerChanged,
            Payload::CaseMerged { .. } => CustomerCaseEventKind::CaseMerged,
            Payload::CaseUnmerged { .. } => CustomerCaseEventKind::CaseUnmerged,
            Payload::StageChanged { .. } => CustomerCaseEventKind::StageChanged,
            Payload::NextContactChanged { .. } => CustomerCaseEventKind::NextContactChanged,
            Payload::AnswerPaused { .. } => CustomerCaseEventKind::AnswerPaused,
            Payload::AnswerResumed {} => CustomerCaseEventKind::AnswerResumed,
            _ => return Ok(None),
        };
        Ok(Some(Self { row, kind, case, message }))
    }
}

/// Something that happened to your case.
#[Object]
impl CustomerCaseEvent {
    /// Its number on the case; the cursor to resume after. What concerns only the company is counted too, so there are
    /// holes in what you see.
    async fn seq(&self) -> i32 {
        int(self.row.seq)
    }

    /// When it happened, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }

    /// What happened.
    async fn kind(&self) -> CustomerCaseEventKind {
        self.kind
    }

    /// Your case, as it is when you read this.
    async fn case(&self) -> CustomerCase {
        CustomerCase(self.case.clone())
    }

    /// What was written; null when nothing was.
    async fn message(&self) -> Option<CustomerMessage> {
        self.message.clone().map(CustomerMessage)
    }
}

/// What happened to a task, for the partner.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum TaskEventKind {
    /// You were asked.
    TaskRequested,
    /// You took it on.
    TaskAccepted,
    /// You told how it goes.
    TaskUpdated,
    /// You reported it done.
    TaskCompleted,
    /// You refused it.
    TaskDeclined,
    /// The owner took it back.
    TaskWithdrawn,
    /// The owner reminds you of it.
    TaskReminded,
    /// You said who of your people does it.
    TaskAssigned,
    /// You are late with it, and the owner was told.
    TaskLate,
    /// You said what you take for the cause.
    StatementGiven,
}

/// Something that happened to one of your tasks.
pub struct TaskEvent {
    row: event::Model,
    kind: TaskEventKind,
    task: case_task::Model,
    cursor: String,
}

impl TaskEvent {
    /// The task an event is about.
    ///
    /// # Errors
    /// As [`CaseEvent::read`].
    pub fn kind_of(row: &event::Model) -> Result<Option<(TaskEventKind, TaskId)>> {
        Ok(match payload(row)? {
            Payload::TaskRequested { task, .. } => Some((TaskEventKind::TaskRequested, task)),
            Payload::TaskAccepted { task, .. } => Some((TaskEventKind::TaskAccepted, task)),
            Payload::TaskUpdated { task, .. } => Some((TaskEventKind::TaskUpdated, task)),
            Payload::TaskCompleted { task, .. } => Some((TaskEventKind::TaskCompleted, task)),
            Payload::TaskDeclined { task, .. } => Some((TaskEventKind::TaskDeclined, task)),
            Payload::TaskWithdrawn { task, .. } => Some((TaskEventKind::TaskWithdrawn, task)),
            Payload::TaskReminded { task, .. } => Some((TaskEventKind::TaskReminded, task)),
            Payload::TaskAssigned { task, .. } => Some((TaskEventKind::TaskAssigned, task)),
            Payload::TaskLate { task, .. } => Some((TaskEventKind::TaskLate, task)),
            Payload::StatementGiven { task, .. } => Some((TaskEventKind::StatementGiven, task)),
            _ => None,
        })
    }

    /// The event in this row.
    #[must_use]
    pub fn new(row: event::Model, kind: TaskEventKind, task: case_task::Model, cursor: String) -> Self {
        Self { row, kind, task, cursor }
    }
}

/// Something that happened to one of your tasks.
#[Object]
impl TaskEvent {
    /// To resume after; opaque, and of use to you alone.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// When it happened, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }

    /// What happened.
    async fn kind(&self) -> TaskEventKind {
        self.kind
    }

    /// Which task.
    async fn task_id(&self) -> ID {
        to_id(self.task.id)
    }

    /// The task, as it is when you read this; null when it is yours no more, because you refused it or it was taken back.
    async fn task(&self) -> Option<CaseTask> {
        is_theirs(self.task.status).then(|| CaseTask(self.task.clone()))
    }
}

/// Something that happened to a case you own.
pub struct WorkEvent {
    row: event::Model,
    cursor: String,
}

impl WorkEvent {
    /// The event in this row.
    #[must_use]
    pub fn new(row: event::Model, cursor: String) -> Self {
        Self { row, cursor }
    }
}

/// Something that happened to a case you own.
#[Object]
impl WorkEvent {
    /// To resume after; opaque, and of use to you alone.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What happened, and to which case.
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn event(&self) -> Result<CaseEvent> {
        CaseEvent::read(self.row.clone())
    }
}
