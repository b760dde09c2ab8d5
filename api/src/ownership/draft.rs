//! Checks of submitted rules before anybody uses them: first whether the set exceeds the limits, then everything that
//! can be seen from the rules alone. The first check is linear in the size of the input. The second only runs within
//! the limits, and not on a thread that answers requests. Pure.

use std::collections::HashSet;

use super::compiled::{PATTERN_BYTES, pattern_of};
use super::rules::{Condition, MAX_RULES, MAX_VALUES, Rule, Target, TaskAsked};
use super::shadow;
use crate::kit::error::{ErrorCode, Problem, Problems, required, words};
use crate::texts::{self, Text};

/// The maximum number of conditions in a whole set.
const CONDITIONS: usize = 5_000;
/// The maximum number of values in all conditions of a set.
const VALUES: usize = 20_000;
/// The maximum number of words to look for in texts, in a whole set. Every complaint is searched for each of them.
const FRAGMENTS: usize = 2_000;
/// The maximum number of patterns in a whole set, for the same reason.
const PATTERNS: usize = 20;
/// The maximum size of all texts of a set, in bytes.
const BYTES: usize = 500_000;
/// How many problems are reported at most; further ones are reported when the corrected set is checked.
pub(super) const TOLD: usize = 100;

/// The size of a rule set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of rules.
    pub rules: usize,
    /// The number of conditions in all rules.
    pub conditions: usize,
    values: usize,
    fragments: usize,
    patterns: usize,
    bytes: usize,
}

impl Size {
    /// Counts the contents of these rules.
    #[must_use]
    pub fn of(rules: &[Rule]) -> Self {
        let mut size = Self { rules: rules.len(), ..Self::default() };
        let texts = |all: &[String]| all.iter().map(String::len).sum::<usize>();
        for rule in rules {
            size.conditions += rule.when.len();
            size.values += rule.then.skills.len() + rule.then.tags.len();
            size.bytes += rule.name.len() + texts(&rule.then.skills) + texts(&rule.then.tags);
            size.bytes += rule.then.task.as_ref().map_or(0, |task| task.title.len() + task.asked.len());
            for condition in &rule.when {
                size.add(condition);
            }
        }
        size
    }

    fn add(&mut self, condition: &Condition) {
        let texts = |all: &[String]| all.iter().map(String::len).sum::<usize>();
        let (values, bytes) = match condition {
            Condition::ChannelIn(any) => (any.len(), 0),
            Condition::LanguageIn(any) => (any.len(), 0),
            Condition::SeverityIn(any) => (any.len(), 0),
            Condition::InvolvesPartner(any) => (any.len(), 0),
            Condition::CategoryIn(any)
            | Condition::ProductIn(any)
            | Condition::CustomerTierIn(any)
            | Condition::TagIn(any) => (any.len(), texts(any)),
            Condition::TextContains(any) | Condition::TextStartsWith(any) => {
                self.fragments += any.len();
                (any.len(), texts(any))
            }
            Condition::TextMatches(pattern) => {
                self.patterns += 1;
                (1, pattern.len())
            }
            Condition::ProductStartsWith(start) => (1, start.len()),
            Condition::AmountAtLeast(_)
            | Condition::AmountBelow(_)
            | Condition::CustomerOpenCasesAtLeast(_)
            | Condition::TimesChasedAtLeast(_)
            | Condition::WithinBusinessHours(_) => (1, 0),
        };
        self.values += values;
        self.bytes += bytes;
    }

    /// The cost of checking these rules, in points of the caller's share.
    #[must_use]
    pub fn points(&self) -> u32 {
        let points = self.rules + self.conditions + self.values + 50 * self.patterns + self.bytes / 100;
        u32::try_from(points).unwrap_or(u32::MAX)
    }

    /// Adds a problem for every limit that is exceeded.
    fn check(&self, problems: &mut Problems) {
        let bounds: [(usize, usize, TooMuch); 6] = [
            (self.rules, MAX_RULES, texts::ownership::too_many_rules),
            (self.conditions, CONDITIONS, texts::ownership::too_many_conditions),
            (self.values, VALUES, texts::ownership::too_many_values),
            (self.fragments, FRAGMENTS, texts::ownership::too_many_words),
            (self.patterns, PATTERNS, texts::ownership::too_many_patterns),
            (self.bytes, BYTES, texts::ownership::too_many_bytes),
        ];
        for (count, most, text) in bounds {
            if count > most {
                problems.add(Problem::new(ErrorCode::TooLong, "rules", text(most, count)));
            }
        }
    }
}

/// The text for more than the limit: the limit, and how many there are.
type TooMuch = fn(usize, usize) -> Text;

/// Rules that were checked, and their problems.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    rules: Vec<Rule>,
    problems: Vec<Problem>,
}

