//! The case as the seller's staff see it.

pub mod acts;
pub mod alike;
pub mod bulk;
pub mod bulk_tasks;
pub mod filter;
pub mod link;
pub mod list;
pub mod node;
pub mod permissions;
pub mod seen;
pub mod update;
pub mod watcher;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::case;
use entity::kind::{CaseStage, Channel, CommitmentKind, HandoverStatus, Language, Priority, Severity};

use super::case::alike::CaseAlike;
use super::case::permissions::CasePermissions;
use super::clock::{AnswerPause, CaseClock};
use super::commitment::Commitment;
use super::context::{ContextExt, int, read_error, required_row, to_id};
use super::customer::Customer;
use super::dispute::{Dispute, Statement};
use super::enquiry::Enquiry;
use super::event::CaseEvent;
use super::handover::{Escalation, Handover};
use super::letter::Letter;
use super::level::ServiceLevel;
use super::message::Message;
use super::ownership::{CaseMeasures, OwnershipPeriod, RoutingDecision};
use super::partner::Partner;
use super::plan::Plan;
use super::report::Report;
use super::scalar::MoneyObject;
use super::seller::Seller;
use super::staff::Staff;
use super::task::CaseTask;
use crate::kit::money::Money;

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

    /// The reference that people use: "C-2026-000123". Its year is that of `openedAt`, UTC.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The number of the last event of the case; events are numbered 1, 2, 3 … without gaps. It is the cursor of
    /// `caseEvents`, and `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The earliest time at which anybody, such as a partner, received the complaint, UTC. Legal clocks start at it. It
    /// becomes earlier when a report that was received earlier joins the case.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// When the case was opened in this service, UTC.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// When the company gave its answer, or the case was merged into another, UTC; null while the case is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// The company that sold, which is accountable for the case.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Seller> {
        required_row(ctx.loaders().sellers.one(self.0.seller_id).await).map(Seller)
    }

    /// The owner: the member of the seller's staff who is accountable for the case. A case has exactly one owner, who
    /// is active, at all times, also when the case is closed.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.owner_id).await).map(Staff)
    }

    /// The periods of ownership, oldest first. The last one is that of the present owner.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn ownership(&self, ctx: &Context<'_>) -> Result<Vec<OwnershipPeriod>> {
        let rows = ctx.loaders().periods.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(OwnershipPeriod).collect())
    }

    /// The last decision of the routing rules for this case, with its reasons.
    async fn routing(&self, ctx: &Context<'_>) -> Result<RoutingDecision> {
        let decisions = ctx.loaders().decisions.one(self.0.id).await;
        required_row(decisions.map(|decisions| decisions.and_then(|mut decisions| decisions.pop())))
            .map(RoutingDecision::from)
    }

    /// Why this person is the owner, in a sentence in the language of `Accept-Language` (Swedish or English). It covers
    /// rules, hand-overs, reassignments and merges.
    async fn why_this_owner(&self, ctx: &Context<'_>) -> Result<String> {
        let periods = ctx.loaders().periods.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let decisions = ctx.loaders().decisions.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        super::ownership::why(ctx, periods.last(), decisions.last()).await
    }

    /// The hand-over that waits for an answer; null when there is none. Until it is accepted, the owner stays the
    /// owner.
    async fn pending_handover(&self, ctx: &Context<'_>) -> Result<Option<Handover>> {
        let offers = ctx.loaders().handovers_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(offers.into_iter().find(|offer| offer.status == HandoverStatus::Offered).map(Handover))
    }

    /// All hand-overs that were offered for this case, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn handovers(&self, ctx: &Context<'_>) -> Result<Vec<Handover>> {
        let offers = ctx.loaders().handovers_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(offers.into_iter().map(Handover).collect())
    }

    /// The escalations of this case, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn escalations(&self, ctx: &Context<'_>) -> Result<Vec<Escalation>> {
        let rows = ctx.loaders().escalations_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Escalation).collect())
    }

    /// Figures on the hand-overs of this case.
    async fn measures(&self, ctx: &Context<'_>) -> Result<CaseMeasures> {
        let loaders = ctx.loaders();
        let periods = loaders.periods.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let offers = loaders.handovers_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        let decisions = loaders.decisions.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(crate::case::measures::of_case(&periods, &offers, &decisions, ctx.app().now()).into())
    }

    /// The case that this one was merged into; null when it is not merged.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        match self.0.merged_into {
            Some(id) => required_row(ctx.loaders().cases.one(id).await).map(Case).map(Some),
            None => Ok(None),
        }
    }

    /// The cases that were merged into this one. Its owner is their owner too.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn merged_cases(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let rows = ctx.loaders().merged_into.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Case).collect())
    }

    /// The name that the customer gave for this case; null when none was given. The customer may be known by another
    /// name (`customer.name`); letters about this case use this one.
    async fn customer_name(&self) -> Option<&str> {
        self.0.customer_name.as_deref()
    }

    /// The customer's other open cases, newest first; at most 20.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn other_open_cases(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let rows = crate::case::alike::other_open(ctx.db(), &self.0).await.map_err(read_error)?;
        Ok(rows.into_iter().map(Case).collect())
    }

    /// Cases that were opened at most 30 days before or after this one and may be about the same thing, through
    /// whichever channel they came: cases of the same customer, about the same order, or of customers who gave the same
    /// telephone number. Newest first, at most 20 for each of these reasons. `mergeCases` merges one of them with this
    /// case.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn may_be_the_same(&self, ctx: &Context<'_>) -> Result<Vec<CaseAlike>> {
        let rows = crate::case::alike::of_case(ctx.db(), &self.0).await.map_err(read_error)?;
        Ok(rows.into_iter().map(|(case, reasons)| CaseAlike { case: Case(case), reasons }).collect())
    }

    /// The customer who complains.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        required_row(ctx.loaders().customers.one(self.0.customer_id).await).map(Customer)
    }

    /// The reports of this case, one for each contact, oldest first. What arrived is kept byte for byte.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn reports(&self, ctx: &Context<'_>) -> Result<Vec<Report>> {
        let rows = ctx.loaders().reports_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Report::from).collect())
    }

    /// The letters that were written to the customer about this case, oldest first.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn letters(&self, ctx: &Context<'_>) -> Result<Vec<Letter>> {
        let rows = ctx.loaders().letters_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Letter).collect())
    }

    /// The letters that did not reach the customer, with no answered call to the customer since then, oldest first.
    /// `recordCall` records a call.
    #[graphql(complexity = "super::page::list_cost(1, child_complexity)")]
    async fn calls_due(&self, ctx: &Context<'_>) -> Result<Vec<Letter>> {
        let rows = ctx.loaders().letters_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().filter(crate::letter::call_due).map(Letter).collect())
    }

    /// The channel of the first report.
    async fn channel(&self) -> Channel {
        self.0.channel
    }

    /// What the case is about, in one line.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The category of the complaint, in the seller's own words; null when it has none.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// The product that was bought; null when it was not named.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// The language that the customer reads.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// The seller's own number of the order; null when it was not given.
    async fn order_reference(&self) -> Option<&str> {
        self.0.order_reference.as_deref()
    }

    /// What the order cost; null when it was not given.
    async fn order_amount(&self) -> Option<MoneyObject> {
        let (minor, currency) = self.0.order_amount_minor.zip(self.0.order_currency.clone())?;
        Some(Money { minor, currency }.into())
    }

    /// What would make it right, in the customer's words; null when they did not say.
    async fn remedy_sought(&self) -> Option<&str> {
        self.0.remedy_sought.as_deref()
    }

    /// The partners involved: those that the complaint names, and those that deliver the product or the category. None
    /// of them becomes the owner of the case.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().partners_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|(_, partner)| Partner(partner)).collect())
    }

    /// Those of `partners` that nobody named. They are suggested because they deliver the product or the category.
    async fn suggested_partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().partners_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().filter(|(suggested, _)| *suggested).map(|(_, partner)| Partner(partner)).collect())
    }

    /// How severe the problem is, as the customer says; null when they did not say.
    async fn severity(&self) -> Option<Severity> {
        self.0.severity
    }

    /// The tags of the case, in lower case.
    async fn tags(&self) -> &[String] {
        &self.0.tags.0
    }

    /// The service level of the case; null when the seller's own times apply.
    async fn service_level(&self, ctx: &Context<'_>) -> Result<Option<ServiceLevel>> {
        match self.0.service_level_id {
            Some(id) => required_row(ctx.loaders().levels.one(id).await).map(ServiceLevel).map(Some),
            None => Ok(None),
        }
    }

    /// How soon the case should be looked at.
    async fn priority(&self) -> Priority {
        self.0.priority
    }

    /// The stage of the case: what the company does with it.
    async fn stage(&self) -> CaseStage {
        self.0.stage
    }

    /// Whether the report that opened the case could be understood. If not, a person must read what arrived
    /// (`reports.raw`).
    async fn understood(&self) -> bool {
        !self.0.not_understood
    }

    /// By when the customer hears from the owner, UTC, as they were told; null when the case is closed or merged. Each
    /// contact sets it anew. A time that has passed stays until somebody contacts the customer.
    async fn next_contact_due(&self) -> Option<DateTime<Utc>> {
        self.0.next_contact_due
    }

    /// Whether the time by which the customer was to hear from the owner has passed.
    async fn contact_late(&self, ctx: &Context<'_>) -> bool {
        self.0.next_contact_due.is_some_and(|due| due < ctx.app().now())
    }

    /// The clocks of the case, in the order in which they are due. Timers are listed while they run or are late; legal
    /// clocks stay listed.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn clocks(&self, ctx: &Context<'_>) -> Result<Vec<CaseClock>> {
        Box::pin(super::clock::of_case(ctx, &self.0)).await
    }

    /// The present pause of the time for the company's answer; null when that time is not paused, or when the case has
    /// no such time.
    async fn answer_pause(&self, ctx: &Context<'_>) -> Result<Option<AnswerPause>> {
        Box::pin(super::clock::answer_pause(ctx, self.0.id, true)).await
    }

    /// The enquiries about the case from others than its customer, oldest first.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn enquiries(&self, ctx: &Context<'_>) -> Result<Vec<Enquiry>> {
        let rows = ctx.loaders().enquiries_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Enquiry).collect())
    }

    /// The commitments to the customer on this case, in the order in which they were made. Those to a former customer
    /// are included.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn commitments(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only commitments of these kinds. `CONTACT` are the dates by which the customer hears from you.",
            default_with = "super::commitment::actions()"
        )]
        kinds: Vec<CommitmentKind>,
    ) -> Result<Vec<Commitment>> {
        let rows = ctx.loaders().commitments_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().filter(|row| kinds.contains(&row.kind)).map(Commitment).collect())
    }

    /// The present plan: the next steps, as the customer was told; null when there is none.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>> {
        Box::pin(super::plan::present(ctx, &self.0)).await
    }

    /// All versions of the plan, the oldest first; at most 200. Those of a former customer are included.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn plans(&self, ctx: &Context<'_>) -> Result<Vec<Plan>> {
        let rows = crate::case::plan::query::versions(ctx.db(), self.0.id).await.map_err(read_error)?;
        Ok(rows.into_iter().map(Plan).collect())
    }

    /// How often the customer had to ask for news: wrote or called while an answer was owed or a contact was late,
    /// called in vain, or used `askForNews`. Several times on one working day count once.
    async fn times_chased(&self) -> i32 {
        self.0.times_chased
    }

    /// When the customer last had to ask for news, UTC; null when they never had.
    async fn last_chased_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_chased_at
    }

    /// The tasks of partners on this case, oldest first.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<CaseTask>> {
        let rows = ctx.loaders().tasks_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(CaseTask).collect())
    }

    /// The parties' statements about the cause, oldest first. The statements are claims and may contradict each other.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn statements(&self, ctx: &Context<'_>) -> Result<Vec<Statement>> {
        let rows = ctx.loaders().statements_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Statement).collect())
    }

    /// The disputes between partners on this case, oldest first.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn disputes(&self, ctx: &Context<'_>) -> Result<Vec<Dispute>> {
        let rows = ctx.loaders().disputes_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Dispute).collect())
    }

    /// The newest message or note; null when there is none.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        match self.0.last_message_id {
            Some(id) => Ok(ctx.loaders().messages.one(id).await.map_err(read_error)?.map(Message)),
            None => Ok(None),
        }
    }

    /// The messages and notes of this case and of the cases merged into it, oldest first; at most 50 after the given
    /// time.
    #[graphql(complexity = "super::page::list_cost(50, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages written after this time, UTC.")] after: Option<DateTime<Utc>>,
    ) -> Result<Vec<Message>> {
        let rows = crate::message::query::of_case(ctx.db(), self.0.id, after, false).await;
        Ok(rows.map_err(read_error)?.into_iter().map(Message).collect())
    }

    /// The events of this case, oldest first; at most 100 after the given number.
    #[graphql(complexity = "super::page::list_cost(100, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events with a higher number than this; 0 for all from the first.", default)] after: i32,
    ) -> Result<Vec<CaseEvent>> {
        let rows = crate::event::log::of_case(ctx.db(), self.0.id, after.into()).await.map_err(read_error)?;
        rows.into_iter().map(CaseEvent::read).collect()
    }

    /// How many messages and notes of others, and acts of partners, came after what you have marked as seen
    /// (`markSeen`); everything when you have marked nothing. 100 when there are that many or more among the last 500
    /// events. Null when you are no member of staff.
    #[graphql(complexity = 5)]
    async fn unread(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Box::pin(seen::unread(ctx, self.0.id)).await
    }

    /// Whether you watch this case (`watchCase`).
    #[graphql(complexity = 2)]
    async fn watching(&self, ctx: &Context<'_>) -> Result<bool> {
        Box::pin(watcher::watching(ctx, self.0.id)).await
    }

    /// The members of staff who watch this case, besides its owner.
    #[graphql(complexity = "super::page::list_cost(3, child_complexity)")]
    async fn watchers(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        Box::pin(watcher::watchers(ctx, self.0.id)).await
    }

    /// What you may do to this case now.
    async fn viewer_can(&self) -> CasePermissions {
        CasePermissions(self.0.clone())
    }
}
