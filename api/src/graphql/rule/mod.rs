//! Rule sets and their rules, as they are read.

pub mod input;
pub mod simulate;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject, Union};
use chrono::{DateTime, Utc};
use entity::id::{RuleSetId, StaffId};
use entity::kind::Priority;
use entity::rule_set;

use super::context::{ContextExt, int, read_error, required_row, to_id};
use super::level::ServiceLevel;
use super::node::{Lookup, Node, of_directory};
use super::partner::Partner;
use super::staff::{Staff, Team};
use crate::kit::money::Money;
use crate::ownership::compiled::Met;
use crate::ownership::rules::{Condition, Rule, Target, TaskAsked};
use sea_orm::EntityTrait;

/// A published rule set. It never changes: publishing makes the next version.
#[derive(Clone)]
pub struct RuleSet(pub rule_set::Model);

impl From<rule_set::Model> for RuleSet {
    fn from(row: rule_set::Model) -> Self {
        Self(row)
    }
}

/// A published rule set. It never changes: publishing makes the next version.
#[Object]
impl RuleSet {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Its number at the seller, counted from 1; the highest is in force.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When it was published, UTC.
    async fn published_at(&self) -> DateTime<Utc> {
        self.0.published_at
    }

    /// The administrator who published it.
    async fn published_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0.published_by).await).map(Staff)
    }

    /// Its rules in order; at most 1,000. The first rule that matches a case decides who becomes its owner.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn rules(&self) -> Vec<RuleObject> {
        let rules: Vec<Rule> = serde_json::from_value(self.0.rules.clone()).unwrap_or_default();
        rules.into_iter().map(RuleObject).collect()
    }
}

/// A rule: when all of its conditions hold for a case, it decides who becomes the owner.
pub struct RuleObject(Rule);

/// A rule: when all of its conditions hold for a case, it decides who becomes the owner.
#[Object(name = "Rule")]
impl RuleObject {
    /// The name of the rule, unique in its rule set.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The conditions, all of which must hold; empty for the last rule, which always matches.
    async fn when(&self) -> Vec<RuleCondition> {
        self.0.when.iter().map(RuleCondition::from).collect()
    }

    /// Who becomes the owner: a person, a member of a team, or the owner of the customer's newest open case.
    async fn assign_to(&self, ctx: &Context<'_>) -> Result<RuleTarget> {
        match self.0.assign_to {
            Target::Person(id) => Ok(RuleTarget::Staff(Staff(required_row(ctx.loaders().people.one(id).await)?))),
            Target::Team(id) => Ok(RuleTarget::Team(Team(required_row(ctx.loaders().teams.one(id).await)?))),
            Target::OpenCaseOwner => Ok(RuleTarget::OpenCaseOwner(OpenCaseOwner::default())),
        }
    }

    /// The skills, in lower case, that a member of the team must have; the member must have all of them.
    async fn skills(&self) -> &[String] {
        &self.0.then.skills
    }

    /// The priority that the case gets; null means `NORMAL`.
    async fn priority(&self) -> Option<Priority> {
        self.0.then.priority
    }

    /// The tags that the case gets, in lower case.
    async fn tags(&self) -> &[String] {
        &self.0.then.tags
    }

    /// The service level that the case gets; null when the rule names none.
    async fn service_level(&self, ctx: &Context<'_>) -> Result<Option<ServiceLevel>> {
        match self.0.then.service_level {
            Some(id) => Ok(ctx.loaders().levels.one(id).await.map_err(read_error)?.map(ServiceLevel)),
            None => Ok(None),
        }
    }

    /// The task that a partner is asked to do when the case is opened; null when there is none.
    async fn task(&self) -> Option<RuleTask> {
        self.0.then.task.clone().map(RuleTask)
    }
}

/// A task that a rule requests from a partner when a case is opened.
pub struct RuleTask(TaskAsked);

/// A task that a rule requests from a partner when a case is opened.
#[Object]
impl RuleTask {
    /// The partner that is asked to do the task.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        required_row(ctx.loaders().partners.one(self.0.partner).await).map(Partner)
    }

    /// The title of the task, in one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What the partner is asked to do.
    async fn asked(&self) -> &str {
        &self.0.asked
    }

    /// The hours within which the task must be done, counted from the opening of the case, nights and holidays
    /// included.
    async fn due_hours(&self) -> i32 {
        self.0.due_hours
    }
}

/// The target of a rule: who becomes the owner.
#[derive(Union)]
pub enum RuleTarget {
    /// A member of the seller's staff.
    Staff(Staff),
    /// A team, one of whose members becomes the owner.
    Team(Team),
    /// The owner of the customer's newest open case.
    OpenCaseOwner(OpenCaseOwner),
}

/// The owner of the customer's newest open case.
#[derive(Default)]
pub struct OpenCaseOwner(pub Option<StaffId>);

