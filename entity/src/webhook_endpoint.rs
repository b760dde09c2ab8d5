//! A webhook endpoint: the address of a partner's or a seller's system to which events are sent.

use sea_orm::entity::prelude::*;

use crate::id::{PartnerId, SellerId, WebhookEndpointId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookEndpointId,
    /// Incremented by every change that a person makes, and when the service disables the endpoint.
    pub version: i64,
    pub seller_id: SellerId,
    /// The partner whose system it is. NULL: it is the seller's own.
    pub partner_id: Option<PartnerId>,
    pub url: String,
    pub active: bool,
    pub disabled_because: Option<String>,
    pub generation: i32,
    pub previous_until: Option<DateTimeUtc>,
    pub queued_to: i64,
    pub failing_since: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
