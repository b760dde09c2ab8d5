//! A partner: a supplier or subcontractor of a seller. It can have tasks and can never own a case.

use sea_orm::entity::prelude::*;

use crate::id::{PartnerId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub active: bool,
    /// The last event of the seller's feed that it may read, set when its access ends. NULL: no limit.
    pub ended_seq: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
