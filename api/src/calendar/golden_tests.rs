//! Due times that were worked out by hand. Each row gives the reason.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::elapsed::{Elapsed, elapsed};
use super::holidays::Country;
use super::pause::Pauses;
use super::span::{ClosedEnd, Ends, Span, Unit, due, due_with};
use super::step::Unheard;
use super::walk::Walk;
use super::{Calendar, Holidays, Opening, OwnDay, Unable};

const HOUR: u32 = 3_600;

/// Parses the hours of a week written as "0-4 08:00-17:00, 5 10:00-14:00", where 0 is Monday.
pub(super) fn week(text: &str) -> [Vec<Opening>; 7] {
    let minutes = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
    };
    let mut week: [Vec<Opening>; 7] = Default::default();
    for entry in text.split(", ").filter(|entry| !entry.is_empty()) {
        let (days, hours) = entry.split_once(' ').unwrap();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, until) = hours.split_once('-').unwrap();
        let (first, last) = (first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap());
        for day in &mut week[first..=last] {
            day.push(Opening { from: minutes(from), until: minutes(until) });
        }
    }
    week
}

fn of(zone: &str, hours: &str, country: Option<Country>, own: &[(&str, &str)]) -> Calendar {
    let holidays =
        country.map(|country| Holidays { country, region: country.usual_region().map(str::to_owned), eves: true });
    let own: BTreeMap<NaiveDate, OwnDay> = own
        .iter()
        .map(|(date, hours)| {
            let hours = if hours.is_empty() { Vec::new() } else { week(&format!("0 {hours}"))[0].clone() };
            (date.parse().unwrap(), OwnDay { name: "own".to_owned(), hours })
        })
        .collect();
    Calendar::new(zone.parse::<Tz>().unwrap(), week(hours), holidays, own).unwrap()
}

