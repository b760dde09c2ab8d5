//! How far a member of staff has seen a case.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, SellerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_seen")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    pub seller_id: SellerId,
    /// The number of the last event that they have seen; 0 when they want to read the case as a new one.
    pub up_to: i64,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
