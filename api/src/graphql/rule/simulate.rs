//! Trying rules before they are published, and measuring hand-overs.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, PartnerId, SellerId, StaffId, TeamId};
use entity::kind::{Channel, Language, Severity};
use entity::{partner, seller};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::table::{Action, at_seller, may, to_directory};
use crate::case::measures::{self, Sum};
use crate::case::simulate::{MOST, PersonLoad, Simulated, Simulation, World};
use crate::directory::catalogue::Catalogue;
use crate::graphql::case::Case;
use crate::graphql::commitment::measures::measured;
use crate::graphql::context::{
    ContextExt, fault_error, forbidden, id, query_error, read_error, required_row, signed_in,
};
use crate::graphql::documents::meter::pay;
use crate::graphql::error::UserError;
use crate::graphql::error::code::Code;
use crate::graphql::event::turn::turn;
use crate::graphql::ownership::RoutingDecision;
use crate::graphql::rule::input::{RuleInput, draft, read_rules};
use crate::graphql::scalar::MoneyInput;
use crate::graphql::staff::{Staff, Team};
use crate::kit::error::{Fault, Problem, Refusal, optional, words};
use crate::kit::text::truncated;
use crate::message::LONGEST;
use crate::ownership::compiled::Compiled;
use crate::ownership::decide::FallbackReason;
use crate::ownership::draft::Size;
use crate::ownership::people;
use crate::ownership::route::{Answers, conclude, search};
use crate::ownership::rule_set;
use crate::ownership::rules::{Facts, Rule};
use crate::texts;

/// The maximum duration of a simulation.
const TIME: Duration = Duration::from_secs(5);

/// The maximum number of cases of a simulation in one answer.
const LISTED: usize = 1_000;

/// A made-up complaint to try rules on.
#[derive(InputObject)]
pub struct RoutingSampleInput {
    /// The channel by which it arrives.
    #[graphql(default_with = "Channel::Web")]
    channel: Channel,
    /// The name of the category of the complaint.
    category: Option<String>,
    /// The name of the product that was bought; at most 200 characters.
    product: Option<String>,
    /// The language that the customer reads.
    #[graphql(default_with = "Language::Sv")]
    language: Language,
    /// What the order cost; left out when it is not known.
    order_amount: Option<MoneyInput>,
    /// The ids of the partners that the complaint names. Ids that are not the seller's own partners are ignored.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// How severe the customer says the matter is.
    severity: Option<Severity>,
    /// The customer's tier at the seller.
    customer_tier: Option<String>,
    /// The number of the customer's other open cases.
    #[graphql(default)]
    customer_open_cases: i32,
    /// How often the customer has had to ask for news of the case.
    #[graphql(default)]
    times_chased: i32,
    /// The id of the owner of the newest of the customer's other open cases; nobody when left out.
    open_case_owner_id: Option<ID>,
    /// The tags that come with the complaint; at most 20 words of 1 to 50 characters.
    #[graphql(default)]
    tags: Vec<String>,
    /// The subject, in one line; at most 1,000 characters.
    #[graphql(default)]
    subject: String,
    /// The customer's words; only the first 20,000 characters are used.
    #[graphql(default)]
    text: String,
    /// When it arrives, UTC; now when left out. Business hours, absences and working hours are evaluated for this time.
    received_at: Option<DateTime<Utc>>,
}

/// What the rules would do with a made-up complaint.
#[derive(SimpleObject)]
pub struct RoutingTest {
    /// The person who would become the owner; null when the rules or the complaint are refused.
    owner: Option<Staff>,
    /// The explanation: the rule, its conditions with the values they were compared with, and the people who were
    /// considered. Null when the rules or the complaint are refused.
    decision: Option<RoutingDecision>,
    /// What is wrong with the rules, as `publishRuleSet` would report it, or with the complaint; empty when all is
    /// well.
    user_errors: Vec<UserError>,
}

