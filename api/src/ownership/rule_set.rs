//! Rule sets as versioned rows: published whole, never changed, the newest of a seller in force. Publishing refuses a
//! set that could leave a case to chance: a rule that does not compile, a target nobody is behind, no last rule that
//! always matches.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{PartnerId, RuleSetId, SellerId, StaffId, TeamId};
use entity::{partner, rule_set, staff, team_member};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::rules::{Compiled, Condition, MAX_RULES, MAX_VALUES, Rule, Target, pattern_of};
use crate::access::door;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems, required};
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

/// Publishes rules as the seller's next version.
///
/// # Errors
/// Every reason why the set is refused, each with the rule and the field.
pub async fn publish(work: &mut Work, seller: SellerId, rules: Vec<Rule>) -> Outcome<rule_set::Model> {
    // Locked: one after the other, each takes the next number.
    door::seller(work, seller, "sellerId").await?;
    let by = work.actor().staff().ok_or(Fault::Broken("administrators are staff"))?;
    let mut problems = Problems::default();
    let rules = check_shape(rules, &mut problems);
    check_targets(work, seller, &rules, &mut problems).await?;
    problems.refuse_if_any()?;
    let newest = rule_set::Entity::find()
        .filter(rule_set::Column::SellerId.eq(seller))
        .order_by_desc(rule_set::Column::Version)
        .one(work.tx()?)
        .await?;
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
        for (place, condition) in rule.when.iter().enumerate() {
            if let Err((en, sv)) = check_condition(condition) {
                problems.add(problem(number, &format!("when.{place}"), &en, &sv));
            }
        }
    }
    rules
}

fn check_condition(condition: &Condition) -> Result<(), (String, String)> {
    let count = match condition {
        Condition::ChannelIn(any) => any.len(),
        Condition::LanguageIn(any) => any.len(),
        Condition::InvolvesPartner(any) => any.len(),
        Condition::CategoryIn(any) | Condition::ProductIn(any) | Condition::TextContains(any) => {
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
        Condition::AmountAtLeast(_) | Condition::AmountBelow(_) => 1,
    };
    if (1..=MAX_VALUES).contains(&count) {
        Ok(())
    } else {
        Err((format!("Between 1 and {MAX_VALUES} values."), format!("Mellan 1 och {MAX_VALUES} värden.")))
    }
}

/// Everything that needs the seller's rows; each table is read once.
async fn check_targets(work: &Work, seller: SellerId, rules: &[Rule], problems: &mut Problems) -> Outcome<()> {
    let people: HashSet<StaffId> = staff::Entity::find()
        .select_only()
        .column(staff::Column::Id)
        .filter(staff::Column::SellerId.eq(seller))
        .filter(staff::Column::Active.eq(true))
        .into_tuple()
        .all(work.tx()?)
        .await?
        .into_iter()
        .collect();
    let manned: HashSet<TeamId> = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::TeamId)
        .distinct()
        .join(
            JoinType::InnerJoin,
            team_member::Entity::belongs_to(staff::Entity)
                .from(team_member::Column::StaffId)
                .to(staff::Column::Id)
                .into(),
        )
        .filter(team_member::Column::SellerId.eq(seller))
        .filter(staff::Column::Active.eq(true))
        .into_tuple()
        .all(work.tx()?)
        .await?
        .into_iter()
        .collect();
    let partners: HashSet<PartnerId> = partner::Entity::find()
        .select_only()
        .column(partner::Column::Id)
        .filter(partner::Column::SellerId.eq(seller))
        .into_tuple()
        .all(work.tx()?)
        .await?
        .into_iter()
        .collect();
    for (number, rule) in rules.iter().enumerate() {
        let stands = match rule.assign_to {
            Target::Person(id) => people.contains(&id),
            Target::Team(id) => manned.contains(&id),
        };
        if !stands {
            let en = "Must be an active member of the seller's staff, or a team with at least one.";
            let sv = "Måste vara en aktiv person hos säljaren, eller ett team med minst en.";
            problems.add(problem(number, "assignTo", en, sv));
        }
        for (place, condition) in rule.when.iter().enumerate() {
            if let Condition::InvolvesPartner(any) = condition
                && !any.iter().all(|id| partners.contains(id))
            {
                let (en, sv) = ("No such partner at this seller.", "Säljaren har ingen sådan partner.");
                problems.add(problem(number, &format!("when.{place}.involvesPartner"), en, sv));
            }
        }
    }
    Ok(())
}
