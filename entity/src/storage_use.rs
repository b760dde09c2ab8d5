//! How many bytes somebody has had stored in a day.

use sea_orm::entity::prelude::*;

use crate::id::SellerId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storage_use")]
pub struct Model {
    /// A customer, form, partner, member of staff or system.
    #[sea_orm(primary_key, auto_increment = false)]
    pub party_id: Uuid,
    /// Days since 1970, UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    pub seller_id: SellerId,
    pub bytes: i64,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
