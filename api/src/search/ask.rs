//! What a reader searches for. The text is plain: no character of it has a meaning of its own. Pure.

use std::ops::Range;

use entity::kind::SearchKind;
use uuid::Uuid;

use crate::kit::error::{ErrorCode, Problem};
use crate::kit::search::numbers::Number;
use crate::kit::search::terms::{joined, kind_mark, reader_mark};
use crate::kit::search::words::words;
use crate::kit::text::{composed, truncated};
use crate::texts;

/// The most characters of a text to search for.
pub const LONGEST: usize = 200;
/// The most words of it.
pub const MOST_WORDS: usize = 10;
/// The most terms of it: "anna.larsson@example.com" is one word with four terms.
const MOST_TERMS: usize = 40;
/// From this many characters on, a term also finds the words that begin with it.
const PREFIX: usize = 3;
/// The most characters of a term, as of the words in the index.
const TERM: usize = 64;

/// A term to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term(pub String);

impl Term {
    /// Whether words are found that only begin with the term.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        self.0.chars().count() >= PREFIX
    }

    /// Whether this word is found by the term.
    #[must_use]
    pub fn finds(&self, word: &str) -> bool {
        if self.is_prefix() { word.starts_with(&self.0) } else { word == self.0 }
    }
}

/// A word to look for, or a number: all of its parts, or what they are together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The parts: `so`, `99` and `123` of "SO-99/123".
    pub parts: Vec<Term>,
    /// The parts together: `so99123`. Of a number: its digits from the country code or the first zero on.
    pub together: Option<Term>,
}

/// What a reader searches for: everything that is found has all of these words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// The words.
    pub groups: Vec<Group>,
}

impl Ask {
    /// Reads a text. It may have no word at all; then it finds nothing.
    ///
    /// # Errors
    /// [`ErrorCode::TooLong`] for more than 200 characters, or more than ten words.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let too_long = |message| Problem::new(ErrorCode::TooLong, "text", message);
        if text.chars().count() > LONGEST {
            return Err(too_long(texts::input::too_long(LONGEST)));
        }
        let text = composed(text);
        let chunks = chunks(&text);
        if chunks.len() > MOST_WORDS {
            return Err(too_long(texts::input::too_many_words(MOST_WORDS)));
        }
        let groups: Vec<Group> = gathered(&text, chunks).into_iter().filter_map(|place| group(&text, place)).collect();
        if groups.iter().map(|group| group.parts.len()).sum::<usize>() > MOST_TERMS {
            return Err(too_long(texts::input::too_many_words(MOST_WORDS)));
        }
        Ok(Self { groups })
    }

    /// The condition for SQLite's FTS5. Each term is quoted, so it is never an operator.
    #[must_use]
    pub fn for_sqlite(&self, reader: Uuid, kinds: &[SearchKind]) -> String {
        let term = |Term(text): &Term, prefix: bool| format!("\"{text}\"{}", if prefix { "*" } else { "" });
        self.condition(reader, kinds, &term, (" AND ", " OR "))
    }

    /// The condition for PostgreSQL, as a `tsquery`. Each term is quoted, so it is never an operator.
    #[must_use]
    pub fn for_postgres(&self, reader: Uuid, kinds: &[SearchKind]) -> String {
        let term = |Term(text): &Term, prefix: bool| format!("'{text}'{}", if prefix { ":*" } else { "" });
        self.condition(reader, kinds, &term, (" & ", " | "))
    }

    fn condition(
        &self,
        reader: Uuid,
        kinds: &[SearchKind],
        written: &dyn Fn(&Term, bool) -> String,
        (and, or): (&str, &str),
    ) -> String {
        let mark = |mark: String| written(&Term(mark), false);
        let looked_for = |term: &Term| written(term, term.is_prefix());
        let mut all = vec![mark(reader_mark(reader))];
        if !kinds.is_empty() {
            let any: Vec<String> = kinds.iter().map(|kind| mark(kind_mark(*kind))).collect();
            all.push(format!("({})", any.join(or)));
        }
        for Group { parts, together } in &self.groups {
            let parts: Vec<String> = parts.iter().map(looked_for).collect();
            let parts = parts.join(and);
            all.push(match together {
                Some(together) => format!("(({parts}){or}{})", looked_for(together)),
                None => parts,
            });
        }
        all.join(and)
    }
}

/// The places of what stands between white spaces and has a letter or a digit.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let start_of = |chunk: &str| chunk.as_ptr().addr() - text.as_ptr().addr();
    let words = text.split_whitespace().filter(|chunk| chunk.contains(char::is_alphanumeric));
    words.map(|chunk| start_of(chunk)..start_of(chunk) + chunk.len()).collect()
}

