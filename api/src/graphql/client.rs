//! API clients and their secrets.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{ApiClientId, ClientSecretId, PartnerId, SellerId};
use entity::kind::ApiScope;
use entity::{api_client, client_secret};

use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use super::partner::Partner;
use crate::access::key;
use crate::access::table::{Action, may, to_directory, to_partner};
use sea_orm::EntityTrait;

/// An API client: a system that calls this service for a seller (a mail gateway, a telephone exchange) or for one of
/// its partners.
#[derive(Clone)]
pub struct ApiClient(pub api_client::Model);

impl From<api_client::Model> for ApiClient {
    fn from(row: api_client::Model) -> Self {
        Self(row)
    }
}

/// An API client: a system that calls this service for a seller (a mail gateway, a telephone exchange) or for one of
/// its partners.
#[Object]
impl ApiClient {
    /// The id, opaque. It is the `client_id` at `/oauth/token`, and the `sub` of tokens that an identity provider
    /// issues.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique among the API clients of the seller itself or of the partner.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The partner that the client belongs to; null when it belongs to the seller itself.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let Some(partner) = self.0.partner_id else { return Ok(None) };
        required_row(ctx.loaders().partners.one(partner).await).map(Partner).map(Some)
    }

    /// The scopes of the client: what it may do. A token of the client may carry fewer.
    async fn scopes(&self) -> &[ApiScope] {
        &self.0.scopes.0
    }

    /// Whether the client has access. None of its tokens is accepted while this is false.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The secrets of the client, oldest first, with those that were revoked. The text of a secret is shown only once,
    /// when it is created.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn secrets(&self, ctx: &Context<'_>) -> Result<Vec<ClientSecret>> {
        let rows = ctx.loaders().secrets.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(ClientSecret).collect())
    }
}

/// A secret of an API client. The client exchanges it at `/oauth/token` for tokens that are valid for ten minutes.
#[derive(Clone)]
pub struct ClientSecret(pub client_secret::Model);

impl From<client_secret::Model> for ClientSecret {
    fn from(row: client_secret::Model) -> Self {
        Self(row)
    }
}

/// A secret of an API client. The client exchanges it at `/oauth/token` for tokens that are valid for ten minutes.
#[Object]
impl ClientSecret {
    /// The id, opaque; it is not the secret itself.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When the secret was created, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the secret was revoked, UTC; null while it is valid.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }
}

/// A secret that was just created, with its text.
#[derive(SimpleObject)]
pub struct NewClientSecret {
    /// The secret as it can be read later, without its text.
    client_secret: ClientSecret,
    /// The text of the secret, `cs_…`. Keep it like a password. It is shown only now, and again when the same request
    /// is repeated with the same idempotency key.
    secret: String,
}

/// The input of `createApiClient`.
#[derive(InputObject)]
pub struct CreateApiClientInput {
    /// The seller that the client works for. It may be left out when `partnerId` is given.
    seller_id: Option<ID>,
    /// The partner that the client belongs to; the seller itself when left out. A partner has at most 50 API clients.
    partner_id: Option<ID>,
    /// The name, unique among the API clients of the seller itself or of the partner; 1 to 200 characters.
    name: String,
    /// The scopes of the client: what it may do. When left out, `TASKS_READ`, `TASKS_WRITE` and `COMPLAINTS_WRITE` for
    /// a partner's client; `EMAIL_WRITE`, `CALLS_WRITE`, `LETTERS_WRITE` and `VISITS_WRITE` for a client of the seller
    /// itself, which may have `CASES_READ` as well when it is asked for.
    scopes: Option<Vec<ApiScope>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateApiClient`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateApiClientInput {
    /// The API client to change.
    api_client_id: ID,
    /// Whether the client has access from now on. False also ends tokens that were issued before.
    active: Option<bool>,
    /// The scopes of the client from now on. Tokens that were issued before lose the scopes that the client no longer
    /// has.
    scopes: Option<Vec<ApiScope>>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the client that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `createClientSecret`.
#[derive(InputObject)]
pub struct CreateClientSecretInput {
    /// The API client that gets the secret. A client may have two valid secrets, so that one can be replaced by the
    /// other without an interruption.
    api_client_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `revokeClientSecret`.
#[derive(InputObject)]
pub struct RevokeClientSecretInput {
    /// The secret to revoke. All tokens that were issued for it end with it.
    client_secret_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the secret that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createApiClient`.
    CreateApiClientPayload {
        /// The new API client; null when nothing was changed.
        api_client: ApiClient
    }
}
payload! {
    /// The answer to `updateApiClient`.
    UpdateApiClientPayload {
        /// The API client as it is now; null when nothing was changed.
        api_client: ApiClient
    }
}
payload! {
    /// The answer to `createClientSecret`.
    CreateClientSecretPayload {
        /// The new secret, with its text; null when nothing was changed.
        new_secret: NewClientSecret
    }
}
payload! {
    /// The answer to `revokeClientSecret`.
    RevokeClientSecretPayload {
        /// The secret as it is now; null when nothing was changed.
        client_secret: ClientSecret
    }
}