impl Draft {
    /// Checks rules. Within the limits this takes up to a second: call it on a blocking thread.
    #[must_use]
    pub fn of(rules: Vec<Rule>) -> Self {
        let mut problems = Problems::default();
        Size::of(&rules).check(&mut problems);
        let mut found = problems.into_list();
        if !found.is_empty() {
            return Self { rules: Vec::new(), problems: found };
        }
        let mut problems = Problems::default();
        let rules = check_shape(rules, &mut problems);
        check_reach(&rules, &mut problems);
        found = problems.into_list();
        found.truncate(TOLD);
        Self { rules, problems: found }
    }

    /// The checked rules, with normalised texts; empty when the set exceeds a limit.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The problems of the rules.
    #[must_use]
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        self.problems.iter().cloned().for_each(|problem| problems.add(problem));
        problems
    }

    /// The rules themselves, to be simulated.
    #[must_use]
    pub fn into_rules(self) -> Vec<Rule> {
        self.rules
    }
}

/// Reports rules that could never match.
fn check_reach(rules: &[Rule], problems: &mut Problems) {
    for (later, earlier) in shadow::shadowed(rules) {
        let name = |place: usize| rules.get(place).map(|rule| rule.name.as_str()).unwrap_or_default();
        let text = texts::ownership::never_matches(name(later), name(earlier), earlier);
        problems.add(problem(later, "when", text));
    }
}

/// A problem with a field of a rule.
pub(super) fn problem(number: usize, field: &str, text: Text) -> Problem {
    Problem::new(ErrorCode::Invalid, &format!("rules.{number}.{field}"), text)
}

/// Reports every problem that can be seen from the rules alone, and returns the rules with normalised names, skills,
/// tags and tasks.
fn check_shape(mut rules: Vec<Rule>, problems: &mut Problems) -> Vec<Rule> {
    if rules.last().is_none_or(|last| !last.when.is_empty()) {
        problems.add(Problem::new(ErrorCode::Invalid, "rules", texts::ownership::no_last_rule()));
    }
    let count = rules.len();
    let mut names = HashSet::new();
    for (number, rule) in rules.iter_mut().enumerate() {
        if let Some(name) = problems.check(required(&rule.name, &format!("rules.{number}.name"), 100)) {
            rule.name = name;
        }
        if !names.insert(rule.name.clone()) {
            problems.add(problem(number, "name", texts::ownership::same_name()));
        }
        if rule.when.is_empty() && number + 1 < count {
            problems.add(problem(number, "when", texts::ownership::matches_everything()));
        }
        if rule.when.len() > MAX_VALUES {
            problems.add(problem(number, "when", texts::ownership::conditions(MAX_VALUES)));
        }
        check_policy(number, rule, problems);
        let asks = |condition: &Condition| matches!(condition, Condition::CustomerOpenCasesAtLeast(_));
        if rule.assign_to == Target::OpenCaseOwner && !rule.when.iter().any(asks) {
            problems.add(problem(number, "assignTo", texts::ownership::no_open_case()));
        }
        for (place, condition) in rule.when.iter().enumerate() {
            if let Err(text) = check_condition(condition) {
                problems.add(problem(number, &format!("when.{place}"), text));
            }
        }
    }
    rules
}

/// Checks and normalises what a rule decides besides the owner.
fn check_policy(number: usize, rule: &mut Rule, problems: &mut Problems) {
    let field = |name: &str| format!("rules.{number}.{name}");
    if let Some(skills) = problems.check(words(&rule.then.skills, &field("skills"))) {
        rule.then.skills = skills;
    }
    if let Some(tags) = problems.check(words(&rule.then.tags, &field("tags"))) {
        rule.then.tags = tags;
    }
    if !rule.then.skills.is_empty() && !matches!(rule.assign_to, Target::Team(_)) {
        problems.add(problem(number, "skills", texts::ownership::skills_of_a_team()));
    }
    if let Some(TaskAsked { title, asked, due_hours, .. }) = &mut rule.then.task {
        *title = problems.check(required(title, &field("task.title"), 200)).unwrap_or_default();
        *asked = problems.check(required(asked, &field("task.asked"), 5_000)).unwrap_or_default();
        if !(1..=8_760).contains(due_hours) {
            problems.add(problem(number, "task.dueHours", texts::ownership::due_hours()));
        }
    }
}

fn check_condition(condition: &Condition) -> Result<(), Text> {
    let count = match condition {
        Condition::ChannelIn(any) => any.len(),
        Condition::LanguageIn(any) => any.len(),
        Condition::InvolvesPartner(any) => any.len(),
        Condition::SeverityIn(any) => any.len(),
        Condition::CategoryIn(any)
        | Condition::ProductIn(any)
        | Condition::TextContains(any)
        | Condition::TextStartsWith(any)
        | Condition::CustomerTierIn(any)
        | Condition::TagIn(any) => {
            if any.iter().any(|value| value.trim().is_empty() || value.chars().count() > 200) {
                return Err(texts::ownership::value_length());
            }
            any.len()
        }
        Condition::ProductStartsWith(start) => usize::from(!start.is_empty() && start.chars().count() <= 200),
        Condition::TextMatches(pattern) => {
            if pattern.len() > PATTERN_BYTES || pattern_of(pattern).is_err() {
                return Err(texts::ownership::bad_pattern(PATTERN_BYTES));
            }
            1
        }
        Condition::CustomerOpenCasesAtLeast(least) | Condition::TimesChasedAtLeast(least) => {
            usize::from((1..=1_000).contains(least))
        }
        Condition::AmountAtLeast(_) | Condition::AmountBelow(_) | Condition::WithinBusinessHours(_) => 1,
    };
    if (1..=MAX_VALUES).contains(&count) { Ok(()) } else { Err(texts::ownership::values(MAX_VALUES)) }
}

