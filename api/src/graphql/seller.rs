//! Sellers, their settings and the lists of their directory.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{SellerId, StaffId};
use entity::kind::{Language, Role};
use entity::{
    api_client, category, mailbox, partner, product, rule_set, seller, service_level, staff, team, webhook_endpoint,
    widget,
};
use sea_orm::sea_query::{Expr, Order};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::calendar::{Calendar, PastCalendar, Recount};
use super::catalogue::{Category, Product};
use super::client::ApiClient;
use super::clock::ChosenLegalClock;
use super::context::{ContextExt, act, forbidden, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::hours::{HoursInput, HoursObject, read, shown};
use super::level::{ServiceLevel, ServiceTimesInput, ServiceTimesObject, times_change};
use super::mailbox::SellerMailbox;
use super::node::{Lookup, Node, of_directory};
use super::partner::Partner;
use super::rule::RuleSet;
use super::staff::{NewStaffInput, Staff, Team};
use super::system::Widget;
use super::webhook::WebhookEndpoint;
use crate::access::table::{Action, may, to_directory};
use crate::directory::calendar::first;
use crate::directory::seller::{NewSeller, NoticesChange, SellerChange, Settings};
use crate::kit::actor::Actor;
use crate::texts;

/// The maximum number of rows in a list of the directory.
const MOST: u64 = 1_000;

/// A seller: the company that sold and that answers for its cases.
#[derive(Clone)]
pub struct Seller(pub seller::Model);

impl From<seller::Model> for Seller {
    fn from(row: seller::Model) -> Self {
        Self(row)
    }
}

/// A seller: the company that sold and that answers for its cases.
#[Object]
impl Seller {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the company.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The language in which its customers are written to unless they choose another.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The hours within which a customer hears from the owner after a case is opened. `times` says which hours count.
    async fn first_contact_hours(&self) -> i32 {
        int(self.0.times.first_contact.hours.into())
    }

    /// The hours without an act of the owner after which the lead is told. `times` says which hours count.
    async fn owner_idle_hours(&self) -> i32 {
        int(self.0.times.owner_acts.hours.into())
    }

    /// The times in which its customers hear from it when a case has no service level.
    async fn times(&self) -> ServiceTimesObject {
        ServiceTimesObject::from(&self.0.times)
    }

    /// The calendar of the seller. Service levels, `withinBusinessHours` in rules and the working hours of staff use
    /// it; a team may have its own.
    async fn calendar(&self) -> Calendar {
        Calendar::new(self.0.calendar.clone(), self.0.calendar_number, Some(self.0.calendar_since))
    }

    /// The calendars that it had before, newest first; at most 100.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn past_calendars(&self, ctx: &Context<'_>) -> Result<Vec<PastCalendar>> {
        super::calendar::past(ctx, self.0.id, None).await
    }

    /// The recounts of open timers after a calendar or a service level changed, newest first; at most 100.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn recounts(&self, ctx: &Context<'_>) -> Result<Vec<Recount>> {
        super::calendar::recounts(ctx, self.0.id).await
    }

    /// The legal clocks that its new cases get.
    async fn legal_clocks(&self, ctx: &Context<'_>) -> Vec<ChosenLegalClock> {
        super::clock::chosen(&self.0.legal_clocks.0, ctx.language())
    }

    /// The hours within which an offered hand-over must be answered, nights and holidays included.
    async fn handover_hours(&self) -> i32 {
        self.0.handover_hours
    }

    /// The IANA name of its time zone, such as "Europe/Stockholm".
    async fn time_zone(&self) -> &str {
        &self.0.calendar.time_zone
    }

    /// The hours in which it is open in an ordinary week, in its time zone.
    async fn business_hours(&self) -> Vec<HoursObject> {
        shown(&self.0.calendar.hours)
    }

    /// Its service levels, ordered by name; at most 1,000.
    async fn service_levels(&self, ctx: &Context<'_>) -> Result<Vec<ServiceLevel>> {
        let query = service_level::Entity::find().filter(service_level::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(service_level::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(ServiceLevel).collect())
    }

    /// Its categories, ordered by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let query = category::Entity::find().filter(category::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(category::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Category).collect())
    }

    /// Its products, ordered by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn products(&self, ctx: &Context<'_>) -> Result<Vec<Product>> {
        let query = product::Entity::find().filter(product::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(product::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Product).collect())
    }

    /// The address of the page where customers follow their cases; null when letters link to no page.
    async fn tracking_url(&self) -> Option<&str> {
        self.0.tracking_url.as_deref()
    }

    /// Whether its staff get notices by mail about their cases, as each of them chose (`setNotices`).
    async fn notices_by_mail(&self) -> bool {
        self.0.notices_by_mail
    }

    /// Whether notices to its staff quote what customers wrote.
    async fn notices_with_words(&self) -> bool {
        self.0.notices_with_words
    }

    /// The address of the page where its staff see a case, with `{reference}` for the reference of the case; null when
    /// the mails to its staff link to no page.
    async fn desk_url(&self) -> Option<&str> {
        self.0.desk_url.as_deref()
    }

    /// The accountable person of the seller: becomes the owner when routing finds nobody else. Every seller has one.
    async fn accountable(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.accountable_id).await).map(Staff)
    }

    /// Its staff, ordered by name, including people who are no longer active; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn staff(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        let query = staff::Entity::find().filter(staff::Column::SellerId.eq(self.0.id));
        let rows =
            query.order_by_asc(staff::Column::Name).order_by_asc(staff::Column::Id).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Staff).collect())
    }

    /// Its teams, ordered by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>> {
        let query = team::Entity::find().filter(team::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(team::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Team).collect())
    }

    /// Its partners, ordered by name; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let query = partner::Entity::find().filter(partner::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(partner::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Partner).collect())
    }

    /// Its own webhook endpoints, oldest first; at most 10. Those of partners are in `Partner.webhookEndpoints`. Empty
    /// for everybody but administrators.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn webhook_endpoints(&self, ctx: &Context<'_>) -> Result<Vec<WebhookEndpoint>> {
        if !may(to_directory(ctx.actor(), self.0.id), Action::ManageWebhooks) {
            return Ok(Vec::new());
        }
        let query = webhook_endpoint::Entity::find().filter(webhook_endpoint::Column::SellerId.eq(self.0.id));
        super::webhook::oldest_first(ctx, query.filter(webhook_endpoint::Column::PartnerId.is_null())).await
    }

    /// Its widgets (complaint forms), ordered by name; at most 1,000.
    async fn widgets(&self, ctx: &Context<'_>) -> Result<Vec<Widget>> {
        let query = widget::Entity::find().filter(widget::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(widget::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Widget).collect())
    }

    /// Its mailboxes, the addresses that complaints are mailed to, oldest first; at most 100.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn mailboxes(&self, ctx: &Context<'_>) -> Result<Vec<SellerMailbox>> {
        let query = mailbox::Entity::find().filter(mailbox::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(mailbox::Column::CreatedAt).order_by_asc(mailbox::Column::Id).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(SellerMailbox).collect())
    }

    /// Its API clients, including those of its partners, ordered by name; at most 1,000.
    async fn api_clients(&self, ctx: &Context<'_>) -> Result<Vec<ApiClient>> {
        let query = api_client::Entity::find().filter(api_client::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_asc(api_client::Column::Name).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(ApiClient).collect())
    }

    /// The rule set in force; null before the first is published. Until then the accountable person gets every case.
    async fn rule_set(&self, ctx: &Context<'_>) -> Result<Option<RuleSet>> {
        let query = rule_set::Entity::find().filter(rule_set::Column::SellerId.eq(self.0.id));
        let newest = query.order_by_desc(rule_set::Column::Version).one(ctx.db()).await;
        Ok(newest.map_err(read_error)?.map(RuleSet))
    }

    /// The rule sets that it has published, newest first; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn rule_sets(&self, ctx: &Context<'_>) -> Result<Vec<RuleSet>> {
        let query = rule_set::Entity::find().filter(rule_set::Column::SellerId.eq(self.0.id));
        let rows = query.order_by_desc(rule_set::Column::Version).limit(MOST).all(ctx.db()).await;
        Ok(rows.map_err(read_error)?.into_iter().map(RuleSet).collect())
    }
}

