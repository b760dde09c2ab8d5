//! A task: a partner's part of a case.

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
    /// Incremented by every change.
    pub version: i64,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub partner_id: PartnerId,
    pub title: String,
    pub asked: String,
    pub status: TaskStatus,
    pub accept_by: DateTimeUtc,
    /// The interval in hours at which the partner sends updates once it has accepted.
    pub update_every_hours: i32,
    /// When the next update is due. NULL before the task is accepted and after it has ended.
    pub update_by: Option<DateTimeUtc>,
    pub due_at: DateTimeUtc,
    pub eta: Option<DateTimeUtc>,
    /// The first time that the partner gave for the task to be done. Its punctuality is measured by this one.
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
    /// How often an update was late.
    pub late_updates: i32,
    pub reminders: i32,
    /// How often the owner said that what was reported done is not done.
    pub rejections: i32,
    /// When the task was due at first. Its punctuality is measured by this time.
    pub first_due_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
