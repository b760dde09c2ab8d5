//! Tasks: a partner's part of a case, with a state and dates. A task never changes who owns the case.

pub mod answer;
pub mod decide;
pub mod dispute;
pub mod late;
pub mod performance;
pub mod query;
pub mod share;
pub mod talk;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, PartnerId, TaskId};
use entity::json::CustomerFields;
use entity::kind::{CaseStage, CustomerField, DueKind, TaskStatus};
use entity::{case, case_task, due, partner};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::ownership::rules::TaskAsked;
use crate::texts;
use crate::timer::{self, CaseTimes};
use decide::TaskAct;

/// How long a partner has to accept a task when neither the owner nor the service level sets a time.
const ACCEPT_WITHIN: TimeDelta = TimeDelta::hours(24);
/// How often a partner must report progress when the owner sets no interval, in hours.
const UPDATE_EVERY: i32 = 72;
/// The longest time between two reports that the owner may set, in hours.
const RAREST: i32 = 720;
/// The latest time that may be set, counted from now.
const FARTHEST: TimeDelta = TimeDelta::days(366 * 2);
/// The kinds of timers for what the partner has to do.
const OF_PARTNER: &[DueKind] =
    &[DueKind::TaskAcceptBy, DueKind::TaskUpdateBy, DueKind::TaskDoneBy, DueKind::TaskAnswerBy];
/// All kinds of timers of a task.
const CLOCKS: &[DueKind] =
    &[DueKind::TaskAcceptBy, DueKind::TaskUpdateBy, DueKind::TaskDoneBy, DueKind::TaskAnswerBy, DueKind::TaskReplyBy];

/// A request to a partner.
#[derive(Debug, Clone)]
pub struct TaskRequest {
    /// The case that the task is a part of.
    pub case: CaseId,
    /// The partner that is asked.
    pub partner: PartnerId,
    /// A short title of the task.
    pub title: String,
    /// A full description of the task.
    pub asked: String,
    /// The time by which the partner must accept. If none, the service level's time or else 24 hours from now, but not
    /// after `due_at`.
    pub accept_by: Option<DateTime<Utc>>,
    /// How often the partner must report progress, in hours; 72 if none.
    pub update_every_hours: Option<i32>,
    /// The time by which the task must be done.
    pub due_at: DateTime<Utc>,
    /// The customer's data that the partner may read.
    pub share: Vec<CustomerField>,
    /// Why the partner needs these data.
    pub share_reason: Option<String>,
}

/// Asks a partner to do its part of a case.
///
/// # Errors
/// When the case is closed, the partner is not an active one of the seller's, or a text or time is missing or invalid.
pub async fn request(work: &mut Work, ask: &TaskRequest) -> Outcome<case_task::Model> {
    let mut case = door::case(work, ask.case, Action::RequestTask, "caseId").await?;
    let mut problems = Problems::default();
    let within = match ask.accept_by {
        Some(_) => None,
        None => Some(CaseTimes::of(work, &case).await?).and_then(|times| times.partner_accepts(work.now())),
    };
    let asked = checked(work, ask, within, &mut problems);
    let partner = partner::Entity::find_by_id(ask.partner).one(work.tx()?).await?;
    if !partner.is_some_and(|partner| partner.seller_id == case.seller_id && partner.active) {
        problems.add(Problem::not_found("partnerId"));
    }
    problems.check(CaseAct::RequestTask.check(&Situation::of(&case), "caseId"));
    problems.refuse_if_any()?;
    let task = new_task(work, &case, ask.partner, asked);
    work.insert(task.clone());
    if let Some(reason) = task.share_reason.clone() {
        let row = share::new_share(work, &task, (&task.shared.0, reason));
        work.insert(row);
    }
    log::append(work, &mut case, &Payload::TaskRequested { task: task.id, partner: task.partner_id })?;
    if case.stage != CaseStage::Investigating {
        let from = std::mem::replace(&mut case.stage, CaseStage::Investigating);
        log::append(work, &mut case, &Payload::StageChanged { from, to: CaseStage::Investigating })?;
    }
    timer::acted(work, &case).await?;
    Ok(task)
}

/// The checked input of a request.
#[derive(Default)]
struct CheckedRequest {
    title: String,
    what: String,
    accept_by: DateTime<Utc>,
    update_every_hours: i32,
    due_at: DateTime<Utc>,
    shared: Vec<CustomerField>,
    share_reason: Option<String>,
}

fn checked(work: &Work, ask: &TaskRequest, within: Option<DateTime<Utc>>, problems: &mut Problems) -> CheckedRequest {
    let now = work.now();
    let title = problems.check(required(&ask.title, "title", 200)).unwrap_or_default();
    let what = problems.check(required(&ask.asked, "asked", 5_000)).unwrap_or_default();
    let accept_by = ask.accept_by.unwrap_or_else(|| ask.due_at.min(within.unwrap_or(now + ACCEPT_WITHIN)));
    problems.check(in_the_future(ask.due_at, now, "dueAt"));
    if ask.accept_by.is_some() {
        problems.check(in_the_future(accept_by, now, "acceptBy"));
    }
    if accept_by > ask.due_at {
        problems.add(Problem::new(ErrorCode::Invalid, "acceptBy", texts::task::accept_after_due()));
    }
    let update_every_hours = ask.update_every_hours.unwrap_or(UPDATE_EVERY);
    if !(1..=RAREST).contains(&update_every_hours) {
        problems.add(Problem::new(ErrorCode::Invalid, "updateEveryHours", texts::task::update_hours()));
    }
    let shared = crate::kit::page::once_each(&ask.share).into_iter().collect::<Vec<_>>();
    let share_reason = problems.check(optional(ask.share_reason.as_deref(), "share.reason", 500)).flatten();
    if !shared.is_empty() && share_reason.is_none() {
        problems.add(Problem::new(ErrorCode::Required, "share.reason", texts::task::share_reason_missing()));
    }
    CheckedRequest { title, what, accept_by, update_every_hours, due_at: ask.due_at, shared, share_reason }
}

