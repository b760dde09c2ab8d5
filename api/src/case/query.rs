//! Queries for cases. Each returns only what the actor may see.

use entity::id::{CaseId, TaskId};
use entity::kind::Visibility;
use entity::{attachment, case, case_task, merger, message};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::access::table::{Action, may, to_case, to_task};
use crate::kit::actor::Actor;
use crate::kit::db::Db;
use crate::task::query::{is_given, of_file};

/// The case with this id, if the actor may read the whole case.
///
/// # Errors
/// When the store cannot be read.
pub async fn by_id(db: &Db, actor: Actor, id: CaseId) -> Result<Option<case::Model>, DbErr> {
    Ok(case::Entity::find_by_id(id).one(db).await?.filter(|case| may(to_case(actor, case), Action::ReadCase)))
}

/// Whether the actor may read this file: the case or the task that it came with, or it was given to the actor for a
/// task, or it came with a message that the actor reads as the customer.
///
/// # Errors
/// When the store cannot be read.
pub async fn reads_file(db: &Db, actor: Actor, file: &attachment::Model) -> Result<bool, DbErr> {
    let reads = match of_file(db, file).await? {
        Some(task) => reads_task(db, actor, task).await?,
        None => by_id(db, actor, file.case_id).await?.is_some(),
    };
    Ok(reads || is_given(db, actor, file.id).await? || is_shown(db, actor, file).await?)
}

/// Whether the actor is the customer who reads the message that the file came with, on their own case or on one that is
/// merged into it and was confirmed to be theirs.
async fn is_shown(db: &Db, actor: Actor, file: &attachment::Model) -> Result<bool, DbErr> {
    let Actor::Customer { case: own, .. } = actor else { return Ok(false) };
    let message = message::Entity::find()
        .filter(message::Column::CaseId.eq(file.case_id))
        .filter(message::Column::Visibility.eq(Visibility::Customer));
    let message = match (file.message_id, file.report_id) {
        (Some(id), _) => message.filter(message::Column::Id.eq(id)),
        (None, Some(id)) => message.filter(message::Column::ReportId.eq(id)),
        (None, None) => return Ok(false),
    };
    if message.limit(1).one(db).await?.is_none() {
        return Ok(false);
    }
    if file.case_id == own {
        return Ok(true);
    }
    let merged = merger::Entity::find()
        .filter(merger::Column::CaseId.eq(file.case_id))
        .filter(merger::Column::IntoId.eq(own))
        .filter(merger::Column::UndoneAt.is_null())
        .filter(merger::Column::SameCustomer.eq(true));
    Ok(merged.limit(1).one(db).await?.is_some())
}

async fn reads_task(db: &Db, actor: Actor, id: TaskId) -> Result<bool, DbErr> {
    let Some(task) = case_task::Entity::find_by_id(id).one(db).await? else { return Ok(false) };
    let case = case::Entity::find_by_id(task.case_id).one(db).await?;
    Ok(case.is_some_and(|case| may(to_task(actor, &task, &case), Action::ReadTask)))
}

/// The case with this reference, if the actor may read the whole case.
///
/// # Errors
/// When the store cannot be read.
pub async fn by_reference(db: &Db, actor: Actor, reference: &str) -> Result<Option<case::Model>, DbErr> {
    let found =
        case::Entity::find().filter(case::Column::Reference.eq(super::reference::named(reference))).one(db).await?;
    Ok(found.filter(|case| may(to_case(actor, case), Action::ReadCase)))
}
