//! The customer as staff see them, and the case as its customer sees it.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::CustomerId;
use entity::kind::{CaseStage, Language};
use entity::{case, customer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::case::{Case, CaseConnection};
use super::clock::AnswerPause;
use super::context::{ContextExt, act, forbidden, id, int, query_error, read_error, signed_in, there, to_id};
use super::error::payload;
use super::message::CustomerMessage;
use crate::case::customer::Change;
use crate::kit::actor::Actor;
use crate::kit::page::Ask;

/// A customer of a seller, as staff see them. What they say of themselves is claimed, not proven.
#[derive(Clone)]
pub struct Customer(pub customer::Model);

impl From<customer::Model> for Customer {
    fn from(row: customer::Model) -> Self {
        Self(row)
    }
}

/// A customer of a seller, as staff see them. What they say of themselves is claimed, not proven.
#[Object]
impl Customer {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name; null when they gave none.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What they read.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// Their tier at the seller, as staff set it; rules may go by it.
    async fn tier(&self) -> Option<&str> {
        self.0.tier.as_deref()
    }

    /// Their cases, by whatever they came, the newest first.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseConnection> {
        let ask =
            Ask::new(first, after.as_deref(), last, before.as_deref()).map_err(|problem| query_error(&problem))?;
        let theirs = case::Entity::find().filter(case::Column::CustomerId.eq(self.0.id));
        CaseConnection::of(ctx, vec![theirs], ask).await
    }

    /// The e-mail addresses they gave, lower case.
    async fn emails(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let rows = ctx.loaders().emails.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.address).collect())
    }

    /// The telephone numbers they gave, in E.164.
    async fn phones(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let rows = ctx.loaders().phones.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.e164).collect())
    }
}

/// A case, as its customer sees it: who answers for it, where it stands, and when they hear from us.
#[derive(Clone)]
pub struct CustomerCase(pub case::Model);

/// A case, as its customer sees it: who answers for it, where it stands, and when they hear from us.
#[Object]
impl CustomerCase {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// To name it by: "C-2026-000123".
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The number of the last thing that happened to it; the cursor of `myCaseEvents`. What concerns only the company
    /// is counted too, so there are holes in what you see.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the one person who answers for it.
    async fn owner_name(&self, ctx: &Context<'_>) -> Result<String> {
        there(ctx.loaders().people.one(self.0.owner_id).await).map(|person| person.name)
    }

    /// The name of the company that sold, and that answers.
    async fn seller_name(&self, ctx: &Context<'_>) -> Result<String> {
        there(ctx.loaders().sellers.one(self.0.seller_id).await).map(|seller| seller.name)
    }

    /// In one line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Where it stands.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }

    /// When we got it, UTC.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// By when you hear from us, UTC; null when we have given our answer.
    async fn next_contact_due(&self) -> Option<DateTime<Utc>> {
        self.0.next_contact_due
    }

    /// Why the time for our answer stands still, and until when at the latest: we wait for something from you. Null when it does
    /// not.
    async fn answer_pause(&self, ctx: &Context<'_>) -> Result<Option<AnswerPause>> {
        Box::pin(super::clock::answer_pause(ctx, self.0.id, false)).await
    }

    /// What you and we have written, oldest first; at most 50 messages from the time given.
    #[graphql(complexity = "super::page::list_cost(50, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those after this time, UTC.")] after: Option<DateTime<Utc>>,
    ) -> Result<Vec<CustomerMessage>> {
        let rows = crate::message::query::of_case(ctx.db(), self.0.id, after, true).await;
        Ok(rows.map_err(read_error)?.into_iter().map(CustomerMessage).collect())
    }
}

/// Reads by the customer.
#[derive(Default)]
pub struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// Your case. For the customer, by tracking token.
    async fn my_case(&self, ctx: &Context<'_>) -> Result<CustomerCase> {
        signed_in(ctx)?;
        let Actor::Customer { case: id, .. } = ctx.actor() else {
            return Err(forbidden(
                "This is for the customer, by tracking token (`trk_…`). Staff read `case`.",
                "Detta är för kunden, med spårningskod (`trk_…`). Personalen läser `case`.",
            ));
        };
        there(case::Entity::find_by_id(id).one(ctx.db()).await).map(CustomerCase)
    }
}

/// Sets a customer's tier.
#[derive(InputObject)]
pub struct SetCustomerTierInput {
    /// Whose.
    customer_id: ID,
    /// The tier, in the seller's own words, at most 50 characters; none when left out.
    tier: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the customer has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setCustomerTier`.
    SetCustomerTierPayload {
        /// The customer as they are now.
        customer: Customer
    }
}

/// Gives a case to the customer whose it is.
#[derive(InputObject)]
pub struct ChangeCustomerInput {
    /// Which case.
    case_id: ID,
    /// A customer who is known: one of `PhoneReport.candidates`, or who it was before. Without it, `email` or `phone`.
    customer_id: Option<ID>,
    /// Their e-mail address. The customer known by it, else a new one.
    email: Option<String>,
    /// Their telephone number; without a country code it is read as Swedish. Without `email` the customer is a new one, for
    /// a number may be several people's: choose one who is known by `customerId`.
    phone: Option<String>,
    /// What they are called in this case, at most 200 characters; when left out, as they are known.
    name: Option<String>,
    /// What they read that the case is about, at most 200 characters. When left out, the subject of what they wrote themselves,
    /// else the category, else only that it is theirs: the subject it has may be the other's own words.
    subject: Option<String>,
    /// Whether the customer until now and this one are one person, such as a caller who was noted as a customer of their own.
    /// They read what was said before, and the subject stays.
    #[graphql(default)]
    same_customer: bool,
    /// How you know, for colleagues; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the case has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `changeCustomer`.
    ChangeCustomerPayload {
        /// The case as it is now.
        case: Case
    }
}

/// Acts on customers.
#[derive(Default)]
pub struct CustomerMutation;

#[Object]
impl CustomerMutation {
    /// Sets a customer's tier at the seller; rules may go by it for new cases. For staff.
    async fn set_customer_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: SetCustomerTierInput,
    ) -> Result<SetCustomerTierPayload> {
        let done = act(ctx, async move |work| {
            let customer = id::<CustomerId>(&input.customer_id, "customerId")?;
            crate::directory::customer::set_tier(work, customer, input.tier.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Says that a case is another customer's than was thought, such as when whoever passed on a mail says whose it is. It
    /// keeps its owner. The new customer gets an acknowledgement with a link of their own (where we know no address, a call
    /// is due), and hears from us as soon as if they had filed it today, or sooner; a closed case is open again. They read
    /// what they wrote themselves, and nothing that was said with the other, whose link and streams end, and whose mails are
    /// `unverified`. Taken back by naming the former one, who then reads their own words again. A partner who may read the
    /// customer's name or address for an open task reads the new one's. For the case's owner and managers.
    async fn change_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and whose it is.")] input: ChangeCustomerInput,
    ) -> Result<ChangeCustomerPayload> {
        let done = act(ctx, async move |work| {
            let ask = Change {
                case: id(&input.case_id, "caseId")?,
                customer: input.customer_id.as_ref().map(|text| id(text, "customerId")).transpose()?,
                name: input.name.clone(),
                email: input.email.clone(),
                phone: input.phone.clone(),
                subject: input.subject.clone(),
                same_customer: input.same_customer,
                reason: input.reason.clone(),
            };
            crate::case::customer::change(work, &ask).await
        });
        Ok(done.await?.into())
    }
}
