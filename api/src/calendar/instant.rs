//! A time on the wall of a zone as an instant. Twice a year the wall shows an hour twice, or skips one: an opening in a
//! skipped hour is when the clocks go on, an opening in a repeated hour is its first occurrence and a closing its second.

use chrono::offset::LocalResult;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::DAY;

/// The instant at which something that opens at this minute of this day does.
#[must_use]
pub fn opening(zone: Tz, date: NaiveDate, minute: u16) -> Option<DateTime<Utc>> {
    at(zone, date, minute, false)
}

/// The instant at which something that closes at this minute of this day does. Minute 1,440 is where the next day begins.
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
