//! The event sources of subscriptions: which events of the log each kind of viewer gets, and where reading continues.

use std::collections::HashMap;

use async_graphql::{Context, Error, Result};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId, PartnerId, SellerId, StaffId};
use entity::{case, case_task, event};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::access::session::{SessionError, SharedSession};
use crate::access::table::{Action, may, to_case};
use crate::directory::team::colleagues;
use crate::directory::watcher::watched_by;
use crate::event::cursor;
use crate::event::follow::EventSource;
use crate::event::log;
use crate::graphql::context::{ContextExt, forbidden, read_error, session_error};
use crate::graphql::error::code::Code;
use crate::graphql::event::CaseEvent;
use crate::graphql::event::follow::{TaskEvent, WorkEvent};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::texts;

/// The viewer for whom the log is read.
pub(in crate::graphql) struct Viewer {
    pub(in crate::graphql) app: App,
    pub(in crate::graphql) session: SharedSession,
    /// The actor that opened the subscription.
    pub(super) actor: Actor,
}

impl Viewer {
    pub(in crate::graphql) fn new(ctx: &Context<'_>) -> Self {
        Self { app: ctx.app().clone(), session: ctx.data_unchecked::<SharedSession>().clone(), actor: ctx.actor() }
    }

    /// When the credential expires.
    pub(super) fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.session.now().expires_at
    }

    pub(super) fn db(&self) -> &Db {
        self.app.reader().db()
    }

    /// Reads the next page, and then checks that the credential is still valid, so that no event that was written after
    /// the access ended is delivered. If the access has ended, the events up to that point are still delivered, and
    /// then none: access ends at one exact event.
    pub(super) async fn read_page(&self, reading: LogScope, from: i64) -> Result<EventPage> {
        let page = reading.page(self.db(), from).await.map_err(read_error)?;
        match self.session.renew(&self.app).await {
            Ok(session) if session.actor == self.actor => Ok(page),
            // The actor has another role, or the same token leads to another case: the document was authorised for
            // another actor.
            Ok(_) => Err(changed()),
            Err(SessionError::Ended(last)) => {
                // Read again, to include what was written between the first read and the end of the access.
                let mut page = reading.page(self.db(), from).await.map_err(read_error)?;
                page.rows.retain(|row| row.feed_seq <= last);
                if page.rows.is_empty() {
                    return Err(session_error(SessionError::Ended(last)));
                }
                Ok(page)
            }
            Err(error) => Err(session_error(error)),
        }
    }
}

fn changed() -> Error {
    Code::ResyncRequired.error(texts::api::sight_changed())
}

pub(super) fn is_busy(error: &Error) -> bool {
    Code::in_extensions(error.extensions.as_ref()) == Some(Code::Busy)
}

/// Which part of the log is read.
pub(super) enum LogScope {
    Case(CaseId),
    CustomerCase(CaseId),
    /// The token's own case, and all cases of the customer if one is given.
    CustomerCases(SellerId, CaseId, Option<CustomerId>),
    Tasks(PartnerId),
    /// Of these owners and of these watched cases; of all if no owners are given.
    Work(SellerId, Option<Vec<StaffId>>, Vec<CaseId>),
}

/// A page of events, and the position after which to read on.
pub(super) struct EventPage {
    pub(super) rows: Vec<event::Model>,
    pub(super) after: i64,
}

impl LogScope {
    async fn page(&self, db: &Db, from: i64) -> std::result::Result<EventPage, DbErr> {
        let (rows, after) = match self {
            Self::Case(case) => {
                let rows = log::of_case(db, *case, from).await?;
                let last = rows.last().map(|last| last.seq);
                (rows, last)
            }
            Self::CustomerCase(case) => {
                let rows = log::of_case_for_customer(db, *case, from).await?;
                let last = rows.last().map(|last| last.seq);
                (rows, last)
            }
            Self::Tasks(partner) => {
                let rows = log::of_partner(db, *partner, from).await?;
                let last = rows.last().map(|last| last.feed_seq);
                (rows, last)
            }
            Self::Work(seller, owners, watched) => {
                let head = log::head(db, *seller).await?;
                let rows = log::of_seller(db, *seller, owners.as_deref(), watched, (from, head)).await?;
                let last = read_to(&rows, head);
                (rows, Some(last))
            }
            Self::CustomerCases(seller, case, customer) => {
                let head = log::head(db, *seller).await?;
                let rows = log::of_customer(db, *case, *customer, (from, head)).await?;
                let last = read_to(&rows, head);
                (rows, Some(last))
            }
        };
        Ok(EventPage { rows, after: after.map_or(from, |after| after.max(from)) })
    }
}

