//! Describes the steps of a calculation in Swedish and English, in the calendar's local time.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::kind::Language;

use super::Closed;
use super::step::Step;

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
        let more = match language {
            Language::En => format!("… {left_out} more steps …"),
            Language::Sv => format!("… {left_out} steg till …"),
        };
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
    let swedish = language == Language::Sv;
    match first {
        Step::Began(start) if swedish => format!("Börjar {}.", at(*start)),
        Step::Began(start) => format!("Begins {}.", at(*start)),
        Step::Counted { from, until, left } => {
            let (counted, left) = (length((*until - *from).num_seconds(), language), length(*left, language));
            if swedish {
                format!("{} till {}: {counted} räknas, {left} återstår.", at(*from), at(*until))
            } else {
                format!("{} to {}: {counted} counted, {left} left.", at(*from), at(*until))
            }
        }
        Step::Day { date, left } if swedish => format!("{}: räknas, {left} återstår.", day(*date, language)),
        Step::Day { date, left } => format!("{}: counted, {left} left.", day(*date, language)),
        Step::Skipped(date, closed) => format!("{}: {}.", days(*date, last, count, language), why(closed, language)),
        Step::Paused(date) if swedish => format!("{}: pausad.", days(*date, last, count, language)),
        Step::Paused(date) => format!("{}: paused.", days(*date, last, count, language)),
        Step::Lands(date) if swedish => format!("Sista dagen är {}.", day(*date, language)),
        Step::Lands(date) => format!("The last day is {}.", day(*date, language)),
        Step::Due(due) if swedish => format!("Ska vara gjort senast {}.", at(*due)),
        Step::Due(due) => format!("Due {}.", at(*due)),
    }
}

fn why(closed: &Closed, language: Language) -> String {
    match (closed, language) {
        (Closed::Weekday, Language::En) => "closed".to_owned(),
        (Closed::Weekday, Language::Sv) => "stängt".to_owned(),
        (Closed::Holiday(english, local), Language::En) => format!("holiday, {english} ({local})"),
        (Closed::Holiday(_, local), Language::Sv) => format!("helgdag, {local}"),
        (Closed::Own(name), Language::En) => format!("closed, {name}"),
        (Closed::Own(name), Language::Sv) => format!("stängt, {name}"),
    }
}

fn days(first: NaiveDate, last: &Step, count: usize, language: Language) -> String {
    let (Step::Skipped(last, _) | Step::Paused(last)) = last else { return day(first, language) };
    if count == 1 { day(first, language) } else { format!("{} – {}", day(first, language), day(*last, language)) }
}

fn day(date: NaiveDate, language: Language) -> String {
    let names = match language {
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::Sv => ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
    };
    let place = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
    format!("{} {date}", names.get(place).unwrap_or(&""))
}

/// A local time with its offset, because an hour may occur twice; seconds only when they are not zero.
fn moment(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let seconds = if at.timestamp() % 60 == 0 { "%H:%M %:z" } else { "%H:%M:%S %:z" };
    format!("{} {}", day(local.date_naive(), language), local.format(seconds))
}

fn length(seconds: i64, language: Language) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let hour = if language == Language::Sv { "tim" } else { "h" };
    let parts = [(hours, hour), (minutes, "min"), (seconds, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if said.is_empty() { "0 min".to_owned() } else { said.join(" ") }
}
