//! The event log: acts append to it, and subscribers read it.

use entity::id::{CaseId, CustomerId, PartnerId, SellerId, StaffId};
use entity::{case, event, feed};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::payload::Payload;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::page::together;
use crate::kit::work::Work;

/// The most events in one read.
pub const PAGE: u64 = 100;

/// Appends an event to a case and sets the case's version to the number of the event. The time of the event is never
/// before that of the case's last event, even if the clock was set back. The act holds the case, or is
/// creating it.
///
/// # Errors
/// When the payload cannot be serialised as JSON, which cannot happen with the payloads of this service.
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
        customer_id: case.customer_id,
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

/// The events of a case that its customer may see, after this number, oldest first.
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

/// The events of a partner's tasks, after this number of the seller's feed, oldest first.
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

/// The events of a seller's cases in this part of its feed (`after` excluded, `up_to` included), oldest first. If people
/// are given, only the events of cases that one of them owned at that time, and the events that are addressed to them: a
/// case they lost or were offered, or an escalation; and all events of the cases that they watch. The owner at the time
/// of an event is stored with it and does not change, so no event is missed however late it is read.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_seller(
    db: &Db,
    seller: SellerId,
    owners: Option<&[StaffId]>,
    watched: &[CaseId],
    (after, up_to): (i64, i64),
) -> Result<Vec<event::Model>, DbErr> {
    let stretch = || stretch(seller, (after, up_to));
    let others = |owners: &[StaffId]| event::Column::OwnerId.is_not_in(owners.iter().copied());
    let queries = match owners {
        None => vec![stretch()],
        Some(owners) => {
            let theirs = owners.iter().flat_map(|owner| {
                let owned = stretch().filter(event::Column::OwnerId.eq(*owner));
                [owned, stretch().filter(event::Column::StaffId.eq(*owner)).filter(others(owners))]
            });
            let not_addressed = || {
                let addressed = event::Column::StaffId;
                addressed.is_null().or(addressed.is_not_in(owners.iter().copied()))
            };
            let of_case = |case: &CaseId| {
                stretch().filter(event::Column::CaseId.eq(*case)).filter(others(owners)).filter(not_addressed())
            };
            theirs.chain(watched.iter().map(of_case)).collect()
        }
    };
    together(db, queries, &[event::Column::FeedSeq], &Order::Asc, PAGE).await
}

/// The events for the customer in this part of the feed (`after` excluded, `up_to` included), oldest first: of one
/// case, and of all cases that were this customer's at that time, if one is given.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_customer(
    db: &Db,
    case: CaseId,
    customer: Option<CustomerId>,
    (after, up_to): (i64, i64),
) -> Result<Vec<event::Model>, DbErr> {
    let theirs = || {
        event::Entity::find()
            .filter(event::Column::FeedSeq.gt(after))
            .filter(event::Column::FeedSeq.lte(up_to))
            .filter(event::Column::ForCustomer.eq(true))
    };
    let of_case = theirs().filter(event::Column::CaseId.eq(case));
    let queries = match customer {
        None => vec![of_case],
        Some(customer) => vec![
            theirs().filter(event::Column::CustomerId.eq(customer)),
            of_case.filter(event::Column::CustomerId.ne(customer)),
        ],
    };
    together(db, queries, &[event::Column::FeedSeq], &Order::Asc, PAGE).await
}

/// The next events of this part of a seller's feed (`after` excluded, `up_to` included), oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn next(
    db: &impl ConnectionTrait,
    seller: SellerId,
    (after, up_to): (i64, i64),
) -> Result<Vec<event::Model>, DbErr> {
    stretch(seller, (after, up_to)).order_by_asc(event::Column::FeedSeq).limit(PAGE).all(db).await
}

fn stretch(seller: SellerId, (after, up_to): (i64, i64)) -> Select<event::Entity> {
    event::Entity::find()
        .filter(event::Column::SellerId.eq(seller))
        .filter(event::Column::FeedSeq.gt(after))
        .filter(event::Column::FeedSeq.lte(up_to))
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

/// Whom an event concerns, besides its seller.
#[derive(Debug, FromQueryResult)]
pub struct Concerned {
    /// Its case.
    pub case_id: CaseId,
    /// The customer of the case.
    pub customer_id: CustomerId,
    /// The partner whose task it is about.
    pub partner_id: Option<PartnerId>,
    /// The number of the event in the seller's feed.
    pub feed_seq: i64,
}

/// Whom the events of a feed after this number concern.
///
/// # Errors
/// When the store cannot be read.
pub async fn topics(db: &Db, seller: SellerId, after: i64, most: u64) -> Result<Vec<Concerned>, DbErr> {
    let columns = [event::Column::CaseId, event::Column::CustomerId, event::Column::PartnerId, event::Column::FeedSeq];
    event::Entity::find()
        .select_only()
        .columns(columns)
        .filter(event::Column::SellerId.eq(seller))
        .filter(event::Column::FeedSeq.gt(after))
        .order_by_asc(event::Column::FeedSeq)
        .limit(most)
        .into_model()
        .all(db)
        .await
}
