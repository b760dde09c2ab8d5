//! What both kinds of mapping share: the columns that the table must have, the format of times, and texts in several
//! columns.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::row::{TableRow, known_as, shown};

/// A column with times.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// The column's name.
    pub column: String,
    /// The format of the times in strftime notation, such as `%m/%d/%Y`. A date without a time means its midnight.
    pub format: String,
    /// The IANA name of the time zone of these times.
    #[serde(default = "utc")]
    pub zone: String,
}

pub(super) fn utc() -> String {
    "UTC".to_owned()
}

/// A mapping from the columns of a table to values.
pub trait MapsColumns {
    /// The names of the columns that it reads.
    fn columns(&self) -> Vec<&str>;

    /// The time columns that it reads.
    fn times(&self) -> Vec<&Time>;

    /// What is wrong with the mapping for a table with these columns: columns that the table does not have, and time
    /// zones that do not exist.
    fn wrong(&self, columns: &[String]) -> Vec<String> {
        let there: HashSet<String> =
            columns.iter().map(|name| known_as(name)).filter(|name| !name.is_empty()).collect();
        let missing = self.columns().into_iter().filter(|name| !there.contains(&known_as(name)));
        let missing = missing.map(|name| format!("there is no column \"{name}\""));
        let zones = self.times().into_iter().filter(|time| time.zone.parse::<Tz>().is_err());
        missing.chain(zones.map(|time| format!("there is no time zone \"{}\"", time.zone))).collect()
    }

    /// Whether the mapping reads the column with this name.
    fn names(&self, column: &str) -> bool {
        self.columns().into_iter().any(|name| known_as(name) == known_as(column))
    }
}

impl Time {
    /// The time in this row's cell. None when the cell is empty, or when it holds no past time, which is added to
    /// `wrong`.
    pub fn read(&self, row: &TableRow<'_>, now: DateTime<Utc>, wrong: &mut Vec<String>) -> Option<DateTime<Utc>> {
        let text = row.get(&self.column).map(str::trim).filter(|text| !text.is_empty())?;
        let local = NaiveDateTime::parse_from_str(text, &self.format)
            .ok()
            .or_else(|| NaiveDate::parse_from_str(text, &self.format).ok().and_then(|date| date.and_hms_opt(0, 0, 0)));
        let zone = self.zone.parse::<Tz>().unwrap_or(Tz::UTC);
        // A local time that occurs twice means the first of the two.
        let local = || local.and_then(|local| zone.from_local_datetime(&local).earliest()).map(|time| time.to_utc());
        // A time that states its own offset needs no zone.
        let found = DateTime::parse_from_str(text, &self.format).ok().map(|time| time.to_utc()).or_else(local);
        let found = found.filter(|found| *found <= now && crate::kit::page::sensible(found));
        if found.is_none() {
            wrong.push(format!("{}: \"{}\" is no past time written as {}", self.column, shown(text), self.format));
        }
        found
    }
}

/// The cells of these columns that are filled in, joined with `with`.
#[must_use]
pub fn joined(row: &TableRow<'_>, columns: &[String], with: &str) -> String {
    let filled = columns.iter().filter_map(|column| row.get(column)).map(str::trim);
    filled.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(with)
}

/// The idempotency key of a case with this id in this source. The length comes first, so that the pairs ("a", "bc") and
/// ("ab", "c") have different keys.
#[must_use]
pub fn key_of_case(source: &str, id: &str) -> String {
    format!("{}:{source}:{id}", source.len())
}
