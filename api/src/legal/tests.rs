//! Each pack can be read and is consistent, and its due times match those worked out by hand.

use std::collections::HashSet;

use chrono_tz::Tz;

use super::*;

#[test]
fn every_file_is_a_pack_that_makes_sense() {
    assert_eq!(packs().len(), FILES.len(), "each file can be read");
    for file in FILES {
        toml::from_str::<Pack>(file).unwrap();
    }
    let mut codes = HashSet::new();
    for pack in packs() {
        assert!(pack.notice.r#in(Language::En).contains("not legal advice"), "{}", pack.code);
        for rule in &pack.rules {
            assert!(codes.insert(&rule.code), "{} is there twice", rule.code);
            assert_eq!(rule.warn_at.len(), rule.warns.len(), "{}", rule.code);
            assert!(
                rule.warn_at.is_sorted() && rule.warn_at.iter().all(|share| (0.0..1.0).contains(share)),
                "{}",
                rule.code
            );
            assert_eq!(rule.longest.is_some(), rule.extension.is_some(), "{}", rule.code);
            assert!(rule.source_url.starts_with("https://"), "{}", rule.code);
            assert!(rule.holidays == "SELLER" || Country::from_code(&rule.holidays).is_some(), "{}", rule.code);
            if rule.deadline_of == DeadlineOf::Customer {
                assert!(rule.warns.is_empty() && rule.satisfied_by == Satisfied::Nothing, "{}", rule.code);
            }
            for wording in [&rule.name, &rule.explains] {
                assert!(!wording.en.is_empty() && !wording.sv.is_empty(), "{}", rule.code);
            }
        }
    }
}

/// Rule, start, due time, reason.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("UK_DISP_EIGHT_WEEKS", "2026-03-02T10:00:00Z", "2026-04-28T00:00:00+01:00", "eight weeks after a Monday is Monday the 27th, until it is over"),
    ("UK_DISP_THIRD_BUSINESS_DAY", "2026-04-02T10:00:00+01:00", "2026-04-09T17:00:00+01:00", "Good Friday, a weekend and Easter Monday are none: the 7th, 8th, 9th, by close of business"),
    ("UK_DISP_PAYMENT_FIFTEEN_DAYS", "2026-12-14T10:00:00Z", "2027-01-08T00:00:00Z", "four until the 18th, four until the 24th, four from the 29th (the 28th stands for Boxing Day), three from the 4th until Thursday the 7th"),
    ("SE_ARN_ONE_YEAR", "2026-05-10T12:00:00+02:00", "2027-05-11T00:00:00+02:00", "the same day a year later, until it is over"),
    ("GDPR_DATA_REQUEST", "2026-03-05T12:00:00+01:00", "2026-04-08T00:00:00+02:00", "5 April is Easter Sunday and the 6th Easter Monday: the 7th"),
    ("GDPR_DATA_REQUEST", "2026-08-31T12:00:00+02:00", "2026-10-01T00:00:00+02:00", "September has no 31st"),
    ("GDPR_DATA_REQUEST", "2026-11-25T12:00:00+01:00", "2026-12-29T00:00:00+01:00", "Christmas Day is a Friday: Monday the 28th"),
    ("EU_ADR_ENQUIRY_ANSWER", "2028-10-02T12:00:00+02:00", "2028-10-31T00:00:00+01:00", "twenty working days after a Monday, without a holiday between"),
    ("US_CFPB_RESPONSE", "2026-11-02T12:00:00-05:00", "2026-11-18T00:00:00-05:00", "fifteen days after the 2nd is the 17th"),
];

#[test]
fn what_is_due_is_what_was_worked_out_by_hand() {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let holidays = Some(Holidays { country: Country::Se, region: None, eves: true });
    let week: [Vec<Opening>; 7] = std::array::from_fn(|_| vec![Opening { from: 0, until: 600 }]);
    let seller = Calendar::new(Tz::Europe__Stockholm, week, holidays, std::collections::BTreeMap::new()).unwrap();
    for (code, start, expected, why) in ROWS {
        let (_, rule) = rule(code).unwrap();
        assert_eq!(rule.due(at(start), &seller).unwrap(), at(expected), "{code}, {start}: {why}");
        assert!(rule.in_force(seller.date(at(start))), "{code}, {start}");
    }
    let (_, adr) = rule("EU_ADR_ENQUIRY_ANSWER").unwrap();
    assert!(!adr.in_force("2026-11-30".parse().unwrap()), "the law is not applied yet");
}

#[test]
fn where_holidays_differ_by_part_of_a_country_the_sellers_part_counts() {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let (_, rule) = rule("UK_DISP_THIRD_BUSINESS_DAY").unwrap();
    // Received on a Wednesday: Thursday, Friday, and Monday 30 November, which is St Andrew's Day in Scotland.
    for (country, region, due) in [
        (Country::Gb, Some("SCT"), "2026-12-01T17:00:00Z"),
        (Country::Gb, Some("ENG"), "2026-11-30T17:00:00Z"),
        (Country::Gb, None, "2026-11-30T17:00:00Z"),
        (Country::Se, None, "2026-11-30T17:00:00Z"),
    ] {
        let holidays = Some(Holidays { country, region: region.map(str::to_owned), eves: false });
        let week: [Vec<Opening>; 7] = std::array::from_fn(|_| vec![BUSINESS]);
        let seller = Calendar::new(Tz::Europe__London, week, holidays, std::collections::BTreeMap::new()).unwrap();
        assert_eq!(rule.due(at("2026-11-25T10:00:00Z"), &seller).unwrap(), at(due), "{country:?} {region:?}");
    }
}
