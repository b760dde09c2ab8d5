//! The case as staff see it, and the acts of its owner and managers.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::case;
use entity::id::{CaseId, SellerId, StaffId};
use entity::kind::{CaseStage, Channel, Language, Priority};

use super::context::{ContextExt, act, forbidden, id, int, query_error, read_error, signed_in, there, to_id};
use super::customer::Customer;
use super::error::payload;
use super::event::CaseEvent;
use super::message::Message;
use super::ownership::{OwnershipPeriod, RoutingDecision};
use super::page::connection;
use super::partner::Partner;
use super::report::Report;
use super::scalar::MoneyObject;
use super::seller::Seller;
use super::staff::Staff;
use super::task::CaseTask;
use crate::access::table::{Action, may, to_case};
use crate::case::decide::CaseAct;
use crate::case::query::{self, Filter};
use crate::kit::actor::Actor;
use crate::kit::money::Money;
use crate::kit::page::{Ask, Key};

/// A case, as the seller's staff see it.
#[derive(Clone)]
pub struct Case(pub case::Model);

impl From<case::Model> for Case {
    fn from(row: case::Model) -> Self {
        Self(row)
    }
}

/// A case, as the seller's staff see it.
#[Object]
impl Case {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// For people: "C-2026-000123". The year is that of opening, UTC.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The number of its last event: 1, 2, 3 … without holes. The cursor of `caseEvents`.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The earliest receipt by anyone, UTC; legal clocks start here.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// When it was opened here, UTC.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// When the company gave its answer, UTC; null while the case is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// Who sold, hence who answers for it.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        there(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }

    /// Who answers for it: exactly one active member of the seller's staff, at every instant, also when it is closed.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.owner_id).await).map(Staff)
    }

    /// Who has answered for it, oldest first; the last period is open.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn ownership(&self, ctx: &Context<'_>) -> Result<Vec<OwnershipPeriod>> {
        let rows = ctx.loaders().periods.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(OwnershipPeriod).collect())
    }

    /// Why the rules named an owner: the last decision they made for this case. "Why Anna?"
    async fn routing(&self, ctx: &Context<'_>) -> Result<RoutingDecision> {
        let decisions = ctx.loaders().decisions.one(self.0.id).await;
        there(decisions.map(|decisions| decisions.and_then(|mut decisions| decisions.pop()))).map(RoutingDecision::from)
    }

    /// Who complains.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        there(ctx.loaders().customers.one(self.0.customer_id).await).map(Customer)
    }

    /// Each thing that arrived for it, oldest first, raw kept.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn reports(&self, ctx: &Context<'_>) -> Result<Vec<Report>> {
        let rows = ctx.loaders().reports_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Report::from).collect())
    }

    /// How it first came.
    async fn channel(&self) -> Channel {
        self.0.channel
    }

    /// In one line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The seller's word for the kind of complaint.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// What was bought.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// What the customer reads.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The seller's own number of the order.
    async fn order_reference(&self) -> Option<&str> {
        self.0.order_reference.as_deref()
    }

    /// What the order cost.
    async fn order_amount(&self) -> Option<MoneyObject> {
        let (minor, currency) = self.0.order_amount_minor.zip(self.0.order_currency.clone())?;
        Some(Money { minor, currency }.into())
    }

    /// What would make it right, in the customer's words.
    async fn remedy_sought(&self) -> Option<&str> {
        self.0.remedy_sought.as_deref()
    }

    /// The partners it names. They change nothing about who owns it.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().partners_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Partner).collect())
    }

    /// How soon it should be looked at.
    async fn priority(&self) -> Priority {
        self.0.priority
    }

    /// What the company does with it.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }

    /// True when what arrived could not be understood: a person must read its raw report.
    async fn not_understood(&self) -> bool {
        self.0.not_understood
    }

    /// By when the customer hears from the owner, UTC; null when the case is closed.
    async fn next_contact_due(&self) -> Option<DateTime<Utc>> {
        self.0.next_contact_due
    }

    /// What partners do, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<CaseTask>> {
        let rows = ctx.loaders().tasks_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(CaseTask).collect())
    }

    /// The newest message or note.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        match self.0.last_message_id {
            Some(id) => Ok(ctx.loaders().messages.one(id).await.map_err(read_error)?.map(Message)),
            None => Ok(None),
        }
    }

    /// Messages and notes, oldest first; at most 50 from the time given.
    #[graphql(complexity = "super::page::list_cost(50, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those after this time, UTC.")] after: Option<DateTime<Utc>>,
    ) -> Result<Vec<Message>> {
        let rows = crate::message::query::of_case(ctx.db(), self.0.id, after, false).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Message).collect())
    }

    /// What has happened to it, oldest first; at most 100 events from the number given.
    #[graphql(complexity = "super::page::list_cost(100, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this number; 0 for the first.", default)] after: i32,
    ) -> Result<Vec<CaseEvent>> {
        let rows = crate::event::log::of_case(ctx.db(), self.0.id, after.into()).await.map_err(read_error)?;
        rows.into_iter().map(CaseEvent::read).collect()
    }

    /// What you may do to it now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> CasePermissions {
        let standing = to_case(ctx.actor(), &self.0);
        let open = self.0.stage != CaseStage::Closed;
        CasePermissions {
            acknowledge: may(standing, Action::AcknowledgeCase) && CaseAct::Acknowledge.from(self.0.stage).is_some(),
            send_message: may(standing, Action::SendMessage),
            add_note: may(standing, Action::AddNote),
            request_task: may(standing, Action::RequestTask) && open,
            close: may(standing, Action::CloseCase) && CaseAct::Close.from(self.0.stage).is_some(),
            reassign: may(standing, Action::ReassignCase),
        }
    }
}

