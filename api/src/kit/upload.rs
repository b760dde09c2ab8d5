//! Files that somebody sends along with what they tell.

use std::sync::Arc;

use super::error::{ErrorCode, Problem, required};
use super::text::{clean_line, truncated};

/// Files with one act at most.
const FILES: usize = 10;
/// Bytes of all files of one act at most; the request itself may be smaller.
const BYTES: usize = 20 * 1024 * 1024;

/// A file that is sent along.
#[derive(Debug, Clone)]
pub struct Upload {
    /// As it is called there.
    pub name: String,
    /// As it is said to be; never believed.
    pub content_type: Option<String>,
    /// What is in it; shared, because an act may run more than once.
    pub bytes: Arc<Vec<u8>>,
}

/// A file's name, what it is said to be, and what is in it.
pub type Checked = (String, String, Arc<Vec<u8>>);

/// How many bytes these files have together.
#[must_use]
pub fn size(files: &[Upload]) -> usize {
    files.iter().map(|file| file.bytes.len()).sum()
}

/// Each file's name and what it is said to be, cleaned, with its bytes.
///
/// # Errors
/// When there are too many, they are too large, or one has no name.
pub fn checked(files: &[Upload]) -> Result<Vec<Checked>, Problem> {
    if files.len() > FILES || size(files) > BYTES {
        let (en, sv) = ("At most 10 files of 20 MB in all.", "Högst 10 filer om sammanlagt 20 MB.");
        return Err(Problem::new(ErrorCode::TooLong, "attachments", en, sv));
    }
    let file = |(file, position): (&Upload, usize)| {
        let name = required(&clean_line(&file.name), &format!("attachments.{position}.name"), 200)?;
        let kind = file.content_type.as_deref().map(|kind| truncated(&clean_line(kind), 200));
        let kind = kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok((name, kind, Arc::clone(&file.bytes)))
    };
    files.iter().zip(0..).map(file).collect()
}
