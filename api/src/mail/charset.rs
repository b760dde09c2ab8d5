//! Bytes to characters. What a mail declares is believed while the bytes agree with it; else the bytes are looked at.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// Text, and whether the bytes were what they were said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The characters.
    pub text: String,
    /// Why it was not read as declared, if so.
    pub doubt: Option<Doubt>,
}

/// What was wrong with a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No character set was declared, and the bytes need one.
    Undeclared,
    /// The bytes are not what was declared.
    Misdeclared,
}

/// Decodes bytes by what was declared, or by what they look like. `country` is the sender's top-level domain, which tells
/// the single-byte character sets of Europe apart.
#[must_use]
pub fn decode(bytes: &[u8], declared: Option<&str>, country: Option<&str>) -> Decoded {
    let sure = |text: String| Decoded { text: undoubled(text), doubt: None };
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return sure(text.into_owned());
    }
    let declared = declared.map(str::trim).filter(|label| !says_nothing(label));
    let escapes = bytes.windows(2).any(|pair| pair == b"\x1b$" || pair == b"\x1b(");
    if bytes.is_ascii() && !escapes && declared.is_none_or(|label| !label.eq_ignore_ascii_case("utf-7")) {
        return sure(String::from_utf8_lossy(bytes).into_owned());
    }
    let Some(label) = declared else {
        let text = guess(bytes, country);
        return Decoded { text: undoubled(text), doubt: (!escapes).then_some(Doubt::Undeclared) };
    };
    let utf8 = std::str::from_utf8(bytes);
    let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
        return match (utf8, charset_decoder(label.as_bytes())) {
            (_, Some(decoder)) => sure(decoder(bytes)),
            (Ok(text), None) => Decoded { text: undoubled(text.to_owned()), doubt: Some(Doubt::Misdeclared) },
            (Err(_), None) => Decoded { text: guess(bytes, country), doubt: Some(Doubt::Misdeclared) },
        };
    };
    match utf8 {
        // Text in a single-byte set is practically never valid UTF-8 by chance.
        Ok(text) if !escapes && encoding != UTF_8 => {
            Decoded { text: undoubled(text.to_owned()), doubt: Some(Doubt::Misdeclared) }
        }
        Ok(text) if encoding == UTF_8 => sure(text.to_owned()),
        _ => {
            let (text, _, broken) = encoding.decode(bytes);
            // A cut character in UTF-8 is a hole; many holes are another character set.
            let few = text.matches('\u{fffd}').count() * 4 <= text.chars().filter(|c| !c.is_ascii()).count();
            if !broken || few {
                return sure(text.into_owned());
            }
            Decoded { text: undoubled(guess(bytes, country)), doubt: Some(Doubt::Misdeclared) }
        }
    }
}

/// Labels that promise ASCII or nothing; 8-bit bytes under them are undeclared.
fn says_nothing(label: &str) -> bool {
    const NOTHING: [&str; 9] =
        ["", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "_iso-8859-1"];
    NOTHING.iter().any(|nothing| label.eq_ignore_ascii_case(nothing))
}

fn guess(bytes: &[u8], country: Option<&str>) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\u{1b}')
    {
        return text.to_owned();
    }
    if bytes.is_ascii() {
        return ISO_2022_JP.decode(bytes).0.into_owned();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let country = country.filter(|label| label.is_ascii()).map(str::to_ascii_lowercase);
    let encoding = detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Deny);
    let (text, _, broken) = encoding.decode(bytes);
    if broken { WINDOWS_1252.decode(bytes).0.into_owned() } else { text.into_owned() }
}

/// Text that was taken for windows-1252 and written as UTF-8 a second time ("trÃ¥kigt"), as it was before that.
fn undoubled(text: String) -> String {
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
            assert_eq!(decode(bytes, declared, Some("se")), Decoded { text: text.to_owned(), doubt }, "{bytes:?}");
        }
    }
}
