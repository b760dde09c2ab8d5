//! Commitments: what a customer was promised, and by when. A commitment is kept, broken, renegotiated or withdrawn, and
//! its history is never changed. When its time ends before it is kept, its timer breaks it, once, whichever node
//! handles the timer.

pub mod apology;
pub mod decide;
pub mod measures;
pub mod query;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::id::{CaseId, CommitmentId, CustomerId};
use entity::kind::{CommitmentKind, CommitmentPlace, CommitmentState, DueKind, EscalationReason, Language};
use entity::{case, commitment, due};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Serialize;

use self::decide::{CommitmentAct, Due};
use super::{tell_customer, watch};
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::letter::words::{date_in_words, day_in_words};
use crate::texts;
use crate::timer::{self, CaseTimes};

/// The maximum number of commitments of one case.
const MOST: u64 = 200;
/// The maximum number of commitments in one message.
const AT_ONCE: usize = 10;
/// The maximum number of characters of what is promised, of evidence and of reasons.
const LONGEST: usize = 1_000;
/// From this many broken commitments of a case on, the accountable person is told of each.
const TOO_OFTEN: u64 = 3;

/// What is promised, and by when.
#[derive(Debug, Clone, Serialize)]
pub struct Promised {
    /// What is promised, as the customer reads it.
    pub what: String,
    /// By when.
    pub due: Due,
}

/// The circumstances in which a commitment was made.
#[derive(Debug, Clone, Copy)]
pub struct MadeAs {
    /// How or where the promise was made: in a message, in a call, at a visit.
    pub place: CommitmentPlace,
    /// When the promise was made; `None` for now.
    pub at: Option<DateTime<Utc>>,
    /// Whether the actor made the promise, and not somebody else.
    pub own: bool,
}

impl MadeAs {
    /// A promise by the actor, made now in this way.
    #[must_use]
    pub const fn now(place: CommitmentPlace) -> Self {
        Self { place, at: None, own: true }
    }
}

/// Records what the customer of a case was promised. If its time has ended already, the commitment is broken at once.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `INVALID` with the field; `INVALID_TRANSITION` when the case is closed or merged;
/// `INVALID` when the case has too many commitments.
pub async fn make(work: &mut Work, id: CaseId, promised: &Promised, said: MadeAs) -> Outcome<commitment::Model> {
    let mut case = door::case(work, id, Action::ManageCommitments, "caseId").await?;
    CaseAct::MakeCommitment.check(&Situation::of(&case), "caseId")?;
    check_room(work, id, 1, "caseId").await?;
    let row = add(work, &mut case, promised, said, "").await?;
    timer::acted(work, &case).await?;
    Ok(row)
}

/// Records several commitments that were made in one message. `field` is the path of the input's list.
///
/// # Errors
/// As [`make`].
pub async fn make_all(
    work: &mut Work,
    case: &mut case::Model,
    all: &[Promised],
    (place, field): (CommitmentPlace, &str),
) -> Outcome<()> {
    if all.len() > AT_ONCE {
        return Err(Problem::new(ErrorCode::TooLong, field, texts::commitment::too_many_at_once()).into());
    }
    if !all.is_empty() {
        CaseAct::MakeCommitment.check(&Situation::of(&*case), field)?;
        check_room(work, case.id, all.len(), field).await?;
    }
    for (index, promised) in all.iter().enumerate() {
        add(work, case, promised, MadeAs::now(place), &format!("{field}.{index}.")).await?;
    }
    Ok(())
}

/// Checks that the case has room for this many further commitments.
async fn check_room(work: &Work, id: CaseId, more: usize, field: &str) -> Outcome<()> {
    let known = query::of_case(id).filter(commitment::Column::Kind.eq(CommitmentKind::Action));
    if known.count(work.tx()?).await? + more as u64 <= MOST {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::commitment::too_many(MOST)).into())
}