/// Creates a task and its timers. The caller inserts the task.
fn new_task(work: &mut Work, case: &case::Model, partner: PartnerId, asked: CheckedRequest) -> case_task::Model {
    let now = work.now();
    let task = case_task::Model {
        id: work.new_id(),
        version: 1,
        case_id: case.id,
        seller_id: case.seller_id,
        partner_id: partner,
        title: asked.title,
        asked: asked.what,
        status: TaskStatus::Requested,
        accept_by: asked.accept_by,
        update_every_hours: asked.update_every_hours,
        update_by: None,
        due_at: asked.due_at,
        eta: None,
        first_eta: None,
        share_reason: asked.share_reason.filter(|_| !asked.shared.is_empty()),
        shared: CustomerFields(asked.shared),
        assignee_id: None,
        result: None,
        decline_reason: None,
        requested_at: now,
        accepted_at: None,
        ended_at: None,
        changed_at: now,
        late_updates: 0,
        reminders: 0,
        rejections: 0,
        first_due_at: asked.due_at,
    };
    timer::set_of(work, case, task.id.0, DueKind::TaskAcceptBy, task.accept_by);
    timer::set_of(work, case, task.id.0, DueKind::TaskDoneBy, task.due_at);
    task
}

/// Creates the task that a rule requests from a partner when a case is opened; none when the partner is no longer
/// active. The caller inserts the task. The case stays in the stage "received", because nobody at the company has
/// looked at it yet.
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
    let due_at = work.now() + TimeDelta::hours(asked.due_hours.into());
    let within = CaseTimes::of(work, case).await?.partner_accepts(work.now());
    let wanted = CheckedRequest {
        title: asked.title.clone(),
        what: asked.asked.clone(),
        accept_by: due_at.min(within.unwrap_or(work.now() + ACCEPT_WITHIN)),
        update_every_hours: UPDATE_EVERY,
        due_at,
        ..CheckedRequest::default()
    };
    let task = new_task(work, case, asked.partner, wanted);
    log::append(work, case, &Payload::TaskRequested { task: task.id, partner: task.partner_id })?;
    Ok(Some(task))
}

/// Withdraws a task. The partner can no longer see it.
///
/// # Errors
/// When the task has ended already.
pub async fn withdraw(work: &mut Work, id: TaskId) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::RequestTask, "taskId").await?;
    task.status = decide::after(TaskAct::Withdraw, task.status)?;
    end(work, &mut task, CLOCKS);
    timer::acted(work, &case).await?;
    let payload = Payload::TaskWithdrawn { task: task.id, partner: task.partner_id };
    finish(work, task, case, &[payload])
}

/// Reminds the partner of an open task.
///
/// # Errors
/// When the task has ended already.
pub async fn remind(work: &mut Work, id: TaskId) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::RequestTask, "taskId").await?;
    task.status = decide::after(TaskAct::Remind, task.status)?;
    task.reminders += 1;
    timer::acted(work, &case).await?;
    let payload = Payload::TaskReminded { task: task.id, partner: task.partner_id };
    finish(work, task, case, &[payload])
}

/// Withdraws every open task and drops every open dispute of a locked case that is being closed.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn close_all(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    close(work, case).await?;
    dispute::close(work, case).await
}

async fn close(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let open = case_task::Entity::find()
        .filter(case_task::Column::CaseId.eq(case.id))
        .filter(case_task::Column::EndedAt.is_null())
        .order_by_asc(case_task::Column::RequestedAt)
        .order_by_asc(case_task::Column::Id);
    for mut task in work.lock_all(open).await? {
        task.status = TaskStatus::Withdrawn;
        task.changed_at = work.now();
        end(work, &mut task, CLOCKS);
        log::append(work, case, &Payload::TaskWithdrawn { task: task.id, partner: task.partner_id })?;
    }
    // Questions about tasks that are done need no answer any more.
    let questions = due::Entity::delete_many()
        .filter(due::Column::CaseId.eq(case.id))
        .filter(due::Column::Kind.is_in([DueKind::TaskAnswerBy, DueKind::TaskReplyBy]));
    questions.exec(work.tx()?).await?;
    Ok(())
}

/// Ends a task and stops these timers of it.
fn end(work: &mut Work, task: &mut case_task::Model, clocks: &[DueKind]) {
    task.ended_at = Some(work.now());
    task.update_by = None;
    timer::stop_of(work, task.id.0, clocks);
}

fn finish(
    work: &mut Work,
    mut task: Held<case_task::Model>,
    mut case: Held<case::Model>,
    payloads: &[Payload],
) -> Outcome<case_task::Model> {
    task.changed_at = work.now();
    for payload in payloads {
        log::append(work, &mut case, payload)?;
    }
    Ok(task.done())
}

fn in_the_future(time: DateTime<Utc>, now: DateTime<Utc>, field: &str) -> Result<DateTime<Utc>, Problem> {
    if time > now && time < now + FARTHEST {
        return Ok(time);
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::task::not_in_the_future()))
}
