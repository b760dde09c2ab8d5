//! Where a partner's systems are told what happens, and how that goes.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, WebhookEndpointId};
use entity::kind::DeliveryStatus;
use entity::{webhook_attempt, webhook_delivery, webhook_endpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::context::{ContextExt, act, id, int, query_error, read_error, to_id};
use super::error::payload;
use super::page::connection;
use crate::hook::{Open, sign};
use crate::kit::page::{Ask as PageAsk, Key, once_each};

/// Where a partner's system is told what happens to its tasks: signed as Standard Webhooks 1.0
/// (<https://www.standardwebhooks.com>), thin, in order per task, again until it has heard.
#[derive(Clone)]
pub struct WebhookEndpoint(pub webhook_endpoint::Model);

impl From<webhook_endpoint::Model> for WebhookEndpoint {
    fn from(row: webhook_endpoint::Model) -> Self {
        Self(row)
    }
}

/// Where a partner's system is told what happens to its tasks: signed as Standard Webhooks 1.0
/// (<https://www.standardwebhooks.com>), thin, in order per task, again until it has heard.
#[Object]
impl WebhookEndpoint {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often somebody has changed it, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The address.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Whether it is told anything.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Why the service turned it off; null when it did not.
    async fn disabled_because(&self) -> Option<&str> {
        self.0.disabled_because.as_deref()
    }

    /// Since when nothing has come through, UTC; null while all goes well. After three days it is turned off.
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.failing_since
    }

    /// Until when the secret before this one signs too, UTC; null when it does not.
    async fn previous_secret_until(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.0.previous_until.filter(|until| *until > ctx.app().now())
    }

    /// When it was added, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// What it was told in the last 30 days, and is to be told, newest first.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in one of these states.")] statuses: Option<Vec<DeliveryStatus>>,
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
        let ask =
            PageAsk::new(first, after.as_deref(), last, before.as_deref()).map_err(|problem| query_error(&problem))?;
        let columns = (webhook_delivery::Column::CreatedAt, webhook_delivery::Column::Id);
        WebhookDeliveryConnection::read(ctx, queries, ask, columns).await
    }
}

/// Something an endpoint is told.
#[derive(Clone)]
pub struct WebhookDelivery(pub webhook_delivery::Model);

impl From<webhook_delivery::Model> for WebhookDelivery {
    fn from(row: webhook_delivery::Model) -> Self {
        Self(row)
    }
}

/// Something an endpoint is told.
#[Object]
impl WebhookDelivery {
    /// The id, opaque; the header `webhook-id`, the same at every attempt and every replay.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What it tells of, as `type` in the body says: "task.requested".
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The body, as it is signed and sent.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Where it stands.
    async fn status(&self) -> DeliveryStatus {
        self.0.status
    }

    /// When it is tried next, UTC; null when it is over.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.0.status == DeliveryStatus::Pending).then_some(self.0.next_at)
    }

    /// When it was put into the queue, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Every attempt, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>> {
        let rows = ctx.loaders().attempts.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// One try to tell an endpoint.
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// When, UTC.
    at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    took_ms: i32,
    /// The status it answered with; null when nothing was answered. Only 200 to 299 is success.
    status: Option<i32>,
    /// Why it came to nothing, for people; null when it was answered.
    error: Option<String>,
}

impl From<webhook_attempt::Model> for WebhookAttempt {
    fn from(row: webhook_attempt::Model) -> Self {
        Self { at: row.at, took_ms: row.took_ms, status: row.status, error: row.error }
    }
}

fn key(row: &webhook_delivery::Model) -> Key {
    (row.created_at, row.id.0)
}

connection! {
    /// Deliveries, newest first.
    WebhookDeliveryConnection,
    /// A delivery in its list.
    WebhookDeliveryEdge, WebhookDelivery, webhook_delivery, key
}

/// An endpoint with its newest secret.
#[derive(SimpleObject)]
pub struct NewWebhookSecret {
    /// The endpoint.
    webhook_endpoint: WebhookEndpoint,
    /// What its receiver checks signatures with: `whsec_…`. Told when it is made or changed, and not again.
    secret: String,
}

