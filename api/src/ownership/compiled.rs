//! A compiled rule set, and the search for its first matching rule. Pure.

use std::borrow::Cow;

use entity::id::PartnerId;
use entity::kind::{Channel, Language, Severity};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::rules::{Condition, Facts, Rule};
use crate::kit::money::Money;
use crate::kit::text::{composed, folded as folded_text};

/// The limit for the memory of a compiled pattern, in bytes.
const PATTERN_SIZE: usize = 64 * 1024;
/// The maximum length of a pattern's source, in bytes.
pub const PATTERN_BYTES: usize = 500;
/// The maximum nesting depth of groups in a pattern.
const PATTERN_DEPTH: u32 = 50;
/// How many characters of a complaint's text patterns search. The limit bounds the time, because some patterns take
/// time for every character.
const PATTERNS_SEE: usize = 5_000;
/// A rule set with at least this many words to look for is searched on a blocking thread.
const MANY: usize = 100;

/// A rule set ready to be searched: texts are case-folded and patterns are compiled once.
#[derive(Debug)]
pub struct Compiled {
    rules: Vec<CompiledRule>,
    slow: bool,
}

#[derive(Debug)]
struct CompiledRule {
    rule: Rule,
    /// One check per condition. `None` for a condition that cannot be compiled; it never holds.
    checks: Vec<Option<Check>>,
}

#[derive(Debug)]
enum Check {
    Channel(Vec<Channel>),
    Category(Vec<String>),
    Product(Vec<String>),
    ProductStart(String),
    Language(Vec<Language>),
    Text(Vec<String>),
    TextStart(Vec<String>),
    Pattern(Regex),
    AtLeast(Money),
    Below(Money),
    Partner(Vec<PartnerId>),
    Severity(Vec<Severity>),
    Tier(Vec<String>),
    OpenCases(i32),
    TimesChased(i32),
    Tag(Vec<String>),
    BusinessHours(bool),
}

/// A condition, and the value of the case that it was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Met {
    /// The condition.
    pub condition: Condition,
    /// The value in the case. For conditions on texts: the rule's word or pattern that was found. `None` when the value
    /// is unknown or nothing was found.
    pub value: Option<String>,
}

/// The result of a search, in a form that is stored and shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredMatch {
    /// The index of the matching rule in the set; `None` when no rule matched.
    pub place: Option<usize>,
    /// The conditions of the matching rule, each with the value that it was compared with.
    pub met: Vec<Met>,
    /// The first rules before the matching one, by name, each with its first condition that did not hold and the value.
    pub passed_over: Vec<(String, Met)>,
    /// How many further rules before the matching one are not listed.
    pub more_passed_over: usize,
}

/// The matching rule, and the rules before it, each with its first condition that did not hold.
#[derive(Debug)]
pub struct Match<'a> {
    /// The index of the matching rule in the set; `None` when no rule matched, which the checks at publishing prevent.
    pub place: Option<usize>,
    /// The matching rule.
    pub rule: Option<&'a Rule>,
    /// The rules before it, each with the index of its first condition that did not hold.
    failed: Vec<(&'a CompiledRule, usize)>,
    folded: Folded<'a>,
}

impl Match<'_> {
    /// The conditions of the matching rule, each with the value that it was compared with.
    #[must_use]
    pub fn met(&self, compiled: &Compiled) -> Vec<Met> {
        let rule = self.place.and_then(|place| compiled.rules.get(place));
        let conditions = rule.into_iter().flat_map(|found| found.rule.when.iter().zip(&found.checks));
        conditions.map(|(condition, check)| met(condition, check.as_ref(), &self.folded)).collect()
    }

    /// The whole result in a form that is stored and shown, listing at most `most` of the rules that did not match.
    #[must_use]
    pub fn explained(&self, compiled: &Compiled, most: usize) -> StoredMatch {
        let passed_over = self.first_passed_over(most);
        let more_passed_over = self.failed.len() - passed_over.len();
        StoredMatch { place: self.place, met: self.met(compiled), passed_over, more_passed_over }
    }

    /// The first `most` rules that did not match, by name, each with its first condition that did not hold and the
    /// value.
    #[must_use]
    pub fn first_passed_over(&self, most: usize) -> Vec<(String, Met)> {
        let name = |(found, place): &(&CompiledRule, usize)| {
            let condition = found.rule.when.get(*place)?;
            let check = found.checks.get(*place).and_then(Option::as_ref);
            Some((found.rule.name.clone(), met(condition, check, &self.folded)))
        };
        self.failed.iter().take(most).filter_map(name).collect()
    }
}

