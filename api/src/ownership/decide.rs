//! Who becomes the owner, once the rules have named a target and the people are known. Pure: no database, no async,
//! time as an argument. Total: whatever the rules and the rows say, somebody at the seller answers.
//!
//! In a team: those who can (skills), are not away and not full; of these the ones who are at work now, if any is; of
//! these the one with the fewest open cases for their capacity; among equals the longest idle. When nobody is left the
//! team's lead answers, and behind the lead the seller's accountable person.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use entity::id::StaffId;
use serde::{Deserialize, Serialize};

/// A person a target stands for, as they are at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub staff: StaffId,
    /// Cases they own that are not closed.
    pub open_cases: i64,
    /// When a case last became theirs; never counts as the longest idle.
    pub last_assigned_at: Option<DateTime<Utc>>,
    /// Open cases they carry at most; also how much a case weighs for them.
    pub capacity: i32,
    /// What they can do, in lower case.
    pub skills: Vec<String>,
    /// Until when they are away, if they are.
    pub away_until: Option<DateTime<Utc>>,
    /// Whether it is their working time.
    pub at_work: bool,
    /// Whether they have come back from being away a short while ago.
    pub just_back: bool,
    /// Whether they are about to leave for good.
    pub leaving: bool,
}

/// Why a person was not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Obstacle {
    /// They cannot do what the rule asks for.
    SkillMissing,
    /// They are away.
    Away,
    /// They have as many open cases as they can carry.
    Full,
    /// They do not work at this hour, and others do.
    OffHours,
    /// They leave the company.
    Leaving,
    /// Another has fewer open cases for their capacity, or has waited longer.
    BusierThanOthers,
}

/// A person who was considered, as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Who.
    pub staff: StaffId,
    /// Cases they owned that were not closed.
    pub open_cases: i64,
    /// With how many they were compared: more than they owned when they had just come back, so that not every new case
    /// goes to them.
    pub counted_as: i64,
    /// Open cases they carried at most.
    pub capacity: i32,
    /// When a case had last become theirs.
    pub last_assigned_at: Option<DateTime<Utc>>,
    /// Until when they were away.
    pub away_until: Option<DateTime<Utc>>,
    /// Why it was not them; none for who was chosen.
    pub obstacle: Option<Obstacle>,
}

/// Why the one who answers is not whom a rule named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FallbackReason {
    /// The seller has published no rule set.
    NoRuleSet,
    /// No rule matched.
    NoMatch,
    /// The rule names somebody who no longer works there.
    PersonNotActive,
    /// The rule names somebody who is away.
    PersonAway,
    /// Nobody in the rule's team is active.
    TeamEmpty,
    /// Everybody in the rule's team is away, full or without the skills that the rule asks for.
    NobodyAvailable,
    /// What arrived could not be understood, so rules have nothing to go by.
    NotUnderstood,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The owner.
    pub owner: StaffId,
    /// None when a rule's own target answers.
    pub fallback: Option<FallbackReason>,
}

/// The people a rule's target stands for, and who stands behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The person, or the members of the team; only those who are active.
    pub people: Vec<Person>,
    /// The team's lead, who answers when nobody else can.
    pub lead: Option<StaffId>,
    /// Whether the target is a team.
    pub team: bool,
}

/// Chooses among the people behind a target; the seller's accountable person is the last who answers.
#[must_use]
pub fn choose(behind: &Behind, skills: &[String], accountable: StaffId) -> (Choice, Vec<Candidate>) {
    let mut obstacles: Vec<Option<Obstacle>> =
        behind.people.iter().map(|person| obstacle(person, skills, behind.team)).collect();
    let free = |obstacles: &[Option<Obstacle>], place: usize| obstacles.get(place).is_some_and(Option::is_none);
    if behind.people.iter().enumerate().any(|(place, person)| person.at_work && free(&obstacles, place)) {
        for (person, obstacle) in behind.people.iter().zip(&mut obstacles) {
            if obstacle.is_none() && !person.at_work {
                *obstacle = Some(Obstacle::OffHours);
            }
        }
    }
    let able =
        behind.people.iter().zip(&obstacles).filter(|(_, obstacle)| obstacle.is_none()).map(|(person, _)| person);
    let floor = floor(&able.collect::<Vec<_>>());
    let counted: Vec<i64> = behind.people.iter().map(|person| counted_as(person, floor)).collect();
    let chosen = behind
        .people
        .iter()
        .zip(&counted)
        .zip(&obstacles)
        .filter(|(_, obstacle)| obstacle.is_none())
        .map(|(person, _)| person)
        .min_by(|(a, a_counted), (b, b_counted)| {
            pressure((**a_counted, a.capacity), (**b_counted, b.capacity))
                .then(a.last_assigned_at.cmp(&b.last_assigned_at))
                .then(a.staff.cmp(&b.staff))
        })
        .map(|(person, _)| person.staff);
    let candidates = candidates(behind, &counted, &obstacles, chosen);
    let choice = match chosen {
        Some(owner) => Choice { owner, fallback: None },
        None => fallback(behind, accountable),
    };
    (choice, candidates)
}

