//! Something to be looked at when its time has come.

use sea_orm::entity::prelude::*;

use crate::id::CaseId;
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
    pub at: DateTimeUtc,
    pub level: i32,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
