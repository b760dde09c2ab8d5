//! Who owned a case, and why.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::StaffId;
use entity::kind::{Channel, Language, OwnershipReason, PartyKind, Severity};
use entity::{ownership, routing_decision};

use super::context::{ContextExt, int, part_id, read_error, required_row};
use super::partner::Partner;
use super::party::Party;
use super::rule::{OpenCaseOwner, RuleCondition, RuleTarget};
use super::scalar::MoneyObject;
use super::staff::{Staff, Team};
use crate::ownership::decide::{Candidate, FallbackReason, Obstacle};
use crate::ownership::route::{PassedOver, Reasons};
use crate::ownership::rules::{Facts, Target};
use crate::texts::{self, Text};

/// A period in which one person owned a case. The periods of a case follow each other without gap or overlap.
pub struct OwnershipPeriod(pub ownership::Model);

/// A period in which one person owned a case. The periods of a case follow each other without gap or overlap.
#[Object]
impl OwnershipPeriod {
    /// The id, opaque.
    async fn id(&self) -> ID {
        part_id(self.0.case_id, self.0.seq)
    }

    /// The owner of the case in this period.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.owner_id).await).map(Staff)
    }

    /// When the period began, UTC.
    async fn from(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When the period ended, UTC; null for the present owner.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// The reason why the person became the owner.
    async fn reason(&self) -> OwnershipReason {
        self.0.reason
    }

    /// The reason in words; null when nobody gave one.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The party that caused the change of owner.
    async fn by(&self) -> Party {
        Party::new(self.0.by_kind, self.0.by_id)
    }
}

/// Why the rules chose this owner: the facts that they looked at, the rule that matched, and the rules that did not. It
/// is stored with the decision and does not change later.
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

/// Why the rules chose this owner: the facts that they looked at, the rule that matched, and the rules that did not. It
/// is stored with the decision and does not change later.
#[Object]
impl RoutingDecision {
    /// The version of the rule set that was in force; null when the seller had published none.
    async fn rule_set_version(&self) -> Option<i32> {
        self.row.rule_set_version.map(int)
    }

    /// The name of the rule that matched; null when none did, and when no rules were evaluated.
    async fn rule(&self) -> Option<&str> {
        self.row.rule_name.as_deref()
    }

    /// Why the owner is the seller's accountable person or a team's lead, and not whom a rule names; null when the
    /// owner is a rule's own target.
    async fn fallback(&self) -> Option<FallbackReason> {
        self.reasons.fallback
    }

    /// The facts that the rules looked at; null when the stored facts can no longer be read.
    async fn facts(&self) -> Option<RoutingFacts> {
        serde_json::from_value(self.row.facts.clone()).ok().map(RoutingFacts)
    }

    /// The conditions of the rule that matched, each with the value that it was compared with. All of them held.
    async fn conditions(&self) -> Vec<RuleCondition> {
        self.reasons.matched.iter().map(RuleCondition::from).collect()
    }

    /// The rules that were evaluated before and did not match, each with the condition that failed; the first 50.
    async fn passed_over(&self) -> Vec<RulePassedOver> {
        self.reasons.passed_over.iter().map(RulePassedOver::from).collect()
    }

    /// How many more rules did not match than `passedOver` lists.
    async fn more_passed_over(&self) -> i32 {
        i32::try_from(self.reasons.more_passed_over).unwrap_or(i32::MAX)
    }

    /// The person or team that the rule named; null when none matched, and when no rules were evaluated.
    async fn target(&self, ctx: &Context<'_>) -> Result<Option<RuleTarget>> {
        Ok(match self.reasons.target {
            Some(Target::Person(id)) => {
                Some(RuleTarget::Staff(Staff(required_row(ctx.loaders().people.one(id).await)?)))
            }
            Some(Target::Team(id)) => Some(RuleTarget::Team(Team(required_row(ctx.loaders().teams.one(id).await)?))),
            Some(Target::OpenCaseOwner) => {
                let candidate = self.reasons.candidates.first();
                Some(RuleTarget::OpenCaseOwner(OpenCaseOwner(candidate.map(|candidate| candidate.staff))))
            }
            None => None,
        })
    }

    /// The skills that the rule required of a member of the team.
    async fn skills(&self) -> &[String] {
        &self.reasons.skills
    }

