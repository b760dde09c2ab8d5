//! The customer as the seller's staff see them, and the case as its customer sees it.

pub mod list;

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::CustomerId;
use entity::kind::{CaseStage, CommitmentKind, Language};
use entity::{case, customer};

use super::case::Case;
use super::case::filter::CaseFilter;
use super::case::list::{CaseConnection, CaseListArguments, CaseOrderInput};
use super::clock::AnswerPause;
use super::commitment::CustomerCommitment;
use super::context::{ContextExt, act, id, int, read_error, required_row, to_id};
use super::error::payload;
use super::message::CustomerMessage;
use super::node::{Lookup, Node};
use super::plan::CustomerPlan;
use crate::case::commitment::query::of_customer;
use crate::case::customer::Change;
use crate::case::list::filter::Test;
use crate::kit::actor::Actor;

/// A customer of a seller, as the seller's staff see them. What customers say about themselves is claimed, not proven.
#[derive(Clone)]
pub struct Customer(pub customer::Model);

impl From<customer::Model> for Customer {
    fn from(row: customer::Model) -> Self {
        Self(row)
    }
}

/// A customer of a seller, as the seller's staff see them. What customers say about themselves is claimed, not proven.
#[Object]
impl Customer {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the customer; null when they gave none.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The language that the customer reads.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The tier of the customer at the seller, as staff set it; null when none is set. Routing rules can use it.
    async fn tier(&self) -> Option<&str> {
        self.0.tier.as_deref()
    }

    /// The cases of the customer, through whichever channel they came, newest first.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only cases that meet these conditions; all when left out.")] filter: Option<CaseFilter>,
        #[graphql(desc = "The order; by when they were opened, the newest first, when left out.")] order_by: Option<
            CaseOrderInput,
        >,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseConnection> {
        let theirs = Test::Customers(BTreeSet::from([self.0.id]));
        let arguments = CaseListArguments { filter, order: order_by, page: (first, after, last, before) };
        CaseConnection::of(ctx, (self.0.seller_id, vec![theirs]), arguments).await
    }

    /// The e-mail addresses that the customer gave, in lower case.
    async fn emails(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let rows = ctx.loaders().emails.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.address).collect())
    }

    /// The telephone numbers that the customer gave, in E.164 format.
    async fn phones(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let rows = ctx.loaders().phones.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.e164).collect())
    }
}

/// A case as its customer sees it: who is accountable for it, what stage it is in, and when the customer hears from us.
#[derive(Clone)]
pub struct CustomerCase(pub case::Model);

impl From<case::Model> for CustomerCase {
    fn from(row: case::Model) -> Self {
        Self(row)
    }
}

/// A case as its customer sees it: who is accountable for it, what stage it is in, and when the customer hears from us.
#[Object]
impl CustomerCase {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The reference to name the case by: "C-2026-000123".
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The number of the last event of the case. It is the cursor of `myCaseEvents`. Events that concern only the
    /// company are counted too, so there are gaps in the numbers that you see.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name of the one person who is accountable for the case.
    async fn owner_name(&self, ctx: &Context<'_>) -> Result<String> {
        required_row(ctx.loaders().people.one(self.0.owner_id).await).map(|person| person.name)
    }

    /// The name of the company that sold, which is accountable for the case.
    async fn seller_name(&self, ctx: &Context<'_>) -> Result<String> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(|seller| seller.name)
    }

    /// What the case is about, in one line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The language in which we write to you about it.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The latest message between you and us on this case; null when there is none.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<CustomerMessage>> {
        let last = ctx.loaders().last_messages.one(self.0.id).await.map_err(read_error)?;
        Ok(last.map(CustomerMessage))
    }

    /// The stage of the case: what the company does with it.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }

    /// When the complaint was first received, UTC.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// By when you hear from us, UTC; null when the case is closed or merged. A time that has passed stays until you
    /// hear from us: see `contactLate`.
    async fn next_contact_due(&self) -> Option<DateTime<Utc>> {
        self.0.next_contact_due
    }

    /// Whether you should have heard from us by now: the time in `nextContactDue` has passed. With `askForNews` you can
    /// remind us.
    async fn contact_late(&self, ctx: &Context<'_>) -> bool {
        self.0.next_contact_due.is_some_and(|due| due < ctx.app().now())
    }

    /// What happens next, in steps; null when we have not told you yet.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<CustomerPlan>> {
        Box::pin(super::plan::of_customer(ctx, &self.0)).await
    }

    /// The present pause of the time for our answer, because we wait for something from you; null when that time is not
    /// paused.
    async fn answer_pause(&self, ctx: &Context<'_>) -> Result<Option<AnswerPause>> {
        Box::pin(super::clock::answer_pause(ctx, self.0.id, false)).await
    }

    /// Our promises to you, in the order in which we made them, each with its state.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn commitments(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only promises of these kinds. A `CONTACT` promise is a date by which you were to hear from us.",
            default_with = "super::commitment::actions()"
        )]
        kinds: Vec<CommitmentKind>,
    ) -> Result<Vec<CustomerCommitment>> {
        let rows = Box::pin(of_customer(ctx.db(), &self.0)).await.map_err(read_error)?;
        Ok(rows.into_iter().filter(|row| kinds.contains(&row.kind)).map(CustomerCommitment).collect())
    }

    /// The messages between you and us, oldest first; at most 50 after the given time.
    #[graphql(complexity = "super::page::list_cost(50, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages written after this time, UTC.")] after: Option<DateTime<Utc>>,
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
    /// Your case: the one with this id, or the one that your tracking token is for. `NOT_FOUND` when it is not one of
    /// `myCases`. For the customer.
    async fn my_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of one of `myCases`; the case of your tracking token when left out.")] id: Option<ID>,
    ) -> Result<CustomerCase> {
        super::mine::own_case(ctx, id.as_ref(), "id").await.map(CustomerCase)
    }
}

