//! A letter: a mail that the company sends.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, LetterId, MailboxId, MessageId, PartnerContactId, ReportId, SellerId, StaffId};
use crate::kind::{LetterKind, LetterStatus};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LetterId,
    pub seller_id: SellerId,
    pub mailbox_id: MailboxId,
    pub case_id: Option<CaseId>,
    pub report_id: Option<ReportId>,
    pub message_id: Option<MessageId>,
    pub customer_id: Option<CustomerId>,
    pub kind: LetterKind,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub html: String,
    pub header_id: String,
    pub answers: Option<String>,
    pub thread: String,
    pub status: LetterStatus,
    pub reason: Option<String>,
    pub attempts: i32,
    pub failures: i32,
    pub next_at: DateTimeUtc,
    pub leased_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub called_at: Option<DateTimeUtc>,
    /// The member of staff to whom a notice goes; NULL for other letters.
    pub staff_id: Option<StaffId>,
    /// The person at a partner to whom a mail about tasks goes; NULL for other letters.
    pub contact_id: Option<PartnerContactId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
