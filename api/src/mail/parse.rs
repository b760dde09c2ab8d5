//! The structure of a mail. This is the only file that uses the parser library. The library finds where parts begin and
//! end. Their content is decoded here, because real mail declares its characters and encodings wrongly.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::header::Header;
use super::pattern::{Pattern, compile};
use super::prepare::{HIDDEN_CHARSET, HIDDEN_ENCODING, squeezed};
use super::prepared::Prepared;
use super::{Attached, Mailbox, charset, flowed, plain, sealed, sender, transfer};
use crate::kit::text::{clean, clean_line, cleaned, truncated};

/// How many attachments are kept as files. The raw mail has all of them.
const MOST_ATTACHMENTS: usize = 50;
/// How many bytes a kept file may have.
const LARGEST_ATTACHMENT: usize = 25 * 1024 * 1024;
/// How many bytes of text are read, counted as UTF-8. The raw mail has all of it.
const MOST_TEXT: usize = 28 * 1024 * 1024;
/// How many bytes of text in another character set are read, because that text is in memory twice while it is
/// converted.
const MOST_CONVERTED: usize = 8 * 1024 * 1024;
/// How many bytes a text may have to have its flowed lines joined, because that takes a copy.
const LONGEST_FLOWED: usize = 8 * 1024 * 1024;
/// How many bytes of HTML are read. It is more than what is shown of it or converted to text.
const MOST_HTML: usize = 6 * 1024 * 1024;
/// How many bytes of reports are read. Reports are what programs write for programs.
const MOST_REPORTS: usize = 1024 * 1024;
/// How many bytes are kept of the first mail within a mail, of each other one, and of all of them together.
const MOST_OF_A_MAIL: usize = 1024 * 1024;
const BEGINNING_OF_A_MAIL: usize = 100_000;
const MOST_OF_MAILS: usize = 2 * 1024 * 1024;
/// How many addresses of a field are read.
const MOST_ADDRESSES: usize = 1_000;
/// What programs write into the plain part of an HTML mail: that the reader's program cannot show HTML.
static STUB_WORDS: Pattern = Pattern::new(|| {
    let what = "mail|message|view|client|capable|format|program|reader|browser|nachricht|anzeig|darstell|courriel|logiciel|affich|mejl|e-post|epost|meddelande|läsare|besked|meddelelse|melding|viesti|sähköposti|ohjelma|bericht|weergeven|mensaje|correo|messaggio|posta|visualizz|mensagem|correio|visualiz|wiadomoś|poczt|wyświetl";
    compile(&format!(r"\bhtml\b[^\n]{{0,120}}(?:{what})|(?:{what})[^\n]{{0,120}}\bhtml\b"))
});
/// A plain part with fewer characters than this may only say that the mail is in HTML.
const STUB: usize = 500;
/// A plain part with fewer characters than this gives way to an HTML part that is three times as long.
const SHORT: usize = 200;

/// A mail, taken apart.
pub struct Parts {
    /// The header fields.
    pub header: Header,
    /// The senders that the mail names. More than one is suspicious.
    pub from: Vec<Mailbox>,
    /// Where replies go.
    pub reply_to: Option<Mailbox>,
    /// The writer, as named by a group that put itself into From.
    pub original_from: Vec<Mailbox>,
    /// The recipients: To and Cc.
    pub recipients: Vec<Mailbox>,
    /// When the sender says it was written, UTC.
    pub written_at: Option<DateTime<Utc>>,
    /// The whole text, converted from HTML if there is no other.
    pub text: String,
    /// The HTML as it came.
    pub html: String,
    /// The attached files.
    pub attachments: Vec<Attached>,
    /// The reports in it: their type and their text.
    pub reports: Vec<(String, String)>,
    /// The mails within it, as bytes. Of a large one only the beginning is kept.
    pub mails: Vec<Vec<u8>>,
    /// The type of the whole mail, with the type of its report: `multipart/report; delivery-status`.
    pub kind: String,
    /// Whether its characters were not as declared.
    pub misdeclared: bool,
    /// Whether some files were not kept, because there were too many or they were too large.
    pub left_out: bool,
    /// Whether some of the text or the HTML was not read.
    pub text_left_out: bool,
}

