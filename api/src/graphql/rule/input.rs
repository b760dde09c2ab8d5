//! Rules as inputs, and the publishing of a rule set.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, Result};
use entity::id::{PartnerId, SellerId};
use entity::kind::{Channel, Language, Priority, Severity};
use entity::rule_set;

use crate::access::table::{Action, may, to_directory};
use crate::graphql::context::{ContextExt, act, id, ids, user_errors};
use crate::graphql::documents::meter::pay;
use crate::graphql::error::payload;
use crate::graphql::event::turn::turn;
use crate::graphql::rule::RuleSet;
use crate::graphql::scalar::MoneyInput;
use crate::kit::error::{ErrorCode, Problem};
use crate::ownership::draft::{Draft, Size};
use crate::ownership::rules::{Condition, Policy, Rule, Target, TaskAsked};
use crate::texts;

/// One condition of a rule. Texts are compared without regard to case. A list has 1 to 100 values, and a text 1 to 200
/// characters. There is no condition on the seller, because a rule set belongs to one seller.
#[derive(OneofObject, Clone)]
pub enum RuleConditionInput {
    /// The channel of the complaint is one of these.
    ChannelIn(Vec<Channel>),
    /// The category of the complaint, or one above it in the seller's tree, is one of these.
    CategoryIn(Vec<String>),
    /// The product of the complaint is one of these.
    ProductIn(Vec<String>),
    /// The product of the complaint begins with this text.
    ProductStartsWith(String),
    /// The customer's language is one of these.
    LanguageIn(Vec<Language>),
    /// The subject or the words contain one of these texts.
    TextContains(Vec<String>),
    /// The subject, or the first 5,000 characters of the words, match this regular expression; at most 500 bytes.
    TextMatches(String),
    /// The order's amount is known, in this currency, and at least this amount.
    AmountAtLeast(MoneyInput),
    /// The order's amount is known, in this currency, and below this amount.
    AmountBelow(MoneyInput),
    /// One of these partners is named in the complaint, or delivers what it is about.
    InvolvesPartner(Vec<ID>),
    /// The subject or the words begin with one of these texts.
    TextStartsWith(Vec<String>),
    /// The severity that the customer stated is one of these.
    SeverityIn(Vec<Severity>),
    /// The customer's tier is one of these.
    CustomerTierIn(Vec<String>),
    /// The customer has at least this many other open cases; 1 to 1,000, because no more are counted.
    CustomerOpenCasesAtLeast(i32),
    /// The customer has had to ask for news of the case (`Case.timesChased`) at least this many times; 1 to 1,000. A
    /// new case has none: the condition is for decisions about cases whose owner leaves.
    TimesChasedAtLeast(i32),
    /// One of these tags came with the complaint, or was set by staff since. Tags that rules add are not compared.
    TagIn(Vec<String>),
    /// True: the complaint arrived within the seller's business hours. False: it arrived outside them.
    WithinBusinessHours(bool),
}

/// Who becomes the owner of a case that a rule matches.
#[derive(OneofObject, Clone)]
pub enum RuleTargetInput {
    /// The id of an active member of the seller's staff.
    StaffId(ID),
    /// The id of a team with at least one active member. Of the members who have the skills, are not away and not full,
    /// those who are at work go first; of these the one with the fewest open cases for their capacity, then the one who
    /// has waited longest for a case.
    TeamId(ID),
    /// The owner of the customer's newest open case; only `true` is allowed. The rule must have the condition
    /// `customerOpenCasesAtLeast`. If that person is away, the seller's accountable person becomes the owner.
    OpenCaseOwner(bool),
}

