//! Rules as they are written: inputs, publishing a set.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use entity::id::{PartnerId, SellerId};
use entity::kind::{Channel, Language, Priority, Severity};
use entity::rule_set;

use super::context::{ContextExt, act, id, ids, user_errors};
use super::error::payload;
use super::meter::pay;
use super::rule::RuleSet;
use super::scalar::MoneyInput;
use super::turn::turn;
use crate::access::table::{Action, may, to_directory};
use crate::kit::error::{ErrorCode, Problem};
use crate::ownership::draft::{Draft, Size};
use crate::ownership::rules::{Condition, Policy, Rule, Target, TaskAsked};

/// One condition. Texts are compared without regard to case. The seller needs none: a rule set is one seller's.
#[derive(OneofObject, Clone)]
pub enum RuleConditionInput {
    /// The complaint came by one of these.
    ChannelIn(Vec<Channel>),
    /// Its category, or one above it in the seller's tree, is one of these.
    CategoryIn(Vec<String>),
    /// Its product is one of these.
    ProductIn(Vec<String>),
    /// Its product begins with this.
    ProductStartsWith(String),
    /// The customer reads one of these.
    LanguageIn(Vec<Language>),
    /// Subject or words contain one of these.
    TextContains(Vec<String>),
    /// The subject, or the first 5,000 characters of the words, match this regular expression of at most 500 bytes.
    TextMatches(String),
    /// The order's amount is known, in this currency, and at least this.
    AmountAtLeast(MoneyInput),
    /// The order's amount is known, in this currency, and below this.
    AmountBelow(MoneyInput),
    /// One of these partners is named in the case, or delivers what it is about.
    InvolvesPartner(Vec<ID>),
    /// Subject or words begin with one of these.
    TextStartsWith(Vec<String>),
    /// The customer says that it is this severe.
    SeverityIn(Vec<Severity>),
    /// The customer's tier is one of these.
    CustomerTierIn(Vec<String>),
    /// The customer has at least so many other open cases; 1 to 1,000, up to which they are counted.
    CustomerOpenCasesAtLeast(i32),
    /// One of these tags came with the complaint.
    TagIn(Vec<String>),
    /// It arrived within the seller's business hours, or outside them.
    WithinBusinessHours(bool),
}

/// Whom a rule names.
#[derive(OneofObject, Clone)]
pub enum RuleTargetInput {
    /// This member of the seller's staff.
    StaffId(ID),
    /// The member of this team with the fewest open cases; among equals the one who has waited longest.
    TeamId(ID),
    /// Whoever answers for the customer's newest open case; only `true`. The rule must have the condition
    /// `customerOpenCasesAtLeast`. If that person is away, the seller's accountable person answers.
    OpenCaseOwner(bool),
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
    /// What a member of the team must be able to do; all of them. Only where a team is named.
    #[graphql(default)]
    skills: Vec<String>,
    /// The priority the case gets; normal when left out.
    priority: Option<Priority>,
    /// Tags the case gets.
    #[graphql(default)]
    tags: Vec<String>,
    /// How soon its customer hears from us; the seller's own hours when left out.
    service_level_id: Option<ID>,
    /// A task that a partner is asked to do at once.
    task: Option<RuleTaskInput>,
}

/// A task that a rule asks of a partner when a case is opened. The case keeps its owner.
#[derive(InputObject, Clone)]
pub struct RuleTaskInput {
    /// Of whom.
    partner_id: ID,
    /// In one line; 1 to 200 characters.
    title: String,
    /// What is asked; 1 to 5,000 characters.
    asked: String,
    /// Within how many hours it shall be done; 1 to 8,760.
    due_hours: i32,
}

