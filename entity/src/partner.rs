//! A supplier or subcontractor of a seller. It can have tasks and can never own a case.

use sea_orm::entity::prelude::*;

use crate::id::{PartnerId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub active: bool,
    /// The last event of the seller's feed they may still be told of; NULL while they may be told of all.
    pub ended_seq: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