/// The input of `createSeller`.
#[derive(InputObject)]
pub struct CreateSellerInput {
    /// The name of the company; 1 to 200 characters.
    name: String,
    /// The language in which its customers are written to unless they choose another.
    #[graphql(default_with = "Language::Sv")]
    language: Language,
    /// The hours within which a customer hears from the owner after a case is opened, nights and holidays included; 1
    /// to 720.
    #[graphql(default = 24)]
    first_contact_hours: i32,
    /// The hours without an act of the owner after which the lead is told, nights and holidays included; 1 to 2,160.
    #[graphql(default = 72)]
    owner_idle_hours: i32,
    /// The times in which its customers hear from it. What is given here overrides `firstContactHours` and
    /// `ownerIdleHours`.
    times: Option<ServiceTimesInput>,
    /// The hours within which an offered hand-over must be answered, nights and holidays included; 1 to 720.
    #[graphql(default = 8)]
    handover_hours: i32,
    /// The IANA name of its time zone, such as "Europe/Stockholm".
    #[graphql(default = "Europe/Stockholm")]
    time_zone: String,
    /// The hours in which it is open in an ordinary week; Monday to Friday, 08:00 to 17:00, when left out.
    business_hours: Option<Vec<HoursInput>>,
    /// The ISO 3166-1 code of the country on whose holidays, eves included, it is closed. When left out, it is the
    /// country of its time zone; when empty, it has no holidays. `setCalendar` changes it later.
    holidays_of: Option<String>,
    /// The accountable person, who becomes the owner when routing finds nobody else. It is the seller's first member of
    /// staff.
    accountable: NewStaffInput,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateSeller`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateSellerInput {
    /// The id of the seller to change.
    seller_id: ID,
    /// The new name; 1 to 200 characters.
    name: Option<String>,
    /// The language in which its customers are written to unless they choose another.
    language: Option<Language>,
    /// The hours within which a customer hears from the owner after a case is opened, nights and holidays included; 1
    /// to 720.
    first_contact_hours: Option<i32>,
    /// The hours without an act of the owner after which the lead is told, nights and holidays included; 1 to 2,160.
    owner_idle_hours: Option<i32>,
    /// The times in which its customers hear from it. What is given here overrides `firstContactHours` and
    /// `ownerIdleHours`.
    times: Option<ServiceTimesInput>,
    /// The hours within which an offered hand-over must be answered, nights and holidays included; 1 to 720.
    handover_hours: Option<i32>,
    /// The IANA name of its time zone, such as "Europe/Stockholm".
    time_zone: Option<String>,
    /// The hours in which it is open in an ordinary week, in its time zone.
    business_hours: Option<Vec<HoursInput>>,
    /// The id of the new accountable person: an active member of the seller's staff.
    accountable_id: Option<ID>,
    /// The https address of the page where customers follow their cases, without `#`; at most 500 characters. Letters
    /// link to it with `#` and a tracking token appended. An empty text removes it.
    tracking_url: Option<String>,
    /// Whether staff get notices by mail about their cases. Events while this is off are not mailed later.
    notices_by_mail: Option<bool>,
    /// Whether notices to staff quote what customers wrote; false for a new seller, because a mail can be forwarded to
    /// outsiders.
    notices_with_words: Option<bool>,
    /// The https address of the page where staff see a case, with `{reference}` for the reference of the case; at most
    /// 500 characters. The mails to staff link to it. An empty text removes it.
    desk_url: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the seller that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createSeller`.
    CreateSellerPayload {
        /// The seller that was created.
        seller: Seller
    }
}
payload! {
    /// The answer to `updateSeller`.
    UpdateSellerPayload {
        /// The seller as it is now.
        seller: Seller
    }
}

/// Queries on sellers.
#[derive(Default)]
pub struct SellerQuery;

#[Object]
impl SellerQuery {
    /// The sellers whose directory you may read, your own first, the others ordered by name; at most 1,000.
    /// Platform administrators see all sellers, other staff and systems with the scope `CASES_READ` their own. Fails
    /// with `FORBIDDEN` for everybody else.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn sellers(&self, ctx: &Context<'_>) -> Result<Vec<Seller>> {
        super::context::signed_in(ctx)?;
        let own = ctx.actor().seller();
        let mut query = seller::Entity::find();
        if let Actor::Staff { role, seller, .. } = ctx.actor()
            && role != Role::PlatformAdministrator
        {
            query = query.filter(seller::Column::Id.eq(seller));
        }
        // The viewer's own seller comes first, so that the limit never cuts it off.
        let own_first = Expr::case(seller::Column::Id.eq(own), 0).finally(1);
        let query = query.order_by(Expr::expr(own_first), Order::Asc).order_by_asc(seller::Column::Name);
        let rows = query.limit(MOST).all(ctx.db()).await;
        let visible = |row: &seller::Model| may(to_directory(ctx.actor(), row.id), Action::ReadDirectory);
        let sellers: Vec<Seller> = rows.map_err(read_error)?.into_iter().filter(visible).map(Seller).collect();
        if sellers.is_empty() { Err(forbidden(texts::api::directory_for_staff())) } else { Ok(sellers) }
    }
}

/// Acts on sellers.
#[derive(Default)]
pub struct SellerMutation;

#[Object]
impl SellerMutation {
    /// Creates a seller together with its accountable person, because a seller always has one. For administrators.
    async fn create_seller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller to create.")] input: CreateSellerInput,
    ) -> Result<CreateSellerPayload> {
        let done = act(ctx, async move |work| {
            let business_hours =
                input.business_hours.as_deref().map(|hours| read(hours, "businessHours")).transpose()?;
            let times =
                times_change(input.times.clone(), Some(input.first_contact_hours), Some(input.owner_idle_hours));
            let settings = Settings {
                times: times.of(&Settings::default().times),
                handover_hours: input.handover_hours,
                calendar: first(&input.time_zone, business_hours, input.holidays_of.as_deref()),
            };
            let accountable = input.accountable.clone().into();
            let new = NewSeller { name: input.name.clone(), language: input.language, settings, accountable };
            crate::directory::seller::create(work, &new).await.map(|(seller, _)| seller)
        });
        Ok(done.await?.into())
    }

    /// Changes a seller's name, language, times, opening hours, tracking page or accountable person. For
    /// administrators.
    async fn update_seller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller, and what changes.")] input: UpdateSellerInput,
    ) -> Result<UpdateSellerPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let accountable = input.accountable_id.as_ref().map(|text| id::<StaffId>(text, "accountableId"));
            let change = SellerChange {
                name: input.name.clone(),
                language: input.language,
                times: times_change(input.times.clone(), input.first_contact_hours, input.owner_idle_hours),
                handover_hours: input.handover_hours,
                time_zone: input.time_zone.clone(),
                business_hours: input
                    .business_hours
                    .as_deref()
                    .map(|hours| read(hours, "businessHours"))
                    .transpose()?,
                accountable: accountable.transpose()?,
                tracking_url: input.tracking_url.clone(),
                notices: NoticesChange {
                    by_mail: input.notices_by_mail,
                    with_words: input.notices_with_words,
                    desk_url: input.desk_url.clone(),
                },
            };
            crate::directory::seller::update(work, seller, &change).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for SellerId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().sellers.one(self).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.id, Node::Seller(Seller(row)))))
    }
}
