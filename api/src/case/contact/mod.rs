//! When the customer hears from the company. Every open case has a time for the next contact, which each contact sets
//! anew. The time is a commitment to the customer: the first contact until then keeps it, and when it passes, it is
//! broken, once. The time then stays as it is, and people are told every working day, until somebody contacts the
//! customer.

pub mod decide;
mod undo;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, CustomerId, MessageId, StaffId};
use entity::json::{ContactBefore, ServiceTime, TimerBefore};
use entity::kind::{CaseStage, CommitmentKind, CommitmentPlace, CommitmentState, DueKind, EscalationReason, PartyKind};
use entity::{case, commitment, due, message};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use self::decide::{ToldOf, told_again_at, told_at, told_of};
pub(super) use self::undo::undone;
use super::commitment::decide::Due;
use super::commitment::new_row;
use super::commitment::query::group;
use super::{move_to, watch};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Outcome, Problem};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::timer::{self, CaseTimes};

/// The timers that end when the customer has heard from the company.
const HEARD: &[DueKind] = &[DueKind::AcknowledgeBy, DueKind::ContactBy, DueKind::ReplyBy];
/// The timers for the next contact. An open case has exactly one of them.
pub const CONTACTS: &[DueKind] = &[DueKind::AcknowledgeBy, DueKind::ContactBy];

/// A contact with the customer of a case.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    /// When it was.
    pub at: DateTime<Utc>,
    /// How the customer was reached.
    pub place: CommitmentPlace,
    /// The message, if it was one.
    pub message: Option<MessageId>,
    /// The time of the next contact that the owner has announced; `None` for the time of the service level.
    pub next: Option<Due>,
}

/// Promises a first contact to the customer of a case that was opened, or opened again, at this instant.
pub fn promise(work: &mut Work, case: &mut case::Model, times: &CaseTimes, from: DateTime<Utc>) {
    promise_until(work, case, times, (from, times.first_contact(from)));
}

/// As [`promise`], with the time by which the customer hears from the company.
pub fn promise_until(
    work: &mut Work,
    case: &mut case::Model,
    times: &CaseTimes,
    (from, due): (DateTime<Utc>, DateTime<Utc>),
) {
    set_timer(work, case, (DueKind::AcknowledgeBy, from, due), Some(times.lengths().first_contact));
    case.next_contact_due = Some(due);
    let contact = Contact { at: from, place: CommitmentPlace::Acknowledgement, message: None, next: None };
    let row = row(work, case, times, &contact, due);
    work.insert(commitment::Model { made_by: None, recorded_by: None, ..row });
}

/// When the customer of a case with these times hears from the company after a contact at this instant.
///
/// # Errors
/// `INVALID` for the time that the owner names, named `nextContactBy`.
pub fn next(work: &Work, times: &CaseTimes, at: DateTime<Utc>, named: Option<Due>) -> Result<DateTime<Utc>, Problem> {
    let Some(due) = named.map(|due| due.ends(times.calendar().zone())) else { return Ok(times.next_contact(at)) };
    decide::check_named(due, work.now(), "nextContactBy")?;
    Ok(due)
}

/// Records a contact with the customer of a locked case. The open promise ends as kept or broken, and the next one
/// begins. The customer's messages until then are marked as answered. A contact earlier than the last one changes
/// nothing.
///
/// # Errors
/// `INVALID` for the time of the next contact, named `nextContactBy`.
pub async fn made(work: &mut Work, case: &mut case::Model, times: &CaseTimes, contact: &Contact) -> Outcome<()> {
    let due = next(work, times, contact.at, contact.next)?;
    let last = last(work, case.id).await?;
    if case.closed_at.is_some() || contact.at < case.opened_at || last.is_some_and(|last| contact.at < last) {
        return Ok(());
    }
    let running = running(work, case.id, HEARD).await?;
    let before = before(&running);
    timer::stop(work, case.id, CONTACTS);
    if running.iter().any(|row| row.kind == DueKind::ReplyBy && row.started_at <= contact.at) {
        timer::stop(work, case.id, &[DueKind::ReplyBy]);
    }
    let group = group(work.tx()?, case.id).await?;
    end_open(work, case, &group, contact.at).await?;
    answered(work, &group, contact.at).await?;
    let span = contact.next.is_none().then(|| times.next_contact_length());
    set_timer(work, case, (DueKind::ContactBy, contact.at, due), span);
    let row = row(work, case, times, contact, due);
    work.insert(commitment::Model { before, ..row });
    if case.stage == CaseStage::Received {
        move_to(work, case, CaseStage::Acknowledged)?;
    }
    moved(work, case, due)
}

