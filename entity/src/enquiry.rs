//! Who asked about a case beside its customer.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, EnquiryId, SellerId, StaffId};
use crate::kind::EnquiryKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enquiry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnquiryId,
    /// Counted up with every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub kind: EnquiryKind,
    pub from_name: String,
    pub reference: Option<String>,
    pub received_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    pub recorded_by: StaffId,
    /// When a regulator had a first response.
    pub responded_at: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
