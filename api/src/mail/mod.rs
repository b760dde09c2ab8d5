//! What a mail says: who wrote it, to whom, in which words, to what it belongs, and whether a person wrote it at all. Pure:
//! the same bytes are always the same reading. Nothing here refuses a mail; what cannot be understood is said to be so.

pub mod bounce;
pub mod charset;
pub mod facts;
pub mod flowed;
pub mod forward;
pub mod header;
pub mod html;
pub mod kind;
pub mod lines;
pub mod parse;
pub mod pattern;
pub mod phrases;
pub mod plain;
pub mod prepare;
pub mod shape;
pub mod told;
pub mod transfer;
pub mod trust;
pub mod visible;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::bounce::Bounced;
use self::forward::Forwarded;
use self::header::Header;
use self::kind::Kind;
use crate::kit::text::{clean, clean_line};

/// A mail's bytes at most.
pub const LARGEST: usize = 30 * 1024 * 1024;

/// A name and an address, as written; the address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mailbox {
    /// The name, if one is given.
    pub name: Option<String>,
    /// The address, which may be none at all.
    pub address: String,
}

/// A file in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// A cleaned name.
    pub name: String,
    /// What the bytes show it to be, else what it is said to be.
    pub content_type: String,
    /// The bytes; shared, because they may be many.
    pub bytes: Arc<Vec<u8>>,
}

/// Something about a mail that its reader should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[graphql(name = "EmailWarning")]
pub enum Warning {
    /// It names several senders; the first is taken.
    SeveralSenders,
    /// It names no sender that can be answered.
    NoSender,
    /// It has no Message-ID; its bytes tell it from others.
    NoMessageId,
    /// Its characters were not what they were said to be, and were guessed.
    CharactersGuessed,
    /// Answers go to another address than the sender's.
    AnswersGoElsewhere,
    /// Not all of its files are kept as files; the raw mail has them.
    FilesLeftOut,
    /// Its HTML is too much to be cleaned; only its text is shown.
    HtmlLeftOut,
    /// Its text, or the text of its HTML, is longer than what is read; the raw mail has it all.
    TextLeftOut,
    /// It could not be understood; only a person can tell what it says.
    NotUnderstood,
    /// It is larger than what is taken: its end is only where it was fetched from.
    Cut,
}

/// A mail as understood.
#[derive(Debug, Clone)]
pub struct ParsedEmail {
    /// What it is.
    pub kind: Kind,
    /// Why it is said to be that.
    pub evidence: Vec<String>,
    /// Its subject, in one line.
    pub subject: Option<String>,
    /// Who it says it is from.
    pub sender: Option<Mailbox>,
    /// Where answers go, if elsewhere.
    pub reply_to: Option<Mailbox>,
    /// Whom it is to: To, then Cc.
    pub recipients: Vec<Mailbox>,
    /// When the sender says it was written, UTC.
    pub written_at: Option<DateTime<Utc>>,
    /// The Message-ID without its brackets.
    pub message_id: Option<String>,
    /// What it answers: In-Reply-To, then References.
    pub answers: Vec<String>,
    /// The whole text.
    pub text: String,
    /// What the sender wrote in this mail.
    pub visible: String,
    /// The HTML, safe to show.
    pub html: Option<String>,
    /// Files in it.
    pub attachments: Vec<Attached>,
    /// The mail that it passes on.
    pub forwarded: Option<Forwarded>,
    /// Who was not reached, in a bounce.
    pub bounced: Vec<Bounced>,
    /// The mail that did not reach them.
    pub bounced_message_id: Option<String>,
    /// What its reader should know.
    pub warnings: Vec<Warning>,
    /// Why it could not be understood.
    pub not_understood_because: Option<String>,
    /// All its fields.
    pub header: Header,
}

impl ParsedEmail {
    /// Reads the bytes of a mail.
    #[must_use]
    pub fn read(raw: &[u8]) -> Self {
        if let Err(why) = shape::check(raw) {
            return Self::unreadable(raw, why);
        }
        // A parser that breaks on a mail must not lose it.
        let read = std::panic::catch_unwind(|| understand(raw));
        read.unwrap_or_else(|_| Self::unreadable(raw, "it is put together in a way that cannot be read"))
    }

