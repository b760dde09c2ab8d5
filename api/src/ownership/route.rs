//! Routes a case: from its facts to its owner, with an explanation of the decision. It always finds an owner, because
//! the seller's accountable person is the last resort of every rule.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, RuleSetId, SellerId, StaffId};
use entity::json::WeekHours;
use entity::{routing_decision, seller};
use serde::{Deserialize, Serialize};

use super::compiled::{Compiled, Met, StoredMatch};
use super::decide::{Behind, Candidate, Choice, FallbackReason, choose};
use super::people::People;
use super::rule_set::{InForce, off_thread};
use super::rules::{Facts, Policy, Rule, Target};
use crate::calendar::{Calendar, stored};
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// How many of the rules that did not match are stored with a decision; the rest is only counted.
const PASSED_OVER_KEPT: usize = 50;

/// What routing needs to know of a seller: its accountable person and its calendar.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The seller.
    pub id: SellerId,
    /// The seller's accountable person.
    pub accountable: StaffId,
    /// The seller's calendar.
    pub calendar: Calendar,
}

impl From<&seller::Model> for Answers {
    fn from(row: &seller::Model) -> Self {
        Self { id: row.id, accountable: row.accountable_id, calendar: stored::calendar(&row.calendar) }
    }
}

impl Answers {
    /// Whether the seller is open at this instant.
    #[must_use]
    pub fn open(&self, at: DateTime<Utc>) -> bool {
        self.calendar.is_open(at)
    }

    /// Whether a person is at work at this instant. Their own working hours decide, except on holidays. Without own
    /// hours the calendar of the team decides, and without a team's calendar the seller's.
    #[must_use]
    pub fn at_work(&self, team: Option<&Calendar>, own: Option<&WeekHours>, at: DateTime<Utc>) -> bool {
        let calendar = team.unwrap_or(&self.calendar);
        match own {
            Some(hours) => stored::own_week(hours, calendar).is_some_and(|own| own.is_open(at)),
            None => calendar.is_open(at),
        }
    }
}

/// A routing decision and its explanation, before they belong to a case.
#[derive(Debug, Clone)]
pub struct Routed {
    /// The owner, and why a fallback was needed.
    pub choice: Choice,
    /// What the rule decides besides the owner.
    pub then: Policy,
    /// The id and version of the rule set that was searched.
    pub rule_set: Option<(RuleSetId, i64)>,
    /// The name of the rule that matched.
    pub rule_name: Option<String>,
    /// The rule's index in its set.
    pub place: Option<usize>,
    /// The facts that the rules were compared with.
    pub facts: Facts,
    /// The explanation.
    pub reasons: Reasons,
}

/// The explanation of a decision, as stored with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reasons {
    /// The conditions of the matching rule, each with the value that it was compared with.
    pub matched: Vec<Met>,
    /// The rules before it, each with its first condition that did not hold.
    pub passed_over: Vec<PassedOver>,
    /// How many further rules that did not match are not listed.
    pub more_passed_over: usize,
    /// The target of the matching rule.
    pub target: Option<Target>,
    /// The skills that the rule asked for.
    pub skills: Vec<String>,
    /// The people that the target stood for, with their state at that moment.
    pub candidates: Vec<Candidate>,
    /// Why the rule's target did not provide the owner; `None` when it did.
    pub fallback: Option<FallbackReason>,
}

/// A rule that did not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PassedOver {
    /// The rule's name.
    pub rule: String,
    /// Its first condition that did not hold, with the value that it was compared with.
    pub failed: Met,
}

/// Decides by these rules. Without a rule set the seller's accountable person becomes the owner.
///
/// # Errors
/// When the store cannot be read, or the service stops.
pub async fn by_rules(
    work: &Work,
    seller: &Answers,
    rules: Option<&InForce>,
    facts: Facts,
    people: &mut People,
) -> Outcome<Routed> {
    let Some(rules) = rules else { return Ok(fallback(seller, None, facts, FallbackReason::NoRuleSet)) };
    let rule_set = Some((rules.id, rules.version));
    let (facts, found) = search(&rules.compiled, facts).await?;
    let rule = found.place.and_then(|place| rules.compiled.rule(place));
    let behind = match rule {
        Some(rule) => Some(people.behind(work, seller, rule.assign_to.stands_for(&facts)).await?),
        None => None,
    };
    let conclusion = conclude(rule, found, behind.as_ref(), seller.accountable);
    Ok(conclusion.with(rule_set, facts))
}