fn calendar(name: &str) -> Calendar {
    let office = "0-4 08:00-17:00";
    match name {
        "shop" => of("Europe/Stockholm", office, Some(Country::Se), &[]),
        "plain" => of("Europe/Stockholm", office, None, &[]),
        "always" => Calendar::always(Tz::Europe__Stockholm),
        "weekdays" => of("Europe/Stockholm", "0-4 00:00-24:00", None, &[]),
        "lunch" => of("Europe/Stockholm", "0-4 08:00-12:00, 0-4 13:00-17:00", None, &[]),
        "night" => of("Europe/Stockholm", "0-6 00:00-03:00, 0-6 22:00-24:00", None, &[]),
        "early" => of("Europe/Stockholm", "0-6 02:30-05:00", None, &[]),
        "late" => of("Europe/Stockholm", "0-6 00:00-02:30", None, &[]),
        "own" => {
            of("Europe/Stockholm", office, Some(Country::Se), &[("2026-12-24", "10:00-14:00"), ("2026-11-27", "")])
        }
        "london" => of("Europe/London", "0-4 09:00-17:00", Some(Country::Gb), &[]),
        "tokyo" => of("Asia/Tokyo", "0-4 09:00-18:00", None, &[]),
        "kathmandu" => of("Asia/Kathmandu", "6 10:00-17:00, 0-4 10:00-17:00", None, &[]),
        other => panic!("{other}"),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_utc()
}

const fn work(seconds: u32) -> Span {
    Span::of(seconds, Unit::Working)
}

const fn closing(count: u32) -> Span {
    Span { ends: Ends::Closing, ..Span::of(count, Unit::WorkingDays) }
}

const fn moved(count: u32, unit: Unit) -> Span {
    Span { closed_end: ClosedEnd::NextWorkingDay, ..Span::of(count, unit) }
}

/// Calendar, start, span, due time, reason.
#[rustfmt::skip]
const ROWS: &[(&str, &str, Span, &str, &str)] = &[
    // Working hours.
    ("plain", "2026-11-23T10:00:00+01:00", work(4 * HOUR), "2026-11-23T14:00:00+01:00", "a Monday morning has the four hours before it closes"),
    ("plain", "2026-11-27T16:55:00+01:00", work(HOUR), "2026-11-30T08:55:00+01:00", "five minutes are left of Friday, fifty-five are of Monday"),
    ("plain", "2026-11-23T08:00:00+01:00", work(9 * HOUR), "2026-11-23T17:00:00+01:00", "a whole day is due when it closes, not when the next opens"),
    ("plain", "2026-11-23T17:00:00+01:00", work(HOUR), "2026-11-24T09:00:00+01:00", "what arrives when it closes begins when it opens"),
    ("plain", "2026-11-28T12:00:00+01:00", work(HOUR), "2026-11-30T09:00:00+01:00", "what arrives on a Saturday begins on Monday"),
    ("plain", "2026-11-23T05:00:00+01:00", work(1), "2026-11-23T08:00:01+01:00", "to the second, from the opening"),
    ("plain", "2026-11-23T10:00:00+01:00", work(0), "2026-11-23T10:00:00+01:00", "no time is due at once"),
    ("plain", "2026-11-28T10:00:00+01:00", work(0), "2026-11-28T10:00:00+01:00", "no time is due at once, on a closed day too"),
    ("lunch", "2026-11-23T11:30:00+01:00", work(HOUR), "2026-11-23T13:30:00+01:00", "half an hour before lunch, half an hour after it"),
    ("lunch", "2026-11-23T12:10:00+01:00", work(HOUR), "2026-11-23T14:00:00+01:00", "a start at lunch begins at one"),
    ("shop", "2026-12-23T16:00:00+01:00", work(2 * HOUR), "2026-12-28T09:00:00+01:00", "an hour on the 23rd; the eve, two holidays (one a Saturday) and a Sunday are closed; an hour on Monday the 28th"),
    ("plain", "2026-12-23T16:00:00+01:00", work(2 * HOUR), "2026-12-24T09:00:00+01:00", "without holidays the next day is open"),
    ("shop", "2026-06-18T16:30:00+02:00", work(HOUR), "2026-06-22T08:30:00+02:00", "Midsummer Eve is a Friday on which people do not work"),
    ("shop", "2026-12-30T16:00:00+01:00", work(2 * HOUR), "2027-01-04T09:00:00+01:00", "New Year's Eve, New Year's Day and a weekend are between"),
    ("own", "2026-12-23T16:00:00+01:00", work(2 * HOUR), "2026-12-24T11:00:00+01:00", "an own open day goes before a holiday, with its own hours"),
    ("own", "2026-11-26T16:00:00+01:00", work(2 * HOUR), "2026-11-30T09:00:00+01:00", "an own closed Friday joins the weekend"),
    ("weekdays", "2026-11-27T23:00:00+01:00", work(2 * HOUR), "2026-11-30T01:00:00+01:00", "round the clock on weekdays: an hour of Friday, an hour of Monday"),
    ("weekdays", "2026-11-23T12:00:00+01:00", work(24 * HOUR), "2026-11-24T12:00:00+01:00", "midnight between two open days is no border"),
    ("night", "2026-11-23T23:00:00+01:00", work(3 * HOUR), "2026-11-24T02:00:00+01:00", "a night is two stretches that meet at midnight"),
    ("night", "2026-11-23T12:00:00+01:00", work(5 * HOUR), "2026-11-24T03:00:00+01:00", "a start at noon begins at ten in the evening"),
    // The customer is in another zone; the calendar's zone decides.
    ("plain", "2026-11-27T23:30:00+09:00", work(HOUR), "2026-11-27T16:30:00+01:00", "half past eleven at night in Tokyo is half past three in Stockholm"),
    ("tokyo", "2026-11-27T09:30:00+01:00", work(HOUR), "2026-11-30T09:30:00+09:00", "in Tokyo it is half past five: thirty minutes on Friday, thirty on Monday"),
    ("kathmandu", "2026-11-27T16:30:00+05:45", work(HOUR), "2026-11-29T10:30:00+05:45", "an offset of three quarters of an hour, and a week that begins on Sunday"),
    // Daylight saving time begins on 29 March and ends on 25 October 2026 in Europe.
    ("always", "2026-03-29T00:00:00+01:00", work(24 * HOUR), "2026-03-30T01:00:00+02:00", "the day has 23 hours: the 24th is of the next"),
    ("always", "2026-10-25T00:00:00+02:00", work(24 * HOUR), "2026-10-25T23:00:00+01:00", "the day has 25 hours: 24 of them are over at eleven"),
    ("early", "2026-03-29T00:00:00+01:00", work(HOUR), "2026-03-29T04:00:00+02:00", "half past two does not exist: it opens at three, when the clocks go on"),
    ("early", "2026-10-25T00:00:00+02:00", work(2 * HOUR), "2026-10-25T03:30:00+01:00", "it opens at the first half past two, an hour and a half before three"),
    ("early", "2026-10-25T00:00:00+02:00", work(HOUR), "2026-10-25T02:30:00+01:00", "an hour after the first half past two is the second"),
    ("late", "2026-10-25T00:00:00+02:00", work(3 * HOUR), "2026-10-25T02:00:00+01:00", "three hours after midnight is the second two o'clock"),
    ("late", "2026-10-25T00:00:00+02:00", work(3 * HOUR + HOUR / 2), "2026-10-25T02:30:00+01:00", "it closes at the second half past two"),
    ("late", "2026-03-29T00:00:00+01:00", work(3 * HOUR), "2026-03-30T01:00:00+02:00", "a closing that does not exist is where the clocks go on: two hours of it, one of the next day"),
    ("plain", "2026-03-27T16:00:00+01:00", work(2 * HOUR), "2026-03-30T09:00:00+02:00", "over a change at the weekend the hours on the wall stay"),
    ("london", "2026-10-23T16:00:00+01:00", work(2 * HOUR), "2026-10-26T10:00:00+00:00", "in London they go back on the same day"),
    // Real time.
    ("plain", "2026-11-27T16:55:00+01:00", Span::of(24 * HOUR, Unit::Clock), "2026-11-28T16:55:00+01:00", "the clock knows no weekend"),
    ("plain", "2026-03-28T12:00:00+01:00", Span::of(24 * HOUR, Unit::Clock), "2026-03-29T13:00:00+02:00", "24 hours are 24 hours, whatever the wall says"),
    ("plain", "2026-10-24T12:00:00+02:00", Span::of(24 * HOUR, Unit::Clock), "2026-10-25T11:00:00+01:00", "… and in autumn"),
    // Working days.
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(1, Unit::WorkingDays), "2026-11-25T00:00:00+01:00", "the day after, until it is over"),
    ("shop", "2026-11-27T10:00:00+01:00", Span::of(1, Unit::WorkingDays), "2026-12-01T00:00:00+01:00", "after a Friday comes Monday"),
    ("shop", "2026-11-27T10:00:00+01:00", closing(1), "2026-11-30T17:00:00+01:00", "… by close of business"),
    ("shop", "2026-11-28T10:00:00+01:00", closing(1), "2026-11-30T17:00:00+01:00", "a start on a closed day counts from the next day too"),
    ("shop", "2026-12-22T10:00:00+01:00", Span::of(3, Unit::WorkingDays), "2026-12-30T00:00:00+01:00", "the 23rd, the 28th and the 29th"),
    ("london", "2026-04-01T09:30:00+01:00", closing(3), "2026-04-08T17:00:00+01:00", "the 2nd, then Good Friday, a weekend, Easter Monday; the 7th and the 8th"),
    ("own", "2026-12-23T10:00:00+01:00", closing(1), "2026-12-24T14:00:00+01:00", "an own open day is a working day and closes at its own time"),
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(0, Unit::WorkingDays), "2026-11-24T00:00:00+01:00", "no day at all is the day itself, until it is over"),
    // Days, weeks, months.
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(14, Unit::Days), "2026-12-08T00:00:00+01:00", "fourteen days after the 23rd is the 7th, until it is over"),
    ("shop", "2026-11-29T10:00:00+01:00", Span::of(26, Unit::Days), "2026-12-26T00:00:00+01:00", "it ends on Christmas Day"),
    ("shop", "2026-11-29T10:00:00+01:00", moved(26, Unit::Days), "2026-12-29T00:00:00+01:00", "… and where a closed last day moves, on Monday the 28th"),
    ("london", "2026-01-05T10:00:00+00:00", Span::of(8, Unit::Weeks), "2026-03-03T00:00:00+00:00", "eight weeks after a Monday is a Monday"),
    ("london", "2026-02-23T10:00:00+00:00", Span::of(8, Unit::Weeks), "2026-04-21T00:00:00+01:00", "the change of the clocks moves no date"),
    ("shop", "2026-01-31T10:00:00+01:00", Span::of(1, Unit::Months), "2026-03-01T00:00:00+01:00", "February has no 31st: its last day"),
    ("shop", "2028-01-31T10:00:00+01:00", Span::of(1, Unit::Months), "2028-03-01T00:00:00+01:00", "in a leap year the 29th"),
    ("shop", "2028-02-29T10:00:00+01:00", Span::of(12, Unit::Months), "2029-03-01T00:00:00+01:00", "a year after a leap day is the 28th"),
    ("shop", "2026-11-30T10:00:00+01:00", moved(1, Unit::Months), "2026-12-31T00:00:00+01:00", "the 30th is a Wednesday and stays"),
    ("shop", "2026-11-24T10:00:00+01:00", moved(1, Unit::Months), "2026-12-29T00:00:00+01:00", "the 24th is an eve: the next working day is Monday the 28th"),
    ("shop", "2026-11-23T23:30:00+00:00", Span::of(1, Unit::Days), "2026-11-26T00:00:00+01:00", "in Stockholm the 24th has begun: the day of the start is its date there"),
    ("plain", "2026-03-28T10:00:00+01:00", Span::of(1, Unit::Days), "2026-03-30T00:00:00+02:00", "the last day may have 23 hours"),
];

