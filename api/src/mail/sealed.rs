//! Mail whose text cannot be read, because it is encrypted, in Outlook's own format, or only in files. Text that is
//! wrapped in a signature (S/MIME, RFC 8551, 3.5.2) can be read and is read here.

use entity::kind::EmailWarning;

use super::parse::Parts;
use super::pattern::{Pattern, compile};
use super::{parse, prepare, shape};

/// How many nested elements are followed.
const DEEPEST: usize = 12;
const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;
const FIRST: u8 = 0xa0;

/// Links, and what programs write in place of a picture.
static STANDS_FOR: Pattern = Pattern::new(|| {
    compile(
        r"\[(?:cid:|(?:image|inline image|bild|bilde|billede|kuva|imagen|imagem|immagine|afbeelding|obraz|grafik|logo)\b)[^\]\n]*\]|<?https?://[^\s>]+>?",
    )
});
static ARMOURED: Pattern = Pattern::new(|| compile(r"-----BEGIN PGP MESSAGE-----"));

/// The text without links and without what programs write in place of pictures.
#[must_use]
pub fn without_pictures(text: &str) -> std::borrow::Cow<'_, str> {
    STANDS_FOR.regex().map_or(text.into(), |regex| regex.replace_all(text, ""))
}

/// Whether a text says anything besides links and pictures.
#[must_use]
pub fn says_something(text: &str) -> bool {
    // A long text usually says something in its first lines.
    let first = text.lines().take(50).map(|line| line.get(..line.len().min(2_000)).unwrap_or_default());
    first.into_iter().any(|line| without_pictures(line).contains(char::is_alphanumeric))
        || without_pictures(text).contains(char::is_alphanumeric)
}

/// Why only a person with the right program can read the mail, with the warning to show. `visible` is its text without
/// quotes.
#[must_use]
pub fn why(parts: &Parts, visible: &str) -> Option<(EmailWarning, &'static str)> {
    let named = |kinds: &[&str], names: &[&str]| {
        parts.attachments.iter().any(|file| {
            kinds.contains(&file.content_type.as_str()) || names.contains(&file.name.to_lowercase().as_str())
        })
    };
    let is_blank = !says_something(visible);
    if parts.kind.starts_with("multipart/encrypted") {
        return Some((EmailWarning::Encrypted, "it is encrypted with PGP; only somebody with the key can read it"));
    }
    let armour = ARMOURED.place(&parts.text).map(|(at, _)| parts.text.get(..at).unwrap_or_default());
    if armour.is_some_and(|before| !says_something(before)) {
        return Some((EmailWarning::Encrypted, "it is encrypted with PGP; only somebody with the key can read it"));
    }
    if is_blank && (is_smime(&parts.kind) || named(&SMIME, &["smime.p7m"])) {
        return Some((EmailWarning::Encrypted, "it is encrypted with S/MIME; only somebody with the key can read it"));
    }
    if is_blank && named(&["application/ms-tnef", "application/vnd.ms-tnef"], &["winmail.dat"]) {
        let why = "its words are in winmail.dat, a format of Outlook's own; ask the sender to send it as HTML or text";
        return Some((EmailWarning::OutlookFormat, why));
    }
    let holds_mail = parts.attachments.iter().any(|file| file.content_type.starts_with("message/"));
    if !is_blank || parts.attachments.is_empty() || holds_mail {
        return None;
    }
    let pictures = parts.attachments.iter().all(|file| file.content_type.starts_with("image/"));
    let why = if pictures { "it has no words, only pictures" } else { "it has no words, only files" };
    Some((EmailWarning::OnlyFiles, why))
}

/// How many bytes of signed content are read. It is in memory several times while it is read.
const LARGEST: usize = 12 * 1024 * 1024;
const SMIME: [&str; 2] = ["application/pkcs7-mime", "application/x-pkcs7-mime"];

fn is_smime(kind: &str) -> bool {
    SMIME.contains(&kind)
}

/// Reads the mail inside a signature, if the mail has no other text.
pub fn unwrap(parts: &mut Parts) {
    if says_something(&parts.text) {
        return;
    }
    let wrapped = |kind: &str, name: &str| is_smime(kind) || name.eq_ignore_ascii_case("smime.p7m");
    let found = parts.attachments.iter().find(|file| wrapped(&file.content_type, &file.name));
    let found = found.filter(|file| file.bytes.len() <= LARGEST);
    let Some(content) = found.and_then(|file| signed_content(&file.bytes)) else { return };
    if shape::check(&content).is_err() {
        return;
    }
    let prepared = prepare::prepare(&content);
    let Some(inner) = parse::parse(&prepared) else { return };
    parts.text = inner.text;
    parts.html = inner.html;
    parts.mails.extend(inner.mails);
    parts.attachments.extend(inner.attachments);
}

/// The signed content of `SignedData` (RFC 5652, 5.1). None when the bytes are something else.
fn signed_content(bytes: &[u8]) -> Option<Vec<u8>> {
    /// The object identifier 1.2.840.113549.1.7.2.
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let (whole, _) = inside(bytes, SEQUENCE)?;
    let (_, kind, rest) = element(whole)?;
    if kind != SIGNED_DATA {
        return None;
    }
    let (signed, _) = inside(rest, FIRST)?;
    let (signed, _) = inside(signed, SEQUENCE)?;
    let (_, _version, rest) = element(signed)?;
    let (_, _algorithms, rest) = element(rest)?;
    let (encapsulated, _) = inside(rest, SEQUENCE)?;
    let (_, _kind, rest) = element(encapsulated)?;
    let (content, _) = inside(rest, FIRST)?;
    let mut out = Vec::new();
    octets(content, &mut out, 0)?;
    Some(out)
}

/// The content of the first element, if it has this tag, and the bytes after it.
fn inside(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

/// Collects an octet string that may be in several pieces.
fn octets(bytes: &[u8], out: &mut Vec<u8>, depth: usize) -> Option<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (tag, content, after) = element(rest)?;
        match tag {
            OCTETS => out.extend(content),
            OCTETS_IN_PIECES if depth < DEEPEST => octets(content, out, depth + 1)?,
            _ => return None,
        }
        rest = after;
    }
    Some(())
}

/// The first element (X.690, 8.1): its tag, its content, and the bytes after it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, from, length) = head(bytes)?;
    let rest = bytes.get(from..)?;
    let ends = match length {
        Some(length) => length,
        None => end_of_contents(rest, 0)?,
    };
    let (content, after) = rest.split_at_checked(ends)?;
    Some((tag, content, if length.is_some() { after } else { after.get(2..)? }))
}

/// An element's tag, where its content begins, and the content's length, which is none when an end mark ends it.
fn head(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    match first {
        0x80 => Some((tag, 2, None)),
        0..0x80 => Some((tag, 2, Some(usize::from(first)))),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = bytes.get(2..2 + count).filter(|_| count <= 4)?;
            Some((tag, 2 + count, Some(digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))))
        }
    }
}

/// The length of the content before its end mark.
fn end_of_contents(bytes: &[u8], depth: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        if rest.starts_with(&[0, 0]) {
            return Some(at);
        }
        let (_, from, length) = head(rest)?;
        let length = match length {
            Some(length) => length,
            None if depth < DEEPEST => end_of_contents(rest.get(from..)?, depth + 1)? + 2,
            None => return None,
        };
        at = at.checked_add(from)?.checked_add(length)?;
    }
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&STANDS_FOR, &ARMOURED]
}
