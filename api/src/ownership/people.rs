//! Reads the people of a rule's target with everything the choice depends on: load, skills, absences, working hours.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{SellerId, StaffId, TeamId, TypedId};
use entity::json::{CalendarContent, Texts, WeekHours};
use entity::team;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement,
};

use super::decide::{Behind, Person};
use super::route::Answers;
use super::rules::Target;
use crate::calendar::stored;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// For how long after an absence a person counts as just back.
pub const JUST_BACK: TimeDelta = TimeDelta::days(7);

/// An estimate of how many acts, on all nodes together, may give cases to the same person at the same moment.
const AT_THE_SAME_MOMENT: i64 = 64;

#[derive(FromQueryResult)]
struct CandidateRow {
    id: StaffId,
    capacity: i32,
    skills: Texts,
    working_hours: Option<WeekHours>,
    lead_id: Option<StaffId>,
    team_calendar: Option<CalendarContent>,
    open_cases: i64,
    last_assigned_at: Option<DateTime<Utc>>,
    away_until: Option<DateTime<Utc>>,
    back_at: Option<DateTime<Utc>>,
}

/// The people of targets. Each target is read once per act, and the loads are counted up as the act assigns cases.
#[derive(Debug, Default)]
pub struct People {
    /// A person who is being deactivated and who is passed over wherever a rule names them.
    leaving: Option<StaffId>,
    /// The owner of a case that is routed again, and whether the case counts among their open cases.
    keeping: Option<(StaffId, bool)>,
    known: HashMap<Target, Behind>,
}

impl People {
    /// Treats this person as leaving.
    #[must_use]
    pub fn without(leaving: StaffId) -> Self {
        Self { leaving: Some(leaving), ..Self::default() }
    }

    /// Treats this person as the owner of the case that is routed again. An open case is not counted as a load of
    /// theirs, and among equals they keep it.
    #[must_use]
    pub fn keeping(owner: StaffId, open: bool) -> Self {
        Self { keeping: Some((owner, open)), ..Self::default() }
    }

    /// The active people that a target stands for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn behind(&mut self, work: &Work, seller: &Answers, target: Target) -> Outcome<Behind> {
        if !self.known.contains_key(&target) {
            let mut behind = read(work.tx()?, work.now(), seller, target).await?;
            if let Target::Team(team) = target
                && behind.people.iter().any(nearly_full)
            {
                lock_teams(work, [team]).await?;
                behind = read(work.tx()?, work.now(), seller, target).await?;
            }
            for person in behind.people.iter_mut().filter(|person| Some(person.staff) == self.leaving) {
                person.leaving = true;
            }
            if let Some((owner, open)) = self.keeping {
                for person in behind.people.iter_mut().filter(|person| person.staff == owner) {
                    person.owns = true;
                    person.open_cases -= i64::from(open);
                }
            }
            self.known.insert(target, behind);
        }
        let nobody = || Behind { people: Vec::new(), lead: None, team: matches!(target, Target::Team(_)) };
        Ok(self.known.get(&target).cloned().unwrap_or_else(nobody))
    }

    /// Records that this person has just been given a case.
    pub fn assigned(&mut self, owner: StaffId, now: DateTime<Utc>) {
        let people = self.known.values_mut().flat_map(|behind| &mut behind.people);
        for person in people.filter(|person| person.staff == owner) {
            person.open_cases += 1;
            person.last_assigned_at = Some(now);
        }
    }
}

/// Whether the cases given at the same moment could exceed this person's capacity.
fn nearly_full(person: &Person) -> bool {
    let room = i64::from(person.capacity) - person.open_cases;
    room > 0 && room <= AT_THE_SAME_MOMENT
}

