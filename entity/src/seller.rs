//! A seller: the company that sold and that answers for its cases.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, StaffId};
use crate::json::{CalendarContent, LegalChoices, ServiceTimes};
use crate::kind::Language;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seller")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SellerId,
    /// Incremented by every change.
    pub version: i64,
    pub name: String,
    pub language: Language,
    pub accountable_id: StaffId,
    pub accountable_active: bool,
    pub times: ServiceTimes,
    pub handover_hours: i32,
    pub calendar: CalendarContent,
    /// The number of its present calendar, counted from 1.
    pub calendar_number: i64,
    pub calendar_since: DateTimeUtc,
    /// The legal clocks that its cases have.
    pub legal_clocks: LegalChoices,
    /// The page where customers follow their cases.
    pub tracking_url: Option<String>,
    pub notices_by_mail: bool,
    pub notices_with_words: bool,
    pub desk_url: Option<String>,
    pub catalogue_version: i64,
    pub created_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
