//! What staff write down about a contact: a call, a letter or a visit. Each has a number in some register and holds the
//! customer's own words. This module has what all kinds share.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, CustomerId, SellerId};
use entity::kind::{Channel, Language};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::matter::{Matter, line};
use super::report::{About, Arrived, Belongs, Changed, File, Once, Sender};
use crate::case::commitment::Promised;
use crate::case::commitment::decide::Due;
use crate::kit::contact::{checked_email, checked_phone};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::texts;

/// The greatest age of a contact that can be logged.
pub const MEMORY: TimeDelta = TimeDelta::days(3_653);

/// What every logged contact has.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedContact {
    /// The register or system that numbers the contact.
    pub source: String,
    /// The contact's number in that register.
    pub external_id: String,
    /// The language that the customer reads.
    pub language: Option<Language>,
    /// The customer's own words.
    pub words: Option<String>,
    /// The case that it belongs to; none for a new case.
    pub case: Option<CaseId>,
    /// The customer whom somebody recognised. When none is given, the customer is that of the case, or the one known by
    /// the e-mail address, or a new one.
    pub customer: Option<CustomerId>,
    /// What was promised to the customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promised: Vec<Promised>,
    /// When the customer hears from the company next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_contact: Option<Due>,
    /// What the complaint is about.
    #[serde(flatten)]
    pub matter: Matter,
}

/// Who a contact is from, as they say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactPerson {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
}

impl ContactPerson {
    /// The sender, with contact details that were checked. None of them is required.
    pub fn check(&self, problems: &mut Problems, language: Option<Language>, chosen: Option<CustomerId>) -> Sender {
        Sender {
            name: line(problems, self.name.as_deref(), "name", 200),
            email: problems.check(checked_email(self.email.as_deref(), "email")).flatten(),
            phone: problems.check(checked_phone(self.phone.as_deref(), "phone")).flatten(),
            language,
            chosen,
        }
    }
}

/// A logged contact whose fields were checked.
#[derive(Debug)]
pub struct Checked {
    /// The register that numbers the contact.
    pub source: String,
    /// The contact's number in that register.
    pub external_id: String,
    words: String,
    subject: Option<String>,
    about: About,
    belongs: Belongs,
    promised: Vec<Promised>,
    next_contact: Option<Due>,
}

impl LoggedContact {
    /// A contact with this number in a register, of which nothing is said but the words, about a case or none.
    #[must_use]
    pub fn new(source: &str, external_id: String, words: &str, case: Option<CaseId>) -> Self {
        Self {
            source: source.to_owned(),
            external_id,
            language: None,
            words: Some(words.to_owned()),
            case,
            customer: None,
            promised: Vec::new(),
            next_contact: None,
            matter: Matter::default(),
        }
    }

    /// Checks the fields that every logged contact has. What is wrong is added to `problems`.
    pub fn check(&self, problems: &mut Problems) -> Checked {
        let numbered = self.numbered(problems);
        let words = required(self.words.as_deref().unwrap_or_default(), "words", crate::message::LONGEST);
        let words = problems.check(words).unwrap_or_default();
        self.check_beside(problems, numbered, words)
    }

    /// The register and the number in it, checked.
    pub fn numbered(&self, problems: &mut Problems) -> (String, String) {
        let source = problems.check(required(&self.source, "source", 100)).unwrap_or_default();
        (source, problems.check(required(&self.external_id, "externalId", 200)).unwrap_or_default())
    }

    /// Checks the other fields, given the number and the customer's words.
    pub fn check_beside(
        &self,
        problems: &mut Problems,
        (source, external_id): (String, String),
        words: String,
    ) -> Checked {
        let (subject, about) = self.matter.check(problems);
        let belongs = self.case.map_or(Belongs::New, Belongs::To);
        let (promised, next_contact) = (self.promised.clone(), self.next_contact);
        Checked { source, external_id, words, subject, about, belongs, promised, next_contact }
    }
}

impl Checked {
    /// What arrived, with the facts of its kind and the files that came along. The same number in the same register
    /// always means the same contact. If its content differs, it adds to what was logged first.
    ///
    /// # Errors
    /// When the facts cannot be written as JSON, which cannot happen here.
    pub fn arrived(
        self,
        (seller, channel, operation): (SellerId, Channel, &'static str),
        received_at: DateTime<Utc>,
        sender: Sender,
        facts: &impl Serialize,
        (raw, attachments): (File, Vec<File>),
    ) -> Outcome<Arrived> {
        let Self { source, external_id, words, subject, about, belongs, promised, next_contact } = self;
        // The length comes first, so that the pairs ("a", "bc") and ("ab", "c") have different keys.
        let key = format!("{}:{source}:{external_id}", source.len());
        let files = attachments.iter().map(|file| file.bytes.as_slice());
        let content = std::iter::once(raw.bytes.as_slice()).chain(files);
        let content = content.fold(Sha256::new(), |hash, bytes| hash.chain_update(Sha256::digest(bytes)));
        let fingerprint = content.finalize().to_vec();
        let once = Once { operation, key, fingerprint, expires_at: None, changed: Changed::IsAdded };
        let details = serde_json::to_value(facts)?;
        let arrived = Arrived::new((seller, channel), once, received_at, words, sender, raw);
        Ok(Arrived { subject, belongs, about, details, attachments, promised, next_contact, ..arrived })
    }
}

/// When the contact happened; now when not given. A time in the future or too long ago is added to `problems`.
pub fn past(problems: &mut Problems, at: Option<DateTime<Utc>>, field: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let at = at.unwrap_or(now);
    if is_past(at, now) {
        return at;
    }
    problems.add(not_past(field));
    now
}

/// Whether this time is in the past and not longer ago than [`MEMORY`].
#[must_use]
pub fn is_past(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now && at >= now - MEMORY
}

/// The problem that a time is in the future or too long ago.
#[must_use]
pub fn not_past(field: &str) -> Problem {
    Problem::new(ErrorCode::Invalid, field, texts::intake::not_within_ten_years())
}
