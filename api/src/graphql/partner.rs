//! Partners and the people there.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerContactId, PartnerId, SellerId};
use entity::{api_client, partner, partner_contact, webhook_endpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::client::ApiClient;
use super::context::{ContextExt, act, id, int, read_error, there, to_id};
use super::error::payload;
use super::performance::PartnerPerformance;
use super::webhook::WebhookEndpoint;
use crate::access::table::{Action, may, to_partner};
use crate::task::performance;

/// A supplier or subcontractor of a seller. It can have tasks and can never own a case.
#[derive(Clone)]
pub struct Partner(pub partner::Model);

impl From<partner::Model> for Partner {
    fn from(row: partner::Model) -> Self {
        Self(row)
    }
}

/// A supplier or subcontractor of a seller. It can have tasks and can never own a case.
#[Object]
impl Partner {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it gets new tasks, and its people may sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The people there by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<PartnerContact>> {
        let query = partner_contact::Entity::find().filter(partner_contact::Column::PartnerId.eq(self.0.id));
        let rows = query.order_by_asc(partner_contact::Column::Name).limit(1_000).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(PartnerContact).collect())
    }

    /// Its API clients by name, at most 50, for those who may change them; empty for others.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn api_clients(&self, ctx: &Context<'_>) -> Result<Vec<ApiClient>> {
        if !self.may(ctx, Action::ManageSystems) {
            return Ok(Vec::new());
        }
        let query = api_client::Entity::find().filter(api_client::Column::PartnerId.eq(self.0.id));
        let rows = query.order_by_asc(api_client::Column::Name).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(ApiClient).collect())
    }

    /// Where its systems are told what happens, oldest first, at most 10, for those who may change it; empty for others.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn webhook_endpoints(&self, ctx: &Context<'_>) -> Result<Vec<WebhookEndpoint>> {
        if !self.may(ctx, Action::ManageWebhooks) {
            return Ok(Vec::new());
        }
        let query = webhook_endpoint::Entity::find().filter(webhook_endpoint::Column::PartnerId.eq(self.0.id));
        let query = query.order_by_asc(webhook_endpoint::Column::CreatedAt).order_by_asc(webhook_endpoint::Column::Id);
        let rows = query.all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(WebhookEndpoint).collect())
    }

    /// How it keeps its times, for its people and the seller's staff; null for others.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn performance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Tasks asked from this time on, UTC; 90 days ago when left out.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Tasks asked before this time, UTC; now when left out.")] until: Option<DateTime<Utc>>,
    ) -> Result<Option<PartnerPerformance>> {
        if !self.may(ctx, Action::ReadPerformance) {
            return Ok(None);
        }
        let now = ctx.app().now();
        // What was asked in this very moment is asked before now.
        let until = until.unwrap_or(now + TimeDelta::microseconds(1));
        let from = from.or_else(|| until.checked_sub_signed(TimeDelta::days(90))).unwrap_or(until);
        let counts = performance::of(ctx.db(), self.0.id, (from, until), now).await.map_err(read_error)?;
        Ok(Some(PartnerPerformance::new(&counts, (from, until))))
    }
}

impl Partner {
    fn may(&self, ctx: &Context<'_>, action: Action) -> bool {
        may(to_partner(ctx.actor(), &self.0), action)
    }
}

/// A person at a partner.
#[derive(Clone)]
pub struct PartnerContact(pub partner_contact::Model);

impl From<partner_contact::Model> for PartnerContact {
    fn from(row: partner_contact::Model) -> Self {
        Self(row)
    }
}

/// A person at a partner.
#[Object]
impl PartnerContact {
    /// The id, opaque; `sub` of this person's tokens.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The address at work.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Whether they may sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Where they work.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        there(ctx.loaders().partners.one(self.0.partner_id).await).map(Partner)
    }
}

/// Adds a partner to a seller.
#[derive(InputObject)]
pub struct CreatePartnerInput {
    /// Whose partner.
    seller_id: ID,
    /// The name, unique at the seller.
    name: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a partner; what is left out stays as it is.
#[derive(InputObject)]
pub struct UpdatePartnerInput {
    /// Which partner.
    partner_id: ID,
    /// The new name.
    name: Option<String>,
    /// False ends its access at once; true restores it.
    active: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the partner has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

/// Adds a person at a partner.
#[derive(InputObject)]
pub struct CreatePartnerContactInput {
    /// At which partner.
    partner_id: ID,
    /// The name.
    name: String,
    /// The address at work, unique at the partner.
    email: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Ends or restores a person's access at a partner.
#[derive(InputObject)]
pub struct UpdatePartnerContactInput {
    /// Whose.
    partner_contact_id: ID,
    /// False ends their access at once; true restores it.
    active: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the person has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createPartner`.
    CreatePartnerPayload {
        /// The new partner.
        partner: Partner
    }
}
payload! {
    /// The answer to `updatePartner`.
    UpdatePartnerPayload {
        /// The partner as it is now.
        partner: Partner
    }
}
payload! {
    /// The answer to `createPartnerContact`.
    CreatePartnerContactPayload {
        /// The new person.
        partner_contact: PartnerContact
    }
}
payload! {
    /// The answer to `updatePartnerContact`.
    UpdatePartnerContactPayload {
        /// The person as they are now.
        partner_contact: PartnerContact
    }
}

/// Acts on partners.
#[derive(Default)]
pub struct PartnerMutation;

#[Object]
impl PartnerMutation {
    /// Adds a partner to a seller. For administrators.
    async fn create_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner, and whose.")] input: CreatePartnerInput,
    ) -> Result<CreatePartnerPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            crate::directory::partner::create(work, seller, &input.name).await
        });
        Ok(done.await?.into())
    }

    /// Renames a partner, ends its access or restores it. For administrators.
    async fn update_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which partner, and what changes.")] input: UpdatePartnerInput,
    ) -> Result<UpdatePartnerPayload> {
        let done = act(ctx, async move |work| {
            let partner = id::<PartnerId>(&input.partner_id, "partnerId")?;
            crate::directory::partner::update(work, partner, input.name.as_deref(), input.active).await
        });
        Ok(done.await?.into())
    }

    /// Adds a person at a partner. For administrators.
    async fn create_partner_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and where.")] input: CreatePartnerContactInput,
    ) -> Result<CreatePartnerContactPayload> {
        let done = act(ctx, async move |work| {
            let partner = id::<PartnerId>(&input.partner_id, "partnerId")?;
            crate::directory::partner::create_contact(work, partner, &input.name, &input.email).await
        });
        Ok(done.await?.into())
    }

    /// Ends or restores a person's access at a partner. For administrators.
    async fn update_partner_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: UpdatePartnerContactInput,
    ) -> Result<UpdatePartnerContactPayload> {
        let done = act(ctx, async move |work| {
            let contact = id::<PartnerContactId>(&input.partner_contact_id, "partnerContactId")?;
            crate::directory::partner::update_contact(work, contact, input.active).await
        });
        Ok(done.await?.into())
    }
}
