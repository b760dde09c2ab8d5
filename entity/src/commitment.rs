//! A commitment: a promise to the customer of a case, with a date.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CommitmentId, CustomerId, MessageId, SellerId, StaffId};
use crate::json::ContactBefore;
use crate::kind::{CommitmentKind, CommitmentPlace, CommitmentState};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commitment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommitmentId,
    /// Incremented by every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    /// The customer to whom it was made. Another customer who gets the case does not see it.
    pub customer_id: CustomerId,
    pub kind: CommitmentKind,
    /// What is promised. Empty for a contact.
    pub what: String,
    /// When its time ends.
    pub due_at: DateTimeUtc,
    /// The promised day; NULL when a time was promised. `due_at` is then the end of that day in `zone`.
    pub due_day: Option<Date>,
    /// The IANA name of the time zone in which `due_day` is read: the seller's when the promise was made.
    pub zone: String,
    pub place: CommitmentPlace,
    /// When the promise was made, which may be before the complaint.
    pub made_at: DateTimeUtc,
    /// The member of staff who made the promise; NULL when somebody else did.
    pub made_by: Option<StaffId>,
    pub recorded_at: DateTimeUtc,
    /// The member of staff who recorded it; NULL when the service did.
    pub recorded_by: Option<StaffId>,
    pub state: CommitmentState,
    /// When its state became another than OPEN.
    pub ended_at: Option<DateTimeUtc>,
    /// When what was promised was done. A commitment that was done after its time stays BROKEN.
    pub done_at: Option<DateTimeUtc>,
    /// What shows that it was done.
    pub evidence: Option<String>,
    /// Why it was withdrawn, or how the customer agreed to another date.
    pub reason: Option<String>,
    /// The commitment that replaces this one, when it was renegotiated.
    pub next_id: Option<CommitmentId>,
    /// When the customer was reached by telephone after it was broken, or turned out not to be the customer.
    pub called_at: Option<DateTimeUtc>,
    /// The message by which the customer was told, if it was one.
    pub message_id: Option<MessageId>,
    /// For a contact: what applied before, restored when the message does not arrive.
    pub before: Option<ContactBefore>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
