//! Rule sets: what they say.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject, Union};
use chrono::{DateTime, Utc};
use entity::id::StaffId;
use entity::kind::Priority;
use entity::rule_set;

use super::context::{ContextExt, int, read_error, there, to_id};
use super::level::ServiceLevel;
use super::partner::Partner;
use super::staff::{Staff, Team};
use crate::kit::money::Money;
use crate::ownership::compiled::Met;
use crate::ownership::rules::{Condition, Rule, Target, TaskAsked};

/// A published rule set. Never changed: publishing makes the next version.
#[derive(Clone)]
pub struct RuleSet(pub rule_set::Model);

impl From<rule_set::Model> for RuleSet {
    fn from(row: rule_set::Model) -> Self {
        Self(row)
    }
}

/// A published rule set. Never changed: publishing makes the next version.
#[Object]
impl RuleSet {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Its number at the seller, from 1; the highest is in force.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// When it was published, UTC.
    async fn published_at(&self) -> DateTime<Utc> {
        self.0.published_at
    }

    /// Who published it.
    async fn published_by(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.0.published_by).await).map(Staff)
    }

    /// Its rules in order; the first that matches names the owner.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn rules(&self) -> Vec<RuleObject> {
        let rules: Vec<Rule> = serde_json::from_value(self.0.rules.clone()).unwrap_or_default();
        rules.into_iter().map(RuleObject).collect()
    }
}

/// A rule: when all of its conditions hold, this is who answers.
pub struct RuleObject(Rule);

/// A rule: when all of its conditions hold, this is who answers.
#[Object(name = "Rule")]
impl RuleObject {
    /// What people call it, unique in its set.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// All must hold; empty for the last rule, which always matches.
    async fn when(&self) -> Vec<RuleCondition> {
        self.0.when.iter().map(RuleCondition::from).collect()
    }

    /// Who then answers: a person, or the member of a team with the fewest open cases.
    async fn assign_to(&self, ctx: &Context<'_>) -> Result<RuleTarget> {
        match self.0.assign_to {
            Target::Person(id) => Ok(RuleTarget::Staff(Staff(there(ctx.loaders().people.one(id).await)?))),
            Target::Team(id) => Ok(RuleTarget::Team(Team(there(ctx.loaders().teams.one(id).await)?))),
            Target::OpenCaseOwner => Ok(RuleTarget::OpenCaseOwner(OpenCaseOwner::default())),
        }
    }

    /// What a member of the team must be able to do; all of them.
    async fn skills(&self) -> &[String] {
        &self.0.then.skills
    }

    /// The priority the case gets; null leaves it normal.
    async fn priority(&self) -> Option<Priority> {
        self.0.then.priority
    }

    /// Tags the case gets.
    async fn tags(&self) -> &[String] {
        &self.0.then.tags
    }

    /// How soon its customer hears from us; null for the seller's own hours.
    async fn service_level(&self, ctx: &Context<'_>) -> Result<Option<ServiceLevel>> {
        match self.0.then.service_level {
            Some(id) => Ok(ctx.loaders().levels.one(id).await.map_err(read_error)?.map(ServiceLevel)),
            None => Ok(None),
        }
    }

    /// A task that a partner is asked to do at once; null for none.
    async fn task(&self) -> Option<RuleTask> {
        self.0.then.task.clone().map(RuleTask)
    }
}

/// A task that a rule asks of a partner when a case is opened.
pub struct RuleTask(TaskAsked);

/// A task that a rule asks of a partner when a case is opened.
#[Object]
impl RuleTask {
    /// Of whom.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        there(ctx.loaders().partners.one(self.0.partner).await).map(Partner)
    }

    /// In one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What is asked.
    async fn asked(&self) -> &str {
        &self.0.asked
    }

    /// Within how many hours it shall be done.
    async fn due_hours(&self) -> i32 {
        self.0.due_hours
    }
}

/// Whom a rule names.
#[derive(Union)]
pub enum RuleTarget {
    /// This person.
    Staff(Staff),
    /// A member of this team.
    Team(Team),
    /// Whoever answers for the customer's newest open case.
    OpenCaseOwner(OpenCaseOwner),
}

/// Whoever answers for the customer's newest open case.
#[derive(Default)]
pub struct OpenCaseOwner(pub Option<StaffId>);

/// Whoever answers for the customer's newest open case.
#[Object]
impl OpenCaseOwner {
    /// Who that was when a case was routed; null in a rule, which stands for whoever it is then.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.0 {
            Some(id) => Ok(ctx.loaders().people.one(id).await.map_err(read_error)?.map(Staff)),
            None => Ok(None),
        }
    }
}

/// What a condition looks at, and how.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConditionKind {
    /// The channel is one of the values.
    ChannelIn,
    /// The category, or one above it in the seller's tree, is one of the values.
    CategoryIn,
    /// The product is one of the values.
    ProductIn,
    /// The product begins with the value.
    ProductStartsWith,
    /// The customer's language is one of the values.
    LanguageIn,
    /// Subject or words contain one of the values.
    TextContains,
    /// Subject or words match the value, a regular expression.
    TextMatches,
    /// The order's amount is known, in the value's currency, and at least the value.
    AmountAtLeast,
    /// The order's amount is known, in the value's currency, and below the value.
    AmountBelow,
    /// A partner among the values is named in the case, or delivers what it is about.
    InvolvesPartner,
    /// Subject or words begin with one of the values.
    TextStartsWith,
    /// The customer says that it is as severe as one of the values.
    SeverityIn,
    /// The customer's tier is one of the values.
    CustomerTierIn,
    /// The customer has at least so many other open cases.
    CustomerOpenCasesAtLeast,
    /// One of the values came with the complaint as a tag.
    TagIn,
    /// It arrived within the seller's business hours ("true"), or outside them ("false").
    WithinBusinessHours,
}

/// A condition, for reading.
#[derive(SimpleObject)]
pub struct RuleCondition {
    /// What it looks at, and how.
    kind: ConditionKind,
    /// The values it compares with: words of enums, texts, amounts as "499.00 SEK", ids of partners.
    values: Vec<String>,
    /// The case's own value that it met, in a decision; of a text only which of the values was found. Null when the case
    /// has none, and where a rule is shown without a case.
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
            Condition::TagIn(any) => (ConditionKind::TagIn, any.clone()),
            Condition::WithinBusinessHours(within) => (ConditionKind::WithinBusinessHours, vec![within.to_string()]),
        };
        Self { kind, values, met: None }
    }
}
