//! What a mail says: who wrote it, to whom, in which words, to what it belongs, and whether a person wrote it at all. Pure:
//! the same bytes are always the same reading. Nothing here refuses a mail; what cannot be understood is said to be so.

pub mod away;
pub mod behalf;
pub mod bounce;
pub mod charset;
pub mod dead;
pub mod facts;
pub mod flowed;
pub mod forward;
pub mod header;
pub mod html;
pub mod kind;
pub mod lines;
pub mod machine;
pub mod parse;
pub mod pattern;
pub mod phrases;
pub mod plain;
pub mod prepare;
pub mod prepared;
pub mod sealed;
pub mod sender;
pub mod shape;
pub mod signature;
pub mod told;
pub mod transfer;
pub mod trust;
pub mod visible;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::behalf::PassedOn;
use self::bounce::Bounced;
use self::forward::Forwarded;
use self::header::Header;
use self::kind::Kind;
use self::pattern::{Pattern, compile};
use self::trust::Trust;
use self::visible::{Cut, Visible};
use crate::kit::text::{clean, clean_line, truncated};

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
    /// It is encrypted: only somebody with the key can read it.
    Encrypted,
    /// Its words are in `winmail.dat`, a format of Outlook's own: ask its sender to send it as HTML or text.
    OutlookFormat,
    /// It has no words, only files, such as pictures or a scanned letter: somebody must look at them.
    OnlyFiles,
    /// The sender's name shows an address that is not the sender's: it may pretend to come from somebody else.
    NameShowsAnotherAddress,
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
    /// What of the text is not in `visible`, and why.
    pub cuts: Vec<Cut>,
    /// By what it is known to answer another mail; none for a mail that answers nothing.
    pub answers_because: Option<String>,
    /// Who wrote it, if whoever passes it on for them is believed.
    pub passed_on: Option<PassedOn>,
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
            cuts: Vec::new(),
            answers_because: None,
            passed_on: None,
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

impl ParsedEmail {
    /// What its sender wrote in it, if it answers another mail; a sealed address can show that, which nothing here knows.
    #[must_use]
    pub fn as_answer(&self) -> Visible {
        visible::of_answer(&visible::Text::of(&self.text))
    }

    /// What its sender wrote in it, if a person did, which somebody who passed it on has to be believed about.
    #[must_use]
    pub fn as_persons(&self) -> Visible {
        match self.answers_because {
            Some(_) => self.as_answer(),
            None => visible::of_new(&visible::Text::of(&self.text)),
        }
    }

    /// Who wrote it, if it was passed on by one of these, who are believed, and the mail server did not find otherwise: what
    /// it found about From is `found`, which is none where no server is believed about senders.
    #[must_use]
    pub fn passed_on_by(&self, believed: &[String], found: Option<Trust>) -> Option<&PassedOn> {
        let proven = |passed_on: &PassedOn| match found {
            None => true,
            // The sender's domain must vouch for a sender whose word about others is taken.
            Some(found) if passed_on.rewritten => found == Trust::Passed,
            Some(found) => found != Trust::Failed,
        };
        self.passed_on.as_ref().filter(|passed_on| proven(passed_on) && passed_on.is_believed(believed))
    }

    /// What it is, why, and what its sender wrote in it, when its writer is known by who passed it on, or when it came to an
    /// address that only our letters name.
    #[must_use]
    pub fn known_more(&self, passed_on: Option<&PassedOn>, is_answer: bool) -> (Kind, Vec<String>, Visible) {
        let (kind, evidence) = match passed_on {
            Some(passed_on) if self.kind == Kind::Machine => {
                let mut evidence = passed_on.evidence.clone();
                evidence.push(format!("{} passes on what others write", passed_on.through.join(", ")));
                (passed_on.kind, evidence)
            }
            _ => (self.kind, self.evidence.clone()),
        };
        let visible = match kind {
            Kind::Human if is_answer => self.as_answer(),
            Kind::Human if self.kind != kind => self.as_persons(),
            _ => Visible { text: self.visible.clone(), cuts: self.cuts.clone() },
        };
        (kind, evidence, visible)
    }

    /// What the case shows of it and what rules read, where that is not `visible`: the words of a mail that it passes on.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let forwarded = self.forwarded.as_ref()?;
        Some(forwarded.message(&self.visible, &self.recipients))
    }
}

/// Bytes of an unreadable mail that are shown as its text.
const MOST_SHOWN: usize = 400_000;

