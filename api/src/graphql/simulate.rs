//! Trying rules before they are published, and what hand-overs cost.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{CaseId, PartnerId, SellerId, StaffId, TeamId};
use entity::kind::{Channel, Language, Severity};
use entity::{partner, seller};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::case::Case;
use super::code::Code;
use super::context::{ContextExt, fault_error, forbidden, id, query_error, read_error, signed_in, there};
use super::error::UserError;
use super::meter::pay;
use super::ownership::RoutingDecision;
use super::rule_input::{RuleInput, draft, read_rules};
use super::scalar::MoneyInput;
use super::staff::{Staff, Team};
use super::turn::turn;
use crate::access::table::{Action, at_seller, may, to_directory};
use crate::case::measures::{self, Sum};
use crate::case::simulate::{Load, MOST, Simulated, Simulation, World};
use crate::directory::catalogue::Catalogue;
use crate::kit::actor::Actor;
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

/// How long a simulation may take.
const TIME: Duration = Duration::from_secs(5);

/// Cases of a simulation that one answer lists at most.
const LISTED: usize = 1_000;

/// A complaint made up to try rules on.
#[derive(InputObject)]
pub struct RoutingSampleInput {
    /// How it comes.
    #[graphql(default_with = "Channel::Web")]
    channel: Channel,
    /// The seller's word for the kind of complaint.
    category: Option<String>,
    /// What was bought.
    product: Option<String>,
    /// What the customer reads.
    #[graphql(default_with = "Language::Sv")]
    language: Language,
    /// What the order cost.
    order_amount: Option<MoneyInput>,
    /// Partners named.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// How severe the customer says it is.
    severity: Option<Severity>,
    /// The customer's tier.
    customer_tier: Option<String>,
    /// The customer's other open cases.
    #[graphql(default)]
    customer_open_cases: i32,
    /// Who answers for the newest of these; nobody when left out.
    open_case_owner_id: Option<ID>,
    /// Tags that come with it.
    #[graphql(default)]
    tags: Vec<String>,
    /// In one line.
    #[graphql(default)]
    subject: String,
    /// The customer's words.
    #[graphql(default)]
    text: String,
    /// When it arrives, UTC; now when left out. Absences and working hours are looked at for this instant too.
    received_at: Option<DateTime<Utc>>,
}

/// What would become of a made-up complaint.
#[derive(SimpleObject)]
pub struct RoutingTest {
    /// Who would own it; null when the rules are refused.
    owner: Option<Staff>,
    /// Why: the rule, its conditions with the values they met, the people considered.
    decision: Option<RoutingDecision>,
    /// What is wrong with the rules, as `publishRuleSet` would say it.
    user_errors: Vec<UserError>,
}

/// What would have become of the last cases.
#[derive(SimpleObject)]
pub struct RoutingSimulation {
    /// The outcome; null when the rules are refused.
    outcome: Option<SimulationOutcome>,
    /// What is wrong with the rules, as `publishRuleSet` would say it.
    user_errors: Vec<UserError>,
}

/// The outcome of a simulation. Nothing was changed by it.
pub struct SimulationOutcome {
    simulation: Simulation,
}

/// The outcome of a simulation. Nothing was changed by it.
#[Object]
impl SimulationOutcome {
    /// How many cases were looked at: fewer than asked for where there are not so many, or their words are very long.
    async fn cases_looked_at(&self) -> i32 {
        count(self.simulation.cases.len())
    }

    /// How many would have another owner than whom they were first given to.
    async fn cases_moved(&self) -> i32 {
        count(self.simulation.moved())
    }

    /// The share, 0 to 1, that would fall back on whom no rule names.
    async fn fallback_share(&self) -> f64 {
        let (fallbacks, all) = (count(self.simulation.fallbacks()), count(self.simulation.cases.len()));
        if all == 0 { 0.0 } else { f64::from(fallbacks) / f64::from(all) }
    }

    /// Each case, newest first; at most 1,000.
    #[graphql(complexity = "super::page::list_cost(50, child_complexity)")]
    async fn cases(
        &self,
        #[graphql(desc = "Only those whose owner would be another.", default = true)] moved_only: bool,
        #[graphql(desc = "How many; 1 to 1,000.", default = 50)] limit: i32,
    ) -> Vec<SimulatedCase> {
        let most = usize::try_from(limit).unwrap_or(0).min(LISTED);
        let cases = self.simulation.cases.iter().filter(|case| !moved_only || case.owner != case.owner_before);
        let rule = |case: &Simulated| {
            case.rule.and_then(|place| self.simulation.by_rule.get(place)).map(|(name, _)| name.clone())
        };
        cases.take(most).map(|case| SimulatedCase { rule: rule(case), simulated: *case }).collect()
    }

