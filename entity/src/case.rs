//! A case: what one customer complains about. It has exactly one owner.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, MessageId, SellerId, ServiceLevelId, StaffId};
use crate::json::Texts;
use crate::kind::{CaseStage, Channel, Language, Priority, Severity};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseId,
    pub seller_id: SellerId,
    pub reference: String,
    pub version: i64,
    pub owner_id: StaffId,
    pub owner_seq: i64,
    pub owner_open: bool,
    pub owner_active: bool,
    pub customer_id: CustomerId,
    /// The name that the customer gave when the case was opened. NULL: none was given.
    pub customer_name: Option<String>,
    pub channel: Channel,
    pub subject: String,
    pub category: Option<String>,
    /// `category` in the normalised form in which names are compared.
    pub category_key: Option<String>,
    pub product: Option<String>,
    pub language: Language,
    pub order_reference: Option<String>,
    /// `order_reference` in the normalised form in which references are compared.
    pub order_key: Option<String>,
    pub order_amount_minor: Option<i64>,
    pub order_currency: Option<String>,
    pub remedy_sought: Option<String>,
    pub priority: Priority,
    pub stage: CaseStage,
    pub severity: Option<Severity>,
    pub tags: Texts,
    pub service_level_id: Option<ServiceLevelId>,
    pub merged_into: Option<CaseId>,
    pub not_understood: bool,
    pub received_at: DateTimeUtc,
    pub opened_at: DateTimeUtc,
    pub closed_at: Option<DateTimeUtc>,
    pub next_contact_due: Option<DateTimeUtc>,
    pub last_message_id: Option<MessageId>,
    pub last_event_at: DateTimeUtc,
    /// How often the customer had to ask for news.
    pub times_chased: i32,
    /// When the customer last had to ask for news.
    pub last_chased_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
