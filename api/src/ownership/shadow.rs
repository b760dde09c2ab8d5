//! Finds rules that can never match because an earlier rule always matches first. A rule is shadowed when each
//! condition of an earlier rule follows from one of its own. The search compares single conditions with each other. It
//! can miss a rule that only several conditions together shadow, but it never names a rule that could match. Pure.

use std::collections::HashMap;

use super::rules::{Condition, Rule};
use crate::kit::text;

/// Each shadowed rule with the first rule that shadows it, as indexes in the set. The last rule is never named, because
/// it is meant to match only what no other rule does.
#[must_use]
pub fn shadowed(rules: &[Rule]) -> Vec<(usize, usize)> {
    let mut numbers = Numbers::default();
    let folded: Vec<Vec<Folded>> =
        rules.iter().map(|rule| rule.when.iter().map(|condition| folded(condition, &mut numbers)).collect()).collect();
    let Some((_, but_the_last)) = folded.split_last() else { return Vec::new() };
    let mut found = Vec::new();
    for (later, own) in but_the_last.iter().enumerate() {
        let covers = |earlier: &Vec<Folded>| {
            !earlier.is_empty() && earlier.iter().all(|wanted| own.iter().any(|have| implies(have, wanted)))
        };
        if let Some(earlier) = but_the_last.iter().take(later).position(covers) {
            found.push((later, earlier));
        }
    }
    found
}

/// A condition with case-folded texts and sorted lists. Values that are only compared as a whole are replaced by
/// numbers, because millions of pairs of conditions are compared.
struct Folded {
    condition: Condition,
    words: Vec<usize>,
}

/// A number for each distinct value.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(&mut self, words: &[String]) -> Vec<usize> {
        let number = |word: &String| {
            let next = self.0.len();
            *self.0.entry(text::folded(word)).or_insert(next)
        };
        sorted(words.iter().map(number).collect())
    }
}

fn folded(condition: &Condition, numbers: &mut Numbers) -> Folded {
    let all = |values: &[String]| sorted(values.iter().map(|value| text::folded(value)).collect::<Vec<_>>());
    let mut words = Vec::new();
    let condition = match condition {
        Condition::ChannelIn(any) => Condition::ChannelIn(sorted(any.clone())),
        Condition::LanguageIn(any) => Condition::LanguageIn(sorted(any.clone())),
        Condition::SeverityIn(any) => Condition::SeverityIn(sorted(any.clone())),
        Condition::InvolvesPartner(any) => Condition::InvolvesPartner(sorted(any.clone())),
        Condition::CategoryIn(any) | Condition::CustomerTierIn(any) | Condition::TagIn(any) => {
            words = numbers.of(any);
            condition.clone()
        }
        Condition::ProductIn(any) => {
            words = numbers.of(any);
            Condition::ProductIn(all(any))
        }
        Condition::ProductStartsWith(start) => Condition::ProductStartsWith(text::folded(start)),
        Condition::TextContains(any) => Condition::TextContains(all(any)),
        Condition::TextStartsWith(any) => Condition::TextStartsWith(all(any)),
        other => other.clone(),
    };
    Folded { condition, words }
}

