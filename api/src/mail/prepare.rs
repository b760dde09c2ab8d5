//! Prepares a mail's bytes for a parser: one kind of line end, header fields in UTF-8, encoded words (RFC 2047) that
//! are not cut. Servers and forwarders break all of these.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::prepared::Prepared;
use super::{charset, transfer};

/// How many bytes of an encoded word are searched for its end. RFC 2047 (2) allows 75.
const LONGEST_WORD: usize = 1_000;
/// How many nested parts are watched for a missing end.
const DEEPEST: usize = 50;
/// How many bytes a field may have to be searched for encoded words.
const LONGEST_FIELD: usize = 256 * 1024;

/// In a mail of more bytes than this, the parser is kept from decoding and copying the parts.
const LARGE: usize = 4 * 1024 * 1024;
/// How many fields of an unknown character set are read with the help of the body.
const HELPED: usize = 50;
/// The field that then holds the transfer encoding of a part.
pub const HIDDEN_ENCODING: &str = "X-Hidden-Encoding";
/// The parameter that then holds the character set of a part.
pub const HIDDEN_CHARSET: &str = "cha-set";

/// Where the header of a message ends and where its body begins: at the first blank line, or before the first line that
/// is not a header line, unless the header clearly goes on after that line.
#[must_use]
pub fn body_at(raw: &[u8]) -> (usize, usize) {
    let mut at = 0;
    let mut forgiven = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        let ends = at + line.len();
        if text.is_empty() {
            return (at, ends);
        }
        let continues = at > 0 && line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        if !continues && !is_field(text) {
            forgiven += 1;
            let (before, behind) = (raw.get(..at).unwrap_or_default(), raw.get(ends..).unwrap_or_default());
            if at == 0 || forgiven > MOST_FORGIVEN || !goes_on(before, behind) {
                return (at, at);
            }
        }
        at = ends;
    }
    (at, at)
}

/// How many wrong lines a header may have, and within how many lines after one it must go on.
const MOST_FORGIVEN: usize = 10;

/// Whether the header goes on soon: with a field of `PROGRAMS`, or with one of `PERSONS` that it does not have yet.
fn goes_on(before: &[u8], behind: &[u8]) -> bool {
    const PERSONS: [&[u8]; 5] = [b"from", b"to", b"cc", b"subject", b"date"];
    const PROGRAMS: [&[u8]; 22] = [
        b"message-id",
        b"mime-version",
        b"content-type",
        b"content-transfer-encoding",
        b"received",
        b"return-path",
        b"reply-to",
        b"sender",
        b"in-reply-to",
        b"references",
        b"dkim-signature",
        b"authentication-results",
        b"received-spf",
        b"delivered-to",
        b"user-agent",
        b"thread-index",
        b"thread-topic",
        b"precedence",
        b"auto-submitted",
        b"list-id",
        b"x-mailer",
        b"x-originating-ip",
    ];
    let name = |line: &[u8]| -> Option<Vec<u8>> {
        let colon = line.iter().take(80).position(|byte| *byte == b':').filter(|_| is_field(line))?;
        line.get(..colon).map(|name| name.trim_ascii().to_ascii_lowercase())
    };
    let lines = behind.split(|byte| *byte == b'\n').take(MOST_FORGIVEN);
    let next = lines.take_while(|line| !line.trim_ascii().is_empty());
    let known = |known: &[u8]| before.split(|byte| *byte == b'\n').filter_map(name).any(|field| field == known);
    next.filter_map(name)
        .any(|field| PROGRAMS.contains(&field.as_slice()) || PERSONS.contains(&field.as_slice()) && !known(&field))
}

/// Whether a line begins a header field (RFC 5322, 2.2): a name, perhaps spaces, a colon.
fn is_field(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| matches!(byte, 33..=57 | 59..=126)).count();
    let rest = line.get(name..).unwrap_or_default();
    name > 0 && rest.trim_ascii_start().starts_with(b":")
}

