//! A partner's answers to a task. The customer does not see them unless the owner passes them on, and the case keeps
//! its owner.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerContactId, TaskId, TaskUpdateId, UploadId};
use entity::kind::{Cause, DueKind};
use entity::{blob, case, case_task, partner_contact, statement, task_update};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::decide::{self, TaskAct};
use super::{CLOCKS, OF_PARTNER, end, finish, in_the_future, talk};
use crate::access::door;
use crate::access::storage::{self, Stores};
use crate::access::table::Action;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, optional, required};
use crate::kit::upload::{self as inline, Upload};
use crate::kit::work::Work;
use crate::texts;
use crate::timer;
use crate::upload::{self, Holder};

/// What a partner says was the cause of the complaint.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The cause as one of the fixed values.
    pub cause: Cause,
    /// The cause in the partner's own words.
    pub text: String,
}

/// A partner's answer to a task.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "a field is named after what it holds")]
pub enum TaskAnswer {
    /// The partner accepts the task, perhaps with the time at which it expects to be done.
    Accept { eta: Option<DateTime<Utc>> },
    /// The partner reports progress, perhaps with a new expected time and files.
    Update { text: String, eta: Option<DateTime<Utc>>, files: SentWith },
    /// The partner reports the task as done, with the result.
    Complete { result: String },
    /// The partner declines the task, with a reason for the owner.
    Decline { reason: String },
}

/// Records the partner's answer, and its claim about the cause if there is one.
///
/// # Errors
/// When the task's state does not allow the answer, or a text or time is missing or invalid.
pub async fn answer(
    work: &mut Work,
    id: TaskId,
    answer: &TaskAnswer,
    claim: Option<&Claim>,
) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::AnswerTask, "taskId").await?;
    let (now, partner) = (work.now(), task.partner_id);
    let payload = match answer {
        TaskAnswer::Accept { eta } => {
            task.status = decide::after(TaskAct::Accept, task.status)?;
            promised(&mut task, *eta, now)?;
            task.accepted_at = Some(now);
            timer::stop_of(work, id.0, &[DueKind::TaskAcceptBy]);
            restart_update_timer(work, &case, &mut task);
            Payload::TaskAccepted { task: id, partner, eta: task.eta }
        }
        TaskAnswer::Update { text, eta, files } => {
            task.status = decide::after(TaskAct::Update, task.status)?;
            let update = reported(work, &task, text, *eta, files).await?;
            promised(&mut task, *eta, now)?;
            restart_update_timer(work, &case, &mut task);
            talk::answered(work, &task, true).await?;
            Payload::TaskUpdated { task: id, partner, update }
        }
        TaskAnswer::Complete { result } => {
            task.status = decide::after(TaskAct::Complete, task.status)?;
            task.result = Some(required(result, "result", 5_000)?);
            talk::answered(work, &task, true).await?;
            // The partner's open questions keep their timers: they are still to be answered.
            end(work, &mut task, OF_PARTNER);
            Payload::TaskCompleted { task: id, partner }
        }
        TaskAnswer::Decline { reason } => {
            task.status = decide::after(TaskAct::Decline, task.status)?;
            task.decline_reason = optional(Some(reason), "reason", 5_000)?;
            if task.decline_reason.is_none() {
                return Err(Problem::new(ErrorCode::Required, "reason", texts::task::decline_reason_missing()).into());
            }
            end(work, &mut task, CLOCKS);
            Payload::TaskDeclined { task: id, partner }
        }
    };
    let mut payloads = Vec::new();
    if let Some(claim) = claim {
        payloads.push(stated(work, &task, claim)?);
    }
    payloads.push(payload);
    finish(work, task, case, &payloads)
}