/// A rule: when all of its conditions hold for a case, it decides who becomes the owner.
#[derive(InputObject, Clone)]
pub struct RuleInput {
    /// The name of the rule, unique in its rule set; 1 to 100 characters.
    name: String,
    /// The conditions, all of which must hold; at most 100. Without conditions the rule always matches.
    #[graphql(default)]
    when: Vec<RuleConditionInput>,
    /// The target of the rule: who becomes the owner.
    assign_to: RuleTargetInput,
    /// The skills that a member of the team must have; the member must have all of them. At most 20 words of 1 to 50
    /// characters. Only allowed when `assignTo` names a team.
    #[graphql(default)]
    skills: Vec<String>,
    /// The priority that the case gets; `NORMAL` when left out.
    priority: Option<Priority>,
    /// The tags that the case gets; at most 20 words of 1 to 50 characters.
    #[graphql(default)]
    tags: Vec<String>,
    /// The id of the service level that the case gets. When left out, the case gets the level for its category or
    /// priority, else the seller's own times.
    service_level_id: Option<ID>,
    /// A task that a partner is asked to do when the case is opened; no task when left out.
    task: Option<RuleTaskInput>,
}

/// A task that a rule requests from a partner when a case is opened. The case keeps its owner.
#[derive(InputObject, Clone)]
pub struct RuleTaskInput {
    /// The id of an active partner of the seller, which is asked.
    partner_id: ID,
    /// The title of the task, in one line; 1 to 200 characters.
    title: String,
    /// What the partner is asked to do; 1 to 5,000 characters.
    asked: String,
    /// The hours within which the task must be done, counted from the opening of the case, nights and holidays
    /// included; 1 to 8,760.
    due_hours: i32,
}

/// The input of `publishRuleSet`.
#[derive(InputObject)]
pub struct PublishRuleSetInput {
    /// The id of the seller whose rules they are.
    seller_id: ID,
    /// The rules in order: the first that matches wins, and the last must always match. At most 1,000 rules. All rules
    /// together have at most 5,000 conditions, 20,000 values (2,000 of them for `textContains` and `textStartsWith`),
    /// 20 regular expressions and 500,000 bytes of text. Checking them costs points of your share: one for each rule,
    /// condition and value, 50 for each regular expression, and one for each 100 bytes of text.
    rules: Vec<RuleInput>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the rule set in force that you read; 0 when there is none. If it has changed since, nothing is
    /// done and the error's code is `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `publishRuleSet`.
    PublishRuleSetPayload {
        /// The rule set that is now in force.
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
        RuleConditionInput::TimesChasedAtLeast(least) => Condition::TimesChasedAtLeast(least),
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
                return Err(Problem::new(ErrorCode::Invalid, &field, texts::api::open_case_owner()));
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

/// Reads the rules of an input.
///
/// # Errors
/// `INVALID` for the first id or amount that cannot be read, with its field.
pub fn read_rules(inputs: &[RuleInput]) -> std::result::Result<Vec<Rule>, Problem> {
    inputs.iter().enumerate().map(|(number, rule)| read_rule(rule, number)).collect()
}

/// Checks rules, and charges the viewer's share by their size.
///
/// # Errors
/// `RATE_LIMITED` when the viewer's share is used up, and `BUSY` when the service has too much to do.
pub async fn draft(ctx: &Context<'_>, rules: Vec<Rule>) -> Result<Draft> {
    pay(ctx, Size::of(&rules).points())?;
    turn(ctx).await?.think(move || Draft::of(rules)).await
}

/// Acts on rule sets.
#[derive(Default)]
pub struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Publishes a seller's rules as the next version of its rule set. New cases are routed by it at once; cases that
    /// have an owner keep their owner. It is refused, naming the rule and the field, when a rule cannot be compiled or
    /// can never match because of an earlier one, when a person, team, partner or service level in it is not an active
    /// one of the seller, or when the last rule has conditions. Try the rules first with `simulateRouting`. For
    /// administrators.
    async fn publish_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rules and their seller.")] input: PublishRuleSetInput,
    ) -> Result<PublishRuleSetPayload> {
        // Checked before the act begins, because an act holds a connection; on SQLite it is the only one that writes.
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
