//! The limit on mails to a reader who is not a customer.

use chrono::{DateTime, TimeDelta, Utc};
use entity::letter;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// The most mails to a member of staff or a partner's person per hour. Further ones wait for a summary.
pub const IN_AN_HOUR: usize = 10;

/// How many more mails the reader of these letters may get within the hour; an error with the time from which they may
/// get one again.
///
/// # Errors
/// When the store cannot be read.
pub async fn room(work: &Work, theirs: Expr) -> Outcome<Result<usize, DateTime<Utc>>> {
    let hour = TimeDelta::hours(1);
    let sent: Vec<DateTime<Utc>> = letter::Entity::find()
        .select_only()
        .column(letter::Column::CreatedAt)
        .filter(theirs)
        .filter(letter::Column::CreatedAt.gt(work.now() - hour))
        .order_by_desc(letter::Column::CreatedAt)
        .limit(IN_AN_HOUR as u64)
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let left = IN_AN_HOUR.saturating_sub(sent.len());
    Ok(match sent.last() {
        Some(oldest) if left == 0 => Err(*oldest + hour),
        _ => Ok(left),
    })
}
