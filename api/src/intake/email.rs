//! E-mail: raw RFC 5322 bytes become an [`Arrived`]. The only file that knows the parser. What cannot be understood
//! still arrives, marked: the bytes are kept and the fallback owner reads them.

use chrono::{DateTime, Utc};
use entity::kind::Channel;
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};
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
use crate::kit::text::{clean, clean_line, hex, truncated};
use crate::kit::work::Work;

/// A mail's bytes at most.
pub const LARGEST: usize = 30 * 1024 * 1024;
/// Attachments kept as files of their own at most; the raw mail keeps them all.
const MOST_ATTACHMENTS: usize = 50;

/// Bytes of a Message-ID at most: a line of RFC 5322 (2.1.1). A longer one identifies nothing, and the raw mail keeps it.
const LONGEST_ID: usize = 998;

/// Parts that may hold others, in one mail, at most.
const MOST_NESTED: usize = 200;
/// Header lines, addresses and ids of a mail and its parts; a real mail has some hundred.
const MOST_PIECES: usize = 20_000;

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
    /// Why it could not be understood, if so.
    pub not_understood_because: Option<String>,
}

/// A mail as read. Reading takes time and memory by its size, so it is done before the act begins.
pub struct Mail {
    raw: Vec<u8>,
    parsed: Option<Parsed>,
}

impl Mail {
    /// Reads the bytes of a mail. Pure.
    #[must_use]
    pub fn read(raw: Vec<u8>) -> Self {
        let parsed = (!raw.is_empty() && raw.len() <= LARGEST).then(|| parse(&raw));
        Self { raw, parsed }
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
    let Some(parsed) = mail.parsed.clone() else {
        let (en, sv) = ("A mail may have 30 MiB at most.", "Ett brev får ha högst 30 MiB.");
        return Err(Problem::new(ErrorCode::TooLong, "raw", en, sv).into());
    };
    if received_at.is_some_and(|time| time > work.now() || time < work.now() - MEMORY) {
        let (en, sv) = ("Must be a past time, within ten years.", "Måste vara en förfluten tid, inom tio år.");
        return Err(Problem::new(ErrorCode::Invalid, "receivedAt", en, sv).into());
    }
    let arrived = Arrived {
        seller,
        channel: Channel::Email,
        once: Once { operation: "receiveEmail", key: parsed.key, fingerprint: Vec::new(), expires_at: None },
        received_at: received_at.unwrap_or_else(|| work.now()),
        subject: parsed.subject,
        words: parsed.words,
        sender: parsed.sender,
        belongs: parsed.belongs,
        about: About::default(),
        understood: parsed.facts.not_understood_because.is_none(),
        details: serde_json::to_value(&parsed.facts)?,
        raw: File { name: "mail.eml".to_owned(), content_type: "message/rfc822".to_owned(), bytes: mail.raw.clone() },
        attachments: parsed.attachments,
        message_id: parsed.message_id,
        promised_from: None,
        imported: false,
    };
    receive::receive(work, &arrived).await
}

/// What a mail says.
#[derive(Clone)]
struct Parsed {
    key: String,
    message_id: Option<String>,
    subject: Option<String>,
    words: String,
    sender: Sender,
    belongs: Belongs,
    facts: MailFacts,
    attachments: Vec<File>,
}

/// Reads a mail. Whatever it is made of, it becomes something: a reader that breaks on it loses no complaint.
fn parse(raw: &[u8]) -> Parsed {
    if nested_parts(raw) > MOST_NESTED {
        return unreadable(raw, "it has too many parts within parts");
    }
    if header_pieces(raw) > MOST_PIECES {
        return unreadable(raw, "it has too many headers or parts");
    }
    let read = std::panic::catch_unwind(|| understand(raw));
    read.unwrap_or_else(|_| unreadable(raw, "it is put together in a way that cannot be read"))
}

fn understand(raw: &[u8]) -> Parsed {
    let Some(mail) = MessageParser::default().parse(raw) else {
        return unreadable(raw, "it has no headers");
    };
    let from = mail.from().and_then(Address::first);
    let from_address = from.and_then(|from| from.address()).map(clean_line);
    let sender = Sender {
        name: from.and_then(|from| from.name()).map(clean_line).filter(|name| !name.is_empty()),
        email: from_address.as_deref().and_then(contact::email),
        ..Sender::default()
    };
    let subject = mail.subject().map(clean_line).filter(|subject| !subject.is_empty());
    let words = clean(&text(&mail)).trim().to_owned();
    let message_id = mail.message_id().map(clean_line).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
    let attachments = attachments(&mail);
    let nothing_in_it = words.is_empty() && subject.is_none() && attachments.is_empty();
    let facts = MailFacts {
        from_address,
        from_name: sender.name.clone(),
        to: addresses(mail.to()),
        written_at: mail.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        not_understood_because: match (&sender.email, nothing_in_it) {
            (None, _) => Some("it names no sender that can be answered".to_owned()),
            (_, true) => Some("it has neither subject nor text nor attachments".to_owned()),
            _ => None,
        },
    };
    let mut message_ids = ids(mail.in_reply_to());
    message_ids.extend(ids(mail.references()));
    let references = subject.as_deref().map(thread::references).unwrap_or_default();
    Parsed {
        key: key(&mail, raw, message_id.as_deref(), sender.email.as_deref()),
        message_id,
        subject: subject.map(|subject| truncated(&subject, 200)),
        words,
        sender,
        belongs: Belongs::Perhaps { message_ids, references },
        facts,
        attachments,
    }
}

/// Lines that open a part which may hold others. The parser goes down one step of its stack for each, so they are
/// counted before it sees the mail: every Content-Type that does not plainly say that the part holds none, however a
/// writer of bombs may spell, fold or quote the rest.
fn nested_parts(raw: &[u8]) -> usize {
    const HOLDS_NONE: [&str; 6] = ["text/", "image/", "application/", "audio/", "video/", "font/"];
    let opens = |line: &[u8]| {
        let line = String::from_utf8_lossy(line.get(..80.min(line.len())).unwrap_or(line)).to_ascii_lowercase();
        let Some(rest) = line.trim_start().strip_prefix("content-type") else { return false };
        let value = rest.trim_start().strip_prefix(':').unwrap_or(rest).trim_start();
        !HOLDS_NONE.iter().any(|kind| value.starts_with(kind))
    };
    raw.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| opens(line)).count()
}

