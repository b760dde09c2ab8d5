//! A case that was found to be another one, and what it was before.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, MergerId, SellerId, StaffId};
use crate::kind::CaseStage;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merger")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MergerId,
    pub case_id: CaseId,
    pub into_id: CaseId,
    pub seller_id: SellerId,
    pub stage_before: CaseStage,
    pub owner_before: StaffId,
    pub closed_at_before: Option<DateTimeUtc>,
    pub reason: String,
    pub same_customer: bool,
    pub merged_at: DateTimeUtc,
    pub undone_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
