//! What a member of staff has seen of a case, and what is new to them.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use entity::id::{CaseId, StaffId};
use sea_orm::DbErr;

use crate::case::seen;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, act, id, int, read_error};
use crate::graphql::error::payload;
use crate::graphql::loaders::batch::Load;
use crate::kit::actor::Actor;
use crate::kit::db::Db;

/// The news of cases to the caller.
pub struct UnreadOf;

impl Load for UnreadOf {
    type Key = (StaffId, CaseId);
    type Value = i64;
    async fn load(db: &Db, keys: Vec<Self::Key>) -> Result<HashMap<Self::Key, i64>, DbErr> {
        // A request has one caller.
        let Some((person, _)) = keys.first().copied() else { return Ok(HashMap::new()) };
        let cases: Vec<CaseId> = keys.into_iter().map(|(_, case)| case).collect();
        let mut found = HashMap::with_capacity(cases.len());
        for some in cases.chunks(100) {
            let counted = seen::unread(db, person, some).await?;
            found.extend(counted.into_iter().map(|(case, number)| ((person, case), number)));
        }
        Ok(found)
    }
}

/// The number of news of a case to the caller; none when they are no member of staff.
pub(in crate::graphql) async fn unread(ctx: &Context<'_>, case: CaseId) -> Result<Option<i32>> {
    let Actor::Staff { id: person, .. } = ctx.actor() else { return Ok(None) };
    let found = ctx.loaders().unread_of.one((person, case)).await.map_err(read_error)?;
    Ok(Some(int(found.unwrap_or_default())))
}

/// What is new to you.
#[derive(SimpleObject)]
pub struct UnreadSummary {
    /// How many of your open cases have something that you have not seen (`Case.unread`). If you have more than 200 open
    /// cases, 200 of them are looked at.
    cases: i32,
}

/// What is new to the caller, who is a member of staff.
pub(in crate::graphql) async fn summary(ctx: &Context<'_>, person: StaffId) -> Result<UnreadSummary> {
    let cases = seen::cases_with_news(ctx.db(), person).await.map_err(read_error)?;
    Ok(UnreadSummary { cases: int(cases) })
}

/// The input of `markSeen`.
#[derive(InputObject)]
pub struct MarkSeenInput {
    /// The case that you have looked at.
    case_id: ID,
    /// The number of the last event that you have seen, as in `Case.version` when you read the case; at least 0. A
    /// number before the one that you marked earlier makes what came after it unread again.
    up_to: i32,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `markSeen`.
    MarkSeenPayload {
        /// The case as it is now, with what is new to you in `unread`; null when nothing was changed.
        case: Case
    }
}

/// Acts on what a member of staff has seen.
#[derive(Default)]
pub struct SeenMutation;

#[Object]
impl SeenMutation {
    /// Records how far you have seen a case, so that `Case.unread` counts what came after it. It concerns nobody else,
    /// and causes no event. For staff who may read the case.
    async fn mark_seen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case, and how far you have seen it.")] input: MarkSeenInput,
    ) -> Result<MarkSeenPayload> {
        let done = act(ctx, async move |work| {
            let case = id::<CaseId>(&input.case_id, "caseId")?;
            seen::mark(work, case, input.up_to.into()).await
        });
        Ok(done.await?.into())
    }
}
