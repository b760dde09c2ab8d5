//! The words of a text in the form in which they are compared. Pure.

use std::borrow::Cow;
use std::ops::Range;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::kit::text::{folded, truncated};

/// The most characters of a word that are compared.
const LONGEST: usize = 64;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its place in the text, in bytes.
    pub place: Range<usize>,
    /// The word composed and case-folded. An accent is a part of its letter: `ö` is not `o`.
    pub term: String,
    /// The word without accents, if it has any.
    pub plain: Option<String>,
}

impl Word {
    /// The forms in which the word is found.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.term.as_str()).chain(self.plain.as_deref())
    }
}

/// The words of the text: sequences of letters and digits.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begun = None;
    for (place, c) in text.char_indices() {
        match begun {
            None if c.is_alphanumeric() && !is_accent(c) => begun = Some(place),
            Some(start) if !is_part(c) => {
                words.extend(word(text, start..place));
                begun = None;
            }
            _ => {}
        }
    }
    words.extend(begun.and_then(|start| word(text, start..text.len())));
    words
}

/// Whether the character continues a word.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_accent(c)
}

/// An accent that stands behind its letter as a character of its own.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn word(text: &str, place: Range<usize>) -> Option<Word> {
    let term = truncated(&folded(text.get(place.clone())?), LONGEST);
    let plain = plain(&term);
    let plain = (plain != term).then(|| plain.into_owned());
    Some(Word { place, term, plain })
}

/// The word without accents, in the letters that a keyboard without them has.
fn plain(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let mut plain = String::with_capacity(word.len());
    for c in DecomposingNormalizerBorrowed::new_nfd().normalize(word).chars().filter(|c| !is_accent(*c)) {
        match c {
            'ø' => plain.push('o'),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'đ' | 'ð' => plain.push('d'),
            'ł' => plain.push('l'),
            'þ' => plain.push_str("th"),
            c => plain.push(c),
        }
    }
    // What is left of letters of other scripts is composed again, as the words of a search are.
    Cow::Owned(crate::kit::text::composed(&plain).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_composed_and_folded() {
        for (text, expected) in [
            ("Östermalm", &["östermalm/ostermalm"][..]),
            ("O\u{308}STERMALM", &["östermalm/ostermalm"]),
            ("ostermalm", &["ostermalm"]),
            ("C-2026-000123", &["c", "2026", "000123"]),
            ("anna.o'neill@example.com", &["anna", "o", "neill", "example", "com"]),
            ("Straße", &["strasse"]),
            ("Øre og æbler", &["øre/ore", "og", "æbler/aebler"]),
            ("\"*\" -- ( ) : ^ \u{308}", &[]),
            ("sök* OR NEAR(x, 2)", &["sök/sok", "or", "near", "x", "2"]),
            ("パーティー", &["パーティー"]),
            // An accent that Unicode also counts as a letter begins no word.
            ("\u{345} \u{345}a", &["a"]),
            ("", &[]),
        ] {
            let found: Vec<String> =
                words(text).iter().map(|word| word.forms().collect::<Vec<_>>().join("/")).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_word_knows_its_place_and_is_cut() {
        let text = "å O\u{308}l!";
        let places: Vec<&str> = words(text).iter().map(|word| &text[word.place.clone()]).collect();
        assert_eq!(places, ["å", "O\u{308}l"]);
        assert_eq!(words(&"x".repeat(1_000))[0].term.len(), LONGEST);
    }
}
