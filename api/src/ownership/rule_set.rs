//! Rule sets as versioned rows: published whole, never changed, the newest of a seller in force. Publishing refuses a
//! set that could leave a case to chance: a rule that does not compile, a target nobody is behind, no last rule that
//! always matches.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{PartnerId, RuleSetId, SellerId, ServiceLevelId, StaffId, TeamId};
use entity::{partner, rule_set, service_level, staff, team_member};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::compiled::{Compiled, pattern_of};
use super::rules::{Condition, MAX_RULES, MAX_VALUES, Rule, Target, TaskAsked};
use super::shadow;
use crate::access::door;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required, words};
use crate::kit::work::Work;

/// The rule set in force, ready to use.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Its row's id.
    pub id: RuleSetId,
    /// Its number, from 1.
    pub version: i64,
    /// Its rules.
    pub compiled: Arc<Compiled>,
}

/// Compiled rule sets, the newest per seller.
#[derive(Default)]
struct Cache(Mutex<HashMap<SellerId, InForce>>);

/// The rule set in force at a seller; none before the first is published.
///
/// # Errors
/// When the store cannot be read.
pub async fn in_force(work: &Work, seller: SellerId) -> Outcome<Option<InForce>> {
    let newest: Option<(RuleSetId, i64)> = rule_set::Entity::find()
        .select_only()
        .columns([rule_set::Column::Id, rule_set::Column::Version])
        .filter(rule_set::Column::SellerId.eq(seller))
        .order_by_desc(rule_set::Column::Version)
        .limit(1)
        .into_tuple()
        .one(work.tx()?)
        .await?;
    match newest {
        Some((id, version)) => load(work, seller, id, version).await.map(Some),
        None => Ok(None),
    }
}

/// This version of a seller's rules, compiled; from memory when it was used before.
///
/// # Errors
/// When the store cannot be read.
pub async fn load(work: &Work, seller: SellerId, id: RuleSetId, version: i64) -> Outcome<InForce> {
    let cache = work.app().part::<Cache>();
    let known = cache.0.lock().unwrap_or_else(PoisonError::into_inner).get(&seller).cloned();
    if let Some(known) = known.filter(|known| known.id == id) {
        return Ok(known);
    }
    let row = rule_set::Entity::find_by_id(id).one(work.tx()?).await?.ok_or(Fault::Broken("a rule set stays"))?;
    let rules = serde_json::from_value(row.rules).unwrap_or_else(|error| {
        // The seller's accountable person answers until this is repaired; a case never waits for it.
        tracing::error!(%id, %error, "a stored rule set cannot be read: cases go to the fallback owner");
        Vec::new()
    });
    let in_force = InForce { id, version, compiled: Arc::new(Compiled::new(rules)) };
    cache.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seller, in_force.clone());
    Ok(in_force)
}

/// The rules in force at a seller, to try; none before the first set is published.
///
/// # Errors
/// When the store cannot be read.
pub async fn rules_in_force(db: &impl ConnectionTrait, seller: SellerId) -> Result<Vec<Rule>, DbErr> {
    let query = rule_set::Entity::find().filter(rule_set::Column::SellerId.eq(seller));
    let newest = query.order_by_desc(rule_set::Column::Version).one(db).await?;
    Ok(newest.and_then(|row| serde_json::from_value(row.rules).ok()).unwrap_or_default())
}

/// Publishes rules as the seller's next version.
///
/// # Errors
/// Every reason why the set is refused, each with the rule and the field.
pub async fn publish(work: &mut Work, seller: SellerId, rules: Vec<Rule>) -> Outcome<rule_set::Model> {
    // Locked: one after the other, each takes the next number.
    door::seller(work, seller, "sellerId").await?;
    let by = work.actor().staff().ok_or(Fault::Broken("administrators are staff"))?;
    let mut problems = Problems::default();
    let rules = check(work.tx()?, seller, rules, &mut problems).await?;
    problems.refuse_if_any()?;
    let newest = rule_set::Entity::find()
        .filter(rule_set::Column::SellerId.eq(seller))
        .order_by_desc(rule_set::Column::Version)
        .one(work.tx()?)
        .await?;
    work.check_version(newest.as_ref().map_or(0, |newest| newest.version))?;
    let row = rule_set::Model {
        id: work.new_id(),
        seller_id: seller,
        version: newest.map_or(1, |newest| newest.version + 1),
        rules: serde_json::to_value(&rules)?,
        published_at: work.now(),
        published_by: by,
    };
    work.insert(row.clone());
    Ok(row)
}

