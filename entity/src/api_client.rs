//! A system that calls for a seller (a mail gateway, a telephone exchange) or for one of its partners.

use sea_orm::entity::prelude::*;

use crate::id::{ApiClientId, PartnerId, SellerId};
use crate::json::ApiScopes;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub scopes: ApiScopes,
    pub active: bool,
    /// The last event of the seller's feed it may still be told of; NULL while it may be told of all.
    pub ended_seq: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
