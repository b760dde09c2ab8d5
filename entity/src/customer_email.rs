//! An e-mail address of a customer, in lower case. At one seller an address belongs to one customer.

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
    /// Whether staff added it to a customer who was known already. A letter to it then opens only the case that it is
    /// about.
    pub added_by_staff: bool,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
