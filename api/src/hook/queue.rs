//! Makes deliveries of the events in the log: an endpoint's queue is filled from its position in the log, each delivery
//! is claimed by one node at a time, and the result of each attempt is recorded.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerId, WebhookDeliveryId, WebhookEndpointId};
use entity::kind::{DeliveryStatus, JobKind, TaskStatus};
use entity::{case_task, partner, webhook_attempt, webhook_delivery, webhook_endpoint};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde_json::json;

use super::{decide, off};
use crate::access::door;
use crate::event::payload::Payload;
use crate::event::{cursor, log, reader};
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome};
use crate::kit::job::{JobRow, Progress, is_lease, job_row};
use crate::kit::old::ended;
use crate::kit::rows::Held;
use crate::kit::work::Work;

job_row!(
    webhook_delivery: WebhookDeliveryId,
    DeliveryStatus::Pending,
    JobKind::Webhook,
    TimeDelta::minutes(1),
    decide::WAITS,
    "the service ended twice while it was sending this webhook, so it is not sent again by itself; it may have been sent",
    "what became of it could not be stored, each time it was sent; it may have been sent"
);

/// The maximum number of deliveries in one round.
const AT_ONCE: u64 = 100;
/// The maximum number of deliveries that wait in an endpoint's queue.
const WAITING: u64 = 1_000;
/// How long finished deliveries are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// The maximum number of tasks whose owners are notified that an endpoint was turned off.
const TOLD: u64 = 1_000;

/// The endpoints whose position is behind the end of the log.
///
/// # Errors
/// When the store cannot be read.
pub async fn behind(db: &Db) -> Result<Vec<WebhookEndpointId>, DbErr> {
    let endpoint_partner = webhook_endpoint::Entity::belongs_to(partner::Entity)
        .from(webhook_endpoint::Column::PartnerId)
        .to(partner::Column::Id)
        .into();
    reader::behind::<webhook_endpoint::Entity>(webhook_endpoint::Column::SellerId, webhook_endpoint::Column::QueuedTo)
        .column(webhook_endpoint::Column::Id)
        .join(JoinType::LeftJoin, endpoint_partner)
        .filter(webhook_endpoint::Column::Active.eq(true))
        .filter(webhook_endpoint::Column::PartnerId.is_null().or(partner::Column::Active.eq(true)))
        .into_tuple()
        .all(db)
        .await
}

/// Puts the next events of the log into an endpoint's queue, unless the queue is long already. Returns whether more
/// events may be waiting.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn fill(work: &mut Work, id: WebhookEndpointId) -> Outcome<bool> {
    let row = work.lock::<webhook_endpoint::Model>(id).await?.map(Held::done);
    let Some(mut row) = row.filter(|row| row.active) else { return Ok(false) };
    if is_long(work, &row).await? {
        return Ok(false);
    }
    // The end of the log is read before the events, so that no event that is numbered in between is skipped.
    let head = log::head(work.tx()?, row.seller_id).await?;
    let events = match row.partner_id {
        None => log::next(work.tx()?, row.seller_id, (row.queued_to, head)).await?,
        Some(id) => {
            let partner = partner::Entity::find_by_id(id).one(work.tx()?).await?;
            if !partner.is_some_and(|partner| partner.active) {
                // Events that happen meanwhile are delivered when the partner is active again.
                return Ok(false);
            }
            log::of_partner(work.tx()?, id, row.queued_to).await?
        }
    };
    let last = events.last().map(|last| last.feed_seq);
    let full = events.len() as u64 == log::PAGE;
    row.queued_to = if full { last } else { std::cmp::max(last, Some(head)) }.unwrap_or(head);
    let known = reset_for_replay(work, id, events.iter().map(|event| event.feed_seq).collect()).await?;
    for event in events.iter().filter(|event| !known.contains(&event.feed_seq)) {
        let payload = Payload::join(&event.kind, &event.data)?;
        let told = if row.partner_id.is_some() {
            decide::told_to_partner(event, &payload)
        } else {
            decide::told_to_seller(event, &payload)
        };
        let Some((key, mut data)) = told else { continue };
        let kind = kind(&event.kind);
        data.insert("cursor".to_owned(), cursor::seal(work.app().secret(), &viewer(&row), event.feed_seq).into());
        let body = json!({ "type": kind, "timestamp": event.at, "data": data }).to_string();
        let delivery = delivery(work, &row, (kind, body));
        work.insert(webhook_delivery::Model { feed_seq: Some(event.feed_seq), ordering_key: Some(key), ..delivery });
    }
    work.save(row);
    Ok(full)
}

