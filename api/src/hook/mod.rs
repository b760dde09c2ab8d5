//! Webhooks: events are sent to systems of partners (the events of the partner's tasks) and of sellers (all events of
//! the seller's cases). The messages are small and signed, arrive in order per task or per case, and are retried until
//! they are accepted. They are made from the event log, in which each endpoint has a position, so that no event is
//! lost.

pub mod address;
pub mod decide;
mod off;
pub mod queue;
pub mod send;
pub mod sign;

use chrono::TimeDelta;
use entity::id::{PartnerId, SellerId, WebhookDeliveryId, WebhookEndpointId};
use entity::kind::DeliveryStatus;
use entity::{partner, webhook_delivery, webhook_endpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};

use crate::access::door;
use crate::access::table::{self, Action};
use crate::event::{cursor, log};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::job::{JobRow, Progress};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;

/// The maximum number of endpoints of one partner, or of a seller itself.
const ENDPOINTS: u64 = 10;
/// The maximum number of hours for which deliveries are also signed with the previous secret after a rotation.
const OVERLAP: i32 = 168;

/// Whether endpoints may have any address, including http and the local network. For development and tests only.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyAddress(pub bool);

/// Adds an endpoint. It receives the events from now on.
///
/// # Errors
/// When webhooks may not be sent to the address, or its owner has the maximum number of endpoints.
pub async fn create(
    work: &mut Work,
    (seller, of): (Option<SellerId>, Option<PartnerId>),
    url: &str,
    open: AnyAddress,
) -> Outcome<webhook_endpoint::Model> {
    let (seller, whose) = owner(work, seller, of).await?;
    let url = address::checked(url, open.0)?.to_string();
    if webhook_endpoint::Entity::find().filter(whose).count(work.tx()?).await? >= ENDPOINTS {
        return Err(Problem::new(ErrorCode::Invalid, "url", texts::hook::too_many()).into());
    }
    let row = webhook_endpoint::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        partner_id: of,
        url,
        active: true,
        disabled_because: None,
        generation: 1,
        previous_until: None,
        queued_to: log::head(work.tx()?, seller).await?,
        failing_since: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// The seller of a new endpoint, and the condition that selects the endpoints of its owner: a partner, or else the
/// seller itself. Locks the owner, so that two acts at the same time cannot exceed the maximum together.
async fn owner(work: &Work, seller: Option<SellerId>, of: Option<PartnerId>) -> Outcome<(SellerId, Condition)> {
    let Some(id) = of else {
        let missing = || Problem::new(ErrorCode::Required, "sellerId", texts::hook::name_owner());
        let id = seller.ok_or_else(missing)?;
        door::seller(work, id, "sellerId").await?;
        let own = webhook_endpoint::Column::SellerId.eq(id);
        return Ok((id, Condition::all().add(own).add(webhook_endpoint::Column::PartnerId.is_null())));
    };
    let partner = work.lock::<partner::Model>(id).await?;
    let partner = partner.filter(|partner| seller.is_none_or(|seller| seller == partner.seller_id));
    let partner = partner.ok_or_else(|| Problem::not_found("partnerId"))?;
    door::systems(work, &partner, Action::ManageWebhooks, "partnerId")?;
    Ok((partner.seller_id, Condition::all().add(webhook_endpoint::Column::PartnerId.eq(id))))
}

/// Changes an endpoint; arguments that are left out stay unchanged. An endpoint that is turned on again continues at
/// its position in the log.
///
/// # Errors
/// As [`create`].
pub async fn update(
    work: &mut Work,
    id: WebhookEndpointId,
    (url, active): (Option<&str>, Option<bool>),
    open: AnyAddress,
) -> Outcome<webhook_endpoint::Model> {
    let mut row = locked(work, id).await?;
    if let Some(url) = url {
        row.url = address::checked(url, open.0)?.to_string();
    }
    row.active = active.unwrap_or(row.active);
    if active == Some(true) {
        row.disabled_because = None;
        row.failing_since = None;
        retry_now(work, id).await?;
    }
    Ok(row.done())
}

/// Creates a new secret for an endpoint. For this many hours, deliveries are signed with the previous secret too.
///
/// # Errors
/// When there is no such endpoint, or the hours are not between 0 and 168.
pub async fn rotate(work: &mut Work, id: WebhookEndpointId, hours: i32) -> Outcome<webhook_endpoint::Model> {
    let mut row = locked(work, id).await?;
    if !(0..=OVERLAP).contains(&hours) {
        return Err(Problem::new(ErrorCode::Invalid, "overlapHours", texts::hook::overlap()).into());
    }
    row.generation += 1;
    row.previous_until = (hours > 0).then(|| work.now() + TimeDelta::hours(hours.into()));
    Ok(row.done())
}

/// Sends an endpoint a test event, so that its operator can see whether it arrives.
///
/// # Errors
/// When there is no such endpoint, or it is turned off.
pub async fn ping(work: &mut Work, id: WebhookEndpointId) -> Outcome<webhook_delivery::Model> {
    let row = locked(work, id).await?;
    on(&row)?;
    let waiting = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::FeedSeq.is_null())
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending));
    if let Some(waiting) = waiting.one(work.tx()?).await? {
        // While one ping is pending, another one would show nothing new.
        return Ok(waiting);
    }
    let delivery = queue::ping(work, &row);
    work.insert(delivery.clone());
    Ok(delivery)
}

