//! Walks along the days of a calendar and counts them, so that the cost of a calculation can be limited.

use chrono::{Datelike, NaiveDate};

use super::holidays::{self, Category, Holiday};
use super::pause::Stretch;
use super::{Calendar, Closed, Opening, instant};

/// The maximum number of days that one calculation looks at: somewhat more than ten years.
pub const MOST_DAYS: u32 = 3_700;

/// A walk along a calendar. It caches the holidays of the current year.
pub struct Walk<'a> {
    calendar: &'a Calendar,
    year: Option<i32>,
    holidays: Vec<Holiday>,
    /// The number of days looked at so far.
    pub days: u32,
}

impl<'a> Walk<'a> {
    /// A new walk.
    #[must_use]
    pub fn new(calendar: &'a Calendar) -> Self {
        Self { calendar, year: None, holidays: Vec::new(), days: 0 }
    }

    /// The calendar that it walks along.
    #[must_use]
    pub fn calendar(&self) -> &'a Calendar {
        self.calendar
    }

    /// The opening hours of this day.
    ///
    /// # Errors
    /// The reason why the day is closed.
    pub fn hours(&mut self, date: NaiveDate) -> Result<&'a [Opening], Closed> {
        self.days += 1;
        let calendar = self.calendar;
        if let Some(own) = calendar.own.get(&date) {
            return if own.hours.is_empty() { Err(Closed::Own(own.name.clone())) } else { Ok(&own.hours) };
        }
        let hours = calendar.weekday(date);
        if hours.is_empty() {
            return Err(Closed::Weekday);
        }
        match self.holiday(date) {
            Some(day) => Err(Closed::Holiday(day.name, day.local)),
            None => Ok(hours),
        }
    }

    /// The intervals in which the calendar is open on this day, in order, as instants.
    ///
    /// # Errors
    /// The reason why the day is closed.
    pub fn stretches(&mut self, date: NaiveDate) -> Result<Vec<Stretch>, Closed> {
        let zone = self.calendar.zone;
        let mut all: Vec<Stretch> = Vec::new();
        for hours in self.hours(date)? {
            let (Some(from), Some(until)) =
                (instant::opening(zone, date, hours.from), instant::closing(zone, date, hours.until))
            else {
                continue;
            };
            // In a repeated hour a closing can be later than the opening that follows it.
            let from = all.last().map_or(from, |(_, before)| from.max(*before));
            if from < until {
                all.push((from, until));
            }
        }
        Ok(all)
    }

    fn holiday(&mut self, date: NaiveDate) -> Option<&Holiday> {
        let set = self.calendar.holidays.as_ref()?;
        if self.year != Some(date.year()) {
            self.year = Some(date.year());
            self.holidays = holidays::of_year(set.country, set.region.as_deref(), date.year());
        }
        let closes = |day: &&Holiday| day.date == date && (set.eves || day.category == Category::Public);
        self.holidays.iter().find(closes)
    }
}
