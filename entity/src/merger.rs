//! A merger of one case into another, with what is needed to undo it.

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

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
