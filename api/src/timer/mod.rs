//! Timers: rows that say when the service checks whether something was done. A timer is set when a time starts to run,
//! set again when the time starts anew, and handled by [`crate::case::watch`] when it has run out. [`times`] has the
//! durations.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::json::ServiceTime;
use entity::kind::DueKind;
use entity::{case, due};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use crate::kit::error::Outcome;
use crate::kit::work::Work;

pub mod times;

pub use times::CaseTimes;

/// The timers of a case that end when it is closed or merged. Its legal clocks do not end.
pub const END_WITH_THE_CASE: &[DueKind] = &[
    DueKind::AcknowledgeBy,
    DueKind::ContactBy,
    DueKind::OwnerActsBy,
    DueKind::HandoverEnds,
    DueKind::ReplyBy,
    DueKind::AnswerBy,
    DueKind::TellCustomer,
];

/// Starts the timers for the owner and for the answer of a case that was opened or reopened at this instant.
pub fn start(work: &mut Work, case: &case::Model, times: &CaseTimes, from: DateTime<Utc>) {
    let lengths = times.lengths();
    start_for(work, case, DueKind::OwnerActsBy, (from, lengths.owner_acts), times);
    if let Some(length) = lengths.answer {
        start_for(work, case, DueKind::AnswerBy, (from, length), times);
    }
}

/// Restarts the timer for the owner's next action, because the owner has done something.
///
/// # Errors
/// When the store cannot be read.
pub async fn acted(work: &mut Work, case: &case::Model) -> Outcome<()> {
    if case.closed_at.is_none() {
        let times = CaseTimes::of(work, case).await?;
        acted_by(work, case, &times);
    }
    Ok(())
}

/// As [`acted`], for a case whose times are known.
pub fn acted_by(work: &mut Work, case: &case::Model, times: &CaseTimes) {
    if case.closed_at.is_none() {
        start_for(work, case, DueKind::OwnerActsBy, (work.now(), times.lengths().owner_acts), times);
    }
}

/// Starts the timer for the reply to a customer who has written. A timer that runs already is not changed. Returns
/// whether one ran.
///
/// # Errors
/// When the store cannot be read.
pub async fn asked(work: &mut Work, case: &case::Model, times: &CaseTimes) -> Outcome<bool> {
    let ran = work.find::<due::Model>((case.id.0, DueKind::ReplyBy)).await?.is_some();
    let length = times.lengths().reply.filter(|_| case.closed_at.is_none() && !ran);
    if let Some(length) = length {
        start_for(work, case, DueKind::ReplyBy, (work.now(), length), times);
    }
    Ok(ran)
}

/// Sets a timer of a case that runs from this instant for this length, on the case's calendar.
pub fn start_for(
    work: &mut Work,
    case: &case::Model,
    kind: DueKind,
    (started_at, length): (DateTime<Utc>, ServiceTime),
    times: &CaseTimes,
) {
    let due = times.due(started_at, length);
    work.save(due::Model { started_at, span: Some(length), ..row(work, case, case.id.0, kind, due) });
}

/// Sets a timer of a case to a given time.
pub fn set(work: &mut Work, case: &case::Model, kind: DueKind, at: DateTime<Utc>) {
    set_of(work, case, case.id.0, kind, at);
}

/// Sets a timer of a task, a dispute, a commitment or a legal clock of this case to a given time.
pub fn set_of(work: &mut Work, case: &case::Model, subject: Uuid, kind: DueKind, at: DateTime<Utc>) {
    let row = row(work, case, subject, kind, at);
    work.save(row);
}

/// The row of a timer that was started now and runs out at the given time.
#[must_use]
pub fn row(work: &Work, case: &case::Model, subject_id: Uuid, kind: DueKind, due_at: DateTime<Utc>) -> due::Model {
    due::Model {
        subject_id,
        kind,
        case_id: case.id,
        seller_id: case.seller_id,
        owner_id: case.owner_id,
        due_at,
        at: Some(due_at),
        level: 1,
        started_at: work.now(),
        span: None,
        told_id: None,
    }
}

/// Starts the timer for calling the customer, because of a commitment, a letter or an unanswered call. It is due at
/// once, as work for the owner, and nobody else is told.
pub fn call(work: &mut Work, case: &case::Model, because: Uuid) {
    let row = row(work, case, because, DueKind::CallBy, work.now());
    work.save(due::Model { at: None, ..row });
}

/// Stops the timers of these kinds of a case, task, dispute, commitment, legal clock or call signal.
pub fn stop_of(work: &mut Work, subject: Uuid, kinds: &[DueKind]) {
    for kind in kinds {
        work.remove::<due::Model>((subject, *kind));
    }
}

/// Stops the timers for calling the customer because of these commitments, letters or call signals.
///
/// # Errors
/// When the store cannot be written.
pub async fn stop_calls<E: EntityTrait>(work: &Work, because: Select<E>) -> Outcome<()> {
    let calls = due::Entity::delete_many()
        .filter(due::Column::Kind.eq(DueKind::CallBy))
        .filter(due::Column::SubjectId.in_subquery(because.into_query()));
    calls.exec(work.tx()?).await?;
    Ok(())
}

/// Stops the timers of these kinds of a case.
pub fn stop(work: &mut Work, case: CaseId, kinds: &[DueKind]) {
    stop_of(work, case.0, kinds);
}
