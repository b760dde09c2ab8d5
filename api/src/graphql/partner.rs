//! Partners and their people.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerContactId, PartnerId, SellerId};
use entity::kind::Language;
use entity::{api_client, partner, partner_contact, webhook_endpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::client::ApiClient;
use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node};
use super::performance::PartnerPerformance;
use super::sign_in::SignIn;
use super::webhook::WebhookEndpoint;
use crate::access::sign_in::Person;
use crate::access::table::{Action, may, to_directory, to_partner};
use crate::directory::partner::{ContactChange, NewContact};
use crate::kit::actor::Actor;
use crate::task::performance;

/// A partner: a supplier or subcontractor of a seller. It can have tasks, but can never own a case.
#[derive(Clone)]
pub struct Partner(pub partner::Model);

impl From<partner::Model> for Partner {
    fn from(row: partner::Model) -> Self {
        Self(row)
    }
}

/// A partner: a supplier or subcontractor of a seller. It can have tasks, but can never own a case.
#[Object]
impl Partner {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the partner, unique at the seller.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether the partner has access: it can get new tasks, and its people and API clients can sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The people at the partner, by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<PartnerContact>> {
        let query = partner_contact::Entity::find().filter(partner_contact::Column::PartnerId.eq(self.0.id));
        let rows = query.order_by_asc(partner_contact::Column::Name).limit(1_000).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(PartnerContact).collect())
    }

    /// The API clients of the partner, by name; at most 50. Empty for those who may not manage them: only the partner's
    /// people and administrators may.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn api_clients(&self, ctx: &Context<'_>) -> Result<Vec<ApiClient>> {
        if !self.may(ctx, Action::ManageSystems) {
            return Ok(Vec::new());
        }
        let query = api_client::Entity::find().filter(api_client::Column::PartnerId.eq(self.0.id));
        let rows = query.order_by_asc(api_client::Column::Name).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(ApiClient).collect())
    }

    /// The webhook endpoints of the partner, oldest first; at most 10. Empty for those who may not manage them: only
    /// the partner's people and administrators may.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn webhook_endpoints(&self, ctx: &Context<'_>) -> Result<Vec<WebhookEndpoint>> {
        if !self.may(ctx, Action::ManageWebhooks) {
            return Ok(Vec::new());
        }
        let query = webhook_endpoint::Entity::find().filter(webhook_endpoint::Column::PartnerId.eq(self.0.id));
        super::webhook::oldest_first(ctx, query).await
    }

    /// Figures on how well the partner keeps its times, over the tasks that were requested in a period. For the
    /// partner's people and the seller's staff; null for others.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn performance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period's start, UTC; 90 days before `until` when left out.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "The period's end, UTC, not included; now when left out.")] until: Option<DateTime<Utc>>,
    ) -> Result<Option<PartnerPerformance>> {
        if !self.may(ctx, Action::ReadPerformance) {
            return Ok(None);
        }
        let now = ctx.app().now();
        // One microsecond later, so that a task requested at this very instant is included.
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

/// A partner contact: a person who works at a partner.
#[derive(Clone)]
pub struct PartnerContact(pub partner_contact::Model);

impl From<partner_contact::Model> for PartnerContact {
    fn from(row: partner_contact::Model) -> Self {
        Self(row)
    }
}

/// A partner contact: a person who works at a partner.
#[Object]
impl PartnerContact {
    /// The id, opaque. It is the `sub` claim of this person's tokens.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the person.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The person's e-mail address at work.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The language of what the service writes to the person.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// Whether the person gets mails about the partner's tasks, with a link to a page where they answer. For partners
    /// without a system.
    async fn tasks_by_mail(&self) -> bool {
        self.0.tasks_by_mail
    }

    /// Whether the person may sign in. They also need a partner that is active.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The accounts at identity providers with which they sign in; null when you may not see them (only administrators
    /// of the seller may).
    async fn sign_ins(&self, ctx: &Context<'_>) -> Result<Option<Vec<SignIn>>> {
        let partner = required_row(ctx.loaders().partners.one(self.0.partner_id).await)?;
        super::sign_in::of(ctx, Person::Contact(self.0.id), partner.seller_id).await
    }

    /// The partner at which the person works.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        required_row(ctx.loaders().partners.one(self.0.partner_id).await).map(Partner)
    }
}