/// The message in a form that a parser can read.
#[must_use]
pub fn prepare(raw: &[u8]) -> Prepared<'_> {
    let raw = without_envelope(raw);
    let raw: Cow<'_, [u8]> = if raw.contains(&b'\n') {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect())
    };
    let (header_ends, body_begins) = body_at(&raw);
    let hidden = raw.len() > LARGE;
    let (mut head, country, open) = head(&raw, (header_ends, body_begins), hidden);
    head.extend(b"\r\n");
    let mut out = Prepared::of(raw, hidden);
    out.write(&head);
    append_body(&mut out, body_begins, country.as_deref(), (open, hidden));
    out
}

/// The header in readable form, the sender's country, and the boundaries that the header declares.
fn head(
    raw: &[u8],
    (header_ends, body_begins): (usize, usize),
    hidden: bool,
) -> (Vec<u8>, Option<String>, Vec<Vec<u8>>) {
    let header = raw.get(..header_ends).unwrap_or_default();
    let body = raw.get(body_begins..).unwrap_or_default();
    let country = country(header);
    let (mut out, mut helped) = (Vec::with_capacity(header.len() + 1_024), 0);
    for (at, field) in fields(header).into_iter().enumerate() {
        // The parser would take a wrong line within the header for the end of the header.
        if at > 0 && !field.is_empty() && !is_field(field.trim_ascii_end()) {
            continue;
        }
        // The body is examined again for each such field, so it helps only the first ones.
        helped += usize::from(!field.is_ascii());
        let beside = if helped <= HELPED { body } else { &[] };
        let field = readable(&named(field), country.as_deref(), beside);
        out.extend(if hidden { hide(field) } else { field });
    }
    if header.is_empty() {
        // There is no header: everything is body, below an added field.
        out.extend(b"X-No-Headers: yes\r\n");
    } else if !header.ends_with(b"\n") {
        out.extend(b"\r\n");
    }
    let is_type = |field: &&[u8]| field.get(..13).is_some_and(|name| name.eq_ignore_ascii_case(b"content-type:"));
    let open = fields(header).into_iter().filter(is_type).filter_map(boundary);
    let open = open.collect();
    (out, country, open)
}

/// The field without spaces between its name and its colon. RFC 5322, 4.5 allows them; the parser does not.
fn named(field: &[u8]) -> Cow<'_, [u8]> {
    let name = field.iter().take_while(|byte| matches!(byte, 33..=57 | 59..=126)).count();
    let (name, rest) = field.split_at_checked(name).unwrap_or((field, &[]));
    let behind = rest.trim_ascii_start();
    if behind.len() < rest.len() && behind.starts_with(b":") && !name.is_empty() {
        Cow::Owned([name, behind].concat())
    } else {
        Cow::Borrowed(field)
    }
}

/// Removes what mailboxes and pipes add before a message: blank lines, a byte order mark, mbox's "From " line.
#[must_use]
pub fn without_envelope(raw: &[u8]) -> &[u8] {
    let mut raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    while let [b'\r' | b'\n' | b' ' | b'\t', rest @ ..] = raw {
        raw = rest;
    }
    let is_field = raw.strip_prefix(b"From").is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"));
    if (raw.starts_with(b"From ") || raw.starts_with(b">From ")) && !is_field {
        let ends = |end: u8| raw.iter().position(|byte| *byte == end);
        let line = ends(b'\n').or_else(|| ends(b'\r')).map_or(raw.len(), |at| at + 1);
        raw = raw.get(line..).unwrap_or_default();
    }
    raw
}

/// The header's fields, each with its continuation lines.
pub(super) fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        let continues = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        if at > from && !continues {
            fields.push(header.get(from..at).unwrap_or_default());
            from = at;
        }
        at += line.len();
    }
    fields.push(header.get(from..at).unwrap_or_default());
    fields
}

