//! Subscriptions. Each is a cursor into the event log, is authorised at every read, and is resumed with `after`.

use async_graphql::{Context, Enum, Error, ID, Object, Result, Subscription};
use entity::id::{CaseId, SellerId};
use futures_util::Stream;

use crate::access::table::{Action, check_scope};
use crate::event::bus::Topic;
use crate::event::cursor;
use crate::event::follow::{follow, follow_all};
use crate::event::log;
use crate::graphql::context::{ContextExt, forbidden, id, query_error, read_error, signed_in};
use crate::graphql::error::code::Code;
use crate::graphql::event::CaseEvent;
use crate::graphql::event::customer::{CustomerFeedEvent, CustomerOnCase, CustomerOnCases};
use crate::graphql::event::follow::{CustomerCaseEvent, TaskEvent, WorkEvent};
use crate::graphql::event::source::{Followed, PartnerOnTasks, SellerAtWork, StaffOnCase, Viewer};
use crate::graphql::mine::own_case;
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::texts;

/// Which cases `workEvents` follows.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum WorkScope {
    /// The events of cases that you owned at the time of the event, however late you read it. In addition: the event by
    /// which a case got another owner than you, hand-overs that were offered to you and their end, escalations to you
    /// and late tasks; and all events of the cases that you watch at the time of reading. The first event of a case that
    /// is given to you is `OwnerChanged`: read the case then; later events continue from its version.
    Mine,
    /// As `MINE`, for everybody who is in a team with you at the time of reading; at most 100 people. Nothing when you are
    /// in no team.
    Team,
    /// The events of all cases of your seller.
    Seller,
}

/// The position at which a subscription to a case begins.
fn start_on_case(after: Option<i32>, version: i64) -> Result<i64> {
    match after.map(i64::from) {
        None => Ok(version),
        Some(after) if after < 0 => Err(Code::Invalid.error(texts::api::not_an_event_number())),
        Some(after) if after > version => Err(resync()),
        Some(after) => Ok(after),
    }
}

/// The position at which a subscription to a feed begins.
fn start_on_feed(ctx: &Context<'_>, after: Option<&str>, viewer: &str, head: i64) -> Result<i64> {
    let Some(after) = after else { return Ok(head) };
    match cursor::open(ctx.app().secret(), viewer, after) {
        None => Err(Code::Invalid.error(texts::api::not_a_feed_cursor())),
        Some(seq) if seq > head => Err(resync()),
        Some(seq) => Ok(seq),
    }
}

/// The viewer for whom a system's cursors are sealed: all systems of a seller, and its webhooks, share them.
fn of_system(ctx: &Context<'_>, seller: SellerId, scope: WorkScope) -> Result<String> {
    check_scope(ctx.actor(), Action::ReadCase).map_err(|problem| query_error(&problem))?;
    if scope != WorkScope::Seller {
        return Err(Code::Invalid.error(texts::api::system_owns_no_cases()));
    }
    Ok(seller.to_string())
}

fn resync() -> Error {
    Code::ResyncRequired.error(texts::api::cursor_ahead())
}

/// Queries on event feeds.
#[derive(Default)]
pub struct FeedQuery;

#[Object]
impl FeedQuery {
    /// The cursor of the present end of your feed: of `taskEvents` for a partner, of `myCasesEvents` for a customer, of
    /// `workEvents` for staff and for systems of the seller with the scope `CASES_READ`. Read it first, then read the state, then subscribe with it as
    /// `after`, so that no event is missed. Fails with `FORBIDDEN` for everybody else.
    async fn feed_cursor(&self, ctx: &Context<'_>) -> Result<String> {
        signed_in(ctx)?;
        let (viewer, seller) = match ctx.actor() {
            Actor::Partner { partner, seller, .. } => (partner.to_string(), seller),
            Actor::Staff { id, seller, .. } => (id.to_string(), seller),
            Actor::Client { seller, .. } => (of_system(ctx, seller, WorkScope::Seller)?, seller),
            Actor::Customer { id, seller, .. } => (id.to_string(), seller),
            _ => {
                return Err(forbidden(texts::api::feeds_for_others()));
            }
        };
        let head = log::head(ctx.db(), seller).await.map_err(read_error)?;
        Ok(cursor::seal(ctx.app().secret(), &viewer, head))
    }
}

/// The root of all subscriptions.
pub struct SubscriptionRoot;