/// Searches for the matching rule; on a blocking thread if that may take long.
///
/// # Errors
/// When the service stops.
pub async fn search(compiled: &Arc<Compiled>, facts: Facts) -> Result<(Facts, StoredMatch), Fault> {
    let look = |compiled: &Compiled, facts: &Facts| compiled.first_match(facts).explained(compiled, PASSED_OVER_KEPT);
    if !compiled.is_slow() {
        let found = look(compiled, &facts);
        return Ok((facts, found));
    }
    let compiled = Arc::clone(compiled);
    off_thread(move || {
        let found = look(&compiled, &facts);
        (facts, found)
    })
    .await
}

/// The owner that follows from a rule and the people of its target. Pure.
#[must_use]
pub fn owner(rule: Option<&Rule>, behind: Option<&Behind>, accountable: StaffId) -> Choice {
    match rule.zip(behind) {
        Some((rule, behind)) => choose(behind, &rule.then.skills, accountable).0,
        None => Choice { owner: accountable, fallback: Some(FallbackReason::NoMatch) },
    }
}

/// The decision that follows from a match and the people of its target, without the facts.
pub struct Conclusion {
    choice: Choice,
    then: Policy,
    rule_name: Option<String>,
    place: Option<usize>,
    reasons: Reasons,
}

impl Conclusion {
    /// The complete decision, with the rule set and the facts.
    #[must_use]
    pub fn with(self, rule_set: Option<(RuleSetId, i64)>, facts: Facts) -> Routed {
        let Self { choice, then, rule_name, place, reasons } = self;
        Routed { choice, then, rule_set, rule_name, place, facts, reasons }
    }
}

/// Computes the decision from the result of a search. Pure.
#[must_use]
pub fn conclude(rule: Option<&Rule>, found: StoredMatch, behind: Option<&Behind>, accountable: StaffId) -> Conclusion {
    let StoredMatch { place, met, passed_over, more_passed_over } = found;
    let passed_over = passed_over.into_iter().map(|(rule, failed)| PassedOver { rule, failed }).collect();
    let reasons = Reasons { passed_over, more_passed_over, ..Reasons::default() };
    let Some((rule, behind)) = rule.zip(behind) else {
        let why = Some(FallbackReason::NoMatch);
        return Conclusion {
            choice: Choice { owner: accountable, fallback: why },
            then: Policy::default(),
            rule_name: None,
            place: None,
            reasons: Reasons { fallback: why, ..reasons },
        };
    };
    let (choice, candidates) = choose(behind, &rule.then.skills, accountable);
    let reasons = Reasons {
        matched: met,
        target: Some(rule.assign_to),
        skills: rule.then.skills.clone(),
        candidates,
        fallback: choice.fallback,
        ..reasons
    };
    Conclusion { choice, then: rule.then.clone(), rule_name: Some(rule.name.clone()), place, reasons }
}

/// A decision for the seller's accountable person, made without searching the rules.
#[must_use]
pub fn fallback(seller: &Answers, rule_set: Option<(RuleSetId, i64)>, facts: Facts, why: FallbackReason) -> Routed {
    Routed {
        choice: Choice { owner: seller.accountable, fallback: Some(why) },
        then: Policy::default(),
        rule_set,
        rule_name: None,
        place: None,
        facts,
        reasons: Reasons { fallback: Some(why), ..Reasons::default() },
    }
}

impl Routed {
    /// Inserts the decision for the ownership period that it begins.
    ///
    /// # Errors
    /// When the facts or reasons cannot be written as JSON, which does not happen for these types.
    pub fn record(&self, work: &mut Work, case: CaseId, owner_seq: i64) -> Outcome<()> {
        let row = self.row(case, owner_seq, work.now())?;
        work.insert(row);
        Ok(())
    }

    /// The decision as a row.
    ///
    /// # Errors
    /// As [`Routed::record`].
    pub fn row(
        &self,
        case_id: CaseId,
        owner_seq: i64,
        decided_at: DateTime<Utc>,
    ) -> Result<routing_decision::Model, serde_json::Error> {
        Ok(routing_decision::Model {
            case_id,
            owner_seq,
            number: 1,
            rule_set_id: self.rule_set.map(|(id, _)| id),
            rule_set_version: self.rule_set.map(|(_, version)| version),
            rule_name: self.rule_name.clone(),
            fallback: self.choice.fallback.is_some(),
            facts: serde_json::to_value(&self.facts)?,
            reasons: serde_json::to_value(&self.reasons)?,
            asked_because: None,
            decided_at,
        })
    }
}