/// The chunks, with those that follow each other and together may be one number as one: "070-123 45 67".
fn gathered(text: &str, chunks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let is_number = |place: &Range<usize>| {
        let chunk = text.get(place.clone()).unwrap_or_default();
        chunk.contains(|c: char| c.is_ascii_digit())
            && chunk.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '–' | '(' | ')' | '/' | '.'))
    };
    let mut gathered: Vec<Range<usize>> = Vec::new();
    for chunk in chunks {
        match gathered.last_mut().filter(|last| is_number(&chunk) && text.get((**last).clone()).is_some_and(in_digits))
        {
            Some(last) => last.end = chunk.end,
            None => gathered.push(chunk),
        }
    }
    gathered
}

/// Whether the text consists of digits and what stands between the groups of digits of a number.
fn in_digits(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-–()/.".contains(c))
}

/// What is to be looked for in this place of the text; none if there is no word.
fn group(text: &str, place: Range<usize>) -> Option<Group> {
    let chunk = text.get(place.clone())?;
    let each = words(chunk);
    let number = in_digits(chunk).then(|| Number::of(text, place)).flatten();
    let parts: Vec<Term> = each.iter().map(|word| Term(word.term.clone())).collect();
    let together = match number {
        Some(number) => Some(truncated(number.digits(), TERM)),
        None => joined(&each),
    };
    let together = together.map(Term).filter(|together| parts != std::slice::from_ref(together));
    (!parts.is_empty()).then_some(Group { parts, together })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The condition without the mark of the reader.
    fn sqlite(text: &str) -> String {
        let condition = Ask::read(text).unwrap().for_sqlite(Uuid::nil(), &[]);
        condition.split_once(" AND ").map_or(String::new(), |(_, rest)| rest.to_owned())
    }

    #[test]
    fn the_text_is_never_a_query_language() {
        for (text, expected) in [
            ("lampa", r#""lampa"*"#),
            ("Östermalm NFD o\u{308}l", r#""östermalm"* AND "nfd"* AND "öl""#),
            ("a OR b", r#""a" AND "or" AND "b""#),
            ("NEAR(lampa, 2)", r#"(("near"* AND "lampa"*) OR "nearlampa"*) AND "2""#),
            ("\"lam*pa\" -sladd", r#"(("lam"* AND "pa") OR "lampa"*) AND "sladd"*"#),
            ("subject:x ^y {z}", r#"(("subject"* AND "x") OR "subjectx"*) AND "y" AND "z""#),
            ("' & | ! <-> :* ( ) \\ \u{0}", ""),
            ("C-2026-000123", r#"(("c" AND "2026"* AND "000123"*) OR "c2026000123"*)"#),
            ("anna@example.com", r#"(("anna"* AND "example"* AND "com"*) OR "annaexamplecom"*)"#),
            ("\u{e000}00000000000000000000000000000000", r#""00000000000000000000000000000000"*"#),
            ("", ""),
        ] {
            assert_eq!(sqlite(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_number_is_looked_for_as_one() {
        for (text, expected) in [
            ("070-123 45 67", r#"(("070"* AND "123"* AND "45" AND "67") OR "0701234567"*)"#),
            ("+46 70 123 45 67", r#"(("46" AND "70" AND "123"* AND "45" AND "67") OR "46701234567"*)"#),
            ("0046701234567", r#"(("0046701234567"*) OR "46701234567"*)"#),
            ("701234567", r#""701234567"*"#),
            ("12 34", r#"(("12" AND "34") OR "1234"*)"#),
            ("12345 kvitto", r#""12345"* AND "kvitto"*"#),
        ] {
            assert_eq!(sqlite(text), expected, "{text:?}");
        }
    }

    #[test]
    fn postgres_gets_the_same() {
        let ask = Ask::read("SO-99 lampa").unwrap();
        let condition = ask.for_postgres(Uuid::nil(), &[SearchKind::Case, SearchKind::File]);
        let expected = "'\u{e000}00000000000000000000000000000000' & ('\u{e001}case' | '\u{e001}file') & \
            (('so' & '99') | 'so99':*) & 'lampa':*";
        assert_eq!(condition, expected);
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        assert!(Ask::read(&"x".repeat(200)).is_ok() && Ask::read(&"å".repeat(200)).is_ok());
        assert!(Ask::read("1 2 3 4 5 6 7 8 9 10").is_ok());
        for text in ["x".repeat(201), "x ".repeat(11), "a-".repeat(41)] {
            assert_eq!(Ask::read(&text).unwrap_err().code, ErrorCode::TooLong, "{text}");
        }
    }
}
