//! A report: what the customer said, one for each contact. The raw bytes are kept.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CustomerId, ReportId, SellerId};
use crate::kind::{Channel, PartyKind};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportId,
    pub seller_id: SellerId,
    pub case_id: CaseId,
    pub customer_id: CustomerId,
    pub channel: Channel,
    pub received_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    pub received_by_kind: PartyKind,
    pub received_by_id: Option<Uuid>,
    pub subject: Option<String>,
    pub words: String,
    pub message_id: Option<String>,
    pub understood: bool,
    pub details: Json,
    pub raw_sha256: Vec<u8>,
    pub raw_content_type: String,
    pub raw_size: i64,
    /// The number, in E.164, from which a call came in.
    pub from_number: Option<String>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
