//! A partner's part of a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, PartnerId, SellerId, TaskId};
use crate::kind::TaskStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// Counted up with every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub partner_id: PartnerId,
    pub title: String,
    pub asked: String,
    pub status: TaskStatus,
    pub accept_by: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub eta: Option<DateTimeUtc>,
    pub result: Option<String>,
    pub decline_reason: Option<String>,
    pub requested_at: DateTimeUtc,
    pub changed_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