/// Where reading goes on. After a full page there may be more; otherwise everything up to the head was read.
fn read_to(rows: &[event::Model], head: i64) -> i64 {
    let full = rows.len() as u64 == log::PAGE;
    rows.last().filter(|_| full).map_or(head, |last| last.feed_seq)
}

/// The events of one case, for staff of its seller.
pub(in crate::graphql) struct StaffOnCase {
    pub(in crate::graphql) viewer: Viewer,
    pub(in crate::graphql) case: CaseId,
    pub(in crate::graphql) after: i64,
}

impl EventSource for StaffOnCase {
    type Item = CaseEvent;
    type Error = Error;

    fn is_temporary(error: &Error) -> bool {
        is_busy(error)
    }

    async fn next(&mut self) -> Result<Vec<CaseEvent>> {
        let page = self.viewer.read_page(LogScope::Case(self.case), self.after).await?;
        let case = case::Entity::find_by_id(self.case).one(self.viewer.db()).await.map_err(read_error)?;
        if !case.is_some_and(|case| may(to_case(self.viewer.actor, &case), Action::ReadCase)) {
            return Err(forbidden(texts::api::case_not_yours()));
        }
        self.after = page.after;
        page.rows.into_iter().map(CaseEvent::read).collect()
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.ends_at()
    }
}

/// The events of a partner's tasks.
pub(in crate::graphql) struct PartnerOnTasks {
    pub(in crate::graphql) viewer: Viewer,
    pub(in crate::graphql) partner: PartnerId,
    pub(in crate::graphql) after: i64,
}

impl EventSource for PartnerOnTasks {
    type Item = TaskEvent;
    type Error = Error;

    fn is_temporary(error: &Error) -> bool {
        is_busy(error)
    }

    async fn next(&mut self) -> Result<Vec<TaskEvent>> {
        let db = self.viewer.db();
        let EventPage { rows, after } = self.viewer.read_page(LogScope::Tasks(self.partner), self.after).await?;
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
        self.viewer.ends_at()
    }
}

/// Followed cases `workEvents` follows.
#[derive(Clone, Copy)]
pub(in crate::graphql) enum Followed {
    /// Those of everybody at the seller.
    Everybody,
    /// Those of this person.
    Person(StaffId),
    /// Those of the people who are in a team with this person at the time of reading.
    TeamsOf(StaffId),
}

/// The events of the cases that a member of staff owns, of those in a team with them, or of all cases of a seller.
pub(in crate::graphql) struct SellerAtWork {
    pub(in crate::graphql) viewer: Viewer,
    /// The viewer for whom cursors are sealed.
    pub(in crate::graphql) feed: String,
    pub(in crate::graphql) seller: SellerId,
    pub(in crate::graphql) followed: Followed,
    pub(in crate::graphql) after: i64,
}

impl EventSource for SellerAtWork {
    type Item = WorkEvent;
    type Error = Error;

    fn is_temporary(error: &Error) -> bool {
        is_busy(error)
    }

    async fn next(&mut self) -> Result<Vec<WorkEvent>> {
        let owners = match self.followed {
            Followed::Everybody => None,
            Followed::Person(id) => Some(vec![id]),
            Followed::TeamsOf(id) => Some(colleagues(self.viewer.db(), id).await.map_err(read_error)?),
        };
        let watched = match self.followed {
            Followed::Person(id) => watched_by(self.viewer.db(), id).await.map_err(read_error)?,
            Followed::Everybody | Followed::TeamsOf(_) => Vec::new(),
        };
        let reading = LogScope::Work(self.seller, owners, watched);
        let EventPage { rows, after } = self.viewer.read_page(reading, self.after).await?;
        self.after = after;
        let seal = |seq| cursor::seal(self.viewer.app.secret(), &self.feed, seq);
        Ok(rows
            .into_iter()
            .map(|row| {
                let cursor = seal(row.feed_seq);
                WorkEvent::new(row, cursor)
            })
            .collect())
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.viewer.ends_at()
    }
}
