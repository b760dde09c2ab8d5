//! A time that a law or a regulator sets, of a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, EnquiryId, LegalClockId, SellerId};
use crate::kind::LegalClockState;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legal_clock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LegalClockId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    /// The code of its rule.
    pub rule: String,
    pub enquiry_id: Option<EnquiryId>,
    pub started_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    /// Why it has the longer time that the law allows.
    pub extension: Option<String>,
    pub state: LegalClockState,
    pub done_at: Option<DateTimeUtc>,
    /// How many of the rule's warnings were told.
    pub warned: i32,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
