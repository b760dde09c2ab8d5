//! A party's statement of the cause, made about a task.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, SellerId, StatementId, TaskId};
use crate::kind::{Cause, PartyKind};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StatementId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub task_id: TaskId,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    pub cause: Cause,
    pub body: String,
    pub at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