/// The owner of the customer's newest open case.
#[Object]
impl OpenCaseOwner {
    /// That person, at the time of routing; null in a rule, which concerns no single case.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0 {
            Some(id) => Ok(ctx.loaders().people.one(id).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }
}

/// What a condition compares, and how. Texts are compared without regard to case.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConditionKind {
    /// The channel of the complaint is one of the values.
    ChannelIn,
    /// The category of the complaint, or one above it in the seller's tree, is one of the values.
    CategoryIn,
    /// The product of the complaint is one of the values.
    ProductIn,
    /// The product of the complaint begins with the value.
    ProductStartsWith,
    /// The customer's language is one of the values.
    LanguageIn,
    /// The subject or the words contain one of the values.
    TextContains,
    /// The subject, or the first 5,000 characters of the words, match the value, which is a regular expression.
    TextMatches,
    /// The order's amount is known, in the value's currency, and at least the value.
    AmountAtLeast,
    /// The order's amount is known, in the value's currency, and below the value.
    AmountBelow,
    /// One of the partners in the values is named in the complaint, or delivers what it is about.
    InvolvesPartner,
    /// The subject or the words begin with one of the values.
    TextStartsWith,
    /// The severity that the customer stated is one of the values.
    SeverityIn,
    /// The customer's tier is one of the values.
    CustomerTierIn,
    /// The customer has at least as many other open cases as the value says.
    CustomerOpenCasesAtLeast,
    /// The customer has had to ask for news of the case at least as many times as the value says.
    TimesChasedAtLeast,
    /// One of the values came with the complaint as a tag, or was set by staff since. Tags that rules add are not compared.
    TagIn,
    /// The complaint arrived within the seller's business hours (value "true"), or outside them (value "false").
    WithinBusinessHours,
}

/// A condition of a rule, with the value of the case that it was compared with.
#[derive(SimpleObject)]
pub struct RuleCondition {
    /// What the condition compares, and how.
    kind: ConditionKind,
    /// The values that the condition compares with: enum values, texts, numbers, amounts such as "499.00 SEK", or ids
    /// of partners.
    values: Vec<String>,
    /// The value of the case that the condition was compared with, in a routing decision; for conditions on texts,
    /// which of the values was found. Null when the case has no such value, and where a rule is shown without a case.
    met: Option<String>,
}

impl From<&Met> for RuleCondition {
    fn from(met: &Met) -> Self {
        Self { met: met.value.clone(), ..Self::from(&met.condition) }
    }
}

impl From<&Condition> for RuleCondition {
    fn from(condition: &Condition) -> Self {
        let money = |money: &Money| vec![format!("{} {}", money.decimal(), money.currency)];
        let (kind, values) = match condition {
            Condition::ChannelIn(any) => {
                (ConditionKind::ChannelIn, any.iter().map(|channel| channel.word().to_owned()).collect())
            }
            Condition::CategoryIn(any) => (ConditionKind::CategoryIn, any.clone()),
            Condition::ProductIn(any) => (ConditionKind::ProductIn, any.clone()),
            Condition::ProductStartsWith(start) => (ConditionKind::ProductStartsWith, vec![start.clone()]),
            Condition::LanguageIn(any) => {
                (ConditionKind::LanguageIn, any.iter().map(|language| language.word().to_owned()).collect())
            }
            Condition::TextContains(any) => (ConditionKind::TextContains, any.clone()),
            Condition::TextMatches(pattern) => (ConditionKind::TextMatches, vec![pattern.clone()]),
            Condition::AmountAtLeast(amount) => (ConditionKind::AmountAtLeast, money(amount)),
            Condition::AmountBelow(amount) => (ConditionKind::AmountBelow, money(amount)),
            Condition::InvolvesPartner(any) => {
                (ConditionKind::InvolvesPartner, any.iter().map(ToString::to_string).collect())
            }
            Condition::TextStartsWith(any) => (ConditionKind::TextStartsWith, any.clone()),
            Condition::SeverityIn(any) => {
                (ConditionKind::SeverityIn, any.iter().map(|severity| severity.word().to_owned()).collect())
            }
            Condition::CustomerTierIn(any) => (ConditionKind::CustomerTierIn, any.clone()),
            Condition::CustomerOpenCasesAtLeast(least) => {
                (ConditionKind::CustomerOpenCasesAtLeast, vec![least.to_string()])
            }
            Condition::TimesChasedAtLeast(least) => (ConditionKind::TimesChasedAtLeast, vec![least.to_string()]),
            Condition::TagIn(any) => (ConditionKind::TagIn, any.clone()),
            Condition::WithinBusinessHours(within) => (ConditionKind::WithinBusinessHours, vec![within.to_string()]),
        };
        Self { kind, values, met: None }
    }
}

impl Lookup for RuleSetId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = rule_set::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::RuleSet(RuleSet(row)))))
    }
}
