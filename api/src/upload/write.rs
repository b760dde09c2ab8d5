//! The bytes of an upload arrive: in parts of 256 KiB, each in an act of its own, so that a process that ends loses no
//! more than the part that it was receiving.

use std::sync::Arc;

use entity::id::UploadId;
use entity::{upload, upload_part};
use sea_orm::{DbErr, EntityTrait};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::{KEPT, content, remove, remove_parts};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::rows::Held;
use crate::kit::sniff;
use crate::kit::work::Work;

/// The size of a part in bytes.
pub const PART: usize = 256 * 1024;

/// Why bytes are not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// There is no such upload, or it is too old.
    NotFound,
    /// The bytes do not begin where the last ones ended, or all are there.
    Elsewhere,
    /// They are not the bytes of the SHA-256 that the sender stated. All were removed.
    OtherBytes,
    /// The service is at fault.
    Fault(Fault),
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Problems(_) => Self::Fault(Fault::Broken("an upload's bytes are refused by no problem")),
            Refusal::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<DbErr> for NotTaken {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// The result of an act that runs in a task of its own, so that it ends even if its client goes away.
async fn joined<T>(task: JoinHandle<Outcome<Result<T, NotTaken>>>) -> Result<T, NotTaken> {
    task.await.map_err(|_| NotTaken::Fault(Fault::Broken("an upload's act does not break off")))??
}

/// The upload with this id, while bytes can be sent to it.
///
/// # Errors
/// When there is none, or the store cannot be read.
pub async fn find(app: App, id: UploadId) -> Result<upload::Model, NotTaken> {
    let row = upload::Entity::find_by_id(id).one(app.reader().db()).await?;
    row.filter(|row| app.now() < row.created_at + KEPT && row.attached_at.is_none()).ok_or(NotTaken::NotFound)
}

/// How many bytes fit into the part that is open at this offset.
#[must_use]
pub fn room(offset: i64) -> usize {
    PART - usize::try_from(offset).unwrap_or_default() % PART
}

/// Stores bytes that begin at this offset and end in the same part. Returns the offset after them.
///
/// # Errors
/// When they do not begin where the last ones ended.
pub async fn append(app: App, id: UploadId, offset: i64, bytes: Vec<u8>) -> Result<i64, NotTaken> {
    let bytes = Arc::new(bytes);
    let act = async move |work: &mut Work| appended(work, id, offset, Arc::clone(&bytes)).await;
    joined(tokio::spawn(async move { app.run(Actor::System, act).await })).await
}

async fn appended(work: &mut Work, id: UploadId, offset: i64, bytes: Arc<Vec<u8>>) -> Outcome<Result<i64, NotTaken>> {
    let Some(mut row) = open(work, id).await? else { return Ok(Err(NotTaken::NotFound)) };
    let end = offset.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    if row.received != offset || row.finished_at.is_some() || end > row.size {
        return Ok(Err(NotTaken::Elsewhere));
    }
    let size = i64::try_from(PART).unwrap_or(i64::MAX);
    let number = i32::try_from(offset / size).unwrap_or(i32::MAX);
    let mut part = Vec::new();
    if offset % size > 0 {
        let begun = upload_part::Entity::find_by_id((id, number)).one(work.tx()?).await?;
        part = begun.ok_or(Fault::Broken("what was received is stored"))?.bytes;
    }
    part.extend_from_slice(&bytes);
    row.received = end;
    work.save(upload_part::Model { upload_id: id, number, bytes: part });
    Ok(Ok(end))
}

/// Begins an upload anew, because its sender sends all of it again.
///
/// # Errors
/// When it is complete already.
pub async fn restart(app: App, id: UploadId) -> Result<(), NotTaken> {
    let act = async move |work: &mut Work| restarted(work, id).await;
    joined(tokio::spawn(async move { app.run(Actor::System, act).await })).await
}

async fn restarted(work: &mut Work, id: UploadId) -> Outcome<Result<(), NotTaken>> {
    let Some(mut row) = open(work, id).await? else { return Ok(Err(NotTaken::NotFound)) };
    if row.finished_at.is_some() {
        return Ok(Err(NotTaken::Elsewhere));
    }
    if row.received > 0 {
        row.received = 0;
        remove_parts(work, id).await?;
    }
    Ok(Ok(()))
}

/// Finishes an upload of which all bytes have arrived: finds out its SHA-256 and what kind of file it is. Does nothing
/// with one that is not complete, or is finished.
///
/// # Errors
/// When they are not the bytes that the sender stated.
pub async fn finish(app: App, row: upload::Model) -> Result<(), NotTaken> {
    if row.received < row.size || row.finished_at.is_some() {
        return Ok(());
    }
    let (mut hash, mut kind) = (Sha256::new(), sniff::UNKNOWN);
    for number in 0..content::parts(row.size) {
        let part = content::part(app.reader().db(), row.id, number).await?;
        if number == 0 {
            kind = sniff::content_type(&part);
        }
        hash.update(&part);
    }
    let (found, id) = (Arc::new(Found { sha256: hash.finalize().to_vec(), content_type: kind.to_owned() }), row.id);
    let act = async move |work: &mut Work| finished(work, id, Arc::clone(&found)).await;
    joined(tokio::spawn(async move { app.run(Actor::System, act).await })).await
}

/// What was found out about the bytes of an upload.
struct Found {
    sha256: Vec<u8>,
    content_type: String,
}

async fn finished(work: &mut Work, id: UploadId, found: Arc<Found>) -> Outcome<Result<(), NotTaken>> {
    let Some(mut row) = open(work, id).await? else { return Ok(Err(NotTaken::NotFound)) };
    if row.received < row.size || row.finished_at.is_some() {
        return Ok(Ok(()));
    }
    if row.stated_sha256.as_ref().is_some_and(|stated| *stated != found.sha256) {
        row.received = 0;
        remove_parts(work, id).await?;
        return Ok(Err(NotTaken::OtherBytes));
    }
    row.sha256 = Some(found.sha256.clone());
    row.content_type = Some(found.content_type.clone());
    row.finished_at = Some(work.now());
    Ok(Ok(()))
}

/// Ends an upload at its sender's wish.
///
/// # Errors
/// When there is none that could still be attached.
pub async fn cancel(app: App, id: UploadId) -> Result<(), NotTaken> {
    let act = async move |work: &mut Work| cancelled(work, id).await;
    joined(tokio::spawn(async move { app.run(Actor::System, act).await })).await
}

async fn cancelled(work: &mut Work, id: UploadId) -> Outcome<Result<(), NotTaken>> {
    let Some(row) = open(work, id).await? else { return Ok(Err(NotTaken::NotFound)) };
    remove(work, &row.done()).await?;
    Ok(Ok(()))
}

async fn open(work: &Work, id: UploadId) -> Outcome<Option<Held<upload::Model>>> {
    let row = work.lock::<upload::Model>(id).await?;
    Ok(row.filter(|row| work.now() < row.created_at + KEPT && row.attached_at.is_none()))
}
