//! A secret that an API client exchanges for short-lived tokens. Only its hash is stored.

use sea_orm::entity::prelude::*;

use crate::id::{ApiClientId, ClientSecretId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientSecretId,
    /// Incremented by every change.
    pub version: i64,
    pub client_id: ApiClientId,
    pub seller_id: SellerId,
    pub hash: Vec<u8>,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    /// The last event of the seller's feed that its tokens may read, set when it is revoked. NULL: no limit.
    pub ended_seq: Option<i64>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
