//! A partner's part of a case: a task with state and dates. The case keeps its owner whatever happens to a task.

pub mod decide;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, PartnerId, TaskId};
use entity::kind::{CaseStage, TaskStatus};
use entity::{case, case_task, partner, task_update};
use sea_orm::EntityTrait;

use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::work::Work;
use crate::ownership::rules::TaskAsked;
use crate::promise;
use decide::TaskAct;

/// How long a partner has to accept when the owner does not say.
const ACCEPT_WITHIN: TimeDelta = TimeDelta::hours(24);
/// The latest date anybody may set, from now.
const FARTHEST: TimeDelta = TimeDelta::days(366 * 2);

/// What the owner asks of a partner.
#[derive(Debug, Clone)]
pub struct Ask {
    /// On which case.
    pub case: CaseId,
    /// Whom.
    pub partner: PartnerId,
    /// In a few words.
    pub title: String,
    /// What exactly.
    pub asked: String,
    /// By when the partner must have accepted; 24 hours from now when not said.
    pub accept_by: Option<DateTime<Utc>>,
    /// By when it must be done.
    pub due_at: DateTime<Utc>,
}

/// What a partner answers.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "a field is named after what it holds")]
pub enum Answer {
    /// Takes it on, perhaps with the time it expects to be done.
    Accept { eta: Option<DateTime<Utc>> },
    /// Tells how it goes, perhaps with a new time.
    Update { text: String, eta: Option<DateTime<Utc>> },
    /// Reports it done, with the result.
    Complete { result: String },
    /// Refuses, with a reason for the owner.
    Decline { reason: String },
}

/// Asks a partner to do its part.
///
/// # Errors
/// When the case is closed, the partner is not the seller's, or a text or date is missing or senseless.
pub async fn request(work: &mut Work, ask: &Ask) -> Outcome<case_task::Model> {
    let mut case = door::case(work, ask.case, Action::RequestTask, "caseId").await?;
    let now = work.now();
    let mut problems = Problems::default();
    let title = problems.check(required(&ask.title, "title", 200));
    let asked = problems.check(required(&ask.asked, "asked", 5_000));
    let accept_by = ask.accept_by.unwrap_or_else(|| ask.due_at.min(now + ACCEPT_WITHIN));
    problems.check(in_the_future(ask.due_at, now, "dueAt"));
    if ask.accept_by.is_some() {
        problems.check(in_the_future(accept_by, now, "acceptBy"));
    }
    if accept_by > ask.due_at {
        let (en, sv) = ("Cannot be after `dueAt`.", "Kan inte vara efter `dueAt`.");
        problems.add(Problem::new(ErrorCode::Invalid, "acceptBy", en, sv));
    }
    let partner = partner::Entity::find_by_id(ask.partner).one(work.tx()?).await?;
    if !partner.is_some_and(|partner| partner.seller_id == case.seller_id && partner.active) {
        problems.add(Problem::not_found("partnerId"));
    }
    if case.closed_at.is_some() {
        let (en, sv) = ("The case is closed.", "Ärendet är avslutat.");
        problems.add(Problem::new(ErrorCode::InvalidTransition, "caseId", en, sv));
    }
    problems.refuse_if_any()?;
    let task = case_task::Model {
        id: work.new_id(),
        version: 1,
        case_id: case.id,
        seller_id: case.seller_id,
        partner_id: ask.partner,
        title: title.unwrap_or_default(),
        asked: asked.unwrap_or_default(),
        status: TaskStatus::Requested,
        accept_by,
        due_at: ask.due_at,
        eta: None,
        result: None,
        decline_reason: None,
        requested_at: now,
        changed_at: now,
    };
    work.insert(task.clone());
    log::append(work, &mut case, &Payload::TaskRequested { task: task.id, partner: task.partner_id })?;
    if case.stage != CaseStage::Investigating {
        let from = std::mem::replace(&mut case.stage, CaseStage::Investigating);
        log::append(work, &mut case, &Payload::StageChanged { from, to: CaseStage::Investigating })?;
    }
    promise::acted(work, &case).await?;
    work.save(case);
    Ok(task)
}

