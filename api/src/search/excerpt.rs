//! The place of an object in which a search found something: the best of its texts, around the first match. Pure.

use std::ops::Range;

use entity::kind::SearchField;

use super::ask::{Ask, Term};
use crate::kit::search::numbers::{forms_of_phone, numbers};
use crate::kit::search::terms::{MOST, weight};
use crate::kit::search::words::{Word, words};

/// The most characters of an excerpt, and of it those before the first match.
const LENGTH: usize = 200;
const BEFORE: usize = 60;
/// The most words that are compared with what is looked for as one.
const TOGETHER: usize = 8;

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its text, in one line.
    pub text: String,
    /// Whether it is what was looked for.
    pub matched: bool,
}

/// The place that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The place.
    pub field: SearchField,
    /// Its text around the first match, in parts.
    pub parts: Vec<Part>,
}

/// The excerpt of these texts of an object: of the one that has most of what is looked for. None if there is no text.
#[must_use]
pub fn excerpt(ask: &Ask, texts: &[(SearchField, &str)]) -> Option<Excerpt> {
    let found = texts.iter().map(|(field, text)| (*field, *text, matches(ask, *field, text)));
    // Of several that are as good, `max_by_key` would return the last.
    let best = found.rev().max_by_key(|(field, _, matches)| (matches.groups, weight(*field)));
    let (field, text, matches) = best?;
    Some(Excerpt { field, parts: parts(text, &merged(matches.places)) })
}

/// What is found in a text.
struct Matches {
    /// How many of the words that are looked for it has.
    groups: usize,
    places: Vec<Range<usize>>,
}

fn matches(ask: &Ask, field: SearchField, text: &str) -> Matches {
    let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
    let text = text.get(..end).unwrap_or_default();
    let each = words(text);
    let mut numbers: Vec<(Range<usize>, Vec<String>)> =
        numbers(text).into_iter().map(|number| (number.place.clone(), number.forms())).collect();
    if field == SearchField::Phone {
        numbers.push((0..text.len(), forms_of_phone(text)));
    }
    let mut found = Matches { groups: 0, places: Vec::new() };
    for group in &ask.groups {
        // The index also has "SO-99" as one word, because there is a digit in it.
        let one = group.parts.first().filter(|term| group.parts.len() == 1 && term.0.contains(char::is_numeric));
        let mut places = Vec::new();
        if let Some(together) = group.together.as_ref().or(one) {
            let in_numbers = numbers.iter().filter(|(_, forms)| forms.iter().any(|form| together.finds(form)));
            places.extend(in_numbers.map(|(place, _)| place.clone()));
            places.extend(as_one(together, &each));
        }
        if places.is_empty() || group.together.is_none() {
            let finds = |form: &str| group.parts.iter().any(|term| term.finds(form));
            places.extend(each.iter().filter(|word| word.forms().any(finds)).map(|word| word.place.clone()));
        }
        found.groups += usize::from(!places.is_empty());
        found.places.extend(places);
    }
    found
}

/// The places where words that follow each other are together what is looked for.
fn as_one(together: &Term, words: &[Word]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for (start, first) in words.iter().enumerate() {
        let mut joined = String::new();
        for word in words.iter().skip(start).take(TOGETHER) {
            joined.push_str(&word.term);
            if together.finds(&joined) {
                places.push(first.place.start..word.place.end);
                break;
            }
            if !together.0.starts_with(&joined) {
                break;
            }
        }
    }
    places
}

/// The places in their order, with those that overlap as one.
fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| (place.start, place.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for place in places {
        match merged.last_mut().filter(|last| place.start <= last.end) {
            Some(last) => last.end = last.end.max(place.end),
            None => merged.push(place),
        }
    }
    merged
}

fn parts(text: &str, places: &[Range<usize>]) -> Vec<Part> {
    let first = places.first().map_or(0, |place| place.start);
    let (start, end) = window(text, first);
    let mut parts = Vec::new();
    let mut add = |range: Range<usize>, matched: bool| {
        let text: String = text.get(range).unwrap_or_default().chars().map(shown).collect();
        if !text.is_empty() {
            parts.push(Part { text, matched });
        }
    };
    let mut from = start;
    for place in places.iter().filter(|place| place.start < end) {
        add(from..place.start, false);
        add(place.start..place.end.min(end), true);
        from = place.end.min(end);
    }
    add(from..end, false);
    if start > 0 {
        parts.insert(0, Part { text: "… ".to_owned(), matched: false });
    }
    if end < text.len() {
        parts.push(Part { text: " …".to_owned(), matched: false });
    }
    parts
}

