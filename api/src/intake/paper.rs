//! Letters that reach the company on paper, by fax, or passed on by somebody who received them first. Whoever opens a
//! letter writes down the customer's words. Its pages are kept as files.

use chrono::{DateTime, Utc};
use entity::id::{SellerId, UploadId};

use serde::{Deserialize, Serialize};

use super::logged::{ContactPerson, LoggedContact, past};
use super::matter::line;
use super::receive::{self, Received};
use super::report::{Arrived, File};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::error::{Outcome, Problems, optional};
use crate::kit::upload::{self, Upload};
use crate::kit::work::Work;

pub use entity::kind::LetterChannel;

/// A letter, as entered by whoever opened it.
#[derive(Debug, Clone, Serialize)]
pub struct Paper {
    /// How the letter came.
    pub channel: LetterChannel,
    /// When it reached the company; now when not given.
    pub received_at: Option<DateTime<Utc>>,
    /// The person who wrote the letter.
    #[serde(flatten)]
    pub person: ContactPerson,
    /// The customer's postal address, as they wrote it.
    pub postal_address: Option<String>,
    /// Who passed the letter on.
    pub referred_by: Option<String>,
    /// What every logged contact has: its number, the customer's words and what the complaint is about.
    #[serde(flatten)]
    pub told: LoggedContact,
    /// The files that were uploaded before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<UploadId>,
    /// Its pages. They are kept as files and left out of the JSON.
    #[serde(skip)]
    pub pages: Vec<Upload>,
}

/// What is kept of a letter besides its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LetterFacts {
    /// The register that numbers the letter.
    pub source: String,
    /// The letter's number in that register.
    pub external_id: String,
    /// The customer's postal address, as they wrote it.
    pub postal_address: Option<String>,
    /// Who passed the letter on.
    pub referred_by: Option<String>,
}

/// Takes in a letter.
///
/// # Errors
/// `FORBIDDEN` when the actor may not log letters; one problem for every invalid field; the errors of
/// [`receive::receive`].
pub async fn log(work: &mut Work, paper: &Paper) -> Outcome<Received> {
    let seller = door::intake(work, Action::LogLetter)?;
    let arrived = parse(paper, seller, work.now())?;
    receive::receive(work, &arrived).await
}

fn parse(paper: &Paper, seller: SellerId, now: DateTime<Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let checked = paper.told.check(&mut problems);
    let received_at = past(&mut problems, paper.received_at, "receivedAt", now);
    let sender = paper.person.check(&mut problems, paper.told.language, paper.told.customer);
    let facts = LetterFacts {
        source: checked.source.clone(),
        external_id: checked.external_id.clone(),
        postal_address: problems.check(optional(paper.postal_address.as_deref(), "postalAddress", 500)).flatten(),
        referred_by: line(&mut problems, paper.referred_by.as_deref(), "referredBy", 200),
    };
    let attachments = problems.check(upload::checked(&paper.pages)).unwrap_or_default();
    problems.refuse_if_any()?;
    let raw = File::json("letter.json", paper)?;
    let what = (seller, paper.channel.into(), "logLetter");
    let attachments = attachments.into_iter().map(File::from).collect();
    let arrived = checked.arrived(what, received_at, sender, &facts, (raw, attachments))?;
    Ok(Arrived { uploads: paper.uploads.clone(), ..arrived })
}
