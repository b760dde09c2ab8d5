//! A calendar as it is stored, and as it is counted with.

use chrono_tz::Tz;
use entity::json::{CalendarContent, WeekHours};
use entity::kind::Weekday;

use super::holidays::Country;
use super::{Calendar, Holidays, Opening, OwnDay};

/// The calendar that was stored. One that cannot be read any more, because its zone is unknown or nothing is open, is
/// round the clock in UTC: what is due then is too early rather than never.
#[must_use]
pub fn calendar(content: &CalendarContent) -> Calendar {
    read(content).unwrap_or_else(|| Calendar::always(Tz::UTC))
}

/// As [`calendar()`]; none when it cannot be read.
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

/// The hours of a person in an ordinary week, in a zone; none when nothing is open.
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
            // A Monday. Stockholm is an hour ahead of UTC in winter, two in summer.
            ("Europe/Stockholm", "2026-11-23T07:00:00Z", true),
            ("Europe/Stockholm", "2026-11-23T06:59:59Z", false),
            ("Europe/Stockholm", "2026-11-23T15:59:59Z", true),
            ("Europe/Stockholm", "2026-11-23T16:00:00Z", false),
            ("Europe/Stockholm", "2026-07-06T06:00:00Z", true),
            ("Europe/Stockholm", "2026-11-22T10:00:00Z", false),
            ("Europe/Helsinki", "2026-11-23T06:00:00Z", true),
            // Still Friday in New York when it is Saturday in UTC.
            ("America/New_York", "2026-11-28T00:00:00Z", false),
            ("nowhere", "2026-11-23T08:00:00Z", true),
        ] {
            let (time_zone, hours) = (zone.to_owned(), office());
            let content = CalendarContent { time_zone, hours, holidays: None, days: Vec::new() };
            assert_eq!(calendar(&content).is_open(at.parse().unwrap()), expected, "{zone} {at}");
        }
    }
}
