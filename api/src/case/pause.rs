//! Pauses of the answer: the time within which the company must answer stands still while the company waits for the
//! customer. A pause has a reason and a last day, and the customer sees both. It ends on that day, or earlier when the
//! customer writes. Nothing else pauses: the timers for contacts, replies and tasks and the legal clocks go on.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::CaseId;
use entity::json::ServiceTime;
use entity::kind::DueKind;
use entity::{answer_pause, case, due};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::access::acts::{AnswerTime, CaseAct, Situation};
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::calendar::pause::Pauses;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::texts;
use crate::timer::CaseTimes;

/// The longest time of one pause.
const LONGEST: TimeDelta = TimeDelta::days(60);

/// Pauses the timer for the company's answer.
///
/// # Errors
/// When no such timer runs or it has run out, it is paused already, the reason is missing, or the end is not within 60
/// days.
pub async fn pause(work: &mut Work, id: CaseId, reason: &str, until: DateTime<Utc>) -> Outcome<case::Model> {
    let mut case = door::case(work, id, Action::ManageClocks, "caseId").await?;
    let staff = work.actor().staff().ok_or_else(|| refused(Action::ManageClocks))?;
    let mut problems = Problems::default();
    let reason = problems.check(required(reason, "reason", 1_000)).unwrap_or_default();
    if until <= work.now() || until > work.now() + LONGEST {
        problems.add(Problem::new(ErrorCode::Invalid, "until", texts::case::pause_until()));
    }
    problems.refuse_if_any()?;
    let mut pauses = of_case(work, id).await?;
    let timer = work.find::<due::Model>((id.0, DueKind::AnswerBy)).await?;
    let answer = answer_time(timer.as_ref(), &pauses, work.now());
    CaseAct::PauseAnswer.check(&Situation { answer, ..Situation::of(&case) }, "caseId")?;
    let running = timer.and_then(|timer| timer.span.map(|length| (timer, length)));
    let (timer, length) = running.ok_or(Fault::Broken("a running time for the answer has a timer"))?;
    let row = answer_pause::Model {
        id: work.new_id(),
        case_id: id,
        seller_id: case.seller_id,
        reason,
        from_at: work.now(),
        until_at: until,
        ended_at: None,
        by_id: staff,
    };
    pauses.push(row.clone());
    set_anew(work, &case, timer, length, &pauses).await?;
    log::append(work, &mut case, &Payload::AnswerPaused { until })?;
    work.insert(row);
    Ok(case.done())
}

/// The state of the time for the company's answer, by its timer and its pauses.
#[must_use]
pub fn answer_time(timer: Option<&due::Model>, pauses: &[answer_pause::Model], now: DateTime<Utc>) -> AnswerTime {
    if pauses.iter().any(|pause| is_open(pause, now)) {
        return AnswerTime::Paused;
    }
    match timer.filter(|timer| timer.span.is_some()) {
        None => AnswerTime::None,
        Some(timer) if timer.level > 1 || timer.due_at <= now => AnswerTime::Late,
        Some(_) => AnswerTime::Running,
    }
}

/// Ends a pause before its last day.
///
/// # Errors
/// When the timer for the answer is not paused.
pub async fn resume(work: &mut Work, id: CaseId) -> Outcome<case::Model> {
    let mut case = door::case(work, id, Action::ManageClocks, "caseId").await?;
    let answer = if end(work, &mut case).await? { AnswerTime::Paused } else { AnswerTime::None };
    CaseAct::ResumeAnswer.check(&Situation { answer, ..Situation::of(&case) }, "caseId")?;
    Ok(case.done())
}

/// Ends the pause of this locked case, if there is one. Returns whether there was one.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn end(work: &mut Work, case: &mut case::Model) -> Outcome<bool> {
    let mut pauses = of_case(work, case.id).await?;
    let Some(row) = pauses.iter_mut().find(|pause| is_open(pause, work.now())) else { return Ok(false) };
    row.ended_at = Some(work.now());
    let row = row.clone();
    let timer = work.find::<due::Model>((case.id.0, DueKind::AnswerBy)).await?;
    if let Some((timer, length)) = timer.and_then(|timer| timer.span.map(|length| (timer, length))) {
        set_anew(work, case, timer, length, &pauses).await?;
    }
    log::append(work, case, &Payload::AnswerResumed {})?;
    work.save(row);
    Ok(true)
}

/// Whether a pause is in effect at this instant.
#[must_use]
pub fn is_open(pause: &answer_pause::Model, now: DateTime<Utc>) -> bool {
    pause.ended_at.is_none() && pause.until_at > now
}

/// All pauses of a case, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(work: &Work, id: CaseId) -> Outcome<Vec<answer_pause::Model>> {
    let rows = answer_pause::Entity::find().filter(answer_pause::Column::CaseId.eq(id));
    Ok(rows.order_by_asc(answer_pause::Column::FromAt).all(work.tx()?).await?)
}

/// The intervals of these pauses, which do not count towards the time for the answer.
#[must_use]
pub fn as_time(pauses: &[answer_pause::Model]) -> Pauses {
    Pauses::new(pauses.iter().map(|row| (row.from_at, row.ended_at.unwrap_or(row.until_at))).collect())
}

async fn set_anew(
    work: &mut Work,
    case: &case::Model,
    row: due::Model,
    length: ServiceTime,
    pauses: &[answer_pause::Model],
) -> Outcome<()> {
    let times = CaseTimes::of(work, case).await?;
    let at = times.due_after(row.started_at, length, &as_time(pauses));
    work.save(due::Model { due_at: at, at: Some(at), ..row });
    Ok(())
}
