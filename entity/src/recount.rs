//! A recount: open timers are computed again after a calendar or a service level changed.

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
    /// The opening time of the last case that was looked at. NULL before the first.
    pub after_opened_at: Option<DateTimeUtc>,
    pub after_id: Option<CaseId>,
    /// The number of open cases looked at so far.
    pub cases: i64,
    /// The number of those in which a timer moved.
    pub moved: i64,
    pub finished_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
