//! Converts a local time in a zone to an instant. Twice a year a local hour is skipped or repeated. An opening in a
//! skipped hour is at the moment when the clocks go forward. An opening in a repeated hour is at its first occurrence,
//! and a closing at its second.

use chrono::offset::LocalResult;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::DAY;

/// The instant that corresponds to an opening at this minute of this day.
#[must_use]
pub fn opening(zone: Tz, date: NaiveDate, minute: u16) -> Option<DateTime<Utc>> {
    at(zone, date, minute, false)
}

/// The instant that corresponds to a closing at this minute of this day. Minute 1,440 is the beginning of the next day.
#[must_use]
pub fn closing(zone: Tz, date: NaiveDate, minute: u16) -> Option<DateTime<Utc>> {
    at(zone, date, minute, minute < DAY)
}

/// The instant at which this day ends and the next begins.
#[must_use]
pub fn midnight_after(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    at(zone, date, DAY, false)
}

fn at(zone: Tz, date: NaiveDate, minute: u16, second: bool) -> Option<DateTime<Utc>> {
    let date = date.checked_add_days(Days::new(u64::from(minute / DAY)))?;
    let seconds = u32::from(minute % DAY) * 60;
    let local = date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Some(at.to_utc()),
        LocalResult::Ambiguous(first, later) => Some(if second { later } else { first }.to_utc()),
        LocalResult::None => GapInfo::new(&local, &zone)?.end.map(|end| end.to_utc()),
    }
}
