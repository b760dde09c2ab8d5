//! The terms under which the words of a row are found. Pure.

use std::collections::BTreeSet;

use entity::kind::{SearchField, SearchKind};
use uuid::Uuid;

use super::numbers::{Number, forms_of_phone, numbers};
use super::words::{Word, words};

/// The number of characters of a text whose words are found. A longer text is found by its beginning.
pub const MOST: usize = 50_000;
/// The most bytes of a column by which matches are ranked.
const RANKED: usize = 2_000;
/// The longest joined word: `so99123` for "SO-99/123".
const JOINED: usize = 64;

/// The mark of a reader. It is a term with a character that no word has, so no text contains it and no search names it.
#[must_use]
pub fn reader_mark(reader: Uuid) -> String {
    format!("\u{e000}{}", reader.simple())
}

/// The mark of a kind.
#[must_use]
pub fn kind_mark(kind: SearchKind) -> String {
    format!("\u{e001}{}", kind.word().to_lowercase())
}

/// How much it says that a word stands in this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A text.
    Body,
    /// A subject, a name or a title.
    Head,
    /// A reference, an address or a number: it names one thing.
    Key,
}

/// The weight of a place.
#[must_use]
pub const fn weight(field: SearchField) -> Weight {
    match field {
        SearchField::Reference | SearchField::OrderReference | SearchField::Email | SearchField::Phone => Weight::Key,
        SearchField::Subject
        | SearchField::Name
        | SearchField::Category
        | SearchField::Product
        | SearchField::Tag
        | SearchField::Title
        | SearchField::FileName => Weight::Head,
        SearchField::RemedySought | SearchField::Instructions | SearchField::Answer | SearchField::Text => Weight::Body,
    }
}

/// The terms of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    keys: BTreeSet<String>,
    head: BTreeSet<String>,
    body: BTreeSet<String>,
}

impl Terms {
    /// The terms of these texts.
    #[must_use]
    pub fn of(texts: &[(SearchField, &str)]) -> Self {
        let mut terms = Self::default();
        for (field, text) in texts {
            terms.add(*field, text);
        }
        terms
    }

    /// Adds the terms of a text.
    pub fn add(&mut self, field: SearchField, text: &str) {
        let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
        let text = text.get(..end).unwrap_or_default();
        let found = match weight(field) {
            Weight::Key => &mut self.keys,
            Weight::Head => &mut self.head,
            Weight::Body => &mut self.body,
        };
        let each = words(text);
        if weight(field) == Weight::Key {
            found.extend(joined(&each));
        } else {
            found.extend(chunks(text, &each).filter_map(joined));
        }
        found.extend(each.iter().flat_map(Word::forms).map(str::to_owned));
        if field == SearchField::Phone {
            found.extend(forms_of_phone(text));
        } else {
            found.extend(numbers(text).iter().flat_map(Number::forms));
        }
    }

    /// The terms of references, addresses and numbers, separated by spaces.
    #[must_use]
    pub fn keys(&self) -> String {
        listed(self.keys.iter().map(String::as_str), RANKED)
    }

    /// The terms of subjects, names and titles, separated by spaces.
    #[must_use]
    pub fn head(&self) -> String {
        listed(self.head.iter().map(String::as_str), RANKED)
    }

    /// All terms, each once, after the marks of the reader and of the kind.
    #[must_use]
    pub fn all(&self, reader: Uuid, kind: SearchKind) -> String {
        let (reader, kind) = (reader_mark(reader), kind_mark(kind));
        let each: BTreeSet<&String> = self.keys.iter().chain(&self.head).chain(&self.body).collect();
        listed([reader.as_str(), &kind].into_iter().chain(each.into_iter().map(String::as_str)), usize::MAX)
    }
}

fn listed<'t>(terms: impl Iterator<Item = &'t str>, most: usize) -> String {
    let mut list = String::new();
    // PostgreSQL refuses an empty term.
    for term in terms.filter(|term| !term.is_empty()) {
        if list.len() + term.len() >= most {
            break;
        }
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(term);
    }
    list
}

/// The words between two white spaces, for each sequence of several words with a digit: "SO-99/123".
fn chunks<'w>(text: &'w str, each: &'w [Word]) -> impl Iterator<Item = &'w [Word]> {
    let spaced = move |one: &Word, next: &Word| {
        text.get(one.place.end..next.place.start).is_none_or(|between| between.contains(char::is_whitespace))
    };
    let with_digit = |chunk: &&[Word]| chunk.iter().any(|word| word.term.contains(|c: char| c.is_ascii_digit()));
    each.chunk_by(move |one, next| !spaced(one, next)).filter(with_digit)
}

/// The words as one; none for a single word, and where that would be too long.
#[must_use]
pub fn joined(words: &[Word]) -> Option<String> {
    let joined: String = words.iter().map(|word| word.term.as_str()).collect();
    (words.len() > 1 && joined.len() <= JOINED).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_by_its_words_by_what_they_are_joined_and_by_its_numbers() {
        let terms = Terms::of(&[
            (SearchField::Reference, "C-2026-000123"),
            (SearchField::Subject, "Lampan på Östermalm"),
            (SearchField::Text, "Order SO-99/123. Ring 070-123 45 67!"),
        ]);
        assert_eq!(terms.keys(), "000123 2026 2026000123 c c2026000123");
        assert_eq!(terms.head(), "lampan ostermalm pa på östermalm");
        let reader = Uuid::from_u128(7);
        assert_eq!(
            terms.all(reader, SearchKind::Case),
            "\u{e000}00000000000000000000000000000007 \u{e001}case 000123 070 070123 0701234567 123 2026 2026000123 45 \
             46701234567 67 701234567 99 99123 c c2026000123 lampan order ostermalm pa på ring so so99123 östermalm"
        );
    }

    #[test]
    fn a_phone_has_the_forms_of_its_country() {
        let terms = Terms::of(&[(SearchField::Phone, "+442079460958")]);
        assert_eq!(terms.keys(), "02079460958 2079460958 442079460958");
    }

    #[test]
    fn the_terms_of_a_row_are_bounded() {
        let long = (0..100_000).fold(String::new(), |text, number| text + "w" + &number.to_string() + " ");
        let terms = Terms::of(&[(SearchField::Text, &long), (SearchField::Subject, &long)]);
        assert!(terms.all(Uuid::nil(), SearchKind::Report).len() < 2 * MOST);
        assert!(terms.head().len() <= RANKED);
    }

    #[test]
    fn no_text_contains_a_mark() {
        let terms = Terms::of(&[(SearchField::Text, &reader_mark(Uuid::nil()))]);
        assert!(!terms.all(Uuid::max(), SearchKind::Report).contains(&reader_mark(Uuid::nil())));
    }
}
