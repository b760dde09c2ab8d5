//! A dispute between partners about who is responsible.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DisputeId, PartnerId, SellerId, StaffId};
use crate::kind::DisputeStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dispute")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DisputeId,
    /// Incremented by every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub question: String,
    pub status: DisputeStatus,
    pub decide_by: DateTimeUtc,
    pub opened_by: StaffId,
    pub opened_at: DateTimeUtc,
    pub finding: Option<String>,
    pub responsible_id: Option<PartnerId>,
    pub ended_by: Option<StaffId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
