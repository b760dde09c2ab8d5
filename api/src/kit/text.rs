//! The checks for every text from outside.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;

/// Removes characters that no name, subject or text may contain: control characters except tab and line feed,
/// characters that change the direction of writing, and the byte order mark. NUL breaks PostgreSQL, CR LF in a subject
/// forges headers, and a right-to-left override hides a file's extension.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| is_kept(*c)).collect()
}

/// As [`clean`], in place.
#[must_use]
pub fn cleaned(mut text: String) -> String {
    text.retain(is_kept);
    text
}

fn is_kept(c: char) -> bool {
    matches!(c, '\n' | '\t') || !unwanted(c)
}

/// As [`clean`], and all white space becomes single spaces, so that the result is one line.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let mut line = String::new();
    for part in text.split(|c: char| c.is_whitespace() || unwanted(c)).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

fn unwanted(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The form in which texts are compared: composed (Unicode's NFC) and case-folded (full case folding, so that "STRASSE"
/// equals "Straße"). Texts are shown as they were written.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = CaseMapper::new().fold_string(&composed(text)).into_owned();
    composed(&folded).into_owned()
}

/// The text composed (Unicode's NFC): a letter and its accent become one character, however they were typed.
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The bytes in hexadecimal, lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of a hexadecimal text; none when it is not one.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok()).collect()
}

/// The text encoded for a header (RFC 8187) or for one part of a path: all but unreserved characters as `%XX`.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The name of a file in one line, without the folders that some senders put before it.
#[must_use]
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = clean_line(last);
    if name.trim_matches('.').is_empty() { String::new() } else { name }
}

/// The text, cut to at most this many characters.
#[must_use]
pub fn truncated(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_pass() {
        assert_eq!(clean("a\r\nb\0c\u{202e}d\te"), "a\nbcd\te");
        assert_eq!(clean_line(" Re:\r\n  Bcc: all@example.com\0 "), "Re: Bcc: all@example.com");
    }

    #[test]
    fn texts_are_compared_composed_and_without_regard_to_case() {
        for (one, other) in [
            ("Öland", "O\u{308}LAND"),
            ("VÅGEN", "va\u{30a}gen"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("é", "E\u{301}"),
            ("ABC", "abc"),
            ("\u{212b}ngström", "Ångström"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        for (one, other) in [("o", "ö"), ("a", "å"), ("ı", "i"), ("1", "l")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_name_is_no_path_and_cannot_leave_its_place_in_a_header() {
        for (given, name) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\kvitto.pdf", "kvitto.pdf"),
            ("a\r\nb.png", "a b.png"),
            ("gpj.\u{202e}exe", "gpj. exe"),
            ("..", ""),
            ("folder/", ""),
        ] {
            assert_eq!(file_name(given), name, "{given}");
        }
        assert_eq!(percent_encoded("kvitto å\".pdf"), "kvitto%20%C3%A5%22.pdf");
        assert_eq!(percent_encoded("a\r\nb"), "a%0D%0Ab");
    }

    #[test]
    fn truncation_counts_characters_and_not_bytes() {
        assert_eq!(truncated("åäö", 2), "åä");
    }
}
