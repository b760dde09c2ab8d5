//! Signals of unanswered calls. They are collected per number and day, and end when somebody has spoken with the
//! caller. A signal never opens a case: it is a chase on the one open case about which the number has called before,
//! and otherwise work for somebody who calls back.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CallSignalId, CaseId, SellerId};
use entity::kind::{CallSignalKind, Channel, ChaseKind, DueKind};
use entity::{call_signal, case, report};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::door;
use crate::access::table::Action;
use crate::case::chase;
use crate::directory;
use crate::kit::contact::phone;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;
use crate::timer::{self, CaseTimes};

/// The most numbers per seller and day for which signals are kept. More numbers than that are not customers.
const A_DAY: u64 = 500;
/// How many of the last calls from a number are searched for the case that it called about.
const CALLS: u64 = 20;
/// How long ago a call may have been when it is reported.
const OLDEST: TimeDelta = TimeDelta::days(7);

/// An unanswered call.
#[derive(Debug, Clone)]
pub struct Signal {
    /// How the call ended.
    pub kind: CallSignalKind,
    /// The number that called, as the exchange shows it.
    pub from: String,
    /// When it called; now if none.
    pub at: Option<DateTime<Utc>>,
}

/// Records an unanswered call.
///
/// # Errors
/// `INVALID` when the number cannot be called back, the time is not within the last seven days, or too many numbers
/// called on that day.
pub async fn record(work: &mut Work, signal: &Signal) -> Outcome<call_signal::Model> {
    let seller = door::intake(work, Action::LogPhoneCall)?;
    let no_number = || Problem::new(ErrorCode::Invalid, "from", texts::intake::no_number());
    let e164 = phone(&signal.from).ok_or_else(no_number)?;
    let at = signal.at.unwrap_or(work.now());
    if at > work.now() || at < work.now() - OLDEST {
        return Err(Problem::new(ErrorCode::Invalid, "at", texts::intake::not_within_seven_days()).into());
    }
    let zone = directory::calendar::zone(&directory::seller::one(work, seller).await?.calendar);
    let day = at.with_timezone(&zone).date_naive();
    // The case is locked before its other rows, as in all acts, so that they cannot deadlock.
    let case = chased(work, seller, &e164).await?;
    let own = || call_signal::Entity::find().filter(call_signal::Column::SellerId.eq(seller));
    let known = own().filter(call_signal::Column::E164.eq(&e164)).filter(call_signal::Column::Day.eq(day));
    if let Some(mut row) = work.lock_one(known).await? {
        row.kind = signal.kind;
        row.calls += 1;
        row.last_at = Ord::max(row.last_at, at);
        // A signal that had ended starts anew, without its case; otherwise the case is kept.
        row.case_id = case.as_ref().map(|case| case.id).or(row.case_id.filter(|_| row.ended_at.is_none()));
        // If somebody spoke with the caller in between, they have called again.
        row.ended_at = None;
        call_back(work, case.as_deref(), &row);
        return Ok(row.done());
    }
    if own().filter(call_signal::Column::Day.eq(day)).count(work.tx()?).await? >= A_DAY {
        return Err(Problem::new(ErrorCode::Invalid, "from", texts::intake::too_many_numbers()).into());
    }
    let row = call_signal::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        e164,
        day,
        kind: signal.kind,
        calls: 1,
        first_at: at,
        last_at: at,
        case_id: case.as_ref().map(|case| case.id),
        ended_at: None,
    };
    call_back(work, case.as_deref(), &row);
    work.insert(row.clone());
    Ok(row)
}