/// Acts on API clients.
#[derive(Default)]
pub struct ClientMutation;

#[Object]
impl ClientMutation {
    /// Creates an API client for a mail gateway, a telephone exchange or a partner's own system. For administrators,
    /// and for people at the partner that the client belongs to.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose client it is, its name and its scopes.")] input: CreateApiClientInput,
    ) -> Result<CreateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let seller = input.seller_id.as_ref().map(|text| id::<SellerId>(text, "sellerId")).transpose()?;
            let partner = input.partner_id.as_ref().map(|text| id::<PartnerId>(text, "partnerId")).transpose()?;
            let what = (input.name.as_str(), input.scopes.as_deref());
            crate::directory::client::create(work, (seller, partner), what).await
        });
        Ok(done.await?.into())
    }

    /// Ends or restores the access of an API client, or changes its scopes. For administrators, and for people at the
    /// partner that the client belongs to.
    async fn update_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The API client, and what changes.")] input: UpdateApiClientInput,
    ) -> Result<UpdateApiClientPayload> {
        let done = act(ctx, async move |work| {
            let client = id::<ApiClientId>(&input.api_client_id, "apiClientId")?;
            crate::directory::client::update(work, client, input.active, input.scopes.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Creates a secret of an API client. The client exchanges it at `/oauth/token` for tokens that are valid for ten
    /// minutes (RFC 6749, 4.4). For administrators, and for people at the partner that the client belongs to.
    async fn create_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The API client that gets the secret.")] input: CreateClientSecretInput,
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

    /// Revokes a secret. All tokens that were issued for it end at once. For administrators, and for people at the
    /// partner that the client belongs to.
    async fn revoke_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret to revoke.")] input: RevokeClientSecretInput,
    ) -> Result<RevokeClientSecretPayload> {
        let done = act(ctx, async move |work| {
            let secret = id::<ClientSecretId>(&input.client_secret_id, "clientSecretId")?;
            crate::directory::client::revoke_secret(work, secret).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for ApiClientId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        Ok(visible(ctx, self).await?.map(|row| Node::ApiClient(ApiClient(row))))
    }
}

impl Lookup for ClientSecretId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = client_secret::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        Ok(visible(ctx, row.client_id).await?.map(|_| Node::ClientSecret(ClientSecret(row))))
    }
}

/// An API client: the seller's for the seller's staff, a partner's for those who may manage its API clients.
async fn visible(ctx: &Context<'_>, id: ApiClientId) -> Result<Option<api_client::Model>> {
    let Some(row) = ctx.loaders().clients.one(id).await.map_err(read_error)? else { return Ok(None) };
    let visible = match row.partner_id {
        None => may(to_directory(ctx.actor(), row.seller_id), Action::ReadDirectory),
        Some(partner) => {
            let partner = required_row(ctx.loaders().partners.one(partner).await)?;
            may(to_partner(ctx.actor(), &partner), Action::ManageSystems)
        }
    };
    Ok(visible.then_some(row))
}
