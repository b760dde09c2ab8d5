//! A step of one version of a plan.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, CommitmentId, StepId, TaskId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    /// The version of the plan.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// The place in the plan: 1, 2, 3 …
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The same in each version in which the step goes on.
    pub id: StepId,
    pub what: String,
    /// The commitment that a step with a date is.
    pub commitment_id: Option<CommitmentId>,
    /// The partner's task that the step depends on.
    pub task_id: Option<TaskId>,
    /// When a step without a date was done.
    pub done_at: Option<DateTimeUtc>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