fn met(condition: &Condition, check: Option<&Check>, folded: &Folded<'_>) -> Met {
    Met { condition: condition.clone(), value: check.and_then(|check| check.value(folded)) }
}

/// Compiles a pattern as the rules use it: case-insensitive, with bounded memory, matched in linear time.
///
/// # Errors
/// When the pattern is not a valid regular expression, or exceeds the limits for size or nesting.
pub fn pattern_of(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&composed(pattern))
        .case_insensitive(true)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE * 4)
        .nest_limit(PATTERN_DEPTH)
        .build()
}

/// The facts of a case, case-folded once for all rules.
#[derive(Debug)]
struct Folded<'a> {
    facts: &'a Facts,
    categories: Vec<String>,
    product: Option<String>,
    subject: String,
    words: String,
    /// What patterns search: the subject, and the beginning of the customer's text.
    beginnings: (Cow<'a, str>, Cow<'a, str>),
    tier: Option<String>,
    tags: Vec<String>,
}

impl<'a> Folded<'a> {
    fn new(facts: &'a Facts) -> Self {
        let end = facts.words.char_indices().nth(PATTERNS_SEE).map_or(facts.words.len(), |(end, _)| end);
        let beginning = facts.words.get(..end).unwrap_or_default();
        Self {
            facts,
            categories: facts.category.iter().chain(&facts.above_category).map(|name| folded_text(name)).collect(),
            product: facts.product.as_deref().map(folded_text),
            subject: folded_text(&facts.subject),
            words: folded_text(&facts.words),
            beginnings: (composed(&facts.subject), composed(beginning)),
            tier: facts.customer_tier.as_deref().map(folded_text),
            tags: facts.tags.iter().map(|tag| folded_text(tag)).collect(),
        }
    }

    fn contains<'n>(&self, any: &'n [String]) -> Option<&'n String> {
        any.iter().find(|needle| self.subject.contains(*needle) || self.words.contains(*needle))
    }

    fn begins<'n>(&self, any: &'n [String]) -> Option<&'n String> {
        let words = self.words.trim_start();
        any.iter().find(|start| self.subject.starts_with(*start) || words.starts_with(*start))
    }
}

impl Condition {
    fn compile(&self) -> Result<Check, regex::Error> {
        let folded = |values: &[String]| values.iter().map(|value| folded_text(value)).collect();
        Ok(match self {
            Self::ChannelIn(any) => Check::Channel(any.clone()),
            Self::CategoryIn(any) => Check::Category(folded(any)),
            Self::ProductIn(any) => Check::Product(folded(any)),
            Self::ProductStartsWith(start) => Check::ProductStart(folded_text(start)),
            Self::LanguageIn(any) => Check::Language(any.clone()),
            Self::TextContains(any) => Check::Text(folded(any)),
            Self::TextStartsWith(any) => Check::TextStart(folded(any)),
            Self::TextMatches(pattern) => Check::Pattern(pattern_of(pattern)?),
            Self::AmountAtLeast(money) => Check::AtLeast(money.clone()),
            Self::AmountBelow(money) => Check::Below(money.clone()),
            Self::InvolvesPartner(any) => Check::Partner(any.clone()),
            Self::SeverityIn(any) => Check::Severity(any.clone()),
            Self::CustomerTierIn(any) => Check::Tier(folded(any)),
            Self::CustomerOpenCasesAtLeast(least) => Check::OpenCases(*least),
            Self::TimesChasedAtLeast(least) => Check::TimesChased(*least),
            Self::TagIn(any) => Check::Tag(folded(any)),
            Self::WithinBusinessHours(within) => Check::BusinessHours(*within),
        })
    }
}