/// Whether `wanted` holds for every case for which `have` holds.
fn implies(have: &Folded, wanted: &Folded) -> bool {
    use Condition as C;
    match (&have.condition, &wanted.condition) {
        (C::ChannelIn(have), C::ChannelIn(wanted)) => within(have, wanted),
        (C::LanguageIn(have), C::LanguageIn(wanted)) => within(have, wanted),
        (C::SeverityIn(have), C::SeverityIn(wanted)) => within(have, wanted),
        (C::InvolvesPartner(have), C::InvolvesPartner(wanted)) => within(have, wanted),
        (C::CategoryIn(_), C::CategoryIn(_))
        | (C::ProductIn(_), C::ProductIn(_))
        | (C::CustomerTierIn(_), C::CustomerTierIn(_))
        | (C::TagIn(_), C::TagIn(_)) => within(&have.words, &wanted.words),
        (C::ProductIn(have), C::ProductStartsWith(start)) => have.iter().all(|value| value.starts_with(start)),
        (C::ProductStartsWith(have), C::ProductStartsWith(start)) => have.starts_with(start),
        // A text that contains a longer text contains every part of it.
        (C::TextContains(have), C::TextContains(wanted)) => {
            have.iter().all(|text| wanted.iter().any(|part| text.contains(part)))
        }
        (C::TextStartsWith(have), C::TextContains(wanted)) => {
            have.iter().all(|text| wanted.iter().any(|part| text.contains(part)))
        }
        (C::TextStartsWith(have), C::TextStartsWith(wanted)) => {
            have.iter().all(|text| wanted.iter().any(|start| text.starts_with(start)))
        }
        (C::TextMatches(have), C::TextMatches(wanted)) => have == wanted,
        (C::AmountAtLeast(have), C::AmountAtLeast(wanted)) => {
            have.currency == wanted.currency && have.minor >= wanted.minor
        }
        (C::AmountBelow(have), C::AmountBelow(wanted)) => {
            have.currency == wanted.currency && have.minor <= wanted.minor
        }
        (C::CustomerOpenCasesAtLeast(have), C::CustomerOpenCasesAtLeast(wanted))
        | (C::TimesChasedAtLeast(have), C::TimesChasedAtLeast(wanted)) => have >= wanted,
        (_, C::CustomerOpenCasesAtLeast(wanted) | C::TimesChasedAtLeast(wanted)) => *wanted <= 0,
        (C::WithinBusinessHours(have), C::WithinBusinessHours(wanted)) => have == wanted,
        _ => false,
    }
}