    /// The people among whom the owner was chosen, as they were at that time, each with the reason why they were not
    /// chosen.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn candidates(&self) -> Vec<RoutingCandidate> {
        self.reasons.candidates.iter().cloned().map(RoutingCandidate).collect()
    }

    /// Why somebody had the case routed again with `routeAgain`, in their words; null for a decision that the service
    /// made by itself.
    async fn asked_because(&self) -> Option<&str> {
        self.row.asked_because.as_deref()
    }

    /// When the decision was made, UTC.
    async fn decided_at(&self) -> DateTime<Utc> {
        self.row.decided_at
    }

    /// The decision in a sentence, in the language of `Accept-Language` (Swedish or English).
    async fn explanation(&self, ctx: &Context<'_>) -> String {
        explain(&self.row, &self.reasons).read_in(ctx.language()).to_owned()
    }
}

fn explain(row: &routing_decision::Model, reasons: &Reasons) -> Text {
    let name = row.rule_name.as_deref().unwrap_or("—");
    let rule = match row.rule_set_version {
        Some(version) => texts::ownership_reasons::rule_of_version(name, version),
        None => texts::ownership_reasons::rule(name),
    };
    let (rule_en, rule_sv) = (rule.read_in(Language::En), rule.read_in(Language::Sv));
    match (reasons.fallback, reasons.target) {
        (None, Some(Target::Team(_))) => {
            let people = reasons.candidates.len();
            let passed = reasons.candidates.iter().filter(|candidate| candidate.obstacle.is_some_and(cannot)).count();
            texts::ownership_reasons::fewest_open_cases(rule_en, rule_sv, people, passed)
        }
        (None, Some(Target::OpenCaseOwner)) => texts::ownership_reasons::owner_of_open_case(rule_en, rule_sv),
        (None, _) => texts::ownership_reasons::named(rule_en, rule_sv),
        (Some(FallbackReason::NobodyAvailable), _) => texts::ownership_reasons::nobody_available(rule_en, rule_sv),
        (Some(FallbackReason::NoRuleSet), _) => texts::ownership_reasons::no_rule_set(),
        (Some(FallbackReason::NoMatch), _) => texts::ownership_reasons::no_match(),
        (Some(FallbackReason::PersonNotActive), _) => texts::ownership_reasons::person_not_active(),
        (Some(FallbackReason::PersonAway), _) => texts::ownership_reasons::person_away(),
        (Some(FallbackReason::TeamEmpty), _) => texts::ownership_reasons::team_empty(),
        (Some(FallbackReason::NotUnderstood), _) => texts::ownership_reasons::not_understood(),
    }
}

/// Whether this obstacle alone kept a person from taking the case, regardless of the other people.
fn cannot(obstacle: Obstacle) -> bool {
    obstacle != Obstacle::BusierThanOthers
}

/// Why the owner of this period owns the case, in a sentence, whatever the reason of the period.
///
/// # Errors
/// When the store cannot be read.
pub async fn why(
    ctx: &Context<'_>,
    period: Option<&ownership::Model>,
    decision: Option<&routing_decision::Model>,
) -> Result<String> {
    let Some(period) = period else { return Ok(String::new()) };
    let language = ctx.language();
    let by = match period.by_id.filter(|_| period.by_kind == PartyKind::Staff) {
        Some(id) => ctx.loaders().people.one(StaffId(id)).await.map_err(read_error)?.map(|person| person.name),
        None => None,
    };
    let (by, note) = (by.unwrap_or_else(|| "—".to_owned()), period.note.as_deref().unwrap_or("—"));
    let by_rules = || {
        let row = decision.filter(|decision| decision.owner_seq == period.seq)?;
        let reasons = serde_json::from_value(row.reasons.clone()).unwrap_or_default();
        Some(explain(row, &reasons).read_in(language).to_owned())
    };
    // Somebody had the rules decide anew, and they chose this person.
    if let Some(again) =
        decision.filter(|decision| decision.owner_seq == period.seq && decision.asked_because.is_some())
    {
        let asked = texts::ownership_reasons::routed_again(again.asked_because.as_deref().unwrap_or("—"));
        return Ok(format!("{} {}", asked.read_in(language), by_rules().unwrap_or_default()));
    }
    let text = match period.reason {
        OwnershipReason::Routed | OwnershipReason::RoutedAgain => return Ok(by_rules().unwrap_or_default()),
        OwnershipReason::OwnerLeft => {
            let left = texts::ownership_reasons::owner_left();
            return Ok(format!("{} {}", left.read_in(language), by_rules().unwrap_or_default()));
        }
        OwnershipReason::Reassigned => texts::ownership_reasons::reassigned(by, note),
        OwnershipReason::HandedOver => texts::ownership_reasons::handed_over(note),
        OwnershipReason::Merged => texts::ownership_reasons::merged(by, note),
        OwnershipReason::Unmerged => texts::ownership_reasons::unmerged(by, note),
    };
    Ok(text.read_in(language).to_owned())
}

