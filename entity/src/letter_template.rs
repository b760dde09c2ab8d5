//! A seller's own template for its letters of one kind and language.

use sea_orm::entity::prelude::*;

use crate::id::SellerId;
use crate::kind::{Language, LetterKind};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: SellerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: LetterKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub language: Language,
    pub version: i64,
    pub subject: String,
    pub body: String,
    pub html: Option<String>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
