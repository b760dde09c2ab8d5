//! Who answered for a case, and why.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::kind::{Channel, Language, OwnershipReason};
use entity::{ownership, routing_decision};

use super::context::{ContextExt, int, read_error, there};
use super::partner::Partner;
use super::party::Party;
use super::rule::RuleCondition;
use super::scalar::MoneyObject;
use super::staff::Staff;
use crate::ownership::decide::{Candidate, FallbackReason};
use crate::ownership::route::{PassedOver, Reasons};
use crate::ownership::rules::Facts;

/// A period during which one person owned a case. The periods of a case follow each other without gap or overlap.
pub struct OwnershipPeriod(pub ownership::Model);

/// A period during which one person owned a case. The periods of a case follow each other without gap or overlap.
#[Object]
impl OwnershipPeriod {
    /// Who owned it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.owner_id).await).map(Staff)
    }

    /// From when, UTC.
    async fn from(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// Until when, UTC; null for the present owner.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// Why it began.
    async fn reason(&self) -> OwnershipReason {
        self.0.reason
    }

    /// The reason in words, where somebody gave one.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who caused it.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }
}

/// Why the rules named this owner: what they saw, and what they passed over. Kept as it was on the day.
pub struct RoutingDecision {
    row: routing_decision::Model,
    reasons: Reasons,
}

impl From<routing_decision::Model> for RoutingDecision {
    fn from(row: routing_decision::Model) -> Self {
        let reasons = serde_json::from_value(row.reasons.clone()).unwrap_or_default();
        Self { row, reasons }
    }
}

/// Why the rules named this owner: what they saw, and what they passed over. Kept as it was on the day.
#[Object]
impl RoutingDecision {
    /// The version of the rule set; null when the seller had published none.
    async fn rule_set_version(&self) -> Option<i32> {
        self.row.rule_set_version.map(int)
    }

    /// The rule that matched; null when none did or none was asked.
    async fn rule(&self) -> Option<&str> {
        self.row.rule_name.as_deref()
    }

    /// Why the seller's accountable person answers and not whom a rule names; null when a rule's own target does.
    async fn fallback(&self) -> Option<FallbackReason> {
        self.reasons.fallback
    }

    /// What the rules saw.
    async fn facts(&self) -> Option<RoutingFacts> {
        serde_json::from_value(self.row.facts.clone()).ok().map(RoutingFacts)
    }

    /// The conditions of the rule that matched; all of them held.
    async fn conditions(&self) -> Vec<RuleCondition> {
        self.reasons.matched.iter().map(RuleCondition::from).collect()
    }

    /// The rules before it, each with the condition it failed by; the first 50.
    async fn passed_over(&self) -> Vec<RulePassedOver> {
        self.reasons.passed_over.iter().map(RulePassedOver::from).collect()
    }

    /// How many more rules were passed over than are listed.
    async fn more_passed_over(&self) -> i32 {
        i32::try_from(self.reasons.more_passed_over).unwrap_or(i32::MAX)
    }

    /// The people the rule's target stood for, as they were then.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn candidates(&self) -> Vec<RoutingCandidate> {
        self.reasons.candidates.iter().copied().map(RoutingCandidate).collect()
    }

    /// When it was decided, UTC.
    async fn decided_at(&self) -> DateTime<Utc> {
        self.row.decided_at
    }

    /// The decision in a sentence, in the language of `Accept-Language`: "why Anna?"
    async fn explanation(&self, ctx: &Context<'_>) -> String {
        explain(&self.row, &self.reasons, ctx.language())
    }
}

fn explain(row: &routing_decision::Model, reasons: &Reasons, language: Language) -> String {
    let (rule, version) = (row.rule_name.as_deref().unwrap_or("—"), row.rule_set_version.unwrap_or_default());
    let people = reasons.candidates.len();
    match (reasons.fallback, language) {
        (None, Language::En) if people == 1 => format!("The rule \"{rule}\" (version {version}) names this person."),
        (None, Language::Sv) if people == 1 => format!("Regeln \"{rule}\" (version {version}) pekar ut personen."),
        (None, Language::En) => format!(
            "The rule \"{rule}\" (version {version}) names a team; of its {people} people this one had the fewest open cases, or among equals had waited longest."
        ),
        (None, Language::Sv) => format!(
            "Regeln \"{rule}\" (version {version}) pekar ut ett team; av dess {people} personer hade denna minst antal öppna ärenden, eller hade bland lika väntat längst."
        ),
        (Some(why), Language::En) => format!("The seller's accountable person answers: {}.", fallback_words(why).0),
        (Some(why), Language::Sv) => format!("Säljarens ansvariga person svarar: {}.", fallback_words(why).1),
    }
}

fn fallback_words(why: FallbackReason) -> (&'static str, &'static str) {
    match why {
        FallbackReason::NoRuleSet => ("no rule set has been published", "inga regler har publicerats"),
        FallbackReason::NoMatch => ("no rule matched", "ingen regel träffade"),
        FallbackReason::PersonNotActive => {
            ("whom the rule names no longer works there", "den regeln pekar ut arbetar inte kvar")
        }
        FallbackReason::TeamEmpty => ("nobody in the rule's team is active", "ingen i regelns team är aktiv"),
        FallbackReason::NotUnderstood => {
            ("what arrived could not be understood", "det som kom in gick inte att förstå")
        }
    }
}

/// What the rules saw of a case.
pub struct RoutingFacts(Facts);

/// What the rules saw of a case.
#[Object]
impl RoutingFacts {
    /// How it came.
    async fn channel(&self) -> Channel {
        self.0.channel
    }

    /// The seller's word for the kind of complaint.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// What was bought.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// What the customer reads.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// What the order cost.
    async fn order_amount(&self) -> Option<MoneyObject> {
        self.0.amount.clone().map(Into::into)
    }

    /// The partners named.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let partners = self.0.partners.iter().map(|id| ctx.loaders().partners.one(*id));
        let partners = futures_util::future::try_join_all(partners).await.map_err(read_error)?;
        Ok(partners.into_iter().flatten().map(Partner).collect())
    }
}

/// A rule that did not match.
#[derive(SimpleObject)]
pub struct RulePassedOver {
    /// Its name.
    rule: String,
    /// Its first condition that did not hold.
    failed: RuleCondition,
}

impl From<&PassedOver> for RulePassedOver {
    fn from(passed_over: &PassedOver) -> Self {
        Self { rule: passed_over.rule.clone(), failed: RuleCondition::from(&passed_over.failed) }
    }
}

/// A person who could have become the owner, as they were then.
pub struct RoutingCandidate(Candidate);

/// A person who could have become the owner, as they were then.
#[Object]
impl RoutingCandidate {
    /// Who.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.staff).await).map(Staff)
    }

    /// How many cases they owned that were not closed.
    async fn open_cases(&self) -> i32 {
        int(self.0.open_cases)
    }

    /// When a case had last become theirs, UTC; null when never.
    async fn last_assigned_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_assigned_at
    }
}
