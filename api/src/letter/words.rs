//! Formats times in words, and the sentence that is read out on the telephone.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use entity::case;
use entity::kind::Language;

use crate::directory;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

const MONTHS_SV: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day and minute in the local time of this zone. Seconds are cut off, so that a promised time is never later than
/// the true one.
#[must_use]
pub fn date_in_words(at: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let (day, hour, minute) = (day_in_words(local.date_naive(), language), local.hour(), local.minute());
    match language {
        Language::Sv => format!("{day} kl. {hour:02}.{minute:02}"),
        Language::En => format!("{day} at {hour:02}:{minute:02}"),
    }
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
    let Some(due) = case.next_contact_due.map(|due| date_in_words(due, zone, case.language)) else {
        return Ok(match case.language {
            Language::Sv => {
                format!("Ditt ärende har nummer {reference}. {owner} har ansvarat för det, och det är avslutat.")
            }
            Language::En => {
                format!("Your case has the number {reference}. {owner} was responsible for it, and it is closed.")
            }
        });
    };
    Ok(match case.language {
        Language::Sv => format!(
            "Ditt ärende har nummer {reference}. {owner} ansvarar för det och hör av sig till dig senast {due}."
        ),
        Language::En => format!(
            "Your case has the number {reference}. {owner} is responsible for it and will get back to you no later than {due}."
        ),
    })
}

/// The day as the customer reads it.
#[must_use]
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    let months = match language {
        Language::Sv => MONTHS_SV,
        Language::En => MONTHS_EN,
    };
    let month = usize::try_from(day.month0()).ok().and_then(|month| months.get(month).copied()).unwrap_or_default();
    format!("{} {} {month} {}", weekday(day.weekday(), language), day.day(), day.year())
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    let (sv, en) = match day {
        Weekday::Mon => ("måndag", "Monday"),
        Weekday::Tue => ("tisdag", "Tuesday"),
        Weekday::Wed => ("onsdag", "Wednesday"),
        Weekday::Thu => ("torsdag", "Thursday"),
        Weekday::Fri => ("fredag", "Friday"),
        Weekday::Sat => ("lördag", "Saturday"),
        Weekday::Sun => ("söndag", "Sunday"),
    };
    match language {
        Language::Sv => sv,
        Language::En => en,
    }
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
