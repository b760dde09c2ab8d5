//! Words on a case.

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
    /// What a partner told, of which these are the words for the customer.
    pub task_update_id: Option<TaskUpdateId>,
    pub visibility: Visibility,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    /// It was written with a link that staff have seen.
    pub by_shown_link: bool,
    /// Whether a customer's words only thank, when that was looked at.
    pub thanks: Option<Thanks>,
    pub body: String,
    pub at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
