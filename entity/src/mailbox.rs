//! A mailbox: an address that complaints are mailed to.

use sea_orm::entity::prelude::*;

use crate::id::{MailboxId, SellerId};
use crate::json::Texts;
use crate::kind::{Language, MailTransport};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mailbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailboxId,
    pub version: i64,
    pub seller_id: SellerId,
    pub address: String,
    pub name: String,
    pub category: Option<String>,
    pub language: Language,
    pub transport: MailTransport,
    pub active: bool,
    pub generation: i32,
    pub trusted_senders: Texts,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
