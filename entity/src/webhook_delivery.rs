//! Something an endpoint is told.

use sea_orm::entity::prelude::*;

use crate::id::{TaskId, WebhookDeliveryId, WebhookEndpointId};
use crate::kind::DeliveryStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    pub feed_seq: Option<i64>,
    pub task_id: Option<TaskId>,
    pub kind: String,
    pub body: String,
    pub status: DeliveryStatus,
    pub attempts: i32,
    pub next_at: DateTimeUtc,
    pub taken_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
