//! A team of a seller's staff; rules route to it, a person in it owns.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, StaffId, TeamId};
use crate::json::CalendarContent;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    /// Counted up with every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub lead_id: StaffId,
    pub lead_active: bool,
    /// None: the seller's.
    pub calendar: Option<CalendarContent>,
    /// Counts its calendars; 0 when it never had one of its own.
    pub calendar_number: i64,
    pub calendar_since: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand where they are read.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
