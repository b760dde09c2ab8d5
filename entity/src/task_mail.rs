//! A mail to a person at a partner about a task, which waits for its time.

use sea_orm::entity::prelude::*;

use crate::id::{LetterId, PartnerContactId, SellerId, TaskId, TaskMailId};
use crate::kind::TaskMailKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskMailId,
    pub seller_id: SellerId,
    pub contact_id: PartnerContactId,
    pub task_id: TaskId,
    /// The number of the event on the task's case; NULL for a link that was asked for.
    pub seq: Option<i64>,
    pub kind: TaskMailKind,
    pub at: DateTimeUtc,
    /// The earliest time at which it is mailed.
    pub send_at: DateTimeUtc,
    /// The letter in which it was sent. NULL while it waits, and when it was dropped because it was no longer true.
    pub letter_id: Option<LetterId>,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
