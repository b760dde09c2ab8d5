//! A partner's part of a case.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::CustomerId;
use entity::kind::{CustomerField, TaskStatus};
use entity::{case, case_task, task_update};

use super::context::{ContextExt, forbidden, id, int, query_error, read_error, signed_in, there, to_id};
use super::dispute::Statement;
use super::file::Attachment;
use super::page::connection;
use super::partner::{Partner, PartnerContact};
use super::party::Party;
use crate::access::table::{Action, check_scope, may, to_task};
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::kit::page::{Ask as PageAsk, Key};
use crate::task::decide::{TaskAct, open_acts};
use crate::task::query::{self, Whose};

/// A partner's part of a case: it has state and dates. The case keeps its owner whatever happens here.
#[derive(Clone)]
pub struct CaseTask(pub case_task::Model);

impl From<case_task::Model> for CaseTask {
    fn from(row: case_task::Model) -> Self {
        Self(row)
    }
}

/// A partner's part of a case: it has state and dates. The case keeps its owner whatever happens here.
#[Object]
impl CaseTask {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// How often it has changed, its making included: what `expectedVersion` is compared with.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// Whose part it is.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        there(ctx.loaders().partners.one(self.0.partner_id).await).map(Partner)
    }

    /// What a partner may know of the case.
    async fn case(&self, ctx: &Context<'_>) -> Result<PartnerCase> {
        there(ctx.loaders().cases.one(self.0.case_id).await).map(PartnerCase)
    }

    /// In a few words.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What exactly is asked.
    async fn asked(&self) -> &str {
        &self.0.asked
    }

    /// Where it stands.
    async fn status(&self) -> TaskStatus {
        self.0.status
    }

    /// By when the partner must have accepted, UTC.
    async fn accept_by(&self) -> DateTime<Utc> {
        self.0.accept_by
    }

    /// By when the partner must next tell how it goes, UTC; null until it has accepted, and when the task is over. Past it,
    /// the owner is told.
    async fn update_by(&self) -> Option<DateTime<Utc>> {
        self.0.update_by
    }

    /// How often the partner tells how it goes once it has accepted, in hours.
    async fn update_every_hours(&self) -> i32 {
        self.0.update_every_hours
    }

    /// By when it must be done, UTC.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// When the partner expects it to be done, UTC; null until the partner says so.
    async fn eta(&self) -> Option<DateTime<Utc>> {
        self.0.eta
    }

    /// The first time the partner gave for it to be done, UTC, by which it is measured; null until it gave one.
    async fn first_eta(&self) -> Option<DateTime<Utc>> {
        self.0.first_eta
    }

    /// What of the customer the partner may read while the task is open.
    async fn shares(&self) -> &[CustomerField] {
        &self.0.shared.0
    }

    /// What the partner may know of the customer, to do the task; null when nothing is shared, and when the task is over.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<SharedCustomer>> {
        if open_acts(self.0.status).next().is_none() || self.0.shared.0.is_empty() {
            return Ok(None);
        }
        let case: case::Model = there(ctx.loaders().cases.one(self.0.case_id).await)?;
        let name = case.customer_name;
        Ok(Some(SharedCustomer { task: self.0.clone(), customer: case.customer_id, name }))
    }

    /// Who of the partner's people does it; null for nobody in particular.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<PartnerContact>> {
        let Some(id) = self.0.assignee_id else { return Ok(None) };
        there(ctx.loaders().contacts.one(id).await).map(PartnerContact).map(Some)
    }

    /// How often the owner has reminded the partner.
    async fn reminders(&self) -> i32 {
        self.0.reminders
    }

    /// What the partner takes for the cause, oldest first: its own claims, beside which there may be others.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn statements(&self, ctx: &Context<'_>) -> Result<Vec<Statement>> {
        let rows = ctx.loaders().statements_of.one(self.0.case_id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().filter(|row| row.task_id == self.0.id).map(Statement).collect())
    }

    /// What came of it; null until it is done.
    async fn result(&self) -> Option<&str> {
        self.0.result.as_deref()
    }

    /// Why the partner refused, for the owner; null unless it did. The customer never sees it.
    async fn decline_reason(&self) -> Option<&str> {
        self.0.decline_reason.as_deref()
    }

    /// When it was asked, UTC.
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }

    /// When the partner took it on, UTC; null until it did.
    async fn accepted_at(&self) -> Option<DateTime<Utc>> {
        self.0.accepted_at
    }

    /// When it was done, refused or taken back, UTC; null until then.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// When it last changed, UTC.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// What the partner has told, oldest first. For the owner; the customer sees none of it.
    #[graphql(complexity = "super::page::list_cost(5, child_complexity)")]
    async fn updates(&self, ctx: &Context<'_>) -> Result<Vec<TaskUpdate>> {
        let rows = ctx.loaders().updates.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(TaskUpdate).collect())
    }

    /// What you may do to it now.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<TaskPermissions> {
        let case: case::Model = there(ctx.loaders().cases.one(self.0.case_id).await)?;
        let standing = to_task(ctx.actor(), &self.0, &case);
        let able = |action| may(standing, action) && check_scope(ctx.actor(), action).is_ok();
        let can = |act: TaskAct, action| able(action) && open_acts(self.0.status).any(|open| open == act);
        Ok(TaskPermissions {
            accept: can(TaskAct::Accept, Action::AnswerTask),
            update: can(TaskAct::Update, Action::AnswerTask),
            complete: can(TaskAct::Complete, Action::AnswerTask),
            decline: can(TaskAct::Decline, Action::AnswerTask),
            assign: can(TaskAct::Assign, Action::AnswerTask),
            withdraw: can(TaskAct::Withdraw, Action::RequestTask),
            remind: can(TaskAct::Remind, Action::RequestTask),
        })
    }
}

