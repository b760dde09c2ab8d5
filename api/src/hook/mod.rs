//! Webhooks: a partner's system is told what happens to its tasks, thinly, signed, in order per task, again and again until
//! it has heard. The log is what is told from, so nothing can be forgotten; an endpoint is a cursor into it.

pub mod address;
pub mod decide;
pub mod queue;
pub mod send;
pub mod sign;

use chrono::TimeDelta;
use entity::id::{PartnerId, WebhookEndpointId};
use entity::kind::DeliveryStatus;
use entity::{partner, webhook_delivery, webhook_endpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::access::door;
use crate::access::table::Action;
use crate::event::{cursor, log};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;

/// Endpoints of one partner at most.
const ENDPOINTS: u64 = 10;
/// Hours a secret goes on signing after it was changed, at most.
const OVERLAP: i32 = 168;

/// Whether endpoints may be anywhere, http and the machine's own network included. For development and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open(pub bool);

/// Adds an endpoint; it is told what happens from now on.
///
/// # Errors
/// When the address is not one webhooks may go to, or the partner has enough.
pub async fn create(work: &mut Work, id: PartnerId, url: &str, open: Open) -> Outcome<webhook_endpoint::Model> {
    let partner = partner::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let partner = partner.ok_or_else(|| Problem::not_found("partnerId"))?;
    door::systems(work, &partner, Action::ManageWebhooks, "partnerId")?;
    let url = address::checked(url, open.0)?.to_string();
    let own = webhook_endpoint::Entity::find().filter(webhook_endpoint::Column::PartnerId.eq(id));
    if own.count(work.tx()?).await? >= ENDPOINTS {
        let en = "A partner may have 10 endpoints: change one of them.";
        return Err(
            Problem::new(ErrorCode::Invalid, "url", en, "En partner får ha 10 adresser: ändra en av dem.").into()
        );
    }
    let row = webhook_endpoint::Model {
        id: work.new_id(),
        version: 1,
        seller_id: partner.seller_id,
        partner_id: id,
        url,
        active: true,
        disabled_because: None,
        generation: 1,
        previous_until: None,
        queued_to: log::head(work.tx()?, partner.seller_id).await?,
        failing_since: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// Changes an endpoint; what is left out stays as it is. One that is turned on again goes on where it stood.
///
/// # Errors
/// As [`create`].
pub async fn update(
    work: &mut Work,
    id: WebhookEndpointId,
    (url, active): (Option<&str>, Option<bool>),
    open: Open,
) -> Outcome<webhook_endpoint::Model> {
    let (mut row, _) = locked(work, id).await?;
    if let Some(url) = url {
        row.url = address::checked(url, open.0)?.to_string();
    }
    row.active = active.unwrap_or(row.active);
    if active == Some(true) {
        row.disabled_because = None;
        row.failing_since = None;
        retry_now(work, id).await?;
    }
    Ok(work.changed(row))
}

/// Gives an endpoint a new secret; the one before signs too for these hours.
///
/// # Errors
/// When there is no such endpoint, or the hours are out of bounds.
pub async fn rotate(work: &mut Work, id: WebhookEndpointId, hours: i32) -> Outcome<webhook_endpoint::Model> {
    let (mut row, _) = locked(work, id).await?;
    if !(0..=OVERLAP).contains(&hours) {
        let (en, sv) = ("0 to 168 hours.", "0 till 168 timmar.");
        return Err(Problem::new(ErrorCode::Invalid, "overlapHours", en, sv).into());
    }
    row.generation += 1;
    row.previous_until = (hours > 0).then(|| work.now() + TimeDelta::hours(hours.into()));
    Ok(work.changed(row))
}

/// Sends an endpoint something that means nothing, so that its owner sees whether it is heard.
///
/// # Errors
/// When there is no such endpoint, or it is turned off.
pub async fn ping(work: &mut Work, id: WebhookEndpointId) -> Outcome<webhook_delivery::Model> {
    let (row, _) = locked(work, id).await?;
    on(&row)?;
    let waiting = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::FeedSeq.is_null())
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending));
    if let Some(waiting) = waiting.one(work.tx()?).await? {
        // One at a time says as much as many.
        return Ok(waiting);
    }
    let delivery = queue::ping(work, &row);
    work.insert(delivery.clone());
    Ok(delivery)
}

/// Tells an endpoint everything after this cursor anew, in order, what it has heard before included: with the same ids, so
/// that a receiver that counts them is not told twice.
///
/// # Errors
/// When the cursor is not one of this partner's, or lies ahead of the log.
pub async fn replay(work: &mut Work, id: WebhookEndpointId, after: &str) -> Outcome<webhook_endpoint::Model> {
    let (mut row, _) = locked(work, id).await?;
    on(&row)?;
    let known = cursor::open(work.app().secret(), &row.partner_id.to_string(), after);
    let seq = known.filter(|seq| *seq <= row.queued_to.max(0));
    let Some(seq) = seq else {
        let en = "Not a cursor of this partner: give one that came with an event, or `feedCursor`.";
        let sv = "Ingen markör för denna partner: ange en som kom med en händelse, eller `feedCursor`.";
        return Err(Problem::new(ErrorCode::Invalid, "after", en, sv).into());
    };
    let told = webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::Status, Expr::value(DeliveryStatus::Pending))
        .col_expr(webhook_delivery::Column::NextAt, Expr::value(work.now()))
        .col_expr(webhook_delivery::Column::EndedAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .col_expr(webhook_delivery::Column::Attempts, Expr::value(0))
        .col_expr(webhook_delivery::Column::TakenUntil, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::FeedSeq.gt(seq));
    told.exec(work.tx()?).await?;
    // What was never put into the queue, or is long forgotten, is read from the log again.
    row.queued_to = row.queued_to.min(seq);
    Ok(work.changed(row))
}

async fn retry_now(work: &Work, id: WebhookEndpointId) -> Outcome<()> {
    let waiting = webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::NextAt, Expr::value(work.now()))
        .filter(webhook_delivery::Column::EndpointId.eq(id))
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending));
    waiting.exec(work.tx()?).await?;
    Ok(())
}

fn on(row: &webhook_endpoint::Model) -> Result<(), Problem> {
    let en = "The endpoint is turned off: turn it on first, with `updateWebhookEndpoint`.";
    let sv = "Adressen är avstängd: slå på den först, med `updateWebhookEndpoint`.";
    let off = || Problem::new(ErrorCode::InvalidTransition, "webhookEndpointId", en, sv);
    if row.active { Ok(()) } else { Err(off()) }
}

async fn locked(work: &Work, id: WebhookEndpointId) -> Outcome<(webhook_endpoint::Model, partner::Model)> {
    const FIELD: &str = "webhookEndpointId";
    let row = webhook_endpoint::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let row = row.ok_or_else(|| Problem::not_found(FIELD))?;
    let partner = partner::Entity::find_by_id(row.partner_id).one(work.tx()?).await?;
    let partner = partner.ok_or(Fault::Broken("an endpoint has a partner"))?;
    door::systems(work, &partner, Action::ManageWebhooks, FIELD)?;
    work.check_version(row.version)?;
    Ok((row, partner))
}
