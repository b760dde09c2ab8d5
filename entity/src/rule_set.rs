//! A published rule set; the highest version of a seller is in force.

use sea_orm::entity::prelude::*;

use crate::id::{RuleSetId, SellerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_set")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RuleSetId,
    pub seller_id: SellerId,
    pub version: i64,
    pub rules: Json,
    pub published_at: DateTimeUtc,
    pub published_by: StaffId,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
