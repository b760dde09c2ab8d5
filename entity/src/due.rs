//! A timer: something to be looked at when its time has come.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, SellerId, StaffId};
use crate::json::ServiceTime;
use crate::kind::DueKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "due")]
pub struct Model {
    /// The id of the case, or of its task, dispute or legal clock.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: DueKind,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    /// The owner of the case. The store changes it with the case.
    pub owner_id: StaffId,
    pub due_at: DateTimeUtc,
    /// When the timer is looked at next. NULL: everybody has been told, and it is still late.
    pub at: Option<DateTimeUtc>,
    pub level: i32,
    /// When the time began.
    pub started_at: DateTimeUtc,
    /// The length of the time. NULL: somebody set `due_at` itself.
    pub span: Option<ServiceTime>,
    /// The person who was told last that it is late; NULL when that was the owner, or nobody.
    pub told_id: Option<StaffId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
