//! Working time: opening hours in a time zone, holidays and own days; when a span is due, and how much time has
//! elapsed. Pure: the caller passes the calendar and the instants. `docs/clocks.md` explains every rule with an
//! example.

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

/// The number of minutes in a day.
pub const DAY: u16 = 24 * 60;

/// An interval of a day in local time, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// The minute at which it begins.
    pub from: u16,
    /// The minute at which it ends, later than `from`; 1,440 is midnight.
    pub until: u16,
}

/// Which holidays close a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    /// The country whose holidays count.
    pub country: Country,
    /// A part of the country with holidays of its own: the part after the hyphen in ISO 3166-2, such as "BY" or "SCT".
    pub region: Option<String>,
    /// Whether it is also closed on eves: days on which most people do not work although they are not holidays by law.
    pub eves: bool,
}

/// A day whose hours differ from those of its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnDay {
    /// The reason, such as "stocktaking" or "Black Friday".
    pub name: String,
    /// The hours in which it is open; closed when empty.
    pub hours: Vec<Opening>,
}

/// A calendar: when work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// The hours per weekday from Monday on; sorted, without overlapping or touching intervals.
    week: [Vec<Opening>; 7],
    holidays: Option<Holidays>,
    own: BTreeMap<NaiveDate, OwnDay>,
}

/// The reason why a day is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// The weekday has no hours.
    Weekday,
    /// A holiday: its English name and its local name.
    Holiday(&'static str, &'static str),
    /// An own day without hours, and its name.
    Own(String),
}

/// The reason why a calculation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unable {
    /// The calendar has no open hour within about ten years.
    NeverOpen,
    /// The time is longer than about ten years.
    TooLong,
}

impl Calendar {
    /// A calendar with these hours for each weekday from Monday on. Intervals that touch or overlap are merged.
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

    /// A calendar in this zone that is always open.
    #[must_use]
    pub fn always(zone: Tz) -> Self {
        let all_day = || vec![Opening { from: 0, until: DAY }];
        let week = [all_day(), all_day(), all_day(), all_day(), all_day(), all_day(), all_day()];
        Self { zone, week, holidays: None, own: BTreeMap::new() }
    }

    /// The calendar's time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The holidays that close it.
    #[must_use]
    pub fn holidays(&self) -> Option<&Holidays> {
        self.holidays.as_ref()
    }

    /// The local date at this instant, in the calendar's zone.
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

    /// The first instant after this one at which it opens; none when it does not open within a year.
    #[must_use]
    pub fn opens_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut walk = walk::Walk::new(self);
        let later = |day: NaiveDate| {
            let open = walk.stretches(day).unwrap_or_default();
            open.into_iter().map(|(from, _)| from).find(|from| *from > at)
        };
        self.date(at).iter_days().take(367).find_map(later)
    }

    /// This instant if it is open then, otherwise the next at which it opens; none when it does not open within a year.
    #[must_use]
    pub fn open_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(at) { Some(at) } else { self.opens_after(at) }
    }

    /// When it opens on this day for the first time; none when it is closed all day.
    #[must_use]
    pub fn opens_on(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        walk::Walk::new(self).stretches(date).ok()?.first().map(|(from, _)| *from)
    }

    /// The day on which work is done that comes up at this instant: its day if the calendar still opens or is open on
    /// it afterwards, otherwise the next day on which it opens.
    #[must_use]
    pub fn working_day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.date(self.open_from(at).unwrap_or(at))
    }

    fn weekday(&self, date: NaiveDate) -> &[Opening] {
        let day = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        self.week.get(day).map_or(&[], Vec::as_slice)
    }
}

/// The intervals sorted, with those that touch or overlap merged.
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