/// Records one commitment. `path` is put before the names of the fields.
///
/// # Errors
/// As [`make`].
pub(super) async fn add(
    work: &mut Work,
    case: &mut case::Model,
    promised: &Promised,
    said: MadeAs,
    path: &str,
) -> Outcome<commitment::Model> {
    let staff = work.actor().staff();
    let zone = zone(work, case).await?;
    let (made_at, due_at) = (said.at.unwrap_or(work.now()), promised.due.ends(zone));
    let mut problems = Problems::default();
    let what = problems.check(required(&promised.what, &format!("{path}what"), LONGEST)).unwrap_or_default();
    problems.check(decide::times(made_at, due_at, work.now(), path));
    problems.refuse_if_any()?;
    let due = (due_at, promised.due.day());
    let mut row = commitment::Model {
        kind: CommitmentKind::Action,
        what,
        made_by: staff.filter(|_| said.own),
        ..new_row(work, case, (due, zone), (said.place, made_at))
    };
    log::append(work, case, &Payload::CommitmentMade { commitment: row.id, due: due_at })?;
    if due_at < work.now() {
        broken(work, case, &mut row).await?;
    } else {
        let near = decide::near(CaseTimes::of(work, case).await?.calendar(), due_at, work.now());
        set_timer(work, case, &row, near);
    }
    work.insert(row.clone());
    Ok(row)
}

/// The row of a contact that the actor promises to the customer of a case: the time, the time zone, and how and when
/// the promise was made.
pub(super) fn new_row(
    work: &Work,
    case: &case::Model,
    ((due_at, due_day), zone): ((DateTime<Utc>, Option<NaiveDate>), Tz),
    (place, made_at): (CommitmentPlace, DateTime<Utc>),
) -> commitment::Model {
    let staff = work.actor().staff();
    commitment::Model {
        id: work.new_id(),
        version: 1,
        case_id: case.id,
        seller_id: case.seller_id,
        customer_id: case.customer_id,
        kind: CommitmentKind::Contact,
        what: String::new(),
        due_at,
        due_day,
        zone: zone.name().to_owned(),
        place,
        made_at,
        made_by: staff,
        recorded_at: work.now(),
        recorded_by: staff,
        state: CommitmentState::Open,
        ended_at: None,
        done_at: None,
        evidence: None,
        reason: None,
        next_id: None,
        called_at: None,
        message_id: None,
        before: None,
    }
}

/// Notes that what was promised is done. A commitment whose time has ended stays broken.
///
/// # Errors
/// `INVALID_TRANSITION` when it has ended otherwise or is done already; `REQUIRED` or `TOO_LONG` for the evidence.
pub async fn keep(work: &mut Work, id: CommitmentId, evidence: &str) -> Outcome<commitment::Model> {
    let (mut case, row) = locked(work, id).await?;
    decided(work, CommitmentAct::Keep, &row)?;
    let evidence = required(evidence, "evidence", LONGEST)?;
    let row = keep_locked(work, &mut case, row, evidence).await?;
    timer::acted(work, &case).await?;
    Ok(row)
}

/// As [`keep`], for a commitment on a locked case, with evidence that was checked.
///
/// # Errors
/// As [`keep`].
pub(super) async fn keep_locked(
    work: &mut Work,
    case: &mut case::Model,
    mut row: Held<commitment::Model>,
    evidence: String,
) -> Outcome<commitment::Model> {
    let state = decided(work, CommitmentAct::Keep, &row)?;
    row.evidence = Some(evidence);
    row.done_at = Some(work.now());
    match (row.state, state) {
        // Its time has ended, but its timer has not been handled yet.
        (CommitmentState::Open, CommitmentState::Broken) => broken(work, case, &mut row).await?,
        (CommitmentState::Open, _) => end(work, case, &mut row, state)?,
        _ => log::append(work, case, &Payload::CommitmentEnded { commitment: row.id, state })?,
    }
    Ok(row.done())
}

/// Replaces a commitment whose time has not ended by another one, to which the customer has agreed. The customer is
/// told both dates.
///
/// # Errors
/// `INVALID_TRANSITION` when it has ended, or was made to a former customer; `INVALID` for the date; `REQUIRED` or
/// `TOO_LONG` for how the customer agreed.
pub async fn renegotiate(work: &mut Work, id: CommitmentId, (due, agreed): (Due, &str)) -> Outcome<commitment::Model> {
    let (mut case, mut row) = locked(work, id).await?;
    let state = decided(work, CommitmentAct::Renegotiate, &row)?;
    if row.customer_id != case.customer_id {
        let text = texts::commitment::to_former_customer();
        return Err(Problem::new(ErrorCode::InvalidTransition, "commitmentId", text).into());
    }
    let agreed = required(agreed, "agreed", LONGEST)?;
    let zone = zone(work, &case).await?;
    decide::times(work.now(), due.ends(zone), work.now(), "")?;
    if due.ends(zone) == row.due_at {
        return Err(Problem::new(ErrorCode::Invalid, "due", texts::commitment::promised_already()).into());
    }
    let said_in = row.zone.parse().unwrap_or(zone);
    let (old, new) = (in_words(due_of(&row), said_in, case.language), in_words(due, zone, case.language));
    let told = texts::commitment::renegotiated(&row.what, new, old);
    let language = case.language;
    tell_customer(work, &mut case, told.read_in(language), (None, None)).await?;
    end(work, &mut case, &mut row, state)?;
    let promised = Promised { what: row.what.clone(), due };
    let next = add(work, &mut case, &promised, MadeAs::now(CommitmentPlace::Message), "").await?;
    super::plan::renegotiated(work, case.id, (row.id, next.id)).await?;
    row.reason = Some(agreed);
    row.next_id = Some(next.id);
    Ok(next)
}

