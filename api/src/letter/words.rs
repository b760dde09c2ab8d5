//! Formats times in words, and the sentence that is read out on the telephone.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use entity::case;
use entity::kind::Language;

use crate::calendar::words::weekday;
use crate::directory;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::texts::{self, Text, date};

const MONTHS: [fn() -> Text; 12] = [
    date::january,
    date::february,
    date::march,
    date::april,
    date::may,
    date::june,
    date::july,
    date::august,
    date::september,
    date::october,
    date::november,
    date::december,
];

/// The day and minute in the local time of this zone. Seconds are cut off, so that a promised time is never later than
/// the true one.
#[must_use]
pub fn date_in_words(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let day = day_in_words(local.date_naive(), language);
    date::at(day, local.hour(), local.minute()).read_in(language).to_owned()
}

/// The sentence that is read out to a customer on the telephone: the reference of the case, who answers for it, and by
/// when they hear more.
///
/// # Errors
/// When the store cannot be read.
pub async fn read_out(work: &Work, case: &case::Model, owner: &str) -> Outcome<String> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    let zone = directory::calendar::zone(&seller.calendar);
    let reference = &case.reference;
    let text = match case.next_contact_due {
        Some(due) => texts::letter::read_out(reference, owner, date_in_words(due, zone, case.language)),
        None => texts::letter::read_out_closed(reference, owner),
    };
    Ok(text.read_in(case.language).to_owned())
}

/// The day as the customer reads it.
#[must_use]
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    let month = usize::try_from(day.month0()).ok().and_then(|month| MONTHS.get(month));
    let month = month.map(|month| month().read_in(language).to_owned()).unwrap_or_default();
    format!("{} {} {month} {}", weekday(day.weekday()).read_in(language), day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_where_the_seller_is() {
        for (at, zone, sv, en) in [
            // Winter, summer, and a day that is another one in that zone.
            (
                "2026-11-25T12:00:00Z",
                Tz::Europe__Stockholm,
                "onsdag 25 november 2026 kl. 13.00",
                "Wednesday 25 November 2026 at 13:00",
            ),
            (
                "2026-07-05T06:07:59Z",
                Tz::Europe__Stockholm,
                "söndag 5 juli 2026 kl. 08.07",
                "Sunday 5 July 2026 at 08:07",
            ),
            (
                "2026-12-31T23:30:00Z",
                Tz::Europe__Stockholm,
                "fredag 1 januari 2027 kl. 00.30",
                "Friday 1 January 2027 at 00:30",
            ),
            (
                "2026-05-02T03:00:00Z",
                Tz::America__New_York,
                "fredag 1 maj 2026 kl. 23.00",
                "Friday 1 May 2026 at 23:00",
            ),
            ("2028-02-29T12:00:00Z", Tz::UTC, "tisdag 29 februari 2028 kl. 12.00", "Tuesday 29 February 2028 at 12:00"),
        ] {
            let at: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(date_in_words(at, zone, Language::Sv), sv);
            assert_eq!(date_in_words(at, zone, Language::En), en);
        }
    }

    #[test]
    fn every_day_and_month_has_its_name() {
        let start: DateTime<Utc> = "2026-01-01T10:00:00Z".parse().unwrap();
        for day in 0..366 {
            let at = start + chrono::TimeDelta::days(day);
            let said = date_in_words(at, Tz::UTC, Language::En);
            let month = chrono::Month::try_from(u8::try_from(at.month()).unwrap()).unwrap();
            assert!(said.starts_with(&at.weekday().to_string()) && said.contains(month.name()), "{said}");
        }
    }
}
