//! Files that are uploaded before the act that attaches them. An upload is made with its size, which is reserved in its
//! sender's share of bytes; its bytes come in parts over HTTP; and an act of the same credential attaches it by its id,
//! once. Until then nobody can read it, and after a day it is removed.

pub mod content;
pub mod write;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, MessageId, ReportId, TaskMessageId, TaskUpdateId, UploadId};
use entity::{attachment, blob, upload, upload_part};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::storage;
use crate::access::table::{self, Action};
use crate::kit::actor::{Actor, Agent};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
use crate::kit::file_settings::Files;
use crate::kit::once::Reloadable;
use crate::kit::text::{file_name, from_hex};
use crate::kit::work::Work;
use crate::texts;

/// How long an upload can be sent and attached.
pub const KEPT: TimeDelta = TimeDelta::days(1);
/// The most uploads that one act attaches.
pub const MOST: usize = 10;
/// The most characters of a file's name.
const NAME: usize = 200;
/// How many forgotten uploads are removed at once.
const AT_ONCE: u64 = 20;

/// A file that will be sent.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// The name of the file.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its bytes in hexadecimal, if the sender knows it.
    pub sha256: Option<String>,
}

/// Makes an upload, and reserves its bytes in the actor's share of today.
///
/// # Errors
/// A problem with each field that is not valid; `STORAGE_USED_UP` when the share has too little left.
pub async fn create(work: &mut Work, new: &NewUpload) -> Outcome<upload::Model> {
    let actor = work.actor();
    let seller = actor.seller().filter(|seller| table::may(table::to_uploads(actor, *seller), Action::SendFile));
    let seller = seller.ok_or_else(|| table::refused(Action::SendFile))?;
    let (made_by, made_for) = credential(actor).ok_or(Fault::Broken("whoever may send files has a credential"))?;
    let settings = work.app().part::<Files>().get();
    let public = matches!(actor, Actor::Widget { .. } | Actor::Customer { .. });
    let most = if public { settings.public_bytes } else { settings.signed_in_bytes };
    let mut problems = Problems::default();
    let name = problems.check(required(&file_name(&new.name), "name", NAME)).unwrap_or_default();
    if !(1..=most).contains(&new.size) {
        problems.add(Problem::new(ErrorCode::TooLong, "size", texts::input::upload_size(most)));
    }
    let stated_sha256 = new.sha256.as_deref().and_then(from_hex).filter(|bytes| bytes.len() == 32);
    if new.sha256.is_some() && stated_sha256.is_none() {
        problems.add(Problem::new(ErrorCode::Invalid, "sha256", texts::input::bad_sha256()));
    }
    problems.refuse_if_any()?;
    let row = upload::Model {
        id: work.new_id(),
        seller_id: seller,
        made_by,
        made_for,
        party_id: storage::reserve(work, new.size, "size").await?,
        reserved: new.size,
        name,
        size: new.size,
        stated_sha256,
        received: 0,
        content_type: None,
        sha256: None,
        created_at: work.now(),
        finished_at: None,
        attached_at: None,
    };
    work.insert(row.clone());
    Ok(row)
}

/// An upload that is over is not made again by its key: the caller takes a new one.
impl Reloadable for upload::Model {
    fn name(&self) -> String {
        self.id.to_string()
    }

    async fn reload(work: &Work, name: &str) -> Outcome<Self> {
        let id: UploadId = name.parse().map_err(|_| Fault::Broken("a key's result is an id"))?;
        let row = upload::Entity::find_by_id(id).one(work.tx()?).await?;
        let over = || Problem::new(ErrorCode::InvalidTransition, "idempotencyKey", texts::input::upload_over());
        Ok(row.filter(|row| work.now() < row.created_at + KEPT).ok_or_else(over)?)
    }
}

/// Whether this actor made the upload, with the credential that it shows now, and can still use it.
#[must_use]
pub fn is_theirs(row: &upload::Model, actor: Actor, now: DateTime<Utc>) -> bool {
    credential(actor) == Some((row.made_by, row.made_for)) && now < row.created_at + KEPT
}

/// What identifies the credential of an actor. The token of a customer is for one case.
fn credential(actor: Actor) -> Option<(Uuid, Option<Uuid>)> {
    match actor {
        Actor::Anonymous | Actor::System | Actor::Import { .. } => None,
        Actor::Widget { id, .. } => Some((id.0, None)),
        Actor::Customer { id, case, .. } => Some((id.0, Some(case.0))),
        Actor::Staff { id, .. } => Some((id.0, None)),
        Actor::Partner { by: Agent::Person(id), .. } => Some((id.0, None)),
        Actor::Partner { by: Agent::System(id, _), .. } | Actor::Client { id, .. } => Some((id.0, None)),
    }
}

/// An upload that an act attaches.
#[derive(Debug, Clone)]
pub struct SentFile {
    /// The name of the file.
    pub name: String,
    content_type: String,
    size: i64,
    sha256: Vec<u8>,
}

