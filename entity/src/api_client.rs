//! An API client: a system of a seller (a mail gateway, a telephone exchange) or of one of its partners.

use sea_orm::entity::prelude::*;

use crate::id::{ApiClientId, PartnerId, SellerId};
use crate::json::ApiScopes;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub scopes: ApiScopes,
    pub active: bool,
    /// The last event of the seller's feed that it may read, set when its access ends. NULL: no limit.
    pub ended_seq: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
