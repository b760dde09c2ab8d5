//! Makes pushes to customers from the events of a seller's feed, from the stored position on. Pushes to staff are made
//! with their notices (`crate::notice`).

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

/// The most devices to which one event is pushed.
const TOLD: u64 = 100;

/// The sellers with events after the stored position. A seller has such a position once one of its customers has
/// registered a device.
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

/// Reads the next events of a seller's feed and adds the pushes that follow. Returns whether more events may be
/// waiting.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn read(work: &mut Work, id: SellerId) -> Outcome<bool> {
    let row = work.lock::<push_feed::Model>(id).await?;
    let Some(mut row) = row else { return Ok(false) };
    let next = reader::next(work, id, row.read_to).await?;
    row.read_to = next.read_to;
    let seller = directory::seller::one(work, id).await?;
    let night = Some(zone(&seller.calendar));
    for told in drafts(work, next.events).await? {
        for device in devices(work, &told).await? {
            add(work, &device, (told.case, told.kind), night).await?;
        }
    }
    Ok(next.more)
}

/// An event to push to the customer of a case.
struct PushDraft {
    case: CaseId,
    kind: &'static str,
    /// For an event about a commitment: the customer to whom it was made. No other customer gets this push.
    only: Option<CustomerId>,
}

/// The pushes to customers that follow from these events.
async fn drafts(work: &Work, events: Vec<event::Model>) -> Outcome<Vec<PushDraft>> {
    let all: Vec<_> = events
        .into_iter()
        .filter_map(reader::known)
        .filter_map(|(event, payload)| Some((decide::push_kind(&event, &payload)?, payload, event.case_id)))
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
    Ok(theirs.map(|(kind, payload, case)| PushDraft { case, kind, only: only(&payload) }).collect())
}

fn message_of(payload: &Payload) -> Option<MessageId> {
    if let Payload::MessageAdded { message, .. } = payload { Some(*message) } else { None }
}

/// The devices to push to: those of the case's customer, and of the customers of cases merged into it of the same
/// person.
async fn devices(work: &Work, told: &PushDraft) -> Outcome<Vec<device::Model>> {
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