/// What the rules would have done with the last cases.
#[derive(SimpleObject)]
pub struct RoutingSimulation {
    /// The outcome of the simulation; null when the rules are refused.
    outcome: Option<SimulationOutcome>,
    /// What is wrong with the rules, as `publishRuleSet` would report it, or with the complaint; empty when all is
    /// well.
    user_errors: Vec<UserError>,
}

/// The outcome of a simulation. The simulation changed nothing.
pub struct SimulationOutcome {
    simulation: Simulation,
}

/// The outcome of a simulation. The simulation changed nothing.
#[Object]
impl SimulationOutcome {
    /// The number of cases that were simulated. It is lower than requested when there are fewer cases, or when their
    /// words are very long.
    async fn cases_looked_at(&self) -> i32 {
        count(self.simulation.cases.len())
    }

    /// The number of cases whose owner would differ from their first owner.
    async fn cases_moved(&self) -> i32 {
        count(self.simulation.moved())
    }

    /// The share of cases, from 0 to 1, that would get a fallback owner whom no rule names.
    async fn fallback_share(&self) -> f64 {
        let (fallbacks, all) = (count(self.simulation.fallbacks()), count(self.simulation.cases.len()));
        if all == 0 { 0.0 } else { f64::from(fallbacks) / f64::from(all) }
    }

    /// The simulated cases, newest first; at most 1,000.
    #[graphql(complexity = "crate::graphql::page::list_cost(50, child_complexity)")]
    async fn cases(
        &self,
        #[graphql(desc = "Whether to list only cases whose owner would differ.", default = true)] moved_only: bool,
        #[graphql(desc = "The maximum number of cases to list; 1 to 1,000.", default = 50)] limit: i32,
    ) -> Vec<SimulatedCase> {
        let most = usize::try_from(limit).unwrap_or(0).min(LISTED);
        let cases = self.simulation.cases.iter().filter(|case| !moved_only || case.owner != case.owner_before);
        let rule = |case: &Simulated| {
            case.rule.and_then(|place| self.simulation.by_rule.get(place)).map(|(name, _)| name.clone())
        };
        cases.take(most).map(|case| SimulatedCase { rule: rule(case), simulated: *case }).collect()
    }

    /// The number of cases that each person would have got.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn by_person(&self, ctx: &Context<'_>) -> Result<Vec<SimulatedLoad>> {
        let load = async |(id, load): (&StaffId, &PersonLoad)| {
            Ok(SimulatedLoad {
                staff: Staff(required_row(ctx.loaders().people.one(*id).await)?),
                cases: count(load.cases),
                cases_before: count(load.cases_before),
                most_open: i32::try_from(load.most_open).unwrap_or(i32::MAX),
            })
        };
        futures_util::future::try_join_all(self.simulation.by_person.iter().map(load)).await
    }

    /// The number of cases that rules would have sent to each team.
    async fn by_team(&self, ctx: &Context<'_>) -> Result<Vec<SimulatedTeam>> {
        let team = async |(id, cases): (&TeamId, &usize)| {
            Ok(SimulatedTeam { team: Team(required_row(ctx.loaders().teams.one(*id).await)?), cases: count(*cases) })
        };
        futures_util::future::try_join_all(self.simulation.by_team.iter().map(team)).await
    }

    /// The number of cases that each rule would have matched, in the order of the rules.
    async fn by_rule(&self) -> Vec<SimulatedRule> {
        let rules = self.simulation.by_rule.iter();
        rules.map(|(rule, cases)| SimulatedRule { rule: rule.clone(), cases: count(*cases) }).collect()
    }

    /// The names of the rules that would have matched no case.
    async fn rules_that_matched_nothing(&self) -> Vec<&str> {
        self.simulation.by_rule.iter().filter(|(_, cases)| *cases == 0).map(|(rule, _)| rule.as_str()).collect()
    }
}