fn fallback(behind: &Behind, accountable: StaffId) -> Choice {
    let lead = behind.people.iter().find(|person| Some(person.staff) == behind.lead);
    let lead = lead.filter(|lead| lead.away_until.is_none() && !lead.leaving);
    let why = match (behind.team, behind.people.iter().all(|person| person.leaving)) {
        (true, true) => FallbackReason::TeamEmpty,
        (true, false) => FallbackReason::NobodyAvailable,
        (false, true) => FallbackReason::PersonNotActive,
        (false, false) => FallbackReason::PersonAway,
    };
    Choice { owner: lead.map_or(accountable, |lead| lead.staff), fallback: Some(why) }
}

/// What stands against a person whatever the others are. A person whom a rule names is chosen for who they are, however
/// much they have.
fn obstacle(person: &Person, skills: &[String], team: bool) -> Option<Obstacle> {
    let lacks = skills.iter().any(|skill| !person.skills.contains(skill));
    let full = person.open_cases >= i64::from(person.capacity);
    if person.leaving {
        Some(Obstacle::Leaving)
    } else if team && lacks {
        Some(Obstacle::SkillMissing)
    } else if person.away_until.is_some() {
        Some(Obstacle::Away)
    } else if team && full {
        Some(Obstacle::Full)
    } else {
        None
    }
}

/// Who has more to carry for what they can carry: open cases over capacity, compared without fractions.
fn pressure((a_open, a_capacity): (i64, i32), (b_open, b_capacity): (i64, i32)) -> Ordering {
    let share = |open: i64, other: i32| i128::from(open) * i128::from(other.max(1));
    share(a_open, b_capacity).cmp(&share(b_open, a_capacity))
}

/// With how many those who have just come back count: as the least loaded of those who were here, or when nobody was,
/// as the most loaded of themselves.
fn floor(people: &[&Person]) -> Option<(i64, i32)> {
    let load = |person: &&Person| (person.open_cases, person.capacity);
    let here = people.iter().filter(|person| !person.just_back).map(load).min_by(|a, b| pressure(*a, *b));
    here.or_else(|| people.iter().map(load).max_by(|a, b| pressure(*a, *b)))
}

/// Who has just come back has few cases and has waited longest. Counted as that, every new case would be theirs; so
/// they count as having as many as the least loaded of the others, and take turns with them.
fn counted_as(person: &Person, floor: Option<(i64, i32)>) -> i64 {
    let Some((open, capacity)) = floor.filter(|_| person.just_back) else { return person.open_cases };
    let capacity = i64::from(capacity.max(1));
    let share = (open * i64::from(person.capacity.max(1)) + capacity - 1) / capacity;
    person.open_cases.max(share)
}