#[test]
fn what_is_due_is_what_was_worked_out_by_hand() {
    for (name, start, span, expected, why) in ROWS {
        let found = due(at(start), *span, &calendar(name)).unwrap();
        assert_eq!(found, at(expected), "{name}, {start}, {span:?}: {why}");
        // The reverse: the elapsed time at the due time is exactly the span.
        if span.count > 0 && matches!(span.unit, Unit::Clock | Unit::Working) {
            let gone = elapsed(at(start), found, span.unit, &calendar(name)).unwrap();
            assert_eq!(gone, Elapsed::Seconds(span.count.into()), "back: {name}, {start}: {why}");
        }
    }
}

type PausedRow =
    (&'static str, &'static str, Span, &'static [(&'static str, &'static str)], &'static str, &'static str);

/// Calendar, start, span, pauses, due time, reason.
#[rustfmt::skip]
const PAUSED: &[PausedRow] = &[
    ("plain", "2026-11-23T10:00:00+01:00", work(4 * HOUR), &[("2026-11-23T11:00:00+01:00", "2026-11-23T12:00:00+01:00")], "2026-11-23T15:00:00+01:00", "an hour's pause makes it an hour later"),
    ("plain", "2026-11-23T10:00:00+01:00", work(4 * HOUR), &[("2026-11-23T16:00:00+01:00", "2026-11-24T09:00:00+01:00")], "2026-11-23T14:00:00+01:00", "a pause after it was due changes nothing"),
    ("plain", "2026-11-23T15:00:00+01:00", work(4 * HOUR), &[("2026-11-23T17:00:00+01:00", "2026-11-24T08:00:00+01:00")], "2026-11-24T10:00:00+01:00", "a pause while it is closed costs nothing"),
    ("plain", "2026-11-23T15:00:00+01:00", work(4 * HOUR), &[("2026-11-23T16:00:00+01:00", "2026-11-24T09:00:00+01:00"), ("2026-11-24T08:30:00+01:00", "2026-11-24T10:00:00+01:00")], "2026-11-24T13:00:00+01:00", "two that overlap count once: one hour on Monday, three from ten on Tuesday"),
    ("always", "2026-11-23T10:00:00+01:00", Span::of(24 * HOUR, Unit::Clock), &[("2026-11-23T09:00:00+01:00", "2026-11-23T12:00:00+01:00")], "2026-11-24T12:00:00+01:00", "of a pause that began before only the rest counts"),
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(2, Unit::WorkingDays), &[("2026-11-24T15:00:00+01:00", "2026-11-25T10:00:00+01:00")], "2026-11-27T00:00:00+01:00", "the 24th ends in the pause and does not count: the 25th and the 26th"),
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(2, Unit::Weeks), &[("2026-11-26T10:00:00+01:00", "2026-11-29T10:00:00+01:00")], "2026-12-11T00:00:00+01:00", "three days end in the pause: from the 7th to the 10th"),
    ("shop", "2026-11-23T10:00:00+01:00", Span::of(2, Unit::Days), &[("2026-11-24T09:00:00+01:00", "2026-11-24T23:00:00+01:00")], "2026-11-26T00:00:00+01:00", "a pause within a day takes none away"),
];

