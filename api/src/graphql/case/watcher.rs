//! Watching cases that one need not own.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::case_watcher;
use entity::id::CaseId;

use crate::case::watcher;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, act, id, read_error, required_row};
use crate::graphql::error::payload;
use crate::graphql::staff::Staff;

/// The people who watch a case.
pub(in crate::graphql) async fn watchers(ctx: &Context<'_>, case: CaseId) -> Result<Vec<Staff>> {
    let mut people = Vec::new();
    for row in rows(ctx, case).await? {
        people.push(Staff(required_row(ctx.loaders().people.one(row.staff_id).await)?));
    }
    Ok(people)
}

/// Whether the caller watches a case.
pub(in crate::graphql) async fn watching(ctx: &Context<'_>, case: CaseId) -> Result<bool> {
    let me = ctx.actor().staff();
    Ok(rows(ctx, case).await?.iter().any(|row| Some(row.staff_id) == me))
}

async fn rows(ctx: &Context<'_>, case: CaseId) -> Result<Vec<case_watcher::Model>> {
    Ok(ctx.loaders().watchers_of.one(case).await.map_err(read_error)?.unwrap_or_default())
}

/// The input of `watchCase`.
#[derive(InputObject)]
pub struct WatchCaseInput {
    /// The case to watch.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

/// The input of `unwatchCase`.
#[derive(InputObject)]
pub struct UnwatchCaseInput {
    /// The case that is not to be watched any more.
    case_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `watchCase`.
    WatchCasePayload {
        /// The case that you watch; null when nothing was changed.
        case: Case
    }
}
payload! {
    /// The answer to `unwatchCase`.
    UnwatchCasePayload {
        /// The case that you do not watch any more; null when nothing was changed.
        case: Case
    }
}

/// Acts on who watches a case.
#[derive(Default)]
pub struct WatcherMutation;

#[Object]
impl WatcherMutation {
    /// Watches a case that you need not own: its events come in `workEvents` with the scope `MINE`, and you get notices
    /// (`WATCHED`) of messages, of another owner or stage, of escalations, and of tasks that are done or declined. At
    /// most 50 cases at a time; `TOO_LONG` beyond. It is no event, and does nothing when you watch the case already. For
    /// staff who may read the case.
    async fn watch_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case to watch.")] input: WatchCaseInput,
    ) -> Result<WatchCasePayload> {
        let done = act(ctx, async move |work| watcher::watch(work, id::<CaseId>(&input.case_id, "caseId")?).await);
        Ok(done.await?.into())
    }

    /// Does not watch a case any more. It does nothing when you do not watch it. For staff who may read the case.
    async fn unwatch_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case that is not to be watched any more.")] input: UnwatchCaseInput,
    ) -> Result<UnwatchCasePayload> {
        let done = act(ctx, async move |work| watcher::unwatch(work, id::<CaseId>(&input.case_id, "caseId")?).await);
        Ok(done.await?.into())
    }
}
