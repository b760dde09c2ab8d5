//! Reads of messages.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::Visibility;
use entity::{merger, message};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::kit::db::Db;

/// Messages in one read at most.
const MOST: u64 = 50;

/// The messages of a case, and of those merged into it, after this time, oldest first; only those that the customer may read if `for_customer`.
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
        // The customer of one reads the other's words only where somebody said that both are theirs.
        merged = merged.filter(merger::Column::SameCustomer.eq(true));
    }
    let own = message::Column::CaseId.eq(id).or(message::Column::CaseId.in_subquery(merged.into_query()));
    let mut query = message::Entity::find().filter(own);
    if let Some(after) = after.filter(crate::kit::page::sensible) {
        query = query.filter(message::Column::At.gt(after));
    }
    if for_customer {
        query = query.filter(message::Column::Visibility.eq(Visibility::Customer));
    }
    query.order_by_asc(message::Column::At).order_by_asc(message::Column::Id).limit(MOST).all(db).await
}
