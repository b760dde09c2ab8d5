//! Recalculates the open timers of a seller's cases, in batches, after a calendar or a service level has changed. A
//! timer that has run out is not changed, and neither is a legal clock. The time promised to a customer is never moved
//! to a later one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, RecountId};
use entity::kind::DueKind;
use entity::{case, due, recount};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::contact::CONTACTS;
use super::pause;
use crate::access::door;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::work::Work;
use crate::timer::CaseTimes;

/// How often the store is asked for new recalculations.
const POLL: Duration = Duration::from_secs(2);
/// Cases in one batch, which is one act.
const PORTION: u64 = 100;

/// Runs the loop until the task is dropped.
pub fn watch(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::every(&app, "recounts", POLL);
    async move {
        loop {
            rounds.begin().await;
            let round = round(&app).await.unwrap_or_else(|error| {
                warn_once_a_minute("what is to be counted anew could not be read; trying again", &error);
                Round::FAILED
            });
            rounds.rest(round).await;
        }
    }
}

/// Handles one batch of the oldest unfinished recalculation.
async fn round(app: &App) -> Result<Round, DbErr> {
    let open = recount::Entity::find().filter(recount::Column::FinishedAt.is_null());
    let Some(row) = open.order_by_asc(recount::Column::AskedAt).one(app.reader().db()).await? else {
        return Ok(Round { found: false, next: None });
    };
    let id = row.id;
    if let Err(error) = app.run(Actor::System, async move |work| portion(work, id).await).await {
        tracing::error!(%error, seller = %row.seller_id, "times could not be counted anew; trying again");
        return Ok(Round::FAILED);
    }
    Ok(Round { found: true, next: Some(app.now()) })
}

/// Recalculates the timers of the next batch of cases, in the order in which the cases were opened.
async fn portion(work: &mut Work, id: RecountId) -> Outcome<()> {
    let found = recount::Entity::find_by_id(id).one(work.tx()?).await?;
    let Some(before) = found.filter(|row| row.finished_at.is_none()) else { return Ok(()) };
    let cases = next(work, &before).await?;
    let open = cases.iter().filter(|(_, _, closed)| closed.is_none()).map(|(id, ..)| *id);
    let locked = door::lock_in_order(work, open).await?;
    // Locked after the cases, which is the lock order of all acts. Another node may have handled this batch in the
    // meantime.
    let row = work.lock::<recount::Model>(id).await?;
    let Some(mut row) = row.filter(|row| row.finished_at.is_none() && row.after_id == before.after_id) else {
        return Ok(());
    };
    for mut case in locked.into_iter().filter(|case| case.closed_at.is_none()) {
        row.cases += 1;
        row.moved += i64::from(count_anew(work, &mut case).await?);
    }
    match cases.last() {
        Some((id, opened_at, _)) => {
            row.after_id = Some(*id);
            row.after_opened_at = Some(*opened_at);
        }
        None => row.finished_at = Some(work.now()),
    }
    Ok(())
}

/// The next cases: their ids, and when they were opened and closed.
async fn next(work: &Work, row: &recount::Model) -> Outcome<Vec<(CaseId, DateTime<Utc>, Option<DateTime<Utc>>)>> {
    let mut query = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::OpenedAt, case::Column::ClosedAt])
        .filter(case::Column::SellerId.eq(row.seller_id))
        .order_by_asc(case::Column::OpenedAt)
        .order_by_asc(case::Column::Id)
        .limit(PORTION);
    if let (Some(opened_at), Some(id)) = (row.after_opened_at, row.after_id) {
        let place = Expr::tuple([Expr::col(case::Column::OpenedAt), Expr::col(case::Column::Id)]);
        query = query.filter(place.gt(Expr::tuple([opened_at.into(), id.into()])));
    }
    Ok(query.into_tuple().all(work.tx()?).await?)
}

/// Recalculates the timers of one locked case. Returns whether any of them moved.
pub(super) async fn count_anew(work: &mut Work, case: &mut case::Model) -> Outcome<bool> {
    let rows = due::Entity::find()
        .filter(due::Column::SubjectId.eq(case.id.0))
        .filter(due::Column::Span.is_not_null())
        .filter(due::Column::DueAt.gt(work.now()))
        .filter(due::Column::Level.eq(1))
        .order_by_asc(due::Column::Kind)
        .all(work.tx()?)
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let times = CaseTimes::of(work, case).await?;
    let pauses = pause::as_time(&pause::of_case(work, case.id).await?);
    let version = case.version;
    for row in rows {
        let Some(length) = times.length(row.kind) else { continue };
        let mut at = if row.kind == DueKind::AnswerBy {
            times.due_after(row.started_at, length, &pauses)
        } else {
            times.due(row.started_at, length)
        };
        let is_contact = CONTACTS.contains(&row.kind);
        if is_contact {
            at = Ord::min(at, row.due_at);
        }
        if at == row.due_at && row.span == Some(length) {
            continue;
        }
        if at != row.due_at {
            log::append(work, case, &Payload::ClockMoved { clock: row.kind, due: at })?;
        }
        if is_contact && case.next_contact_due.is_some_and(|told| at < told) {
            case.next_contact_due = Some(at);
            log::append(work, case, &Payload::NextContactChanged { due: at })?;
        }
        // The timer of a contact runs out a second after its time, as `contact` sets it.
        let runs_out = if is_contact { at + TimeDelta::seconds(1) } else { at };
        work.save(due::Model { due_at: at, at: Some(runs_out), span: Some(length), ..row });
    }
    Ok(case.version != version)
}
