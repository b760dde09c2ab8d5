//! A message on a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, MessageId, ReportId, TaskUpdateId};
use crate::kind::{PartyKind, Thanks, Visibility};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub case_id: CaseId,
    pub report_id: Option<ReportId>,
    /// The partner's update from which the owner wrote this message to the customer.
    pub task_update_id: Option<TaskUpdateId>,
    pub visibility: Visibility,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    /// Whether it was written with a tracking link that a member of staff has seen.
    pub by_shown_link: bool,
    /// Whether a customer's message only thanks. NULL: it does not thank, or was not examined.
    pub thanks: Option<Thanks>,
    pub body: String,
    pub at: DateTimeUtc,
    /// When the customer heard from the company after they had written this. NULL: not yet, or it is not theirs.
    pub answered_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
