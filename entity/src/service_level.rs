//! A service level: a named set of times in which customers hear from the seller.

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
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub times: ServiceTimes,
    /// Only cases of this priority have it. NULL: cases of any priority, if a category is set.
    pub priority: Option<Priority>,
    /// Only cases of this category, or of one under it, have it. NULL: cases of any category, if a priority is set.
    pub category: Option<String>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
