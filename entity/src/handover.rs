//! A hand-over: a case that its owner offered to another person.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, HandoverId, SellerId, StaffId};
use crate::kind::HandoverStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HandoverId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub from_id: StaffId,
    pub to_id: StaffId,
    pub note: String,
    pub status: HandoverStatus,
    pub offered_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub answered_at: Option<DateTimeUtc>,
    pub answer: Option<String>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