/// One case as the tried rules would have routed it.
pub struct SimulatedCase {
    simulated: Simulated,
    rule: Option<String>,
}

/// One case as the tried rules would have routed it.
#[Object]
impl SimulatedCase {
    /// The case that was simulated.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        required_row(ctx.loaders().cases.one(self.simulated.case).await).map(Case)
    }

    /// The person who became its owner when it was opened.
    async fn owner_before(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.simulated.owner_before).await).map(Staff)
    }

    /// The person who would have become its owner.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.simulated.owner).await).map(Staff)
    }

    /// The name of the rule that would have matched; null when none would have.
    async fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// Why it would have got a fallback owner; null when the rule's own target would have become the owner.
    async fn fallback(&self) -> Option<FallbackReason> {
        self.simulated.fallback
    }
}

/// The cases that one person would have got.
#[derive(SimpleObject)]
pub struct SimulatedLoad {
    /// The member of staff who would have got these cases.
    staff: Staff,
    /// The number of cases that they would have got.
    cases: i32,
    /// The number of cases of which they were the first owner.
    cases_before: i32,
    /// The highest number of cases that they would have had open at the same time, starting from none.
    most_open: i32,
}

/// The cases that rules would have sent to one team.
#[derive(SimpleObject)]
pub struct SimulatedTeam {
    /// The team to which the rules would have sent these cases.
    team: Team,
    /// The number of cases that rules would have sent to the team.
    cases: i32,
}

/// The number of cases that one rule would have matched.
#[derive(SimpleObject)]
pub struct SimulatedRule {
    /// The name of the rule.
    rule: String,
    /// The number of cases that the rule would have matched.
    cases: i32,
}

/// How often cases changed owners, over the cases that were opened in a period.
#[derive(SimpleObject)]
pub struct OwnershipMeasures {
    /// The number of cases that were opened in the period.
    cases: i32,
    /// The number of these cases that got another owner; mergers do not count.
    cases_handed_over: i32,
    /// How often these cases got another owner; mergers do not count.
    handovers: i32,
    /// How often a case came back to somebody who had owned it before.
    returns: i32,
    /// The number of these cases for which routing had to choose a fallback owner.
    cases_with_fallback: i32,
    /// The number of hand-overs that were offered.
    offers: i32,
    /// The number of hand-overs that were accepted.
    offers_accepted: i32,
}

