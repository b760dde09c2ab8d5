//! Doors to rows. An act reaches a case or a task through them, so that no act can forget to ask whether it is
//! allowed, and so that locks are always taken in the same order: the case, then what hangs on it.

use entity::id::{CaseId, SellerId, TaskId};
use entity::{case, case_task, merger, partner, seller};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::table::{self, Action};
use crate::kit::actor::Actor;
use crate::kit::error::{Outcome, Problem};
use crate::kit::work::{Versioned, Work};

/// The case with this id, locked for change, if the actor may do this to it.
///
/// # Errors
/// "Not found" when there is none or the actor may not see it, "forbidden" when the act is somebody else's, a conflict when
/// it has another version than the caller expects.
pub async fn case(work: &Work, id: CaseId, action: Action, field: &str) -> Outcome<case::Model> {
    let case = either_case(work, id, action, field).await?;
    work.check_version(case.version)?;
    Ok(case)
}

/// As [`case()`], where an act changes two of them: which of them has the version that the caller expects, the act knows.
///
/// # Errors
/// As [`case()`].
pub async fn either_case(work: &Work, id: CaseId, action: Action, field: &str) -> Outcome<case::Model> {
    let case = lock(work, id).await?.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::to_case(work.actor(), &case), action, Action::ReadCase, field)?;
    Ok(case)
}

/// The customer's own case, locked for change.
///
/// # Errors
/// As [`case()`].
pub async fn own_case(work: &Work, id: CaseId, action: Action) -> Outcome<case::Model> {
    let case = lock(work, id).await?.ok_or_else(|| Problem::not_found(""))?;
    table::check(table::to_case(work.actor(), &case), action, Action::ReadCustomerCase, "")?;
    if !still_theirs(work, &case).await? {
        return Err(Problem::not_found("").into());
    }
    work.check_version(case.version)?;
    Ok(case)
}

/// Whether a locked case is still the customer's who acts, or was found to be theirs too: who asked while it was given to
/// somebody else must not speak for them.
async fn still_theirs(work: &Work, case: &case::Model) -> Outcome<bool> {
    let Actor::Customer { id, .. } = work.actor() else { return Ok(true) };
    if id == case.customer_id {
        return Ok(true);
    }
    let own = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::CustomerId.eq(id));
    let theirs = merger::Entity::find()
        .filter(merger::Column::IntoId.eq(case.id))
        .filter(merger::Column::UndoneAt.is_null())
        .filter(merger::Column::SameCustomer.eq(true))
        .filter(merger::Column::CaseId.in_subquery(own.into_query()));
    Ok(theirs.one(work.tx()?).await?.is_some())
}

/// The task with this id and its case, both locked for change, if the actor may do this to it.
///
/// # Errors
/// As [`case()`].
pub async fn task(work: &Work, id: TaskId, action: Action, field: &str) -> Outcome<(case_task::Model, case::Model)> {
    let not_found = || Problem::not_found(field);
    let found = case_task::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let case = lock(work, found.case_id).await?.ok_or_else(not_found)?;
    let task = case_task::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?.ok_or_else(not_found)?;
    table::check(table::to_task(work.actor(), &task, &case), action, Action::ReadTask, field)?;
    table::check_scope(work.actor(), action)?;
    work.check_version(task.version)?;
    Ok((task, case))
}

/// The seller with this id, if the actor administers it: locked against other changes of its directory and rules, but
/// not against new cases that point at it.
///
/// # Errors
/// As [`case()`].
pub async fn seller(work: &Work, id: SellerId, field: &str) -> Outcome<seller::Model> {
    let locked = seller::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
    let seller = locked.ok_or_else(|| Problem::not_found(field))?;
    administers(work, id, field)?;
    Ok(seller)
}

/// The seller whose complaints the actor may hand in by this action.
///
/// # Errors
/// "Forbidden" when the actor may not.
pub fn intake(work: &Work, action: Action) -> Result<SellerId, Problem> {
    let actor = work.actor();
    let seller = actor.seller().filter(|seller| table::may(table::to_intake(actor, *seller), action));
    let seller = seller.ok_or_else(|| table::refused(action))?;
    table::check_scope(actor, action)?;
    Ok(seller)
}

/// Refuses unless the actor may do this to what is a partner's own.
///
/// # Errors
/// As [`case()`].
pub fn systems(work: &Work, partner: &partner::Model, action: Action, field: &str) -> Result<(), Problem> {
    table::check(table::to_partner(work.actor(), partner), action, Action::ReadDirectory, field)
}

/// Refuses unless the actor administers the seller of this row of its directory, and acts on the row as it is.
///
/// # Errors
/// As [`case()`].
pub fn changes(work: &Work, seller: SellerId, row: &impl Versioned, field: &str) -> Result<(), Problem> {
    administers(work, seller, field)?;
    work.check_version(row.version())
}

/// Refuses unless the actor administers this seller.
///
/// # Errors
/// As [`case()`].
pub fn administers(work: &Work, id: SellerId, field: &str) -> Result<(), Problem> {
    table::check(table::to_directory(work.actor(), id), Action::Administer, Action::ReadDirectory, field)
}

async fn lock(work: &Work, id: CaseId) -> Outcome<Option<case::Model>> {
    Ok(case::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?)
}
