//! Events of tasks.

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{PartnerContactId, TaskId, TaskUpdateId};
use entity::kind::TaskLateness;

use super::super::case::Case;
use super::super::context::{ContextExt, int, read_error, there};
use super::super::partner::PartnerContact;
use super::super::party::Party;
use super::super::task::{CaseTask, TaskUpdate};

async fn task(ctx: &Context<'_>, id: TaskId) -> Result<CaseTask> {
    there(ctx.loaders().tasks.one(id).await).map(CaseTask)
}

event_types! {
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
        async fn update(&self, ctx: &Context<'_>) -> Result<TaskUpdate> {
            let updates = ctx.loaders().updates.one(self.task).await.map_err(read_error)?.unwrap_or_default();
            there(Ok(updates.into_iter().find(|update| update.id == self.update))).map(TaskUpdate)
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

    /// The owner reminded the partner of a task.
    TaskReminded { task: TaskId } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }
    }

    /// The partner said who of its people does a task.
    TaskAssigned { task: TaskId, assignee: Option<PartnerContactId> } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// Who does it; null for nobody in particular.
        async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<PartnerContact>> {
            let Some(id) = self.assignee else { return Ok(None) };
            there(ctx.loaders().contacts.one(id).await).map(PartnerContact).map(Some)
        }
    }

    /// The partner is late with a task. Told to the owner once; if it stays so, the person above is told.
    TaskLate { task: TaskId, late: TaskLateness } {
        /// The task.
        async fn task(&self, ctx: &Context<'_>) -> Result<CaseTask> {
            task(ctx, self.task).await
        }

        /// What it is late with.
        async fn late(&self) -> TaskLateness {
            self.late
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