/// Takes these uploads of the actor, so that no other act can attach them.
///
/// # Errors
/// `NOT_FOUND` for an upload of somebody else, and for one that is older than a day; `INVALID_TRANSITION` for one that
/// is not complete or was attached before; `TOO_LONG` for too many.
pub async fn take(work: &mut Work, ids: &[UploadId], field: &str) -> Outcome<Vec<SentFile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if ids.len() > MOST {
        return Err(Problem::new(ErrorCode::TooLong, field, texts::input::too_many_uploads()).into());
    }
    // Locked in one order, so that two acts with the same uploads do not wait for each other.
    let rows = upload::Entity::find().filter(upload::Column::Id.is_in(ids.iter().copied()));
    let mut rows = work.lock_all(rows.order_by_asc(upload::Column::Id)).await?;
    let (actor, now) = (work.actor(), work.now());
    let mut files = Vec::new();
    let mut problems = Problems::default();
    for (id, place) in ids.iter().zip(0..) {
        let field = format!("{field}.{place}");
        let row = rows.iter_mut().find(|row| row.id == *id).filter(|row| is_theirs(row, actor, now));
        let refused = |text| Problem::new(ErrorCode::InvalidTransition, &field, text);
        let Some(row) = row else {
            problems.add(Problem::not_found(&field));
            continue;
        };
        if row.attached_at.is_some() {
            problems.add(refused(texts::input::upload_used()));
            continue;
        }
        let (Some(sha256), Some(content_type)) = (row.sha256.clone(), row.content_type.clone()) else {
            problems.add(refused(texts::input::upload_unfinished()));
            continue;
        };
        row.attached_at = Some(now);
        files.push((*id, SentFile { name: row.name.clone(), content_type, size: row.size, sha256 }));
    }
    problems.refuse_if_any()?;
    let mut hashes: Vec<(Vec<u8>, UploadId)> = files.iter().map(|(id, file)| (file.sha256.clone(), *id)).collect();
    hashes.sort();
    for (sha256, id) in hashes {
        keep(work, sha256, id).await?;
    }
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

/// Gives back what is reserved for an upload whose bytes were handed in, such as a mail, and are counted there. The
/// upload stays until its day is over, so that a repeated request finds it.
///
/// # Errors
/// When the store cannot be written.
pub async fn handed_in(work: &mut Work, id: UploadId) -> Outcome<()> {
    if let Some(mut row) = work.lock::<upload::Model>(id).await? {
        let reserved = std::mem::take(&mut row.reserved);
        storage::give_back(work, row.party_id, row.created_at, reserved).await?;
    }
    Ok(())
}

/// Makes the parts of this upload the place of these bytes. If the same bytes are stored already, its parts are not
/// needed.
async fn keep(work: &mut Work, sha256: Vec<u8>, id: UploadId) -> Outcome<()> {
    let known = blob::Entity::find().select_only().column(blob::Column::Sha256);
    let known = known.filter(blob::Column::Sha256.eq(sha256.clone())).into_tuple::<Vec<u8>>();
    if known.one(work.tx()?).await?.is_some() {
        return remove_parts(work, id).await;
    }
    work.insert_if_new(blob::Model { sha256, bytes: None, upload_id: Some(id) });
    Ok(())
}

/// What a file belongs to.
#[derive(Debug, Clone, Copy)]
pub enum Holder {
    /// It came with this report.
    Report(ReportId),
    /// It came with this update of a task.
    TaskUpdate(TaskUpdateId),
    /// It came with this message about a task.
    TaskMessage(TaskMessageId),
    /// It came with this message on a case.
    Message(MessageId),
}

/// Inserts taken files of a case. `before` says how many files the holder has already.
pub fn attach(work: &mut Work, case_id: CaseId, holder: Holder, before: usize, files: Vec<SentFile>) {
    let first = i32::try_from(before).unwrap_or(i32::MAX);
    for (SentFile { name, content_type, size, sha256 }, position) in files.into_iter().zip(first..) {
        let id = work.new_id();
        work.insert(attached(id, case_id, holder, (position, name, content_type, size, sha256)));
    }
}

/// The row of a file: its place, name, type, size and hash.
#[must_use]
pub fn attached(
    id: entity::id::AttachmentId,
    case_id: CaseId,
    holder: Holder,
    (position, name, content_type, size, sha256): (i32, String, String, i64, Vec<u8>),
) -> attachment::Model {
    let mut row = attachment::Model {
        id,
        case_id,
        report_id: None,
        task_update_id: None,
        task_message_id: None,
        message_id: None,
        position,
        name,
        content_type,
        size,
        sha256,
    };
    match holder {
        Holder::Report(id) => row.report_id = Some(id),
        Holder::TaskUpdate(id) => row.task_update_id = Some(id),
        Holder::TaskMessage(id) => row.task_message_id = Some(id),
        Holder::Message(id) => row.message_id = Some(id),
    }
    row
}

/// Removes uploads that nobody attached within a day, and gives back what was reserved for them.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<usize> {
    let old = upload::Entity::find()
        .filter(upload::Column::AttachedAt.is_null())
        .filter(upload::Column::CreatedAt.lte(work.now() - KEPT))
        .order_by_asc(upload::Column::CreatedAt)
        .order_by_asc(upload::Column::Id)
        .limit(AT_ONCE);
    let rows = work.lock_all(old).await?;
    let count = rows.len();
    for row in rows {
        remove(work, &row.done()).await?;
    }
    Ok(count)
}

/// Removes an upload with its bytes, and gives back what was reserved for it.
async fn remove(work: &mut Work, row: &upload::Model) -> Outcome<()> {
    remove_parts(work, row.id).await?;
    upload::Entity::delete_by_id(row.id).exec(work.tx()?).await?;
    if row.reserved > 0 {
        storage::give_back(work, row.party_id, row.created_at, row.reserved).await?;
    }
    Ok(())
}

async fn remove_parts(work: &Work, id: UploadId) -> Outcome<()> {
    let parts = upload_part::Entity::delete_many().filter(upload_part::Column::UploadId.eq(id));
    parts.exec(work.tx()?).await?;
    Ok(())
}
