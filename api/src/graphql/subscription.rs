//! Subscriptions: each a cursor into the log, authorised anew at every read, resumed with `after`.

use async_graphql::{Context, Enum, Error, ID, Object, Result, Subscription};
use entity::case;
use entity::id::CaseId;
use futures_util::Stream;
use sea_orm::EntityTrait;

use super::code::Code;
use super::context::{ContextExt, forbidden, id, query_error, read_error, signed_in};
use super::event::CaseEvent;
use super::follow::{CustomerCaseEvent, TaskEvent, WorkEvent};
use super::source::{CustomerOnCase, PartnerOnTasks, StaffAtWork, StaffOnCase, Viewer};
use crate::access::table::{Action, check_scope};
use crate::event::bus::Topic;
use crate::event::cursor;
use crate::event::follow::follow;
use crate::event::log;
use crate::kit::actor::Actor;
use crate::kit::error::Problem;

/// Whose cases.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum WorkScope {
    /// Those you owned when it happened, however late you read it; and beside them the event by which you lost one, an
    /// offer made to you and its end, and what is late below you. The first that you get of a case given to you is
    /// `OwnerChanged`: read the case there as it was given, and later events go on from its version.
    Mine,
    /// All of your seller's.
    Seller,
}

/// Where a case's subscription begins.
fn start_on_case(after: Option<i32>, version: i64) -> Result<i64> {
    match after.map(i64::from) {
        None => Ok(version),
        Some(after) if after < 0 => Err(Code::Invalid.error(
            "`after` is the number of an event, 0 for before the first.",
            "`after` är numret på en händelse, 0 för före den första.",
        )),
        Some(after) if after > version => Err(resync()),
        Some(after) => Ok(after),
    }
}

/// Where a feed's subscription begins.
fn start_on_feed(ctx: &Context<'_>, after: Option<&str>, viewer: &str, head: i64) -> Result<i64> {
    let Some(after) = after else { return Ok(head) };
    match cursor::open(ctx.app().secret(), viewer, after) {
        None => Err(Code::Invalid.error(
            "Not a cursor of this feed. Give one that came with an event of yours, unchanged.",
            "Det är ingen markör för detta flöde. Ge en som kom med en händelse till dig, oförändrad.",
        )),
        Some(seq) if seq > head => Err(resync()),
        Some(seq) => Ok(seq),
    }
}

fn resync() -> Error {
    Code::ResyncRequired.error(
        "The cursor is ahead of the log: it came from another store. Read the state anew and subscribe from there.",
        "Markören ligger före loggen: den kommer från en annan databas. Läs läget på nytt och prenumerera därifrån.",
    )
}

/// Reads of feeds.
#[derive(Default)]
pub struct FeedQuery;

#[Object]
impl FeedQuery {
    /// Where your feed stands now: `taskEvents` for a partner, `workEvents` for staff. Read it first, then the state, and
    /// subscribe with it as `after`: nothing falls between.
    async fn feed_cursor(&self, ctx: &Context<'_>) -> Result<String> {
        signed_in(ctx)?;
        let (viewer, seller) = match ctx.actor() {
            Actor::Partner { partner, seller, .. } => (partner.to_string(), seller),
            Actor::Staff { id, seller, .. } => (id.to_string(), seller),
            _ => {
                return Err(forbidden(
                    "Feeds are for partners and the seller's staff. A customer's cursor is the case's `version`.",
                    "Flöden är för partner och säljarens personal. En kunds markör är ärendets `version`.",
                ));
            }
        };
        let head = log::head(ctx.db(), seller).await.map_err(read_error)?;
        Ok(cursor::seal(ctx.app().secret(), &viewer, head))
    }
}

/// Everything that can be followed.
pub struct SubscriptionRoot;

/// Subscriptions: over WebSocket (graphql-transport-ws) or server-sent events (graphql-sse, distinct connections). In
/// order, no hole, each event once; after a cut, give the cursor of the last event you got as `after`. They end with an
/// error when the credential ends.
// The reads at their beginning are boxed: their room would stay with each subscriber for as long as it waits.
#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// What happens to a case of your seller's. For staff.
    async fn case_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] case_id: ID,
        #[graphql(
            desc = "Only events after this number; 0 for all. Left out: only what happens from now on. To miss nothing, read the case and give its `version`."
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

    /// What happens to your case. For the customer, by tracking token.
    async fn my_case_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this number; 0 for all. Left out: only what happens from now on.")]
        after: Option<i32>,
    ) -> Result<impl Stream<Item = Result<CustomerCaseEvent>> + use<>> {
        signed_in(ctx)?;
        let Actor::Customer { case, .. } = ctx.actor() else {
            return Err(forbidden(
                "This is for the customer, by tracking token (`trk_…`). Staff subscribe to `caseEvents`.",
                "Detta är för kunden, med spårningskod (`trk_…`). Personalen prenumererar på `caseEvents`.",
            ));
        };
        let found = Box::pin(case::Entity::find_by_id(case).one(ctx.db())).await.map_err(read_error)?;
        let version = found.map_or(0, |found| found.version);
        let source = CustomerOnCase { viewer: Viewer::new(ctx), case, after: start_on_case(after, version)? };
        Ok(follow(ctx.app(), Topic::Case(case), source))
    }

    /// What happens to your tasks, on all cases. For partners.
    async fn task_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after the one with this cursor. Left out: only what happens from now on.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<TaskEvent>> + use<>> {
        signed_in(ctx)?;
        check_scope(ctx.actor(), Action::ReadTask).map_err(|problem| query_error(&problem))?;
        let Actor::Partner { partner, seller, .. } = ctx.actor() else {
            return Err(forbidden(
                "This is for partners. Staff subscribe to `workEvents` or `caseEvents`.",
                "Detta är för partner. Personalen prenumererar på `workEvents` eller `caseEvents`.",
            ));
        };
        let head = Box::pin(log::head(ctx.db(), seller)).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &partner.to_string(), head)?;
        let source = PartnerOnTasks { viewer: Viewer::new(ctx), partner, after };
        Ok(follow(ctx.app(), Topic::Partner(partner), source))
    }

    /// What happens to the cases you own, or to all of your seller's. For staff.
    async fn work_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose cases.", default_with = "WorkScope::Mine")] scope: WorkScope,
        #[graphql(desc = "Only events after the one with this cursor. Left out: only what happens from now on.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<WorkEvent>> + use<>> {
        signed_in(ctx)?;
        let Actor::Staff { id: staff, seller, .. } = ctx.actor() else {
            return Err(forbidden(
                "This is for the seller's staff. Partners subscribe to `taskEvents`, customers to `myCaseEvents`.",
                "Detta är för säljarens personal. Partner prenumererar på `taskEvents`, kunder på `myCaseEvents`.",
            ));
        };
        let head = Box::pin(log::head(ctx.db(), seller)).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &staff.to_string(), head)?;
        let source = StaffAtWork { viewer: Viewer::new(ctx), staff, seller, scope, after };
        Ok(follow(ctx.app(), Topic::Seller(seller), source))
    }
}
