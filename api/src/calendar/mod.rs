//! Time as people work: opening hours in a zone, holidays, days of one's own; when something is due and how much time has
//! gone. Pure: whoever asks brings the calendar and the instants. `docs/clocks.md` explains every rule by an example.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

pub mod elapsed;
pub mod holidays;
pub mod instant;
pub mod pause;
pub mod span;
pub mod step;
pub mod stored;
pub mod walk;
pub mod words;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod property_tests;

use holidays::Country;

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;

/// A stretch of a day by the clocks on the wall, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// When it begins.
    pub from: u16,
    /// When it ends, later than `from`; 1,440 is midnight.
    pub until: u16,
}

/// Which holidays close a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    /// The country whose they are.
    pub country: Country,
    /// A part of the country with holidays of its own, as in ISO 3166-2 behind the hyphen: "BY", "SCT".
    pub region: Option<String>,
    /// Whether it is also closed on the eves on which most people do not work though no law says so.
    pub eves: bool,
}

/// A day that is not as its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnDay {
    /// Why: "stocktaking", "Black Friday".
    pub name: String,
    /// When it is open; never when empty.
    pub hours: Vec<Opening>,
}

/// When work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// From Monday on; each day's stretches in order, none touching another.
    week: [Vec<Opening>; 7],
    holidays: Option<Holidays>,
    own: BTreeMap<NaiveDate, OwnDay>,
}

/// Why a day is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// That weekday has no hours.
    Weekday,
    /// A holiday: its English name and its local one.
    Holiday(&'static str, &'static str),
    /// A closed day of one's own, and its name.
    Own(String),
}

/// Why a calculation has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unable {
    /// The calendar has no open hour in the ten years that are looked at.
    NeverOpen,
    /// Longer than ten years.
    TooLong,
}

impl Calendar {
    /// A calendar with these hours for each weekday from Monday on. Stretches that touch or overlap become one.
    ///
    /// # Errors
    /// When no weekday and no own day has an open minute.
    pub fn new(
        zone: Tz,
        week: [Vec<Opening>; 7],
        holidays: Option<Holidays>,
        own: BTreeMap<NaiveDate, OwnDay>,
    ) -> Result<Self, Unable> {
        let week = week.map(joined);
        let own: BTreeMap<_, _> =
            own.into_iter().map(|(date, day)| (date, OwnDay { hours: joined(day.hours), ..day })).collect();
        if week.iter().all(Vec::is_empty) && own.values().all(|day| day.hours.is_empty()) {
            return Err(Unable::NeverOpen);
        }
        Ok(Self { zone, week, holidays, own })
    }

    /// Open round the clock on every day, in this zone.
    #[must_use]
    pub fn always(zone: Tz) -> Self {
        let all_day = || vec![Opening { from: 0, until: DAY }];
        let week = [all_day(), all_day(), all_day(), all_day(), all_day(), all_day(), all_day()];
        Self { zone, week, holidays: None, own: BTreeMap::new() }
    }

    /// Where its clocks hang.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Which holidays close it.
    #[must_use]
    pub fn holidays(&self) -> Option<&Holidays> {
        self.holidays.as_ref()
    }

    /// The date on which this instant is by its clocks.
    #[must_use]
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// Whether it is open at this instant.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let mut walk = walk::Walk::new(self);
        walk.stretches(self.date(at)).unwrap_or_default().iter().any(|(from, until)| (*from..*until).contains(&at))
    }

    fn weekday(&self, date: NaiveDate) -> &[Opening] {
        let day = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        self.week.get(day).map_or(&[], Vec::as_slice)
    }
}

/// Sorted stretches, those that touch or overlap joined.
fn joined(mut hours: Vec<Opening>) -> Vec<Opening> {
    hours.retain(|hours| hours.from < hours.until && hours.until <= DAY);
    hours.sort_unstable();
    let mut all: Vec<Opening> = Vec::with_capacity(hours.len());
    for next in hours {
        match all.last_mut() {
            Some(last) if next.from <= last.until => last.until = last.until.max(next.until),
            _ => all.push(next),
        }
    }
    all
}