/// Takes a prepared message apart. None when the parser finds no message.
pub fn parse(prepared: &Prepared<'_>) -> Option<Parts> {
    let mail = MessageParser::default().parse(prepared.shown())?;
    let header = Header::read(prepared.shown());
    let from: Vec<Mailbox> = mail
        .header_values(HeaderName::From)
        .filter_map(HeaderValue::as_address)
        .flat_map(|field| people(Some(field)))
        .collect();
    let original = ["x-original-from", "x-original-sender"].into_iter().flat_map(|name| header.all(name));
    let original_from = original.filter_map(sender::of_text).collect();
    let mut reader = PartReader { prepared, country: country(&from), misdeclared: false, cut: false };
    let (text, html) = reader.texts(&mail);
    let mut reports = Vec::new();
    let mut mails = Vec::new();
    let mut attachments = Vec::new();
    let mut left_out = false;
    for (part, number) in mail.attachments().zip(1..) {
        let kind = type_of(part);
        let bytes = reader.bytes_of(part, LARGEST_ATTACHMENT);
        if is_report(&kind) {
            let room = MOST_REPORTS.saturating_sub(reports.iter().map(|(_, text): &(_, String)| text.len()).sum());
            let text = reader.text_of(part, Cow::Borrowed(&bytes), room);
            reports.push((kind.clone(), cleaned(text)));
        }
        if matches!(kind.as_str(), "message/rfc822" | "message/global") {
            let most = if mails.is_empty() { MOST_OF_A_MAIL } else { BEGINNING_OF_A_MAIL };
            let room = MOST_OF_MAILS.saturating_sub(mails.iter().map(Vec::len).sum());
            mails.push(bytes.get(..most.min(room).min(bytes.len())).unwrap_or_default().to_vec());
        }
        if attachments.len() < MOST_ATTACHMENTS && bytes.len() <= LARGEST_ATTACHMENT {
            attachments.push(attached(part, kind, bytes.into_owned(), number));
        } else {
            left_out = true;
        }
    }
    let kind = mail.root_part().content_type().map_or_else(String::new, |kind| {
        let whole = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        kind.attribute("report-type")
            .map_or_else(|| whole.clone(), |report| format!("{whole}; {report}"))
            .to_lowercase()
    });
    let mut recipients = all_mailboxes(&mail, HeaderName::To);
    recipients.extend(all_mailboxes(&mail, HeaderName::Cc));
    recipients.truncate(MOST_ADDRESSES);
    Some(Parts {
        reply_to: people(mail.reply_to()).into_iter().next(),
        original_from,
        written_at: mail
            .date()
            .filter(|date| date.is_valid())
            .and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        misdeclared: reader.misdeclared,
        text_left_out: reader.cut,
        header,
        from,
        recipients,
        text,
        html,
        attachments,
        reports,
        mails,
        kind,
        left_out,
    })
}

fn is_report(kind: &str) -> bool {
    const REPORTS: [&str; 7] = [
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/rfc822-headers",
        "message/global-headers",
        "text/x-rfc822-headers",
    ];
    REPORTS.contains(&kind)
}

/// Reads the parts of one message.
struct PartReader<'m> {
    prepared: &'m Prepared<'m>,
    country: Option<String>,
    misdeclared: bool,
    /// Whether some of a text was not read.
    cut: bool,
}