fn candidates(
    behind: &Behind,
    counted: &[i64],
    obstacles: &[Option<Obstacle>],
    chosen: Option<StaffId>,
) -> Vec<Candidate> {
    let of = |((person, counted_as), obstacle): ((&Person, &i64), &Option<Obstacle>)| Candidate {
        staff: person.staff,
        open_cases: person.open_cases,
        counted_as: *counted_as,
        capacity: person.capacity,
        last_assigned_at: person.last_assigned_at,
        away_until: person.away_until,
        obstacle: obstacle.or_else(|| (chosen != Some(person.staff)).then_some(Obstacle::BusierThanOthers)),
    };
    behind.people.iter().zip(counted).zip(obstacles).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const BOSS: u128 = 99;

    fn id(number: u128) -> StaffId {
        StaffId(Uuid::from_u128(number))
    }

    fn time(seconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(seconds, 0)
    }

    fn person(number: u128, open_cases: i64, last_assigned: Option<i64>) -> Person {
        Person {
            staff: id(number),
            open_cases,
            last_assigned_at: last_assigned.and_then(time),
            capacity: 100,
            skills: vec!["fiber".into()],
            away_until: None,
            at_work: true,
            just_back: false,
            leaving: false,
        }
    }

    fn team(people: Vec<Person>) -> Behind {
        Behind { people, lead: Some(id(1)), team: true }
    }

    fn chosen(people: Vec<Person>) -> (u128, Option<FallbackReason>) {
        let (choice, _) = choose(&team(people), &["fiber".into()], id(BOSS));
        (choice.owner.0.as_u128(), choice.fallback)
    }

    #[test]
    fn fewest_open_then_longest_idle_then_the_oldest() {
        let table = [
            (vec![person(1, 3, None), person(2, 2, Some(9))], 2),
            (vec![person(1, 2, Some(5)), person(2, 2, Some(4))], 2),
            (vec![person(1, 2, Some(5)), person(2, 2, None)], 2),
            (vec![person(2, 0, None), person(1, 0, None)], 1),
            (vec![Person { capacity: 40, ..person(1, 20, None) }, person(2, 30, None)], 2),
            (vec![Person { capacity: 40, ..person(1, 10, None) }, person(2, 30, None)], 1),
        ];
        for (people, expected) in table {
            assert_eq!(chosen(people.clone()), (expected, None), "{people:?}");
        }
    }

    #[test]
    fn who_cannot_take_it_is_passed_over_and_the_reason_is_kept() {
        use Obstacle::{Away, BusierThanOthers, Full, Leaving, OffHours, SkillMissing};
        let away = || Person { away_until: time(9), ..person(2, 0, None) };
        let full = || Person { capacity: 5, ..person(3, 5, None) };
        let unskilled = || Person { skills: vec![], ..person(4, 0, None) };
        let asleep = || Person { at_work: false, ..person(5, 0, None) };
        let leaving = || Person { leaving: true, ..person(6, 0, None) };
        let people = vec![person(7, 50, None), away(), full(), unskilled(), asleep(), leaving(), person(8, 60, None)];
        let (choice, candidates) = choose(&team(people), &["fiber".into()], id(BOSS));
        assert_eq!(choice, Choice { owner: id(7), fallback: None });
        let reasons: Vec<_> = candidates.iter().map(|candidate| candidate.obstacle).collect();
        let expected = [None, Some(Away), Some(Full), Some(SkillMissing), Some(OffHours), Some(Leaving)];
        assert_eq!(reasons[..6], expected);
        assert_eq!(reasons[6], Some(BusierThanOthers));
        // At night somebody still answers, and not the accountable person for everything.
        assert_eq!(chosen(vec![away(), asleep()]), (5, None));
    }

    #[test]
    fn behind_the_team_its_lead_and_behind_the_lead_the_accountable_person() {
        let full = |number| Person { capacity: 0, ..person(number, 0, None) };
        let away = |number| Person { away_until: time(9), ..person(number, 0, None) };
        let leaving = |number| Person { leaving: true, ..person(number, 0, None) };
        let none = Some(FallbackReason::NobodyAvailable);
        assert_eq!(chosen(vec![full(1), full(2)]), (1, none));
        assert_eq!(chosen(vec![away(1), full(2)]), (BOSS, none));
        assert_eq!(chosen(vec![leaving(1)]), (BOSS, Some(FallbackReason::TeamEmpty)));
        assert_eq!(chosen(vec![]), (BOSS, Some(FallbackReason::TeamEmpty)));
    }

    #[test]
    fn a_person_whom_a_rule_names_is_asked_unless_away_or_gone() {
        let only = |person: Option<Person>| {
            let behind = Behind { people: person.into_iter().collect(), lead: None, team: false };
            choose(&behind, &["magic".into()], id(BOSS)).0
        };
        let full = Person { capacity: 0, at_work: false, ..person(1, 9, None) };
        assert_eq!(only(Some(full)), Choice { owner: id(1), fallback: None });
        let away = Person { away_until: time(9), ..person(1, 0, None) };
        assert_eq!(only(Some(away)), Choice { owner: id(BOSS), fallback: Some(FallbackReason::PersonAway) });
        assert_eq!(only(None), Choice { owner: id(BOSS), fallback: Some(FallbackReason::PersonNotActive) });
    }

    #[test]
    fn who_comes_back_takes_turns_and_is_not_flooded() {
        let mut people =
            vec![person(1, 20, Some(1)), person(2, 21, Some(2)), Person { just_back: true, ..person(3, 0, Some(0)) }];
        let mut given = [0; 3];
        for now in 10..40 {
            let (choice, _) = choose(&team(people.clone()), &[], id(BOSS));
            let place = people.iter().position(|person| person.staff == choice.owner).unwrap();
            people[place].open_cases += 1;
            people[place].last_assigned_at = time(now);
            given[place] += 1;
        }
        assert!(given[2] >= 8 && given[2] <= 16, "{given:?}");
        assert!(given.iter().all(|count| *count >= 8), "{given:?}");
    }
}
