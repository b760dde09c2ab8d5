//! Events as each viewer sees them: staff one type per kind, customers and partners what concerns them.

use async_graphql::{Context, Enum, Interface, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{MessageId, ReportId, StaffId, TaskId, TaskUpdateId};
use entity::kind::{CaseStage, Channel, OwnershipReason};
use entity::{case, case_task, event, message};

use super::case::Case;
use super::context::{ContextExt, fault_error, int, read_error, there};
use super::customer::CustomerCase;
use super::message::{CustomerMessage, Message};
use super::party::Party;
use super::report::Report;
use super::staff::Staff;
use super::task::{CaseTask, TaskUpdate};
use crate::event::payload::Payload;
use crate::kit::error::Fault;

/// Something that happened to a case. Numbered 1, 2, 3 … per case, without holes. It says what happened; what it links
/// to is as it is when you read it.
#[derive(Interface)]
#[graphql(
    field(name = "seq", ty = "i32", desc = "Its number on its case: 1, 2, 3 … The cursor to resume after."),
    field(name = "at", ty = "DateTime<Utc>", desc = "When it happened, UTC."),
    field(name = "by", ty = "Party", desc = "Who did it."),
    field(name = "case", ty = "Result<Case>", desc = "The case, as it is when you read this.")
)]
pub enum CaseEvent {
    /// The case was opened.
    CaseOpened(CaseOpened),
    /// Another report arrived.
    ReportAttached(ReportAttached),
    /// Somebody wrote something.
    MessageAdded(MessageAdded),
    /// Another person answers now.
    OwnerChanged(OwnerChanged),
    /// The case moved on.
    StageChanged(StageChanged),
    /// The customer hears from us by another time.
    NextContactChanged(NextContactChanged),
    /// A partner was asked.
    TaskRequested(TaskRequested),
    /// A partner took it on.
    TaskAccepted(TaskAccepted),
    /// A partner told how it goes.
    TaskUpdated(TaskUpdated),
    /// A partner reported it done.
    TaskCompleted(TaskCompleted),
    /// A partner refused.
    TaskDeclined(TaskDeclined),
    /// The owner took it back.
    TaskWithdrawn(TaskWithdrawn),
}

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* } { $($own:tt)* })*) => {$(
        $(#[$doc])*
        pub struct $name {
            row: event::Model,
            $($field: $type,)*
        }

        $(#[$doc])*
        #[Object]
        impl $name {
            /// Its number on its case: 1, 2, 3 … The cursor to resume after.
            async fn seq(&self) -> i32 {
                int(self.row.seq)
            }

            /// When it happened, UTC.
            async fn at(&self) -> DateTime<Utc> {
                self.row.at
            }

            /// Who did it.
            async fn by(&self) -> Party {
                Party::new(self.row.by_kind, self.row.by_id)
            }

            /// The case, as it is when you read this.
            async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
                there(ctx.loaders().cases.one(self.row.case_id).await).map(Case)
            }

            $($own)*
        }
    )*};
}

async fn report(ctx: &Context<'_>, id: ReportId) -> Result<Report> {
    there(ctx.loaders().reports.one(id).await).map(Report::from)
}

async fn person(ctx: &Context<'_>, id: StaffId) -> Result<Staff> {
    there(ctx.loaders().people.one(id).await).map(Staff)
}

async fn task(ctx: &Context<'_>, id: TaskId) -> Result<CaseTask> {
    there(ctx.loaders().tasks.one(id).await).map(CaseTask)
}

