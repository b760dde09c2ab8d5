//! Reads of messages.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::Visibility;
use entity::message;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Messages in one read at most.
const MOST: u64 = 50;

/// A case's messages after this time, oldest first; only those that the customer may read if `for_customer`.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(
    db: &DatabaseConnection,
    id: CaseId,
    after: Option<DateTime<Utc>>,
    for_customer: bool,
) -> Result<Vec<message::Model>, DbErr> {
    let mut query = message::Entity::find().filter(message::Column::CaseId.eq(id));
    if let Some(after) = after.filter(crate::kit::page::sensible) {
        query = query.filter(message::Column::At.gt(after));
    }
    if for_customer {
        query = query.filter(message::Column::Visibility.eq(Visibility::Customer));
    }
    query.order_by_asc(message::Column::At).order_by_asc(message::Column::Id).limit(MOST).all(db).await
}