/// Locks these teams until the end of the transaction, so that acts that give cases to them run one after the other.
/// Without the lock, two nodes that read the same loads at the same instant would both choose the same person, beyond
/// that person's capacity. The lock is only taken when somebody is nearly full; otherwise two cases for one person at
/// once do no harm. Teams are locked in the order of their ids to prevent deadlocks. SQLite has one writer and needs no
/// lock.
///
/// # Errors
/// When the store cannot be reached.
pub async fn lock_teams(work: &Work, teams: impl IntoIterator<Item = TeamId>) -> Outcome<()> {
    let backend = work.app().store().backend();
    if backend != DbBackend::Postgres {
        return Ok(());
    }
    for team in teams.into_iter().collect::<BTreeSet<_>>() {
        let key = i64::from_be_bytes(team.uuid().as_u128().to_be_bytes().last_chunk().copied().unwrap_or_default());
        let sql = "SELECT pg_advisory_xact_lock($1)";
        work.tx()?.execute_raw(Statement::from_sql_and_values(backend, sql, [key.into()])).await?;
    }
    Ok(())
}

/// As [`lock_teams`], for all teams of a seller: for an act that locks cases before the rules choose among people.
///
/// # Errors
/// When the store cannot be reached.
pub async fn lock_teams_of(work: &Work, seller: SellerId) -> Outcome<()> {
    let teams: Vec<TeamId> = team::Entity::find()
        .select_only()
        .column(team::Column::Id)
        .filter(team::Column::SellerId.eq(seller))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    lock_teams(work, teams).await
}

/// The active people that a target stands for at this instant, read in one statement.
///
/// # Errors
/// When the store cannot be read.
pub async fn read(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    seller: &Answers,
    target: Target,
) -> Result<Behind, DbErr> {
    let (who, lead, calendar, id) = match target {
        Target::Person(id) => ("s.id = $1", "NULL", "NULL", id.0),
        Target::Team(id) => (
            "s.id IN (SELECT m.staff_id FROM team_member m WHERE m.team_id = $1)",
            "(SELECT t.lead_id FROM team t WHERE t.id = $1)",
            "(SELECT t.calendar FROM team t WHERE t.id = $1)",
            id.0,
        ),
        Target::OpenCaseOwner => return Ok(Behind { people: Vec::new(), lead: None, team: false }),
    };
    let sql = format!(
        r"SELECT s.id, s.capacity, s.skills, s.working_hours, {lead} AS lead_id, {calendar} AS team_calendar,
            (SELECT l.open_cases FROM staff_load l WHERE l.staff_id = s.id) AS open_cases,
            (SELECT max(o.started_at) FROM ownership o WHERE o.owner_id = s.id) AS last_assigned_at,
            (SELECT max(a.ends_at) FROM absence a
                WHERE a.staff_id = s.id AND a.starts_at <= $3 AND a.ends_at > $3) AS away_until,
            (SELECT max(a.ends_at) FROM absence a
                WHERE a.staff_id = s.id AND a.ends_at <= $3 AND a.ends_at > $4) AS back_at
        FROM staff s WHERE {who} AND s.seller_id = $2 AND s.active ORDER BY s.id"
    );
    let values = [id.into(), seller.id.into(), now.into(), (now - JUST_BACK).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = CandidateRow::find_by_statement(statement).all(db).await?;
    let lead = rows.first().and_then(|row| row.lead_id);
    let team = rows.first().and_then(|row| row.team_calendar.as_ref()).map(stored::calendar);
    let person = |row: CandidateRow| Person {
        staff: row.id,
        open_cases: row.open_cases,
        last_assigned_at: row.last_assigned_at,
        capacity: row.capacity,
        skills: row.skills.0,
        away_until: row.away_until,
        at_work: seller.at_work(team.as_ref(), row.working_hours.as_ref(), now),
        just_back: row.away_until.is_none() && row.back_at.is_some(),
        leaving: false,
        owns: false,
    };
    Ok(Behind { people: rows.into_iter().map(person).collect(), lead, team: matches!(target, Target::Team(_)) })
}
