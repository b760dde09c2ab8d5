//! The event sources of customers: one case, and all their cases in one feed.

use std::collections::HashMap;

use async_graphql::{Error, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, CommitmentId, MessageId};
use entity::kind::Visibility;
use entity::{case, commitment, event, message};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::table::{Action, may, to_case};
use crate::event::cursor;
use crate::event::follow::EventSource;
use crate::event::payload::Payload;
use crate::graphql::context::read_error;
use crate::graphql::error::code::Code;
use crate::graphql::event::follow::{About, CustomerCaseEvent};
use crate::graphql::event::source::{EventPage, LogScope, Viewer, is_busy};
use crate::kit::actor::{Actor, Reach};
use crate::kit::db::Db;
use crate::texts;

/// The events of a customer's own case.
pub(in crate::graphql) struct CustomerOnCase {
    pub(in crate::graphql) viewer: Viewer,
    pub(in crate::graphql) case: CaseId,
    pub(in crate::graphql) after: i64,
}

impl EventSource for CustomerOnCase {
    type Item = CustomerCaseEvent;
    type Error = Error;

    fn is_temporary(error: &Error) -> bool {
        is_busy(error)
    }

    async fn next(&mut self) -> Result<Vec<CustomerCaseEvent>> {
        let EventPage { rows, after } = self.viewer.read_page(LogScope::CustomerCase(self.case), self.after).await?;
        // A case that the token no longer opens was given to another customer.
        let read = of_customer(&self.viewer, rows, &[self.case]).await?;
        let events = read.ok_or_else(|| Code::NotFound.error(texts::api::case_gone()))?;
        self.after = after;
        Ok(events.into_iter().map(|(_, event)| event).collect())
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.ends_at()
    }
}

/// The events of all cases that a customer's token opens.
pub(in crate::graphql) struct CustomerOnCases {
    pub(in crate::graphql) viewer: Viewer,
    pub(in crate::graphql) after: i64,
}

impl EventSource for CustomerOnCases {
    type Item = CustomerFeedEvent;
    type Error = Error;

    fn is_temporary(error: &Error) -> bool {
        is_busy(error)
    }

    async fn next(&mut self) -> Result<Vec<CustomerFeedEvent>> {
        let Actor::Customer { id, case, seller, reach } = self.viewer.actor else { return Ok(Vec::new()) };
        let all = (reach == Reach::Customer).then_some(id);
        let EventPage { mut rows, mut after } =
            self.viewer.read_page(LogScope::CustomerCases(seller, case, all), self.after).await?;
        let mut read = of_customer(&self.viewer, rows, &[]).await?.unwrap_or_default();
        // An empty answer means that everything was read, so a page of which nothing may be seen is passed over.
        while read.is_empty() && after > self.after {
            self.after = after;
            EventPage { rows, after } =
                self.viewer.read_page(LogScope::CustomerCases(seller, case, all), self.after).await?;
            read = of_customer(&self.viewer, rows, &[]).await?.unwrap_or_default();
        }
        self.after = after;
        let secret = self.viewer.app.secret();
        let event = |(seq, event)| CustomerFeedEvent { cursor: cursor::seal(secret, &id.to_string(), seq), event };
        Ok(read.into_iter().map(event).collect())
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.ends_at()
    }
}

/// The events in these rows, each with its number in the feed, as far as they concern a customer and are of cases that
/// the viewer's token opens. None when it does not open one of the `needed` cases.
async fn of_customer(
    viewer: &Viewer,
    rows: Vec<event::Model>,
    needed: &[CaseId],
) -> Result<Option<Vec<(i64, CustomerCaseEvent)>>> {
    let db = viewer.db();
    let mut ids: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
    if ids.is_empty() {
        return Ok(Some(Vec::new()));
    }
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    let cases = case::Entity::find().filter(case::Column::Id.is_in(ids)).all(db).await.map_err(read_error)?;
    let sees = |case: &case::Model| may(to_case(viewer.actor, case), Action::ReadCustomerCase);
    let cases: HashMap<_, _> = cases.into_iter().filter(sees).map(|case| (case.id, case)).collect();
    if needed.iter().any(|id| !cases.contains_key(id)) {
        return Ok(None);
    }
    let mut messages = messages_of(db, &rows).await?;
    let commitments = commitments_of(db, &rows).await?;
    let event = |row: event::Model| {
        let case = cases.get(&row.case_id)?.clone();
        let (seq, customer) = (row.feed_seq, case.customer_id);
        // A message that was moved to another case since is left out.
        let message = message_in(&row).and_then(|id| messages.remove(&id)).filter(|it| it.case_id == case.id);
        let commitment = commitment_in(&row).and_then(|id| commitments.get(&id).cloned());
        // A commitment to a former customer of the case is left out.
        let commitment = commitment.filter(|it| it.customer_id == customer);
        let read = CustomerCaseEvent::read(row, case, About { message, commitment }).transpose()?;
        Some(read.map(|event| (seq, event)))
    };
    rows.into_iter().filter_map(event).collect::<Result<_>>().map(Some)
}

fn message_in(row: &event::Model) -> Option<MessageId> {
    match Payload::join(&row.kind, &row.data) {
        Ok(Payload::MessageAdded { message, .. }) => Some(message),
        _ => None,
    }
}

fn commitment_in(row: &event::Model) -> Option<CommitmentId> {
    match Payload::join(&row.kind, &row.data) {
        Ok(Payload::CommitmentMade { commitment, .. } | Payload::CommitmentEnded { commitment, .. }) => {
            Some(commitment)
        }
        _ => None,
    }
}

/// The commitments that these events are about.
async fn commitments_of(db: &Db, rows: &[event::Model]) -> Result<HashMap<CommitmentId, commitment::Model>> {
    let ids: Vec<CommitmentId> = rows.iter().filter_map(commitment_in).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found =
        commitment::Entity::find().filter(commitment::Column::Id.is_in(ids)).all(db).await.map_err(read_error)?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The messages that these events are about, as far as a customer may still read them.
async fn messages_of(db: &Db, rows: &[event::Model]) -> Result<HashMap<MessageId, message::Model>> {
    let ids: Vec<MessageId> = rows.iter().filter_map(message_in).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = message::Entity::find()
        .filter(message::Column::Id.is_in(ids))
        .filter(message::Column::Visibility.eq(Visibility::Customer))
        .all(db)
        .await
        .map_err(read_error)?;
    Ok(found.into_iter().map(|message| (message.id, message)).collect())
}

/// An event: something that happened to one of your cases.
pub struct CustomerFeedEvent {
    cursor: String,
    event: CustomerCaseEvent,
}

/// An event: something that happened to one of your cases.
#[Object]
impl CustomerFeedEvent {
    /// The cursor to resume `myCasesEvents` after. It is opaque and works with each of your tokens, and for nobody else.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The event itself, with the case that it happened to.
    async fn event(&self) -> &CustomerCaseEvent {
        &self.event
    }
}