/// Whether an endpoint's queue is so long that nothing more is put into it. The log holds the rest.
async fn is_long(work: &Work, row: &webhook_endpoint::Model) -> Outcome<bool> {
    let waiting = webhook_delivery::Entity::find()
        .select_only()
        .column(webhook_delivery::Column::Id)
        .filter(webhook_delivery::Column::EndpointId.eq(row.id))
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending))
        .filter(webhook_delivery::Column::FeedSeq.lte(row.queued_to))
        .limit(WAITING)
        .into_tuple::<WebhookDeliveryId>();
    Ok(waiting.all(work.tx()?).await?.len() as u64 == WAITING)
}

/// Resets the existing deliveries of these events for a replay. Returns the events that had one.
async fn reset_for_replay(work: &mut Work, id: WebhookEndpointId, seqs: Vec<i64>) -> Outcome<Vec<i64>> {
    if seqs.is_empty() {
        return Ok(seqs);
    }
    let rows = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::FeedSeq.is_in(seqs));
    let rows = work.lock_all(rows).await?;
    let known = rows.iter().filter_map(|row| row.feed_seq).collect();
    for mut row in rows {
        row.set(Progress::due(work.now()));
        (row.status, row.ended_at) = (DeliveryStatus::Pending, None);
    }
    Ok(known)
}

/// The owner of the cursors in an endpoint's deliveries: the partner or the seller. Subscriptions of their systems use
/// the same cursors.
#[must_use]
pub fn viewer(row: &webhook_endpoint::Model) -> String {
    row.partner_id.map_or_else(|| row.seller_id.to_string(), |partner| partner.to_string())
}

/// The type of an event as receivers expect it: `TaskUpdated` becomes `task.updated`.
fn kind(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(if words.contains('.') { '_' } else { '.' });
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// A delivery of a test event.
#[must_use]
pub fn ping(work: &Work, row: &webhook_endpoint::Model) -> webhook_delivery::Model {
    let body = json!({ "type": "ping", "timestamp": work.now(), "data": {} }).to_string();
    delivery(work, row, ("ping".to_owned(), body))
}

fn delivery(work: &Work, row: &webhook_endpoint::Model, (kind, body): (String, String)) -> webhook_delivery::Model {
    webhook_delivery::Model {
        id: work.new_id(),
        seller_id: row.seller_id,
        endpoint_id: row.id,
        feed_seq: None,
        ordering_key: None,
        kind,
        body,
        status: DeliveryStatus::Pending,
        attempts: 0,
        failures: 0,
        next_at: work.now(),
        leased_until: None,
        created_at: work.now(),
        ended_at: None,
    }
}

/// The deliveries that can be sent now: the oldest pending one of each task or case, at each active endpoint.
///
/// # Errors
/// When the store cannot be read.
pub async fn ready(app: &App) -> Result<Vec<webhook_delivery::Model>, DbErr> {
    // Only a few of each endpoint, so that one that does not answer does not occupy all places; a seller has more
    // events than a partner. Replayed deliveries wait until the queue has been filled up to their position, so that the
    // order is kept.
    let sql = "SELECT * FROM (
            SELECT d.*,
                row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.next_at, d.id) + coalesce(l.leased, 0) AS place,
                CASE WHEN e.partner_id IS NULL THEN 16 ELSE 4 END AS places
            FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id
            LEFT JOIN partner p ON p.id = e.partner_id
            LEFT JOIN (SELECT endpoint_id, count(*) AS leased FROM webhook_delivery
                       WHERE status = 'PENDING' AND leased_until > $1 GROUP BY endpoint_id) l
                ON l.endpoint_id = d.endpoint_id
            WHERE d.status = 'PENDING' AND e.active AND (e.partner_id IS NULL OR p.active) AND d.next_at <= $1
                AND (d.leased_until IS NULL OR d.leased_until <= $1)
                AND (d.feed_seq IS NULL OR d.feed_seq <= e.queued_to)
                AND NOT EXISTS (SELECT 1 FROM webhook_delivery b WHERE b.endpoint_id = d.endpoint_id
                    AND b.ordering_key = d.ordering_key AND b.status = 'PENDING' AND b.feed_seq < d.feed_seq)) q
        WHERE place <= places ORDER BY next_at, id LIMIT $2";
    let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    let db = app.reader().db();
    let statement = Statement::from_sql_and_values(app.store().backend(), sql, [app.now().into(), limit.into()]);
    webhook_delivery::Entity::find().from_raw_sql(statement).all(db).await
}