/// What you may do to a task now: which buttons to show.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "one answer per button")]
pub struct TaskPermissions {
    /// `acceptTask` is open to you.
    accept: bool,
    /// `updateTask` is open to you.
    update: bool,
    /// `completeTask` is open to you.
    complete: bool,
    /// `declineTask` is open to you.
    decline: bool,
    /// `assignTask` is open to you.
    assign: bool,
    /// `withdrawTask` is open to you.
    withdraw: bool,
    /// `remindTask` is open to you.
    remind: bool,
}

/// What a partner told the owner about a task.
#[derive(Clone)]
pub struct TaskUpdate(pub task_update::Model);

/// What a partner told the owner about a task.
#[Object]
impl TaskUpdate {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Who told it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }

    /// The words.
    async fn text(&self) -> &str {
        &self.0.body
    }

    /// The new time it is expected to be done, UTC; null when it did not change.
    async fn eta(&self) -> Option<DateTime<Utc>> {
        self.0.eta
    }

    /// Files that came with it.
    #[graphql(complexity = "super::page::list_cost(2, child_complexity)")]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        let rows = ctx.loaders().files.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(Attachment).collect())
    }

    /// When it was told, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// What a partner may know of a customer to do its task, and why; only what the owner shared, and only while the task is open.
pub struct SharedCustomer {
    task: case_task::Model,
    customer: CustomerId,
    /// What they called themselves in the case.
    name: Option<String>,
}

impl SharedCustomer {
    fn shares(&self, field: CustomerField) -> bool {
        self.task.shared.0.contains(&field)
    }
}

/// What a partner may know of a customer to do its task, and why; only what the owner shared, and only while the task is open.
#[Object]
impl SharedCustomer {
    /// Why it is shared.
    async fn reason(&self) -> &str {
        self.task.share_reason.as_deref().unwrap_or_default()
    }

    /// The name; null when it is not shared, or not known.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.shares(CustomerField::Name) {
            return Ok(None);
        }
        if self.name.is_some() {
            return Ok(self.name.clone());
        }
        Ok(ctx.loaders().customers.one(self.customer).await.map_err(read_error)?.and_then(|row| row.name))
    }

    /// The e-mail addresses; empty when they are not shared, or none is known.
    async fn emails(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !self.shares(CustomerField::Email) {
            return Ok(Vec::new());
        }
        let rows = ctx.loaders().emails.one(self.customer).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.address).collect())
    }

    /// The telephone numbers, E.164; empty when they are not shared, or none is known.
    async fn phones(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !self.shares(CustomerField::Phone) {
            return Ok(Vec::new());
        }
        let rows = ctx.loaders().phones.one(self.customer).await.map_err(read_error)?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.e164).collect())
    }

    /// The words of the complaint as they first came in; null when they are not shared.
    async fn words(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.shares(CustomerField::Words) {
            return Ok(None);
        }
        let reports = ctx.loaders().reports_of.one(self.task.case_id).await.map_err(read_error)?.unwrap_or_default();
        Ok(reports.into_iter().next().map(|report| report.words))
    }
}

