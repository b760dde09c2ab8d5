//! The number of a seller's last event.

use sea_orm::entity::prelude::*;

use crate::id::SellerId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: SellerId,
    pub last_seq: i64,
    pub ends: i64,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
