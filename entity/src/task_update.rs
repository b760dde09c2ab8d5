//! What a partner tells the owner about a task.

use sea_orm::entity::prelude::*;

use crate::id::{TaskId, TaskUpdateId};
use crate::kind::PartyKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_update")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskUpdateId,
    pub task_id: TaskId,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    pub body: String,
    pub eta: Option<DateTimeUtc>,
    pub at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
