//! A widget: a complaint form on a web page, identified by a publishable key.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, WidgetId};
use crate::json::FormContent;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "widget")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WidgetId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub publishable_key: String,
    pub active: bool,
    /// What the form asks.
    pub form: FormContent,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
