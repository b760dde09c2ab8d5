//! Rule sets as versioned rows: a set is published as a whole and never changed; the newest of a seller is in force.
//! Publishing refuses a set that could leave a case without a proper owner: a condition that does not compile, a target
//! without active people, or no last rule that always matches.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{PartnerId, RuleSetId, SellerId, ServiceLevelId, StaffId, TeamId};
use entity::{partner, rule_set, service_level, staff, team_member};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::compiled::Compiled;
use super::draft::{Draft, TOLD, problem};
use super::rules::{Condition, Rule, Target};
use crate::access::door;
use crate::kit::error::{Fault, Outcome, Problems};
use crate::kit::work::Work;
use crate::texts;

/// The rule set in force, compiled.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Its row's id.
    pub id: RuleSetId,
    /// Its version, counted from 1.
    pub version: i64,
    /// Its compiled rules.
    pub compiled: Arc<Compiled>,
}

/// The compiled rule set that was last used, per seller.
#[derive(Default)]
struct Cache(Mutex<HashMap<SellerId, InForce>>);

/// The rule set in force at a seller; `None` before the first is published.
///
/// # Errors
/// When the store cannot be read, or the service stops.
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

/// This version of a seller's rules, compiled; from the cache when this version was the last used.
///
/// # Errors
/// When the store cannot be read, or the service stops.
pub async fn load(work: &Work, seller: SellerId, id: RuleSetId, version: i64) -> Outcome<InForce> {
    let cache = work.app().part::<Cache>();
    let known = cache.0.lock().unwrap_or_else(PoisonError::into_inner).get(&seller).cloned();
    if let Some(known) = known.filter(|known| known.id == id) {
        return Ok(known);
    }
    let row = rule_set::Entity::find_by_id(id).one(work.tx()?).await?.ok_or(Fault::Broken("a rule set stays"))?;
    let rules = serde_json::from_value(row.rules).unwrap_or_else(|error| {
        // Until this is repaired, cases go to the seller's accountable person, so that no case has to wait.
        tracing::error!(%id, %error, "a stored rule set cannot be read: cases go to the fallback owner");
        Vec::new()
    });
    let compiled = off_thread(move || Compiled::new(rules)).await?;
    let in_force = InForce { id, version, compiled: Arc::new(compiled) };
    cache.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seller, in_force.clone());
    Ok(in_force)
}

/// Runs a computation that needs much processor time on a blocking thread.
///
/// # Errors
/// When the computation panicked, or the service stops.
pub async fn off_thread<T: Send + 'static>(think: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(think).await.map_err(|_| Fault::Broken("what was thought about came to no end"))
}

/// The rules in force at a seller, to be simulated; empty before the first set is published.
///
/// # Errors
/// When the store cannot be read.
pub async fn rules_in_force(db: &impl ConnectionTrait, seller: SellerId) -> Result<Vec<Rule>, DbErr> {
    let query = rule_set::Entity::find().filter(rule_set::Column::SellerId.eq(seller));
    let newest = query.order_by_desc(rule_set::Column::Version).one(db).await?;
    Ok(newest.and_then(|row| serde_json::from_value(row.rules).ok()).unwrap_or_default())
}

/// Publishes rules as the next version of the seller's rule set.
///
/// # Errors
/// Every problem of the set, each with its rule and field; `VERSION_CONFLICT`; `NOT_FOUND` or `FORBIDDEN` when the
/// actor may not administer the seller.
pub async fn publish(work: &mut Work, seller: SellerId, draft: &Draft) -> Outcome<rule_set::Model> {
    // This locks the seller, so that concurrent publications take consecutive version numbers.
    door::seller(work, seller, "sellerId").await?;
    let by = work.actor().staff().ok_or(Fault::Broken("administrators are staff"))?;
    check(work.tx()?, seller, draft).await?.refuse_if_any()?;
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
        rules: serde_json::to_value(draft.rules())?,
        published_at: work.now(),
        published_by: by,
    };
    work.insert(row.clone());
    Ok(row)
}

/// All problems of a draft at this seller, up to the maximum that is reported.
///
/// # Errors
/// When the store cannot be read.
pub async fn check(db: &impl ConnectionTrait, seller: SellerId, draft: &Draft) -> Result<Problems, DbErr> {
    let mut problems = draft.problems();
    Directory::of(db, seller).await?.check(draft.rules(), &mut problems);
    let mut told = Problems::default();
    problems.into_list().into_iter().take(TOLD).for_each(|problem| told.add(problem));
    Ok(told)
}

/// The ids that a rule may name at a seller; each table is read once.
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
                Target::OpenCaseOwner => true,
            };
            if !stands {
                problems.add(problem(number, "assignTo", texts::ownership::bad_target()));
            }
            let unknown = |field: &str| problem(number, field, texts::ownership::unknown_partner());
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
                problems.add(problem(number, "serviceLevelId", texts::ownership::unknown_service_level()));
            }
        }
    }
}