    /// What each person would have got.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn by_person(&self, ctx: &Context<'_>) -> Result<Vec<SimulatedLoad>> {
        let load = async |(id, load): (&StaffId, &Load)| {
            Ok(SimulatedLoad {
                staff: Staff(there(ctx.loaders().people.one(*id).await)?),
                cases: count(load.cases),
                cases_before: count(load.cases_before),
                most_open: i32::try_from(load.most_open).unwrap_or(i32::MAX),
            })
        };
        futures_util::future::try_join_all(self.simulation.by_person.iter().map(load)).await
    }

    /// What rules would have sent to each team.
    async fn by_team(&self, ctx: &Context<'_>) -> Result<Vec<SimulatedTeam>> {
        let team = async |(id, cases): (&TeamId, &usize)| {
            Ok(SimulatedTeam { team: Team(there(ctx.loaders().teams.one(*id).await)?), cases: count(*cases) })
        };
        futures_util::future::try_join_all(self.simulation.by_team.iter().map(team)).await
    }

    /// How many cases each rule would have matched, in their order.
    async fn by_rule(&self) -> Vec<SimulatedRule> {
        let rules = self.simulation.by_rule.iter();
        rules.map(|(rule, cases)| SimulatedRule { rule: rule.clone(), cases: count(*cases) }).collect()
    }

    /// Rules that matched nothing.
    async fn rules_that_matched_nothing(&self) -> Vec<&str> {
        self.simulation.by_rule.iter().filter(|(_, cases)| *cases == 0).map(|(rule, _)| rule.as_str()).collect()
    }
}

/// One case under the draft.
pub struct SimulatedCase {
    simulated: Simulated,
    rule: Option<String>,
}

/// One case under the draft.
#[Object]
impl SimulatedCase {
    /// Which.
    async fn case(&self, ctx: &Context<'_>) -> Result<Case> {
        there(ctx.loaders().cases.one(self.simulated.case).await).map(Case)
    }

    /// Whom it was first given to.
    async fn owner_before(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.simulated.owner_before).await).map(Staff)
    }

    /// Who would get it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Staff> {
        there(ctx.loaders().people.one(self.simulated.owner).await).map(Staff)
    }

    /// The rule that would match; null when none would.
    async fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// Why it would fall back on whom no rule names; null when a rule's own target answers.
    async fn fallback(&self) -> Option<FallbackReason> {
        self.simulated.fallback
    }
}

/// What one person would have got.
#[derive(SimpleObject)]
pub struct SimulatedLoad {
    /// Who.
    staff: Staff,
    /// Cases they would have got.
    cases: i32,
    /// Cases they were first given.
    cases_before: i32,
    /// Open cases at once, at most, starting from none.
    most_open: i32,
}

/// What rules would have sent to a team.
#[derive(SimpleObject)]
pub struct SimulatedTeam {
    /// Which.
    team: Team,
    /// Cases.
    cases: i32,
}

/// How many cases a rule would have matched.
#[derive(SimpleObject)]
pub struct SimulatedRule {
    /// Its name.
    rule: String,
    /// Cases.
    cases: i32,
}

/// What hand-overs cost, over the cases opened in a time.
#[derive(SimpleObject)]
pub struct OwnershipMeasures {
    /// Cases opened.
    cases: i32,
    /// Of them, those that got another owner.
    cases_handed_over: i32,
    /// How often they got another owner; merging is none.
    handovers: i32,
    /// How often one came back to somebody who had owned it before.
    returns: i32,
    /// Of them, those where the rules fell back on whom no rule named.
    cases_with_fallback: i32,
    /// Hand-overs offered.
    offers: i32,
    /// Of them, those accepted.
    offers_accepted: i32,
}

