//! Describes the steps of a calculation in Swedish and English, in the calendar's local time.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use entity::kind::Language;

use super::Closed;
use super::step::Step;
use crate::texts::{self, Text};

/// The maximum number of sentences. Of more, the first and the last are shown and the others counted.
const MOST: usize = 60;

/// The steps as sentences. Consecutive days that did not count for the same reason share one sentence.
#[must_use]
pub fn in_words(steps: &[Step], zone: Tz, language: Language) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut rest = steps;
    while let Some((first, behind)) = rest.split_first() {
        let alike = behind.iter().take_while(|next| joins(first, next)).count();
        let last = alike.checked_sub(1).and_then(|place| behind.get(place)).unwrap_or(first);
        said.push(sentence(first, last, alike + 1, zone, language));
        rest = behind.get(alike..).unwrap_or_default();
    }
    if said.len() > MOST {
        let left_out = said.len() - MOST;
        let more = texts::calendar::more_steps(left_out).read_in(language).to_owned();
        said.splice(MOST / 2..MOST / 2 + left_out, [more]);
    }
    said
}

/// Whether the next step gives the same reason for another day, so that both share a sentence.
fn joins(first: &Step, next: &Step) -> bool {
    match (first, next) {
        (Step::Skipped(_, first), Step::Skipped(_, next)) => first == next,
        (Step::Paused(_), Step::Paused(_)) => true,
        _ => false,
    }
}

fn sentence(first: &Step, last: &Step, count: usize, zone: Tz, language: Language) -> String {
    let at = |at: DateTime<Utc>| moment(at, zone, language);
    let text = match first {
        Step::Began(start) => texts::calendar::begins(at(*start)),
        Step::Counted { from, until, left } => {
            let (counted, left) = (length((*until - *from).num_seconds(), language), length(*left, language));
            texts::calendar::counted(at(*from), at(*until), counted, left)
        }
        Step::Day { date, left } => texts::calendar::day_counted(day(*date, language), left),
        Step::Skipped(date, closed) => {
            return format!("{}: {}.", days(*date, last, count, language), why(closed).read_in(language));
        }
        Step::Paused(date) => texts::calendar::paused(days(*date, last, count, language)),
        Step::Lands(date) => texts::calendar::last_day(day(*date, language)),
        Step::Due(due) => texts::calendar::due(at(*due)),
    };
    text.read_in(language).to_owned()
}

fn why(closed: &Closed) -> Text {
    match closed {
        Closed::Weekday => texts::calendar::closed(),
        Closed::Holiday(english, local) => texts::calendar::holiday(english, local),
        Closed::Own(name) => texts::calendar::closed_on(name),
    }
}

fn days(first: NaiveDate, last: &Step, count: usize, language: Language) -> String {
    let (Step::Skipped(last, _) | Step::Paused(last)) = last else { return day(first, language) };
    if count == 1 { day(first, language) } else { format!("{} – {}", day(first, language), day(*last, language)) }
}

fn day(date: NaiveDate, language: Language) -> String {
    format!("{} {date}", weekday(date.weekday()).read_in(language))
}

/// The name of a day.
#[must_use]
pub fn weekday(day: Weekday) -> Text {
    match day {
        Weekday::Mon => texts::date::monday(),
        Weekday::Tue => texts::date::tuesday(),
        Weekday::Wed => texts::date::wednesday(),
        Weekday::Thu => texts::date::thursday(),
        Weekday::Fri => texts::date::friday(),
        Weekday::Sat => texts::date::saturday(),
        Weekday::Sun => texts::date::sunday(),
    }
}

/// A local time with its offset, because an hour may occur twice; seconds only when they are not zero.
fn moment(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let seconds = if at.timestamp() % 60 == 0 { "%H:%M %:z" } else { "%H:%M:%S %:z" };
    format!("{} {}", day(local.date_naive(), language), local.format(seconds))
}

fn length(seconds: i64, language: Language) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let hour = texts::calendar::hours();
    let parts = [(hours, hour.read_in(language)), (minutes, "min"), (seconds, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if said.is_empty() { "0 min".to_owned() } else { said.join(" ") }
}