/// Lines of headers, and addresses and ids in them, of the mail and of what look like its parts: the reader keeps a record
/// of each, many times as long as the line.
fn header_pieces(raw: &[u8]) -> usize {
    let mut in_header = true;
    let mut pieces = 0;
    for line in raw.split(|byte| *byte == b'\n') {
        if line.starts_with(b"--") {
            in_header = true;
        } else if line.is_empty() || line == b"\r" {
            in_header = false;
        }
        if in_header {
            pieces += 1 + line.iter().filter(|byte| matches!(byte, b'<' | b',')).count();
        }
    }
    pieces
}

fn unreadable(raw: &[u8], why: &str) -> Parsed {
    Parsed {
        key: digest(&[raw]),
        message_id: None,
        subject: None,
        words: clean(&String::from_utf8_lossy(raw)).trim().chars().take(crate::message::LONGEST).collect(),
        sender: Sender::default(),
        belongs: Belongs::New,
        facts: MailFacts { not_understood_because: Some(why.to_owned()), ..MailFacts::default() },
        attachments: Vec::new(),
    }
}

/// The same mail delivered to two of our addresses differs in its trace headers only. A Message-ID alone does not make
/// two mails the same: a forged one could suppress a complaint. Without one, the bytes say it.
fn key(mail: &Message<'_>, raw: &[u8], message_id: Option<&str>, from: Option<&str>) -> String {
    let body = usize::try_from(mail.root_part().offset_body).ok().and_then(|at| raw.get(at..)).unwrap_or(raw);
    match message_id {
        Some(id) => digest(&[id.as_bytes(), from.unwrap_or_default().as_bytes(), body]),
        None => digest(&[raw]),
    }
}

/// SHA-256 of the parts, each behind its length.
fn digest(parts: &[&[u8]]) -> String {
    let hash =
        parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part.len().to_be_bytes()).chain_update(part));
    hex(&hash.finalize())
}

/// All of the mail's text, converted where it is HTML only.
fn text(mail: &Message<'_>) -> String {
    let parts: Vec<_> = (0..mail.text_body_count()).filter_map(|part| mail.body_text(part)).collect();
    parts.join("\n\n")
}

