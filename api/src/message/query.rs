//! Queries for messages.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::Visibility;
use entity::{merger, message};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, QueryFilter, QuerySelect};

use crate::kit::db::Db;
use crate::kit::page::together;

/// The most messages in one read.
const MOST: u64 = 50;
/// The most cases whose messages are read in one statement.
const MERGED: usize = 50;

/// The messages of a case and of the cases merged into it, after this time, oldest first. With `for_customer`, only
/// those that the customer may read.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(
    db: &Db,
    id: CaseId,
    after: Option<DateTime<Utc>>,
    for_customer: bool,
) -> Result<Vec<message::Model>, DbErr> {
    let mut merged = merger::Entity::find()
        .select_only()
        .column(merger::Column::CaseId)
        .filter(merger::Column::IntoId.eq(id))
        .filter(merger::Column::UndoneAt.is_null());
    if for_customer {
        // The customer of one case may read the messages of the other only if both cases were confirmed to be of the
        // same person.
        merged = merged.filter(merger::Column::SameCustomer.eq(true));
    }
    // The ids are read first, because with `OR` or `IN` over a subquery the store would scan all messages.
    let mut cases: Vec<CaseId> = merged.into_tuple().all(db).await?;
    cases.push(id);
    let own = |case| {
        let mut query = message::Entity::find().filter(message::Column::CaseId.eq(case));
        if let Some(after) = after.filter(crate::kit::page::sensible) {
            query = query.filter(message::Column::At.gt(after));
        }
        if for_customer {
            query = query.filter(message::Column::Visibility.eq(Visibility::Customer));
        }
        query
    };
    let mut found = Vec::new();
    for some in cases.chunks(MERGED) {
        let queries = some.iter().copied().map(own).collect();
        found.extend(together(db, queries, &[message::Column::At, message::Column::Id], &Order::Asc, MOST).await?);
    }
    found.sort_by_key(|message| (message.at, message.id.0));
    found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(found)
}