impl From<Sum> for OwnershipMeasures {
    fn from(sum: Sum) -> Self {
        let int = crate::graphql::context::int;
        Self {
            cases: int(sum.cases),
            cases_handed_over: int(sum.cases_handed_over),
            handovers: int(sum.handovers),
            returns: int(sum.returns),
            cases_with_fallback: int(sum.cases_with_fallback),
            offers: int(sum.offers),
            offers_accepted: int(sum.offers_accepted),
        }
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The seller, if the viewer may try rules there.
async fn administered(ctx: &Context<'_>, text: &ID) -> Result<seller::Model> {
    signed_in(ctx)?;
    let not_found = || query_error(&Problem::not_found("sellerId"));
    let seller = id::<SellerId>(text, "sellerId").map_err(|_| not_found())?;
    // Trying rules shows cases, and even an administrator may read only the cases of their own seller.
    if !may(at_seller(ctx.actor(), seller), Action::TryRules) {
        let see = may(to_directory(ctx.actor(), seller), Action::ReadDirectory);
        return Err(if see { forbidden(texts::simulation::for_own_managers()) } else { not_found() });
    }
    let row = seller::Entity::find_by_id(seller).one(ctx.db()).await.map_err(read_error)?;
    row.ok_or_else(not_found)
}

/// The checked rules, or the user errors that say what is wrong with them.
async fn checked(
    ctx: &Context<'_>,
    seller: SellerId,
    inputs: &[RuleInput],
) -> Result<std::result::Result<Vec<Rule>, Vec<UserError>>> {
    let wrong = |problems| Ok(Err(crate::graphql::context::user_errors(ctx, problems)));
    let rules = match read_rules(inputs) {
        Ok(rules) => rules,
        Err(problem) => return wrong(vec![problem]),
    };
    let draft = draft(ctx, rules).await?;
    let problems = rule_set::check(ctx.db(), seller, &draft).await.map_err(read_error)?;
    match problems.refuse_if_any() {
        Ok(()) => Ok(Ok(draft.into_rules())),
        Err(Refusal::Problems(problems)) => wrong(problems),
        Err(Refusal::Fault(fault)) => Err(fault_error(&fault)),
    }
}

/// The price of a simulation in points: it grows with the cases, and with the conditions that each is compared with.
fn price(cases: u64, rules: &[Rule]) -> u32 {
    let conditions = u64::try_from(Size::of(rules).conditions).unwrap_or(u64::MAX);
    u32::try_from(cases / 10 + cases.saturating_mul(conditions) / 2_000).unwrap_or(u32::MAX)
}

fn out_of_time() -> Error {
    Code::Timeout.error(texts::simulation::took_too_long())
}

impl RoutingSampleInput {
    fn facts(
        &self,
        seller: &Answers,
        catalogue: &Catalogue,
        named: &[PartnerId],
        now: DateTime<Utc>,
    ) -> std::result::Result<Facts, Problem> {
        let field = |name: &str| format!("sample.{name}");
        let place = catalogue.place(self.category.as_deref(), self.product.as_deref());
        let mut partners: Vec<PartnerId> = named.to_vec();
        partners.extend(place.partners.iter().filter(|id| !partners.contains(id)).copied().collect::<Vec<_>>());
        Ok(Facts {
            channel: self.channel,
            category: place.category,
            above_category: place.above,
            product: optional(self.product.as_deref(), &field("product"), 200)?,
            language: self.language,
            amount: self.order_amount.as_ref().map(|amount| amount.read("sample.orderAmount")).transpose()?,
            partners,
            severity: self.severity,
            customer_tier: self.customer_tier.clone(),
            customer_open_cases: self.customer_open_cases,
            times_chased: self.times_chased,
            open_case_owner: self
                .open_case_owner_id
                .as_ref()
                .map(|text| id::<StaffId>(text, &field("openCaseOwnerId")))
                .transpose()?,
            tags: words(&self.tags, &field("tags"))?,
            business_hours: seller.open(now),
            subject: optional(Some(&self.subject), &field("subject"), 1_000)?.unwrap_or_default(),
            words: truncated(&self.text, LONGEST),
        })
    }
}

/// Queries that try rules.
#[derive(Default)]
pub struct SimulateQuery;

#[Object]
impl SimulateQuery {
    /// Tries rules on a seller's last cases, in the order in which they were opened. Staff and teams are taken as they
    /// are now, and each person's number of open cases starts at none and changes as it would have. It changes nothing.
    /// It costs points of your share for each case and condition, and fails with `TIMEOUT` after five seconds. For
    /// managers and administrators of the seller.
    async fn simulate_routing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the seller whose cases are used.")] seller_id: ID,
        #[graphql(desc = "The rules to try, as `publishRuleSet` takes them.")] rules: Vec<RuleInput>,
        #[graphql(desc = "The number of the last cases to use; 1 to 20,000.", default = 1_000)] last: i32,
    ) -> Result<RoutingSimulation> {
        let seller = administered(ctx, &seller_id).await?;
        let rules = match checked(ctx, seller.id, &rules).await? {
            Ok(rules) => rules,
            Err(user_errors) => return Ok(RoutingSimulation { outcome: None, user_errors }),
        };
        let last = u64::try_from(last).unwrap_or(0).min(MOST);
        pay(ctx, price(last, &rules))?;
        // The turn is taken before the cases are read, because they are held in memory.
        let turn = turn(ctx).await?;
        let world = World::read(ctx.db(), &seller, last).await.map_err(read_error)?;
        let clock = ctx.app().clock();
        let ends = clock.elapsed() + TIME;
        let simulation = turn.think(move || world.run(rules, || clock.elapsed() >= ends)).await?;
        let simulation = simulation.ok_or_else(out_of_time)?;
        Ok(RoutingSimulation { outcome: Some(SimulationOutcome { simulation }), user_errors: Vec::new() })
    }

    /// Tries rules on one made-up complaint, with everybody's number of open cases as it is now. It changes nothing.
    /// For managers and administrators of the seller.
    async fn test_routing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the seller whose rules and staff are used.")] seller_id: ID,
        #[graphql(desc = "The rules to try; those in force when left out.")] rules: Option<Vec<RuleInput>>,
        #[graphql(desc = "The made-up complaint to route.")] sample: RoutingSampleInput,
    ) -> Result<RoutingTest> {
        let seller = administered(ctx, &seller_id).await?;
        let rules = match rules {
            Some(rules) => checked(ctx, seller.id, &rules).await?,
            None => Ok(rule_set::rules_in_force(ctx.db(), seller.id).await.map_err(read_error)?),
        };
        let rules = match rules {
            Ok(rules) => rules,
            Err(user_errors) => return Ok(RoutingTest { owner: None, decision: None, user_errors }),
        };
        let now = sample.received_at.filter(crate::kit::page::sensible).unwrap_or_else(|| ctx.app().now());
        let answers = Answers::from(&seller);
        let catalogue = Catalogue::read(ctx.db(), seller.id).await.map_err(read_error)?;
        // Partners of other sellers are ignored, as in intake.
        let ids: Vec<PartnerId> = sample.partner_ids.iter().filter_map(|text| text.parse().ok()).collect();
        let own = partner::Entity::find().filter(partner::Column::SellerId.eq(seller.id));
        let own = own.filter(partner::Column::Id.is_in(ids)).all(ctx.db()).await.map_err(read_error)?;
        let named: Vec<PartnerId> = own.into_iter().map(|row| row.id).collect();
        let facts = match sample.facts(&answers, &catalogue, &named, now) {
            Ok(facts) => facts,
            Err(problem) => {
                let user_errors = crate::graphql::context::user_errors(ctx, vec![problem]);
                return Ok(RoutingTest { owner: None, decision: None, user_errors });
            }
        };
        let fault = |fault| fault_error(&fault);
        let compiled = Arc::new(turn(ctx).await?.think(move || Compiled::new(rules)).await?);
        let (facts, found) = search(&compiled, facts).await.map_err(fault)?;
        let rule = found.place.and_then(|place| compiled.rule(place));
        let behind = match rule {
            Some(rule) => Some(
                people::read(ctx.db(), now, &answers, rule.assign_to.stands_for(&facts)).await.map_err(read_error)?,
            ),
            None => None,
        };
        let routed = conclude(rule, found, behind.as_ref(), seller.accountable_id).with(None, facts);
        let row = routed.row(CaseId(Uuid::nil()), 1, now).map_err(|error| fault_error(&Fault::Data(error)))?;
        let owner = Staff(required_row(ctx.loaders().people.one(routed.choice.owner).await)?);
        Ok(RoutingTest { owner: Some(owner), decision: Some(row.into()), user_errors: Vec::new() })
    }

    /// How often your seller's cases changed owners, over the cases that were opened in a period. For staff.
    async fn ownership_measures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only cases opened at this time or later, UTC.")] from: DateTime<Utc>,
        #[graphql(desc = "Only cases opened before this time, UTC.")] until: DateTime<Utc>,
    ) -> Result<OwnershipMeasures> {
        let Some(seller) = measured(ctx, from, until)? else { return Ok(Sum::default().into()) };
        Ok(measures::sum(ctx.db(), seller, (from, until)).await.map_err(read_error)?.into())
    }
}