    /// A mail of which only the bytes are known.
    #[must_use]
    pub fn unreadable(raw: &[u8], why: &str) -> Self {
        let text =
            clean(&String::from_utf8_lossy(raw.get(..raw.len().min(MOST_SHOWN)).unwrap_or_default())).trim().to_owned();
        Self {
            kind: Kind::Human,
            evidence: Vec::new(),
            subject: None,
            sender: None,
            reply_to: None,
            recipients: Vec::new(),
            written_at: None,
            message_id: None,
            answers: Vec::new(),
            visible: text.clone(),
            text,
            html: None,
            attachments: Vec::new(),
            forwarded: None,
            bounced: Vec::new(),
            bounced_message_id: None,
            warnings: vec![Warning::NotUnderstood],
            not_understood_because: Some(why.to_owned()),
            header: Header::default(),
        }
    }
}

/// Bytes of an unreadable mail that are shown as its text.
const MOST_SHOWN: usize = 400_000;

fn understand(raw: &[u8]) -> ParsedEmail {
    let prepared = prepare::prepare(raw);
    let Some(parts) = parse::parse(&prepared) else {
        return ParsedEmail::unreadable(raw, "it has no headers");
    };
    drop(prepared);
    if parts.header.get("x-no-headers").is_some() {
        return ParsedEmail::unreadable(raw, "it has no headers");
    }
    let subject = parts.header.get("subject").map(clean_line).filter(|subject| !subject.is_empty());
    let (beginning, rest) = visible::split(&parts.text);
    let text = lines::unfolded(beginning);
    let visible = visible::words(&text, rest);
    let bounce = bounce::read(&parts);
    let (mut kind, evidence) = kind::tell(&parts, &bounce, &visible);
    let answers: Vec<String> = ["in-reply-to", "references"]
        .iter()
        .flat_map(|name| parts.header.get(name).map(header::ids).unwrap_or_default())
        .collect();
    let forwarded = match kind {
        Kind::Human => forward::read(subject.as_deref(), &parts, (&text, &visible), !answers.is_empty()),
        _ => None,
    };
    if forwarded.is_some() {
        kind = Kind::Forward;
    }
    let html = html::safe(&parts.html);
    let message_id = parts.header.get("message-id").and_then(|value| header::ids(value).into_iter().next());
    let sender = parts.from.first().cloned();
    let warnings = warnings(&parts, sender.as_ref(), message_id.is_none(), !parts.html.is_empty() && html.is_none());
    let nothing = parts.text.is_empty() && subject.is_none() && parts.attachments.is_empty();
    ParsedEmail {
        kind,
        evidence,
        not_understood_because: nothing.then(|| "it has neither subject nor text nor attachments".to_owned()),
        subject,
        reply_to: parts
            .reply_to
            .filter(|reply_to| sender.as_ref().is_none_or(|sender| sender.address != reply_to.address)),
        sender,
        recipients: parts.recipients,
        written_at: parts.written_at,
        message_id,
        answers,
        visible,
        text: parts.text,
        html,
        attachments: parts.attachments,
        forwarded,
        bounced: if kind == Kind::Bounce { bounce.recipients } else { Vec::new() },
        bounced_message_id: if kind == Kind::Bounce { bounce.original } else { None },
        warnings,
        header: parts.header,
    }
}

fn warnings(parts: &parse::Parts, sender: Option<&Mailbox>, no_id: bool, html_left_out: bool) -> Vec<Warning> {
    let elsewhere =
        parts.reply_to.as_ref().zip(sender).is_some_and(|(reply_to, sender)| reply_to.address != sender.address);
    let all = [
        (parts.from.len() > 1, Warning::SeveralSenders),
        (sender.is_none_or(|sender| !sender.address.contains('@')), Warning::NoSender),
        (no_id, Warning::NoMessageId),
        (parts.misdeclared, Warning::CharactersGuessed),
        (elsewhere, Warning::AnswersGoElsewhere),
        (parts.left_out, Warning::FilesLeftOut),
        (html_left_out, Warning::HtmlLeftOut),
        (parts.text_left_out, Warning::TextLeftOut),
    ];
    all.into_iter().filter(|(applies, _)| *applies).map(|(_, warning)| warning).collect()
}

#[cfg(test)]
mod tests;
