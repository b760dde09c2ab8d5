//! Something a seller sells.

use sea_orm::entity::prelude::*;

use crate::id::{CategoryId, ProductId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub category_id: Option<CategoryId>,
    pub name: String,
    pub folded: String,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
