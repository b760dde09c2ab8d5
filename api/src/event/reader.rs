//! Reads sellers' feeds for what is derived from events: notices, mails about tasks, pushes and webhooks. Each of them
//! stores its own position in a row.

use entity::id::SellerId;
use entity::{event, feed};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{EntityTrait, JoinType, QueryFilter, QuerySelect, Select};

use super::log;
use super::payload::Payload;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// The next events of a seller's feed.
pub struct Next {
    /// The events, oldest first.
    pub events: Vec<event::Model>,
    /// The number to store as the new position.
    pub read_to: i64,
    /// Whether more events may be waiting.
    pub more: bool,
}

/// The next events of a seller's feed after this number.
///
/// # Errors
/// When the store cannot be read.
pub async fn next(work: &Work, seller: SellerId, after: i64) -> Outcome<Next> {
    // The end of the log is read before the events, so that no event that is numbered in between is skipped.
    let head = log::head(work.tx()?, seller).await?;
    let events = log::next(work.tx()?, seller, (after, head)).await?;
    let more = events.len() as u64 == log::PAGE;
    let read_to = events.last().filter(|_| more).map_or(head, |last| last.feed_seq);
    Ok(Next { events, read_to, more })
}

/// An event with its payload. None for an event that a newer version of the service wrote: nothing is derived from it
/// here.
#[must_use]
pub fn known(event: event::Model) -> Option<(event::Model, Payload)> {
    let payload = Payload::join(&event.kind, &event.data).ok()?;
    Some((event, payload))
}

/// The rows whose position is before the end of their seller's feed. The caller chooses the columns.
#[must_use]
pub fn behind<E: EntityTrait>(seller: E::Column, position: E::Column) -> Select<E> {
    let own_feed = E::belongs_to(feed::Entity).from(seller).to(feed::Column::SellerId).into();
    E::find()
        .select_only()
        .join(JoinType::InnerJoin, own_feed)
        .filter(Expr::col((E::default(), position)).lt(Expr::col((feed::Entity, feed::Column::LastSeq))))
}
