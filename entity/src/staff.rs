//! A member of a seller's staff: the only kind of party that can own a case.

use sea_orm::entity::prelude::*;

use crate::id::{SellerId, StaffId};
use crate::json::{NoticeSettings, Texts, WeekHours};
use crate::kind::{Language, Role};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffId,
    /// Incremented by every change.
    pub version: i64,
    pub seller_id: SellerId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub language: Language,
    pub active: bool,
    pub capacity: i32,
    pub skills: Texts,
    pub working_hours: Option<WeekHours>,
    /// Their notice settings that differ from the defaults.
    pub notices: NoticeSettings,
    pub created_at: DateTimeUtc,
    pub deactivated_at: Option<DateTimeUtc>,
    /// The last event of the seller's feed that they may read, set when their access ends. NULL: no limit.
    pub ended_seq: Option<i64>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
