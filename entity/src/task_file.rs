//! A file of a case that the owner gave to the partner of a task.

use sea_orm::entity::prelude::*;

use crate::id::{AttachmentId, TaskId, TaskShareId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub attachment_id: AttachmentId,
    pub share_id: TaskShareId,
    pub at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
