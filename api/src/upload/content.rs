//! The stored bytes of a file: in one row, or in the parts of an upload, of which no more than one is in memory.

use entity::id::UploadId;
use entity::{blob, upload, upload_part};
use sea_orm::{DbErr, EntityTrait};

use super::write::PART;
use crate::kit::db::Db;

/// Stored bytes.
#[derive(Debug, Clone)]
pub enum Content {
    /// All of them.
    Whole(Vec<u8>),
    /// They are the parts of this upload, which together have this many bytes.
    Parts(UploadId, i64),
}

/// The bytes with this SHA-256.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(db: &Db, sha256: Vec<u8>) -> Result<Option<Content>, DbErr> {
    let Some(row) = blob::Entity::find_by_id(sha256).one(db).await? else { return Ok(None) };
    let Some(id) = row.upload_id else { return Ok(row.bytes.map(Content::Whole)) };
    let upload = upload::Entity::find_by_id(id).one(db).await?;
    Ok(upload.map(|upload| Content::Parts(id, upload.size)))
}

/// The number of parts of an upload of this size.
#[must_use]
pub fn parts(size: i64) -> i32 {
    let part = i64::try_from(PART).unwrap_or(i64::MAX);
    i32::try_from(size.saturating_add(part - 1) / part).unwrap_or(i32::MAX)
}

/// One part of an upload.
///
/// # Errors
/// When the store cannot be read, or has no such part.
pub async fn part(db: &Db, id: UploadId, number: i32) -> Result<Vec<u8>, DbErr> {
    let row = upload_part::Entity::find_by_id((id, number)).one(db).await?;
    row.map(|row| row.bytes).ok_or_else(|| DbErr::RecordNotFound("a part of an upload".to_owned()))
}

impl Content {
    /// The number of bytes.
    #[must_use]
    pub fn size(&self) -> i64 {
        match self {
            Self::Whole(bytes) => i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            Self::Parts(_, size) => *size,
        }
    }

    /// The bytes at the beginning, at least as many as show what kind of file it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(&self, db: &Db) -> Result<Vec<u8>, DbErr> {
        match self {
            Self::Whole(bytes) => Ok(bytes.get(..PART).unwrap_or(bytes).to_vec()),
            Self::Parts(id, _) => part(db, *id, 0).await,
        }
    }
}

/// All bytes with this SHA-256, for a mail, which is read as a whole.
///
/// # Errors
/// When the store cannot be read.
pub async fn whole(db: &Db, sha256: Vec<u8>) -> Result<Option<Vec<u8>>, DbErr> {
    match of(db, sha256).await? {
        Some(Content::Whole(bytes)) => Ok(Some(bytes)),
        Some(Content::Parts(id, size)) => joined(db, id, size).await.map(Some),
        None => Ok(None),
    }
}

/// All bytes of an upload of this size.
///
/// # Errors
/// When the store cannot be read.
pub async fn joined(db: &Db, id: UploadId, size: i64) -> Result<Vec<u8>, DbErr> {
    let mut all = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    for number in 0..parts(size) {
        all.extend(part(db, id, number).await?);
    }
    Ok(all)
}
