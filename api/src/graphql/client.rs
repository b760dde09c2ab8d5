//! API clients and their secrets.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{ApiClientId, ClientSecretId, PartnerId, SellerId};
use entity::kind::ApiScope;
use entity::{api_client, client_secret};

use super::context::{ContextExt, act, id, int, read_error, there, to_id};
use super::error::payload;
use super::partner::Partner;
use crate::access::key;

/// A system that calls for a seller (a mail gateway, a telephone exchange) or for one of its partners.
#[derive(Clone)]
pub struct ApiClient(pub api_client::Model);

impl From<api_client::Model> for ApiClient {
    fn from(row: api_client::Model) -> Self {
        Self(row)
    }
}

/// A system that calls for a seller (a mail gateway, a telephone exchange) or for one of its partners.
#[Object]
impl ApiClient {
    /// The id, opaque; `client_id` at `/oauth/token`, and `sub` where an identity provider issues its tokens.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique among the seller's own or the partner's own.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whose it is; null for the seller's own.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let Some(partner) = self.0.partner_id else { return Ok(None) };
        there(ctx.loaders().partners.one(partner).await).map(Partner).map(Some)
    }

    /// What it may do. A token may carry less.
    async fn scopes(&self) -> &[ApiScope] {
        &self.0.scopes.0
    }

    /// Whether its tokens work.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Its secrets, oldest first; revoked ones stay to be seen. What they read is told once, when they are made.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn secrets(&self, ctx: &Context<'_>) -> Result<Vec<ClientSecret>> {
        let rows = ctx.loaders().secrets.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(ClientSecret).collect())
    }
}

/// What an API client shows at `/oauth/token` to get short tokens.
#[derive(Clone)]
pub struct ClientSecret(pub client_secret::Model);

impl From<client_secret::Model> for ClientSecret {
    fn from(row: client_secret::Model) -> Self {
        Self(row)
    }
}

/// What an API client shows at `/oauth/token` to get short tokens.
#[Object]
impl ClientSecret {
    /// The id, opaque; not the secret.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When it was made, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was revoked, UTC; null while it works.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}

/// A secret that was just made.
#[derive(SimpleObject)]
pub struct NewClientSecret {
    /// What is known of it later.
    client_secret: ClientSecret,
    /// The secret itself, `cs_…`. Keep it like a password; it is told to nobody again, but for the same request with the
    /// same key.
    secret: String,
}

/// Makes an API client.
#[derive(InputObject)]
pub struct CreateApiClientInput {
    /// At which seller. May be left out when `partnerId` is given.
    seller_id: Option<ID>,
    /// Of which of its partners; the seller's own when left out.
    partner_id: Option<ID>,
    /// The name, unique among the seller's own or the partner's own.
    name: String,
    /// What it may do; when left out, all that such a system can: `TASKS_READ`, `TASKS_WRITE` and `COMPLAINTS_WRITE` for a
    /// partner's, `EMAIL_WRITE`, `CALLS_WRITE`, `LETTERS_WRITE` and `VISITS_WRITE` for the seller's own.
    scopes: Option<Vec<ApiScope>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes an API client; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateApiClientInput {
    /// Which.
    api_client_id: ID,
    /// Whether its tokens work from now on.
    active: Option<bool>,
    /// What it may do from now on, tokens that are out included.
    scopes: Option<Vec<ApiScope>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the client has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Gives an API client a secret.
#[derive(InputObject)]
pub struct CreateClientSecretInput {
    /// Which client. Two secrets may stand at a time, so that one can be changed for the other without a pause.
    api_client_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Ends a secret.
#[derive(InputObject)]
pub struct RevokeClientSecretInput {
    /// Which. Every token that was got by it ends with it.
    client_secret_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the secret has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createApiClient`.
    CreateApiClientPayload {
        /// The new client.
        api_client: ApiClient
    }
}
payload! {
    /// The answer to `updateApiClient`.
    UpdateApiClientPayload {
        /// The client as it is now.
        api_client: ApiClient
    }
}
payload! {
    /// The answer to `createClientSecret`.
    CreateClientSecretPayload {
        /// The secret.
        new_secret: NewClientSecret
    }
}
payload! {
    /// The answer to `revokeClientSecret`.
    RevokeClientSecretPayload {
        /// The secret as it is now.
        client_secret: ClientSecret
    }
}

/// Acts on API clients.
#[derive(Default)]
pub struct ClientMutation;

#[Object]
impl ClientMutation {
    /// Makes an API client: for a mail gateway, a telephone exchange, or a partner's own system. For administrators, and for
    /// people at the partner it is for.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CreateApiClientInput,
    ) -> Result<CreateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let seller = input.seller_id.as_ref().map(|text| id::<SellerId>(text, "sellerId")).transpose()?;
            let partner = input.partner_id.as_ref().map(|text| id::<PartnerId>(text, "partnerId")).transpose()?;
            let what = (input.name.as_str(), input.scopes.as_deref());
            crate::directory::client::create(work, (seller, partner), what).await
        });
        Ok(done.await?.into())
    }

    /// Ends or restores an API client's access, or changes what it may do. For administrators, and for people at its
    /// partner.
    async fn update_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what changes.")] input: UpdateApiClientInput,
    ) -> Result<UpdateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let client = id::<ApiClientId>(&input.api_client_id, "apiClientId")?;
            crate::directory::client::update(work, client, input.active, input.scopes.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Gives an API client a secret, by which it gets tokens of ten minutes at `/oauth/token` (RFC 6749, 4.4). For
    /// administrators, and for people at its partner.
    async fn create_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which client.")] input: CreateClientSecretInput,
    ) -> Result<CreateClientSecretPayload> {
        let done = act(ctx, async move |work| {
            let client = id::<ApiClientId>(&input.api_client_id, "apiClientId")?;
            crate::directory::client::create_secret(work, client).await
        });
        let secret = |row: client_secret::Model| NewClientSecret {
            secret: key::client_secret(ctx.app().secret(), row.id),
            client_secret: ClientSecret(row),
        };
        Ok(done.await?.map(secret).into())
    }

    /// Ends a secret and every token that was got by it, at once. For administrators, and for people at its partner.
    async fn revoke_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokeClientSecretInput,
    ) -> Result<RevokeClientSecretPayload> {
        let done = act(ctx, async move |work| {
            let secret = id::<ClientSecretId>(&input.client_secret_id, "clientSecretId")?;
            crate::directory::client::revoke_secret(work, secret).await
        });
        Ok(done.await?.into())
    }
}