impl Check {
    fn holds(&self, folded: &Folded<'_>) -> bool {
        let facts = folded.facts;
        let amount = |wanted: &Money| facts.amount.as_ref().filter(|have| have.currency == wanted.currency);
        match self {
            Self::Channel(any) => any.contains(&facts.channel),
            Self::Category(any) => folded.categories.iter().any(|have| any.contains(have)),
            Self::Product(any) => folded.product.as_ref().is_some_and(|have| any.contains(have)),
            Self::ProductStart(start) => folded.product.as_ref().is_some_and(|have| have.starts_with(start)),
            Self::Language(any) => any.contains(&facts.language),
            Self::Text(any) => folded.contains(any).is_some(),
            Self::TextStart(any) => folded.begins(any).is_some(),
            Self::Pattern(pattern) => {
                let (subject, words) = &folded.beginnings;
                pattern.is_match(subject) || pattern.is_match(words)
            }
            Self::AtLeast(wanted) => amount(wanted).is_some_and(|have| have.minor >= wanted.minor),
            Self::Below(wanted) => amount(wanted).is_some_and(|have| have.minor < wanted.minor),
            Self::Partner(any) => facts.partners.iter().any(|partner| any.contains(partner)),
            Self::Severity(any) => facts.severity.is_some_and(|have| any.contains(&have)),
            Self::Tier(any) => folded.tier.as_ref().is_some_and(|have| any.contains(have)),
            Self::OpenCases(least) => facts.customer_open_cases >= *least,
            Self::TimesChased(least) => facts.times_chased >= *least,
            Self::Tag(any) => folded.tags.iter().any(|have| any.contains(have)),
            Self::BusinessHours(within) => facts.business_hours == *within,
        }
    }

    /// The value in the case that this check looks at, in a form that people can read.
    fn value(&self, folded: &Folded<'_>) -> Option<String> {
        let facts = folded.facts;
        let list = |values: &[String]| (!values.is_empty()).then(|| values.join(", "));
        match self {
            Self::Channel(_) => Some(facts.channel.word().to_owned()),
            Self::Category(_) => {
                let path: Vec<_> = facts.category.iter().chain(&facts.above_category).cloned().collect();
                (!path.is_empty()).then(|| path.join(" < "))
            }
            Self::Product(_) | Self::ProductStart(_) => facts.product.clone(),
            Self::Language(_) => Some(facts.language.word().to_owned()),
            Self::Text(any) => folded.contains(any).cloned(),
            Self::TextStart(any) => folded.begins(any).cloned(),
            Self::Pattern(pattern) => self.holds(folded).then(|| pattern.as_str().to_owned()),
            Self::AtLeast(_) | Self::Below(_) => {
                facts.amount.as_ref().map(|amount| format!("{} {}", amount.decimal(), amount.currency))
            }
            Self::Partner(_) => list(&facts.partners.iter().map(ToString::to_string).collect::<Vec<_>>()),
            Self::Severity(_) => facts.severity.map(|severity| severity.word().to_owned()),
            Self::Tier(_) => facts.customer_tier.clone(),
            Self::OpenCases(_) => Some(facts.customer_open_cases.to_string()),
            Self::TimesChased(_) => Some(facts.times_chased.to_string()),
            Self::Tag(_) => list(&facts.tags),
            Self::BusinessHours(_) => Some(facts.business_hours.to_string()),
        }
    }
}

