//! Events as customers, partners and staff follow them: each kind of reader gets the events that concern it, with the
//! cursor to resume after.

use async_graphql::{Enum, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::TaskId;
use entity::{case, case_task, commitment, event, message};

use crate::access::table::is_theirs;
use crate::event::payload::Payload;
use crate::graphql::commitment::CustomerCommitment;
use crate::graphql::context::{int, part_id, to_id};
use crate::graphql::customer::CustomerCase;
use crate::graphql::event::{CaseEvent, payload};
use crate::graphql::message::CustomerMessage;
use crate::graphql::task::CaseTask;

/// What happened to a case, for its customer.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum CustomerCaseEventKind {
    /// Your complaint was received and has an owner, who is accountable for it.
    CaseOpened,
    /// Another report arrived for the case.
    ReportAttached,
    /// What the case is about was put in other words: see `case.subject`.
    CaseUpdated,
    /// You or we wrote a message: see `message`.
    MessageAdded,
    /// The case got another owner.
    OwnerChanged,
    /// The case was merged into another case of yours, in which it is handled.
    CaseMerged,
    /// The case was taken out of the case that it had been merged into.
    CaseUnmerged,
    /// The case moved from one stage to another.
    StageChanged,
    /// The time by which you hear from us was changed.
    NextContactChanged,
    /// The time for our answer was paused, because we wait for something from you: see `case.answerPause`.
    AnswerPaused,
    /// The pause of the time for our answer was ended. A pause that ends at its `until` has no such event.
    AnswerResumed,
    /// We promised you something by a date: see `commitment`.
    CommitmentMade,
    /// A promise was kept, broken, taken back, or replaced by another one that you agreed to; or one that was broken
    /// was done afterwards: see `commitment`.
    CommitmentEnded,
    /// What happens next was changed, or a step of it was done: see `case.plan`.
    PlanChanged,
}

/// An event: something that happened to your case.
pub struct CustomerCaseEvent {
    row: event::Model,
    kind: CustomerCaseEventKind,
    case: case::Model,
    about: About,
}

/// The message or commitment that an event is about, if the customer may read it.
#[derive(Default)]
pub struct About {
    /// The message that was written.
    pub message: Option<message::Model>,
    /// The commitment that was made or ended.
    pub commitment: Option<commitment::Model>,
}

impl CustomerCaseEvent {
    /// The event in this row, with its case and message; none when it does not concern the customer.
    ///
    /// # Errors
    /// As [`CaseEvent::read`].
    pub fn read(row: event::Model, case: case::Model, about: About) -> Result<Option<Self>> {
        let kind = match payload(&row)? {
            Payload::CaseOpened { .. } => CustomerCaseEventKind::CaseOpened,
            Payload::ReportAttached { .. } => CustomerCaseEventKind::ReportAttached,
            Payload::CaseUpdated { .. } => CustomerCaseEventKind::CaseUpdated,
            Payload::MessageAdded { .. } => CustomerCaseEventKind::MessageAdded,
            Payload::OwnerChanged { .. } => CustomerCaseEventKind::OwnerChanged,
            Payload::CaseMerged { .. } => CustomerCaseEventKind::CaseMerged,
            Payload::CaseUnmerged { .. } => CustomerCaseEventKind::CaseUnmerged,
            Payload::StageChanged { .. } => CustomerCaseEventKind::StageChanged,
            Payload::NextContactChanged { .. } => CustomerCaseEventKind::NextContactChanged,
            Payload::AnswerPaused { .. } => CustomerCaseEventKind::AnswerPaused,
            Payload::AnswerResumed {} => CustomerCaseEventKind::AnswerResumed,
            // A commitment to a former customer is not shown to the present one.
            Payload::CommitmentMade { .. } | Payload::CommitmentEnded { .. } if about.commitment.is_none() => {
                return Ok(None);
            }
            Payload::CommitmentMade { .. } => CustomerCaseEventKind::CommitmentMade,
            Payload::CommitmentEnded { .. } => CustomerCaseEventKind::CommitmentEnded,
            Payload::PlanChanged { .. } | Payload::StepDone { .. } => CustomerCaseEventKind::PlanChanged,
            _ => return Ok(None),
        };
        Ok(Some(Self { row, kind, case, about }))
    }
}

/// An event: something that happened to your case.
#[Object]
impl CustomerCaseEvent {
    /// The id of the event, opaque. Every stream and list shows the same event with the same id.
    async fn id(&self) -> ID {
        part_id(self.row.case_id, self.row.seq)
    }

