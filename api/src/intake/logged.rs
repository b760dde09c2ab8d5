//! What somebody here writes down: a call, a letter, a visit. Each is numbered by a register of its own and holds the
//! customer's own words; this is what they have in common, whichever it was.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, CustomerId, SellerId};
use entity::kind::{Channel, Language};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::matter::{Matter, line};
use super::report::{About, Arrived, Belongs, Changed, File, Once, Sender};
use crate::kit::contact::{checked_email, checked_phone};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};

/// How old something may be that is taken in.
pub const MEMORY: TimeDelta = TimeDelta::days(3_653);

/// What is written down of anything.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// The register or system that numbers it.
    pub source: String,
    /// Its number there.
    pub external_id: String,
    /// What the customer reads.
    pub language: Option<Language>,
    /// The customer's own words.
    pub words: Option<String>,
    /// The case it belongs to; a new one when not said.
    pub case: Option<CaseId>,
    /// The customer whom somebody recognised; a new one when neither this nor a case is said, nor a known address.
    pub customer: Option<CustomerId>,
    /// What it is about.
    #[serde(flatten)]
    pub matter: Matter,
}

/// Who it is from, as they say.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Person {
    /// Their name.
    pub name: Option<String>,
    /// Their address for e-mail.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
}

impl Person {
    /// Who it is from, with ways to reach them that are ones; nobody needs to have one.
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

/// What was written down, checked.
#[derive(Debug)]
pub struct Checked {
    /// The register that numbers it.
    pub source: String,
    /// Its number there.
    pub external_id: String,
    words: String,
    subject: Option<String>,
    about: About,
    belongs: Belongs,
}

impl Told {
    /// Checks what every kind has; what is wrong is noted.
    pub fn check(&self, problems: &mut Problems) -> Checked {
        let numbered = self.numbered(problems);
        let words = required(self.words.as_deref().unwrap_or_default(), "words", crate::message::LONGEST);
        let words = problems.check(words).unwrap_or_default();
        self.check_beside(problems, numbered, words)
    }

    /// Its register, and its number there.
    pub fn numbered(&self, problems: &mut Problems) -> (String, String) {
        let source = problems.check(required(&self.source, "source", 100)).unwrap_or_default();
        (source, problems.check(required(&self.external_id, "externalId", 200)).unwrap_or_default())
    }

    /// Checks the rest, where these are its number and the customer's words.
    pub fn check_beside(
        &self,
        problems: &mut Problems,
        (source, external_id): (String, String),
        words: String,
    ) -> Checked {
        let (subject, about) = self.matter.check(problems);
        let belongs = self.case.map_or(Belongs::New, Belongs::To);
        Checked { source, external_id, words, subject, about, belongs }
    }
}

impl Checked {
    /// What arrived, with the facts that its kind has beside the words and the files that came along. The same number in the
    /// same register is the same thing, for ever; with another content, more is told of it.
    ///
    /// # Errors
    /// When the facts cannot be written as JSON, which nothing here can cause.
    pub fn arrived(
        self,
        (seller, channel, operation): (SellerId, Channel, &'static str),
        received_at: DateTime<Utc>,
        sender: Sender,
        facts: &impl Serialize,
        (raw, attachments): (File, Vec<File>),
    ) -> Outcome<Arrived> {
        let Self { source, external_id, words, subject, about, belongs } = self;
        // Length first: ("a", "bc") and ("ab", "c") are two of them.
        let key = format!("{}:{source}:{external_id}", source.len());
        let files = attachments.iter().map(|file| file.bytes.as_slice());
        let content = std::iter::once(raw.bytes.as_slice()).chain(files);
        let content = content.fold(Sha256::new(), |hash, bytes| hash.chain_update(Sha256::digest(bytes)));
        let fingerprint = content.finalize().to_vec();
        let once = Once { operation, key, fingerprint, expires_at: None, changed: Changed::IsAdded };
        let details = serde_json::to_value(facts)?;
        let arrived = Arrived::new((seller, channel), once, received_at, words, sender, raw);
        Ok(Arrived { subject, belongs, about, details, attachments, ..arrived })
    }
}

/// When it happened: now when that was not said. A time to come, or one too long ago, is noted.
pub fn past(problems: &mut Problems, at: Option<DateTime<Utc>>, field: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let at = at.unwrap_or(now);
    if is_past(at, now) {
        return at;
    }
    problems.add(not_past(field));
    now
}

/// Whether this is a past time, and not longer ago than anybody remembers.
#[must_use]
pub fn is_past(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now && at >= now - MEMORY
}

/// "Must be a past time."
#[must_use]
pub fn not_past(field: &str) -> Problem {
    let (en, sv) = ("Must be a past time, within ten years.", "Måste vara en förfluten tid, inom tio år.");
    Problem::new(ErrorCode::Invalid, field, en, sv)
}
