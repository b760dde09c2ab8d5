//! From the event log to pushes to customers: a seller's feed is read from where it was read last. What members of staff are
//! told comes with their notices.

use std::collections::HashMap;

use entity::id::{CaseId, CommitmentId, CustomerId, MessageId, SellerId};
use entity::{commitment, device, event, message, push_feed};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::decide;
use super::{add, customers, group};
use crate::directory::{self, calendar::zone};
use crate::event::payload::Payload;
use crate::event::reader;
use crate::kit::db::Db;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// The most devices that are told of one event.
const TOLD: u64 = 100;

/// The sellers whose feed was not read to its end, and of whose customers somebody has a device or had one.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn behind(db: &Db) -> Result<Vec<SellerId>, DbErr> {
    reader::behind::<push_feed::Entity>(push_feed::Column::SellerId, push_feed::Column::ReadTo)
        .column(push_feed::Column::SellerId)
        .into_tuple()
        .all(db)
        .await
}

/// Makes pushes of the next events of a seller's feed. Says whether there may be more.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn read(work: &mut Work, id: SellerId) -> Outcome<bool> {
    let row = push_feed::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(mut row) = row else { return Ok(false) };
    let next = reader::next(work, id, row.read_to).await?;
    row.read_to = next.read_to;
    work.save(row);
    let seller = directory::seller::one(work, id).await?;
    let night = Some(zone(&seller.calendar));
    for told in told(work, next.events).await? {
        for device in devices(work, &told).await? {
            add(work, &device, (told.case, told.kind), night).await?;
        }
    }
    Ok(next.more)
}

/// Something that a case's customer is told.
struct Told {
    case: CaseId,
    kind: &'static str,
    /// Whom it concerns, when it was promised to one customer and the case has another by now.
    only: Option<CustomerId>,
}

/// What the customers are told of these events.
async fn told(work: &Work, events: Vec<event::Model>) -> Outcome<Vec<Told>> {
    let all: Vec<_> = events
        .into_iter()
        .filter_map(reader::known)
        .filter_map(|(event, payload)| Some((decide::told(&event, &payload)?, payload, event.case_id)))
        .collect();
    let messages = all.iter().filter_map(|(_, payload, _)| message_of(payload)).collect::<Vec<_>>();
    let commitments = all.iter().filter_map(|(_, payload, _)| payload.commitment()).collect::<Vec<_>>();
    let messages: HashMap<MessageId, message::Model> = if messages.is_empty() {
        HashMap::new()
    } else {
        let rows = message::Entity::find().filter(message::Column::Id.is_in(messages)).all(work.tx()?).await?;
        rows.into_iter().map(|row| (row.id, row)).collect()
    };
    let promised: HashMap<CommitmentId, CustomerId> = if commitments.is_empty() {
        HashMap::new()
    } else {
        let rows = commitment::Entity::find().filter(commitment::Column::Id.is_in(commitments));
        rows.all(work.tx()?).await?.into_iter().map(|row| (row.id, row.customer_id)).collect()
    };
    let is_news = |payload: &Payload, case| match message_of(payload) {
        Some(id) => messages.get(&id).is_some_and(|message| decide::is_news(message, case)),
        None => true,
    };
    let theirs = all.into_iter().filter(|(_, payload, case)| is_news(payload, *case));
    let only = |payload: &Payload| payload.commitment().and_then(|id| promised.get(&id).copied());
    Ok(theirs.map(|(kind, payload, case)| Told { case, kind, only: only(&payload) }).collect())
}

fn message_of(payload: &Payload) -> Option<MessageId> {
    if let Payload::MessageAdded { message, .. } = payload { Some(*message) } else { None }
}

/// The devices that are told: of the customers of the case, and of those that were merged into it as the same customer's.
async fn devices(work: &Work, told: &Told) -> Outcome<Vec<device::Model>> {
    let cases = group(work.tx()?, told.case).await?;
    let mut customers = customers(work.tx()?, cases.clone()).await?;
    customers.retain(|customer| told.only.is_none_or(|only| only == *customer));
    Ok(device::Entity::find()
        .filter(device::Column::CaseId.is_in(cases))
        .filter(device::Column::CustomerId.is_in(customers))
        .filter(device::Column::RemovedAt.is_null())
        .limit(TOLD)
        .all(work.tx()?)
        .await?)
}