/// The bytes from which and to which the text is shown. It begins and ends between two words where it can.
fn window(text: &str, first: usize) -> (usize, usize) {
    let before = text.get(..first).unwrap_or_default();
    let start = match before.char_indices().rev().nth(BEFORE) {
        None => 0,
        Some((cut, _)) => {
            let rest = text.get(cut..first).unwrap_or_default();
            let space = rest.char_indices().find(|(_, c)| c.is_whitespace());
            space.map_or(cut, |(place, c)| cut + place + c.len_utf8())
        }
    };
    let shown = text.get(start..).unwrap_or_default();
    let end = match shown.char_indices().nth(LENGTH) {
        None => text.len(),
        Some((cut, _)) => {
            let cut = start + cut;
            let rest = text.get(first.min(cut)..cut).unwrap_or_default();
            rest.rfind(char::is_whitespace).map_or(cut, |place| first.min(cut) + place)
        }
    };
    (start, end)
}

fn shown(c: char) -> char {
    if c.is_whitespace() || c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The excerpt as a text, with what matched in brackets.
    fn shows(text: &str, texts: &[(SearchField, &str)]) -> (SearchField, String) {
        let Excerpt { field, parts } = excerpt(&Ask::read(text).unwrap(), texts).unwrap();
        let part = |part: &Part| if part.matched { format!("[{}]", part.text) } else { part.text.clone() };
        (field, parts.iter().map(part).collect())
    }

    #[test]
    fn what_matched_is_marked_as_it_is_written() {
        for (ask, text, expected) in [
            ("lampa", "En LAMPA, två lampor och lampan.", "En [LAMPA], två lampor och [lampan]."),
            ("ostermalm", "På Östermalm", "På [Östermalm]"),
            ("östermalm", "På O\u{308}stermalm, ostermalm", "På [O\u{308}stermalm], ostermalm"),
            ("so-99/123", "Order SO-99/123\nkom", "Order [SO-99/123] kom"),
            ("so99", "Order SO-99/123", "Order [SO-99]/123"),
            ("0701234567", "Ring 070-123 45 67!", "Ring [070-123 45 67]!"),
            ("+46 70 123", "Ring 070-123 45 67!", "Ring [070-123 45 67]!"),
            ("701234567", "Ring 070-123 45 67!", "Ring [070-123 45 67]!"),
            ("a b", "b a c", "[b] [a] c"),
            ("borta", "Ingenting", "Ingenting"),
        ] {
            assert_eq!(shows(ask, &[(SearchField::Text, text)]).1, expected, "{ask:?} in {text:?}");
        }
    }

    #[test]
    fn the_text_that_has_most_of_it_is_shown() {
        let texts = [
            (SearchField::Reference, "C-2026-000123"),
            (SearchField::Subject, "Lampan"),
            (SearchField::Tag, "lampa"),
            (SearchField::Text, "Lampan är sönder"),
        ];
        assert_eq!(shows("lampa", &texts), (SearchField::Subject, "[Lampan]".to_owned()));
        assert_eq!(shows("lampa sonder", &texts), (SearchField::Text, "[Lampan] är [sönder]".to_owned()));
        assert_eq!(shows("c-2026", &texts).0, SearchField::Reference);
        let phone = [(SearchField::Phone, "+46701234567")];
        assert_eq!(shows("070-123", &phone), (SearchField::Phone, "[+46701234567]".to_owned()));
        assert_eq!(excerpt(&Ask::read("x").unwrap(), &[]), None);
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        let words = "och så vidare ".repeat(100);
        let text = format!("{words}lampan {words}");
        let (_, shown) = shows("lampa", &[(SearchField::Text, &text)]);
        assert!(shown.starts_with("… ") && shown.ends_with(" …") && shown.contains("[lampan]"), "{shown}");
        assert!(shown.chars().count() <= LENGTH + 6, "{shown}");
        let (_, shown) = shows("xxxx", &[(SearchField::Text, &"x".repeat(1_000))]);
        assert_eq!(shown.chars().filter(|c| *c == 'x').count(), LENGTH);
    }
}
