//! How soon customers hear from a seller, by name.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, ServiceLevelId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_level")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServiceLevelId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub first_contact_hours: i32,
    pub owner_idle_hours: i32,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
