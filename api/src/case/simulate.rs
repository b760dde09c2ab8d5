//! Tries rules on the last real cases before the rules are published. Nothing is changed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::id::{CaseId, SellerId, StaffId, TeamId};
use entity::{absence, case, ownership, seller, staff, team, team_member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::facts::KnownFacts;
use crate::calendar::{Calendar, stored};
use crate::directory::catalogue::Catalogue;
use crate::kit::db::Db;
use crate::ownership::compiled::Compiled;
use crate::ownership::decide::{Behind, FallbackReason, Person};
use crate::ownership::people::JUST_BACK;
use crate::ownership::route::{Answers, owner};
use crate::ownership::rules::{Facts, Rule, Target};

/// The most cases in one simulation.
pub const MOST: u64 = 20_000;
/// Cases read in one statement.
const AT_ONCE: usize = 250;
/// The most bytes of customers' words in one simulation, because they are all in memory at once.
const WORDS: usize = 32 * 1024 * 1024;

/// The result of a draft of rules for the last cases.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// Each case, newest first.
    pub cases: Vec<Simulated>,
    /// The cases that each person would have got.
    pub by_person: BTreeMap<StaffId, PersonLoad>,
    /// The number of cases that rules would have sent to each team.
    pub by_team: BTreeMap<TeamId, usize>,
    /// The name of each rule, in the order of the rules, with the number of cases that it would have matched.
    pub by_rule: Vec<(String, usize)>,
}

/// The cases that one person would have got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonLoad {
    /// The number of cases they would have got.
    pub cases: usize,
    /// The number of cases they really got when the cases were opened.
    pub cases_before: usize,
    /// The most cases they would have had open at the same time.
    pub most_open: i64,
}

/// The result of the draft for one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulated {
    /// The case.
    pub case: CaseId,
    /// The owner when the case was opened.
    pub owner_before: StaffId,
    /// The owner that the draft names.
    pub owner: StaffId,
    /// The position of the rule that matches; none when no rule matches.
    pub rule: Option<usize>,
    /// Why the fallback would own the case; none when the rule's own target would.
    pub fallback: Option<FallbackReason>,
}

/// A team: its lead, its members, and its calendar if it has one of its own.
#[derive(Debug)]
struct Team {
    lead: StaffId,
    members: Vec<StaffId>,
    calendar: Option<Calendar>,
}

/// All data that the simulation needs. They are read before it runs, because it may take seconds and must not hold a
/// database connection while it does.
#[derive(Debug)]
pub struct World {
    seller: Answers,
    cases: Vec<(case::Model, StaffId, Facts)>,
    staff: HashMap<StaffId, staff::Model>,
    absences: HashMap<StaffId, Vec<absence::Model>>,
    teams: HashMap<TeamId, Team>,
}

impl World {
    /// Reads the last cases of a seller, at most this many and fewer if their words are very long, and its people as
    /// they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(db: &Db, seller: &seller::Model, last: u64) -> Result<Self, DbErr> {
        let answers = Answers::from(seller);
        let newest = case::Entity::find()
            .filter(case::Column::SellerId.eq(seller.id))
            .order_by_desc(case::Column::OpenedAt)
            .order_by_desc(case::Column::Id);
        let rows = newest.limit(last.min(MOST)).all(db).await?;
        let mut words = 0;
        let catalogue = Catalogue::read(db, seller.id).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(AT_ONCE) {
            let known = KnownFacts::of(db, chunk).await?;
            let first: HashMap<CaseId, StaffId> = ownership::Entity::find()
                .select_only()
                .columns([ownership::Column::CaseId, ownership::Column::OwnerId])
                .filter(ownership::Column::Seq.eq(1))
                .filter(ownership::Column::CaseId.is_in(chunk.iter().map(|case| case.id)))
                .into_tuple()
                .all(db)
                .await?
                .into_iter()
                .collect();
            for case in chunk {
                let facts = known.facts_of_the_day(case, &answers, &catalogue);
                words += facts.words.len();
                cases.push((case.clone(), first.get(&case.id).copied().unwrap_or(case.owner_id), facts));
            }
            if words > WORDS {
                break;
            }
        }
        cases.reverse();
        let (staff, absences, teams) = people(db, seller.id).await?;
        Ok(Self { seller: answers, cases, staff, absences, teams })
    }

    /// Runs the draft over the cases in the order in which they were opened. The load of each person grows and shrinks
    /// as it would have done. Returns none when the time is up before the end. A pure function.
    #[must_use]
    pub fn run(&self, rules: Vec<Rule>, time_is_up: impl Fn() -> bool) -> Option<Simulation> {
        let compiled = Compiled::new(rules);
        let mut result = Simulation {
            by_rule: compiled.rules().map(|rule| (rule.name.clone(), 0)).collect(),
            ..Simulation::default()
        };
        let mut loads = Loads::default();
        for (case, owner_before, facts) in &self.cases {
            if time_is_up() {
                return None;
            }
            loads.close_until(case.opened_at);
            let found = compiled.first_match(facts);
            let target = found.rule.map(|rule| rule.assign_to.stands_for(facts));
            let behind = target.map(|target| self.behind(target, case.opened_at, &loads));
            let routed = owner(found.rule, behind.as_ref(), self.seller.accountable);
            let open = loads.opened(routed.owner, case.opened_at, case.closed_at);
            let load = result.by_person.entry(routed.owner).or_default();
            load.cases += 1;
            load.most_open = load.most_open.max(open);
            result.by_person.entry(*owner_before).or_default().cases_before += 1;
            if let Some(Target::Team(team)) = target {
                *result.by_team.entry(team).or_default() += 1;
            }
            if let Some((_, count)) = found.place.and_then(|place| result.by_rule.get_mut(place)) {
                *count += 1;
            }
            result.cases.push(Simulated {
                case: case.id,
                owner_before: *owner_before,
                owner: routed.owner,
                rule: found.place,
                fallback: routed.fallback,
            });
        }
        result.cases.reverse();
        Some(result)
    }

    fn behind(&self, target: Target, at: DateTime<Utc>, loads: &Loads) -> Behind {
        let team = if let Target::Team(id) = &target { self.teams.get(id) } else { None };
        let members: &[StaffId] = match (&target, team) {
            (Target::Person(id), _) => std::slice::from_ref(id),
            (_, Some(team)) => &team.members,
            _ => &[],
        };
        let calendar = team.and_then(|team| team.calendar.as_ref());
        let people = members.iter().filter_map(|id| self.staff.get(id));
        let people = people.map(|row| self.person(row, (at, calendar), loads)).collect();
        Behind { people, lead: team.map(|team| team.lead), team: matches!(target, Target::Team(_)) }
    }

    fn person(&self, row: &staff::Model, (at, team): (DateTime<Utc>, Option<&Calendar>), loads: &Loads) -> Person {
        let absences = self.absences.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let present = absences.iter().filter(|absence| absence.starts_at <= at && absence.ends_at > at);
        let away_until = present.map(|absence| absence.ends_at).max();
        let back = absences.iter().any(|absence| absence.ends_at <= at && absence.ends_at > at - JUST_BACK);
        let (open_cases, last_assigned_at) = loads.of(row.id);
        Person {
            staff: row.id,
            open_cases,
            last_assigned_at,
            capacity: row.capacity,
            skills: row.skills.0.clone(),
            away_until,
            at_work: self.seller.at_work(team, row.working_hours.as_ref(), at),
            just_back: away_until.is_none() && back,
            leaving: false,
            owns: false,
        }
    }
}

