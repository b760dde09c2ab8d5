//! An event: something that happened to a case. Rows are appended and never changed.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, PartnerId, SellerId, StaffId};
use crate::kind::PartyKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub seller_id: SellerId,
    pub feed_seq: i64,
    pub owner_id: StaffId,
    /// The customer of the case at that time.
    pub customer_id: CustomerId,
    pub kind: String,
    pub at: DateTimeUtc,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    pub partner_id: Option<PartnerId>,
    pub staff_id: Option<StaffId>,
    pub for_customer: bool,
    pub data: Json,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