    /// The number of the event on the case. It is the cursor to resume after. Events that concern only the company are
    /// counted too, so there are gaps in the numbers that you see.
    async fn seq(&self) -> i32 {
        int(self.row.seq)
    }

    /// When it happened, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }

    /// What kind of event it is.
    async fn kind(&self) -> CustomerCaseEventKind {
        self.kind
    }

    /// Your case, as it is at the time of reading.
    async fn case(&self) -> CustomerCase {
        CustomerCase(self.case.clone())
    }

    /// The message that was written; null for an event of another kind.
    async fn message(&self) -> Option<CustomerMessage> {
        self.about.message.clone().map(CustomerMessage)
    }

    /// The promise that was made or ended, as it is at the time of reading; null for an event of another kind.
    async fn commitment(&self) -> Option<CustomerCommitment> {
        self.about.commitment.clone().map(CustomerCommitment)
    }
}

/// What happened to a task, for its partner.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum TaskEventKind {
    /// You were asked to do the task.
    TaskRequested,
    /// You accepted the task that was requested.
    TaskAccepted,
    /// You reported how the task is going.
    TaskUpdated,
    /// You reported the task done.
    TaskCompleted,
    /// You declined the task, with a reason for the owner.
    TaskDeclined,
    /// The owner withdrew the task, or the case was closed.
    TaskWithdrawn,
    /// The owner reminded you of the task.
    TaskReminded,
    /// You said which of your people does the task.
    TaskAssigned,
    /// The owner wrote to you about the task, or you to the owner.
    TaskMessageAdded,
    /// The owner refused the completion that you reported, and said what is missing.
    TaskRejected,
    /// The owner shared more of the customer's data or more files with you.
    TaskShared,
    /// You are late with the task, and the owner was told.
    TaskLate,
    /// You made a statement about the cause.
    StatementGiven,
}

/// An event: something that happened to one of your tasks.
pub struct TaskEvent {
    row: event::Model,
    kind: TaskEventKind,
    task: case_task::Model,
    cursor: String,
}

impl TaskEvent {
    /// The kind of an event and the task that it is about; none when it is not about a task.
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
            Payload::TaskMessageAdded { task, .. } => Some((TaskEventKind::TaskMessageAdded, task)),
            Payload::TaskRejected { task, .. } => Some((TaskEventKind::TaskRejected, task)),
            Payload::TaskShared { task, .. } => Some((TaskEventKind::TaskShared, task)),
            Payload::TaskLate { task, .. } => Some((TaskEventKind::TaskLate, task)),
            Payload::StatementGiven { task, .. } => Some((TaskEventKind::StatementGiven, task)),
            _ => None,
        })
    }

    /// The event in this row, with its task and cursor.
    #[must_use]
    pub fn new(row: event::Model, kind: TaskEventKind, task: case_task::Model, cursor: String) -> Self {
        Self { row, kind, task, cursor }
    }
}

/// An event: something that happened to one of your tasks.
#[Object]
impl TaskEvent {
    /// The id of the event, opaque. Every stream and list shows the same event with the same id.
    async fn id(&self) -> ID {
        part_id(self.row.case_id, self.row.seq)
    }

    /// The cursor to resume after. It is opaque and works for you only.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// When it happened, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.row.at
    }

    /// What kind of event it is.
    async fn kind(&self) -> TaskEventKind {
        self.kind
    }

    /// The id of the task.
    async fn task_id(&self) -> ID {
        to_id(self.task.id)
    }

    /// The task, as it is at the time of reading. Null when you no longer see it, because you declined it or it was
    /// withdrawn.
    async fn task(&self) -> Option<CaseTask> {
        is_theirs(self.task.status).then(|| CaseTask(self.task.clone()))
    }
}

/// An event: something that happened to a case of your seller, for its staff and systems.
pub struct WorkEvent {
    row: event::Model,
    cursor: String,
}

impl WorkEvent {
    /// The event in this row, with its cursor.
    #[must_use]
    pub fn new(row: event::Model, cursor: String) -> Self {
        Self { row, cursor }
    }
}

/// An event: something that happened to a case of your seller, for its staff and systems.
#[Object]
impl WorkEvent {
    /// The id of the event, opaque. Every stream and list shows the same event with the same id.
    async fn id(&self) -> ID {
        part_id(self.row.case_id, self.row.seq)
    }

    /// The cursor to resume after. It is opaque. A member of staff's works for them only; all systems of the seller and
    /// its webhooks share theirs.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The event itself, with the case that it happened to.
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn event(&self) -> Result<CaseEvent> {
        CaseEvent::read(self.row.clone())
    }
}
