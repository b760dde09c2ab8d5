//! What a partner says to a task. Nothing of it reaches the customer by itself, and the owner stays the owner.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerContactId, TaskId, TaskUpdateId};
use entity::kind::{Cause, DueKind};
use entity::{attachment, blob, case_task, partner_contact, statement, task_update};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::decide::{self, TaskAct};
use super::{end, finish, in_the_future};
use crate::access::door;
use crate::access::storage::{self, Stores};
use crate::access::table::Action;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, optional, required};
use crate::kit::upload::{self, Upload};
use crate::kit::work::Work;
use crate::timer;

/// What the partner takes for the cause.
#[derive(Debug, Clone)]
pub struct Claim {
    /// In one word.
    pub cause: Cause,
    /// In its own.
    pub text: String,
}

/// What a partner answers.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "a field is named after what it holds")]
pub enum Answer {
    /// Takes it on, perhaps with the time it expects to be done.
    Accept { eta: Option<DateTime<Utc>> },
    /// Tells how it goes, perhaps with a new time and files.
    Update { text: String, eta: Option<DateTime<Utc>>, files: Vec<Upload> },
    /// Reports it done, with the result.
    Complete { result: String },
    /// Refuses, with a reason for the owner.
    Decline { reason: String },
}

/// The partner's answer, and what it takes for the cause.
///
/// # Errors
/// When the task's state does not allow it, or a text or date is missing or senseless.
pub async fn answer(work: &mut Work, id: TaskId, answer: &Answer, claim: Option<&Claim>) -> Outcome<case_task::Model> {
    let (mut task, case) = door::task(work, id, Action::AnswerTask, "taskId").await?;
    let (now, partner) = (work.now(), task.partner_id);
    let payload = match answer {
        Answer::Accept { eta } => {
            task.status = decide::after(TaskAct::Accept, task.status)?;
            promised(&mut task, *eta, now)?;
            task.accepted_at = Some(now);
            timer::stop_of(work, id.0, &[DueKind::TaskAcceptBy]).await?;
            tells_again(work, &mut task);
            Payload::TaskAccepted { task: id, partner, eta: task.eta }
        }
        Answer::Update { text, eta, files } => {
            task.status = decide::after(TaskAct::Update, task.status)?;
            let update = told(work, &task, text, *eta, files).await?;
            promised(&mut task, *eta, now)?;
            tells_again(work, &mut task);
            Payload::TaskUpdated { task: id, partner, update }
        }
        Answer::Complete { result } => {
            task.status = decide::after(TaskAct::Complete, task.status)?;
            task.result = Some(required(result, "result", 5_000)?);
            end(work, &mut task).await?;
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
            end(work, &mut task).await?;
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

/// Says who of the partner's people does it; nobody in particular when none is named.
///
/// # Errors
/// When the task is over, or the person is not one of the partner's.
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

/// A new word on when it is done. The first one is what it is measured by.
fn promised(task: &mut case_task::Model, eta: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Problem> {
    if let Some(eta) = eta.map(|eta| in_the_future(eta, now, "eta")).transpose()? {
        task.eta = Some(eta);
        task.first_eta.get_or_insert(eta);
    }
    Ok(())
}

/// The partner has told something: its silence begins anew.
fn tells_again(work: &mut Work, task: &mut case_task::Model) {
    let by = work.now() + TimeDelta::hours(task.update_every_hours.into());
    task.update_by = Some(by);
    timer::set_of(work, (task.case_id, task.id.0), DueKind::TaskUpdateBy, by);
}

async fn told(
    work: &mut Work,
    task: &case_task::Model,
    text: &str,
    eta: Option<DateTime<Utc>>,
    files: &[Upload],
) -> Outcome<TaskUpdateId> {
    let body = required(text, "text", 5_000)?;
    let checked = upload::checked(files)?;
    storage::take(work, Stores { text: body.len(), files: upload::size(files), field: "attachments" }).await?;
    let (by_kind, by_id) = work.actor().party();
    let id = work.new_id();
    work.insert(task_update::Model { id, task_id: task.id, by_kind, by_id, body, eta, at: work.now() });
    // In one order, so that two acts with the same files do not wait for each other.
    let blobs = files.iter().map(|file| (Sha256::digest(file.bytes.as_slice()).to_vec(), &file.bytes));
    for (sha256, bytes) in blobs.collect::<BTreeMap<_, _>>() {
        work.insert_if_new(blob::Model { sha256, bytes: bytes.to_vec() });
    }
    for ((name, content_type, bytes), position) in checked.into_iter().zip(0..) {
        let sha256 = Sha256::digest(bytes.as_slice()).to_vec();
        work.insert(attachment::Model {
            id: work.new_id(),
            case_id: task.case_id,
            report_id: None,
            task_update_id: Some(id),
            position,
            name,
            content_type,
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            sha256,
        });
    }
    Ok(id)
}

/// A claim beside others, whatever is found in the end.
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