impl<'m> PartReader<'m> {
    /// A part's bytes after transfer decoding. If there are more than `most`, a few more than `most` are returned.
    fn bytes_of(&self, part: &MessagePart<'_>, most: usize) -> Cow<'m, [u8]> {
        let from = usize::try_from(part.offset_body).unwrap_or(usize::MAX);
        let to = usize::try_from(part.offset_end).unwrap_or(usize::MAX);
        let raw = self.prepared.between(from, to);
        let hidden = part.headers.iter().rev().find(|field| field.name.as_str() == HIDDEN_ENCODING);
        let hidden = hidden.and_then(|field| field.value.as_text());
        let encoding = part.content_transfer_encoding().or(hidden);
        match raw {
            Cow::Borrowed(raw) => transfer::decode(raw, encoding, most),
            Cow::Owned(raw) => Cow::Owned(transfer::decode(&raw, encoding, most).into_owned()),
        }
    }

    /// The text of at most this many bytes of a part.
    fn text_of(&mut self, part: &MessagePart<'_>, bytes: Cow<'_, [u8]>, most: usize) -> String {
        let attribute = |name| part.content_type().and_then(|kind| kind.attribute(name));
        let declared = attribute("charset").or_else(|| attribute(HIDDEN_CHARSET));
        let as_it_is = charset::needs_no_conversion(&bytes, declared);
        let length = charset::beginning(&bytes, if as_it_is { most } else { most.min(MOST_CONVERTED) }).len();
        self.cut |= length < bytes.len();
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..length).unwrap_or_default()),
            Cow::Owned(mut bytes) if length < bytes.len() => {
                bytes.truncate(length);
                bytes.shrink_to_fit();
                Cow::Owned(bytes)
            }
            Cow::Owned(bytes) => Cow::Owned(bytes),
        };
        let decoded = charset::decode(bytes, declared, self.country.as_deref());
        self.misdeclared |= decoded.doubt.is_some();
        let text = with_line_feeds(decoded.text);
        let attribute = |name| attribute(name).map(str::to_ascii_lowercase);
        let joined = text.len() <= LONGEST_FLOWED && type_of(part) != "text/html";
        if joined && attribute("format").as_deref() == Some("flowed") {
            return flowed::unflow(&text, attribute("delsp").as_deref() == Some("yes"));
        }
        text
    }

    /// All of the mail's text, and its HTML.
    fn texts(&mut self, mail: &Message<'_>) -> (String, String) {
        let mut html = String::new();
        for part in mail.html_bodies().filter(|part| is_html(part)) {
            let body = self.body(part, MOST_HTML.saturating_sub(html.len()));
            if html.is_empty() {
                html = body;
            } else {
                html.push('\n');
                html.push_str(&body);
            }
        }
        // What was not read of the HTML matters only if the HTML is used as the text.
        let html_cut = std::mem::take(&mut self.cut);
        let mut text = String::new();
        for part in mail.text_bodies().filter(|part| part.is_text()) {
            let room = MOST_TEXT.saturating_sub(text.len());
            let body = if is_html(part) {
                let (shown, all) = plain::from_html(&self.body(part, room.min(MOST_HTML)));
                self.cut |= !all;
                shown
            } else {
                self.body(part, room)
            };
            append(&mut text, body);
        }
        let short = text.chars().take(STUB).count() < STUB;
        if short && !html.is_empty() {
            let (shown, all) = plain::from_html(&html);
            // The plain part may say only "This message is in HTML" and nothing of what the HTML says.
            let stub = STUB_WORDS.is_in(&text) || text.chars().count() < SHORT && shown.len() > 3 * text.len();
            if !sealed::says_something(&text) && sealed::says_something(&shown) || stub && !says(&shown, &text) {
                self.cut |= html_cut || !all;
                return (cleaned(shown), html);
            }
        }
        if text.is_empty() && html.is_empty() {
            return (self.whatever(mail), html);
        }
        let mut text = cleaned(text);
        text.truncate(text.trim_end().len());
        (text, html)
    }

    /// The body of a mail whose declared type does not exist, or whose declared parts are missing.
    fn whatever(&mut self, mail: &Message<'_>) -> String {
        let root = mail.root_part();
        let nothing_known = root
            .content_type()
            .is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("multipart") || kind.subtype().is_none());
        if !nothing_known || mail.parts.len() > 1 {
            return String::new();
        }
        cleaned(self.body(root, MOST_TEXT)).trim().to_owned()
    }

    fn body(&mut self, part: &MessagePart<'_>, most: usize) -> String {
        let bytes = self.bytes_of(part, most);
        self.text_of(part, bytes, most)
    }
}

/// Appends a text after a blank line. The text's own blank lines at its beginning and end are left out.
fn append(all: &mut String, mut text: String) {
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    let blank = text.len() - text.trim_start_matches(['\n', '\r']).len();
    drop(text.drain(..blank));
    if text.trim().is_empty() {
        return;
    }
    if all.is_empty() {
        *all = text;
        return;
    }
    all.push_str("\n\n");
    all.push_str(&text);
}

/// The text with a line feed at the end of every line. It is changed in place, so that no copy is made.
fn with_line_feeds(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    let mut bytes = text.into_bytes();
    let mut behind_return = false;
    bytes.retain_mut(|byte| {
        let second = behind_return && *byte == b'\n';
        behind_return = *byte == b'\r';
        if behind_return {
            *byte = b'\n';
        }
        !second
    });
    String::from_utf8(bytes).unwrap_or_default()
}

