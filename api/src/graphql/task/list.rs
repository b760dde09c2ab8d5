//! Lists of tasks.

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::case_task;
use entity::kind::TaskStatus;
use sea_orm::Select;

use super::CaseTask;
use crate::access::table::{Action, check_scope};
use crate::graphql::context::{ContextExt, forbidden, id, query_error, reader_of, signed_in};
use crate::graphql::page::{Shown, asked, connection};
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::kit::page::{List, PageRequest, Place};
use crate::task::query::{self, Whose};
use crate::texts;

connection! {
    /// A list of tasks, newest first.
    CaseTaskConnection,
    /// A task in a list, with its cursor.
    CaseTaskEdge, CaseTask
}

const TASKS: List = List::named("tasks");

impl CaseTaskConnection {
    /// A page of the tasks that these queries find, newest first.
    pub(in crate::graphql) async fn newest_first(
        ctx: &Context<'_>,
        queries: Vec<Select<case_task::Entity>>,
        ask: PageRequest,
    ) -> Result<Self> {
        let order = ((case_task::Column::RequestedAt, case_task::Column::Id), true);
        Shown::read(ctx, queries, ask, order, |row| Place::at(row.requested_at, row.id.0)).await.map(Self)
    }
}

/// Which tasks to list. A task must meet every condition that is given.
#[derive(InputObject, Default)]
pub struct TaskFilter {
    /// Only tasks with one of these statuses.
    statuses: Option<Vec<TaskStatus>>,
    /// Only tasks of the case with this id.
    case_id: Option<ID>,
    /// Only tasks of the partner with this id.
    partner_id: Option<ID>,
    /// Only tasks that are assigned to the person with this id.
    assignee_id: Option<ID>,
    /// Only tasks that changed at this time or later, UTC: for systems that poll instead of subscribing.
    updated_since: Option<DateTime<Utc>>,
    /// Only tasks that are due before this time, UTC.
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

/// Queries on tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// The tasks that you may see, newest first: for a partner its own, except those that were declined or withdrawn;
    /// for staff all tasks of their seller. Fails with `FORBIDDEN` for everybody else. A partner's API client needs the
    /// scope `TASKS_READ`, a seller's `CASES_READ`.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tasks to list; all when left out.")] filter: Option<TaskFilter>,
        #[graphql(
            desc = "Rows from the beginning, or from `after`: 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, or from `before`: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Result<CaseTaskConnection> {
        signed_in(ctx)?;
        let whose = match (ctx.actor(), reader_of(ctx)?) {
            (Actor::Partner { partner, .. }, _) => {
                check_scope(ctx.actor(), Action::ReadTask).map_err(|problem| query_error(&problem))?;
                Whose::Partner(partner)
            }
            (_, Some(seller)) => Whose::Seller(seller),
            _ => {
                return Err(forbidden(texts::api::tasks_for_partner()));
            }
        };
        let filter = filter.unwrap_or_default().read().map_err(|problem| query_error(&problem))?;
        let ask = asked(TASKS, (first, after, last, before))?;
        CaseTaskConnection::newest_first(ctx, query::list(whose, &filter), ask).await
    }
}
