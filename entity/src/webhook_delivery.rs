//! A delivery: one message to a webhook endpoint.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, WebhookDeliveryId, WebhookEndpointId};
use crate::kind::DeliveryStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    pub seller_id: SellerId,
    pub endpoint_id: WebhookEndpointId,
    pub feed_seq: Option<i64>,
    /// Deliveries with the same key are sent in order: the task for a partner, the case for the seller. NULL for a
    /// ping.
    pub ordering_key: Option<Uuid>,
    pub kind: String,
    pub body: String,
    pub status: DeliveryStatus,
    pub attempts: i32,
    pub failures: i32,
    pub next_at: DateTimeUtc,
    pub leased_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
