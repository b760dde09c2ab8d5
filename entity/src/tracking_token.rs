//! What lets a customer follow a case; only its SHA-256 is kept.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracking_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    pub case_id: CaseId,
    pub customer_id: CustomerId,
    /// Where the letters go that carry it; none of the one in the receipt of whoever filed the complaint.
    pub address: Option<String>,
    /// When it was used first, if it is a letter's: whoever reads mail at that address has read it.
    pub used_at: Option<DateTimeUtc>,
    /// The member of staff who was shown it, to read it out or to send it.
    pub shown_to: Option<StaffId>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
