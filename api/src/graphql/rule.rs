//! Rule sets: what they say, and publishing one.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, Result, SimpleObject, Union};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, SellerId};
use entity::kind::{Channel, Language, Priority};
use entity::rule_set;

use super::context::{ContextExt, act, id, ids, int, there, to_id};
use super::error::payload;
use super::scalar::MoneyInput;
use super::staff::{Staff, Team};
use crate::kit::error::Problem;
use crate::kit::money::Money;
use crate::ownership::rules::{Condition, Rule, Target};

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
        }
    }

    /// The priority the case gets; null leaves it normal.
    async fn priority(&self) -> Option<Priority> {
        self.0.priority
    }
}

/// Whom a rule names.
#[derive(Union)]
pub enum RuleTarget {
    /// This person.
    Staff(Staff),
    /// A member of this team.
    Team(Team),
}

/// What a condition looks at, and how.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConditionKind {
    /// The channel is one of the values.
    ChannelIn,
    /// The category is one of the values.
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
    /// A partner among the values is named in the case.
    InvolvesPartner,
}

/// A condition, for reading.
#[derive(SimpleObject)]
pub struct RuleCondition {
    /// What it looks at, and how.
    kind: ConditionKind,
    /// The values it compares with: words of enums, texts, amounts as "499.00 SEK", ids of partners.
    values: Vec<String>,
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
        };
        Self { kind, values }
    }
}

/// One condition. Texts are compared without regard to case. The seller needs none: a rule set is one seller's.
#[derive(OneofObject, Clone)]
pub enum RuleConditionInput {
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
    /// Subject or words contain one of these.
    TextContains(Vec<String>),
    /// Subject or words match this regular expression, bounded in size and linear in time.
    TextMatches(String),
    /// The order's amount is known, in this currency, and at least this.
    AmountAtLeast(MoneyInput),
    /// The order's amount is known, in this currency, and below this.
    AmountBelow(MoneyInput),
    /// One of these partners is named in the case.
    InvolvesPartner(Vec<ID>),
}

/// Whom a rule names.
#[derive(OneofObject, Clone)]
pub enum RuleTargetInput {
    /// This member of the seller's staff.
    StaffId(ID),
    /// The member of this team with the fewest open cases; among equals the one who has waited longest.
    TeamId(ID),
}

/// A rule.
#[derive(InputObject, Clone)]
pub struct RuleInput {
    /// What people call it, unique in its set; 1 to 100 characters.
    name: String,
    /// All must hold; at most 100. None means that the rule always matches.
    #[graphql(default)]
    when: Vec<RuleConditionInput>,
    /// Who then answers.
    assign_to: RuleTargetInput,
    /// The priority the case gets; normal when left out.
    priority: Option<Priority>,
}

/// Publishes a seller's rules as its next version.
#[derive(InputObject)]
pub struct PublishRuleSetInput {
    /// Whose rules.
    seller_id: ID,
    /// In order; the first that matches wins, and the last must always match. At most 1,000.
    rules: Vec<RuleInput>,
}

payload! {
    /// The answer to `publishRuleSet`.
    PublishRuleSetPayload {
        /// The version now in force.
        rule_set: RuleSet
    }
}

fn read_condition(input: &RuleConditionInput, path: &str) -> std::result::Result<Condition, Problem> {
    Ok(match input.clone() {
        RuleConditionInput::ChannelIn(any) => Condition::ChannelIn(any),
        RuleConditionInput::CategoryIn(any) => Condition::CategoryIn(any),
        RuleConditionInput::ProductIn(any) => Condition::ProductIn(any),
        RuleConditionInput::ProductStartsWith(start) => Condition::ProductStartsWith(start),
        RuleConditionInput::LanguageIn(any) => Condition::LanguageIn(any),
        RuleConditionInput::TextContains(any) => Condition::TextContains(any),
        RuleConditionInput::TextMatches(pattern) => Condition::TextMatches(pattern),
        RuleConditionInput::AmountAtLeast(amount) => {
            Condition::AmountAtLeast(amount.read(&format!("{path}.amountAtLeast"))?)
        }
        RuleConditionInput::AmountBelow(amount) => Condition::AmountBelow(amount.read(&format!("{path}.amountBelow"))?),
        RuleConditionInput::InvolvesPartner(any) => {
            Condition::InvolvesPartner(ids::<PartnerId>(&any, &format!("{path}.involvesPartner"))?)
        }
    })
}

fn read_rule(input: &RuleInput, number: usize) -> std::result::Result<Rule, Problem> {
    let condition = |(place, input)| read_condition(input, &format!("rules.{number}.when.{place}"));
    let field = format!("rules.{number}.assignTo");
    Ok(Rule {
        name: input.name.clone(),
        when: input.when.iter().enumerate().map(condition).collect::<std::result::Result<_, _>>()?,
        assign_to: match &input.assign_to {
            RuleTargetInput::StaffId(text) => Target::Person(id(text, &field)?),
            RuleTargetInput::TeamId(text) => Target::Team(id(text, &field)?),
        },
        priority: input.priority,
    })
}

/// Acts on rule sets.
#[derive(Default)]
pub struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Publishes a seller's rules as its next version; new cases are routed by it at once, cases that have an owner keep
    /// theirs. Refused, with the rule and the field, when a rule does not compile, a target is not active, or the last
    /// rule could fail to match. For administrators.
    async fn publish_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rules, and whose.")] input: PublishRuleSetInput,
    ) -> Result<PublishRuleSetPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let read = input.rules.iter().enumerate().map(|(number, rule)| read_rule(rule, number));
            let rules = read.collect::<std::result::Result<_, _>>()?;
            crate::ownership::rule_set::publish(work, seller, rules).await
        });
        Ok(done.await?.into())
    }
}
