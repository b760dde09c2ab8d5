//! A file that came with a report, with a message, with a partner's update of a task, or with a message about a task.

use sea_orm::entity::prelude::*;

use crate::id::{AttachmentId, CaseId, MessageId, ReportId, TaskMessageId, TaskUpdateId};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    pub case_id: CaseId,
    pub report_id: Option<ReportId>,
    pub task_update_id: Option<TaskUpdateId>,
    pub task_message_id: Option<TaskMessageId>,
    pub message_id: Option<MessageId>,
    pub position: i32,
    pub name: String,
    pub content_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
}

/// No relations are declared, because each query writes its own joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
