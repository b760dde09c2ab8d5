//! Access to rows with a check. Acts reach a case or a task through these functions, so that no act can forget the
//! check for permission, and so that locks are always taken in the same order (`docs/architecture.md`, "The stores"):
//! first a case that continues, then the cases merged into it, then the rows that belong to them.

use std::collections::BTreeSet;

use entity::id::{CaseId, SellerId, TaskId};
use entity::{case, case_task, merger, partner, seller};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::table::{self, Action};
use crate::kit::actor::Actor;
use crate::kit::error::{Fault, Outcome, Problem, Refusal};
use crate::kit::rows::Held;
use crate::kit::tables::Versioned;
use crate::kit::work::Work;

/// The case with this id, locked for update, if the actor may perform this action on it.
///
/// # Errors
/// `NOT_FOUND` when the case does not exist or the actor may not see it, `FORBIDDEN` when the actor may not perform the
/// action, `VERSION_CONFLICT` when the caller expects another version.
pub async fn case(work: &Work, id: CaseId, action: Action, field: &str) -> Outcome<Held<case::Model>> {
    let case = either_case(work, id, action, field).await?;
    work.check_version(case.version)?;
    Ok(case)
}

/// As [`case()`], but without the check of the version, for acts that check the version of another row.
///
/// # Errors
/// As [`case()`], except `VERSION_CONFLICT`.
pub async fn either_case(work: &Work, id: CaseId, action: Action, field: &str) -> Outcome<Held<case::Model>> {
    let case = lock(work, id).await?.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::to_case(work.actor(), &case), action, Action::ReadCase, field)?;
    Ok(case)
}

/// As [`case()`], for somebody who hands in what belongs to the case. A system of the seller hands in whether it may
/// read cases or not.
///
/// # Errors
/// As [`case()`].
pub async fn case_of_intake(work: &Work, id: CaseId, field: &str) -> Outcome<Held<case::Model>> {
    let case = lock(work, id).await?.ok_or_else(|| Problem::not_found(field))?;
    let standing = match work.actor() {
        actor @ Actor::Client { .. } => table::at_seller(actor, case.seller_id),
        actor => table::to_case(actor, &case),
    };
    table::check(standing, Action::LogPhoneCall, Action::ReadCase, field)?;
    work.check_version(case.version)?;
    Ok(case)
}

/// The case of the customer who acts, locked for update.
///
/// # Errors
/// As [`case()`].
pub async fn own_case(work: &Work, id: CaseId, action: Action) -> Outcome<Held<case::Model>> {
    let own = matches!(work.actor(), Actor::Customer { case, .. } if case == id);
    let field = if own { "" } else { "caseId" };
    let case = lock(work, id).await?.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::to_case(work.actor(), &case), action, Action::ReadCustomerCase, field)?;
    if !still_theirs(work, &case).await? {
        return Err(Problem::not_found(field).into());
    }
    work.check_version(case.version)?;
    Ok(case)
}

/// Whether a locked case still belongs to the customer who acts, or is merged with one of theirs as the same
/// customer's. If the case was given to another customer in the meantime, the former one must not write in their name.
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

/// The task with this id and its case, both locked for update, if the actor may perform this action on the task.
///
/// # Errors
/// As [`case()`].
pub async fn task(
    work: &Work,
    id: TaskId,
    action: Action,
    field: &str,
) -> Outcome<(Held<case_task::Model>, Held<case::Model>)> {
    let not_found = || Problem::not_found(field);
    let found = case_task::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let case = lock(work, found.case_id).await?.ok_or_else(not_found)?;
    let task = work.lock::<case_task::Model>(id).await?.ok_or_else(not_found)?;
    table::check(table::to_task(work.actor(), &task, &case), action, Action::ReadTask, field)?;
    table::check_scope(work.actor(), action)?;
    work.check_version(task.version)?;
    Ok((task, case))
}

/// The seller with this id, if the actor administers it. The lock excludes other changes of the seller's directory and
/// rules, but not new cases that refer to the seller.
///
/// # Errors
/// As [`case()`].
pub async fn seller(work: &Work, id: SellerId, field: &str) -> Outcome<Held<seller::Model>> {
    let locked = seller::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
    let seller = locked.ok_or_else(|| Problem::not_found(field))?;
    administers(work, id, field)?;
    work.hold(seller)?.ok_or_else(|| Problem::not_found(field).into())
}

/// The seller for which the actor may hand in complaints by this action.
///
/// # Errors
/// `FORBIDDEN` when the actor may not.
pub fn intake(work: &Work, action: Action) -> Result<SellerId, Problem> {
    let actor = work.actor();
    let seller = actor.seller().filter(|seller| table::may(table::to_intake(actor, *seller), action));
    let seller = seller.ok_or_else(|| table::refused(action))?;
    table::check_scope(actor, action)?;
    Ok(seller)
}

/// Checks that the actor may perform this action on something that belongs to a partner.
///
/// # Errors
/// As [`case()`].
pub fn systems(work: &Work, partner: &partner::Model, action: Action, field: &str) -> Result<(), Problem> {
    table::check(table::to_partner(work.actor(), partner), action, Action::ReadDirectory, field)
}

