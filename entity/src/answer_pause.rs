//! A pause of the time for the company's answer to a case.

use sea_orm::entity::prelude::*;

use crate::id::{AnswerPauseId, CaseId, SellerId, StaffId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_pause")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnswerPauseId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub reason: String,
    pub from_at: DateTimeUtc,
    pub until_at: DateTimeUtc,
    /// When it ended, if that was before `until_at`.
    pub ended_at: Option<DateTimeUtc>,
    pub by_id: StaffId,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