/// Counts a chase on the case that the number is about, if there is exactly one open case about which it has called
/// before, and starts the time for a reply.
async fn chased(work: &mut Work, seller: SellerId, e164: &str) -> Outcome<Option<Held<case::Model>>> {
    let called = report::Entity::find()
        .select_only()
        .column(report::Column::CaseId)
        .filter(report::Column::SellerId.eq(seller))
        .filter(report::Column::FromNumber.eq(e164))
        .filter(report::Column::Channel.eq(Channel::Phone))
        .order_by_desc(report::Column::ReceivedAt)
        .limit(CALLS)
        .into_tuple();
    let called: BTreeSet<CaseId> = called.all(work.tx()?).await?.into_iter().collect();
    let found = case::Entity::find().filter(case::Column::Id.is_in(called)).all(work.tx()?).await?;
    let open = |case: &case::Model| match (case.closed_at, case.merged_into) {
        (None, _) => Some(case.id),
        (Some(_), into) => into,
    };
    let open: BTreeSet<CaseId> = found.iter().filter_map(open).collect();
    let (Some(id), 1) = (open.first(), open.len()) else { return Ok(None) };
    let Some(mut case) = door::lock(work, *id).await?.filter(|case| case.closed_at.is_none()) else { return Ok(None) };
    let times = CaseTimes::of(work, &case).await?;
    chase::count(work, &mut case, &times, ChaseKind::MissedCall).await?;
    timer::asked(work, &case, &times).await?;
    Ok(Some(case))
}

/// Starts the timer for the case's owner to call back.
fn call_back(work: &mut Work, case: Option<&case::Model>, row: &call_signal::Model) {
    if let Some(case) = case {
        timer::call(work, case, row.id.0);
    }
}

/// Ends a signal by hand, because it needs no call back or the call was about no case.
///
/// # Errors
/// `NOT_FOUND` when there is none with this id at the actor's seller; `INVALID_TRANSITION` when it has ended.
pub async fn end(work: &mut Work, id: CallSignalId) -> Outcome<call_signal::Model> {
    let seller = door::intake(work, Action::LogPhoneCall)?;
    let own = call_signal::Entity::find_by_id(id).filter(call_signal::Column::SellerId.eq(seller));
    let mut row = work.lock_one(own).await?.ok_or_else(|| Problem::not_found("callSignalId"))?;
    work.check_version(row.version)?;
    if row.ended_at.is_some() {
        return Err(Problem::new(ErrorCode::InvalidTransition, "callSignalId", texts::intake::signal_ended()).into());
    }
    timer::stop_of(work, id.0, &[DueKind::CallBy]);
    row.ended_at = Some(work.now());
    Ok(row.done())
}

/// Ends the open signals of this number or case up to this time, because somebody has spoken with the caller.
///
/// # Errors
/// When the store cannot be written.
pub async fn spoken(
    work: &Work,
    seller: SellerId,
    (number, case): (Option<&str>, Option<CaseId>),
    at: DateTime<Utc>,
) -> Outcome<()> {
    // Two statements, because each uses an index of its own.
    let by = [
        number.map(|number| call_signal::Column::E164.eq(number)),
        case.map(|case| call_signal::Column::CaseId.eq(case)),
    ];
    let mut ids: BTreeSet<CallSignalId> = BTreeSet::new();
    for whose in by.into_iter().flatten() {
        let open = call_signal::Entity::find()
            .select_only()
            .column(call_signal::Column::Id)
            .filter(call_signal::Column::SellerId.eq(seller))
            .filter(call_signal::Column::EndedAt.is_null())
            .filter(call_signal::Column::LastAt.lte(at))
            .filter(whose)
            .into_tuple::<CallSignalId>();
        ids.extend(open.all(work.tx()?).await?);
    }
    if ids.is_empty() {
        return Ok(());
    }
    let ended = call_signal::Entity::update_many()
        .filter(call_signal::Column::Id.is_in(ids.iter().copied()))
        .col_expr(call_signal::Column::EndedAt, Expr::value(work.now()))
        .col_expr(call_signal::Column::Version, Expr::col(call_signal::Column::Version).add(1));
    ended.exec(work.tx()?).await?;
    let over = call_signal::Entity::find().select_only().column(call_signal::Column::Id);
    timer::stop_calls(work, over.filter(call_signal::Column::Id.is_in(ids))).await
}
