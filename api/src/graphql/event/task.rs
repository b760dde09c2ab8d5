//! Events of tasks.

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{PartnerContactId, TaskId, TaskMessageId, TaskUpdateId};
use entity::kind::TaskLateness;

use crate::event::payload::Payload;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, int, part_id, read_error, required_row};
use crate::graphql::partner::PartnerContact;
use crate::graphql::party::Party;
use crate::graphql::task::talk::TaskMessage;
use crate::graphql::task::{CaseTask, TaskUpdate};

async fn task(ctx: &Context<'_>, id: TaskId) -> Result<CaseTask> {
    required_row(ctx.loaders().tasks.one(id).await).map(CaseTask)
}

async fn message(ctx: &Context<'_>, id: TaskMessageId) -> Result<TaskMessage> {
    required_row(ctx.loaders().task_messages.one(id).await).map(TaskMessage)
}

event_types! {
    /// The owner or the partner wrote to the other about the task.
    TaskMessageAdded { task: TaskId, message: TaskMessageId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// The message about the task.
        async fn message(&self, ctx: &Context<'_>) -> Result<TaskMessage> {
            message(ctx, self.message).await
        }
    }

    /// The owner refused a completion that the partner had reported.
    TaskRejected { task: TaskId, message: TaskMessageId, due: DateTime<Utc> } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// What is missing, and the result that was refused.
        async fn message(&self, ctx: &Context<'_>) -> Result<TaskMessage> {
            message(ctx, self.message).await
        }

        /// The time by which the task was to be done from then on, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// The owner shared more of the customer's data or more files with the partner.
    TaskShared { task: TaskId } {
        /// The task that the event is about, with what is shared now.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The owner requested a task from a partner.
    TaskRequested { task: TaskId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner accepted the task.
    TaskAccepted { task: TaskId, eta: Option<DateTime<Utc>> } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// When the partner expected the task to be done, UTC, at the time of this event; null when it had not said.
        async fn eta(&self) -> Option<DateTime<Utc>> {
            self.eta
        }
    }

    /// The partner reported how the task is going.
    TaskUpdated { task: TaskId, update: TaskUpdateId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// The update that the partner sent.
        async fn update(&self, ctx: &Context<'_>) -> Result<TaskUpdate> {
            let updates = ctx.loaders().updates.one(self.task).await.map_err(read_error)?.unwrap_or_default();
            required_row(Ok(updates.into_iter().find(|update| update.id == self.update))).map(TaskUpdate)
        }
    }

    /// The partner reported the task done.
    TaskCompleted { task: TaskId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner declined the task, with a reason for the owner.
    TaskDeclined { task: TaskId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The owner reminded the partner of the task.
    TaskReminded { task: TaskId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner said which of its people does the task.
    TaskAssigned { task: TaskId, assignee: Option<PartnerContactId> } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// The person who does the task; null when nobody in particular does.
        async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<PartnerContact>> {
            let Some(id) = self.assignee else { return Ok(None) };
            required_row(ctx.loaders().contacts.one(id).await).map(PartnerContact).map(Some)
        }
    }

    /// The partner is late with the task. The owner is told once; if the task stays late, it is escalated.
    TaskLate { task: TaskId, late: TaskLateness } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// What the partner is late with.
        async fn late(&self) -> TaskLateness {
            self.late
        }
    }

    /// The owner withdrew the task from the partner, or the case was closed.
    TaskWithdrawn { task: TaskId } {
        /// The task that the event is about.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }
}
