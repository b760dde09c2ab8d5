//! The tasks that a dispute is about.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DisputeId, TaskId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dispute_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub dispute_id: DisputeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
    pub case_id: CaseId,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
