//! Chooses the owner, once the rules have named a target and its people are known. Pure: no database, no async; the
//! time is an argument. Total: whatever the rules and the rows say, the result is a person at the seller.
//!
//! In a team: members who have the skills, are not away and are not full; of these the ones who are at work now, if
//! there are any; of these the one with the fewest open cases in relation to capacity; among equals the one who owns the
//! case already, when it is routed again, and then the one whose last case was assigned the longest ago. When no member is left the team's lead becomes the owner, and when the lead is
//! away or leaving the seller's accountable person.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use entity::id::StaffId;
use serde::{Deserialize, Serialize};

/// A person whom a target may choose, with their state at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a person")]
pub struct Person {
    /// The member of staff.
    pub staff: StaffId,
    /// How many open cases they own.
    pub open_cases: i64,
    /// When a case was last assigned to them. `None` (never) sorts as the longest ago.
    pub last_assigned_at: Option<DateTime<Utc>>,
    /// The number of open cases that they can own. Loads are compared in relation to it.
    pub capacity: i32,
    /// Their skills, in lower case.
    pub skills: Vec<String>,
    /// The end of their present absence; `None` when they are not away.
    pub away_until: Option<DateTime<Utc>>,
    /// Whether this moment is within their working hours.
    pub at_work: bool,
    /// Whether an absence of theirs ended within the last seven days.
    pub just_back: bool,
    /// Whether they are being deactivated in this act.
    pub leaving: bool,
    /// Whether they own the case that is routed again.
    pub owns: bool,
}

pub use entity::kind::Obstacle;

/// A person who was considered, with their state at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The member of staff.
    pub staff: StaffId,
    /// How many open cases they owned.
    pub open_cases: i64,
    /// The number of open cases that was used in the comparison. It is higher than `open_cases` for somebody who had
    /// just come back from an absence, so that they do not get every new case.
    pub counted_as: i64,
    /// The number of open cases that they could own.
    pub capacity: i32,
    /// When a case had last been assigned to them.
    pub last_assigned_at: Option<DateTime<Utc>>,
    /// The end of their absence, if they were away.
    pub away_until: Option<DateTime<Utc>>,
    /// Why this person was not chosen; `None` for the person who was.
    pub obstacle: Option<Obstacle>,
}

pub use entity::kind::FallbackReason;

/// The result of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The owner.
    pub owner: StaffId,
    /// Why the rule's target did not provide the owner; `None` when it did.
    pub fallback: Option<FallbackReason>,
}

/// The people that a rule's target stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The person, or the members of the team; only active people.
    pub people: Vec<Person>,
    /// The team's lead, who becomes the owner when no member can.
    pub lead: Option<StaffId>,
    /// Whether the target is a team.
    pub team: bool,
}

/// Chooses among the people of a target. The seller's accountable person is the last resort.
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
                .then(b.owns.cmp(&a.owns))
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

/// The reason why a person cannot be chosen, without regard to the other people. Skills and capacity only count in a
/// team: a person whom a rule names directly is chosen in spite of both.
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

/// Compares two loads, open cases divided by capacity, without computing fractions.
fn pressure((a_open, a_capacity): (i64, i32), (b_open, b_capacity): (i64, i32)) -> Ordering {
    let share = |open: i64, other: i32| i128::from(open) * i128::from(other.max(1));
    share(a_open, b_capacity).cmp(&share(b_open, a_capacity))
}

/// The load that people who have just come back are counted with at least: the lowest load among the others, or the
/// highest load among all when everybody has just come back.
fn floor(people: &[&Person]) -> Option<(i64, i32)> {
    let load = |person: &&Person| (person.open_cases, person.capacity);
    let here = people.iter().filter(|person| !person.just_back).map(load).min_by(|a, b| pressure(*a, *b));
    here.or_else(|| people.iter().map(load).max_by(|a, b| pressure(*a, *b)))
}

/// The number of open cases that a person is compared by. Somebody who has just come back has few cases and has waited
/// longest, and would get every new case. They therefore count as having at least the load of the least loaded of the
/// others, and take turns with them.
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
            owns: false,
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
            (vec![Person { owns: true, ..person(2, 3, Some(9)) }, person(1, 3, None)], 2),
            (vec![Person { owns: true, ..person(2, 3, Some(9)) }, person(1, 2, Some(9))], 1),
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
        // At night a member who is off work is still chosen, before the accountable person.
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