impl Compiled {
    /// Compiles a rule set. A condition that cannot be compiled never holds. Publishing refuses such a set, so this can
    /// only happen to a row that something else has written; the case must still get an owner.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let compile =
            |rule: Rule| CompiledRule { checks: rule.when.iter().map(|when| when.compile().ok()).collect(), rule };
        let rules: Vec<CompiledRule> = rules.into_iter().map(compile).collect();
        let looked_for = |check: &Option<Check>| match check {
            Some(Check::Text(any) | Check::TextStart(any)) => any.len(),
            Some(Check::Pattern(_)) => MANY,
            _ => 0,
        };
        let slow = rules.iter().flat_map(|rule| &rule.checks).map(looked_for).sum::<usize>() >= MANY;
        Self { rules, slow }
    }

    /// Whether a search may take long, because the set has patterns or many words to look for.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.slow
    }

    /// The rule at this index.
    #[must_use]
    pub fn rule(&self, place: usize) -> Option<&Rule> {
        self.rules.get(place).map(|found| &found.rule)
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// The first rule whose conditions all hold.
    #[must_use]
    pub fn first_match<'a>(&'a self, facts: &'a Facts) -> Match<'a> {
        let folded = Folded::new(facts);
        let mut failed = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let holds = |check: &Option<Check>| check.as_ref().is_some_and(|check| check.holds(&folded));
            match rule.checks.iter().position(|check| !holds(check)) {
                Some(first) => failed.push((rule, first)),
                None => return Match { place: Some(place), rule: Some(&rule.rule), failed, folded },
            }
        }
        Match { place: None, rule: None, failed, folded }
    }
}

#[cfg(test)]
mod tests {
    use entity::id::{StaffId, TeamId};
    use uuid::Uuid;

    use super::super::rules::{Policy, Target};
    use super::*;

    pub(crate) fn facts() -> Facts {
        Facts {
            channel: Channel::Web,
            category: Some("Fiber".into()),
            above_category: vec!["Bredband".into()],
            product: Some("Fiber 250".into()),
            language: Language::Sv,
            amount: Some(Money { minor: 49_900, currency: "SEK".into() }),
            partners: vec![PartnerId(Uuid::from_u128(7))],
            severity: Some(Severity::Severe),
            customer_tier: Some("Guld".into()),
            customer_open_cases: 2,
            times_chased: 3,
            open_case_owner: None,
            tags: vec!["Återkommande".into()],
            business_hours: true,
            subject: "Inget internet".into(),
            words: "  Bredbandet är nere sedan TRE veckor".into(),
        }
    }

    fn money(minor: i64, currency: &str) -> Money {
        Money { minor, currency: currency.into() }
    }

