//! A message between the owner of a case and a partner about its task.

use sea_orm::entity::prelude::*;

use crate::id::{TaskId, TaskMessageId};
use crate::kind::PartyKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskMessageId,
    pub task_id: TaskId,
    pub by_kind: PartyKind,
    pub by_id: Option<Uuid>,
    pub body: String,
    /// By when the other side is to answer. NULL: it is no question.
    pub answer_by: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
    /// The result that was refused with this message.
    pub refused_result: Option<String>,
    pub at: DateTimeUtc,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
