//! Webhook endpoints of sellers and partners, and their deliveries.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, SellerId, WebhookDeliveryId, WebhookEndpointId};
use entity::kind::DeliveryStatus;
use entity::{webhook_attempt, webhook_delivery, webhook_endpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::context::{ContextExt, act, id, int, part_id, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use super::page::{Shown, asked, connection};
use super::partner::Partner;
use crate::access::table::{Action, may, to_directory, to_partner};
use crate::hook::{AnyAddress, sign};
use crate::kit::page::{List, Place, once_each};

/// A webhook endpoint: the address of a system to which events are sent. A partner's system gets the events of the
/// partner's tasks, a seller's system those of all its cases. Deliveries are signed as in Standard Webhooks 1.0
/// (<https://www.standardwebhooks.com>) and carry ids only. Within a task, or within a case for the seller, they are
/// sent in order, and each is repeated until the receiver answers with a status of 200 to 299, or ten attempts have
/// failed.
#[derive(Clone)]
pub struct WebhookEndpoint(pub webhook_endpoint::Model);

impl From<webhook_endpoint::Model> for WebhookEndpoint {
    fn from(row: webhook_endpoint::Model) -> Self {
        Self(row)
    }
}

/// A webhook endpoint: the address of a system to which events are sent. A partner's system gets the events of the
/// partner's tasks, a seller's system those of all its cases. Deliveries are signed as in Standard Webhooks 1.0
/// (<https://www.standardwebhooks.com>) and carry ids only. Within a task, or within a case for the seller, they are
/// sent in order, and each is repeated until the receiver answers with a status of 200 to 299, or ten attempts have
/// failed.
#[Object]
impl WebhookEndpoint {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The partner whose endpoint it is; null when it is the seller's own.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let Some(partner) = self.0.partner_id else { return Ok(None) };
        required_row(ctx.loaders().partners.one(partner).await).map(Partner).map(Some)
    }

    /// The address that deliveries are posted to.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Whether deliveries are sent to it.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Why the service turned it off, in English; null when it did not.
    async fn disabled_because(&self) -> Option<&str> {
        self.0.disabled_because.as_deref()
    }

    /// The time of the first failed attempt since the last success, UTC; null while attempts succeed. After three days
    /// without a success the endpoint is turned off.
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.failing_since
    }

    /// The time until which deliveries are also signed with the previous secret, UTC; null when they are not.
    async fn previous_secret_until(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.0.previous_until.filter(|until| *until > ctx.app().now())
    }

    /// When the endpoint was created, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Its deliveries, newest first: those that wait, and those that ended within the last 30 days.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only deliveries with one of these statuses.")] statuses: Option<Vec<DeliveryStatus>>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<WebhookDeliveryConnection> {
        let statuses = statuses.map_or_else(|| once_each(DeliveryStatus::ALL), |asked| once_each(&asked));
        let of = |status| {
            let own = webhook_delivery::Entity::find().filter(webhook_delivery::Column::EndpointId.eq(self.0.id));
            own.filter(webhook_delivery::Column::Status.eq(status))
        };
        let queries = statuses.into_iter().map(of).collect();
        let ask = asked(DELIVERIES, (first, after, last, before))?;
        let order = ((webhook_delivery::Column::CreatedAt, webhook_delivery::Column::Id), true);
        Shown::read(ctx, queries, ask, order, |row| Place::at(row.created_at, row.id.0))
            .await
            .map(WebhookDeliveryConnection)
    }
}

/// The endpoints of this query, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn oldest_first(ctx: &Context<'_>, query: Select<webhook_endpoint::Entity>) -> Result<Vec<WebhookEndpoint>> {
    let query = query.order_by_asc(webhook_endpoint::Column::CreatedAt).order_by_asc(webhook_endpoint::Column::Id);
    Ok(query.all(ctx.db()).await.map_err(read_error)?.into_iter().map(WebhookEndpoint).collect())
}

/// A delivery to a webhook endpoint: one event, or a ping.
#[derive(Clone)]
pub struct WebhookDelivery(pub webhook_delivery::Model);

impl From<webhook_delivery::Model> for WebhookDelivery {
    fn from(row: webhook_delivery::Model) -> Self {
        Self(row)
    }
}

