//! A mail as it came, kept before anybody tries to understand it.

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
    /// Counted before it is read.
    pub attempts: i32,
    /// Those that ended without it being taken in; the others beyond these ended with the process.
    pub failures: i32,
    /// A node that reads it has until then.
    pub taken_until: Option<DateTimeUtc>,
    pub next_at: DateTimeUtc,
    pub reason: Option<String>,
    pub report_id: Option<ReportId>,
    pub case_id: Option<CaseId>,
    pub ended_at: Option<DateTimeUtc>,
    /// It came before its mailbox was first looked at: nobody expects an answer.
    pub old: bool,
    /// There was more of it than was taken.
    pub cut: bool,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