/// Records the contact of a case that is closed with the company's answer. No further contact is promised. The caller
/// stops the timers of the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn closed(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let now = work.now();
    let group = group(work.tx()?, case.id).await?;
    end_open(work, case, &group, now).await?;
    case.next_contact_due = None;
    answered(work, &group, now).await
}

/// Handles a contact time that has passed without a contact. The promise is broken, once. People are told when the
/// company is open, and again on every working day.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn late(work: &mut Work, case: &mut case::Model, row: &due::Model) -> Outcome<()> {
    let now = work.now();
    let group = group(work.tx()?, case.id).await?;
    for mut promised in open(work, &group).await?.into_iter().filter(|row| row.due_at < now) {
        end(work, case, &mut promised, CommitmentState::Broken)?;
    }
    let times = CaseTimes::of(work, case).await?;
    // Uses the time at which the timer ran out, not the present time: after an outage during opening hours, people are
    // told at once.
    let first = told_at(times.calendar(), row.at.unwrap_or(now));
    if first > now {
        work.save(due::Model { at: Some(first), ..row.clone() });
        return Ok(());
    }
    let why = match row.kind {
        DueKind::AcknowledgeBy => EscalationReason::NotAcknowledged,
        _ => EscalationReason::NotContacted,
    };
    let mut told: Vec<StaffId> = Vec::new();
    for whom in told_of(row.level) {
        let to = match whom {
            ToldOf::Owner => case.owner_id,
            ToldOf::Lead => watch::above(work, case, case.owner_id, 1).await?,
            ToldOf::Accountable => watch::above(work, case, case.owner_id, 2).await?,
        };
        if !told.contains(&to) {
            told.push(to);
            watch::raise(work, case, why, row.level, to)?;
        }
    }
    let again = told_again_at(times.calendar(), now);
    let told_id = told.last().and_then(|to| watch::informed(case, *to));
    work.save(due::Model { at: Some(again), level: row.level + 1, told_id, ..row.clone() });
    Ok(())
}

/// Adopts the contact time of a case that was merged into this one, if it is earlier.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn take_over_contact_time(
    work: &mut Work,
    into: &mut case::Model,
    other: Option<DateTime<Utc>>,
) -> Outcome<()> {
    let (Some(due), None) = (other.filter(|due| into.next_contact_due.is_none_or(|own| *due < own)), into.closed_at)
    else {
        return Ok(());
    };
    if let Some(row) = timer_row(work, into.id).await? {
        work.save(due::Model { due_at: due, at: Some(due + TimeDelta::seconds(1)), span: None, level: 1, ..row });
    }
    moved(work, into, due)
}

/// Sets the contact time of a case that was taken out of a merger: as for a complaint filed now, or the time that its
/// customer was told before, if that is earlier.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn released(work: &mut Work, case: &mut case::Model, times: &CaseTimes) -> Outcome<()> {
    let now = work.now();
    let due = times.first_contact(now);
    if let Some(told) = open(work, &[case.id]).await?.into_iter().next() {
        let due = told.due_at.min(due);
        set_timer(work, case, (DueKind::AcknowledgeBy, now, due), None);
        return moved(work, case, due);
    }
    promise(work, case, times, now);
    log::append(work, case, &Payload::NextContactChanged { due })
}

