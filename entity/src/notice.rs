//! A notice: something that a member of staff is told by mail.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, LetterId, MessageId, NoticeId, SellerId, StaffId};
use crate::kind::NoticeKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoticeId,
    pub seller_id: SellerId,
    pub staff_id: StaffId,
    pub case_id: CaseId,
    /// The number of the event on its case.
    pub seq: i64,
    pub kind: NoticeKind,
    /// What exactly: the reason of an escalation, what became of an offer, the kind of a task's event, the id of a
    /// commitment.
    pub detail: Option<String>,
    /// What the customer wrote.
    pub message_id: Option<MessageId>,
    pub at: DateTimeUtc,
    /// When it is mailed, at the earliest.
    pub send_at: DateTimeUtc,
    /// Whether it goes into the summary of a day.
    pub digest: bool,
    /// The mail that it was told with. NULL while it waits, and when it was no longer true by then.
    pub letter_id: Option<LetterId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
