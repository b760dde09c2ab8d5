//! Decodes bytes to characters. The declared character set is used as long as the bytes agree with it. Otherwise the
//! character set is detected from the bytes.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// How many bytes are examined to detect a character set.
const LOOKED_AT: usize = 1024 * 1024;
/// How many bytes a text may have to be examined for double encoding, because that takes two copies of it.
const LONGEST_UNDOUBLED: usize = 4 * 1024 * 1024;

/// Decoded text, and whether the declared character set was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Why it was not decoded as declared, if it was not.
    pub doubt: Option<Doubt>,
}

/// What was wrong with a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No character set was declared, although the bytes are not ASCII.
    Undeclared,
    /// The bytes are not in the declared character set.
    Misdeclared,
}

/// Decodes bytes by the declared character set, or else by the detected one. `country` is the sender's top-level
/// domain, which helps to tell the single-byte character sets of Europe apart.
#[must_use]
pub fn decode(bytes: Cow<'_, [u8]>, declared: Option<&str>, country: Option<&str>) -> Decoded {
    let sure = |text: String| Decoded { text: undoubled(text), doubt: None };
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return sure(text.into_owned());
    }
    let declared = declared.map(str::trim).filter(|label| !says_nothing(label));
    let escapes = bytes.windows(2).any(|pair| pair == b"\x1b$" || pair == b"\x1b(");
    if bytes.is_ascii() && !escapes && declared.is_none_or(|label| !label.eq_ignore_ascii_case("utf-7")) {
        return sure(owned(bytes));
    }
    let Some(label) = declared else {
        let text = guess(bytes, country);
        return Decoded { text: undoubled(text), doubt: (!escapes).then_some(Doubt::Undeclared) };
    };
    let is_utf8 = std::str::from_utf8(&bytes).is_ok();
    let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
        return match charset_decoder(label.as_bytes()) {
            Some(decoder) => sure(decoder(&bytes)),
            None if is_utf8 => Decoded { text: undoubled(owned(bytes)), doubt: Some(Doubt::Misdeclared) },
            None => Decoded { text: guess(bytes, country), doubt: Some(Doubt::Misdeclared) },
        };
    };
    if is_utf8 && encoding == UTF_8 {
        return sure(owned(bytes));
    }
    // Text in a single-byte character set is hardly ever valid UTF-8 by chance.
    if is_utf8 && !escapes {
        return Decoded { text: undoubled(owned(bytes)), doubt: Some(Doubt::Misdeclared) };
    }
    let (text, _, broken) = encoding.decode(&bytes);
    // A few invalid bytes are damaged UTF-8. Many of them mean another character set.
    let few = text.matches('\u{fffd}').count() * 4 <= text.chars().filter(|c| !c.is_ascii()).count();
    if !broken || few {
        return sure(text.into_owned());
    }
    drop(text);
    Decoded { text: undoubled(guess(bytes, country)), doubt: Some(Doubt::Misdeclared) }
}

/// UTF-8 bytes as text, without a copy if the bytes are owned.
fn owned(bytes: Cow<'_, [u8]>) -> String {
    String::from_utf8(bytes.into_owned())
        .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}

/// Whether the bytes already are the text in UTF-8, so that neither a conversion nor a copy is needed.
#[must_use]
pub fn needs_no_conversion(bytes: &[u8], declared: Option<&str>) -> bool {
    let converts = declared.map(str::trim).is_some_and(|label| {
        label.eq_ignore_ascii_case("utf-7")
            || Encoding::for_label(label.as_bytes()).is_some_and(|encoding| !encoding.is_ascii_compatible())
    });
    !converts && !bytes.contains(&0x1b) && std::str::from_utf8(bytes).is_ok()
}

/// The beginning of the bytes that decodes to at most this many bytes of text. It is an estimate, made before decoding:
/// a byte outside ASCII may become three.
#[must_use]
pub fn beginning(bytes: &[u8], most: usize) -> &[u8] {
    if bytes.len() <= most / 3 || bytes.len() <= most && std::str::from_utf8(bytes).is_ok() {
        return bytes;
    }
    if let Some(cut) = bytes.get(..most)
        && std::str::from_utf8(bytes).is_ok()
    {
        // The cut must not be within a character.
        let end = (0..4).map(|back| most - back).find(|end| bytes.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80));
        return bytes.get(..end.unwrap_or(most)).unwrap_or(cut);
    }
    let mut cost = 0;
    let end = bytes.iter().position(|byte| {
        cost += if byte.is_ascii() { 1 } else { 3 };
        cost > most
    });
    bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes)
}

