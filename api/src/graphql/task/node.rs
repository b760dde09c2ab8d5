//! Tasks, and what belongs to them, by their ids.

use async_graphql::{Context, Result};
use entity::id::{TaskId, TaskMessageId, TaskUpdateId};
use entity::task_update;
use sea_orm::EntityTrait;

use super::talk::TaskMessage;
use super::{CaseTask, TaskUpdate};
use crate::access::table::{Action, may, to_task};
use crate::graphql::context::{ContextExt, read_error, required_row};
use crate::graphql::node::{Lookup, Node};

impl Lookup for TaskId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(task) = ctx.loaders().tasks.one(self).await.map_err(read_error)? else { return Ok(None) };
        let case = required_row(ctx.loaders().cases.one(task.case_id).await)?;
        let visible = may(to_task(ctx.actor(), &task, &case), Action::ReadTask);
        Ok(visible.then_some(Node::CaseTask(CaseTask(task))))
    }
}

impl Lookup for TaskMessageId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().task_messages.one(self).await.map_err(read_error)? else { return Ok(None) };
        of_task(ctx, row.task_id, Node::TaskMessage(TaskMessage(row))).await
    }
}

impl Lookup for TaskUpdateId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let found = task_update::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = found else { return Ok(None) };
        of_task(ctx, row.task_id, Node::TaskUpdate(TaskUpdate(row))).await
    }
}

/// An object of a task, for those who may read the task: the seller's staff, and the partner.
pub(in crate::graphql) async fn of_task(ctx: &Context<'_>, task: TaskId, node: Node) -> Result<Option<Node>> {
    Ok(task.node(ctx).await?.map(|_| node))
}