/// A delivery to a webhook endpoint: one event, or a ping.
#[Object]
impl WebhookDelivery {
    /// The id, opaque. It is sent as the header `webhook-id` and is the same in every attempt and replay, so that a
    /// receiver can recognise duplicates.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The kind of event, as in `type` of the body, such as "task.requested" or "case.opened"; "ping" for a ping.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The JSON body, as it is signed and sent.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// The status of the delivery.
    async fn status(&self) -> DeliveryStatus {
        self.0.status
    }

    /// When the next attempt is made, UTC; null when the delivery has ended.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.0.status == DeliveryStatus::Pending).then_some(self.0.next_at)
    }

    /// When it was added to the queue, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The attempts to deliver it, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>> {
        let rows = ctx.loaders().attempts.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// One attempt to deliver to a webhook endpoint.
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// The id, opaque.
    id: ID,
    /// When the attempt began, UTC.
    at: DateTime<Utc>,
    /// The duration of the attempt, in milliseconds.
    took_ms: i32,
    /// The HTTP status of the answer; null when there was none. Only 200 to 299 is a success.
    status: Option<i32>,
    /// Why there was no answer, in English, or that the answer was a redirect, which is not followed; null otherwise.
    error: Option<String>,
}

impl From<webhook_attempt::Model> for WebhookAttempt {
    fn from(row: webhook_attempt::Model) -> Self {
        Self {
            id: part_id(row.delivery_id, row.number),
            at: row.at,
            took_ms: row.took_ms,
            status: row.status,
            error: row.error,
        }
    }
}

const DELIVERIES: List = List::named("deliveries");

connection! {
    /// A list of deliveries, newest first.
    WebhookDeliveryConnection,
    /// A delivery in a list, with its cursor.
    WebhookDeliveryEdge, WebhookDelivery
}

/// A webhook endpoint with its newest secret.
#[derive(SimpleObject)]
pub struct NewWebhookSecret {
    /// The webhook endpoint that the secret belongs to.
    webhook_endpoint: WebhookEndpoint,
    /// The secret with which the receiver checks signatures, `whsec_…`. It is shown only now, and again when the same
    /// request is repeated with the same idempotency key.
    secret: String,
}

/// The input of `createWebhookEndpoint`.
#[derive(InputObject)]
pub struct CreateWebhookEndpointInput {
    /// The seller whose endpoint it is. It may be left out when `partnerId` is given.
    seller_id: Option<ID>,
    /// The partner whose endpoint it is; the seller itself when left out.
    partner_id: Option<ID>,
    /// The address that deliveries are posted to: https, on the public internet, at most 2,000 characters.
    url: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateWebhookEndpoint`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateWebhookEndpointInput {
    /// The id of the webhook endpoint.
    webhook_endpoint_id: ID,
    /// The new address: https, on the public internet, at most 2,000 characters.
    url: Option<String>,
    /// False stops deliveries. True starts them again where they stopped, with those that wait retried at once.
    active: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the endpoint that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `rotateWebhookSecret`.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// The id of the webhook endpoint.
    webhook_endpoint_id: ID,
    /// The hours for which deliveries are also signed with the previous secret, so that the receiver can change over in
    /// time; 0 to 168.
    #[graphql(default = 24)]
    overlap_hours: i32,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the endpoint that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `pingWebhookEndpoint`.
#[derive(InputObject)]
pub struct PingWebhookEndpointInput {
    /// The id of the webhook endpoint.
    webhook_endpoint_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `replayWebhooks`.
#[derive(InputObject)]
pub struct ReplayWebhooksInput {
    /// The id of the webhook endpoint.
    webhook_endpoint_id: ID,
    /// The cursor after which events are sent again: the cursor of an event or of a delivery, or `feedCursor`.
    after: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the endpoint that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createWebhookEndpoint`.
    CreateWebhookEndpointPayload {
        /// The webhook endpoint and its secret.
        new_secret: NewWebhookSecret
    }
}
payload! {
    /// The answer to `updateWebhookEndpoint`.
    UpdateWebhookEndpointPayload {
        /// The webhook endpoint as it is now.
        webhook_endpoint: WebhookEndpoint
    }
}
payload! {
    /// The answer to `rotateWebhookSecret`.
    RotateWebhookSecretPayload {
        /// The webhook endpoint and its new secret.
        new_secret: NewWebhookSecret
    }
}
payload! {
    /// The answer to `pingWebhookEndpoint`.
    PingWebhookEndpointPayload {
        /// The ping that waits to be sent.
        webhook_delivery: WebhookDelivery
    }
}
payload! {
    /// The answer to `replayWebhooks`.
    ReplayWebhooksPayload {
        /// The webhook endpoint as it is now.
        webhook_endpoint: WebhookEndpoint
    }
}

