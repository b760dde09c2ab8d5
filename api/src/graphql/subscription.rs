//! Subscriptions: each a cursor into the log, authorised anew at every read, resumed with `after`.

use std::collections::HashMap;

use async_graphql::{Context, Enum, Error, ID, Object, Result, Subscription};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, MessageId, PartnerId, SellerId, StaffId};
use entity::{case, case_task, event, message};
use futures_util::Stream;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter};

use super::code::Code;
use super::context::{ContextExt, forbidden, id, query_error, read_error, session_error, signed_in};
use super::event::CaseEvent;
use super::follow::{CustomerCaseEvent, TaskEvent, WorkEvent};
use crate::access::session::{SessionError, SharedSession};
use crate::access::table::{Action, may, to_case};
use crate::event::bus::Topic;
use crate::event::cursor;
use crate::event::follow::{Source, follow};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Problem;

/// Whose cases.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum WorkScope {
    /// Those you own when an event is sent; and beside them the event by which you lost one, an offer made to you and its
    /// end, and what is late below you.
    Mine,
    /// All of your seller's.
    Seller,
}

/// Reads for one viewer.
struct Viewer {
    app: App,
    session: SharedSession,
}

impl Viewer {
    fn new(ctx: &Context<'_>) -> Self {
        Self { app: ctx.app().clone(), session: ctx.data_unchecked::<SharedSession>().clone() }
    }

    fn db(&self) -> &DatabaseConnection {
        self.app.reader().db()
    }

    /// Reads on, and asks afterwards whether the credential still stood: so nothing that was written after access ended is
    /// told. If it has ended, everything written before is, and then no more: access ends at one exact event.
    async fn told(&self, reading: Reading, from: i64) -> Result<(Actor, Page)> {
        let page = reading.page(self.db(), from).await.map_err(read_error)?;
        match self.session.renew(&self.app).await {
            Ok(session) => Ok((session.actor, page)),
            Err(SessionError::Ended(last)) => {
                // Anew, for what was written between the reading and the end.
                let mut page = reading.page(self.db(), from).await.map_err(read_error)?;
                page.rows.retain(|row| row.feed_seq <= last);
                if page.rows.is_empty() {
                    return Err(session_error(SessionError::Ended(last)));
                }
                Ok((self.session.now().actor, page))
            }
            Err(error) => Err(session_error(error)),
        }
    }
}

/// What is read of the log.
#[derive(Clone, Copy)]
enum Reading {
    Case(CaseId),
    CustomerCase(CaseId),
    Tasks(PartnerId),
    Work(SellerId, Option<StaffId>),
}

/// Events, and where to read on.
struct Page {
    rows: Vec<event::Model>,
    after: i64,
}

impl Reading {
    async fn page(self, db: &DatabaseConnection, from: i64) -> std::result::Result<Page, DbErr> {
        let (rows, after) = match self {
            Self::Case(case) => {
                let rows = log::of_case(db, case, from).await?;
                let last = rows.last().map(|last| last.seq);
                (rows, last)
            }
            Self::CustomerCase(case) => {
                let rows = log::of_case_for_customer(db, case, from).await?;
                let last = rows.last().map(|last| last.seq);
                (rows, last)
            }
            Self::Tasks(partner) => {
                let rows = log::of_partner(db, partner, from).await?;
                let last = rows.last().map(|last| last.feed_seq);
                (rows, last)
            }
            Self::Work(seller, owner) => {
                let head = log::head(db, seller).await?;
                let rows = log::of_seller(db, seller, owner, (from, head)).await?;
                // A full page may not be all there is; otherwise everything up to the head was looked at.
                let full = rows.len() as u64 == log::PAGE;
                let last = rows.last().filter(|_| full).map_or(head, |last| last.feed_seq);
                (rows, Some(last))
            }
        };
        Ok(Page { rows, after: after.map_or(from, |after| after.max(from)) })
    }
}

struct StaffOnCase {
    viewer: Viewer,
    case: CaseId,
    after: i64,
}

impl Source for StaffOnCase {
    type Item = CaseEvent;
    type Error = Error;

    async fn next(&mut self) -> Result<Vec<CaseEvent>> {
        let (actor, page) = self.viewer.told(Reading::Case(self.case), self.after).await?;
        let case = case::Entity::find_by_id(self.case).one(self.viewer.db()).await.map_err(read_error)?;
        if !case.is_some_and(|case| may(to_case(actor, &case), Action::ReadCase)) {
            return Err(forbidden(
                "This case is no longer yours to see.",
                "Det här ärendet är inte längre ditt att se.",
            ));
        }
        self.after = page.after;
        page.rows.into_iter().map(CaseEvent::read).collect()
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.session.now().expires_at
    }
}

struct CustomerOnCase {
    viewer: Viewer,
    case: CaseId,
    after: i64,
}

impl Source for CustomerOnCase {
    type Item = CustomerCaseEvent;
    type Error = Error;

