//! Rules as a typed decision table: ordered, the first that matches wins, each an AND of typed conditions. No
//! expression language: a rule cannot hang, and an unknown field cannot be written. Pure: no database, no time.

use entity::id::{PartnerId, StaffId, TeamId};
use entity::kind::{Channel, Language, Priority};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::kit::money::Money;

/// Rules in a rule set at most.
pub const MAX_RULES: usize = 1_000;
/// Conditions in a rule, and values in a condition, at most.
pub const MAX_VALUES: usize = 100;
/// Memory a compiled pattern may take, in bytes.
const PATTERN_SIZE: usize = 64 * 1024;

/// One rule, as stored and as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// What people call it; unique in its set.
    pub name: String,
    /// All must hold; none means that the rule always matches.
    pub when: Vec<Condition>,
    /// Who then answers for the case.
    pub assign_to: Target,
    /// The priority the case gets; none leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

/// Whom a rule names. A team is not an owner: one of its members becomes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// This person.
    Person(StaffId),
    /// The member of this team with the fewest open cases.
    Team(TeamId),
}

/// One condition. Texts are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// The complaint came by one of these.
    ChannelIn(Vec<Channel>),
    /// Its category is one of these.
    CategoryIn(Vec<String>),
    /// Its product is one of these.
    ProductIn(Vec<String>),
    /// Its product begins with this.
    ProductStartsWith(String),
    /// The customer reads one of these.
    LanguageIn(Vec<Language>),
    /// The subject or the customer's words contain one of these.
    TextContains(Vec<String>),
    /// The subject or the customer's words match this pattern.
    TextMatches(String),
    /// The order's amount is known, in this currency, and at least this.
    AmountAtLeast(Money),
    /// The order's amount is known, in this currency, and below this.
    AmountBelow(Money),
    /// One of these partners is named in the case.
    InvolvesPartner(Vec<PartnerId>),
}

/// What the rules may look at: what is known when a complaint arrives. Stored with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// How it came.
    pub channel: Channel,
    /// The seller's word for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// What the customer reads.
    pub language: Language,
    /// What the order cost.
    pub amount: Option<Money>,
    /// Partners named.
    pub partners: Vec<PartnerId>,
    /// Subject and words. Not stored with the decision: the report keeps them.
    #[serde(skip)]
    pub text: String,
}

/// A rule set made ready: lower case folded, patterns compiled once.
#[derive(Debug)]
pub struct Compiled(Vec<CompiledRule>);

#[derive(Debug)]
struct CompiledRule {
    rule: Rule,
    /// None where the condition cannot be compiled; it then never holds.
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
    Pattern(Regex),
    AtLeast(Money),
    Below(Money),
    Partner(Vec<PartnerId>),
}

/// The rule that matched, and those before it with the condition each failed by.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The rule; none when not even the last matched, which publishing prevents.
    pub rule: Option<&'a Rule>,
    /// Rules before it, each with its first condition that did not hold.
    pub passed_over: Vec<(&'a Rule, &'a Condition)>,
}

impl Condition {
    fn compile(&self) -> Result<Check, regex::Error> {
        let folded = |values: &[String]| values.iter().map(|value| fold(value)).collect();
        Ok(match self {
            Self::ChannelIn(any) => Check::Channel(any.clone()),
            Self::CategoryIn(any) => Check::Category(folded(any)),
            Self::ProductIn(any) => Check::Product(folded(any)),
            Self::ProductStartsWith(start) => Check::ProductStart(fold(start)),
            Self::LanguageIn(any) => Check::Language(any.clone()),
            Self::TextContains(any) => Check::Text(folded(any)),
            Self::TextMatches(pattern) => Check::Pattern(pattern_of(pattern)?),
            Self::AmountAtLeast(money) => Check::AtLeast(money.clone()),
            Self::AmountBelow(money) => Check::Below(money.clone()),
            Self::InvolvesPartner(any) => Check::Partner(any.clone()),
        })
    }
}

/// Compiles a pattern as the rules use it: bounded in memory, linear in time, without regard to case.
///
/// # Errors
/// When it is no pattern, or too big.
pub fn pattern_of(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE * 4).build()
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The facts, folded once for all rules.
struct Folded<'a> {
    facts: &'a Facts,
    category: Option<String>,
    product: Option<String>,
    text: String,
}

impl Check {
    fn holds(&self, folded: &Folded<'_>) -> bool {
        let facts = folded.facts;
        let amount = |wanted: &Money| facts.amount.as_ref().filter(|have| have.currency == wanted.currency);
        match self {
            Self::Channel(any) => any.contains(&facts.channel),
            Self::Category(any) => folded.category.as_ref().is_some_and(|have| any.contains(have)),
            Self::Product(any) => folded.product.as_ref().is_some_and(|have| any.contains(have)),
            Self::ProductStart(start) => folded.product.as_ref().is_some_and(|have| have.starts_with(start)),
            Self::Language(any) => any.contains(&facts.language),
            Self::Text(any) => any.iter().any(|needle| folded.text.contains(needle)),
            Self::Pattern(pattern) => pattern.is_match(&folded.facts.text),
            Self::AtLeast(wanted) => amount(wanted).is_some_and(|have| have.minor >= wanted.minor),
            Self::Below(wanted) => amount(wanted).is_some_and(|have| have.minor < wanted.minor),
            Self::Partner(any) => facts.partners.iter().any(|partner| any.contains(partner)),
        }
    }
}