/// The task that a rule asks of a partner when a case is opened; none when the partner is no longer one. The caller saves the case and inserts the task after
/// it; the case stays as received: nobody at the company has looked at it yet.
///
/// # Errors
/// As [`log::append`].
pub async fn ask_by_rule(
    work: &mut Work,
    case: &mut case::Model,
    asked: Option<&TaskAsked>,
) -> Outcome<Option<case_task::Model>> {
    let Some(asked) = asked else { return Ok(None) };
    let partner = partner::Entity::find_by_id(asked.partner).one(work.tx()?).await?;
    if !partner.is_some_and(|partner| partner.active) {
        return Ok(None);
    }
    let now = work.now();
    let due_at = now + TimeDelta::hours(asked.due_hours.into());
    let task = case_task::Model {
        id: work.new_id(),
        version: 1,
        case_id: case.id,
        seller_id: case.seller_id,
        partner_id: asked.partner,
        title: asked.title.clone(),
        asked: asked.asked.clone(),
        status: TaskStatus::Requested,
        accept_by: due_at.min(now + ACCEPT_WITHIN),
        due_at,
        eta: None,
        result: None,
        decline_reason: None,
        requested_at: now,
        changed_at: now,
    };
    log::append(work, case, &Payload::TaskRequested { task: task.id, partner: task.partner_id })?;
    Ok(Some(task))
}

/// Takes a task back.
///
/// # Errors
/// When it is over already.
pub async fn withdraw(work: &mut Work, id: TaskId) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::RequestTask, "taskId").await?;
    task.status = decide::after(TaskAct::Withdraw, task.status)?;
    let payload = Payload::TaskWithdrawn { task: task.id, partner: task.partner_id };
    finish(work, task, case, &payload)
}

/// The partner's answer. Nothing of it reaches the customer by itself, and the owner stays the owner.
///
/// # Errors
/// When the task's state does not allow it, or a text or date is missing or senseless.
pub async fn answer(work: &mut Work, id: TaskId, answer: &Answer) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::AnswerTask, "taskId").await?;
    let now = work.now();
    let partner = task.partner_id;
    let payload = match answer {
        Answer::Accept { eta } => {
            task.status = decide::after(TaskAct::Accept, task.status)?;
            task.eta = eta.map(|eta| in_the_future(eta, now, "eta")).transpose()?;
            Payload::TaskAccepted { task: id, partner, eta: task.eta }
        }
        Answer::Update { text, eta } => {
            task.status = decide::after(TaskAct::Update, task.status)?;
            let body = required(text, "text", 5_000)?;
            let eta = eta.map(|eta| in_the_future(eta, now, "eta")).transpose()?;
            task.eta = eta.or(task.eta);
            let (by_kind, by_id) = work.actor().party();
            let row = task_update::Model { id: work.new_id(), task_id: id, by_kind, by_id, body, eta, at: now };
            work.insert(row.clone());
            Payload::TaskUpdated { task: id, partner, update: row.id }
        }
        Answer::Complete { result } => {
            task.status = decide::after(TaskAct::Complete, task.status)?;
            task.result = Some(required(result, "result", 5_000)?);
            Payload::TaskCompleted { task: id, partner }
        }
        Answer::Decline { reason } => {
            task.status = decide::after(TaskAct::Decline, task.status)?;
            task.decline_reason = optional(Some(reason), "reason", 5_000)?;
            if task.decline_reason.is_none() {
                let en = "Tell the owner why: \"not ours\" alone leaves the customer in the middle.";
                let sv = "Berätta för ägaren varför: bara \"inte vårt\" lämnar kunden i mitten.";
                return Err(Problem::new(ErrorCode::Required, "reason", en, sv).into());
            }
            Payload::TaskDeclined { task: id, partner }
        }
    };
    finish(work, task, case, &payload)
}

fn finish(
    work: &mut Work,
    mut task: case_task::Model,
    mut case: case::Model,
    payload: &Payload,
) -> Outcome<case_task::Model> {
    task.changed_at = work.now();
    let task = work.changed(task);
    log::append(work, &mut case, payload)?;
    work.save(case);
    Ok(task)
}

fn in_the_future(time: DateTime<Utc>, now: DateTime<Utc>, field: &str) -> Result<DateTime<Utc>, Problem> {
    if time > now && time < now + FARTHEST {
        return Ok(time);
    }
    let en = "Must be a time in the future, within two years.";
    Err(Problem::new(ErrorCode::Invalid, field, en, "Måste vara en tid i framtiden, inom två år."))
}
