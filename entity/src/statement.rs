//! What somebody says was the cause.

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

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
