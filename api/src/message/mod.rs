//! Messages on a case: the customer's, the owner's, and notes between colleagues.

pub mod query;
pub mod thanks;

use entity::id::{TaskUpdateId, UploadId};
use entity::kind::{PartyKind, Thanks, Visibility};
use entity::{case, message, report};

use crate::access::storage::{self, Stores};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::actor::{Actor, Reach};
use crate::kit::error::Outcome;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter;
use crate::upload::{self, Holder};

/// The most characters in a message.
pub const LONGEST: usize = 20_000;

/// Adds a message by the actor to a locked case, and mails it to the customer if it is for them.
///
/// # Errors
/// `STORAGE_USED_UP` when the actor may not store so much today, or as [`log::append`].
pub async fn add(
    work: &mut Work,
    case: &mut case::Model,
    visibility: Visibility,
    body: String,
) -> Outcome<message::Model> {
    Ok(tell(work, case, visibility, &Said { body, uploads: Vec::new() }, None).await?.0)
}

/// What a message says, and the files that were uploaded for it.
#[derive(Debug, Clone)]
pub struct Said {
    /// The text.
    pub body: String,
    /// The uploads.
    pub uploads: Vec<UploadId>,
}

/// As [`add`], for a message that may have files, and may be based on a partner's update. Returns also whether the customer can be reached
/// by it: false only when it should be mailed and no address is known.
///
/// # Errors
/// As [`add`].
pub async fn tell(
    work: &mut Work,
    case: &mut case::Model,
    visibility: Visibility,
    said: &Said,
    task_update_id: Option<TaskUpdateId>,
) -> Outcome<(message::Model, bool)> {
    storage::take(work, Stores { text: said.body.len(), files: 0, field: "text" }).await?;
    let files = upload::take(work, &said.uploads, "uploadIds").await?;
    let (by_kind, by_id) = work.actor().party();
    // With a file, thanks may say more.
    let thanks = |found| if files.is_empty() { found } else { Thanks::Perhaps };
    let row = message::Model {
        id: work.new_id(),
        case_id: case.id,
        report_id: None,
        task_update_id,
        visibility,
        by_kind,
        by_id,
        by_shown_link: matches!(work.actor(), Actor::Customer { reach: Reach::Shown, .. }),
        thanks: (by_kind == PartyKind::Customer).then(|| thanks::of(&said.body)).flatten().map(thanks),
        body: said.body.clone(),
        at: work.now(),
        answered_at: None,
    };
    appended(work, case, &row)?;
    work.insert(row.clone());
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let reached = letter::mail_message(work, case, &row, &names).await?;
    upload::attach(work, case.id, Holder::Message(row.id), 0, files);
    Ok((row, reached))
}

/// Makes a message from a report: from its words, or from the shown part of them. The message is the customer's,
/// whoever handed the report in. The caller inserts it after the report.
///
/// # Errors
/// As [`log::append`].
pub fn from_report(
    work: &mut Work,
    case: &mut case::Model,
    report: &report::Model,
    (visibility, thanks): (Visibility, Option<Thanks>),
    shown: Option<&str>,
) -> Outcome<message::Model> {
    let row = message::Model {
        id: work.new_id(),
        case_id: case.id,
        report_id: Some(report.id),
        task_update_id: None,
        visibility,
        by_kind: PartyKind::Customer,
        by_id: Some(report.customer_id.0),
        by_shown_link: false,
        thanks,
        // A message holds only the beginning of a very long text. The report keeps all of it.
        body: truncated(shown.unwrap_or(&report.words), LONGEST),
        at: work.now(),
        answered_at: None,
    };
    appended(work, case, &row)?;
    Ok(row)
}

fn appended(work: &mut Work, case: &mut case::Model, row: &message::Model) -> Outcome<()> {
    case.last_message_id = Some(row.id);
    log::append(work, case, &Payload::MessageAdded { message: row.id, visibility: row.visibility })
}
