//! Open times that are counted anew after a calendar or a service level changed.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, RecountId, SellerId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recount")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecountId,
    pub seller_id: SellerId,
    pub asked_at: DateTimeUtc,
    /// The last case that was looked at; none before the first.
    pub after_opened_at: Option<DateTimeUtc>,
    pub after_id: Option<CaseId>,
    /// Open cases that were counted.
    pub cases: i64,
    /// Those of which a time moved.
    pub moved: i64,
    pub finished_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
