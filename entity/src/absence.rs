//! An absence: a period in which a person takes no new cases.

use sea_orm::entity::prelude::*;

use crate::id::{AbsenceId, SellerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "absence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AbsenceId,
    pub staff_id: StaffId,
    pub seller_id: SellerId,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