/// What a partner may know of a case: enough to do its task, and nothing of other partners, messages or the customer.
#[derive(Clone)]
pub struct PartnerCase(pub case::Model);

/// What a partner may know of a case: enough to do its task, and nothing of other partners, messages or the customer.
#[Object]
impl PartnerCase {
    /// Which case it is, for `tasks(filter: { caseId: … })`. Not named `id`: staff see the same case whole, as a `Case`, and
    /// clients that keep what they read by `id` would mix the two.
    async fn case_id(&self) -> ID {
        to_id(self.0.id)
    }

    /// For people: "C-2026-000123".
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The subject as the customer wrote it; null when they wrote none. (Staff then see the beginning of the customer's
    /// words, which are not the partner's to read.)
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let reports = ctx.loaders().reports_of.one(self.0.id).await.map_err(read_error)?.unwrap_or_default();
        Ok(reports.into_iter().next().and_then(|report| report.subject))
    }

    /// What was bought.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// The name of the person who answers for the case, to turn to.
    async fn owner_name(&self, ctx: &Context<'_>) -> Result<String> {
        there(ctx.loaders().people.one(self.0.owner_id).await).map(|person| person.name)
    }
}

fn key(row: &case_task::Model) -> Key {
    (row.requested_at, row.id.0)
}

connection! {
    /// Tasks, newest first.
    CaseTaskConnection,
    /// A task in its list.
    CaseTaskEdge, CaseTask, case_task, key
}

/// Which tasks; everything that is given must hold.
#[derive(InputObject, Default)]
pub struct TaskFilter {
    /// In one of these states.
    statuses: Option<Vec<TaskStatus>>,
    /// On this case.
    case_id: Option<ID>,
    /// Of this partner.
    partner_id: Option<ID>,
    /// Done by this person of the partner's.
    assignee_id: Option<ID>,
    /// Changed at this time or later, UTC: for systems that ask now and then instead of listening.
    updated_since: Option<DateTime<Utc>>,
    /// To be done before this time, UTC.
    due_before: Option<DateTime<Utc>>,
}

impl TaskFilter {
    fn read(self) -> std::result::Result<query::Filter, Problem> {
        Ok(query::Filter {
            statuses: self.statuses,
            case: self.case_id.map(|text| id(&text, "filter.caseId")).transpose()?,
            partner: self.partner_id.map(|text| id(&text, "filter.partnerId")).transpose()?,
            assignee: self.assignee_id.map(|text| id(&text, "filter.assigneeId")).transpose()?,
            updated_since: self.updated_since,
            due_before: self.due_before,
        })
    }
}

/// Reads of tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// The tasks you may see, newest first: a partner's own, or all of a seller's for its staff.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these.")] filter: Option<TaskFilter>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseTaskConnection> {
        signed_in(ctx)?;
        check_scope(ctx.actor(), Action::ReadTask).map_err(|problem| query_error(&problem))?;
        let whose = match ctx.actor() {
            Actor::Partner { partner, .. } => Whose::Partner(partner),
            Actor::Staff { seller, .. } => Whose::Seller(seller),
            _ => {
                return Err(forbidden(
                    "Tasks are for the partner whose they are and for the seller's staff.",
                    "Uppdrag är för den partner som har dem och för säljarens personal.",
                ));
            }
        };
        let filter = filter.unwrap_or_default().read().map_err(|problem| query_error(&problem))?;
        let ask =
            PageAsk::new(first, after.as_deref(), last, before.as_deref()).map_err(|problem| query_error(&problem))?;
        let columns = (case_task::Column::RequestedAt, case_task::Column::Id);
        CaseTaskConnection::read(ctx, query::list(whose, &filter), ask, columns).await
    }
}