/// Labels that mean ASCII or say nothing. With these, bytes outside ASCII count as undeclared.
fn says_nothing(label: &str) -> bool {
    const NOTHING: [&str; 9] =
        ["", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "_iso-8859-1"];
    NOTHING.iter().any(|nothing| label.eq_ignore_ascii_case(nothing))
}

fn guess(bytes: Cow<'_, [u8]>, country: Option<&str>) -> String {
    if std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\u{1b}')) {
        return owned(bytes);
    }
    if bytes.is_ascii() {
        return ISO_2022_JP.decode(&bytes).0.into_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    // The beginning of a long text is enough.
    detector.feed(bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default(), bytes.len() <= LOOKED_AT);
    let country = country.filter(|label| label.is_ascii()).map(str::to_ascii_lowercase);
    let encoding = detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Deny);
    let (text, _, broken) = encoding.decode(&bytes);
    if !broken {
        return text.into_owned();
    }
    drop(text);
    WINDOWS_1252.decode(&bytes).0.into_owned()
}

/// Undoes double encoding: UTF-8 that was taken for windows-1252 and encoded as UTF-8 again ("trÃ¥kigt").
fn undoubled(text: String) -> String {
    if text.len() > LONGEST_UNDOUBLED {
        return text;
    }
    let marks = text.matches(['Ã', 'Â', 'â']).count();
    let others = text.chars().filter(|c| !c.is_ascii()).count();
    if marks == 0 || marks * 4 < others {
        return text;
    }
    let (bytes, _, lossy) = WINDOWS_1252.encode(&text);
    match std::str::from_utf8(&bytes) {
        Ok(before) if !lossy => before.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_declared_while_they_agree() {
        for (bytes, declared, text, doubt) in [
            (&b"Hej"[..], None, "Hej", None),
            (b"tr\xe5kigt", Some("iso-8859-1"), "tråkigt", None),
            (b"tr\xe5kigt att v\xe4nta", None, "tråkigt att vänta", Some(Doubt::Undeclared)),
            (b"tr\xe5kigt att v\xe4nta", Some("us-ascii"), "tråkigt att vänta", Some(Doubt::Undeclared)),
            (b"tr\xe5kigt att v\xe4nta", Some("utf-8"), "tråkigt att vänta", Some(Doubt::Misdeclared)),
            ("tråkigt".as_bytes(), Some("iso-8859-1"), "tråkigt", Some(Doubt::Misdeclared)),
            ("tråkigt".as_bytes(), Some("x-nonsense"), "tråkigt", Some(Doubt::Misdeclared)),
            ("trÃ¥kigt att vÃ¤nta".as_bytes(), Some("utf-8"), "tråkigt att vänta", None),
            ("Â är inte ofta".as_bytes(), Some("utf-8"), "Â är inte ofta", None),
            (b"\x93Quote\x94", Some("iso-8859-1"), "\u{201c}Quote\u{201d}", None),
            (b"\xef\xbb\xbfhej", Some("iso-8859-1"), "hej", None),
            (b"\x1b$B$3$s$K$A$O\x1b(B", None, "こんにちは", None),
        ] {
            assert_eq!(
                decode(bytes.into(), declared, Some("se")),
                Decoded { text: text.to_owned(), doubt },
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for (bytes, most, kept) in [
            ("abc".as_bytes(), 3, "abc".as_bytes()),
            (b"abcdef", 3, b"abc"),
            ("aåå".as_bytes(), 4, "aå".as_bytes()),
            ("aåå".as_bytes(), 5, "aåå".as_bytes()),
            (b"\xe5\xe5ab", 7, b"\xe5\xe5a"),
            (b"\xe5\xe5ab", 30, b"\xe5\xe5ab"),
        ] {
            assert_eq!(beginning(bytes, most), kept, "{bytes:?} {most}");
        }
    }
}
