//! A customer of a seller.

use sea_orm::entity::prelude::*;

use crate::id::{CustomerId, SellerId};
use crate::kind::Language;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomerId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: Option<String>,
    /// `name` in the normalised form in which names are compared.
    pub name_key: Option<String>,
    pub language: Language,
    pub tier: Option<String>,
    /// How often all tracking tokens of the customer were revoked. Later tokens are derived from it.
    pub token_generation: i32,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
