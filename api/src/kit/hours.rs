//! The hours of an ordinary week as they are entered and stored: a company's business hours, a person's working hours.
//! The calendar computes from them when something is open. Pure functions.

use chrono_tz::Tz;
use entity::json::{Hours, WeekHours};
use entity::kind::Weekday;

use super::error::{ErrorCode, Problem};
use crate::texts;

/// The number of minutes in a day.
const DAY: u16 = 24 * 60;
/// The most entries in the hours of a week.
const MOST: usize = 50;

/// The usual office hours: Monday to Friday, 08:00 to 17:00.
#[must_use]
pub fn office() -> WeekHours {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    WeekHours(vec![Hours { days: vec![Monday, Tuesday, Wednesday, Thursday, Friday], from: 8 * 60, until: 17 * 60 }])
}

/// Checks that this is the name of a time zone in the IANA database, such as "Europe/Stockholm".
///
/// # Errors
/// [`ErrorCode::Invalid`] when there is no such time zone.
pub fn checked_zone(name: &str, field: &str) -> Result<String, Problem> {
    let problem = |_| Problem::new(ErrorCode::Invalid, field, texts::input::bad_zone());
    name.parse::<Tz>().map(|zone| zone.name().to_owned()).map_err(problem)
}

/// Checks that every entry has a day and begins before it ends, and that there are at most 50.
///
/// # Errors
/// [`ErrorCode::Invalid`] when they are not valid.
pub fn checked_hours(hours: WeekHours, field: &str) -> Result<WeekHours, Problem> {
    let sound = |hours: &Hours| !hours.days.is_empty() && hours.from < hours.until && hours.until <= DAY;
    if hours.0.len() <= MOST && hours.0.iter().all(sound) {
        return Ok(hours);
    }
    Err(Problem::new(ErrorCode::Invalid, field, texts::input::bad_hours()))
}

/// The minutes after midnight of a time such as "08:30". "24:00" is the end of the day.
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

/// The time such as "08:30" for these minutes after midnight.
#[must_use]
pub fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

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
