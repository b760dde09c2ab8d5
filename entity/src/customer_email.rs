//! An e-mail address that leads to a customer; lower case.

use sea_orm::entity::prelude::*;

use crate::id::{CustomerId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_email")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: SellerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub address: String,
    pub customer_id: CustomerId,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
