//! An ownership period: the time during which one person owned a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, StaffId};
use crate::kind::{OwnershipReason, PartyKind};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ownership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub owner_id: StaffId,
    pub started_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub prev_ended_at: Option<DateTimeUtc>,
    pub reason: OwnershipReason,
    pub note: Option<String>,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