impl Compiled {
    /// Makes a rule set ready. A condition that cannot be compiled never holds; publishing refuses such a set, so
    /// this is for rows that something else has written: a case must not go without an owner because of one.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let compile =
            |rule: Rule| CompiledRule { checks: rule.when.iter().map(|when| when.compile().ok()).collect(), rule };
        Self(rules.into_iter().map(compile).collect())
    }

    /// The first rule that matches.
    #[must_use]
    pub fn first_match(&self, facts: &Facts) -> Match<'_> {
        let folded = Folded {
            facts,
            category: facts.category.as_deref().map(fold),
            product: facts.product.as_deref().map(fold),
            text: fold(&facts.text),
        };
        let mut passed_over = Vec::new();
        for CompiledRule { rule, checks } in &self.0 {
            let holds = |check: &Option<Check>| check.as_ref().is_some_and(|check| check.holds(&folded));
            match rule.when.iter().zip(checks).find(|(_, check)| !holds(check)) {
                Some((failed, _)) => passed_over.push((rule, failed)),
                None => return Match { rule: Some(rule), passed_over },
            }
        }
        Match { rule: None, passed_over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn facts() -> Facts {
        Facts {
            channel: Channel::Web,
            category: Some("Bredband".into()),
            product: Some("Fiber 250".into()),
            language: Language::Sv,
            amount: Some(Money { minor: 49_900, currency: "SEK".into() }),
            partners: vec![PartnerId(Uuid::from_u128(7))],
            text: "Bredbandet är nere sedan TRE veckor".into(),
        }
    }

    fn money(minor: i64, currency: &str) -> Money {
        Money { minor, currency: currency.into() }
    }

    #[test]
    fn each_condition_holds_when_it_should_and_only_then() {
        let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let table = [
            (Condition::ChannelIn(vec![Channel::Web, Channel::Phone]), true),
            (Condition::ChannelIn(vec![Channel::Phone]), false),
            (Condition::CategoryIn(strings(&["bredband"])), true),
            (Condition::CategoryIn(strings(&["bred"])), false),
            (Condition::ProductIn(strings(&["FIBER 250"])), true),
            (Condition::ProductIn(strings(&["Fiber"])), false),
            (Condition::ProductStartsWith("fiber".into()), true),
            (Condition::ProductStartsWith("250".into()), false),
            (Condition::LanguageIn(vec![Language::Sv]), true),
            (Condition::LanguageIn(vec![Language::En]), false),
            (Condition::TextContains(strings(&["xyz", "ÄR NERE"])), true),
            (Condition::TextContains(strings(&["xyz"])), false),
            (Condition::TextMatches(r"\btre\s+veckor\b".into()), true),
            (Condition::TextMatches(r"^veckor".into()), false),
            (Condition::TextMatches(r"(unclosed".into()), false),
            (Condition::AmountAtLeast(money(49_900, "SEK")), true),
            (Condition::AmountAtLeast(money(49_901, "SEK")), false),
            (Condition::AmountAtLeast(money(1, "EUR")), false),
            (Condition::AmountBelow(money(49_901, "SEK")), true),
            (Condition::AmountBelow(money(49_900, "SEK")), false),
            (Condition::InvolvesPartner(vec![PartnerId(Uuid::from_u128(7))]), true),
            (Condition::InvolvesPartner(vec![PartnerId(Uuid::from_u128(8))]), false),
        ];
        let target = Target::Person(StaffId(Uuid::nil()));
        for (condition, expected) in table {
            let rule = Rule { name: "r".into(), when: vec![condition.clone()], assign_to: target, priority: None };
            let compiled = Compiled::new(vec![rule]);
            assert_eq!(compiled.first_match(&facts()).rule.is_some(), expected, "{condition:?}");
        }
    }

    #[test]
    fn conditions_on_what_is_unknown_do_not_hold() {
        let unknown = Facts { category: None, product: None, amount: None, partners: vec![], ..facts() };
        for condition in [
            Condition::CategoryIn(vec![String::new()]),
            Condition::ProductStartsWith(String::new()),
            Condition::AmountBelow(money(i64::MAX, "SEK")),
            Condition::InvolvesPartner(vec![]),
        ] {
            let rule = Rule {
                name: "r".into(),
                when: vec![condition],
                assign_to: Target::Team(TeamId(Uuid::nil())),
                priority: None,
            };
            assert_eq!(Compiled::new(vec![rule]).first_match(&unknown).rule, None);
        }
    }

    #[test]
    fn the_first_match_wins_and_says_what_it_passed_over() {
        let rule = |name: &str, when: Vec<Condition>| Rule {
            name: name.into(),
            when,
            assign_to: Target::Person(StaffId(Uuid::nil())),
            priority: None,
        };
        let by_phone = Condition::ChannelIn(vec![Channel::Phone]);
        let compiled = Compiled::new(vec![
            rule("phone", vec![Condition::LanguageIn(vec![Language::Sv]), by_phone.clone()]),
            rule("swedish", vec![Condition::LanguageIn(vec![Language::Sv])]),
            rule("all", vec![]),
        ]);
        let facts = facts();
        let found = compiled.first_match(&facts);
        assert_eq!(found.rule.map(|rule| rule.name.as_str()), Some("swedish"));
        assert_eq!(found.passed_over.len(), 1);
        assert_eq!(found.passed_over[0].1, &by_phone);
    }
}