/// Appends the body, which begins here. File names in it are made readable, and parts without an end are ended.
fn append_body(out: &mut Prepared<'_>, begins: usize, country: Option<&str>, (mut open, hidden): (Vec<Vec<u8>>, bool)) {
    // A message within a part has a header of its own, after the header of the part.
    let (mut in_header, mut mail_follows) = (false, false);
    let mut at = begins;
    while let Some(line) = line_at(out.message(), at) {
        let from = at;
        at += line.len();
        let names = line.get(..13).is_some_and(|start| {
            start.eq_ignore_ascii_case(b"content-type:") || start.eq_ignore_ascii_case(b"content-dispo")
        });
        if !names {
            if line.starts_with(b"--") {
                let ends = ends_of_parts(line, &mut open);
                out.write(&ends);
                (in_header, mail_follows) = (true, false);
            } else if line.trim_ascii().is_empty() {
                in_header = std::mem::take(&mut mail_follows);
            }
            if hidden && in_header {
                let line = hide(out.message().get(from..at).unwrap_or_default().to_vec());
                out.write(&line);
            } else {
                out.copy(from, at - from);
            }
            continue;
        }
        while let Some(more) = line_at(out.message(), at).filter(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
            at += more.len();
        }
        let field = out.message().get(from..at).unwrap_or_default();
        mail_follows |= in_header && field.to_ascii_lowercase().windows(8).any(|bytes| bytes == b"message/");
        if open.len() < DEEPEST {
            open.extend(boundary(field));
        }
        let readable = readable(field, country, &[]);
        let readable = if hidden && in_header { hide(readable) } else { readable };
        if readable == field {
            out.copy(from, at - from);
        } else {
            out.write(&readable);
        }
    }
}

/// The line that begins here, with its line end. None after the last line.
fn line_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    bytes.get(at..)?.split_inclusive(|byte| *byte == b'\n').next()
}

/// Hides from the parser how a part is encoded, so that the parser does not decode it. This service decodes the parts
/// itself, because two more copies of a large mail would take too much memory.
fn hide(mut field: Vec<u8>) -> Vec<u8> {
    const ENCODING: &[u8] = b"content-transfer-encoding:";
    const CHARSET: &[u8] = b"charset";
    if field.get(..ENCODING.len()).is_some_and(|name| name.eq_ignore_ascii_case(ENCODING)) {
        let value = field.split_off(ENCODING.len());
        return [HIDDEN_ENCODING.as_bytes(), b":", &value].concat();
    }
    if field.get(..13).is_some_and(|name| name.eq_ignore_ascii_case(b"content-type:")) {
        let is_it = |at: usize| {
            let before = at
                .checked_sub(1)
                .and_then(|before| field.get(before))
                .is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b';');
            let after = field.get(at + CHARSET.len()..).unwrap_or_default().trim_ascii_start();
            before && (after.starts_with(b"=") || after.starts_with(b"*"))
        };
        let places = field.windows(CHARSET.len()).enumerate().filter(|(_, bytes)| bytes.eq_ignore_ascii_case(CHARSET));
        let found: Vec<usize> = places.map(|(at, _)| at).filter(|at| is_it(*at)).collect();
        for at in found {
            if let Some(name) = field.get_mut(at..at + CHARSET.len()) {
                name.copy_from_slice(HIDDEN_CHARSET.as_bytes());
            }
        }
    }
    field
}

/// The end marks that are missing inside the part that this line ends or follows. Programs that crash leave parts open,
/// and the parser would take what follows for their text.
fn ends_of_parts(line: &[u8], open: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let line = line.trim_ascii_end();
    let Some(mark) = line.get(2..) else { return out };
    let ends = mark.strip_suffix(b"--");
    let Some(at) = open.iter().rposition(|known| known == mark || ends.is_some_and(|mark| known == mark)) else {
        return out;
    };
    for left in open.drain(at + 1..).rev() {
        out.extend([b"--", left.as_slice(), b"--\r\n"].concat());
    }
    if ends.is_some_and(|mark| open.last().is_some_and(|known| known == mark)) {
        open.pop();
    }
    out
}

