//! A team of a seller's staff. Rules may route to a team; one of its members becomes the owner.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, StaffId, TeamId};
use crate::json::CalendarContent;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub lead_id: StaffId,
    pub lead_active: bool,
    /// NULL: the team uses the seller's calendar.
    pub calendar: Option<CalendarContent>,
    /// The number of its present calendar; 0 when it never had one of its own.
    pub calendar_number: i64,
    pub calendar_since: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