/// The error of the last attempt at each of these deliveries; deliveries whose last attempt has no error are left out.
///
/// # Errors
/// When the store cannot be read.
pub async fn last_errors(db: &Db, ids: Vec<WebhookDeliveryId>) -> Result<HashMap<WebhookDeliveryId, String>, DbErr> {
    let attempts = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.is_in(ids))
        .order_by_asc(webhook_attempt::Column::Number)
        .all(db)
        .await?;
    let said = |attempt: &webhook_attempt::Model| failure(attempt.error.as_ref(), attempt.status);
    Ok(attempts.iter().filter_map(|attempt| Some((attempt.delivery_id, said(attempt)?))).collect())
}

/// What went wrong at an attempt, in words.
fn failure(error: Option<&String>, status: Option<i32>) -> Option<String> {
    error.cloned().or_else(|| status.map(|status| format!("it answers {status}")))
}

/// When the next delivery is due; `None` when nothing is scheduled.
///
/// # Errors
/// When the store cannot be read.
pub async fn next(app: &App) -> Result<Option<DateTime<Utc>>, DbErr> {
    let first = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending))
        .filter(webhook_delivery::Column::NextAt.gt(app.now()))
        .order_by_asc(webhook_delivery::Column::NextAt)
        .one(app.reader().db());
    Ok(first.await?.map(|first| first.next_at))
}

/// Marks a delivery that the service gives up as failed. Returns whether it was still pending.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn set_aside(work: &mut Work, id: WebhookDeliveryId, reason: &str) -> Outcome<bool> {
    let Some(mut row) = webhook_delivery::Model::lock(work, &[id]).await?.pop() else { return Ok(false) };
    let attempt = Attempt { at: work.now(), took_ms: 0, status: None, error: Some(reason.to_owned()) };
    add(work, id, &attempt).await?;
    (row.status, row.leased_until, row.ended_at) = (DeliveryStatus::Failed, None, Some(work.now()));
    work.save(row);
    Ok(true)
}

/// Adds an attempt to a delivery's list.
async fn add(work: &mut Work, id: WebhookDeliveryId, attempt: &Attempt) -> Outcome<()> {
    let last = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.eq(id))
        .order_by_desc(webhook_attempt::Column::Number)
        .one(work.tx()?)
        .await?;
    work.insert(webhook_attempt::Model {
        delivery_id: id,
        number: last.map_or(0, |last| last.number) + 1,
        at: attempt.at,
        took_ms: attempt.took_ms,
        status: attempt.status.map(Into::into),
        error: attempt.error.clone(),
    });
    Ok(())
}

/// The result of an attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When the attempt began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: i32,
    /// The HTTP status of the response; `None` when there was none.
    pub status: Option<u16>,
    /// Why there was no response, or why it is a failure.
    pub error: Option<String>,
}

