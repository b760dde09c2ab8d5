//! A push notification to a device: the kind of news, the case and the time, without text.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DeviceId, PushId, SellerId};
use crate::kind::PushStatus;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "push")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PushId,
    pub seller_id: SellerId,
    pub device_id: DeviceId,
    pub case_id: CaseId,
    /// The host that it is sent to.
    pub host: String,
    /// The kind of event, as the API names it.
    pub kind: String,
    pub status: PushStatus,
    pub reason: Option<String>,
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
