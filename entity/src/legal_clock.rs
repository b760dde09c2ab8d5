//! A legal clock of a case: a time set by law or by a regulator.

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
    /// The code of its rule in a pack.
    pub rule: String,
    pub enquiry_id: Option<EnquiryId>,
    pub started_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    /// Why it was extended to the longer time that the law allows. NULL: it was not.
    pub extension: Option<String>,
    pub state: LegalClockState,
    pub done_at: Option<DateTimeUtc>,
    /// How many of the rule's warnings were sent.
    pub warned: i32,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
