//! What search finds of a row: its words, for one reader. A reader is a seller, or the partner of a task.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, TaskId};
use crate::kind::SearchKind;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_document")]
pub struct Model {
    /// Counted up by the store, so a later document has a higher number.
    #[sea_orm(primary_key)]
    pub number: i64,
    /// Made of the key of the row that has the words.
    pub id: Uuid,
    pub reader_id: Uuid,
    pub kind: SearchKind,
    /// The id of the object that is found.
    pub subject_id: Uuid,
    pub case_id: Option<CaseId>,
    /// The task that the object belongs to; NULL for what belongs to no task.
    pub task_id: Option<TaskId>,
    /// The words of references, addresses and numbers.
    pub keys: String,
    /// The words of subjects, names and titles.
    pub head: String,
    /// All words, and the marks of the reader and of the kind: each once, separated by spaces.
    pub terms: String,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