/// Figures about the changes of owner of a case.
#[derive(SimpleObject)]
pub struct CaseMeasures {
    /// How often the case got another owner. Merging and unmerging are not counted.
    handovers: i32,
    /// How often the case came back to somebody who had owned it before.
    returns: i32,
    /// For how many seconds, in total, the case was offered and the offer was not answered.
    offered_seconds: i32,
    /// Whether a routing decision fell back on somebody whom no rule named.
    reached_fallback: bool,
}

impl From<crate::case::measures::CaseMeasures> for CaseMeasures {
    fn from(measures: crate::case::measures::CaseMeasures) -> Self {
        Self {
            handovers: int(measures.handovers),
            returns: int(measures.returns),
            offered_seconds: int(measures.offered_seconds),
            reached_fallback: measures.reached_fallback,
        }
    }
}

/// The facts of a case that the rules looked at.
pub struct RoutingFacts(Facts);

/// The facts of a case that the rules looked at.
#[Object]
impl RoutingFacts {
    /// The channel by which the complaint came.
    async fn channel(&self) -> Channel {
        self.0.channel
    }

    /// The category of the complaint, in the seller's own words; null when it had none.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// The product that was bought; null when it was not named.
    async fn product(&self) -> Option<&str> {
        self.0.product.as_deref()
    }

    /// The categories above `category` in the seller's tree, the nearest first.
    async fn above_category(&self) -> &[String] {
        &self.0.above_category
    }

    /// The language that the customer reads.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// How severe the problem was, as the customer said; null when they did not say.
    async fn severity(&self) -> Option<Severity> {
        self.0.severity
    }

    /// The customer's tier at that time; null when they had none.
    async fn customer_tier(&self) -> Option<&str> {
        self.0.customer_tier.as_deref()
    }

    /// The number of the customer's other open cases at that time, counted up to 1,000.
    async fn customer_open_cases(&self) -> i32 {
        self.0.customer_open_cases
    }

    /// How often the customer had had to ask for news of the case by then.
    async fn times_chased(&self) -> i32 {
        self.0.times_chased
    }

    /// The owner of the newest of the customer's other open cases at that time; null when there were none.
    async fn open_case_owner(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0.open_case_owner {
            Some(id) => Ok(ctx.loaders().people.one(id).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }

    /// The tags that came with the complaint, and those that staff had set by then.
    async fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// Whether the complaint arrived within the seller's business hours.
    async fn business_hours(&self) -> bool {
        self.0.business_hours
    }

    /// What the order cost; null when it was not given.
    async fn order_amount(&self) -> Option<MoneyObject> {
        self.0.amount.clone().map(Into::into)
    }

    /// The partners that were named, and those that deliver the product or what the category is about.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let partners = self.0.partners.iter().map(|id| ctx.loaders().partners.one(*id));
        let partners = futures_util::future::try_join_all(partners).await.map_err(read_error)?;
        Ok(partners.into_iter().flatten().map(Partner).collect())
    }
}

/// A rule that did not match a case.
#[derive(SimpleObject)]
pub struct RulePassedOver {
    /// The name of the rule.
    rule: String,
    /// The first condition of the rule that did not hold, with the value that it was compared with.
    failed: RuleCondition,
}

impl From<&PassedOver> for RulePassedOver {
    fn from(passed_over: &PassedOver) -> Self {
        Self { rule: passed_over.rule.clone(), failed: RuleCondition::from(&passed_over.failed) }
    }
}

/// A person who was considered as the owner, as they were at that time.
pub struct RoutingCandidate(Candidate);

/// A person who was considered as the owner, as they were at that time.
#[Object]
impl RoutingCandidate {
    /// The member of staff who was considered.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.staff).await).map(Staff)
    }

    /// The number of open cases that the person owned.
    async fn open_cases(&self) -> i32 {
        int(self.0.open_cases)
    }

    /// The number of open cases with which the person was compared. It is more than `openCases` for a person who had
    /// just come back from an absence, so that not every new case went to them.
    async fn counted_as(&self) -> i32 {
        int(self.0.counted_as)
    }

    /// The person's capacity: how many open cases they could own at most.
    async fn capacity(&self) -> i32 {
        self.0.capacity
    }

    /// When the person's absence ended, UTC; null when they were not absent.
    async fn away_until(&self) -> Option<DateTime<Utc>> {
        self.0.away_until
    }

    /// Why the person was not chosen; null for the person who was chosen.
    async fn obstacle(&self) -> Option<Obstacle> {
        self.0.obstacle
    }

    /// When the person had last become the owner of a case, UTC; null when never.
    async fn last_assigned_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_assigned_at
    }
}
