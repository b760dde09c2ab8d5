//! Letters that did not arrive. The customer has not heard from the company, so somebody has to call.

use std::collections::BTreeMap;

use entity::id::{CaseId, LetterId, PartnerId, SellerId, TaskId};
use entity::kind::{DueKind, LetterKind, LetterStatus};
use entity::{case, case_task, letter, task_mail};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::access::door;
use crate::access::table::{self, Action};
use crate::access::task_link;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::job::{JobRow, Progress};
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

/// How many characters of a reason are stored.
const REASON: usize = 500;

/// The seller's letter that a mail refers to, by the tagged address it was returned to or by Message-ID.
///
/// # Errors
/// When the store cannot be read.
pub async fn named(
    work: &Work,
    seller: SellerId,
    by_address: Option<LetterId>,
    by_id: &[&str],
) -> Outcome<Option<letter::Model>> {
    let own = || letter::Entity::find().filter(letter::Column::SellerId.eq(seller));
    if let Some(id) = by_address
        && let Some(row) = own().filter(letter::Column::Id.eq(id)).one(work.tx()?).await?
    {
        return Ok(Some(row));
    }
    if by_id.is_empty() {
        return Ok(None);
    }
    Ok(own().filter(letter::Column::HeaderId.is_in(by_id.iter().copied())).one(work.tx()?).await?)
}

/// Records once that a letter did not arrive. An event is appended to the case's log, and a call becomes due. A case
/// that is given must be held by the act. Locks are taken in the usual order: first the case, then the letter.
///
/// # Errors
/// When the store cannot be read.
pub async fn bounced(work: &mut Work, id: LetterId, reason: &str, given: Option<&mut case::Model>) -> Outcome<()> {
    let reached = |row: &letter::Model| !matches!(row.status, LetterStatus::Failed | LetterStatus::Bounced);
    note(work, id, LetterStatus::Bounced, reason, (given, reached)).await.map(|_| ())
}

/// Marks a waiting letter as failed, because it could not be sent. Returns whether it was still waiting.
///
/// # Errors
/// When the store cannot be read.
pub async fn failed(work: &mut Work, id: LetterId, reason: &str) -> Outcome<bool> {
    let waits = |row: &letter::Model| row.status == LetterStatus::Waiting;
    note(work, id, LetterStatus::Failed, reason, (None, waits)).await
}

async fn note(
    work: &mut Work,
    id: LetterId,
    status: LetterStatus,
    reason: &str,
    (mut given, open): (Option<&mut case::Model>, impl Fn(&letter::Model) -> bool),
) -> Outcome<bool> {
    let gone = || Fault::Broken("a letter that was sent is still there");
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(gone)?;
    let given_id = given.as_ref().map(|case| case.id);
    let mut own = match found.case_id {
        Some(id) if given_id != Some(id) => door::lock(work, id).await?,
        _ => None,
    };
    let concerned = if found.contact_id.is_some() { cases_of_tasks(work, id).await? } else { Vec::new() };
    let mut partner_waits = Vec::new();
    for (id, partner) in concerned {
        let case = if given_id == Some(id) { None } else { door::lock(work, id).await? };
        partner_waits.push((case, partner));
    }
    let row = work.lock::<letter::Model>(id).await?;
    let mut row = row.ok_or_else(gone)?;
    if !open(&row) {
        return Ok(false);
    }
    for (mut case, partner) in partner_waits {
        if let Some(case) = case.as_deref_mut().or(given.as_deref_mut()) {
            log::append(work, case, &Payload::PartnerUnreachable { partner })?;
        }
    }
    let unreached = Payload::CustomerUnreached { letter: id };
    if let Some(case) = given.filter(|case| Some(case.id) == found.case_id).or(own.as_deref_mut()) {
        if row.customer_id == Some(case.customer_id) && row.kind != LetterKind::Links {
            log::append(work, case, &unreached)?;
            timer::call(work, case, id.0);
            // The message in it was no contact. That is recorded on the case in an act of its own.
            let open = case.closed_at.is_none() || case.merged_into.is_some();
            if let Some(message) = row.message_id.filter(|_| open) {
                timer::set_of(work, case, message.0, DueKind::LetterFailed, work.now());
            }
        } else {
            // No call is due: the recipient is no longer the customer of the case, or the letter was only a link for
            // which somebody had asked, perhaps a stranger.
            row.called_at = Some(work.now());
        }
    }
    if row.case_id.is_none() {
        tracing::warn!(letter = %id, %reason, "a letter to somebody who is no customer did not arrive");
    }
    row.status = status;
    row.reason = Some(truncated(reason, REASON));
    row.leased_until = None;
    row.ended_at = row.ended_at.or(Some(work.now()));
    Ok(true)
}

/// The cases of the tasks that a letter to a partner's person is about, in the order in which they are locked, with the
/// partner.
async fn cases_of_tasks(work: &Work, letter: LetterId) -> Outcome<Vec<(CaseId, PartnerId)>> {
    let tasks: Vec<TaskId> = task_mail::Entity::find()
        .select_only()
        .column(task_mail::Column::TaskId)
        .filter(task_mail::Column::LetterId.eq(letter))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let partners: BTreeMap<CaseId, PartnerId> = case_task::Entity::find()
        .select_only()
        .columns([case_task::Column::CaseId, case_task::Column::PartnerId])
        .filter(case_task::Column::Id.is_in(tasks))
        .into_tuple::<(CaseId, PartnerId)>()
        .all(work.tx()?)
        .await?
        .into_iter()
        .collect();
    let ordered = door::continuing_first(work, partners.keys().copied().collect()).await?;
    Ok(ordered.into_iter().filter_map(|id| Some((id, *partners.get(&id)?))).collect())
}

/// Makes a letter that could not be sent due again, without its earlier attempts.
///
/// # Errors
/// `NOT_FOUND` when there is no such letter whose jobs the actor manages; `INVALID_TRANSITION` when it has not failed,
/// or was written to somebody who is not the case's customer any more.
pub async fn retry(work: &mut Work, id: LetterId, field: &str) -> Outcome<letter::Model> {
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::at_seller(work.actor(), found.seller_id), Action::ManageJobs, Action::ManageJobs, field)?;
    let case = match found.case_id {
        Some(id) => door::lock(work, id).await?,
        None => None,
    };
    let row = work.lock::<letter::Model>(id).await?;
    let mut row = row.ok_or(Fault::Broken("a letter is never deleted"))?;
    if row.status != LetterStatus::Failed {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::letter::not_failed()).into());
    }
    if let Some(id) = row.staff_id {
        let person = entity::staff::Entity::find_by_id(id).one(work.tx()?).await?;
        if !person.is_some_and(|person| person.active && person.email == row.recipient) {
            return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::letter::staff_elsewhere()).into());
        }
    }
    if let Some(id) = row.contact_id {
        let person = entity::partner_contact::Entity::find_by_id(id).one(work.tx()?).await?;
        let told = person.is_some_and(|person| person.active && person.tasks_by_mail && person.email == row.recipient);
        if !told || work.now() - row.created_at >= task_link::LIFETIME {
            return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::letter::partner_not_mailed()).into());
        }
    }
    if case.is_some_and(|case| Some(case.customer_id) != row.customer_id) {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::letter::another_customer()).into());
    }
    row.set(Progress::due(work.now()));
    (row.status, row.reason, row.ended_at) = (LetterStatus::Waiting, None, None);
    timer::stop_of(work, id.0, &[DueKind::CallBy]);
    Ok(row.done())
}
