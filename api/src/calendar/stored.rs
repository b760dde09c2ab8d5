//! Converts a stored calendar to one that can be used for calculations.

use chrono_tz::Tz;
use entity::json::{CalendarContent, WeekHours};
use entity::kind::Weekday;

use super::holidays::Country;
use super::{Calendar, Holidays, Opening, OwnDay};

/// The stored calendar. If it cannot be read, because its zone is unknown or nothing is open, the result is always open
/// in UTC, so that times are due too early rather than never.
#[must_use]
pub fn calendar(content: &CalendarContent) -> Calendar {
    read(content).unwrap_or_else(|| Calendar::always(Tz::UTC))
}

/// Like [`calendar()`], but `None` when it cannot be read.
#[must_use]
pub fn read(content: &CalendarContent) -> Option<Calendar> {
    let zone: Tz = content.time_zone.parse().ok()?;
    let holidays = content.holidays.as_ref().and_then(|set| {
        let country = Country::from_code(&set.country)?;
        Some(Holidays { country, region: set.region.clone(), eves: set.eves })
    });
    let own = content.days.iter().map(|day| {
        let hours = day.hours.iter().map(|(from, until)| Opening { from: *from, until: *until }).collect();
        (day.date, OwnDay { name: day.name.clone(), hours })
    });
    Calendar::new(zone, week(&content.hours), holidays, own.collect()).ok()
}

/// A calendar with a person's working hours and the zone and holidays of another calendar; `None` when it has no open
/// hour.
#[must_use]
pub fn own_week(hours: &WeekHours, like: &Calendar) -> Option<Calendar> {
    Calendar::new(like.zone, week(hours), like.holidays.clone(), std::collections::BTreeMap::new()).ok()
}

fn week(hours: &WeekHours) -> [Vec<Opening>; 7] {
    let mut week: [Vec<Opening>; 7] = Default::default();
    for entry in &hours.0 {
        for day in &entry.days {
            let place = Weekday::ALL.iter().position(|known| known == day);
            if let Some(day) = place.and_then(|place| week.get_mut(place)) {
                day.push(Opening { from: entry.from, until: entry.until });
            }
        }
    }
    week
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::hours::office;

    #[test]
    fn an_instant_is_within_by_the_clocks_that_hang_there() {
        for (zone, at, expected) in [
            // A Monday. Stockholm is one hour ahead of UTC in winter, and two in summer.
            ("Europe/Stockholm", "2026-11-23T07:00:00Z", true),
            ("Europe/Stockholm", "2026-11-23T06:59:59Z", false),
            ("Europe/Stockholm", "2026-11-23T15:59:59Z", true),
            ("Europe/Stockholm", "2026-11-23T16:00:00Z", false),
            ("Europe/Stockholm", "2026-07-06T06:00:00Z", true),
            ("Europe/Stockholm", "2026-11-22T10:00:00Z", false),
            ("Europe/Helsinki", "2026-11-23T06:00:00Z", true),
            // It is still Friday in New York when it is Saturday in UTC.
            ("America/New_York", "2026-11-28T00:00:00Z", false),
            ("nowhere", "2026-11-23T08:00:00Z", true),
        ] {
            let (time_zone, hours) = (zone.to_owned(), office());
            let content = CalendarContent { time_zone, hours, holidays: None, days: Vec::new() };
            assert_eq!(calendar(&content).is_open(at.parse().unwrap()), expected, "{zone} {at}");
        }
    }
}