/// Takes a commitment back whose time has not ended. The customer is told why, unless the case has another customer by
/// now.
///
/// # Errors
/// `INVALID_TRANSITION` when it has ended; `REQUIRED` or `TOO_LONG` for the reason.
pub async fn withdraw(work: &mut Work, id: CommitmentId, reason: &str) -> Outcome<commitment::Model> {
    let (mut case, mut row) = locked(work, id).await?;
    let state = decided(work, CommitmentAct::Withdraw, &row)?;
    let reason = required(reason, "reason", LONGEST)?;
    if row.customer_id == case.customer_id {
        let told = texts::commitment::withdrawn(&row.what, &reason);
        let language = case.language;
        tell_customer(work, &mut case, told.read_in(language), (None, None)).await?;
    }
    end(work, &mut case, &mut row, state)?;
    row.reason = Some(reason);
    Ok(row.done())
}

/// Handles the timer of a commitment that is still open: before its time an event says that it is near, after it the
/// commitment is broken.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn look(work: &mut Work, case: &mut case::Model, id: CommitmentId) -> Outcome<()> {
    let row = work.lock::<commitment::Model>(id).await?;
    let Some(mut row) = row.filter(|row| row.state == CommitmentState::Open) else { return Ok(()) };
    if decided(work, CommitmentAct::RunOut, &row).is_err() {
        // Not due yet: an event tells the owner that the time is near.
        log::append(work, case, &Payload::CommitmentNear { commitment: id, due: row.due_at })?;
        set_timer(work, case, &row, None);
        return Ok(());
    }
    broken(work, case, &mut row).await
}

/// Breaks a commitment. The owner is told, and from the third on a case also the accountable person. The customer must
/// be called, unless the commitment was made to a former customer.
async fn broken(work: &mut Work, case: &mut case::Model, row: &mut commitment::Model) -> Outcome<()> {
    let before = query::of_case(case.id)
        .filter(commitment::Column::Kind.eq(CommitmentKind::Action))
        .filter(commitment::Column::State.eq(CommitmentState::Broken));
    let before = before.count(work.tx()?).await?;
    end(work, case, row, CommitmentState::Broken)?;
    if row.customer_id == case.customer_id {
        timer::call(work, case, row.id.0);
    } else {
        row.called_at = Some(work.now());
    }
    watch::raise(work, case, EscalationReason::CommitmentBroken, 1, case.owner_id)?;
    if before + 1 >= TOO_OFTEN {
        let to = watch::above(work, case, case.owner_id, 2).await?;
        watch::raise(work, case, EscalationReason::CommitmentBroken, 2, to)?;
    }
    Ok(())
}

/// Records that the customer of a case was reached by telephone at this time: no further call is due because of
/// commitments that were broken before, on the case and on those merged into it.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn called(work: &Work, case: CaseId, at: DateTime<Utc>) -> Outcome<()> {
    let group = query::group(work.tx()?, case).await?;
    let promised = commitment::Entity::find()
        .select_only()
        .column(commitment::Column::Id)
        .filter(commitment::Column::CaseId.is_in(group.clone()))
        .filter(commitment::Column::State.eq(CommitmentState::Broken))
        .filter(commitment::Column::DueAt.lte(at));
    timer::stop_calls(work, promised).await?;
    let broken = commitment::Entity::update_many()
        .filter(commitment::Column::CaseId.is_in(group))
        .filter(commitment::Column::State.eq(CommitmentState::Broken))
        .filter(commitment::Column::CalledAt.is_null())
        .filter(commitment::Column::DueAt.lte(at))
        .col_expr(commitment::Column::CalledAt, Expr::value(work.now()))
        .col_expr(commitment::Column::Version, Expr::col(commitment::Column::Version).add(1));
    broken.exec(work.tx()?).await?;
    Ok(())
}

