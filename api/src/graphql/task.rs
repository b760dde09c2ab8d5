//! A partner's part of a case.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, PartnerId};
use entity::kind::TaskStatus;
use entity::{case, case_task, task_update};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::context::{ContextExt, forbidden, id, int, query_error, read_error, signed_in, there, to_id};
use super::page::connection;
use super::partner::Partner;
use super::party::Party;
use crate::access::table::{Action, may, to_task};
use crate::kit::actor::Actor;
use crate::kit::page::{Ask as PageAsk, Key, once_each};
use crate::task::decide::{TaskAct, open_acts};

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

    /// By when it must be done, UTC.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// When the partner expects it to be done, UTC; null until the partner says so.
    async fn eta(&self) -> Option<DateTime<Utc>> {
        self.0.eta
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
        let can = |act: TaskAct, action| may(standing, action) && open_acts(self.0.status).any(|open| open == act);
        Ok(TaskPermissions {
            accept: can(TaskAct::Accept, Action::AnswerTask),
            update: can(TaskAct::Update, Action::AnswerTask),
            complete: can(TaskAct::Complete, Action::AnswerTask),
            decline: can(TaskAct::Decline, Action::AnswerTask),
            withdraw: can(TaskAct::Withdraw, Action::RequestTask),
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
    /// `withdrawTask` is open to you.
    withdraw: bool,
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

    /// When it was told, UTC.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
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
        let mut query = match ctx.actor() {
            Actor::Partner { partner, .. } => {
                case_task::Entity::find().filter(case_task::Column::PartnerId.eq(partner))
            }
            Actor::Staff { seller, .. } => case_task::Entity::find().filter(case_task::Column::SellerId.eq(seller)),
            _ => {
                return Err(forbidden(
                    "Tasks are for the partner whose they are and for the seller's staff.",
                    "Uppdrag är för den partner som har dem och för säljarens personal.",
                ));
            }
        };
        let filter = filter.unwrap_or_default();
        if let Some(statuses) = filter.statuses {
            query = query.filter(case_task::Column::Status.is_in(once_each(&statuses)));
        }
        if let Some(text) = &filter.case_id {
            let case: CaseId = id(text, "filter.caseId").map_err(|problem| query_error(&problem))?;
            query = query.filter(case_task::Column::CaseId.eq(case));
        }
        if let Some(text) = &filter.partner_id {
            let partner: PartnerId = id(text, "filter.partnerId").map_err(|problem| query_error(&problem))?;
            query = query.filter(case_task::Column::PartnerId.eq(partner));
        }
        let ask =
            PageAsk::new(first, after.as_deref(), last, before.as_deref()).map_err(|problem| query_error(&problem))?;
        CaseTaskConnection::read(ctx, query, ask, (case_task::Column::RequestedAt, case_task::Column::Id)).await
    }
}
