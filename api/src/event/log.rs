//! The log: appended to within an act, read by everybody who follows.

use entity::id::{CaseId, PartnerId, SellerId, StaffId};
use entity::{case, event, feed};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};

use super::payload::Payload;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::page::together;
use crate::kit::work::Work;

/// Events in one read at most.
pub const PAGE: u64 = 100;

/// Appends an event to a case and raises the case's version to its number. Its time is never before the time of the
/// case's last event, although clocks are sometimes set back. The caller holds the lock on the case
/// (or is creating it) and saves it in the same act.
///
/// # Errors
/// When the payload cannot be written as JSON, which none of ours can cause.
pub fn append(work: &mut Work, case: &mut case::Model, payload: &Payload) -> Outcome<()> {
    case.version += 1;
    case.last_event_at = Ord::max(case.last_event_at, work.now());
    let (kind, data) = payload.split()?;
    let (by_kind, by_id) = work.actor().party();
    work.append(event::Model {
        case_id: case.id,
        seq: case.version,
        seller_id: case.seller_id,
        feed_seq: 0,
        owner_id: case.owner_id,
        kind,
        at: case.last_event_at,
        by_kind,
        by_id,
        partner_id: payload.task().map(|(_, partner)| partner),
        staff_id: payload.staff(),
        for_customer: payload.for_customer(),
        data,
    });
    Ok(())
}

/// A case's events after this number, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(db: &Db, id: CaseId, after: i64) -> Result<Vec<event::Model>, DbErr> {
    case_page(id, after).all(db).await
}

/// The events of a case that its customer is told, after this number, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case_for_customer(db: &Db, id: CaseId, after: i64) -> Result<Vec<event::Model>, DbErr> {
    case_page(id, after).filter(event::Column::ForCustomer.eq(true)).all(db).await
}

fn case_page(id: CaseId, after: i64) -> Select<event::Entity> {
    event::Entity::find()
        .filter(event::Column::CaseId.eq(id))
        .filter(event::Column::Seq.gt(after))
        .order_by_asc(event::Column::Seq)
        .limit(PAGE)
}

/// What concerns a partner's tasks, after this number of the seller's feed, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_partner(db: &impl ConnectionTrait, id: PartnerId, after: i64) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::find()
        .filter(event::Column::PartnerId.eq(id))
        .filter(event::Column::FeedSeq.gt(after))
        .order_by_asc(event::Column::FeedSeq)
        .limit(PAGE)
        .all(db)
        .await
}

/// What happened to a seller's cases in this stretch of its feed (after, up to), oldest first; if a person is given,
/// only to those they owned when it happened, and what concerned them otherwise: a case lost or offered, something late
/// below them. Who owned a case then does not change, so nothing is passed over however late somebody reads.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_seller(
    db: &Db,
    seller: SellerId,
    owner: Option<StaffId>,
    (after, up_to): (i64, i64),
) -> Result<Vec<event::Model>, DbErr> {
    let stretch = event::Entity::find()
        .filter(event::Column::SellerId.eq(seller))
        .filter(event::Column::FeedSeq.gt(after))
        .filter(event::Column::FeedSeq.lte(up_to));
    let queries = match owner {
        None => vec![stretch],
        Some(owner) => vec![
            stretch.clone().filter(event::Column::OwnerId.eq(owner)),
            stretch.filter(event::Column::StaffId.eq(owner)).filter(event::Column::OwnerId.ne(owner)),
        ],
    };
    together(db, queries, &[event::Column::FeedSeq], &Order::Asc, PAGE).await
}

/// The number of the last event of a seller's feed.
///
/// # Errors
/// When the store cannot be read.
pub async fn head(db: &impl ConnectionTrait, seller: SellerId) -> Result<i64, DbErr> {
    Ok(feed::Entity::find_by_id(seller).one(db).await?.map_or(0, |head| head.last_seq))
}

/// The number of the last event of every seller's feed.
///
/// # Errors
/// When the store cannot be read.
pub async fn heads(db: &Db) -> Result<Vec<feed::Model>, DbErr> {
    feed::Entity::find().all(db).await
}

/// Whom the events of a feed after this number concern: case and partner, with the event's number.
///
/// # Errors
/// When the store cannot be read.
pub async fn topics(
    db: &Db,
    seller: SellerId,
    after: i64,
    most: u64,
) -> Result<Vec<(CaseId, Option<PartnerId>, i64)>, DbErr> {
    event::Entity::find()
        .select_only()
        .columns([event::Column::CaseId, event::Column::PartnerId, event::Column::FeedSeq])
        .filter(event::Column::SellerId.eq(seller))
        .filter(event::Column::FeedSeq.gt(after))
        .order_by_asc(event::Column::FeedSeq)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}
