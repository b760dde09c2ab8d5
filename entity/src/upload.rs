//! A file that its sender uploads before the act that attaches it.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, UploadId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UploadId,
    pub seller_id: SellerId,
    pub made_by: Uuid,
    pub made_for: Option<Uuid>,
    pub party_id: Uuid,
    pub reserved: i64,
    pub name: String,
    pub size: i64,
    pub stated_sha256: Option<Vec<u8>>,
    pub received: i64,
    pub content_type: Option<String>,
    pub sha256: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub attached_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