/// The input of `askForNews`.
#[derive(InputObject)]
pub struct AskForNewsInput {
    /// The case, one of `myCases`; that of your tracking token when left out.
    case_id: Option<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `askForNews`.
    AskForNewsPayload {
        /// Your case as it is now; null when nothing was changed.
        case: CustomerCase
    }
}

/// The input of `setCustomerTier`.
#[derive(InputObject)]
pub struct SetCustomerTierInput {
    /// The customer whose tier is set.
    customer_id: ID,
    /// The tier, in the seller's own words; at most 50 characters. The customer has no tier when left out.
    tier: Option<String>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the customer that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setCustomerTier`.
    SetCustomerTierPayload {
        /// The customer as they are now; null when nothing was changed.
        customer: Customer
    }
}

/// The input of `changeCustomer`.
#[derive(InputObject)]
pub struct ChangeCustomerInput {
    /// The case that belongs to another customer.
    case_id: ID,
    /// A known customer, such as one of `PhoneReport.candidates` or a former customer of the case. When it is left out,
    /// `email` or `phone` is required; when it is given, both must be left out.
    customer_id: Option<ID>,
    /// The e-mail address of the customer. The customer who is known by it is taken; a new one is created when there is
    /// none.
    email: Option<String>,
    /// The telephone number of the customer; without a country code it is read as a Swedish number. Without `email`, a
    /// new customer is created, because several people may use the same number. To choose a known one, use
    /// `customerId`.
    phone: Option<String>,
    /// The name of the customer in this case, at most 200 characters; the name that they are known by when left out.
    name: Option<String>,
    /// What the case is about, as the customer reads it; at most 200 characters. When left out and `sameCustomer` is
    /// false, it is the subject of their own first report, else the category, else a neutral text, because the present
    /// subject may be words of the former customer.
    subject: Option<String>,
    /// Whether the former customer and this one are the same person, such as a caller who was recorded as a separate
    /// customer. They then read what was said before, and the subject stays unless `subject` is given.
    #[graphql(default)]
    same_customer: bool,
    /// How you know, as a note for colleagues; 1 to 1,000 characters.
    reason: String,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the case that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `changeCustomer`.
    ChangeCustomerPayload {
        /// The case as it is now; null when nothing was changed.
        case: Case
    }
}

/// Acts on customers.
#[derive(Default)]
pub struct CustomerMutation;

#[Object]
impl CustomerMutation {
    /// Asks us for news of your case, without a message. We see how often you had to ask; several times on one working
    /// day count once. `INVALID_TRANSITION` when the case is closed. For the customer.
    async fn ask_for_news(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case. No field is required.")] input: AskForNewsInput,
    ) -> Result<AskForNewsPayload> {
        let done = act(ctx, async move |work| {
            let case = input.case_id.as_ref().map(|text| id(text, "caseId")).transpose()?;
            crate::case::chase::ask_for_news(work, case).await
        });
        Ok(done.await?.into())
    }

    /// Sets the tier of a customer at the seller. Routing rules can use it for new cases. For staff.
    async fn set_customer_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer, and the tier.")] input: SetCustomerTierInput,
    ) -> Result<SetCustomerTierPayload> {
        let done = act(ctx, async move |work| {
            let customer = id::<CustomerId>(&input.customer_id, "customerId")?;
            crate::directory::customer::set_tier(work, customer, input.tier.as_deref()).await
        });
        Ok(done.await?.into())
    }

    /// Gives a case to another customer, such as when the sender of a forwarded mail says whose complaint it is. The
    /// case keeps its owner, and a closed case is opened again. The new customer gets an acknowledgement with a
    /// tracking link of their own; when no e-mail address is known, a call is due instead (`Case.callsDue`). Their
    /// first contact is due as for a complaint filed today, or earlier if the case had an earlier date. The former
    /// customer's link and subscriptions end. Unless `sameCustomer` is true, the new customer reads only what they
    /// wrote themselves, and the former customer's mails are shown as `unverified`. To take it back, give the case to
    /// the former customer, who then reads their own words again. A partner whose open task shares customer data reads
    /// the data of the new customer. `INVALID_TRANSITION` when they are the customer already, or the case is merged
    /// with another. For the case's owner and managers.
    async fn change_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and its customer.")] input: ChangeCustomerInput,
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

/// A customer, for the seller's staff.
impl Lookup for CustomerId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(row) = ctx.loaders().customers.one(self).await.map_err(read_error)? else { return Ok(None) };
        let staff = matches!(ctx.actor(), Actor::Staff { seller, .. } if seller == row.seller_id);
        Ok(staff.then_some(Node::Customer(Customer(row))))
    }
}