#[test]
fn the_time_of_a_pause_does_not_count() {
    for (name, start, span, pauses, expected, why) in PAUSED {
        let calendar = calendar(name);
        let pauses = Pauses::new(pauses.iter().map(|(from, until)| (at(from), at(until))).collect());
        let found = due_with(at(start), *span, &pauses, &mut Walk::new(&calendar), &mut Unheard).unwrap();
        assert_eq!(found, at(expected), "{name}, {start}, {span:?}: {why}");
    }
}

/// Calendar, start, end, unit, elapsed time, reason.
#[rustfmt::skip]
const GONE: &[(&str, &str, &str, Unit, Elapsed, &str)] = &[
    ("plain", "2026-11-27T16:00:00+01:00", "2026-11-30T09:00:00+01:00", Unit::Working, Elapsed::Seconds(7_200), "an hour of Friday, an hour of Monday"),
    ("plain", "2026-11-28T09:00:00+01:00", "2026-11-29T09:00:00+01:00", Unit::Working, Elapsed::Seconds(0), "nothing at a weekend"),
    ("plain", "2026-11-27T16:00:00+01:00", "2026-11-27T15:00:00+01:00", Unit::Working, Elapsed::Seconds(0), "nothing backwards"),
    ("always", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", Unit::Clock, Elapsed::Seconds(90_000), "a day of 25 hours"),
    ("shop", "2026-12-22T10:00:00+01:00", "2026-12-30T00:00:00+01:00", Unit::WorkingDays, Elapsed::Days(3), "the end of the 29th is still the 29th"),
    ("shop", "2026-12-22T10:00:00+01:00", "2026-12-30T00:00:01+01:00", Unit::WorkingDays, Elapsed::Days(4), "a second later the 30th has begun"),
    ("shop", "2026-12-22T10:00:00+01:00", "2026-12-22T23:00:00+01:00", Unit::Days, Elapsed::Days(0), "the day of the start is not counted"),
];

#[test]
fn what_has_gone_is_what_was_worked_out_by_hand() {
    for (name, start, end, unit, expected, why) in GONE {
        assert_eq!(elapsed(at(start), at(end), *unit, &calendar(name)).unwrap(), *expected, "{name}, {start}: {why}");
    }
}

#[test]
fn a_calendar_that_never_opens_is_refused_and_one_that_opens_too_seldom_has_no_answer() {
    let never = Calendar::new(Tz::UTC, Default::default(), None, BTreeMap::new());
    assert_eq!(never.unwrap_err(), Unable::NeverOpen);
    let once = of("UTC", "", None, &[("2026-12-01", "10:00-11:00")]);
    assert_eq!(due(at("2026-11-30T00:00:00Z"), work(HOUR), &once).unwrap(), at("2026-12-01T11:00:00Z"));
    assert_eq!(due(at("2026-11-30T00:00:00Z"), work(HOUR + 1), &once), Err(Unable::TooLong));
    assert_eq!(due(at("2026-12-02T00:00:00Z"), work(HOUR), &once), Err(Unable::NeverOpen));
    let long = due(at("2026-12-02T00:00:00Z"), Span::of(u32::MAX, Unit::Months), &Calendar::always(Tz::UTC));
    assert_eq!(long, Err(Unable::TooLong));
}

#[test]
fn it_is_open_within_its_hours_and_not_on_a_holiday() {
    for (name, when, open) in [
        ("shop", "2026-11-23T08:00:00+01:00", true),
        ("shop", "2026-11-23T07:59:59+01:00", false),
        ("shop", "2026-11-23T17:00:00+01:00", false),
        ("shop", "2026-12-24T10:00:00+01:00", false),
        ("own", "2026-12-24T10:00:00+01:00", true),
        ("london", "2026-08-31T10:00:00+01:00", false),
    ] {
        assert_eq!(calendar(name).is_open(at(when)), open, "{name} {when}");
    }
}