/// Sends an endpoint all events after this cursor again, in order, including those it has received. The deliveries keep
/// their ids, so that a receiver that checks the ids can skip duplicates.
///
/// # Errors
/// When the cursor does not belong to the endpoint's feed, or lies ahead of the endpoint's position in the log.
pub async fn replay(work: &mut Work, id: WebhookEndpointId, after: &str) -> Outcome<webhook_endpoint::Model> {
    let mut row = locked(work, id).await?;
    on(&row)?;
    // People of the seller have cursors of their own, which stand for the same positions.
    let own = work.actor().staff().filter(|_| work.actor().seller() == Some(row.seller_id));
    let viewers = [Some(queue::viewer(&row)), own.map(|id| id.to_string())];
    let known = viewers.iter().flatten().find_map(|viewer| cursor::open(work.app().secret(), viewer, after));
    let seq = known.filter(|seq| *seq <= row.queued_to.max(0));
    let Some(seq) = seq else {
        return Err(Problem::new(ErrorCode::Invalid, "after", texts::hook::not_a_cursor()).into());
    };
    // The queue is filled from there: deliveries that are still kept are sent again, and the other events get new ones.
    row.queued_to = row.queued_to.min(seq);
    Ok(row.done())
}

/// Makes a delivery that was given up due again, without its earlier attempts.
///
/// # Errors
/// `NOT_FOUND` when there is no such delivery whose jobs the actor manages; `INVALID_TRANSITION` when it was not given
/// up, or its endpoint is turned off.
pub async fn retry(work: &mut Work, id: WebhookDeliveryId, field: &str) -> Outcome<webhook_delivery::Model> {
    let found = webhook_delivery::Entity::find_by_id(id).one(work.tx()?).await?;
    let found = found.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::at_seller(work.actor(), found.seller_id), Action::ManageJobs, Action::ManageJobs, field)?;
    // The endpoint is locked before the delivery, as in all acts, so that they cannot deadlock.
    let endpoint = work.lock::<webhook_endpoint::Model>(found.endpoint_id).await?;
    let row = work.lock::<webhook_delivery::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found(field))?;
    if row.status != DeliveryStatus::Failed {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::hook::not_given_up()).into());
    }
    if !endpoint.is_some_and(|endpoint| endpoint.active) {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::hook::its_endpoint_is_off()).into());
    }
    row.set(Progress::due(work.now()));
    (row.status, row.ended_at) = (DeliveryStatus::Pending, None);
    Ok(row.done())
}

async fn retry_now(work: &Work, id: WebhookEndpointId) -> Outcome<()> {
    let waiting = webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::NextAt, Expr::value(work.now()))
        .col_expr(webhook_delivery::Column::Attempts, Expr::value(0))
        .col_expr(webhook_delivery::Column::Failures, Expr::value(0))
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending));
    waiting.exec(work.tx()?).await?;
    Ok(())
}

fn on(row: &webhook_endpoint::Model) -> Result<(), Problem> {
    let off = || Problem::new(ErrorCode::InvalidTransition, "webhookEndpointId", texts::hook::endpoint_is_off());
    if row.active { Ok(()) } else { Err(off()) }
}

async fn locked(work: &Work, id: WebhookEndpointId) -> Outcome<Held<webhook_endpoint::Model>> {
    const FIELD: &str = "webhookEndpointId";
    let row = work.lock::<webhook_endpoint::Model>(id).await?;
    let row = row.ok_or_else(|| Problem::not_found(FIELD))?;
    if let Some(of) = row.partner_id {
        let partner = partner::Entity::find_by_id(of).one(work.tx()?).await?;
        let partner = partner.ok_or(Fault::Broken("a partner's endpoint has its partner"))?;
        door::systems(work, &partner, Action::ManageWebhooks, FIELD)?;
    } else {
        let standing = table::to_directory(work.actor(), row.seller_id);
        table::check(standing, Action::ManageWebhooks, Action::ReadDirectory, FIELD)?;
    }
    work.check_version(row.version)?;
    Ok(row)
}
