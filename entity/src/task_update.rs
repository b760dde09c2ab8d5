//! A partner's update of a task, for the owner.

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

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