    async fn next(&mut self) -> Result<Vec<CustomerCaseEvent>> {
        let db = self.viewer.db();
        let (actor, Page { rows, after }) = self.viewer.told(Reading::CustomerCase(self.case), self.after).await?;
        if !matches!(actor, Actor::Customer { case, .. } if case == self.case) {
            return Err(Code::ResyncRequired.error(
                "Your case was merged with another, or taken apart again: read `myCase` and subscribe anew.",
                "Ditt ärende har förts ihop med ett annat, eller skilts från det: läs `myCase` och prenumerera på nytt.",
            ));
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let case = case::Entity::find_by_id(self.case).one(db).await.map_err(read_error)?;
        let case = case.ok_or_else(|| Code::NotFound.error("This case is gone.", "Ärendet finns inte längre."))?;
        let mut messages = messages_of(db, &rows).await?;
        let event = |row: event::Model| {
            let message = message_in(&row).and_then(|id| messages.remove(&id));
            CustomerCaseEvent::read(row, case.clone(), message).transpose()
        };
        let events = rows.into_iter().filter_map(event).collect::<Result<_>>()?;
        self.after = after;
        Ok(events)
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.session.now().expires_at
    }
}

fn message_in(row: &event::Model) -> Option<MessageId> {
    match Payload::join(&row.kind, &row.data) {
        Ok(Payload::MessageAdded { message, .. }) => Some(message),
        _ => None,
    }
}

async fn messages_of(db: &DatabaseConnection, rows: &[event::Model]) -> Result<HashMap<MessageId, message::Model>> {
    let ids: Vec<MessageId> = rows.iter().filter_map(message_in).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = message::Entity::find().filter(message::Column::Id.is_in(ids)).all(db).await.map_err(read_error)?;
    Ok(found.into_iter().map(|message| (message.id, message)).collect())
}

struct PartnerOnTasks {
    viewer: Viewer,
    partner: PartnerId,
    after: i64,
}

impl Source for PartnerOnTasks {
    type Item = TaskEvent;
    type Error = Error;

    async fn next(&mut self) -> Result<Vec<TaskEvent>> {
        let db = self.viewer.db();
        let (_, Page { rows, after }) = self.viewer.told(Reading::Tasks(self.partner), self.after).await?;
        let kinds = rows.iter().map(TaskEvent::kind_of).collect::<Result<Vec<_>>>()?;
        let ids = kinds.iter().flatten().map(|(_, task)| *task);
        let tasks =
            case_task::Entity::find().filter(case_task::Column::Id.is_in(ids)).all(db).await.map_err(read_error)?;
        let tasks: HashMap<_, _> = tasks.into_iter().map(|task| (task.id, task)).collect();
        let events = rows.into_iter().zip(kinds).filter_map(|(row, kind)| {
            let (kind, task) = kind?;
            let cursor = cursor::seal(self.viewer.app.secret(), &self.partner.to_string(), row.feed_seq);
            Some(TaskEvent::new(row, kind, tasks.get(&task)?.clone(), cursor))
        });
        let events = events.collect();
        self.after = after;
        Ok(events)
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.session.now().expires_at
    }
}

struct StaffAtWork {
    viewer: Viewer,
    staff: StaffId,
    seller: SellerId,
    scope: WorkScope,
    after: i64,
}

impl Source for StaffAtWork {
    type Item = WorkEvent;
    type Error = Error;

    async fn next(&mut self) -> Result<Vec<WorkEvent>> {
        let owner = (self.scope == WorkScope::Mine).then_some(self.staff);
        let (_, Page { rows, after }) = self.viewer.told(Reading::Work(self.seller, owner), self.after).await?;
        self.after = after;
        let seal = |seq| cursor::seal(self.viewer.app.secret(), &self.staff.to_string(), seq);
        Ok(rows
            .into_iter()
            .map(|row| {
                let cursor = seal(row.feed_seq);
                WorkEvent::new(row, cursor)
            })
            .collect())
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.session.now().expires_at
    }
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
        let found = crate::case::query::by_id(ctx.db(), ctx.actor(), case).await.map_err(read_error)?;
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
        let found = case::Entity::find_by_id(case).one(ctx.db()).await.map_err(read_error)?;
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
        let Actor::Partner { partner, seller, .. } = ctx.actor() else {
            return Err(forbidden(
                "This is for partners. Staff subscribe to `workEvents` or `caseEvents`.",
                "Detta är för partner. Personalen prenumererar på `workEvents` eller `caseEvents`.",
            ));
        };
        let head = log::head(ctx.db(), seller).await.map_err(read_error)?;
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
        let head = log::head(ctx.db(), seller).await.map_err(read_error)?;
        let after = start_on_feed(ctx, after.as_deref(), &staff.to_string(), head)?;
        let source = StaffAtWork { viewer: Viewer::new(ctx), staff, seller, scope, after };
        Ok(follow(ctx.app(), Topic::Seller(seller), source))
    }
}