/// Everything that can be wrong with rules of this seller; each is noted.
///
/// # Errors
/// When the store cannot be read.
pub async fn check(
    db: &impl ConnectionTrait,
    seller: SellerId,
    rules: Vec<Rule>,
    problems: &mut Problems,
) -> Result<Vec<Rule>, DbErr> {
    let rules = check_shape(rules, problems);
    check_reach(&rules, problems);
    Directory::of(db, seller).await?.check(&rules, problems);
    Ok(rules)
}

/// Rules that could never match.
fn check_reach(rules: &[Rule], problems: &mut Problems) {
    for (later, earlier) in shadow::shadowed(rules) {
        let name = |place: usize| rules.get(place).map(|rule| rule.name.as_str()).unwrap_or_default();
        let (later_name, earlier_name) = (name(later), name(earlier));
        let en = format!(
            "The rule \"{later_name}\" can never match: \"{earlier_name}\" (rule {earlier}) matches everything it would. Move it before that one, or remove it."
        );
        let sv = format!(
            "Regeln \"{later_name}\" kan aldrig träffa: \"{earlier_name}\" (regel {earlier}) träffar allt den skulle. Flytta den före den regeln, eller ta bort den."
        );
        problems.add(problem(later, "when", &en, &sv));
    }
}

fn problem(number: usize, field: &str, en: &str, sv: &str) -> Problem {
    Problem::new(ErrorCode::Invalid, &format!("rules.{number}.{field}"), en, sv)
}

/// Everything that can be seen from the rules alone.
fn check_shape(mut rules: Vec<Rule>, problems: &mut Problems) -> Vec<Rule> {
    if rules.len() > MAX_RULES {
        let (en, sv) = (format!("At most {MAX_RULES} rules."), format!("Högst {MAX_RULES} regler."));
        problems.add(Problem::new(ErrorCode::TooLong, "rules", en, sv));
    }
    if rules.last().is_none_or(|last| !last.when.is_empty()) {
        let en = "The last rule must always match: add one without conditions at the end, so that every case gets its owner.";
        let sv =
            "Den sista regeln måste alltid träffa: lägg till en utan villkor sist, så att varje ärende får sin ägare.";
        problems.add(Problem::new(ErrorCode::Invalid, "rules", en, sv));
    }
    let count = rules.len();
    let mut names = HashSet::new();
    for (number, rule) in rules.iter_mut().enumerate() {
        if let Some(name) = problems.check(required(&rule.name, &format!("rules.{number}.name"), 100)) {
            rule.name = name;
        }
        if !names.insert(rule.name.clone()) {
            let (en, sv) = ("Another rule of this set has the same name.", "En annan regel har samma namn.");
            problems.add(problem(number, "name", en, sv));
        }
        if rule.when.is_empty() && number + 1 < count {
            let en =
                "A rule without conditions matches everything, so the rules after it never would. Move it to the end.";
            let sv = "En regel utan villkor träffar allt, så reglerna efter den gör det aldrig. Flytta den sist.";
            problems.add(problem(number, "when", en, sv));
        }
        if rule.when.len() > MAX_VALUES {
            problems.add(problem(number, "when", "Too many conditions.", "För många villkor."));
        }
        check_policy(number, rule, problems);
        for (place, condition) in rule.when.iter().enumerate() {
            if let Err((en, sv)) = check_condition(condition) {
                problems.add(problem(number, &format!("when.{place}"), &en, &sv));
            }
        }
    }
    rules
}

/// What a rule decides beside the owner, made clean.
fn check_policy(number: usize, rule: &mut Rule, problems: &mut Problems) {
    let field = |name: &str| format!("rules.{number}.{name}");
    if let Some(skills) = problems.check(words(&rule.then.skills, &field("skills"))) {
        rule.then.skills = skills;
    }
    if let Some(tags) = problems.check(words(&rule.then.tags, &field("tags"))) {
        rule.then.tags = tags;
    }
    if !rule.then.skills.is_empty() && matches!(rule.assign_to, Target::Person(_)) {
        let en = "Skills choose among the members of a team; a person is named for who they are.";
        let sv = "Kompetenser väljer bland ett teams medlemmar; en person pekas ut som den är.";
        problems.add(problem(number, "skills", en, sv));
    }
    if let Some(TaskAsked { title, asked, due_hours, .. }) = &mut rule.then.task {
        *title = problems.check(required(title, &field("task.title"), 200)).unwrap_or_default();
        *asked = problems.check(required(asked, &field("task.asked"), 5_000)).unwrap_or_default();
        if !(1..=8_760).contains(due_hours) {
            let (en, sv) = ("Between 1 and 8,760 hours.", "Mellan 1 och 8 760 timmar.");
            problems.add(problem(number, "task.dueHours", en, sv));
        }
    }
}

