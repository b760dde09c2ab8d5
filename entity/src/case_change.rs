//! What staff changed on a case at one time: the fields with their values before and after. Events hold no words, so
//! the values stand here.

use sea_orm::entity::prelude::*;

use crate::id::{CaseChangeId, CaseId, SellerId};
use crate::json::FieldChanges;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseChangeId,
    pub case_id: CaseId,
    pub seller_id: SellerId,
    pub changes: FieldChanges,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