/// Publishes a seller's rules as its next version.
#[derive(InputObject)]
pub struct PublishRuleSetInput {
    /// Whose rules.
    seller_id: ID,
    /// In order; the first that matches wins, and the last must always match. At most 1,000, with at most 5,000 conditions,
    /// 20,000 values, of them 2,000 words to look for in texts, 20 patterns, and 500,000 bytes of texts in all. Each
    /// counts as a point of your share.
    rules: Vec<RuleInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version you act on: when the rule set in force has another by now, nothing is changed and you are told.
    expected_version: Option<i32>,
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
        RuleConditionInput::TextStartsWith(any) => Condition::TextStartsWith(any),
        RuleConditionInput::SeverityIn(any) => Condition::SeverityIn(any),
        RuleConditionInput::CustomerTierIn(any) => Condition::CustomerTierIn(any),
        RuleConditionInput::CustomerOpenCasesAtLeast(least) => Condition::CustomerOpenCasesAtLeast(least),
        RuleConditionInput::TagIn(any) => Condition::TagIn(any),
        RuleConditionInput::WithinBusinessHours(within) => Condition::WithinBusinessHours(within),
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
            RuleTargetInput::OpenCaseOwner(true) => Target::OpenCaseOwner,
            RuleTargetInput::OpenCaseOwner(false) => {
                let en = "Say `openCaseOwner: true`, or name a person or a team.";
                let sv = "Ange `openCaseOwner: true`, eller en person eller ett team.";
                return Err(Problem::new(ErrorCode::Invalid, &field, en, sv));
            }
        },
        then: Policy {
            skills: input.skills.clone(),
            priority: input.priority,
            tags: input.tags.clone(),
            service_level: input
                .service_level_id
                .as_ref()
                .map(|level| id(level, &format!("rules.{number}.serviceLevelId")))
                .transpose()?,
            task: input.task.as_ref().map(|task| read_task(task, number)).transpose()?,
        },
    })
}

fn read_task(input: &RuleTaskInput, number: usize) -> std::result::Result<TaskAsked, Problem> {
    Ok(TaskAsked {
        partner: id(&input.partner_id, &format!("rules.{number}.task.partnerId"))?,
        title: input.title.clone(),
        asked: input.asked.clone(),
        due_hours: input.due_hours,
    })
}

/// Rules as they were written.
///
/// # Errors
/// The first id or amount that is none, with its place.
pub fn read_rules(inputs: &[RuleInput]) -> std::result::Result<Vec<Rule>, Problem> {
    inputs.iter().enumerate().map(|(number, rule)| read_rule(rule, number)).collect()
}

/// Looks at rules, paid for by how many they are.
///
/// # Errors
/// When whoever asks has nothing left to pay with, or the service has too much to do.
pub async fn draft(ctx: &Context<'_>, rules: Vec<Rule>) -> Result<Draft> {
    pay(ctx, Size::of(&rules).points())?;
    turn(ctx).await?.think(move || Draft::of(rules)).await
}

/// Acts on rule sets.
#[derive(Default)]
pub struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Publishes a seller's rules as its next version; new cases are routed by it at once, cases that have an owner keep
    /// theirs. Refused, with the rule and the field, when a rule does not compile or can never match because of an
    /// earlier one, a target is not active, or the last rule could fail to match. Try them before with `simulateRouting`. For administrators.
    async fn publish_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rules, and whose.")] input: PublishRuleSetInput,
    ) -> Result<PublishRuleSetPayload> {
        // Looked at before the act, which holds a connection; on SQLite the only one that writes.
        let administers = |seller| may(to_directory(ctx.actor(), seller), Action::Administer);
        let draft = match read_rules(&input.rules) {
            _ if !input.seller_id.parse().is_ok_and(administers) => Draft::default(),
            Ok(rules) => draft(ctx, rules).await?,
            Err(problem) => return Ok(Err::<rule_set::Model, _>(user_errors(ctx, vec![problem])).into()),
        };
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            crate::ownership::rule_set::publish(work, seller, &draft).await
        });
        Ok(done.await?.into())
    }
}