/// The number of open cases that each person would have had.
#[derive(Default)]
struct Loads {
    open: HashMap<StaffId, (i64, Option<DateTime<Utc>>)>,
    closing: BinaryHeap<Reverse<(DateTime<Utc>, StaffId)>>,
}

impl Loads {
    fn of(&self, id: StaffId) -> (i64, Option<DateTime<Utc>>) {
        self.open.get(&id).copied().unwrap_or_default()
    }

    fn opened(&mut self, id: StaffId, at: DateTime<Utc>, closed_at: Option<DateTime<Utc>>) -> i64 {
        let load = self.open.entry(id).or_default();
        load.0 += 1;
        load.1 = Some(at);
        if let Some(closed_at) = closed_at {
            self.closing.push(Reverse((closed_at, id)));
        }
        load.0
    }

    fn close_until(&mut self, now: DateTime<Utc>) {
        while let Some(Reverse((at, id))) = self.closing.peek().copied() {
            if at > now {
                return;
            }
            self.closing.pop();
            if let Some(load) = self.open.get_mut(&id) {
                load.0 -= 1;
            }
        }
    }
}

impl Simulation {
    /// The number of cases that would have another owner.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.cases.iter().filter(|case| case.owner != case.owner_before).count()
    }

    /// The number of cases that would go to a fallback.
    #[must_use]
    pub fn fallbacks(&self) -> usize {
        self.cases.iter().filter(|case| case.fallback.is_some()).count()
    }
}

type Everybody = (HashMap<StaffId, staff::Model>, HashMap<StaffId, Vec<absence::Model>>, HashMap<TeamId, Team>);

async fn people(db: &Db, seller: SellerId) -> Result<Everybody, DbErr> {
    let active =
        staff::Entity::find().filter(staff::Column::SellerId.eq(seller)).filter(staff::Column::Active.eq(true));
    let staff: HashMap<StaffId, staff::Model> = active.all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut absences = HashMap::<StaffId, Vec<absence::Model>>::new();
    for row in absence::Entity::find().filter(absence::Column::SellerId.eq(seller)).all(db).await? {
        absences.entry(row.staff_id).or_default().push(row);
    }
    let mut teams: HashMap<TeamId, Team> = team::Entity::find()
        .filter(team::Column::SellerId.eq(seller))
        .all(db)
        .await?
        .into_iter()
        .map(|row| {
            let calendar = row.calendar.as_ref().map(stored::calendar);
            (row.id, Team { lead: row.lead_id, members: Vec::new(), calendar })
        })
        .collect();
    let members = team_member::Entity::find()
        .filter(team_member::Column::SellerId.eq(seller))
        .order_by_asc(team_member::Column::StaffId);
    let active: HashSet<StaffId> = staff.keys().copied().collect();
    for row in members.all(db).await? {
        if let Some(team) = teams.get_mut(&row.team_id).filter(|_| active.contains(&row.staff_id)) {
            team.members.push(row.staff_id);
        }
    }
    Ok((staff, absences, teams))
}
