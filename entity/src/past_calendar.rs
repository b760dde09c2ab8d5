//! A calendar that was replaced.

use sea_orm::entity::prelude::*;

use crate::id::{PastCalendarId, SellerId, StaffId, TeamId};
use crate::json::CalendarContent;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "past_calendar")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PastCalendarId,
    pub seller_id: SellerId,
    /// None: the seller's own.
    pub team_id: Option<TeamId>,
    pub number: i64,
    /// None: the team went by the seller's.
    pub content: Option<CalendarContent>,
    pub since: Option<DateTimeUtc>,
    pub until: DateTimeUtc,
    pub replaced_by: Option<StaffId>,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