/// Whether `whole` contains the longest line of `part`.
fn says(whole: &str, part: &str) -> bool {
    let longest = part.lines().max_by_key(|line| line.len()).unwrap_or_default();
    squeezed(whole).contains(&squeezed(longest))
}

fn is_html(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Html(_))
}

fn type_of(part: &MessagePart<'_>) -> String {
    match part.content_type() {
        Some(kind) => {
            clean_line(&kind.subtype().map_or_else(|| kind.ctype().to_owned(), |sub| format!("{}/{sub}", kind.ctype())))
                .to_lowercase()
        }
        None if matches!(part.body, PartType::Message(_)) => "message/rfc822".to_owned(),
        None => "text/plain".to_owned(),
    }
}

/// The sender's top-level domain.
fn country(from: &[Mailbox]) -> Option<String> {
    let domain = from.first()?.address.rsplit('.').next()?;
    (domain.len() <= 6 && domain.is_ascii()).then(|| domain.to_ascii_lowercase())
}

fn all_mailboxes(mail: &Message<'_>, name: HeaderName<'static>) -> Vec<Mailbox> {
    mail.header_values(name).filter_map(HeaderValue::as_address).flat_map(|field| mailboxes(Some(field))).collect()
}

/// As [`mailboxes`], for a field that names a sender, because such fields are often written by hand.
fn people(field: Option<&Address<'_>>) -> Vec<Mailbox> {
    let all = field.into_iter().flat_map(|field| field.iter()).map(|one| sender::Entry {
        name: one.name().map(clean_line).filter(|name| !name.is_empty()),
        address: one.address().map(clean_line).unwrap_or_default(),
    });
    sender::mailboxes(all.take(MOST_ADDRESSES).collect())
}

fn mailboxes(field: Option<&Address<'_>>) -> Vec<Mailbox> {
    let all = field.into_iter().flat_map(|field| field.iter()).filter_map(|one| {
        let name = one.name().map(clean_line).filter(|name| !name.is_empty());
        let address = one.address().map(clean_line).unwrap_or_default().to_lowercase();
        (!address.is_empty() || name.is_some()).then_some(Mailbox { name, address })
    });
    all.take(MOST_ADDRESSES).collect()
}

fn attached(part: &MessagePart<'_>, kind: String, bytes: Vec<u8>, number: usize) -> Attached {
    let kind = match sniffed(&bytes) {
        // Documents are archives too, so the declared type says more.
        Some("application/zip") if kind.starts_with("application/") && kind != "application/octet-stream" => kind,
        Some(sniffed) => sniffed.to_owned(),
        None => kind,
    };
    let declared = [(part.content_disposition(), "filename"), (part.content_type(), "name")];
    // If there are several values, the last one has a character set of its own (RFC 6266, 4.3).
    let declared = declared.into_iter().find_map(|(field, name)| {
        field?.attributes()?.iter().rev().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
    });
    let name = declared.and_then(|name| file_name(name)).or_else(|| match &part.body {
        PartType::Message(inner) => {
            inner.subject().map(clean_line).and_then(|subject| file_name(&format!("{}.eml", truncated(&subject, 80))))
        }
        _ => None,
    });
    Attached { name: name.unwrap_or_else(|| format!("attachment-{number}")), content_type: kind, bytes: bytes.into() }
}

/// The type that the bytes clearly show.
fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    use infer::MatcherType;
    let known = infer::get(bytes)?;
    let plain = matches!(
        known.matcher_type(),
        MatcherType::Image | MatcherType::Audio | MatcherType::Video | MatcherType::Archive | MatcherType::Doc
    );
    (plain && known.mime_type() != "text/html").then(|| known.mime_type())
}

/// The last component of a name that may be a path, short enough for every file system.
fn file_name(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = clean(&name).split_whitespace().collect::<Vec<_>>().join(" ");
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
            ("kvitto\r\n.pdf", Some("kvitto.pdf")),
            ("faktura\u{202e}fdp.exe", Some("fakturafdp.exe")),
        ] {
            assert_eq!(file_name(name).as_deref(), expected, "{name}");
        }
    }
}
