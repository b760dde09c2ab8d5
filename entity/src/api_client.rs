//! A system that reports complaints for a seller: a mail gateway, a telephone exchange.

use sea_orm::entity::prelude::*;

use crate::id::{ApiClientId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub active: bool,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