impl Attempt {
    /// Only 2xx is success (Standard Webhooks 1.0).
    fn succeeded(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Records the result of an attempt and acts on it. Returns whether the delivery was given up. `taken` is the end of
/// the lease under which the attempt was made.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn note(
    work: &mut Work,
    id: WebhookDeliveryId,
    taken: Option<DateTime<Utc>>,
    attempt: &Attempt,
) -> Outcome<bool> {
    let Some(known) = webhook_delivery::Entity::find_by_id(id).one(work.tx()?).await? else { return Ok(false) };
    // The endpoint is locked before the delivery, as in all acts, so that they cannot deadlock.
    let endpoint = work.lock::<webhook_endpoint::Model>(known.endpoint_id).await?.map(Held::done);
    let mut endpoint = endpoint.ok_or(Fault::Broken("a delivery has an endpoint"))?;
    let row = work.lock::<webhook_delivery::Model>(id).await?;
    let Some(mut row) = row else { return Ok(false) };
    let now = work.now();
    // If another node has claimed the delivery meanwhile, it is to be replayed, or this attempt has been recorded
    // already, the attempt does not change its status.
    let ours = is_lease(row.leased_until, taken);
    add(work, id, attempt).await?;
    if ours && row.status == DeliveryStatus::Pending {
        row.leased_until = None;
        if attempt.succeeded() {
            (row.status, row.ended_at) = (DeliveryStatus::Delivered, Some(now));
        } else {
            let mut chance = [0];
            work.app().entropy().fill(&mut chance);
            let mut progress = row.progress();
            // The delivery whose failure turned the endpoint off stays pending until the endpoint is turned on.
            let since = endpoint.failing_since.unwrap_or(now);
            let waits = endpoint.active && decide::given_up(since, now);
            if !progress.fail(webhook_delivery::Model::WAITS, now, chance[0]) && !waits {
                (row.status, row.ended_at) = (DeliveryStatus::Failed, Some(now));
            }
            row.set(progress);
        }
    }
    let dead = ours && row.status == DeliveryStatus::Failed;
    follow(work, &mut endpoint, attempt).await.map(|()| dead)
}

/// Turns off an endpoint that has failed for days, and informs the people concerned.
async fn follow(work: &mut Work, endpoint: &mut webhook_endpoint::Model, attempt: &Attempt) -> Outcome<()> {
    let now = work.now();
    if attempt.succeeded() {
        if endpoint.failing_since.take().is_some() {
            work.save(endpoint.clone());
        }
        return Ok(());
    }
    let since = *endpoint.failing_since.get_or_insert(now);
    if !endpoint.active || !decide::given_up(since, now) {
        work.save(endpoint.clone());
        return Ok(());
    }
    endpoint.active = false;
    endpoint.disabled_because = failure(attempt.error.as_ref(), attempt.status.map(Into::into));
    endpoint.version += 1;
    work.save(endpoint.clone());
    match endpoint.partner_id {
        Some(partner) => tell_owners(work, partner).await,
        None => off::tell_administrators(work, endpoint).await,
    }
}

/// Adds an event to the cases that wait for a partner: its system cannot be reached. Their owners see it.
async fn tell_owners(work: &mut Work, partner: PartnerId) -> Outcome<()> {
    let waiting = case_task::Entity::find()
        .filter(case_task::Column::PartnerId.eq(partner))
        .filter(case_task::Column::Status.is_in([TaskStatus::Requested, TaskStatus::Accepted, TaskStatus::InProgress]))
        .order_by_asc(case_task::Column::CaseId)
        .limit(TOLD)
        .all(work.tx()?)
        .await?;
    let mut ids: Vec<_> = waiting.iter().map(|task| task.case_id).collect();
    ids.dedup();
    for id in door::continuing_first(work, ids).await? {
        let mut case = door::lock(work, id).await?.ok_or(Fault::Broken("a task has a case"))?;
        log::append(work, &mut case, &Payload::PartnerUnreachable { partner })?;
    }
    Ok(())
}

/// Deletes old finished deliveries.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let columns = (webhook_delivery::Column::Id, webhook_delivery::Column::EndedAt);
    let old: Vec<WebhookDeliveryId> = ended::<webhook_delivery::Entity, _>(work, columns, KEPT).await?;
    if old.is_empty() {
        return Ok(());
    }
    let attempts =
        webhook_attempt::Entity::delete_many().filter(webhook_attempt::Column::DeliveryId.is_in(old.clone()));
    attempts.exec(work.tx()?).await?;
    webhook_delivery::Entity::delete_many().filter(webhook_delivery::Column::Id.is_in(old)).exec(work.tx()?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_receivers_are_used_to() {
        assert_eq!(kind("TaskRequested"), "task.requested");
        assert_eq!(kind("TaskGivenUp"), "task.given_up");
    }
}
