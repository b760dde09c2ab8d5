//! Reply templates: a seller's texts for replies, and a template filled in for a case.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, ReplyTemplateId, SellerId};
use entity::kind::Language;
use entity::{case, reply_template};

use super::context::{ContextExt, act, forbidden, id, int, query_error, read_error, required_row, signed_in, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_directory};
use super::page::{Shown, asked, connection};
use super::seller::Seller;
use crate::access::table::{Action, may, to_case};
use crate::directory;
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::kit::page::{List, Place};
use crate::letter::reply::{self, NewReply, ReplyChange};
use crate::letter::template::Values;
use crate::letter::words::date_in_words;
use crate::texts;

/// A seller's text for replies that staff write often. `{{name}}` stands for a value of a case: `reference`, `subject`,
/// `owner`, `seller`, `customer` or `due`, the time by which the customer hears next. `{{#due}} … {{/due}}` is kept only
/// when `due` has a value, `{{^due}} … {{/due}}` only when it has none. The same works for the other values.
#[derive(Clone)]
pub struct ReplyTemplate(pub reply_template::Model);

impl From<reply_template::Model> for ReplyTemplate {
    fn from(row: reply_template::Model) -> Self {
        Self(row)
    }
}

/// A seller's text for replies that staff write often. `{{name}}` stands for a value of a case: `reference`, `subject`,
/// `owner`, `seller`, `customer` or `due`, the time by which the customer hears next. `{{#due}} … {{/due}}` is kept only
/// when `due` has a value, `{{^due}} … {{/due}}` only when it has none. The same works for the other values.
#[Object]
impl ReplyTemplate {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The seller whose template it is.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }

    /// The name by which staff choose it, unique at the seller for each language.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The language of the text.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The text, with its placeholders.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether it is in use. One that is not can still be read, but not be filled in for a case.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When it was created, UTC.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A reply template filled in for a case: a text to put into an editor. It is not sent; `sendMessage` sends what its
/// writer makes of it.
#[derive(SimpleObject)]
pub struct RenderedReply {
    /// The text.
    text: String,
    /// The placeholders of the template for which the case has no value, such as `customer`. Their places in the text
    /// are empty.
    empty: Vec<&'static str>,
    /// The template that the text was made from.
    template: ReplyTemplate,
}

connection! {
    /// A list of reply templates, newest first.
    ReplyTemplateConnection,
    /// A reply template in a list, with its cursor.
    ReplyTemplateEdge, ReplyTemplate
}

const TEMPLATES: List = List::named("reply templates");

/// Which reply templates to list. A template must meet every condition that is given.
#[derive(InputObject, Default)]
pub struct ReplyTemplateFilter {
    /// Only templates in this language.
    language: Option<Language>,
    /// Only templates that are in use, or only those that are not.
    active: Option<bool>,
}

/// Queries on reply templates.
#[derive(Default)]
pub struct ReplyQuery;

#[Object]
impl ReplyQuery {
    /// The reply templates of your seller, newest first; a seller has at most 500. For staff.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn reply_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which templates to list; all when left out.")] filter: Option<ReplyTemplateFilter>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<ReplyTemplateConnection> {
        signed_in(ctx)?;
        let Actor::Staff { seller, .. } = ctx.actor() else {
            return Err(forbidden(texts::letter::replies_for_staff()));
        };
        let ReplyTemplateFilter { language, active } = filter.unwrap_or_default();
        let ask = asked(TEMPLATES, (first, after, last, before))?;
        let order = ((reply_template::Column::CreatedAt, reply_template::Column::Id), true);
        let place = |row: &reply_template::Model| Place::at(row.created_at, row.id.0);
        let page = Shown::read(ctx, reply::list(seller, language, active), ask, order, place).await;
        page.map(ReplyTemplateConnection)
    }

    /// A reply template filled in for a case, to put into an editor. Nothing is sent. `NOT_FOUND` for a template that is
    /// not in use. For staff who may read the case.
    async fn rendered_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the reply template.")] reply_template_id: ID,
        #[graphql(desc = "The id of the case.")] case_id: ID,
    ) -> Result<RenderedReply> {
        signed_in(ctx)?;
        if !matches!(ctx.actor(), Actor::Staff { .. }) {
            return Err(forbidden(texts::letter::replies_for_staff()));
        }
        let not_found = |field: &str| query_error(&Problem::not_found(field));
        let wanted = id::<CaseId>(&case_id, "caseId").map_err(|problem| query_error(&problem))?;
        let case = ctx.loaders().cases.one(wanted).await.map_err(read_error)?;
        let case = case.filter(|case| may(to_case(ctx.actor(), case), Action::ReadCase));
        let case = case.ok_or_else(|| not_found("caseId"))?;
        let wanted = id::<ReplyTemplateId>(&reply_template_id, "replyTemplateId");
        let wanted = wanted.map_err(|problem| query_error(&problem))?;
        let template = ctx.loaders().reply_templates.one(wanted).await.map_err(read_error)?;
        let template = template.filter(|row| row.seller_id == case.seller_id && row.active);
        let template = template.ok_or_else(|| not_found("replyTemplateId"))?;
        let (text, empty) = reply::filled(&template.text, &values(ctx, &case, template.language).await?);
        Ok(RenderedReply { text, empty, template: ReplyTemplate(template) })
    }
}

