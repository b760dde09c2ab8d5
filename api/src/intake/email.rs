//! E-mail: what was read of it becomes an [`Arrived`]. What cannot be understood still arrives, marked: the bytes are kept
//! and the fallback owner reads them.

use chrono::{DateTime, Utc};
use entity::kind::Channel;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::phone::MEMORY;
use super::receive::{self, Received};
use super::report::{About, Arrived, Belongs, File, Once, Sender};
use super::thread;
use crate::access::door;
use crate::access::table::Action;
use crate::kit::contact;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::text::{hex, truncated};
use crate::kit::work::Work;
use crate::mail::kind::Kind;
use crate::mail::{LARGEST, ParsedEmail, prepare};

/// Addresses that are kept of whom a mail was to.
const MOST_RECIPIENTS: usize = 40;

/// What is kept of a mail beside its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailFacts {
    /// The sender's address as written.
    pub from_address: Option<String>,
    /// The sender's name as written.
    pub from_name: Option<String>,
    /// Whom it was to.
    pub to: Vec<String>,
    /// When the sender says it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// What it is; a person's mail when nothing is noted.
    pub kind: Option<Kind>,
    /// Why it is said to be that.
    pub evidence: Vec<String>,
    /// Who wrote the mail that it passes on, as the forwarder's program says: name and address.
    pub forwarded_name: Option<String>,
    /// Their address.
    pub forwarded_address: Option<String>,
    /// Why it could not be understood, if so.
    pub not_understood_because: Option<String>,
}

/// A mail as read. Reading takes time and memory by its size, so it is done before the act begins.
pub struct Mail {
    raw: Vec<u8>,
    parsed: Option<ParsedEmail>,
    key: String,
}

impl Mail {
    /// Reads the bytes of a mail. Pure.
    #[must_use]
    pub fn read(raw: Vec<u8>) -> Self {
        let parsed = (!raw.is_empty() && raw.len() <= LARGEST).then(|| ParsedEmail::read(&raw));
        let key = parsed.as_ref().map_or_else(String::new, |parsed| key(parsed, &raw));
        Self { raw, parsed, key }
    }
}

/// Takes in a mail.
///
/// # Errors
/// When there are no bytes or too many.
pub async fn receive(work: &mut Work, mail: &Mail, received_at: Option<DateTime<Utc>>) -> Outcome<Received> {
    let seller = door::intake(work, Action::ReceiveEmail)?;
    if mail.raw.is_empty() {
        return Err(Problem::new(ErrorCode::Required, "raw", "The mail is empty.", "Brevet är tomt.").into());
    }
    let Some(parsed) = &mail.parsed else {
        let (en, sv) = ("A mail may have 30 MiB at most.", "Ett brev får ha högst 30 MiB.");
        return Err(Problem::new(ErrorCode::TooLong, "raw", en, sv).into());
    };
    if received_at.is_some_and(|time| time > work.now() || time < work.now() - MEMORY) {
        let (en, sv) = ("Must be a past time, within ten years.", "Måste vara en förfluten tid, inom tio år.");
        return Err(Problem::new(ErrorCode::Invalid, "receivedAt", en, sv).into());
    }
    let sender = sender(parsed);
    let facts = facts(parsed, &sender);
    let references = parsed.subject.as_deref().map(thread::references).unwrap_or_default();
    let arrived = Arrived {
        seller,
        channel: Channel::Email,
        once: Once { operation: "receiveEmail", key: mail.key.clone(), fingerprint: Vec::new(), expires_at: None },
        received_at: received_at.unwrap_or_else(|| work.now()),
        subject: parsed.subject.as_deref().map(|subject| truncated(subject, 200)),
        words: parsed.text.clone(),
        shown: Some(parsed.visible.clone()).filter(|visible| !visible.trim().is_empty()),
        sender,
        belongs: Belongs::Perhaps { message_ids: parsed.answers.clone(), references },
        about: About::default(),
        understood: facts.not_understood_because.is_none(),
        automatic: parsed.kind.is_automatic(),
        details: serde_json::to_value(&facts)?,
        raw: File { name: "mail.eml".to_owned(), content_type: "message/rfc822".to_owned(), bytes: mail.raw.clone() },
        attachments: parsed.attachments.iter().cloned().map(File::from).collect(),
        message_id: parsed.message_id.clone(),
        promised_from: None,
        imported: false,
    };
    receive::receive(work, &arrived).await
}

/// Who it is from, as claimed.
fn sender(parsed: &ParsedEmail) -> Sender {
    let from = parsed.sender.as_ref();
    Sender {
        name: from.and_then(|from| from.name.clone()),
        email: from.and_then(|from| contact::email(&from.address)),
        ..Sender::default()
    }
}

fn facts(parsed: &ParsedEmail, sender: &Sender) -> MailFacts {
    let nobody = || sender.email.is_none().then(|| "it names no sender that can be answered".to_owned());
    let from = parsed.sender.as_ref();
    let inside = parsed.forwarded.as_ref().and_then(|forwarded| forwarded.sender.as_ref());
    let to = parsed.recipients.iter().map(|to| to.address.clone()).filter(|address| !address.is_empty());
    MailFacts {
        from_address: from.map(|from| from.address.clone()).filter(|address| !address.is_empty()),
        from_name: sender.name.clone(),
        to: to.take(MOST_RECIPIENTS).collect(),
        written_at: parsed.written_at,
        kind: Some(parsed.kind),
        evidence: parsed.evidence.clone(),
        forwarded_name: inside.and_then(|inside| inside.name.clone()),
        forwarded_address: inside.map(|inside| inside.address.clone()).filter(|address| !address.is_empty()),
        not_understood_because: parsed.not_understood_because.clone().or_else(nobody),
    }
}

/// The same mail delivered to two of our addresses differs in its trace headers only. A Message-ID alone does not make
/// two mails the same: a forged one could suppress a complaint. Without one, the bytes say it.
fn key(parsed: &ParsedEmail, raw: &[u8]) -> String {
    let (_, body) = prepare::body_at(raw);
    let body = raw.get(body..).unwrap_or(raw);
    let from = parsed.sender.as_ref().and_then(|from| contact::email(&from.address)).unwrap_or_default();
    match &parsed.message_id {
        Some(id) => digest(&[id.as_bytes(), from.as_bytes(), body]),
        None => digest(&[raw]),
    }
}

/// SHA-256 of the parts, each behind its length.
fn digest(parts: &[&[u8]]) -> String {
    let hash =
        parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part.len().to_be_bytes()).chain_update(part));
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_headers_do_not_make_a_mail_another_but_words_do() {
        let mail = |trace: &str, body: &str| {
            let raw = format!("{trace}From: anna@example.com\r\nMessage-ID: <1@example.com>\r\n\r\n{body}");
            Mail::read(raw.into_bytes()).key
        };
        assert_eq!(mail("", "Hej"), mail("Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0100\r\n", "Hej"));
        assert_ne!(mail("", "Hej"), mail("", "Nej"));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (raw, because) in [
            (&b"\xff\xfe\x00"[..], true),
            (b"From: anna@example.com\r\n\r\n", true),
            (b"Subject: hej\r\n\r\nwho am I", true),
            (b"From: anna@example.com\r\nSubject: hej\r\n\r\n", false),
        ] {
            let mail = Mail::read(raw.to_vec());
            let parsed = mail.parsed.unwrap();
            assert_eq!(facts(&parsed, &sender(&parsed)).not_understood_because.is_some(), because, "{raw:?}");
        }
    }
}
