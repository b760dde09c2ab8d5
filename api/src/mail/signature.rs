//! What a signature looks like: ways to reach somebody, a title, a notice of lawyers, and no sentences.

use super::pattern::{Pattern, compile};

/// Lines of what is taken for a signature where nothing but its looks says so.
const LONGEST: usize = 12;
/// Lines of a notice at most.
const LONGEST_NOTICE: usize = 30;

/// Ways to reach somebody.
static CONTACT: Pattern = Pattern::new(|| {
    compile(
        r"https?://|www\.|\S@\S+\.\S|\+?\d[\d ()/.-]{6,}\d|\b(?:tel|tfn|mob|mobil|phone|fax|telefon|puh|växel|org\.?\s?nr)\b",
    )
});
/// What lawyers add.
static NOTICE: Pattern = Pattern::new(|| {
    compile(
        r"confiden[tc]|konfiden|sekretess|vertraulich|vertrouwelijk|riservat|fortrolig|luottamuksel|poufn|privileged|intended (?:only |solely )?(?:for|recipient)|disclaimer",
    )
});
/// A point of a list, which no line of a card begins as, whatever stands in it.
static NUMBERED: Pattern = Pattern::new(|| compile(r"^\s*\(?\d{1,2}[.)]\s"));
/// A point of a list, unless it tells how to reach somebody.
static POINT: Pattern = Pattern::new(|| compile(r"^\s*(?:\(?[0-9a-z][0-9]?[.):]\s|[-*•·–—]\s)"));

/// Whether these lines look like somebody's card: a third of them tells how to reach somebody; or like a notice.
#[must_use]
pub fn is_card(below: &[&str]) -> bool {
    let long = below.iter().filter(|line| line.chars().count() > 65 && !CONTACT.is_in(line)).count();
    let contacts = below.iter().filter(|line| CONTACT.is_in(line)).count();
    below.len() <= LONGEST_NOTICE && below.iter().take(3).any(|line| NOTICE.is_in(line))
        || below.len() <= LONGEST && contacts * 3 >= below.len() && long == 0
}

/// Whether these lines below a "--" are a signature: few, without points and sentences. Where such a line stands further up
/// too they must also tell how to reach somebody.
#[must_use]
pub fn is_one(below: &[&str], again: bool) -> bool {
    if below.len() <= LONGEST_NOTICE && below.iter().take(3).any(|line| NOTICE.is_in(line)) {
        return true;
    }
    let contacts = below.iter().filter(|line| CONTACT.is_in(line)).count();
    below.len() <= LONGEST && !has_points(below) && (contacts > 0 || !again)
}

/// Whether there is a point of a list among these lines, or as many sentences as a signature does not have.
#[must_use]
pub fn has_points(below: &[&str]) -> bool {
    let sentences = below.iter().filter(|line| is_sentence(line)).count();
    sentences * 3 > below.len()
        || below.iter().any(|line| NUMBERED.is_in(line) || POINT.is_in(line) && !CONTACT.is_in(line))
}

/// Whether a line is a sentence, or long enough to be one.
fn is_sentence(line: &str) -> bool {
    // A fingerprint is none, and a title has its words in capitals.
    let is_word = |word: &&str| word.contains(char::is_alphabetic) && !word.contains(|c: char| c.is_ascii_digit());
    let words = line.split_whitespace().filter(is_word).count();
    let small = line.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count();
    let ends = line.trim_end().ends_with(['.', '!', '?', ':', '…']);
    (words >= 6 && (ends || small * 2 >= words) || words >= 3 && ends)
        && !NOTICE.is_in(line)
        && (ends || !CONTACT.is_in(line))
}

/// The expressions, for the test that all of them can be read.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&CONTACT, &NOTICE, &NUMBERED, &POINT]
}