#[cfg(test)]
mod tests {
    use entity::id::TeamId;
    use uuid::Uuid;

    use super::super::rules::Policy;
    use super::*;

    fn rule(number: usize, when: Vec<Condition>) -> Rule {
        let assign_to = Target::Team(TeamId(Uuid::nil()));
        Rule { name: format!("rule {number}"), when, assign_to, then: Policy::default() }
    }

    /// This many rules with these conditions each, followed by a last rule without conditions.
    fn set(rules: usize, conditions: impl Fn(usize) -> Vec<Condition>) -> Vec<Rule> {
        let mut set: Vec<Rule> = (0..rules).map(|number| rule(number, conditions(number))).collect();
        set.push(rule(rules, vec![]));
        set
    }

    fn values(count: usize, rule: usize, long: usize) -> Vec<String> {
        (0..count).map(|value| format!("{value} of {rule} {}", "x".repeat(long))).collect()
    }

    fn refused(rules: Vec<Rule>) -> Vec<String> {
        let problems = Draft::of(rules).problems().into_list();
        problems.iter().map(|problem| problem.message.read_in(entity::kind::Language::En).to_owned()).collect()
    }

    #[test]
    fn each_bound_is_said_and_nothing_is_looked_at_beyond_it() {
        let product = |count, rule, long| Condition::ProductIn(values(count, rule, long));
        let pattern = |number: usize| Condition::TextMatches(format!("a{number}"));
        for (rules, said) in [
            (set(1_000, |number| vec![product(1, number, 0)]), "At most 1000 rules; these have 1001."),
            (
                set(60, |number| (0..100).map(|place| product(1, number * 100 + place, 0)).collect()),
                "At most 5000 conditions in all rules; these have 6000.",
            ),
            (
                set(300, |number| vec![product(100, number, 0)]),
                "At most 20000 values in all conditions; these have 30000.",
            ),
            (
                set(30, |number| vec![Condition::TextContains(values(100, number, 0))]),
                "At most 2000 words to look for in texts; these have 3000.",
            ),
            (set(30, |number| vec![pattern(number)]), "At most 20 patterns (textMatches) in all rules; these have 30."),
        ] {
            assert_eq!(refused(rules), [said]);
        }
        let long = set(100, |number| vec![product(100, number, 180)]);
        assert!(refused(long)[0].starts_with("At most 500000 bytes of texts in all rules"));
        assert_eq!(refused(set(999, |number| vec![product(10, number, 0)])), [""; 0]);
    }

    /// 1.3 MB of conditions, each nearly implied by those before it, are refused quickly because they are only counted.
    #[test]
    fn what_is_too_much_is_refused_at_once() {
        let many = || (0..100).map(|place| Condition::TextContains(values(1, place, 10))).collect::<Vec<_>>();
        let rules = set(999, |_| many());
        let started = std::time::Instant::now();
        assert!(!refused(rules).is_empty());
        assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
    }

    /// The most that the limits allow, in the shapes that take longest.
    #[test]
    fn what_is_allowed_takes_seconds_at_most_even_unoptimised() {
        let nearly = |number: usize, count: usize| {
            (0..count)
                .map(|value| if value + 1 == count { format!("only {number}") } else { format!("value {value}") })
                .collect::<Vec<_>>()
        };
        for rules in [
            set(900, |number| vec![Condition::ProductIn(nearly(number, 20))]),
            set(190, |number| vec![Condition::ProductIn(nearly(number, 100))]),
            set(900, |number| vec![Condition::TextContains(nearly(number, 2))]),
            set(19, |number| vec![Condition::TextContains(nearly(number, 100))]),
            set(49, |number| (0..100).map(|place| Condition::ProductStartsWith(format!("{number} {place}"))).collect()),
        ] {
            let started = std::time::Instant::now();
            let _draft = Draft::of(rules);
            assert!(started.elapsed() < std::time::Duration::from_secs(30), "{:?}", started.elapsed());
        }
    }

    #[test]
    fn what_is_looked_at_has_a_price() {
        let small = Size::of(&set(1, |_| vec![Condition::WithinBusinessHours(true)]));
        let large = Size::of(&set(100, |number| vec![Condition::ProductIn(values(100, number, 0))]));
        assert!(small.points() < 10 && large.points() > 10_000, "{small:?} {large:?}");
    }
}
