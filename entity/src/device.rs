//! A device registered for push notifications: a browser, or an app behind the operator's relay.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, DeviceId, SellerId, StaffId};

/// One row. It belongs to a member of staff, or to the customer of a case.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeviceId,
    pub seller_id: SellerId,
    pub staff_id: Option<StaffId>,
    pub case_id: Option<CaseId>,
    pub customer_id: Option<CustomerId>,
    /// The address of the browser's push service. NULL for an app.
    pub endpoint: Option<String>,
    /// The browser's public key (P-256, uncompressed), with which messages are encrypted.
    pub public_key: Option<Vec<u8>>,
    /// The browser's authentication secret for that encryption (RFC 8291).
    pub auth: Option<Vec<u8>>,
    /// The token by which the relay knows the app. NULL for a browser.
    pub relay_token: Option<String>,
    pub created_at: DateTimeUtc,
    /// When it was removed. Its address and keys are deleted then.
    pub removed_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
