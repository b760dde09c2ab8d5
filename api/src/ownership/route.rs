//! From the facts of a case to its owner, with everything that explains it. Never fails for want of an owner: behind
//! every rule stands the seller's accountable person.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, RuleSetId, SellerId, StaffId};
use entity::json::WeekHours;
use entity::{routing_decision, seller};
use serde::{Deserialize, Serialize};

use super::compiled::{Compiled, Found, Met};
use super::decide::{Behind, Candidate, Choice, FallbackReason, choose};
use super::people::People;
use super::rule_set::{InForce, off_thread};
use super::rules::{Facts, Policy, Rule, Target};
use crate::calendar::{Calendar, stored};
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// Rules whose passing over is kept with a decision; the rest is counted.
const PASSED_OVER_KEPT: usize = 50;

/// The seller a case belongs to: who answers there when no rule does, and when it is open.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The seller.
    pub id: SellerId,
    /// Its accountable person.
    pub accountable: StaffId,
    /// When it is open.
    pub calendar: Calendar,
}

impl From<&seller::Model> for Answers {
    fn from(row: &seller::Model) -> Self {
        Self { id: row.id, accountable: row.accountable_id, calendar: stored::calendar(&row.calendar) }
    }
}

impl Answers {
    /// Whether it is open at this instant.
    #[must_use]
    pub fn open(&self, at: DateTime<Utc>) -> bool {
        self.calendar.is_open(at)
    }

    /// Whether a person is at work at this instant: within their own hours in an ordinary week, on days that are no holidays; or
    /// else while the team that is chosen from is open, or else the seller.
    #[must_use]
    pub fn at_work(&self, team: Option<&Calendar>, own: Option<&WeekHours>, at: DateTime<Utc>) -> bool {
        let calendar = team.unwrap_or(&self.calendar);
        match own {
            Some(hours) => stored::own_week(hours, calendar).is_some_and(|own| own.is_open(at)),
            None => calendar.is_open(at),
        }
    }
}

/// A decision and its explanation, before it has a case.
#[derive(Debug, Clone)]
pub struct Routed {
    /// Who answers.
    pub choice: Choice,
    /// What else the rule decides.
    pub then: Policy,
    /// The rule set it was made by.
    pub rule_set: Option<(RuleSetId, i64)>,
    /// The rule that matched.
    pub rule_name: Option<String>,
    /// The rule's place in its set.
    pub place: Option<usize>,
    /// What the rules saw.
    pub facts: Facts,
    /// Why.
    pub reasons: Reasons,
}

/// Why, as stored with the decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reasons {
    /// The conditions of the rule that matched, with the values they met.
    pub matched: Vec<Met>,
    /// Rules before it, with the condition each failed by.
    pub passed_over: Vec<PassedOver>,
    /// How many more rules were passed over than are listed.
    pub more_passed_over: usize,
    /// Whom the rule named.
    pub target: Option<Target>,
    /// Skills it asked for.
    pub skills: Vec<String>,
    /// People the target stood for, as they were.
    pub candidates: Vec<Candidate>,
    /// Why the fallback answers, if it does.
    pub fallback: Option<FallbackReason>,
}

/// A rule that did not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PassedOver {
    /// Its name.
    pub rule: String,
    /// Its first condition that did not hold, with the value that met it.
    pub failed: Met,
}

/// Decides by these rules; with none, the fallback answers.
///
/// # Errors
/// When the store cannot be read.
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

/// Looks for the rule that matches, where nobody else waits for it if that may take long.
///
/// # Errors
/// When the service stops.
pub async fn search(compiled: &Arc<Compiled>, facts: Facts) -> Result<(Facts, Found), Fault> {
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

/// Whom a rule and the people behind its target make the owner. Pure.
#[must_use]
pub fn owner(rule: Option<&Rule>, behind: Option<&Behind>, accountable: StaffId) -> Choice {
    match rule.zip(behind) {
        Some((rule, behind)) => choose(behind, &rule.then.skills, accountable).0,
        None => Choice { owner: accountable, fallback: Some(FallbackReason::NoMatch) },
    }
}

/// What follows from a match and the people behind its target.
pub struct Conclusion {
    choice: Choice,
    then: Policy,
    rule_name: Option<String>,
    place: Option<usize>,
    reasons: Reasons,
}

impl Conclusion {
    /// The whole decision.
    #[must_use]
    pub fn with(self, rule_set: Option<(RuleSetId, i64)>, facts: Facts) -> Routed {
        let Self { choice, then, rule_name, place, reasons } = self;
        Routed { choice, then, rule_set, rule_name, place, facts, reasons }
    }
}

/// Concludes from what was found. Pure.
#[must_use]
pub fn conclude(rule: Option<&Rule>, found: Found, behind: Option<&Behind>, accountable: StaffId) -> Conclusion {
    let Found { place, met, passed_over, more_passed_over } = found;
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

/// The seller's accountable person, without asking the rules.
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
    /// Writes the decision beside the ownership period it begins.
    ///
    /// # Errors
    /// Never for what is stored here; the signature is serde's.
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
            rule_set_id: self.rule_set.map(|(id, _)| id),
            rule_set_version: self.rule_set.map(|(_, version)| version),
            rule_name: self.rule_name.clone(),
            fallback: self.choice.fallback.is_some(),
            facts: serde_json::to_value(&self.facts)?,
            reasons: serde_json::to_value(&self.reasons)?,
            decided_at,
        })
    }
}
