//! The number of bytes that a party has stored in a day.

use sea_orm::entity::prelude::*;

use crate::id::SellerId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storage_use")]
pub struct Model {
    /// The id of a customer, widget, partner, member of staff or API client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub party_id: Uuid,
    /// The day as the number of days since 1 January 1970, UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    pub seller_id: SellerId,
    pub bytes: i64,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
