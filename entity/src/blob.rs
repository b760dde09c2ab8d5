//! Stored bytes, with their SHA-256 as the key. The same bytes are stored once: here, or as the parts of an upload.

use sea_orm::entity::prelude::*;

use crate::id::UploadId;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blob")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: Vec<u8>,
    pub bytes: Option<Vec<u8>>,
    pub upload_id: Option<UploadId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