    fn rule(name: &str, when: Vec<Condition>) -> Rule {
        let assign_to = Target::Team(TeamId(Uuid::nil()));
        Rule { name: name.into(), when, assign_to, then: Policy::default() }
    }

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn each_condition_holds_when_it_should_and_only_then() {
        let partner = |number| vec![PartnerId(Uuid::from_u128(number))];
        let table = [
            (Condition::ChannelIn(vec![Channel::Web, Channel::Phone]), true, Some("WEB")),
            (Condition::ChannelIn(vec![Channel::Phone]), false, Some("WEB")),
            (Condition::CategoryIn(strings(&["fiber"])), true, Some("Fiber < Bredband")),
            (Condition::CategoryIn(strings(&["BREDBAND"])), true, Some("Fiber < Bredband")),
            (Condition::CategoryIn(strings(&["bred"])), false, Some("Fiber < Bredband")),
            (Condition::ProductIn(strings(&["FIBER 250"])), true, Some("Fiber 250")),
            (Condition::ProductIn(strings(&["Fiber"])), false, Some("Fiber 250")),
            (Condition::ProductStartsWith("fiber".into()), true, Some("Fiber 250")),
            (Condition::ProductStartsWith("250".into()), false, Some("Fiber 250")),
            (Condition::LanguageIn(vec![Language::Sv]), true, Some("SV")),
            (Condition::LanguageIn(vec![Language::En]), false, Some("SV")),
            (Condition::TextContains(strings(&["xyz", "ÄR NERE"])), true, Some("är nere")),
            (Condition::TextContains(strings(&["xyz"])), false, None),
            (Condition::TextStartsWith(strings(&["bredbandet är"])), true, Some("bredbandet är")),
            (Condition::TextStartsWith(strings(&["INGET"])), true, Some("inget")),
            (Condition::TextStartsWith(strings(&["är"])), false, None),
            (Condition::TextMatches(r"\btre\s+veckor\b".into()), true, Some(r"\btre\s+veckor\b")),
            (Condition::TextMatches(r"^veckor".into()), false, None),
            (Condition::TextMatches(r"(unclosed".into()), false, None),
            (Condition::AmountAtLeast(money(49_900, "SEK")), true, Some("499.00 SEK")),
            (Condition::AmountAtLeast(money(49_901, "SEK")), false, Some("499.00 SEK")),
            (Condition::AmountAtLeast(money(1, "EUR")), false, Some("499.00 SEK")),
            (Condition::AmountBelow(money(49_901, "SEK")), true, Some("499.00 SEK")),
            (Condition::AmountBelow(money(49_900, "SEK")), false, Some("499.00 SEK")),
            (Condition::InvolvesPartner(partner(7)), true, None),
            (Condition::InvolvesPartner(partner(8)), false, None),
            (Condition::SeverityIn(vec![Severity::Severe]), true, Some("SEVERE")),
            (Condition::SeverityIn(vec![Severity::Minor]), false, Some("SEVERE")),
            (Condition::CustomerTierIn(strings(&["guld"])), true, Some("Guld")),
            (Condition::CustomerTierIn(strings(&["silver"])), false, Some("Guld")),
            (Condition::CustomerOpenCasesAtLeast(2), true, Some("2")),
            (Condition::CustomerOpenCasesAtLeast(3), false, Some("2")),
            (Condition::TimesChasedAtLeast(3), true, Some("3")),
            (Condition::TimesChasedAtLeast(4), false, Some("3")),
            (Condition::TagIn(strings(&["återkommande"])), true, Some("Återkommande")),
            (Condition::TagIn(strings(&["ny"])), false, Some("Återkommande")),
            (Condition::WithinBusinessHours(true), true, Some("true")),
            (Condition::WithinBusinessHours(false), false, Some("true")),
        ];
        let facts = facts();
        for (condition, expected, value) in table {
            let compiled = Compiled::new(vec![rule("r", vec![condition.clone()])]);
            let found = compiled.first_match(&facts);
            assert_eq!(found.rule.is_some(), expected, "{condition:?}");
            let met = if expected { found.met(&compiled) } else { vec![found.first_passed_over(1)[0].1.clone()] };
            assert_eq!(met[0].condition, condition);
            if !matches!(condition, Condition::InvolvesPartner(_)) {
                assert_eq!(met[0].value.as_deref(), value, "{condition:?}");
            }
        }
    }

    #[test]
    fn conditions_on_what_is_unknown_do_not_hold() {
        let unknown = Facts {
            category: None,
            above_category: vec![],
            product: None,
            amount: None,
            partners: vec![],
            severity: None,
            customer_tier: None,
            tags: vec![],
            ..facts()
        };
        for condition in [
            Condition::CategoryIn(vec![String::new()]),
            Condition::ProductStartsWith(String::new()),
            Condition::AmountBelow(money(i64::MAX, "SEK")),
            Condition::InvolvesPartner(vec![]),
            Condition::SeverityIn(Severity::ALL.to_vec()),
            Condition::CustomerTierIn(vec![String::new()]),
            Condition::TagIn(vec![String::new()]),
        ] {
            assert!(Compiled::new(vec![rule("r", vec![condition])]).first_match(&unknown).rule.is_none());
        }
    }

    #[test]
    fn the_first_match_wins_and_says_what_it_passed_over() {
        let by_phone = Condition::ChannelIn(vec![Channel::Phone]);
        let mut last = rule("all", vec![]);
        last.assign_to = Target::Person(StaffId(Uuid::nil()));
        let compiled = Compiled::new(vec![
            rule("phone", vec![Condition::LanguageIn(vec![Language::Sv]), by_phone.clone()]),
            rule("swedish", vec![Condition::LanguageIn(vec![Language::Sv])]),
            last,
        ]);
        let facts = facts();
        let found = compiled.first_match(&facts);
        assert_eq!(found.rule.map(|rule| rule.name.as_str()), Some("swedish"));
        let expected = ("phone".to_owned(), Met { condition: by_phone, value: Some("WEB".into()) });
        assert_eq!(found.first_passed_over(9), [expected]);
    }
}
