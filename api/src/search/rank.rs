//! The order of what a search found: how well each match fits, then the newest first. Pure, so that both stores give the
//! same order.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::kind::SearchKind;
use uuid::Uuid;

use super::ask::{Ask, Group, Term};
use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// A match, as the index gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<T> {
    /// The number of the document.
    pub number: i64,
    /// The kind of the object that is found.
    pub kind: SearchKind,
    /// The id of the object that is found.
    pub subject: Uuid,
    /// The words of references, addresses and numbers.
    pub keys: String,
    /// The words of subjects, names and titles.
    pub head: String,
    /// Anything else that is known of it.
    pub with: T,
}

/// The place of a match in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// How well it fits.
    pub score: u32,
    /// The number of its document: a later one is newer.
    pub number: i64,
}

impl Rank {
    /// The cursor of the match. It is opaque: clients store it and send it back unchanged.
    #[must_use]
    pub fn cursor(self) -> String {
        URL_SAFE_NO_PAD.encode([&self.score.to_be_bytes()[..], &self.number.to_be_bytes()].concat())
    }

    /// The rank in a cursor.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a text that is no cursor of a search.
    pub fn read(cursor: &str) -> Result<Self, Problem> {
        let read = || {
            let bytes: [u8; 12] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
            let (score, number) = bytes.split_first_chunk::<4>()?;
            Some(Self { score: u32::from_be_bytes(*score), number: i64::from_be_bytes(number.try_into().ok()?) })
        };
        read().ok_or_else(|| Problem::new(ErrorCode::Invalid, "after", texts::input::bad_cursor()))
    }
}

/// The matches, best first, each object once. A customer's name, addresses and numbers are documents of their own.
#[must_use]
pub fn ranked<T>(ask: &Ask, matches: Vec<Match<T>>) -> Vec<(Rank, Match<T>)> {
    let mut ranked: Vec<_> =
        matches.into_iter().map(|found| (Rank { score: score(ask, &found), number: found.number }, found)).collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let mut seen = HashSet::new();
    ranked.retain(|(_, found)| seen.insert(found.subject));
    ranked
}

/// How well a match fits: a word in a reference, an address or a number says most, then one in a subject, a name or a
/// title. A whole word says more than the beginning of one. Where these are equal, what people look for most comes first.
fn score<T>(ask: &Ask, found: &Match<T>) -> u32 {
    let [keys, head] = [&found.keys, &found.head].map(|words| words.split(' ').collect::<Vec<&str>>());
    let words: u32 = ask.groups.iter().map(|group| fits(group, &keys, &head)).sum();
    let kind = match found.kind {
        SearchKind::Case => 5,
        SearchKind::Customer => 4,
        SearchKind::Task => 3,
        SearchKind::Message | SearchKind::Report => 2,
        SearchKind::File => 1,
        SearchKind::Letter => 0,
    };
    words * 10 + kind
}

fn fits(group: &Group, keys: &[&str], head: &[&str]) -> u32 {
    let whole = |term: &Term, words: &[&str]| words.contains(&term.0.as_str());
    let begun = |term: &Term, words: &[&str]| words.iter().any(|word| term.finds(word));
    let all = |how: &dyn Fn(&Term, &[&str]) -> bool, words: &[&str]| group.parts.iter().all(|term| how(term, words));
    let together = |how: &dyn Fn(&Term, &[&str]) -> bool, words| group.together.as_ref().is_some_and(|t| how(t, words));
    match () {
        () if together(&whole, keys) => 12,
        () if all(&whole, keys) => 10,
        () if together(&begun, keys) || all(&begun, keys) => 8,
        () if together(&whole, head) || all(&whole, head) => 5,
        () if together(&begun, head) || all(&begun, head) => 4,
        () => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(number: i64, kind: SearchKind, keys: &str, head: &str) -> Match<()> {
        let subject = Uuid::from_u128(u128::try_from(number).unwrap());
        Match { number, kind, subject, keys: keys.to_owned(), head: head.to_owned(), with: () }
    }

    fn order(text: &str, matches: Vec<Match<()>>) -> Vec<i64> {
        ranked(&Ask::read(text).unwrap(), matches).iter().map(|(rank, _)| rank.number).collect()
    }

    #[test]
    fn what_names_a_thing_comes_before_what_mentions_it() {
        let matches = || {
            vec![
                found(1, SearchKind::Report, "", ""),
                found(2, SearchKind::Message, "", ""),
                found(3, SearchKind::Case, "", "lampan"),
                found(4, SearchKind::Case, "", "lampa"),
                found(5, SearchKind::Letter, "lampa example com", ""),
                found(6, SearchKind::Customer, "lampa example com", ""),
            ]
        };
        assert_eq!(order("lampa", matches()), [6, 5, 4, 3, 2, 1]);
        assert_eq!(order("finns", matches()), [4, 3, 6, 2, 1, 5]);
    }

    #[test]
    fn a_whole_reference_comes_before_the_beginning_of_one() {
        let matches = vec![
            found(1, SearchKind::Case, "c 2026 000123 c2026000123", ""),
            found(2, SearchKind::Case, "c 2026 0001234 c20260001234", ""),
        ];
        assert_eq!(order("C-2026-000123", matches), [1, 2]);
    }

    #[test]
    fn an_object_is_found_once() {
        let twice =
            |number, keys: &str| Match { subject: Uuid::nil(), ..found(number, SearchKind::Customer, keys, "") };
        assert_eq!(order("anna", vec![twice(1, ""), twice(2, "anna example com")]), [2]);
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let rank = Rank { score: 52, number: i64::MAX };
        assert_eq!(Rank::read(&rank.cursor()), Ok(rank));
        for text in ["", "x", "AAAA", "ÅÄÖ"] {
            assert!(Rank::read(text).is_err(), "{text:?}");
        }
    }
}