fn with_secret(ctx: &Context<'_>, row: webhook_endpoint::Model) -> NewWebhookSecret {
    let secret = sign::secret(ctx.app().secret(), row.id, row.generation);
    NewWebhookSecret { webhook_endpoint: WebhookEndpoint(row), secret }
}

/// Acts on webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Creates a webhook endpoint. It gets the events from now on: those of a partner's tasks, or of all cases of the
    /// seller, except what is imported. A partner may have ten, and so may the seller itself. For people at the
    /// partner, and administrators; the seller's own are for administrators only.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller or the partner, and the address.")] input: CreateWebhookEndpointInput,
    ) -> Result<CreateWebhookEndpointPayload> {
        let open = *ctx.data_unchecked::<AnyAddress>();
        let done = act(ctx, async move |work| {
            let seller = input.seller_id.as_ref().map(|text| id::<SellerId>(text, "sellerId")).transpose()?;
            let partner = input.partner_id.as_ref().map(|text| id::<PartnerId>(text, "partnerId")).transpose()?;
            crate::hook::create(work, (seller, partner), &input.url, open).await
        });
        Ok(done.await?.map(|row| with_secret(ctx, row)).into())
    }

    /// Changes a webhook endpoint's address, or turns it off or on. For people at the partner, and administrators;
    /// the seller's own are for administrators only.
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint, and what changes.")] input: UpdateWebhookEndpointInput,
    ) -> Result<UpdateWebhookEndpointPayload> {
        let open = *ctx.data_unchecked::<AnyAddress>();
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::update(work, endpoint, (input.url.as_deref(), input.active), open).await
        });
        Ok(done.await?.into())
    }

    /// Gives a webhook endpoint a new secret. For `overlapHours`, deliveries are signed with both secrets. For people
    /// at the partner, and administrators; the seller's own are for administrators only.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint, and the overlap.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::rotate(work, endpoint, input.overlap_hours).await
        });
        Ok(done.await?.map(|row| with_secret(ctx, row)).into())
    }

    /// Sends a webhook endpoint a test delivery of type `ping`; `deliveries` shows the result. While a ping waits to be
    /// sent, that one is returned. Fails with `INVALID_TRANSITION` when the endpoint is turned off. For people at the
    /// partner, and administrators; the seller's own are for administrators only.
    async fn ping_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint to ping.")] input: PingWebhookEndpointInput,
    ) -> Result<PingWebhookEndpointPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::ping(work, endpoint).await
        });
        Ok(done.await?.into())
    }

    /// Sends a webhook endpoint all events after a cursor again, in order. Deliveries that are still listed keep their
    /// ids; events whose deliveries are no longer kept get new ones. Fails with `INVALID_TRANSITION` when the endpoint
    /// is turned off. For people at the partner, and administrators; the
    /// seller's own are for administrators only.
    async fn replay_webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint, and the cursor.")] input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::replay(work, endpoint, &input.after).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for WebhookEndpointId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        Ok(visible(ctx, self).await?.map(|row| Node::WebhookEndpoint(WebhookEndpoint(row))))
    }
}

impl Lookup for WebhookDeliveryId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = webhook_delivery::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        Ok(visible(ctx, row.endpoint_id).await?.map(|_| Node::WebhookDelivery(WebhookDelivery(row))))
    }
}

/// A webhook endpoint, for those who may manage it.
async fn visible(ctx: &Context<'_>, id: WebhookEndpointId) -> Result<Option<webhook_endpoint::Model>> {
    let row = webhook_endpoint::Entity::find_by_id(id).one(ctx.db()).await.map_err(read_error)?;
    let Some(row) = row else { return Ok(None) };
    let standing = match row.partner_id {
        Some(partner) => to_partner(ctx.actor(), &required_row(ctx.loaders().partners.one(partner).await)?),
        None => to_directory(ctx.actor(), row.seller_id),
    };
    Ok(may(standing, Action::ManageWebhooks).then_some(row))
}
