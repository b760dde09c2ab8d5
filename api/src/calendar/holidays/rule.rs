//! The kinds of rule that determine the date of a holiday in a year. Pure.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};

use super::{Category, Region};

/// Everything that is known about one country.
pub(super) struct Almanac {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) zone: &'static str,
    pub(super) regions: &'static [Region],
    pub(super) rules: &'static [HolidayRule],
}

/// The rule for the date of a holiday, in a year in which it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// On this month and day.
    On(u32, u32),
    /// On this month and day if it is one of these weekdays; otherwise the year has no such holiday.
    OnA(&'static [Weekday], u32, u32),
    /// On this month and day, or the day before if it is a Sunday.
    NotSunday(u32, u32),
    /// This many days after Easter Sunday.
    Easter(i64),
    /// On the first such weekday on or after this month and day.
    First(Weekday, u32, u32),
    /// On the first Monday in February, or on 1 February if that is a Friday.
    Brigid,
}

impl When {
    /// The date in this year.
    pub(super) fn date(self, year: i32) -> Option<NaiveDate> {
        let date = |month, day| NaiveDate::from_ymd_opt(year, month, day);
        match self {
            Self::On(month, day) => date(month, day),
            Self::OnA(weekdays, month, day) => date(month, day).filter(|date| weekdays.contains(&date.weekday())),
            Self::NotSunday(month, day) => match date(month, day)? {
                sunday if sunday.weekday() == Weekday::Sun => sunday.pred_opt(),
                other => Some(other),
            },
            Self::Easter(days) => easter(year)?.checked_add_signed(TimeDelta::try_days(days)?),
            Self::First(weekday, month, day) => first(weekday, date(month, day)?),
            Self::Brigid => match date(2, 1)? {
                friday if friday.weekday() == Weekday::Fri => Some(friday),
                other => first(Weekday::Mon, other),
            },
        }
    }
}

/// The first such weekday on or after this date.
fn first(weekday: Weekday, from: NaiveDate) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(u64::from(weekday.days_since(from.weekday()))))
}

/// Easter Sunday of the Gregorian calendar: the Sunday after the first full moon on or after 21 March. The full moon is
/// the one of the church's tables, computed with C. F. Gauss's formula; it can differ from the astronomical one by a
/// day or two.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let century = year / 100;
    // The dates of full moons repeat every 19 years. Two corrections shift them century by century: the leap years that
    // the Gregorian calendar omits, and eight days of drift of the moon in 25 centuries.
    let moon = (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;
    // The tables have 29 dates for 30 full moons. The latest therefore comes a day early, and so does the one before it
    // in the years of the cycle in which both would otherwise share a date.
    let moon = moon - i32::from(moon == 29 || (moon == 28 && golden > 10));
    let full = NaiveDate::from_ymd_opt(year, 3, 21)?.checked_add_signed(TimeDelta::try_days(i64::from(moon))?)?;
    first(Weekday::Sun, full.succ_opt()?)
}

/// One holiday of a country: its names, its date, and the years and regions in which it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct HolidayRule {
    pub(super) when: When,
    pub(super) name: &'static str,
    pub(super) local: &'static str,
    pub(super) category: Category,
    since: i32,
    until: i32,
    every: i32,
    except: &'static [i32],
    regions: &'static [&'static str],
}

/// A holiday by law, in every year and region.
pub(super) const fn public(when: When, name: &'static str, local: &'static str) -> HolidayRule {
    let category = Category::Public;
    HolidayRule { when, name, local, category, since: i32::MIN, until: i32::MAX, every: 1, except: &[], regions: &[] }
}

/// A holiday by custom, in every year and region.
pub(super) const fn eve(when: When, name: &'static str, local: &'static str) -> HolidayRule {
    HolidayRule { category: Category::Eve, ..public(when, name, local) }
}

/// A holiday by law whose English name is the local one.
pub(super) const fn english(when: When, name: &'static str) -> HolidayRule {
    public(when, name, name)
}

impl HolidayRule {
    /// Kept from this year on.
    pub(super) const fn since(self, since: i32) -> Self {
        Self { since, ..self }
    }

    /// Kept up to and including this year.
    pub(super) const fn until(self, until: i32) -> Self {
        Self { until, ..self }
    }

    /// Kept in this year only.
    pub(super) const fn only(self, year: i32) -> Self {
        Self { since: year, until: year, ..self }
    }

    /// Kept in the years that are divisible by this number.
    pub(super) const fn every(self, every: i32) -> Self {
        Self { every, ..self }
    }

    /// Not kept in these years.
    pub(super) const fn except(self, except: &'static [i32]) -> Self {
        Self { except, ..self }
    }

    /// Kept in these regions only.
    pub(super) const fn within(self, regions: &'static [&'static str]) -> Self {
        Self { regions, ..self }
    }

    /// Whether the holiday is kept in this year, in this region or (without one) in the whole country.
    pub(super) fn holds(&self, region: Option<&str>, year: i32) -> bool {
        let here = self.regions.is_empty() || region.is_some_and(|region| self.regions.contains(&region));
        let now = (self.since..=self.until).contains(&year) && year % self.every == 0;
        here && now && !self.except.contains(&year)
    }
}