/// The values of a case for a reply in this language. Its writer reads them before they are sent, so the customer's name
/// and subject are given as they are.
async fn values(ctx: &Context<'_>, case: &case::Model, language: Language) -> Result<Values> {
    let loaders = ctx.loaders();
    let seller = required_row(loaders.sellers.one(case.seller_id).await)?;
    let owner = required_row(loaders.people.one(case.owner_id).await)?;
    let customer = match &case.customer_name {
        Some(name) => Some(name.clone()),
        None => required_row(loaders.customers.one(case.customer_id).await)?.name,
    };
    let zone = directory::calendar::zone(&seller.calendar);
    Ok(Values {
        reference: Some(case.reference.clone()),
        subject: Some(case.subject.clone()),
        owner: Some(owner.name),
        seller: seller.name,
        customer,
        due: case.next_contact_due.map(|at| date_in_words(at, zone, language)),
        ..Values::empty(language)
    })
}

/// The input of `createReplyTemplate`.
#[derive(InputObject)]
pub struct CreateReplyTemplateInput {
    /// The seller whose template it is.
    seller_id: ID,
    /// The name by which staff choose it, unique at the seller for each language; 1 to 100 characters.
    name: String,
    /// The language of the text.
    language: Language,
    /// The text, with placeholders such as `{{customer}}`; 1 to 20,000 characters.
    text: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `updateReplyTemplate`. A field that is left out keeps its value.
#[derive(InputObject)]
pub struct UpdateReplyTemplateInput {
    /// The template to change.
    reply_template_id: ID,
    /// The name by which staff choose it, unique at the seller for each language; 1 to 100 characters.
    name: Option<String>,
    /// The text, with placeholders such as `{{customer}}`; 1 to 20,000 characters.
    text: Option<String>,
    /// Whether it is in use. Deactivated templates are kept and can be activated again.
    active: Option<bool>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the template that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `createReplyTemplate`.
    CreateReplyTemplatePayload {
        /// The template that was created; null when nothing was changed.
        reply_template: ReplyTemplate
    }
}
payload! {
    /// The answer to `updateReplyTemplate`.
    UpdateReplyTemplatePayload {
        /// The template as it is now; null when nothing was changed.
        reply_template: ReplyTemplate
    }
}

/// Acts on reply templates.
#[derive(Default)]
pub struct ReplyMutation;

#[Object]
impl ReplyMutation {
    /// Creates a reply template. `INVALID`, naming it, for a placeholder that a reply cannot have; `TAKEN` for a name
    /// that the seller uses already in this language. For managers and administrators.
    async fn create_reply_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The seller, and the template.")] input: CreateReplyTemplateInput,
    ) -> Result<CreateReplyTemplatePayload> {
        let new = NewReply { name: input.name, language: input.language, text: input.text };
        let done =
            act(ctx, async move |work| reply::create(work, id::<SellerId>(&input.seller_id, "sellerId")?, &new).await);
        Ok(done.await?.into())
    }

    /// Changes a reply template, or takes it out of use. Replies that were written from it stay as they are. `INVALID`,
    /// naming it, for a placeholder that a reply cannot have; `TAKEN` for a name that the seller uses already in this
    /// language. For managers and administrators.
    async fn update_reply_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template, and its new values.")] input: UpdateReplyTemplateInput,
    ) -> Result<UpdateReplyTemplatePayload> {
        let change = ReplyChange { name: input.name, text: input.text, active: input.active };
        let done = act(ctx, async move |work| {
            reply::change(work, id::<ReplyTemplateId>(&input.reply_template_id, "replyTemplateId")?, &change).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for ReplyTemplateId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().reply_templates.one(self).await.map_err(read_error)? else { return Ok(None) };
        Ok(of_directory(ctx, row.seller_id, Node::ReplyTemplate(ReplyTemplate(row))))
    }
}
