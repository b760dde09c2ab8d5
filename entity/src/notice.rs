//! A notice: a mail to a member of staff about an event, which waits for its time.

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
    /// The detail: the reason of an escalation, the kind of event of a hand-over or a task, or the id of a commitment.
    pub detail: Option<String>,
    /// The customer's message that it is about, if any.
    pub message_id: Option<MessageId>,
    pub at: DateTimeUtc,
    /// The earliest time at which it is mailed.
    pub send_at: DateTimeUtc,
    /// Whether it is for the daily summary.
    pub digest: bool,
    /// The letter in which it was sent. NULL while it waits, and when it was dropped because it was no longer true.
    pub letter_id: Option<LetterId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