fn addresses(field: Option<&Address<'_>>) -> Vec<String> {
    let all = field.into_iter().flat_map(|field| field.iter().filter_map(|address| address.address()).map(clean_line));
    all.take(40).collect()
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => vec![clean_line(id)],
        HeaderValue::TextList(ids) => ids.iter().map(|id| clean_line(id)).collect(),
        _ => Vec::new(),
    }
}

fn attachments(mail: &Message<'_>) -> Vec<File> {
    let files = mail.attachments().zip(1..).map(|(part, number)| {
        let declared = part.content_type().map(|kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        });
        File {
            name: part.attachment_name().and_then(file_name).unwrap_or_else(|| format!("attachment-{number}")),
            content_type: declared.map_or_else(|| "application/octet-stream".to_owned(), |kind| clean_line(&kind)),
            bytes: part.contents().to_vec(),
        }
    });
    files.take(MOST_ATTACHMENTS).collect()
}

/// The last part of a name that may try to be a path, short enough for every file system.
fn file_name(name: &str) -> Option<String> {
    let name = clean_line(name);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_start_matches('.').trim();
    (!last.is_empty()).then(|| truncated(last, 120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_tries_to_be_a_path_is_only_a_name() {
        for (name, expected) in [
            ("../../etc/passwd", Some("passwd")),
            (r"C:\temp\photo.jpg", Some("photo.jpg")),
            ("..", None),
            ("kvitto\r\n.pdf", Some("kvitto .pdf")),
        ] {
            assert_eq!(file_name(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn trace_headers_do_not_make_a_mail_another_but_words_do() {
        let mail = |trace: &str, body: &str| {
            parse(format!("{trace}From: anna@example.com\r\nMessage-ID: <1@example.com>\r\n\r\n{body}").as_bytes()).key
        };
        assert_eq!(mail("", "Hej"), mail("Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0100\r\n", "Hej"));
        assert_ne!(mail("", "Hej"), mail("", "Nej"));
    }

    #[test]
    fn a_mail_within_a_mail_within_a_mail_does_not_end_the_process() {
        for spelling in [
            "message/rfc822",
            "message /rfc822",
            "message(x)/rfc822",
            "\r\n message/rfc822",
            "message\r\n /rfc822",
            "\"message\"/rfc822",
            &format!("{}message/rfc822", " ".repeat(220)),
        ] {
            let deep = format!("Content-Type: {spelling}\r\n\r\n").repeat(20_000);
            let parsed = parse(format!("From: a@example.com\r\nSubject: x\r\n{deep}Subject: x\r\n\r\nhej").as_bytes());
            assert!(parsed.facts.not_understood_because.is_some(), "{spelling:?}");
        }
        let forwarded = "Content-Type: message/rfc822\r\n\r\n".repeat(20);
        let parsed = parse(format!("From: a@example.com\r\nSubject: x\r\n{forwarded}Subject: x\r\n\r\nhej").as_bytes());
        assert_eq!(parsed.facts.not_understood_because, None);
    }

    #[test]
    fn a_mail_that_breaks_the_reader_is_kept_and_marked() {
        let broken = b"Content-Type:multipart/;boundary=yttre\n\n--yttreContent-Type:message/rfc822\n\nF\nContent-Type:message/rfc822\n\n\n--yttre--";
        let parsed = parse(broken);
        assert!(parsed.facts.not_understood_because.is_some() && parsed.words.contains("yttre"));
    }

    #[test]
    fn a_mail_made_of_headers_or_parts_is_not_read_by_pieces() {
        let head = "From: a@example.com\r\nSubject: x\r\n";
        for bomb in ["A:\r\n", "To: a@example.com,b@example.com\r\n", "\r\n--b\r\n"] {
            let mail = format!("{head}{}\r\nwords", bomb.repeat(30_000));
            assert_eq!(
                parse(mail.as_bytes()).facts.not_understood_because.as_deref(),
                Some("it has too many headers or parts")
            );
        }
        let long = format!("{head}\r\n{}", "many, many <words>\r\n".repeat(30_000));
        assert_eq!(parse(long.as_bytes()).facts.not_understood_because, None);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (raw, because) in [
            (&b"\xff\xfe\x00"[..], true),
            (b"From: anna@example.com\r\n\r\n", true),
            (b"Subject: hej\r\n\r\nwho am I", true),
            (b"From: anna@example.com\r\nSubject: hej\r\n\r\n", false),
        ] {
            assert_eq!(parse(raw).facts.not_understood_because.is_some(), because, "{raw:?}");
        }
    }
}
