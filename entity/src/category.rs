//! A kind of complaint in a seller's tree.

use sea_orm::entity::prelude::*;

use crate::id::{CategoryId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub parent_id: Option<CategoryId>,
    pub name: String,
    pub folded: String,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
