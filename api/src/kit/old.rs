//! Rows that ended long ago and are deleted, a portion at a time.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, TryGetable};

use super::error::Outcome;
use super::work::Work;

/// How many rows are deleted at once.
const AT_ONCE: u64 = 1_000;

/// The ids of the rows of a table that ended longer ago than they are kept, oldest first; at most 1,000.
///
/// # Errors
/// When the store cannot be read.
pub async fn ended<E, I>(work: &Work, (id, ended_at): (E::Column, E::Column), kept: TimeDelta) -> Outcome<Vec<I>>
where
    E: EntityTrait,
    I: TryGetable + Send + Sync,
{
    let old = E::find()
        .select_only()
        .column(id)
        .filter(ended_at.lte(work.now() - kept))
        .order_by_asc(ended_at)
        .limit(AT_ONCE)
        .into_tuple::<(I,)>();
    Ok(old.all(work.tx()?).await?.into_iter().map(|(id,)| id).collect())
}
