//! A timer: the time at which the service checks whether something was done.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, SellerId, StaffId};
use crate::json::ServiceTime;
use crate::kind::DueKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "due")]
pub struct Model {
    /// The id of the case, or of its task, dispute, legal clock, commitment, message, letter or call signal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: DueKind,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    /// The owner of the case. The store changes it with the case.
    pub owner_id: StaffId,
    pub due_at: DateTimeUtc,
    /// When the timer fires next. NULL: it is late, and nobody else will be told.
    pub at: Option<DateTimeUtc>,
    pub level: i32,
    /// When the timer started.
    pub started_at: DateTimeUtc,
    /// The duration from which `due_at` was computed. NULL: `due_at` was set directly.
    pub span: Option<ServiceTime>,
    /// The person to whom the last escalation went; NULL when it went to the owner, or there was none.
    pub told_id: Option<StaffId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
