//! Hours of an ordinary week in a time zone: a company's business hours, a person's working hours. Holidays are not
//! known. Pure.

use chrono::{DateTime, Datelike, Timelike, Utc, Weekday as Day};
use chrono_tz::Tz;
use entity::json::{Hours, WeekHours};
use entity::kind::Weekday;

use super::error::{ErrorCode, Problem};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Entries in a week's hours at most.
const MOST: usize = 50;

/// Monday to Friday, eight to five.
#[must_use]
pub fn office() -> WeekHours {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    WeekHours(vec![Hours { days: vec![Monday, Tuesday, Wednesday, Thursday, Friday], from: 8 * 60, until: 17 * 60 }])
}

/// The zone with this name of the IANA database ("Europe/Stockholm").
///
/// # Errors
/// When there is none.
pub fn checked_zone(name: &str, field: &str) -> Result<String, Problem> {
    let (en, sv) = (
        "Not a time zone of the IANA database. An example: Europe/Stockholm.",
        "Ingen tidszon i IANA-databasen. Ett exempel: Europe/Stockholm.",
    );
    name.parse::<Tz>().map(|zone| zone.name().to_owned()).map_err(|_| Problem::new(ErrorCode::Invalid, field, en, sv))
}

/// Hours that make sense: every entry has a day, and begins before it ends.
///
/// # Errors
/// When one does not.
pub fn checked_hours(hours: WeekHours, field: &str) -> Result<WeekHours, Problem> {
    let sound = |hours: &Hours| !hours.days.is_empty() && hours.from < hours.until && hours.until <= DAY;
    if hours.0.len() <= MOST && hours.0.iter().all(sound) {
        return Ok(hours);
    }
    let en = "Each entry needs a day and must begin before it ends; for a night write two. At most 50 entries.";
    let sv = "Varje rad behöver en dag och måste börja före den slutar; skriv två för en natt. Högst 50 rader.";
    Err(Problem::new(ErrorCode::Invalid, field, en, sv))
}

/// Whether this instant is within these hours where the clocks of this zone hang. An unknown zone counts as UTC.
#[must_use]
pub fn within(hours: &WeekHours, zone: &str, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&zone.parse::<Tz>().unwrap_or(Tz::UTC));
    let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
    let today = day(local.weekday());
    hours.0.iter().any(|hours| hours.days.contains(&today) && (hours.from..hours.until).contains(&minute))
}

fn day(day: Day) -> Weekday {
    match day {
        Day::Mon => Weekday::Monday,
        Day::Tue => Weekday::Tuesday,
        Day::Wed => Weekday::Wednesday,
        Day::Thu => Weekday::Thursday,
        Day::Fri => Weekday::Friday,
        Day::Sat => Weekday::Saturday,
        Day::Sun => Weekday::Sunday,
    }
}

/// "08:30" as minutes after midnight; "24:00" is the end of the day.
#[must_use]
pub fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u16>().ok().filter(|_| digits)
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY).then_some(total)
}

/// Minutes after midnight as "08:30".
#[must_use]
pub fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(within(&office(), zone, at.parse().unwrap()), expected, "{zone} {at}");
        }
    }

    #[test]
    fn times_of_day_are_read_and_written() {
        for (text, expected) in [
            ("00:00", Some(0)),
            ("08:30", Some(510)),
            ("24:00", Some(1_440)),
            ("24:01", None),
            ("8:30", None),
            ("08:60", None),
            ("+8:30", None),
            ("0830", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
            if let Some(read) = expected {
                assert_eq!(clock(read), text);
            }
        }
    }
}
