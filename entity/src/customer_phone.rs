//! A telephone number a customer gave, in E.164.

use sea_orm::entity::prelude::*;

use crate::id::{CustomerId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_phone")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: SellerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub e164: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
