//! A token with which a customer follows a case. Only its SHA-256 is stored.

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
    /// The e-mail address to which letters with this token go. NULL: it was given in a receipt, or shown to staff.
    pub address: Option<String>,
    /// When a letter's token was first used, which shows that somebody reads mail at that address.
    pub used_at: Option<DateTimeUtc>,
    /// The member of staff who was shown the token, to pass it on to the customer.
    pub shown_to: Option<StaffId>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    /// The last event of the seller's feed that may be published with it, when all of the customer's tokens were
    /// revoked.
    pub ended_seq: Option<i64>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
