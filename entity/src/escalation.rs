//! Something that was told upwards.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, EscalationId, SellerId, StaffId};
use crate::kind::EscalationReason;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "escalation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EscalationId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub why: EscalationReason,
    pub level: i32,
    pub to_id: StaffId,
    pub raised_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