/// Whether `have` is a subset of `wanted`; both are sorted and without duplicates.
fn within<T: Ord>(have: &[T], wanted: &[T]) -> bool {
    have.len() <= wanted.len() && have.iter().all(|value| wanted.binary_search(value).is_ok())
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use entity::id::TeamId;
    use entity::kind::{Channel, Language};
    use uuid::Uuid;

    use super::super::compiled::Compiled;
    use super::super::rules::{Facts, Policy, Target};
    use super::*;
    use crate::kit::money::Money;

    fn rule(when: Vec<Condition>) -> Rule {
        Rule { name: format!("{when:?}"), when, assign_to: Target::Team(TeamId(Uuid::nil())), then: Policy::default() }
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn sek(minor: i64) -> Money {
        Money { minor, currency: "SEK".into() }
    }

    #[test]
    fn a_rule_is_shadowed_by_an_earlier_one_that_asks_for_less() {
        use Condition as C;
        let table = [
            (vec![C::ChannelIn(vec![Channel::Web, Channel::Email])], vec![C::ChannelIn(vec![Channel::Web])], true),
            (vec![C::ChannelIn(vec![Channel::Web])], vec![C::ChannelIn(vec![Channel::Web, Channel::Email])], false),
            (
                vec![C::ChannelIn(vec![Channel::Web])],
                vec![C::LanguageIn(vec![Language::Sv]), C::ChannelIn(vec![Channel::Web])],
                true,
            ),
            (
                vec![C::LanguageIn(vec![Language::Sv]), C::ChannelIn(vec![Channel::Web])],
                vec![C::ChannelIn(vec![Channel::Web])],
                false,
            ),
            (vec![C::ProductStartsWith("Fiber".into())], vec![C::ProductIn(texts(&["fiber 100", "FIBER 250"]))], true),
            (vec![C::ProductStartsWith("Fiber".into())], vec![C::ProductIn(texts(&["fiber 100", "adsl"]))], false),
            (vec![C::ProductStartsWith("fi".into())], vec![C::ProductStartsWith("Fiber".into())], true),
            (vec![C::TextContains(texts(&["nere", "trasig"]))], vec![C::TextContains(texts(&["är nere"]))], true),
            (vec![C::TextContains(texts(&["är nere"]))], vec![C::TextContains(texts(&["nere"]))], false),
            (vec![C::TextContains(texts(&["nere"]))], vec![C::TextStartsWith(texts(&["Nere igen"]))], true),
            (vec![C::AmountAtLeast(sek(100))], vec![C::AmountAtLeast(sek(500))], true),
            (vec![C::AmountAtLeast(sek(500))], vec![C::AmountAtLeast(sek(100))], false),
            (vec![C::AmountBelow(sek(500))], vec![C::AmountBelow(sek(100))], true),
            (vec![C::CustomerOpenCasesAtLeast(1)], vec![C::CustomerOpenCasesAtLeast(3)], true),
            (vec![C::CustomerOpenCasesAtLeast(0)], vec![C::ChannelIn(vec![Channel::Web])], true),
            (vec![C::WithinBusinessHours(true)], vec![C::WithinBusinessHours(false)], false),
        ];
        for (first, second, expected) in table {
            let rules = [rule(first), rule(second), rule(vec![])];
            let found = shadowed(&rules);
            assert_eq!(found, if expected { vec![(1, 0)] } else { vec![] }, "{rules:?}");
        }
    }

    #[test]
    fn the_last_rule_is_not_named_and_the_nearest_reason_is_the_first() {
        let web = || vec![Condition::ChannelIn(vec![Channel::Web])];
        assert_eq!(shadowed(&[rule(web()), rule(web()), rule(web()), rule(vec![])]), [(1, 0), (2, 0)]);
        assert_eq!(shadowed(&[rule(vec![])]), []);
        assert_eq!(shadowed(&[]), []);
    }

    /// No rule that is reported as shadowed matches any case of a small, complete set of cases.
    #[test]
    fn a_shadowed_rule_never_matches() {
        use Condition as C;
        let pool = [
            vec![],
            vec![C::ChannelIn(vec![Channel::Web])],
            vec![C::ChannelIn(vec![Channel::Web, Channel::Phone])],
            vec![C::ProductStartsWith("f".into())],
            vec![C::ProductIn(texts(&["fiber"]))],
            vec![C::TextContains(texts(&["a"]))],
            vec![C::TextStartsWith(texts(&["ab"])), C::ChannelIn(vec![Channel::Web])],
            vec![C::AmountAtLeast(sek(5))],
            vec![C::AmountAtLeast(sek(9)), C::TextContains(texts(&["ab", "b"]))],
        ];
        let mut tried = 0;
        for first in &pool {
            for second in &pool {
                let rules = vec![rule(first.clone()), rule(second.clone()), rule(vec![])];
                if shadowed(&rules).is_empty() {
                    continue;
                }
                let compiled = Compiled::new(rules);
                for channel in Channel::ALL {
                    for product in [None, Some("fiber"), Some("x")] {
                        for words in ["ab", "b", "x"] {
                            for amount in [None, Some(sek(5)), Some(sek(10))] {
                                let facts = Facts {
                                    channel: *channel,
                                    category: None,
                                    above_category: vec![],
                                    product: product.map(str::to_owned),
                                    language: Language::Sv,
                                    amount,
                                    partners: vec![],
                                    severity: None,
                                    customer_tier: None,
                                    customer_open_cases: 0,
                                    times_chased: 0,
                                    open_case_owner: None,
                                    tags: vec![],
                                    business_hours: true,
                                    subject: String::new(),
                                    words: words.into(),
                                };
                                assert_ne!(compiled.first_match(&facts).place, Some(1), "{facts:?}");
                                tried += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(tried > 500, "the small world is not empty");
    }

    /// As many rules and values as a set may have, none shadowed but each nearly so: the search must not take minutes.
    #[test]
    fn the_largest_set_is_looked_at() {
        let last =
            |rule: usize, value: usize| if value == 99 { format!("only {rule}") } else { format!("value {value}") };
        let values = |rule: usize| (0..100).map(|value| last(rule, value)).collect::<Vec<_>>();
        let mut rules: Vec<Rule> = (0..999).map(|number| rule(vec![Condition::ProductIn(values(number))])).collect();
        rules.push(rule(vec![]));
        assert_eq!(shadowed(&rules), []);
    }
}