/// Subjects of answers, in the languages customers write to us in, behind what gateways put before them in brackets.
static ANSWER: Pattern = Pattern::new(|| {
    compile(
        r"^\s*(?:\[[^\]]{0,60}\]\s*)*(?:re|sv|svar|aw|antw|antwort|vs|vast|vastaus|odp|odpowiedź|r|res|resp|respuesta|rif|ris|risposta|rép|réponse|resposta|antwoord|ynt|atb|odg|ref|ответ|на|відп|回复|答复|返信)(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3}|\d{1,2})?\s?[:：]",
    )
});

/// By what a mail is known to answer another: fields that only answers have, or how its subject begins.
fn answers_because(header: &Header, subject: Option<&str>) -> Option<String> {
    let field = [("in-reply-to", "In-Reply-To"), ("references", "References")].into_iter();
    let field = field.filter(|(name, _)| header.get(name).is_some_and(|value| !value.trim().is_empty()));
    let subject = || subject.filter(|subject| ANSWER.is_in(subject));
    field
        .map(|(_, name)| format!("the field {name}"))
        .next()
        .or_else(|| subject().map(|subject| format!("the subject \"{}\"", truncated(subject, 80))))
}

/// The Message-IDs that a mail answers: In-Reply-To, then References.
fn answered(header: &Header) -> Vec<String> {
    let fields = ["in-reply-to", "references"].into_iter();
    fields.flat_map(|name| header.get(name).map(header::ids).unwrap_or_default()).collect()
}

/// What is shown of a mail that answers nothing; what was shown of it without quotes goes first, for it may be long.
fn whole(unquoted: Visible, text: &visible::Text<'_>) -> Visible {
    drop(unquoted);
    visible::of_new(text)
}

fn understand(raw: &[u8]) -> ParsedEmail {
    let prepared = prepare::prepare(raw);
    let Some(mut parts) = parse::parse(&prepared) else {
        return ParsedEmail::unreadable(raw, "it has no headers");
    };
    drop(prepared);
    if parts.header.get("x-no-headers").is_some() {
        return ParsedEmail::unreadable(raw, "it has no headers");
    }
    sealed::unwrap(&mut parts);
    let subject = parts.header.get("subject").map(clean_line).filter(|subject| !subject.is_empty());
    // Of a long text only the beginning is looked at for quotes and signatures.
    let text = visible::Text::of(&parts.text);
    let answers_because = answers_because(&parts.header, subject.as_deref());
    let unquoted = visible::of_answer(&text);
    let bounce = bounce::read(&parts);
    let tell = |passed_on: bool| kind::tell(&parts, &bounce, &unquoted.text, passed_on);
    let (mut kind, mut evidence) = tell(false);
    let passed_on = behalf::read(&parts).map(|passed_on| {
        let (kind, evidence) = tell(true);
        PassedOn { kind, evidence, ..passed_on }
    });
    let answers = answered(&parts.header);
    let forwarded = match kind {
        Kind::Human => {
            forward::read(subject.as_deref(), &parts, (&text.beginning, &unquoted.text), !answers.is_empty())
        }
        _ => None,
    };
    if let Some(forwarded) = &forwarded {
        kind = Kind::Forward;
        evidence.push(forwarded.because.clone());
    }
    let sealed = (!kind.is_automatic()).then(|| sealed::why(&parts, &unquoted.text)).flatten();
    let is_new = kind == Kind::Human && answers_because.is_none();
    let Visible { text: visible, cuts } = if is_new { whole(unquoted, &text) } else { unquoted };
    let html = html::safe(&parts.html);
    let message_id = parts.header.get("message-id").and_then(|value| header::ids(value).into_iter().next());
    let sender = parts.from.first().cloned();
    let mut warnings =
        warnings(&parts, sender.as_ref(), message_id.is_none(), !parts.html.is_empty() && html.is_none());
    warnings.extend(sealed.map(|(warning, _)| warning));
    let nothing = parts.text.is_empty() && subject.is_none() && parts.attachments.is_empty();
    let why = nothing.then_some("it has neither subject nor text nor attachments").or(sealed.map(|(_, why)| why));
    let elsewhere = |one: &Mailbox| sender.as_ref().is_none_or(|sender| sender.address != one.address);
    ParsedEmail {
        kind,
        evidence,
        not_understood_because: why.map(str::to_owned),
        subject,
        reply_to: parts.reply_to.filter(elsewhere),
        sender,
        recipients: parts.recipients,
        written_at: parts.written_at,
        message_id,
        answers,
        visible,
        cuts,
        answers_because,
        passed_on,
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
        (sender.is_some_and(sender::shows_another), Warning::NameShowsAnotherAddress),
    ];
    all.into_iter().filter(|(applies, _)| *applies).map(|(_, warning)| warning).collect()
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
fn expressions() -> Vec<&'static Pattern> {
    vec![&ANSWER]
}

#[cfg(test)]
mod tests;
