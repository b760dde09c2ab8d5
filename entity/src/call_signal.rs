//! Unanswered calls from one number to one seller on one day.

use sea_orm::entity::prelude::*;

use crate::id::{CallSignalId, CaseId, SellerId};
use crate::kind::CallSignalKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "call_signal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CallSignalId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub e164: String,
    /// The day in the seller's time zone.
    pub day: Date,
    /// What became of the last call.
    pub kind: CallSignalKind,
    pub calls: i32,
    pub first_at: DateTimeUtc,
    pub last_at: DateTimeUtc,
    /// The one open case about which the number had called before.
    pub case_id: Option<CaseId>,
    /// When the signal ended: somebody spoke with the caller, or no call back is needed. NULL while a call back is due.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
