//! An enquiry about a case by an ombudsman, a data subject or a regulator.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, EnquiryId, SellerId, StaffId};
use crate::kind::EnquiryKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enquiry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnquiryId,
    /// Incremented by every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub kind: EnquiryKind,
    pub from_name: String,
    pub reference: Option<String>,
    pub received_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: StaffId,
    /// When a regulator got a first response. It does not end the enquiry.
    pub responded_at: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
