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
    /// NULL: it was the seller's own calendar.
    pub team_id: Option<TeamId>,
    pub number: i64,
    /// NULL: the team had no calendar of its own and used the seller's.
    pub content: Option<CalendarContent>,
    pub since: Option<DateTimeUtc>,
    pub until: DateTimeUtc,
    pub replaced_by: Option<StaffId>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
