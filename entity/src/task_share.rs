//! What of a case its owner shared with the partner of a task, and why.

use sea_orm::entity::prelude::*;

use crate::id::{StaffId, TaskId, TaskShareId};
use crate::json::CustomerFields;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_share")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskShareId,
    pub task_id: TaskId,
    pub fields: CustomerFields,
    pub reason: String,
    pub by_id: Option<StaffId>,
    pub at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