/// Sets the contact time for another customer of the case, who hears from the company by this time. The former
/// customer's promise is withdrawn, so nobody can be late with it. If both are the same person, the promise stays.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn customer_changed(
    work: &mut Work,
    case: &mut case::Model,
    times: &CaseTimes,
    (due, from, same): (DateTime<Utc>, CustomerId, bool),
) -> Outcome<()> {
    // If both are the same person, the commitments are the new customer's already.
    let whose = if same { case.customer_id } else { from };
    let told = open(work, &[case.id]).await?.into_iter().find(|row| row.customer_id == whose);
    timer::stop(work, case.id, HEARD);
    let now = work.now();
    match told {
        Some(_) if same => {
            set_timer(work, case, (DueKind::AcknowledgeBy, now, due), Some(times.lengths().first_contact));
        }
        Some(mut row) => {
            row.state = CommitmentState::Withdrawn;
            row.ended_at = Some(now);
            promise_until(work, case, times, (now, due));
        }
        None => promise_until(work, case, times, (now, due)),
    }
    Ok(())
}

/// Records a contact that was recorded in another system before the case came here. Nobody is told a date that has
/// passed: the next contact is promised from the present time.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn replayed(work: &mut Work, case: &mut case::Model, times: &CaseTimes) -> Outcome<()> {
    answered(work, &group(work.tx()?, case.id).await?, work.now()).await?;
    let Some(row) = timer_row(work, case.id).await?.filter(|row| row.kind == DueKind::AcknowledgeBy) else {
        timer::stop(work, case.id, &[DueKind::ReplyBy]);
        return Ok(());
    };
    timer::stop(work, case.id, HEARD);
    let today = work.app().now();
    let due = times.next_contact(today);
    set_timer(work, case, (DueKind::ContactBy, row.started_at, due), Some(times.next_contact_length()));
    case.next_contact_due = Some(due);
    for mut row in open(work, &[case.id]).await? {
        row.due_at = due;
    }
    Ok(())
}

/// Ends the promise of a contact without a contact, because the case was closed in another system.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn dropped(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    answered(work, &group(work.tx()?, case.id).await?, work.now()).await?;
    case.next_contact_due = None;
    for mut row in open(work, &[case.id]).await? {
        row.state = CommitmentState::Withdrawn;
        row.ended_at = Some(work.now());
    }
    Ok(())
}

/// Ends the open promises of a contact: kept when the contact was in time, otherwise broken.
async fn end_open(work: &mut Work, case: &mut case::Model, group: &[CaseId], at: DateTime<Utc>) -> Outcome<()> {
    for mut row in open(work, group).await? {
        row.done_at = Some(at);
        if at <= row.due_at {
            row.state = CommitmentState::Kept;
            row.ended_at = Some(work.now());
        } else {
            end(work, case, &mut row, CommitmentState::Broken)?;
        }
    }
    Ok(())
}

/// Ends a promise of a contact with this state and appends the event. No call is due for it: any contact will do.
fn end(work: &mut Work, case: &mut case::Model, row: &mut commitment::Model, state: CommitmentState) -> Outcome<()> {
    row.state = state;
    row.ended_at = Some(work.now());
    row.called_at = Some(work.now());
    if row.case_id == case.id {
        log::append(work, case, &Payload::CommitmentEnded { commitment: row.id, state })?;
    }
    Ok(())
}

/// The open promises of a contact, of these cases.
async fn open(work: &Work, ids: &[CaseId]) -> Outcome<Vec<Held<commitment::Model>>> {
    work.lock_all(all_open(ids)).await
}

fn all_open(ids: &[CaseId]) -> Select<commitment::Entity> {
    commitment::Entity::find()
        .filter(commitment::Column::CaseId.is_in(ids.iter().copied()))
        .filter(commitment::Column::Kind.eq(CommitmentKind::Contact))
        .filter(commitment::Column::State.eq(CommitmentState::Open))
        .order_by_asc(commitment::Column::Id)
}

