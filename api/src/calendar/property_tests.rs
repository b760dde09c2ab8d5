//! Properties that hold for every calendar, tested with seeded random calendars. A failure prints the seed.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::elapsed::{Elapsed, elapsed};
use super::holidays::Country;
use super::span::{Span, Unit, due};
use super::{Calendar, DAY, Holidays, Opening, OwnDay};
use crate::kit::chance::Chance;

impl Chance {
    fn minute(&mut self) -> u16 {
        u16::try_from(self.below(u64::from(DAY) + 1)).unwrap()
    }

    fn hours(&mut self) -> Vec<Opening> {
        (0..self.below(4))
            .map(|_| {
                let (a, b) = (self.minute(), self.minute());
                Opening { from: a.min(b), until: a.max(b) }
            })
            .collect()
    }

    fn date(&mut self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(self.below(1_200))
    }

    fn instant(&mut self) -> DateTime<Utc> {
        let seconds = i64::try_from(self.below(1_200 * 86_400)).unwrap();
        DateTime::from_timestamp(1_704_067_200 + seconds, 0).unwrap()
    }

    fn calendar(&mut self) -> Calendar {
        const ZONES: &[Tz] = &[
            Tz::UTC,
            Tz::Europe__Stockholm,
            Tz::America__New_York,
            Tz::Australia__Lord_Howe,
            Tz::Asia__Kathmandu,
            Tz::America__Havana,
            Tz::Africa__Casablanca,
            Tz::Pacific__Chatham,
        ];
        loop {
            let zone = ZONES[usize::try_from(self.below(8)).unwrap()];
            let week = std::array::from_fn(|_| self.hours());
            let country = Country::ALL[usize::try_from(self.below(Country::ALL.len() as u64)).unwrap()];
            let holidays = (self.below(2) == 0).then(|| Holidays { country, region: None, eves: self.below(2) == 0 });
            let own: BTreeMap<_, _> = (0..self.below(20))
                .map(|_| (self.date(), OwnDay { name: String::new(), hours: self.hours() }))
                .collect();
            if let Ok(calendar) = Calendar::new(zone, week, holidays, own) {
                return calendar;
            }
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let begin = std::env::var("ANSVAR_SEED").ok().and_then(|seed| seed.parse().ok());
    begin.map_or(0..100, |seed| seed..seed + 1)
}

#[test]
fn due_and_elapsed_are_each_others_inverse_and_later_is_never_earlier() {
    for seed in seeds() {
        let chance = &mut Chance(seed);
        let calendar = chance.calendar();
        for _ in 0..5 {
            let start = chance.instant();
            let count = u32::try_from(chance.below(200_000)).unwrap() + 1;
            for unit in [Unit::Clock, Unit::Working] {
                let Ok(at) = due(start, Span::of(count, unit), &calendar) else { continue };
                let gone = elapsed(start, at, unit, &calendar).unwrap();
                assert_eq!(gone, Elapsed::Seconds(count.into()), "seed {seed}: {start} {count} {unit:?}");
                // A second earlier, one second is missing.
                let before = elapsed(start, at - TimeDelta::seconds(1), unit, &calendar).unwrap();
                assert_eq!(before, Elapsed::Seconds(i64::from(count) - 1), "seed {seed}: {start} {count} {unit:?}");
            }
            let days = u32::try_from(chance.below(40)).unwrap();
            for unit in [Unit::WorkingDays, Unit::Days] {
                let Ok(at) = due(start, Span::of(days, unit), &calendar) else { continue };
                let gone = elapsed(start, at, unit, &calendar).unwrap();
                assert_eq!(gone, Elapsed::Days(days.into()), "seed {seed}: {start} {days} {unit:?}");
            }
            for unit in [Unit::Clock, Unit::Working, Unit::WorkingDays, Unit::Days, Unit::Weeks, Unit::Months] {
                let small = u32::try_from(chance.below(30)).unwrap();
                let ask = |start, count| due(start, Span::of(count, unit), &calendar);
                let (Ok(one), Ok(more)) = (ask(start, small), ask(start, small + 1)) else { continue };
                assert!(one <= more, "seed {seed}: a longer span is due later: {start} {small} {unit:?}");
                assert!(one >= start, "seed {seed}: due after its start: {start} {small} {unit:?}");
                let shift = TimeDelta::seconds(i64::try_from(chance.below(400_000)).unwrap());
                let Ok(later) = ask(start + shift, small) else { continue };
                assert!(one <= later, "seed {seed}: a later start is due later: {start} {shift} {small} {unit:?}");
            }
        }
    }
}

#[test]
fn another_zone_of_the_same_offset_moves_nothing() {
    for seed in seeds() {
        let chance = &mut Chance(seed);
        let week: [Vec<Opening>; 7] = std::array::from_fn(|_| chance.hours());
        let at = |zone| Calendar::new(zone, week.clone(), None, BTreeMap::new());
        let (Ok(one), Ok(other)) = (at(Tz::Africa__Lagos), at(Tz::Africa__Kinshasa)) else { continue };
        let (start, count) = (chance.instant(), u32::try_from(chance.below(500_000)).unwrap());
        for unit in [Unit::Clock, Unit::Working, Unit::WorkingDays, Unit::Days] {
            let span = Span::of(if unit.is_days() { count % 50 } else { count }, unit);
            assert_eq!(due(start, span, &one), due(start, span, &other), "seed {seed}");
        }
    }
}

#[test]
fn what_is_open_counted_minute_by_minute_is_what_has_gone() {
    for seed in seeds().take(60) {
        let chance = &mut Chance(seed);
        let calendar = chance.calendar();
        // Two days around the changes to and from daylight saving time in March, April and October 2026.
        for begin in ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-31T12:00:00Z", "2026-04-04T12:00:00Z"] {
            let start: DateTime<Utc> = begin.parse().unwrap();
            let minutes = 2 * i64::from(DAY);
            let open = (0..minutes).filter(|minute| calendar.is_open(start + TimeDelta::minutes(*minute))).count();
            let gone = elapsed(start, start + TimeDelta::minutes(minutes), Unit::Working, &calendar).unwrap();
            assert_eq!(gone, Elapsed::Seconds(i64::try_from(open).unwrap() * 60), "seed {seed}: {begin}");
        }
    }
}