/// Checks that the actor administers the seller of this row, and expects the row's present version.
///
/// # Errors
/// As [`case()`].
pub fn changes(work: &Work, seller: SellerId, row: &impl Versioned, field: &str) -> Result<(), Problem> {
    administers(work, seller, field)?;
    work.check_version(row.version())
}

/// Checks that the actor administers this seller.
///
/// # Errors
/// As [`case()`].
pub fn administers(work: &Work, id: SellerId, field: &str) -> Result<(), Problem> {
    table::check(table::to_directory(work.actor(), id), Action::Administer, Action::ReadDirectory, field)
}

/// Locks these cases, the cases that were merged into them and the cases that they were merged into, in the order of
/// their ids. Every act that changes several cases begins with this. Because all acts lock in the same order, two of
/// them cannot deadlock. SQLite has only one writer, so nothing is locked there.
///
/// # Errors
/// When the store cannot be read.
pub async fn lock_related(work: &Work, ids: &[CaseId]) -> Outcome<()> {
    if work.tx()?.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let ids = || ids.iter().copied();
    let related: Vec<(CaseId, Option<CaseId>)> = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::MergedInto])
        .filter(case::Column::Id.is_in(ids()).or(case::Column::MergedInto.is_in(ids())))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let all: BTreeSet<CaseId> = related.into_iter().flat_map(|(id, into)| [Some(id), into]).flatten().collect();
    lock_in_order(work, all).await?;
    Ok(())
}

/// Locks these cases in the order of their ids. Must be called before any other case is locked.
///
/// # Errors
/// When the store cannot be read.
pub async fn lock_in_order(work: &Work, ids: impl IntoIterator<Item = CaseId>) -> Outcome<Vec<Held<case::Model>>> {
    let cases = case::Entity::find().filter(case::Column::Id.is_in(ids));
    work.lock_all(cases.order_by_asc(case::Column::Id)).await
}

/// These cases in the order in which single ones are locked: those that are not merged into another come first.
///
/// # Errors
/// When the store cannot be read.
pub async fn continuing_first(work: &Work, ids: Vec<CaseId>) -> Outcome<Vec<CaseId>> {
    Ok(case::Entity::find()
        .select_only()
        .column(case::Column::Id)
        .filter(case::Column::Id.is_in(ids))
        .order_by_asc(case::Column::MergedInto.is_not_null())
        .order_by_asc(case::Column::Id)
        .into_tuple()
        .all(work.tx()?)
        .await?)
}

/// The case that this locked case was merged into, locked; none if it is not merged.
///
/// # Errors
/// When the act must be run again.
pub async fn goes_on(work: &Work, case: &case::Model) -> Outcome<Option<Held<case::Model>>> {
    match case.merged_into {
        Some(into) => Ok(at_once(work, vec![into]).await?.pop()),
        None => Ok(None),
    }
}

/// Whether cases were merged into this locked case.
///
/// # Errors
/// When the store cannot be read.
pub async fn has_merged_in(work: &Work, id: CaseId) -> Outcome<bool> {
    let absorbed = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::MergedInto.eq(id));
    Ok(absorbed.limit(1).into_tuple::<CaseId>().one(work.tx()?).await?.is_some())
}

/// The cases that were merged into this locked case, locked, in the order of their ids.
///
/// # Errors
/// When the act must be run again.
pub async fn merged_in(work: &Work, id: CaseId) -> Outcome<Vec<Held<case::Model>>> {
    let ids = case::Entity::find()
        .select_only()
        .column(case::Column::Id)
        .filter(case::Column::MergedInto.eq(id))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    at_once(work, ids).await
}

/// Locks cases that [`lock_related`] has locked already, or that have become related since then. It does not wait for
/// the latter, because waiting for a case while holding another could deadlock. If another act holds one of them, this
/// act is run again from its beginning.
///
/// # Errors
/// When the act must be run again.
pub async fn at_once(work: &Work, ids: Vec<CaseId>) -> Outcome<Vec<Held<case::Model>>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let count = ids.len();
    let free = case::Entity::find().filter(case::Column::Id.is_in(ids)).order_by_asc(case::Column::Id);
    let found = free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(work.tx()?).await?;
    if found.len() < count {
        return Err(run_again(work).await);
    }
    found.into_iter().filter_map(|case| work.hold(case).transpose()).collect()
}

/// Gives up this try of the act with a serialization failure, so that it is run again from its beginning. Only on
/// PostgreSQL, because only there do acts run concurrently.
async fn run_again(work: &Work) -> Refusal {
    let collide = "DO $$ BEGIN RAISE serialization_failure USING MESSAGE = 'a row is locked by another act'; END $$";
    let raised = match work.tx() {
        Ok(tx) if tx.get_database_backend() == DbBackend::Postgres => tx.execute_unprepared(collide).await,
        Ok(_) => return Fault::Broken("one writer meets nobody").into(),
        Err(error) => Err(error),
    };
    match raised {
        Ok(_) => Fault::Broken("what collides fails").into(),
        Err(error) => error.into(),
    }
}

/// Locks the case with this id, without a check for permission.
///
/// # Errors
/// When the store cannot be read.
pub async fn lock(work: &Work, id: CaseId) -> Outcome<Option<Held<case::Model>>> {
    work.lock(id).await
}
