//! Files that are uploaded with an act.

use std::sync::Arc;

use super::error::{ErrorCode, Problem, required};
use super::text::{clean_line, file_name, truncated};
use crate::texts;

/// The most files in one act.
const FILES: usize = 10;
/// The most bytes of all files of one act together. The limit of the request itself may be lower.
const BYTES: usize = 20 * 1024 * 1024;

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The name that the sender gave the file.
    pub name: String,
    /// The content type that the sender declared. It is never trusted.
    pub content_type: Option<String>,
    /// The content. It is shared, because an act may run more than once.
    pub bytes: Arc<Vec<u8>>,
}

/// A checked file: its name, its declared content type and its content.
pub type Checked = (String, String, Arc<Vec<u8>>);

/// The total size of these files in bytes.
#[must_use]
pub fn size(files: &[Upload]) -> usize {
    files.iter().map(|file| file.bytes.len()).sum()
}

/// The files with cleaned names and content types.
///
/// # Errors
/// When there are too many files, they are too large together, or one has no name.
pub fn checked(files: &[Upload]) -> Result<Vec<Checked>, Problem> {
    if files.len() > FILES || size(files) > BYTES {
        return Err(Problem::new(ErrorCode::TooLong, "attachments", texts::input::too_many_files()));
    }
    let file = |(file, position): (&Upload, usize)| {
        let name = required(&file_name(&file.name), &format!("attachments.{position}.name"), 200)?;
        let kind = file.content_type.as_deref().map(|kind| truncated(&clean_line(kind), 200));
        let kind = kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok((name, kind, Arc::clone(&file.bytes)))
    };
    files.iter().zip(0..).map(file).collect()
}
