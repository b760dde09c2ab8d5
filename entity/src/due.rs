//! Something to be looked at when its time has come.

use sea_orm::entity::prelude::*;

use crate::id::CaseId;
use crate::json::ServiceTime;
use crate::kind::DueKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "due")]
pub struct Model {
    /// The case, or a task or dispute of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: DueKind,
    pub case_id: CaseId,
    pub due_at: DateTimeUtc,
    /// When somebody is to be told next; none when all have been, and it is still late.
    pub at: Option<DateTimeUtc>,
    pub level: i32,
    /// From when it is counted.
    pub started_at: DateTimeUtc,
    /// How it is counted; none where somebody named the time itself.
    pub span: Option<ServiceTime>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