/// Adds an endpoint.
#[derive(InputObject)]
pub struct CreateWebhookEndpointInput {
    /// Whose.
    partner_id: ID,
    /// The address: https, on the public internet, at most 2,000 characters.
    url: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes an endpoint; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateWebhookEndpointInput {
    /// Which.
    webhook_endpoint_id: ID,
    /// The new address.
    url: Option<String>,
    /// False ends its being told; true lets it go on where it stood.
    active: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the endpoint has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Gives an endpoint a new secret.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// Which.
    webhook_endpoint_id: ID,
    /// For how many hours the secret before it signs too, so that the receiver can change when it likes: 0 to 168.
    #[graphql(default = 24)]
    overlap_hours: i32,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the endpoint has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Sends an endpoint a ping.
#[derive(InputObject)]
pub struct PingWebhookEndpointInput {
    /// Which.
    webhook_endpoint_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Tells an endpoint again what it was told, or should have been.
#[derive(InputObject)]
pub struct ReplayWebhooksInput {
    /// Which.
    webhook_endpoint_id: ID,
    /// Everything after this cursor: one that came with an event, or `feedCursor`.
    after: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the endpoint has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createWebhookEndpoint`.
    CreateWebhookEndpointPayload {
        /// The endpoint and its secret.
        new_secret: NewWebhookSecret
    }
}
payload! {
    /// The answer to `updateWebhookEndpoint`.
    UpdateWebhookEndpointPayload {
        /// The endpoint as it is now.
        webhook_endpoint: WebhookEndpoint
    }
}
payload! {
    /// The answer to `rotateWebhookSecret`.
    RotateWebhookSecretPayload {
        /// The endpoint and its new secret.
        new_secret: NewWebhookSecret
    }
}
payload! {
    /// The answer to `pingWebhookEndpoint`.
    PingWebhookEndpointPayload {
        /// The ping, under way.
        webhook_delivery: WebhookDelivery
    }
}
payload! {
    /// The answer to `replayWebhooks`.
    ReplayWebhooksPayload {
        /// The endpoint as it is now.
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
    /// Adds an endpoint. It is told what happens from now on. For people at the partner, and administrators.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and where.")] input: CreateWebhookEndpointInput,
    ) -> Result<CreateWebhookEndpointPayload> {
        let open = *ctx.data_unchecked::<Open>();
        let done = act(ctx, async move |work| {
            let partner = id::<PartnerId>(&input.partner_id, "partnerId")?;
            crate::hook::create(work, partner, &input.url, open).await
        });
        Ok(done.await?.map(|row| with_secret(ctx, row)).into())
    }

    /// Changes an endpoint's address, ends its being told, or lets it go on. For people at the partner, and administrators.
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what changes.")] input: UpdateWebhookEndpointInput,
    ) -> Result<UpdateWebhookEndpointPayload> {
        let open = *ctx.data_unchecked::<Open>();
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::update(work, endpoint, (input.url.as_deref(), input.active), open).await
        });
        Ok(done.await?.into())
    }

    /// Gives an endpoint a new secret; for a while both sign. For people at the partner, and administrators.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and for how long both.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::rotate(work, endpoint, input.overlap_hours).await
        });
        Ok(done.await?.map(|row| with_secret(ctx, row)).into())
    }

    /// Sends an endpoint something that means nothing, of type `ping`; `deliveries` shows how that went. For people at the
    /// partner, and administrators.
    async fn ping_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: PingWebhookEndpointInput,
    ) -> Result<PingWebhookEndpointPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::ping(work, endpoint).await
        });
        Ok(done.await?.into())
    }

    /// Tells an endpoint everything after a cursor again, in order and with the same ids. For people at the partner, and
    /// administrators.
    async fn replay_webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from where.")] input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload> {
        let done = act(ctx, async move |work| {
            let endpoint = id::<WebhookEndpointId>(&input.webhook_endpoint_id, "webhookEndpointId")?;
            crate::hook::replay(work, endpoint, &input.after).await
        });
        Ok(done.await?.into())
    }
}
