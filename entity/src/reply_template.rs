//! A reply template: a seller's text for replies, with placeholders for values of a case.

use sea_orm::entity::prelude::*;

use crate::id::{ReplyTemplateId, SellerId};
use crate::kind::Language;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reply_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReplyTemplateId,
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub language: Language,
    pub text: String,
    pub active: bool,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
