//! How soon customers hear from a seller, by name.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, ServiceLevelId};
use crate::json::ServiceTimes;
use crate::kind::Priority;

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
    pub times: ServiceTimes,
    /// Cases of this priority have it; any when none is named.
    pub priority: Option<Priority>,
    /// Cases of this category, or of one under it, have it; any when none is named.
    pub category: Option<String>,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
