//! The sources of work. Each reads its items in the order of their times from an index in that order.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{SellerId, StaffId};
use entity::kind::{ArrivalStatus, DueKind, HandoverStatus};
use entity::{arrival, call_signal, due, handover};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{AgendaPosition, Because, Scope, WorkItem, WorkKind, only_late, timers_of};
use crate::kit::db::Db;
use crate::kit::page::together;

/// How long after an unanswered call, or after a mail was put into quarantine, it is to be handled.
const SOON: TimeDelta = TimeDelta::hours(4);
/// The most index ranges in one statement. SQLite allows 500.
const STRETCHES: usize = 120;

/// The part of the agenda that is read.
#[derive(Debug, Clone)]
pub struct AgendaPart<'p> {
    /// Whose work is read.
    pub scope: &'p Scope,
    /// Only work after this position.
    pub after: Option<AgendaPosition>,
    /// The present time.
    pub now: DateTime<Utc>,
    /// The most items.
    pub most: u64,
}

/// The rows from a position on, including the row of the position itself, because it may yield further items.
fn from<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    (time, id): (C, C),
    place: Option<AgendaPosition>,
) -> Select<E> {
    let Some((at, first, _)) = place else { return query };
    let own = Expr::tuple([Expr::col(time.as_column_ref()), Expr::col(id.as_column_ref())]);
    query.filter(own.gte(Expr::tuple([Expr::val(at), Expr::val(first)])))
}

/// The timers of one kind, of one person or of a seller.
fn of_kind(whose: Whose, timer: DueKind) -> Select<due::Entity> {
    let rows = due::Entity::find().filter(due::Column::Kind.eq(timer));
    match whose {
        Whose::Person(id) => rows.filter(due::Column::OwnerId.eq(id)),
        Whose::Seller(id) => rows.filter(due::Column::SellerId.eq(id)),
    }
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    Person(StaffId),
    Seller(SellerId),
}

impl Scope {
    fn whose(&self) -> Vec<Whose> {
        match self {
            Self::Person { id, .. } => vec![Whose::Person(*id)],
            Self::Team(ids) => ids.iter().copied().map(Whose::Person).collect(),
            Self::Seller(id) => vec![Whose::Seller(*id)],
        }
    }

    /// The seller whose work without an owner is in the scope.
    const fn unowned(&self) -> Option<SellerId> {
        match self {
            Self::Person { accountable_for, .. } => *accountable_for,
            Self::Team(_) => None,
            Self::Seller(id) => Some(*id),
        }
    }
}

/// The queries for timers of these kinds of work, one for each index range, each with its kind of work.
fn stretches(scope: &Scope, kinds: &[WorkKind], now: DateTime<Utc>) -> Vec<(WorkKind, Select<due::Entity>)> {
    let mut all = Vec::new();
    for whose in scope.whose() {
        for kind in kinds {
            for timer in timers_of(*kind) {
                let rows = of_kind(whose, *timer);
                all.push((*kind, if only_late(*kind) { rows.filter(due::Column::DueAt.lte(now)) } else { rows }));
            }
        }
    }
    all
}

/// Work from timers.
///
/// # Errors
/// When the store cannot be read.
pub async fn timers(db: &Db, part: &AgendaPart<'_>, kinds: &[WorkKind]) -> Result<Vec<WorkItem>, DbErr> {
    let columns = (due::Column::DueAt, due::Column::SubjectId);
    let all = stretches(part.scope, kinds, part.now);
    let mut items = Vec::new();
    for some in all.chunks(STRETCHES) {
        let queries = some.iter().map(|(_, rows)| from(rows.clone(), columns, part.after)).collect();
        let order = [due::Column::DueAt, due::Column::SubjectId];
        for row in together(db, queries, &order, &Order::Asc, part.most).await? {
            let Some(kind) = kinds.iter().find(|kind| timers_of(**kind).contains(&row.kind)) else { continue };
            items.push(WorkItem {
                kind: *kind,
                since: row.started_at,
                due_at: row.due_at,
                because: Because::Timer(row),
            });
        }
    }
    Ok(items)
}

/// Escalations about colleagues' cases that were addressed to a person.
///
/// # Errors
/// When the store cannot be read.
pub async fn escalations(db: &Db, part: &AgendaPart<'_>) -> Result<Vec<WorkItem>, DbErr> {
    let Scope::Person { id, .. } = part.scope else { return Ok(Vec::new()) };
    let columns = (due::Column::DueAt, due::Column::SubjectId);
    let rows = due::Entity::find().filter(due::Column::ToldId.eq(*id)).filter(due::Column::OwnerId.ne(*id));
    let rows = from(rows, columns, part.after)
        .order_by_asc(due::Column::DueAt)
        .order_by_asc(due::Column::SubjectId)
        .limit(part.most);
    let item = |row: due::Model| WorkItem {
        kind: WorkKind::Escalation,
        since: row.started_at,
        due_at: row.due_at,
        because: Because::Timer(row),
    };
    Ok(rows.all(db).await?.into_iter().map(item).collect())
}