/// Adds a partner to a seller.
#[derive(InputObject)]
pub struct CreatePartnerInput {
    /// The seller that the partner belongs to.
    seller_id: ID,
    /// The name of the partner, unique at the seller; 1 to 200 characters.
    name: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a partner. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdatePartnerInput {
    /// The partner to change.
    partner_id: ID,
    /// The new name, unique at the seller; 1 to 200 characters.
    name: Option<String>,
    /// False ends the access of the partner, its people and its API clients at once; true restores it.
    active: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the partner that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// Adds a person at a partner.
#[derive(InputObject)]
pub struct CreatePartnerContactInput {
    /// The partner at which the person works.
    partner_id: ID,
    /// The name of the person; 1 to 200 characters.
    name: String,
    /// The person's e-mail address at work, unique at the partner.
    email: String,
    /// The language of what the service writes to the person; the seller's language when left out.
    language: Option<Language>,
    /// Whether the person gets mails about what happens to the partner's tasks from now on, with a link to a page where
    /// they answer. It needs a mailbox of the seller, and a service with a public address (`public_url`). When several
    /// people at a partner have it, all are mailed until a task is assigned to one of them.
    #[graphql(default)]
    tasks_by_mail: bool,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// Changes a person at a partner. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdatePartnerContactInput {
    /// The person to change.
    partner_contact_id: ID,
    /// False ends the person's access and their links at once; true restores them.
    active: Option<bool>,
    /// The language of what the service writes to the person.
    language: Option<Language>,
    /// Whether the person gets mails about what happens to the partner's tasks from now on. It needs a mailbox of the
    /// seller, and a service with a public address (`public_url`).
    tasks_by_mail: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the person that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createPartner`.
    CreatePartnerPayload {
        /// The new partner; null when nothing was changed.
        partner: Partner
    }
}
payload! {
    /// The answer to `updatePartner`.
    UpdatePartnerPayload {
        /// The partner as it is now; null when nothing was changed.
        partner: Partner
    }
}
payload! {
    /// The answer to `createPartnerContact`.
    CreatePartnerContactPayload {
        /// The new person at the partner; null when nothing was changed.
        partner_contact: PartnerContact
    }
}
payload! {
    /// The answer to `updatePartnerContact`.
    UpdatePartnerContactPayload {
        /// The person as they are now; null when nothing was changed.
        partner_contact: PartnerContact
    }
}

/// Mutations of partners and their people.
#[derive(Default)]
pub struct PartnerMutation;

#[Object]
impl PartnerMutation {
    /// Adds a partner to a seller. For administrators.
    async fn create_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner, and the seller that it belongs to.")] input: CreatePartnerInput,
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
        #[graphql(desc = "The partner, and what changes.")] input: UpdatePartnerInput,
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
        #[graphql(desc = "The person, and the partner.")] input: CreatePartnerContactInput,
    ) -> Result<CreatePartnerContactPayload> {
        let done = act(ctx, async move |work| {
            let partner = id::<PartnerId>(&input.partner_id, "partnerId")?;
            let new = NewContact {
                name: input.name.clone(),
                email: input.email.clone(),
                language: input.language,
                tasks_by_mail: input.tasks_by_mail,
            };
            crate::directory::partner::create_contact(work, partner, &new).await
        });
        Ok(done.await?.into())
    }

    /// Changes a person at a partner: their access, their language, and whether tasks are mailed to them. For
    /// administrators.
    async fn update_partner_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, and what changes.")] input: UpdatePartnerContactInput,
    ) -> Result<UpdatePartnerContactPayload> {
        let done = act(ctx, async move |work| {
            let contact = id::<PartnerContactId>(&input.partner_contact_id, "partnerContactId")?;
            let change =
                ContactChange { active: input.active, language: input.language, tasks_by_mail: input.tasks_by_mail };
            crate::directory::partner::update_contact(work, contact, &change).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for PartnerId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        Ok(visible(ctx, self).await?.map(|row| Node::Partner(Partner(row))))
    }
}

impl Lookup for PartnerContactId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().contacts.one(self).await.map_err(read_error)?;
        let Some(row) = row else { return Ok(None) };
        Ok(visible(ctx, row.partner_id).await?.map(|_| Node::PartnerContact(PartnerContact(row))))
    }
}

/// A partner, for its own people and systems, and for those who may read the seller's directory.
async fn visible(ctx: &Context<'_>, id: PartnerId) -> Result<Option<partner::Model>> {
    let Some(row) = ctx.loaders().partners.one(id).await.map_err(read_error)? else { return Ok(None) };
    let own = matches!(ctx.actor(), Actor::Partner { partner, .. } if partner == row.id);
    let visible = own || may(to_directory(ctx.actor(), row.seller_id), Action::ReadDirectory);
    Ok(visible.then_some(row))
}
