//! An arrival: a stored mail, kept byte for byte before it is read.

use sea_orm::entity::prelude::*;

use crate::id::{ArrivalId, CaseId, MailboxId, ReportId, SellerId};
use crate::kind::{ArrivalStatus, MailTransport};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "arrival")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ArrivalId,
    pub seller_id: SellerId,
    pub mailbox_id: MailboxId,
    pub transport: MailTransport,
    pub envelope_from: String,
    pub envelope_to: String,
    pub raw_sha256: Vec<u8>,
    pub raw_size: i64,
    pub received_at: DateTimeUtc,
    pub status: ArrivalStatus,
    /// The number of attempts to read it, incremented before each one so that a crash is counted too.
    pub attempts: i32,
    /// The attempts that failed in order. The attempts beyond these ended because the process ended.
    pub failures: i32,
    /// The lease of the node that reads it ends at this time. NULL: no node reads it.
    pub leased_until: Option<DateTimeUtc>,
    pub next_at: DateTimeUtc,
    pub reason: Option<String>,
    pub report_id: Option<ReportId>,
    pub case_id: Option<CaseId>,
    pub ended_at: Option<DateTimeUtc>,
    /// It arrived before its mailbox was first fetched, so its sender expects no answer and gets none.
    pub old: bool,
    /// Only the beginning of it was fetched, because it was too large.
    pub cut: bool,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
