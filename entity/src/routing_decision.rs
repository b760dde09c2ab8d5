//! Why routing chose an owner: the facts that the rules used, and the rules that did not match.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, RuleSetId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routing_decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner_seq: i64,
    /// 1, and one more for each time that the case was routed again in the same period of ownership.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub rule_set_id: Option<RuleSetId>,
    pub rule_set_version: Option<i64>,
    pub rule_name: Option<String>,
    pub fallback: bool,
    pub facts: Json,
    pub reasons: Json,
    /// Why somebody had the case routed again. NULL: the service routed it by itself.
    pub asked_because: Option<String>,
    pub decided_at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