/// What you may do to a case now: which buttons to show.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "one answer per button")]
pub struct CasePermissions {
    /// `acknowledgeCase` is open to you.
    acknowledge: bool,
    /// `sendMessage` is open to you.
    send_message: bool,
    /// `addNote` is open to you.
    add_note: bool,
    /// `requestTask` is open to you.
    request_task: bool,
    /// `closeCase` is open to you.
    close: bool,
    /// `reassignCase` is open to you.
    reassign: bool,
}

fn key(row: &case::Model) -> Key {
    (row.opened_at, row.id.0)
}

connection! {
    /// Cases, newest first.
    CaseConnection,
    /// A case in its list.
    CaseEdge, Case, case, key
}

/// A case by one of its names.
#[derive(OneofObject)]
pub enum CaseRef {
    /// By its id.
    Id(ID),
    /// By its reference for people, "C-2026-000123".
    Reference(String),
}

/// Which cases; everything that is given must hold.
#[derive(InputObject, Default)]
pub struct CaseFilter {
    /// In one of these stages.
    stages: Option<Vec<CaseStage>>,
    /// Owned by this person.
    owner_id: Option<ID>,
    /// Of this seller; staff see their own seller's only.
    seller_id: Option<ID>,
    /// First came by one of these.
    channels: Option<Vec<Channel>>,
}

/// Reads of cases.
#[derive(Default)]
pub struct CaseQuery;

#[Object]
impl CaseQuery {
    /// A case of your seller's; null when there is none by that name, or it is not yours to see. For staff.
    async fn case(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] by: CaseRef) -> Result<Option<Case>> {
        signed_in(ctx)?;
        let found = match by {
            CaseRef::Id(text) => match text.parse::<CaseId>() {
                Ok(id) => query::by_id(ctx.db(), ctx.actor(), id).await,
                Err(_) => Ok(None),
            },
            CaseRef::Reference(reference) => query::by_reference(ctx.db(), ctx.actor(), reference.trim()).await,
        };
        Ok(found.map_err(read_error)?.map(Case))
    }

    /// Your seller's cases, newest first. For staff.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<CaseFilter>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseConnection> {
        signed_in(ctx)?;
        let Actor::Staff { seller, .. } = ctx.actor() else {
            return Err(forbidden("Cases are for the seller's staff. A partner reads `tasks`, a customer `myCase`."));
        };
        let filter = filter.unwrap_or_default();
        let owner = filter.owner_id.map(|text| id::<StaffId>(&text, "filter.ownerId")).transpose();
        let of_seller = filter.seller_id.map(|text| id::<SellerId>(&text, "filter.sellerId")).transpose();
        let filter = Filter {
            stages: filter.stages,
            owner: owner.map_err(|problem| query_error(ctx, &problem))?,
            seller: of_seller.map_err(|problem| query_error(ctx, &problem))?,
            channels: filter.channels,
        };
        let ask =
            Ask::new(first, after.as_deref(), last, before.as_deref()).map_err(|problem| query_error(ctx, &problem))?;
        CaseConnection::read(ctx, query::list(seller, &filter), ask, (case::Column::OpenedAt, case::Column::Id)).await
    }
}

/// Tells the customer that the case is being looked after.
#[derive(InputObject)]
pub struct AcknowledgeCaseInput {
    /// Which.
    case_id: ID,
    /// What the customer reads; 1 to 20,000 characters.
    message: String,
}

/// Gives the company's answer.
#[derive(InputObject)]
pub struct CloseCaseInput {
    /// Which.
    case_id: ID,
    /// The answer, as the customer reads it; 1 to 20,000 characters.
    message: String,
}

/// Gives a case to another person.
#[derive(InputObject)]
pub struct ReassignCaseInput {
    /// Which.
    case_id: ID,
    /// Who answers from now on: an active member of the seller's staff.
    owner_id: ID,
    /// Why, for the history; 1 to 1,000 characters.
    reason: String,
}

payload! {
    /// The answer to `acknowledgeCase`.
    AcknowledgeCasePayload {
        /// The case as it is now.
        case: Case
    }
}
payload! {
    /// The answer to `closeCase`.
    CloseCasePayload {
        /// The case as it is now.
        case: Case
    }
}
payload! {
    /// The answer to `reassignCase`.
    ReassignCasePayload {
        /// The case as it is now.
        case: Case
    }
}

/// Acts on cases.
#[derive(Default)]
pub struct CaseMutation;

#[Object]
impl CaseMutation {
    /// Tells the customer, in your words, that the case is being looked after. For its owner and managers.
    async fn acknowledge_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and in what words.")] input: AcknowledgeCaseInput,
    ) -> Result<AcknowledgeCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::acknowledge(work, case, &input.message).await
        });
        Ok(done.await?.into())
    }

    /// Gives the company's answer and closes the case; a new message from the customer opens it again, and its owner
    /// stays its owner. For its owner and managers.
    async fn close_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what answer.")] input: CloseCaseInput,
    ) -> Result<CloseCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            crate::case::close(work, case, &input.message).await
        });
        Ok(done.await?.into())
    }

    /// Gives a case to another person of the same seller, at once and with a reason that stays in its history. For
    /// managers.
    async fn reassign_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, to whom, and why.")] input: ReassignCaseInput,
    ) -> Result<ReassignCasePayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            let owner = id::<StaffId>(&input.owner_id, "ownerId")?;
            crate::case::reassign(work, case, owner, &input.reason).await
        });
        Ok(done.await?.into())
    }
}