/// The boundary that a Content-Type field declares.
fn boundary(field: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(field);
    let at = text.to_ascii_lowercase().find("boundary")?;
    let value = text.get(at + 8..)?.trim_start().strip_prefix('=')?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split([';', ' ', '\t', '\r', '\n']).next()?,
    };
    (!value.is_empty()).then(|| value.as_bytes().to_vec())
}

/// The field in UTF-8, with its encoded words joined and in UTF-8.
fn readable(field: &[u8], country: Option<&str>, beside: &[u8]) -> Vec<u8> {
    let field: Cow<'_, [u8]> = if field.contains(&0) {
        Cow::Owned(field.iter().copied().filter(|byte| *byte != 0).collect())
    } else {
        Cow::Borrowed(field)
    };
    let text = if field.is_ascii() || std::str::from_utf8(&field).is_ok() {
        field
    } else {
        Cow::Owned(undeclared(&field, country, beside).into_bytes())
    };
    if text.len() <= LONGEST_FIELD && text.windows(2).any(|pair| pair == b"=?") {
        words(&text, country)
    } else {
        text.into_owned()
    }
}

/// A field of an unknown character set. It is too short to detect the set, so a body of an unknown set helps.
fn undeclared(field: &[u8], country: Option<&str>, beside: &[u8]) -> String {
    let sample = beside.get(..beside.len().min(4_000)).unwrap_or_default();
    if sample.is_ascii() || std::str::from_utf8(sample).is_ok() {
        return charset::decode(field.into(), None, country).text;
    }
    let both = [field, b"\n\n", sample].concat();
    let text = charset::decode(both.into(), None, country).text;
    let lines = field.split(|byte| *byte == b'\n').count() - 1;
    text.split_inclusive('\n').take(lines.max(1)).collect()
}

/// Replaces encoded words (RFC 2047). Adjacent words of one character set are joined before they are decoded, because
/// many programs cut them in the middle of a character, which RFC 2047 (6.2) forbids.
fn words(field: &[u8], country: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"=?") {
        out.extend(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let mut run = Vec::new();
        while let Some((label, bytes, after)) = word(if run.is_empty() { rest } else { rest.trim_ascii_start() }) {
            run.push((label.to_ascii_lowercase(), bytes));
            rest = after;
        }
        if run.is_empty() {
            out.extend(b"=?");
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        let text = joined(&run, country);
        let text: String = text.replace(['\r', '\n', '\t'], " ").chars().filter(|c| !c.is_control()).collect();
        out.extend(b"=?utf-8?B?");
        out.extend(STANDARD.encode(text).into_bytes());
        out.extend(b"?=");
        // A word that touches the text after it would be read as part of that text.
        if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
            out.push(b' ');
        }
    }
    out.extend(rest);
    out
}

/// The text of adjacent encoded words. Words of one character set are joined if their bytes make sense only together.
fn joined(run: &[(Vec<u8>, Vec<u8>)], country: Option<&str>) -> String {
    let read = |label: &[u8], bytes: &[u8]| {
        let label = std::str::from_utf8(label).ok().map(|label| label.split('*').next().unwrap_or(label));
        charset::decode(bytes.into(), label, country)
    };
    let same = run.windows(2).all(|pair| matches!(pair, [one, other] if one.0 == other.0));
    let each: Vec<_> = run.iter().map(|(label, bytes)| read(label, bytes)).collect();
    let whole = each.iter().all(|word| word.doubt.is_none() && !word.text.contains('\u{fffd}'));
    match run.first() {
        Some((label, _)) if same && !whole => {
            let bytes: Vec<u8> = run.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
            read(label, &bytes).text
        }
        _ => each.into_iter().map(|word| word.text).collect(),
    }
}

