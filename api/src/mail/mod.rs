//! What a mail says: who wrote it, to whom, in which words, what it belongs to, and whether a person wrote it. Pure:
//! the same bytes always give the same result. Nothing here refuses a mail; one that cannot be understood is marked as
//! such.

pub mod away;
pub mod behalf;
pub mod bounce;
pub mod bounce_text;
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
mod tokens;
pub mod transfer;
pub mod trust;
pub mod visible;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::kind::{EmailKind, EmailWarning, SenderTrust};

use self::behalf::PassedOn;
use self::bounce::Bounced;
use self::forward::Forwarded;
use self::header::Header;
use self::pattern::{Pattern, compile};
use self::visible::{Cut, Visible};
use crate::kit::text::{clean, clean_line, truncated};

/// How many bytes a mail may have.
pub const LARGEST: usize = 30 * 1024 * 1024;

/// A name and an address as written, with the address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mailbox {
    /// The name, if one is given.
    pub name: Option<String>,
    /// The address; empty when there is none.
    pub address: String,
}

/// A file in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The name, cleaned so that it can be shown.
    pub name: String,
    /// The type that the bytes show, or else the declared type.
    pub content_type: String,
    /// The bytes. They are shared, because there may be many of them.
    pub bytes: Arc<Vec<u8>>,
}

/// A mail after reading.
#[derive(Debug, Clone)]
pub struct ParsedEmail {
    /// The kind of mail.
    pub kind: EmailKind,
    /// The evidence for that kind.
    pub evidence: Vec<String>,
    /// Its subject, in one line.
    pub subject: Option<String>,
    /// The sender that the mail names.
    pub sender: Option<Mailbox>,
    /// Where replies go, if not to the sender.
    pub reply_to: Option<Mailbox>,
    /// The recipients: To, then Cc.
    pub recipients: Vec<Mailbox>,
    /// When the sender says it was written, UTC.
    pub written_at: Option<DateTime<Utc>>,
    /// The Message-ID without its brackets.
    pub message_id: Option<String>,
    /// The Message-IDs that the mail answers: In-Reply-To, then References.
    pub answers: Vec<String>,
    /// The whole text.
    pub text: String,
    /// What the sender wrote in this mail.
    pub visible: String,
    /// The parts of the text that are not in `visible`, and why.
    pub cuts: Vec<Cut>,
    /// Why the mail is taken for an answer to another mail; none when it is not.
    pub answers_because: Option<String>,
    /// Who wrote the mail, if whoever passed it on for them is trusted.
    pub passed_on: Option<PassedOn>,
    /// The HTML, safe to show.
    pub html: Option<String>,
    /// The attached files.
    pub attachments: Vec<Attached>,
    /// The mail that it forwards.
    pub forwarded: Option<Forwarded>,
    /// The recipients who were not reached, if it is a bounce.
    pub bounced: Vec<Bounced>,
    /// The Message-ID of the mail that did not reach them.
    pub bounced_message_id: Option<String>,
    /// What the reader should know.
    pub warnings: Vec<EmailWarning>,
    /// Why the mail could not be understood; none when it could.
    pub not_understood_because: Option<String>,
    /// All header fields.
    pub header: Header,
}

impl ParsedEmail {
    /// Reads the bytes of a mail.
    #[must_use]
    pub fn read(raw: &[u8]) -> Self {
        if let Err(why) = shape::check(raw) {
            return Self::unreadable(raw, why);
        }
        // A parser that panics on a mail must not lose the mail.
        let read = std::panic::catch_unwind(|| understand(raw));
        let mut mail =
            read.unwrap_or_else(|_| Self::unreadable(raw, "it is put together in a way that cannot be read"));
        tokens::hide(&mut mail);
        mail
    }

    /// A mail that cannot be read. The beginning of its bytes is used as its text.
    #[must_use]
    pub fn unreadable(raw: &[u8], why: &str) -> Self {
        let text =
            clean(&String::from_utf8_lossy(raw.get(..raw.len().min(MOST_SHOWN)).unwrap_or_default())).trim().to_owned();
        Self {
            kind: EmailKind::Human,
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
            warnings: vec![EmailWarning::NotUnderstood],
            not_understood_because: Some(why.to_owned()),
            header: Header::default(),
        }
    }
}

impl ParsedEmail {
    /// What the sender wrote in this mail, if it answers another one. A sealed address can show that, but such
    /// addresses are not known here.
    #[must_use]
    pub fn as_answer(&self) -> Visible {
        visible::of_answer(&visible::Text::of(&self.text))
    }

    /// What the sender wrote in this mail, if a person wrote it. This is used when whoever passed it on is trusted
    /// about that.
    #[must_use]
    pub fn as_persons(&self) -> Visible {
        match self.answers_because {
            Some(_) => self.as_answer(),
            None => visible::of_new(&visible::Text::of(&self.text)),
        }
    }