/// Assigns the task to one of the partner's people; to nobody if none is named.
///
/// # Errors
/// When the task has ended, or the person is not an active contact of the partner.
pub async fn assign(work: &mut Work, id: TaskId, to: Option<PartnerContactId>) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::AnswerTask, "taskId").await?;
    task.status = decide::after(TaskAct::Assign, task.status)?;
    if let Some(to) = to {
        let person = partner_contact::Entity::find_by_id(to).one(work.tx()?).await?;
        let theirs = person.filter(|person| person.partner_id == task.partner_id && person.active);
        theirs.ok_or_else(|| Problem::not_found("partnerContactId"))?;
    }
    task.assignee_id = to;
    let payload = Payload::TaskAssigned { task: id, partner: task.partner_id, assignee: to };
    finish(work, task, case, &[payload])
}

/// Records a new expected time. The first one is kept as well, because the partner's punctuality is measured by it.
fn promised(task: &mut case_task::Model, eta: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Problem> {
    if let Some(eta) = eta.map(|eta| in_the_future(eta, now, "eta")).transpose()? {
        task.eta = Some(eta);
        task.first_eta.get_or_insert(eta);
    }
    Ok(())
}

/// Restarts the timer for the partner's next update, because it has reported something.
pub(super) fn restart_update_timer(work: &mut Work, case: &case::Model, task: &mut case_task::Model) {
    let by = work.now() + TimeDelta::hours(task.update_every_hours.into());
    task.update_by = Some(by);
    timer::set_of(work, case, task.id.0, DueKind::TaskUpdateBy, by);
}

async fn reported(
    work: &mut Work,
    task: &case_task::Model,
    text: &str,
    eta: Option<DateTime<Utc>>,
    files: &SentWith,
) -> Outcome<TaskUpdateId> {
    let body = required(text, "text", 5_000)?;
    storage::take(work, Stores { text: body.len(), files: files.size(), field: "attachments" }).await?;
    let (by_kind, by_id) = work.actor().party();
    let id = work.new_id();
    work.insert(task_update::Model { id, task_id: task.id, by_kind, by_id, body, eta, at: work.now() });
    self::files(work, task, files, Holder::TaskUpdate(id)).await?;
    Ok(id)
}

/// The files that come with an update or a message.
#[derive(Debug, Clone, Default)]
pub struct SentWith {
    /// Those that are in the request itself.
    pub files: Vec<Upload>,
    /// Those that were uploaded before.
    pub uploads: Vec<UploadId>,
}

impl SentWith {
    /// The bytes that are in the request itself.
    #[must_use]
    pub fn size(&self) -> usize {
        inline::size(&self.files)
    }
}

/// Inserts the files of an update or a message.
pub(super) async fn files(work: &mut Work, task: &case_task::Model, sent: &SentWith, holder: Holder) -> Outcome<()> {
    let checked = inline::checked(&sent.files)?;
    // Inserted in the order of their hashes, so that two acts with the same files do not deadlock.
    let blobs = sent.files.iter().map(|file| (Sha256::digest(file.bytes.as_slice()).to_vec(), &file.bytes));
    for (sha256, bytes) in blobs.collect::<BTreeMap<_, _>>() {
        work.insert_if_new(blob::Model { sha256, bytes: Some(bytes.to_vec()), upload_id: None });
    }
    let count = checked.len();
    for ((name, content_type, bytes), position) in checked.into_iter().zip(0..) {
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let facts = (position, name, content_type, size, Sha256::digest(bytes.as_slice()).to_vec());
        let id = work.new_id();
        work.insert(upload::attached(id, task.case_id, holder, facts));
    }
    let uploads = upload::take(work, &sent.uploads, "uploadIds").await?;
    upload::attach(work, task.case_id, holder, count, uploads);
    Ok(())
}

/// Adds a claim about the cause. Claims are kept whatever the owner finds out later.
fn stated(work: &mut Work, task: &case_task::Model, claim: &Claim) -> Outcome<Payload> {
    let body = required(&claim.text, "claim.text", 5_000)?;
    let (by_kind, by_id) = work.actor().party();
    let id = work.new_id();
    work.insert(statement::Model {
        id,
        case_id: task.case_id,
        seller_id: task.seller_id,
        task_id: task.id,
        by_kind,
        by_id,
        cause: claim.cause,
        body,
        at: work.now(),
    });
    Ok(Payload::StatementGiven { statement: id, task: task.id, partner: task.partner_id })
}