event_types! {
    /// The case was opened, with its owner.
    CaseOpened { report: ReportId, channel: Channel, owner: StaffId } {
        /// What arrived.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// How it came.
        async fn channel(&self) -> Channel {
            self.channel
        }

        /// Who answered for it from the first moment.
        async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.owner).await
        }
    }

    /// Another report arrived for the case.
    ReportAttached { report: ReportId, channel: Channel } {
        /// What arrived.
        async fn report(&self, ctx: &Context<'_>) -> Result<Report> {
            report(ctx, self.report).await
        }

        /// How it came.
        async fn channel(&self) -> Channel {
            self.channel
        }
    }

    /// Somebody wrote a message or a note.
    MessageAdded { message: MessageId } {
        /// What was written.
        async fn message(&self, ctx: &Context<'_>) -> Result<Message> {
            there(ctx.loaders().messages.one(self.message).await).map(Message)
        }
    }

    /// Another person answers for the case now.
    OwnerChanged { from: StaffId, to: StaffId, reason: OwnershipReason } {
        /// Who answered before.
        async fn from(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.from).await
        }

        /// Who answers now.
        async fn to(&self, ctx: &Context<'_>) -> Result<Staff> {
            person(ctx, self.to).await
        }

        /// Why.
        async fn reason(&self) -> OwnershipReason {
            self.reason
        }
    }

    /// The case moved from one stage to another.
    StageChanged { from: CaseStage, to: CaseStage } {
        /// The stage before.
        async fn from(&self) -> CaseStage {
            self.from
        }

        /// The stage now.
        async fn to(&self) -> CaseStage {
            self.to
        }
    }

    /// The time by which the customer hears from us was set anew.
    NextContactChanged { due: DateTime<Utc> } {
        /// The new time, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// The owner asked a partner for something.
    TaskRequested { task: TaskId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner took the task on.
    TaskAccepted { task: TaskId, eta: Option<DateTime<Utc>> } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// When the partner expected it to be done, UTC; null when it did not say.
        async fn eta(&self) -> Option<DateTime<Utc>> {
            self.eta
        }
    }

    /// The partner told how the task goes.
    TaskUpdated { task: TaskId, update: TaskUpdateId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// What the partner told.
        async fn update(&self, ctx: &Context<'_>) -> Result<Option<TaskUpdate>> {
            let updates = ctx.loaders().updates.one(self.task).await.map_err(read_error)?.unwrap_or_default();
            Ok(updates.into_iter().find(|update| update.id == self.update).map(TaskUpdate))
        }
    }

    /// The partner reported the task done.
    TaskCompleted { task: TaskId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner refused the task, with a reason for the owner.
    TaskDeclined { task: TaskId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The owner took the task back.
    TaskWithdrawn { task: TaskId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }
}

impl CaseEvent {
    /// The event in this row.
    ///
    /// # Errors
    /// When a newer version of the service wrote a kind that this one does not know.
    pub fn read(row: event::Model) -> Result<Self> {
        Ok(match payload(&row)? {
            Payload::CaseOpened { report, channel, owner } => {
                Self::CaseOpened(CaseOpened { row, report, channel, owner })
            }
            Payload::ReportAttached { report, channel } => {
                Self::ReportAttached(ReportAttached { row, report, channel })
            }
            Payload::MessageAdded { message, .. } => Self::MessageAdded(MessageAdded { row, message }),
            Payload::OwnerChanged { from, to, reason } => Self::OwnerChanged(OwnerChanged { row, from, to, reason }),
            Payload::StageChanged { from, to } => Self::StageChanged(StageChanged { row, from, to }),
            Payload::NextContactChanged { due } => Self::NextContactChanged(NextContactChanged { row, due }),
            Payload::TaskRequested { task, .. } => Self::TaskRequested(TaskRequested { row, task }),
            Payload::TaskAccepted { task, eta, .. } => Self::TaskAccepted(TaskAccepted { row, task, eta }),
            Payload::TaskUpdated { task, update, .. } => Self::TaskUpdated(TaskUpdated { row, task, update }),
            Payload::TaskCompleted { task, .. } => Self::TaskCompleted(TaskCompleted { row, task }),
            Payload::TaskDeclined { task, .. } => Self::TaskDeclined(TaskDeclined { row, task }),
            Payload::TaskWithdrawn { task, .. } => Self::TaskWithdrawn(TaskWithdrawn { row, task }),
        })
    }
}

fn payload(row: &event::Model) -> Result<Payload> {
    Payload::join(&row.kind, &row.data).map_err(|error| fault_error(&Fault::Data(error)))
}

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
    /// The case moved on.
    StageChanged,
    /// The time by which you hear from us was set anew.
    NextContactChanged,
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
            Payload::StageChanged { .. } => CustomerCaseEventKind::StageChanged,
            Payload::NextContactChanged { .. } => CustomerCaseEventKind::NextContactChanged,
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

    /// The task, as it is when you read this.
    async fn task(&self) -> CaseTask {
        CaseTask(self.task.clone())
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
