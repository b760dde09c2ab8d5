//! From the facts of a case to its owner, with everything that explains it. Never fails for want of an owner: behind
//! every rule stands the seller's accountable person.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, RuleSetId, SellerId, StaffId};
use entity::kind::Priority;
use entity::routing_decision;
use sea_orm::{FromQueryResult, Statement};
use serde::{Deserialize, Serialize};

use super::decide::{Candidate, Choice, FallbackReason, choose};
use super::rule_set::InForce;
use super::rules::{Condition, Facts, Target};
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// Rules whose passing over is kept with a decision; the rest is counted.
const PASSED_OVER_KEPT: usize = 50;

/// The seller a case belongs to, and who answers there when no rule does.
#[derive(Debug, Clone, Copy)]
pub struct Answers {
    /// The seller.
    pub id: SellerId,
    /// Its accountable person.
    pub accountable: StaffId,
}

/// A decision and its explanation, before it has a case.
#[derive(Debug, Clone)]
pub struct Routed {
    /// Who answers.
    pub choice: Choice,
    /// The priority the rule gives.
    pub priority: Option<Priority>,
    rule_set: Option<(RuleSetId, i64)>,
    rule_name: Option<String>,
    facts: Facts,
    reasons: Reasons,
}

/// Why, as stored with the decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reasons {
    /// The conditions of the rule that matched.
    pub matched: Vec<Condition>,
    /// Rules before it, with the condition each failed by.
    pub passed_over: Vec<PassedOver>,
    /// How many more rules were passed over than are listed.
    pub more_passed_over: usize,
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
    /// Its first condition that did not hold.
    pub failed: Condition,
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
    let found = rules.compiled.first_match(&facts);
    let passed_over: Vec<PassedOver> = found
        .passed_over
        .iter()
        .take(PASSED_OVER_KEPT)
        .map(|(rule, failed)| PassedOver { rule: rule.name.clone(), failed: (*failed).clone() })
        .collect();
    let more_passed_over = found.passed_over.len() - passed_over.len();
    let Some(rule) = found.rule.cloned() else {
        let mut routed = fallback(seller, rule_set, facts, FallbackReason::NoMatch);
        routed.reasons = Reasons { passed_over, more_passed_over, ..routed.reasons };
        return Ok(routed);
    };
    let candidates = people.behind(work, seller.id, rule.assign_to).await?;
    let if_none = match rule.assign_to {
        Target::Person(_) => FallbackReason::PersonNotActive,
        Target::Team(_) => FallbackReason::TeamEmpty,
    };
    let choice = choose(&candidates, seller.accountable, if_none);
    let matched = rule.when;
    let reasons = Reasons { matched, passed_over, more_passed_over, candidates, fallback: choice.fallback };
    Ok(Routed { choice, priority: rule.priority, rule_set, rule_name: Some(rule.name), facts, reasons })
}

/// The seller's accountable person, without asking the rules.
#[must_use]
pub fn fallback(seller: &Answers, rule_set: Option<(RuleSetId, i64)>, facts: Facts, why: FallbackReason) -> Routed {
    Routed {
        choice: Choice { owner: seller.accountable, fallback: Some(why) },
        priority: None,
        rule_set,
        rule_name: None,
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
        let row = routing_decision::Model {
            case_id: case,
            owner_seq,
            rule_set_id: self.rule_set.map(|(id, _)| id),
            rule_set_version: self.rule_set.map(|(_, version)| version),
            rule_name: self.rule_name.clone(),
            fallback: self.choice.fallback.is_some(),
            facts: serde_json::to_value(&self.facts)?,
            reasons: serde_json::to_value(&self.reasons)?,
            decided_at: work.now(),
        };
        work.insert(row);
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Load {
    id: StaffId,
    open_cases: i64,
    last_assigned_at: Option<DateTime<Utc>>,
}

/// The people behind targets with their load, each read once in an act, and counted up as the act assigns.
#[derive(Debug, Default)]
pub struct People {
    /// Somebody who is passed over wherever a rule names them.
    leaving: Option<StaffId>,
    known: HashMap<Target, Vec<Candidate>>,
}

impl People {
    /// Everybody but one who leaves.
    #[must_use]
    pub fn without(leaving: StaffId) -> Self {
        Self { leaving: Some(leaving), ..Self::default() }
    }

    async fn behind(&mut self, work: &Work, seller: SellerId, target: Target) -> Outcome<Vec<Candidate>> {
        if !self.known.contains_key(&target) {
            let mut people = load_of(work, seller, target).await?;
            people.retain(|candidate| Some(candidate.staff) != self.leaving);
            self.known.insert(target, people);
        }
        Ok(self.known.get(&target).cloned().unwrap_or_default())
    }

    /// This person has just been given a case.
    pub fn assigned(&mut self, owner: StaffId, now: DateTime<Utc>) {
        for candidate in self.known.values_mut().flatten().filter(|candidate| candidate.staff == owner) {
            candidate.open_cases += 1;
            candidate.last_assigned_at = Some(now);
        }
    }
}

/// The active people a target stands for, with their load, in one statement.
async fn load_of(work: &Work, seller: SellerId, target: Target) -> Outcome<Vec<Candidate>> {
    let (who, id) = match target {
        Target::Person(id) => ("s.id = $1", id.0),
        Target::Team(id) => ("s.id IN (SELECT m.staff_id FROM team_member m WHERE m.team_id = $1)", id.0),
    };
    let sql = format!(
        r#"SELECT s.id,
            (SELECT count(*) FROM "case" c WHERE c.owner_id = s.id AND c.closed_at IS NULL) AS open_cases,
            (SELECT max(o.started_at) FROM ownership o WHERE o.owner_id = s.id) AS last_assigned_at
        FROM staff s WHERE {who} AND s.seller_id = $2 AND s.active ORDER BY s.id"#
    );
    let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, [id.into(), seller.into()]);
    let loads = Load::find_by_statement(statement).all(work.tx()?).await?;
    Ok(loads
        .into_iter()
        .map(|load| Candidate { staff: load.id, open_cases: load.open_cases, last_assigned_at: load.last_assigned_at })
        .collect())
}