fn check_condition(condition: &Condition) -> Result<(), (String, String)> {
    let count = match condition {
        Condition::ChannelIn(any) => any.len(),
        Condition::LanguageIn(any) => any.len(),
        Condition::InvolvesPartner(any) => any.len(),
        Condition::SeverityIn(any) => any.len(),
        Condition::CategoryIn(any)
        | Condition::ProductIn(any)
        | Condition::TextContains(any)
        | Condition::TextStartsWith(any)
        | Condition::CustomerTierIn(any)
        | Condition::TagIn(any) => {
            if any.iter().any(|value| value.trim().is_empty() || value.chars().count() > 200) {
                return Err(("Values have 1 to 200 characters.".into(), "Värden har 1 till 200 tecken.".into()));
            }
            any.len()
        }
        Condition::ProductStartsWith(start) => usize::from(!start.is_empty() && start.chars().count() <= 200),
        Condition::TextMatches(pattern) => match pattern_of(pattern) {
            Ok(_) => 1,
            Err(_) => {
                return Err(("Not a pattern, or too big a one.".into(), "Inget mönster, eller för stort.".into()));
            }
        },
        Condition::CustomerOpenCasesAtLeast(least) => usize::from(*least > 0),
        Condition::AmountAtLeast(_) | Condition::AmountBelow(_) | Condition::WithinBusinessHours(_) => 1,
    };
    if (1..=MAX_VALUES).contains(&count) {
        Ok(())
    } else {
        Err((format!("Between 1 and {MAX_VALUES} values."), format!("Mellan 1 och {MAX_VALUES} värden.")))
    }
}

/// What a rule may name at a seller; each table is read once.
struct Directory {
    people: HashSet<StaffId>,
    manned: HashSet<TeamId>,
    partners: HashSet<PartnerId>,
    levels: HashSet<ServiceLevelId>,
}

impl Directory {
    async fn of(tx: &impl ConnectionTrait, seller: SellerId) -> Result<Self, DbErr> {
        let people = staff::Entity::find().select_only().column(staff::Column::Id);
        let people = people.filter(staff::Column::SellerId.eq(seller)).filter(staff::Column::Active.eq(true));
        let join = team_member::Entity::belongs_to(staff::Entity)
            .from(team_member::Column::StaffId)
            .to(staff::Column::Id)
            .into();
        let manned = team_member::Entity::find()
            .select_only()
            .column(team_member::Column::TeamId)
            .distinct()
            .join(JoinType::InnerJoin, join)
            .filter(team_member::Column::SellerId.eq(seller))
            .filter(staff::Column::Active.eq(true));
        let partners = partner::Entity::find().select_only().column(partner::Column::Id);
        let partners = partners.filter(partner::Column::SellerId.eq(seller)).filter(partner::Column::Active.eq(true));
        let levels = service_level::Entity::find().select_only().column(service_level::Column::Id);
        let levels = levels.filter(service_level::Column::SellerId.eq(seller));
        Ok(Self {
            people: people.into_tuple().all(tx).await?.into_iter().collect(),
            manned: manned.into_tuple().all(tx).await?.into_iter().collect(),
            partners: partners.into_tuple().all(tx).await?.into_iter().collect(),
            levels: levels.into_tuple().all(tx).await?.into_iter().collect(),
        })
    }

    fn check(&self, rules: &[Rule], problems: &mut Problems) {
        for (number, rule) in rules.iter().enumerate() {
            let stands = match rule.assign_to {
                Target::Person(id) => self.people.contains(&id),
                Target::Team(id) => self.manned.contains(&id),
            };
            if !stands {
                let en = "Must be an active member of the seller's staff, or a team with at least one.";
                let sv = "Måste vara en aktiv person hos säljaren, eller ett team med minst en.";
                problems.add(problem(number, "assignTo", en, sv));
            }
            let unknown = |field: &str| {
                let (en, sv) = ("No such partner at this seller.", "Säljaren har ingen sådan partner.");
                problem(number, field, en, sv)
            };
            for (place, condition) in rule.when.iter().enumerate() {
                if let Condition::InvolvesPartner(any) = condition
                    && !any.iter().all(|id| self.partners.contains(id))
                {
                    problems.add(unknown(&format!("when.{place}.involvesPartner")));
                }
            }
            if rule.then.task.as_ref().is_some_and(|task| !self.partners.contains(&task.partner)) {
                problems.add(unknown("task.partnerId"));
            }
            if rule.then.service_level.is_some_and(|level| !self.levels.contains(&level)) {
                let (en, sv) = ("No such service level at this seller.", "Säljaren har ingen sådan servicenivå.");
                problems.add(problem(number, "serviceLevelId", en, sv));
            }
        }
    }
}
