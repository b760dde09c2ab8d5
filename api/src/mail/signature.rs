//! What a signature looks like: contact details, a title, or a legal notice, and no sentences.

use super::pattern::{Pattern, compile};

/// How many lines a signature may have that is recognised only by its look.
const LONGEST: usize = 12;
/// How many lines a legal notice may have.
const LONGEST_NOTICE: usize = 30;

/// Contact details.
static CONTACT: Pattern = Pattern::new(|| {
    compile(
        r"https?://|www\.|\S@\S+\.\S|\+?\d[\d ()/.-]{6,}\d|\b(?:tel|tfn|mob|mobil|phone|fax|telefon|puh|växel|org\.?\s?nr)\b",
    )
});
/// Phrases of legal notices.
static NOTICE: Pattern = Pattern::new(|| {
    compile(
        r"confiden[tc]|konfiden|sekretess|vertraulich|vertrouwelijk|riservat|fortrolig|luottamuksel|poufn|privileged|intended (?:only |solely )?(?:for|recipient)|disclaimer",
    )
});
/// A numbered list item. No line of a signature begins like this, whatever it holds.
static NUMBERED: Pattern = Pattern::new(|| compile(r"^\s*\(?\d{1,2}[.)]\s"));
/// A list item. In a signature only a line with contact details may look like this.
static POINT: Pattern = Pattern::new(|| compile(r"^\s*(?:\(?[0-9a-z][0-9]?[.):]\s|[-*•·–—]\s)"));

/// Whether these lines look like a business card, because a third of them have contact details, or like a legal notice.
#[must_use]
pub fn is_card(below: &[&str]) -> bool {
    let long = below.iter().filter(|line| line.chars().count() > 65 && !CONTACT.is_in(line)).count();
    let contacts = below.iter().filter(|line| CONTACT.is_in(line)).count();
    below.len() <= LONGEST_NOTICE && below.iter().take(3).any(|line| NOTICE.is_in(line))
        || below.len() <= LONGEST && contacts * 3 >= below.len() && long == 0
}

/// Whether these lines below a "--" are a signature: few lines, without list items and sentences. If such a separator
/// also stands further up (`again`), they must have contact details too.
#[must_use]
pub fn is_one(below: &[&str], again: bool) -> bool {
    if below.len() <= LONGEST_NOTICE && below.iter().take(3).any(|line| NOTICE.is_in(line)) {
        return true;
    }
    let contacts = below.iter().filter(|line| CONTACT.is_in(line)).count();
    below.len() <= LONGEST && !has_points(below) && (contacts > 0 || !again)
}

/// Whether these lines have a list item, or more sentences than a signature has.
#[must_use]
pub fn has_points(below: &[&str]) -> bool {
    let sentences = below.iter().filter(|line| is_sentence(line)).count();
    sentences * 3 > below.len()
        || below.iter().any(|line| NUMBERED.is_in(line) || POINT.is_in(line) && !CONTACT.is_in(line))
}

/// Whether a line is a sentence, or long enough to be one.
fn is_sentence(line: &str) -> bool {
    // A word with digits does not count, because a key fingerprint is no sentence. The words of a title have capitals.
    let is_word = |word: &&str| word.contains(char::is_alphabetic) && !word.contains(|c: char| c.is_ascii_digit());
    let words = line.split_whitespace().filter(is_word).count();
    let small = line.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count();
    let ends = line.trim_end().ends_with(['.', '!', '?', ':', '…']);
    (words >= 6 && (ends || small * 2 >= words) || words >= 3 && ends)
        && !NOTICE.is_in(line)
        && (ends || !CONTACT.is_in(line))
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&CONTACT, &NOTICE, &NUMBERED, &POINT]
}
