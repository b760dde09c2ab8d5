//! Queries for lists of tasks, and for who may read files of tasks.

use chrono::{DateTime, Utc};
use entity::id::{AttachmentId, CaseId, PartnerContactId, PartnerId, SellerId, TaskId};
use entity::kind::{ApiScope, TaskStatus};
use entity::{attachment, case_task, task_file, task_message, task_update};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, Select};

use super::decide::is_open;
use crate::access::table::is_theirs;
use crate::kit::actor::Actor;
use crate::kit::db::Db;
use crate::kit::page::once_each;

/// The party whose tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A partner sees its own tasks, except those that were declined or withdrawn.
    Partner(PartnerId),
    /// A seller sees all tasks on its cases.
    Seller(SellerId),
}

/// A filter for tasks. A task must match every field that is given.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The task is in one of these states.
    pub statuses: Option<Vec<TaskStatus>>,
    /// The task is on this case.
    pub case: Option<CaseId>,
    /// The task is this partner's.
    pub partner: Option<PartnerId>,
    /// The task is assigned to this person.
    pub assignee: Option<PartnerContactId>,
    /// The task was changed at this time or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// The task is due before this time.
    pub due_before: Option<DateTime<Utc>>,
}

/// The tasks that match the filter, as disjoint queries. There is one query for each state, because an index that
/// begins with the state returns its rows in the order of the list.
#[must_use]
pub fn list(whose: Whose, filter: &Filter) -> Vec<Select<case_task::Entity>> {
    let mut query = case_task::Entity::find();
    query = match whose {
        Whose::Partner(partner) => query.filter(case_task::Column::PartnerId.eq(partner)),
        Whose::Seller(seller) => query.filter(case_task::Column::SellerId.eq(seller)),
    };
    if let Some(case) = filter.case {
        query = query.filter(case_task::Column::CaseId.eq(case));
    }
    if let Some(partner) = filter.partner {
        query = query.filter(case_task::Column::PartnerId.eq(partner));
    }
    if let Some(person) = filter.assignee {
        query = query.filter(case_task::Column::AssigneeId.eq(person));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(case_task::Column::ChangedAt.gte(since));
    }
    if let Some(before) = filter.due_before {
        // A task is always due after it was requested. The second condition therefore removes nothing, but lets the
        // store skip tasks that were requested later.
        query = query.filter(case_task::Column::DueAt.lt(before)).filter(case_task::Column::RequestedAt.lt(before));
    }
    let seen = |status: &TaskStatus| matches!(whose, Whose::Seller(_)) || is_theirs(*status);
    let statuses = filter.statuses.as_ref().map_or_else(|| once_each(TaskStatus::ALL), |all| once_each(all));
    let of = |status| query.clone().filter(case_task::Column::Status.eq(status));
    statuses.into_iter().filter(seen).map(of).collect()
}

/// The task that a file came with, in an update or a message; none for the file of a report.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_file(db: &Db, file: &attachment::Model) -> Result<Option<TaskId>, DbErr> {
    if let Some(id) = file.task_update_id {
        return Ok(task_update::Entity::find_by_id(id).one(db).await?.map(|row| row.task_id));
    }
    match file.task_message_id {
        Some(id) => Ok(task_message::Entity::find_by_id(id).one(db).await?.map(|row| row.task_id)),
        None => Ok(None),
    }
}

/// Whether a file of a case was given to the actor's partner for a task that is still to be done.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_given(db: &Db, actor: Actor, file: AttachmentId) -> Result<bool, DbErr> {
    let Actor::Partner { partner, .. } = actor else { return Ok(false) };
    let file_of_task = task_file::Entity::belongs_to(case_task::Entity)
        .from(task_file::Column::TaskId)
        .to(case_task::Column::Id)
        .into();
    let open = TaskStatus::ALL.iter().copied().filter(|status| is_open(*status));
    let found = task_file::Entity::find()
        .join(JoinType::InnerJoin, file_of_task)
        .filter(task_file::Column::AttachmentId.eq(file))
        .filter(case_task::Column::PartnerId.eq(partner))
        .filter(case_task::Column::Status.is_in(open))
        .limit(1);
    Ok(!actor.lacks(ApiScope::TasksRead) && found.one(db).await?.is_some())
}