/// The value of a prepared field as text: unfolded, with its encoded words decoded.
#[must_use]
pub fn plain(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some(at) = rest.windows(2).position(|pair| pair == b"=?") {
        out.push_str(&String::from_utf8_lossy(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at..).unwrap_or_default();
        match word(rest) {
            Some((label, bytes, after)) if label == b"utf-8" => {
                out.push_str(&String::from_utf8_lossy(&bytes));
                rest = after;
            }
            _ => {
                out.push_str("=?");
                rest = rest.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(&String::from_utf8_lossy(rest));
    squeezed(&out)
}

/// The text with exactly one space between its words.
#[must_use]
pub fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The encoded word at the beginning: its character set, its bytes, and the text after it.
fn word(text: &[u8]) -> Option<(&[u8], Vec<u8>, &[u8])> {
    let rest = text.strip_prefix(b"=?")?;
    let at = rest.iter().take(60).position(|byte| *byte == b'?')?;
    let (label, rest) = rest.split_at_checked(at)?;
    let (encoding, rest) = match rest {
        [b'?', encoding, b'?', rest @ ..] => (encoding.to_ascii_lowercase(), rest),
        _ => return None,
    };
    let ends = rest.windows(2).take(LONGEST_WORD).position(|pair| pair == b"?=")?;
    let (data, rest) = rest.split_at_checked(ends)?;
    let bytes = match encoding {
        b'b' => transfer::base64(data, usize::MAX),
        b'q' => transfer::quoted_printable(data, true, usize::MAX),
        _ => return None,
    };
    Some((label, bytes, rest.get(2..).unwrap_or_default()))
}

/// The top-level domain of the first address in the From field.
fn country(header: &[u8]) -> Option<String> {
    let from = fields(header)
        .into_iter()
        .find(|field| named(field).get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"from:")))?;
    let text = String::from_utf8_lossy(from);
    let domain = text.rsplit('@').next()?;
    let domain: String = domain.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    domain
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .filter(|label| (2..=6).contains(&label.len()))
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(raw: &[u8]) -> String {
        String::from_utf8_lossy(prepare(raw).shown()).into_owned()
    }

    #[test]
    fn headers_become_utf8_and_words_whole() {
        let utf8 = |text: &str| format!("Subject: =?utf-8?B?{}?=\r\n\r\nx", STANDARD.encode(text));
        for (raw, expected) in [
            (&b"Subject: =?iso-8859-1?Q?Tr=E5kigt?=\r\n\r\nx"[..], utf8("Tråkigt")),
            (b"Subject: =?utf-8?Q?Tr=C3?= =?utf-8?Q?=A5kigt?=\r\n\r\nx", utf8("Tråkigt")),
            (b"Subject: =?utf-8?B?VHLD?=\r\n =?UTF-8?Q?=A5kigt?=\r\n\r\nx", utf8("Tråkigt")),
            (b"Subject: =?x-unknown?Q?Tr=E5kigt_att_v=E4nta?=\r\n\r\nx", utf8("Tråkigt att vänta")),
            (b"Subject: =?utf-8?Q?a=0D=0ABcc:_b?=\r\n\r\nx", utf8("a  Bcc: b")),
        ] {
            assert_eq!(prepared(raw), expected);
        }
        assert_eq!(
            prepared(b"From: a@b.se\r\nSubject: Tr\xe5kigt att v\xe4nta\r\n\r\nx"),
            "From: a@b.se\r\nSubject: Tråkigt att vänta\r\n\r\nx"
        );
        assert_eq!(prepared(b"Subject: =?broken\r\n\r\nx"), "Subject: =?broken\r\n\r\nx");
    }

    #[test]
    fn a_message_begins_and_ends_its_header_where_a_person_would_say() {
        for (raw, expected) in [
            (&b"From a@b Mon Nov 2\nSubject: x\n\nbody"[..], "Subject: x\n\r\nbody"),
            (b"\r\n\r\nSubject: x\r\n\r\nbody", "Subject: x\r\n\r\nbody"),
            (b"Subject: x\r\rbody", "Subject: x\n\r\nbody"),
            (b"From a@b Mon Nov 2\rSubject: x\r\rbody", "Subject: x\n\r\nbody"),
            (b"Subject: x\r\nbody without a blank line", "Subject: x\r\n\r\nbody without a blank line"),
            (b"no header at all", "X-No-Headers: yes\r\n\r\nno header at all"),
        ] {
            assert_eq!(prepared(raw), expected);
        }
    }
}