    /// Who wrote the mail, if one of the trusted senders in `believed` passed it on and the mail server's finding does
    /// not contradict that. `found` is the finding about From; it is none when no mail server is believed.
    #[must_use]
    pub fn passed_on_by(&self, believed: &[String], found: Option<SenderTrust>) -> Option<&PassedOn> {
        let proven = |passed_on: &PassedOn| match found {
            None => true,
            // A sender that is trusted to name the writer must itself be vouched for by its domain.
            Some(found) if passed_on.rewritten => found == SenderTrust::Passed,
            Some(found) => found != SenderTrust::Failed,
        };
        self.passed_on.as_ref().filter(|passed_on| proven(passed_on) && passed_on.is_believed(believed))
    }

    /// The kind, the evidence and the visible text, given what the caller knows: who passed the mail on, and whether it
    /// came to an address that only the company's letters name.
    #[must_use]
    pub fn reclassify(&self, passed_on: Option<&PassedOn>, is_answer: bool) -> (EmailKind, Vec<String>, Visible) {
        let (kind, evidence) = match passed_on {
            Some(passed_on) if self.kind == EmailKind::Machine => {
                let mut evidence = passed_on.evidence.clone();
                evidence.push(format!("{} passes on what others write", passed_on.through.join(", ")));
                (passed_on.kind, evidence)
            }
            _ => (self.kind, self.evidence.clone()),
        };
        let visible = match kind {
            EmailKind::Human if is_answer => self.as_answer(),
            EmailKind::Human if self.kind != kind => self.as_persons(),
            _ => Visible { text: self.visible.clone(), cuts: self.cuts.clone() },
        };
        (kind, evidence, visible)
    }

    /// The text that the case shows and that rules read, if it is not `visible`: that of a forwarded mail.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let forwarded = self.forwarded.as_ref()?;
        Some(forwarded.message(&self.visible, &self.recipients))
    }
}

/// How many bytes of an unreadable mail are shown as its text.
const MOST_SHOWN: usize = 400_000;

/// Subjects of answers, in the languages of the customers. Gateways may add text in brackets before them.
static ANSWER: Pattern = Pattern::new(|| {
    compile(
        r"^\s*(?:\[[^\]]{0,60}\]\s*)*(?:re|sv|svar|aw|antw|antwort|vs|vast|vastaus|odp|odpowiedź|r|res|resp|respuesta|rif|ris|risposta|rép|réponse|resposta|antwoord|ynt|atb|odg|ref|ответ|на|відп|回复|答复|返信)(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3}|\d{1,2})?\s?[:：]",
    )
});

/// Why a mail is taken for an answer: a field that only answers have, or the beginning of the subject.
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

/// The visible text of a mail that answers nothing. `unquoted` is dropped first, because it may be long.
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
    // Only the beginning of a long text is searched for quotes and signatures.
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
        EmailKind::Human => {
            forward::read(subject.as_deref(), &parts, (&text.beginning, &unquoted.text), !answers.is_empty())
        }
        _ => None,
    };
    if let Some(forwarded) = &forwarded {
        kind = EmailKind::Forward;
        evidence.push(forwarded.because.clone());
    }
    let sealed = (!kind.is_automatic()).then(|| sealed::why(&parts, &unquoted.text)).flatten();
    let is_new = kind == EmailKind::Human && answers_because.is_none();
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
        bounced: if kind == EmailKind::Bounce { bounce.recipients } else { Vec::new() },
        bounced_message_id: if kind == EmailKind::Bounce { bounce.original } else { None },
        warnings,
        header: parts.header,
    }
}

fn warnings(parts: &parse::Parts, sender: Option<&Mailbox>, no_id: bool, html_left_out: bool) -> Vec<EmailWarning> {
    let elsewhere =
        parts.reply_to.as_ref().zip(sender).is_some_and(|(reply_to, sender)| reply_to.address != sender.address);
    let all = [
        (parts.from.len() > 1, EmailWarning::SeveralSenders),
        (sender.is_none_or(|sender| !sender.address.contains('@')), EmailWarning::NoSender),
        (no_id, EmailWarning::NoMessageId),
        (parts.misdeclared, EmailWarning::CharactersGuessed),
        (elsewhere, EmailWarning::AnswersGoElsewhere),
        (parts.left_out, EmailWarning::FilesLeftOut),
        (html_left_out, EmailWarning::HtmlLeftOut),
        (parts.text_left_out, EmailWarning::TextLeftOut),
        (sender.is_some_and(sender::shows_another), EmailWarning::NameShowsAnotherAddress),
    ];
    all.into_iter().filter(|(applies, _)| *applies).map(|(_, warning)| warning).collect()
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
fn expressions() -> Vec<&'static Pattern> {
    vec![&ANSWER]
}

#[cfg(test)]
mod tests;