impl From<Sum> for OwnershipMeasures {
    fn from(sum: Sum) -> Self {
        let int = super::context::int;
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

/// The seller whose rules the viewer administers.
async fn administered(ctx: &Context<'_>, text: &ID) -> Result<seller::Model> {
    signed_in(ctx)?;
    let not_found = || query_error(&Problem::not_found("sellerId"));
    let seller = id::<SellerId>(text, "sellerId").map_err(|_| not_found())?;
    // Trying rules shows cases: an administrator reads those of their own seller only.
    if !may(at_seller(ctx.actor(), seller), Action::TryRules) {
        let see = may(to_directory(ctx.actor(), seller), Action::ReadDirectory);
        return Err(if see {
            forbidden(
                "Rules are for the seller's own managers and administrators to try.",
                "Regler provas av säljarens egna chefer och administratörer.",
            )
        } else {
            not_found()
        });
    }
    let row = seller::Entity::find_by_id(seller).one(ctx.db()).await.map_err(read_error)?;
    row.ok_or_else(not_found)
}

/// The draft, or what is wrong with it.
async fn checked(
    ctx: &Context<'_>,
    seller: SellerId,
    inputs: &[RuleInput],
) -> Result<std::result::Result<Vec<Rule>, Vec<UserError>>> {
    let wrong = |problems| Ok(Err(super::context::user_errors(ctx, problems)));
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

/// What a simulation costs: its cases, and what each is compared with.
fn price(cases: u64, rules: &[Rule]) -> u32 {
    let conditions = u64::try_from(Size::of(rules).conditions).unwrap_or(u64::MAX);
    u32::try_from(cases / 10 + cases.saturating_mul(conditions) / 2_000).unwrap_or(u32::MAX)
}

fn out_of_time() -> Error {
    Code::Timeout.error(
        "Trying these rules took too long and was given up. Try fewer cases, or fewer rules.",
        "Att prova de här reglerna tog för lång tid och gavs upp. Prova färre ärenden, eller färre regler.",
    )
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

/// Reads that try rules.
#[derive(Default)]
pub struct SimulateQuery;

#[Object]
impl SimulateQuery {
    /// Tries rules on a seller's last cases, in the order in which they came, with its people as they are now and loads
    /// that grow and shrink as they would have. Changes nothing. For managers and administrators.
    async fn simulate_routing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose cases.")] seller_id: ID,
        #[graphql(desc = "The rules to try, as `publishRuleSet` takes them.")] rules: Vec<RuleInput>,
        #[graphql(desc = "How many of the last cases; 1 to 20,000.", default = 1_000)] last: i32,
    ) -> Result<RoutingSimulation> {
        let seller = administered(ctx, &seller_id).await?;
        let rules = match checked(ctx, seller.id, &rules).await? {
            Ok(rules) => rules,
            Err(user_errors) => return Ok(RoutingSimulation { outcome: None, user_errors }),
        };
        let last = u64::try_from(last).unwrap_or(0).min(MOST);
        pay(ctx, price(last, &rules))?;
        // Before the cases are read: they are held in memory.
        let turn = turn(ctx).await?;
        let world = World::read(ctx.db(), &seller, last).await.map_err(read_error)?;
        let clock = ctx.app().clock();
        let ends = clock.elapsed() + TIME;
        let simulation = turn.think(move || world.run(rules, || clock.elapsed() >= ends)).await?;
        let simulation = simulation.ok_or_else(out_of_time)?;
        Ok(RoutingSimulation { outcome: Some(SimulationOutcome { simulation }), user_errors: Vec::new() })
    }

    /// Tries rules on one made-up complaint, with everybody's load as it is now. Changes nothing. For managers and
    /// administrators.
    async fn test_routing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose rules and people.")] seller_id: ID,
        #[graphql(desc = "The rules to try; those in force when left out.")] rules: Option<Vec<RuleInput>>,
        #[graphql(desc = "The complaint.")] sample: RoutingSampleInput,
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
        // Others than the seller's own are left out, as intake does.
        let ids: Vec<PartnerId> = sample.partner_ids.iter().filter_map(|text| text.parse().ok()).collect();
        let own = partner::Entity::find().filter(partner::Column::SellerId.eq(seller.id));
        let own = own.filter(partner::Column::Id.is_in(ids)).all(ctx.db()).await.map_err(read_error)?;
        let named: Vec<PartnerId> = own.into_iter().map(|row| row.id).collect();
        let facts = match sample.facts(&answers, &catalogue, &named, now) {
            Ok(facts) => facts,
            Err(problem) => {
                let user_errors = super::context::user_errors(ctx, vec![problem]);
                return Ok(RoutingTest { owner: None, decision: None, user_errors });
            }
        };
        let fault = |fault| fault_error(&fault);
        let compiled = Arc::new(turn(ctx).await?.think(move || Compiled::new(rules)).await?);
        let (facts, found) = search(&compiled, facts).await.map_err(fault)?;
        let rule = found.place.and_then(|place| compiled.rule(place));
        let behind = match rule {
            Some(rule) => Some(people::read(ctx.db(), now, &answers, rule.assign_to).await.map_err(read_error)?),
            None => None,
        };
        let routed = conclude(rule, found, behind.as_ref(), seller.accountable_id).with(None, facts);
        let row = routed.row(CaseId(Uuid::nil()), 1, now).map_err(|error| fault_error(&Fault::Data(error)))?;
        let owner = Staff(there(ctx.loaders().people.one(routed.choice.owner).await)?);
        Ok(RoutingTest { owner: Some(owner), decision: Some(row.into()), user_errors: Vec::new() })
    }

    /// What hand-overs cost your seller, over the cases opened in a time. For staff.
    async fn ownership_measures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Cases opened from this instant, UTC.")] from: DateTime<Utc>,
        #[graphql(desc = "And before this one, UTC.")] until: DateTime<Utc>,
    ) -> Result<OwnershipMeasures> {
        signed_in(ctx)?;
        let Actor::Staff { seller, .. } = ctx.actor() else {
            return Err(forbidden("Measures are for the seller's staff.", "Mätvärdena är för säljarens personal."));
        };
        if !crate::kit::page::sensible(&from) || !crate::kit::page::sensible(&until) {
            return Ok(Sum::default().into());
        }
        Ok(measures::sum(ctx.db(), seller, (from, until)).await.map_err(read_error)?.into())
    }
}
