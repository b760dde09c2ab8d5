//! Who watches which cases. A watcher hears of a case that somebody else owns.

use std::collections::{BTreeSet, HashMap};

use entity::case_watcher;
use entity::id::{CaseId, StaffId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The highest number of cases that a person watches at a time, so that their events can be read together.
pub const MOST: u64 = 50;

/// The cases that a person watches.
///
/// # Errors
/// When the store cannot be read.
pub async fn watched_by(db: &impl ConnectionTrait, person: StaffId) -> Result<Vec<CaseId>, DbErr> {
    case_watcher::Entity::find()
        .select_only()
        .column(case_watcher::Column::CaseId)
        .filter(case_watcher::Column::StaffId.eq(person))
        .order_by_asc(case_watcher::Column::CaseId)
        .limit(MOST)
        .into_tuple()
        .all(db)
        .await
}

/// The people who watch each of these cases.
///
/// # Errors
/// When the store cannot be read.
pub async fn watchers_of(
    db: &impl ConnectionTrait,
    cases: BTreeSet<CaseId>,
) -> Result<HashMap<CaseId, Vec<StaffId>>, DbErr> {
    let mut found = HashMap::<_, Vec<_>>::new();
    if cases.is_empty() {
        return Ok(found);
    }
    let rows = case_watcher::Entity::find().filter(case_watcher::Column::CaseId.is_in(cases));
    for row in rows.order_by_asc(case_watcher::Column::StaffId).all(db).await? {
        found.entry(row.case_id).or_default().push(row.staff_id);
    }
    Ok(found)
}