/// Subscriptions, over WebSocket (graphql-transport-ws) or server-sent events (graphql-sse, distinct connections). Each
/// event is delivered once and in order, and none is left out. After a lost connection, give the cursor of the last
/// event that you got as `after`. A subscription ends with an error when the credential ends (`UNAUTHENTICATED`) or
/// when what you may see has changed (`RESYNC_REQUIRED`).
// The first reads are boxed, because otherwise each waiting subscriber would keep the memory of their futures.
#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// The events of a case of your seller. For staff, and for systems of the seller with the scope `CASES_READ`.
    async fn case_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the case.")] case_id: ID,
        #[graphql(
            desc = "Only events after this number (`seq`); 0 for all; when left out, only new ones. To miss none, read the case and give its `version`."
        )]
        after: Option<i32>,
    ) -> Result<impl Stream<Item = Result<CaseEvent>> + use<>> {
        signed_in(ctx)?;
        let case: CaseId = id(&case_id, "caseId").map_err(|problem| query_error(&problem))?;
        let found = Box::pin(crate::case::query::by_id(ctx.db(), ctx.actor(), case)).await.map_err(read_error)?;
        let found = found.ok_or_else(|| query_error(&Problem::not_found("caseId")))?;
        let source = StaffOnCase { viewer: Viewer::new(ctx), case, after: start_on_case(after, found.version)? };
        Ok(follow(ctx.app(), Topic::Case(case), source))
    }

    /// The events of your case: of the one with this id, or of that of your tracking token. For the customer, with a
    /// tracking token.
    async fn my_case_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this number (`seq`); 0 for all; when left out, only new ones.")]
        after: Option<i32>,
        #[graphql(desc = "The id of one of `myCases`; the case of your tracking token when left out.")] case_id: Option<
            ID,
        >,
    ) -> Result<impl Stream<Item = Result<CustomerCaseEvent>> + use<>> {
        let case = Box::pin(own_case(ctx, case_id.as_ref(), "caseId")).await?;
        let after = start_on_case(after, case.version)?;
        let source = CustomerOnCase { viewer: Viewer::new(ctx), case: case.id, after };
        Ok(follow(ctx.app(), Topic::Case(case.id), source))
    }

    /// The events of all your cases (`myCases`), in the order in which they happened, with one cursor for all of them.
    /// For the customer, with a tracking token. With the token of a receipt, they are the events of its own case.
    async fn my_cases_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this cursor; when left out, only new ones. See `feedCursor`.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<CustomerFeedEvent>> + use<>> {
        signed_in(ctx)?;
        let Actor::Customer { id, case, seller, .. } = ctx.actor() else {
            return Err(forbidden(texts::api::my_case_events_for_customer()));
        };
        let head = Box::pin(log::head(ctx.db(), seller)).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &id.to_string(), head)?;
        let source = CustomerOnCases { viewer: Viewer::new(ctx), after };
        Ok(follow_all(ctx.app(), [Topic::Customer(id), Topic::Case(case)], source))
    }

    /// The events of your tasks, on all cases. For partners; an API client needs the scope `TASKS_READ`.
    async fn task_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this cursor; when left out, only new ones.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<TaskEvent>> + use<>> {
        signed_in(ctx)?;
        check_scope(ctx.actor(), Action::ReadTask).map_err(|problem| query_error(&problem))?;
        let Actor::Partner { partner, seller, .. } = ctx.actor() else {
            return Err(forbidden(texts::api::task_events_for_partners()));
        };
        let head = Box::pin(log::head(ctx.db(), seller)).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &partner.to_string(), head)?;
        let source = PartnerOnTasks { viewer: Viewer::new(ctx), partner, after };
        Ok(follow(ctx.app(), Topic::Partner(partner), source))
    }

    /// The events of the cases that you own, of those of your teams, or of all cases of your seller. For staff. A system of the seller with the
    /// scope `CASES_READ` follows `SELLER`; the cursors of the seller's webhooks are its cursors too.
    async fn work_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Which cases to follow: those that you own, those of your teams, or all of your seller's.",
            default_with = "WorkScope::Mine"
        )]
        scope: WorkScope,
        #[graphql(desc = "Only events after this cursor; when left out, only new ones.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<WorkEvent>> + use<>> {
        signed_in(ctx)?;
        let (feed, seller, person) = match ctx.actor() {
            Actor::Staff { id, seller, .. } => (id.to_string(), seller, Some(id)),
            Actor::Client { seller, .. } => (of_system(ctx, seller, scope)?, seller, None),
            _ => {
                return Err(forbidden(texts::api::work_events_for_staff()));
            }
        };
        let head = Box::pin(log::head(ctx.db(), seller)).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &feed, head)?;
        let followed = match (scope, person) {
            (WorkScope::Mine, Some(person)) => Followed::Person(person),
            (WorkScope::Team, Some(person)) => Followed::TeamsOf(person),
            _ => Followed::Everybody,
        };
        let source = SellerAtWork { viewer: Viewer::new(ctx), feed, seller, followed, after };
        Ok(follow(ctx.app(), Topic::Seller(seller), source))
    }
}
