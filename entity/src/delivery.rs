//! Which partner delivers a product, or what a category is about.

use sea_orm::entity::prelude::*;

use crate::id::{CategoryId, PartnerId, ProductId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub seller_id: SellerId,
    pub partner_id: PartnerId,
    pub category_id: Option<CategoryId>,
    pub product_id: Option<ProductId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
