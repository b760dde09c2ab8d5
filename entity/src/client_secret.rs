//! What an API client shows to get short tokens; only its hash.

use sea_orm::entity::prelude::*;

use crate::id::{ApiClientId, ClientSecretId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientSecretId,
    /// Counted up with every change.
    pub version: i64,
    pub client_id: ApiClientId,
    pub seller_id: SellerId,
    pub hash: Vec<u8>,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    /// The last event of the seller's feed its tokens may still be told of; NULL while they may be told of all.
    pub ended_seq: Option<i64>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