/// Adjusts the commitments of a case that gets another customer. Those to the former customer stay theirs, and no call
/// is due for them. If both are the same person, they become commitments to the new one.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn customer_changed(work: &mut Work, case: &case::Model, from: CustomerId, same: bool) -> Outcome<()> {
    if !same {
        return called(work, case.id, work.now()).await;
    }
    let rows = query::of_case(case.id).filter(commitment::Column::CustomerId.eq(from));
    // Written at the end of the act, after the row of a new customer.
    for mut row in work.lock_all(rows).await? {
        row.customer_id = case.customer_id;
    }
    Ok(())
}

/// Refuses to close a case that is not open, or while a commitment on it, or on one of these that were merged into it,
/// is open.
///
/// # Errors
/// As [`CaseAct::check`].
pub(super) async fn check_close(work: &Work, case: &case::Model, absorbed: &[Held<case::Model>]) -> Outcome<()> {
    let cases = absorbed.iter().map(|other| other.id).chain([case.id]);
    let open = commitment::Entity::find()
        .filter(commitment::Column::CaseId.is_in(cases))
        .filter(commitment::Column::Kind.eq(CommitmentKind::Action))
        .filter(commitment::Column::State.eq(CommitmentState::Open))
        .limit(1);
    let promised = open.one(work.tx()?).await?.is_some();
    Ok(CaseAct::Close.check(&Situation { promised, ..Situation::of(case) }, "caseId")?)
}

async fn locked(work: &mut Work, id: CommitmentId) -> Outcome<(Held<case::Model>, Held<commitment::Model>)> {
    let not_found = || Problem::not_found("commitmentId");
    let found = commitment::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    door::lock_related(work, &[found.case_id]).await?;
    let case = door::either_case(work, found.case_id, Action::ManageCommitments, "commitmentId").await?;
    let row = work.lock::<commitment::Model>(id).await?.ok_or_else(not_found)?;
    work.check_version(row.version)?;
    if row.kind == CommitmentKind::Contact {
        return Err(Problem::new(ErrorCode::InvalidTransition, "commitmentId", texts::commitment::is_contact()).into());
    }
    Ok((case, row))
}

/// The state of a commitment after an act now.
///
/// # Errors
/// As [`decide::after`].
pub(super) fn decided(work: &Work, act: CommitmentAct, row: &commitment::Model) -> Result<CommitmentState, Problem> {
    decide::after(act, (row.state, row.done_at.is_some()), (row.due_at, work.now()))
}

/// Ends a commitment with this state and appends the event.
///
/// # Errors
/// When the store cannot be written.
pub(super) fn end(
    work: &mut Work,
    case: &mut case::Model,
    row: &mut commitment::Model,
    state: CommitmentState,
) -> Outcome<()> {
    row.state = state;
    row.ended_at = Some(work.now());
    timer::stop_of(work, row.id.0, &[DueKind::CommitmentBy]);
    log::append(work, case, &Payload::CommitmentEnded { commitment: row.id, state })
}

/// Sets the timer to a second after the commitment's time, so that what is done at the very end is in time. It is
/// looked at before, when the time is near.
fn set_timer(work: &mut Work, case: &case::Model, row: &commitment::Model, near: Option<DateTime<Utc>>) {
    let timer = timer::row(work, case, row.id.0, DueKind::CommitmentBy, row.due_at + TimeDelta::seconds(1));
    work.save(due::Model { at: near.or(timer.at), started_at: row.recorded_at, ..timer });
}

/// By when it is promised.
pub(super) fn due_of(row: &commitment::Model) -> Due {
    row.due_day.map_or(Due::At(row.due_at), Due::Day)
}

/// By when a commitment was promised, in words.
#[must_use]
pub fn promised_by(row: &commitment::Model, language: Language) -> String {
    in_words(due_of(row), row.zone.parse().unwrap_or(Tz::UTC), language)
}

/// By when, in the words of the customer.
pub(super) fn in_words(due: Due, zone: Tz, language: Language) -> String {
    match due {
        Due::Day(day) => day_in_words(day, language),
        Due::At(at) => date_in_words(at, zone, language),
    }
}

async fn zone(work: &Work, case: &case::Model) -> Outcome<Tz> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    Ok(directory::calendar::zone(&seller.calendar))
}
