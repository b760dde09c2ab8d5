//! A partner's part of a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, PartnerContactId, PartnerId, SellerId, TaskId};
use crate::json::CustomerFields;
use crate::kind::TaskStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// Counted up with every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub partner_id: PartnerId,
    pub title: String,
    pub asked: String,
    pub status: TaskStatus,
    pub accept_by: DateTimeUtc,
    /// How often the partner tells how it goes once it has accepted.
    pub update_every_hours: i32,
    /// By when next; none while it is not accepted, and when it is over.
    pub update_by: Option<DateTimeUtc>,
    pub due_at: DateTimeUtc,
    pub eta: Option<DateTimeUtc>,
    /// The first word given, by which it is measured.
    pub first_eta: Option<DateTimeUtc>,
    pub shared: CustomerFields,
    pub share_reason: Option<String>,
    pub assignee_id: Option<PartnerContactId>,
    pub result: Option<String>,
    pub decline_reason: Option<String>,
    pub requested_at: DateTimeUtc,
    pub accepted_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub changed_at: DateTimeUtc,
    /// How often it was silent past its time.
    pub late_updates: i32,
    pub reminders: i32,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
