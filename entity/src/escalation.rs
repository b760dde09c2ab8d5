//! An escalation: a person above the owner was told that something is late, or soon will be.

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

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