/// When the customer was last told a time for the next contact.
async fn last(work: &Work, id: CaseId) -> Outcome<Option<DateTime<Utc>>> {
    let made = commitment::Entity::find()
        .select_only()
        .column(commitment::Column::MadeAt)
        .filter(commitment::Column::CaseId.eq(id))
        .filter(commitment::Column::Kind.eq(CommitmentKind::Contact))
        .filter(commitment::Column::State.ne(CommitmentState::Withdrawn))
        .order_by_desc(commitment::Column::MadeAt)
        .into_tuple();
    Ok(made.one(work.tx()?).await?)
}

/// The timers of these kinds that run for a case.
async fn running(work: &Work, id: CaseId, kinds: &[DueKind]) -> Outcome<Vec<due::Model>> {
    let rows = due::Entity::find()
        .filter(due::Column::SubjectId.eq(id))
        .filter(due::Column::Kind.is_in(kinds.iter().copied()));
    Ok(work.as_changed(rows.all(work.tx()?).await?))
}

/// The state of those of these timers that a contact ends.
fn before(rows: &[due::Model]) -> Option<ContactBefore> {
    let before = |row: &due::Model| TimerBefore {
        kind: row.kind,
        started_at: row.started_at,
        due_at: row.due_at,
        span: row.span,
    };
    let contact = rows.iter().find(|row| row.kind != DueKind::ReplyBy).map(before);
    let reply = rows.iter().find(|row| row.kind == DueKind::ReplyBy).map(before);
    contact.map(|contact| ContactBefore { contact, reply })
}

async fn timer_row(work: &Work, id: CaseId) -> Outcome<Option<due::Model>> {
    Ok(running(work, id, CONTACTS).await?.pop())
}

/// Marks what the customers of these cases have written until then as answered.
async fn answered(work: &Work, group: &[CaseId], at: DateTime<Utc>) -> Outcome<()> {
    let asked = message::Entity::update_many()
        .filter(message::Column::CaseId.is_in(group.iter().copied()))
        .filter(message::Column::ByKind.eq(PartyKind::Customer))
        .filter(message::Column::AnsweredAt.is_null())
        .filter(message::Column::At.lte(at))
        .col_expr(message::Column::AnsweredAt, Expr::value(at));
    asked.exec(work.tx()?).await?;
    Ok(())
}

fn moved(work: &mut Work, case: &mut case::Model, due: DateTime<Utc>) -> Outcome<()> {
    if case.next_contact_due == Some(due) {
        return Ok(());
    }
    case.next_contact_due = Some(due);
    log::append(work, case, &Payload::NextContactChanged { due })
}

/// Sets the timer for a contact. It runs out a second after the time, so that what is done at the very end is in time.
fn set_timer(
    work: &mut Work,
    case: &case::Model,
    (kind, started_at, due): (DueKind, DateTime<Utc>, DateTime<Utc>),
    span: Option<ServiceTime>,
) {
    let at = Some(due + TimeDelta::seconds(1));
    let row = timer::row(work, case, case.id.0, kind, due);
    work.save(due::Model { at, started_at, span, ..row });
}

fn restart(work: &mut Work, case: &case::Model, before: &TimerBefore) {
    set_timer(work, case, (before.kind, before.started_at, before.due_at), before.span);
}

/// The row of a promise that the customer hears from the company by this time.
fn row(
    work: &Work,
    case: &case::Model,
    times: &CaseTimes,
    contact: &Contact,
    due_at: DateTime<Utc>,
) -> commitment::Model {
    let due = (due_at, contact.next.and_then(Due::day));
    let row = new_row(work, case, (due, times.calendar().zone()), (contact.place, contact.at));
    commitment::Model { message_id: contact.message, ..row }
}
