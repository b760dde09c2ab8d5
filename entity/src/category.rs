//! A category of complaints in a seller's tree of categories.

use sea_orm::entity::prelude::*;

use crate::id::{CategoryId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub parent_id: Option<CategoryId>,
    pub name: String,
    pub folded: String,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