/// Hand-overs that are offered to somebody in the scope.
///
/// # Errors
/// When the store cannot be read.
pub async fn handovers(db: &Db, part: &AgendaPart<'_>) -> Result<Vec<WorkItem>, DbErr> {
    let columns = (handover::Column::ExpiresAt, handover::Column::Id);
    let queries = offered(part.scope);
    let queries = queries.into_iter().map(|rows| from(rows, columns, part.after)).collect();
    let order = [handover::Column::ExpiresAt, handover::Column::Id];
    let item = |row: handover::Model| WorkItem {
        kind: WorkKind::Handover,
        since: row.offered_at,
        due_at: row.expires_at,
        because: Because::Handover(row),
    };
    Ok(together(db, queries, &order, &Order::Asc, part.most).await?.into_iter().map(item).collect())
}

fn offered(scope: &Scope) -> Vec<Select<handover::Entity>> {
    let open = || handover::Entity::find().filter(handover::Column::Status.eq(HandoverStatus::Offered));
    let of = |whose| match whose {
        Whose::Person(id) => open().filter(handover::Column::ToId.eq(id)),
        Whose::Seller(id) => open().filter(handover::Column::SellerId.eq(id)),
    };
    scope.whose().into_iter().map(of).collect()
}

/// Unanswered calls about no known case.
///
/// # Errors
/// When the store cannot be read.
pub async fn calls(db: &Db, part: &AgendaPart<'_>) -> Result<Vec<WorkItem>, DbErr> {
    let Some(rows) = unanswered(part.scope) else { return Ok(Vec::new()) };
    let columns = (call_signal::Column::FirstAt, call_signal::Column::Id);
    let rows = from(rows, columns, earlier(part.after))
        .order_by_asc(call_signal::Column::FirstAt)
        .order_by_asc(call_signal::Column::Id)
        .limit(part.most);
    let item = |row: call_signal::Model| WorkItem {
        kind: WorkKind::CallBack,
        since: row.first_at,
        due_at: row.first_at + SOON,
        because: Because::Call(row),
    };
    Ok(rows.all(db).await?.into_iter().map(item).collect())
}

fn unanswered(scope: &Scope) -> Option<Select<call_signal::Entity>> {
    let open = call_signal::Entity::find()
        .filter(call_signal::Column::EndedAt.is_null())
        .filter(call_signal::Column::CaseId.is_null());
    Some(open.filter(call_signal::Column::SellerId.eq(scope.unowned()?)))
}

/// Mails in quarantine.
///
/// # Errors
/// When the store cannot be read.
pub async fn mails(db: &Db, part: &AgendaPart<'_>) -> Result<Vec<WorkItem>, DbErr> {
    let Some(rows) = quarantined(part.scope) else { return Ok(Vec::new()) };
    let columns = (arrival::Column::ReceivedAt, arrival::Column::Id);
    let rows = from(rows, columns, earlier(part.after))
        .order_by_asc(arrival::Column::ReceivedAt)
        .order_by_asc(arrival::Column::Id)
        .limit(part.most);
    let item = |row: arrival::Model| WorkItem {
        kind: WorkKind::QuarantinedMail,
        since: row.received_at,
        due_at: row.received_at + SOON,
        because: Because::Mail(row),
    };
    Ok(rows.all(db).await?.into_iter().map(item).collect())
}

fn quarantined(scope: &Scope) -> Option<Select<arrival::Entity>> {
    let waiting = arrival::Entity::find().filter(arrival::Column::Status.eq(ArrivalStatus::Quarantined));
    Some(waiting.filter(arrival::Column::SellerId.eq(scope.unowned()?)))
}

/// Converts a position in the agenda to a position in the list of rows, whose times are [`SOON`] earlier.
fn earlier(place: Option<AgendaPosition>) -> Option<AgendaPosition> {
    place.map(|(at, id, rank)| (at - SOON, id, rank))
}

/// The number of items of one kind, `most` or fewer.
///
/// # Errors
/// When the store cannot be read.
pub async fn count(db: &Db, (scope, kind): (&Scope, WorkKind), now: DateTime<Utc>, most: u64) -> Result<u64, DbErr> {
    use crate::kit::page::counted;
    match kind {
        WorkKind::Handover => counted(db, offered(scope), most).await,
        WorkKind::CallBack => counted(db, unanswered(scope).into_iter().collect(), most).await,
        WorkKind::QuarantinedMail => counted(db, quarantined(scope).into_iter().collect(), most).await,
        WorkKind::Escalation => {
            let Scope::Person { id, .. } = scope else { return Ok(0) };
            let rows = due::Entity::find().filter(due::Column::ToldId.eq(*id)).filter(due::Column::OwnerId.ne(*id));
            counted(db, vec![rows], most).await
        }
        _ => {
            let mut number = 0;
            for some in stretches(scope, &[kind], now).chunks(STRETCHES) {
                number += counted(db, some.iter().map(|(_, rows)| rows.clone()).collect(), most).await?;
            }
            Ok(Ord::min(number, most))
        }
    }
}
