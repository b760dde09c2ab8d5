//! Public holidays of a country or a region, computed for any year from 1990 to 2199. Pure.
//!
//! `nordic`, `continent` and `english` have a table for each country, with its legal sources and a row for each
//! holiday. A holiday that a government gave in one year only is a row for that year. A contract test compares the
//! years 2020 to 2040 with another implementation and states the reason for every difference.
//!
//! Two kinds of day are left out. Sundays are not listed as such: Easter Sunday and Whit Sunday are listed where the
//! law names them. A day that only some municipalities keep is not listed for the region.

mod continent;
mod english;
mod nordic;
mod rule;

use chrono::NaiveDate;

use continent::{AT, BE, DE, FR, NL, PL};
use english::{GB, IE, US};
use nordic::{DK, FI, NO, SE};
use rule::Almanac;

/// The first supported year.
const FIRST: i32 = 1990;
/// The last supported year.
const LAST: i32 = 2199;

/// A country whose holidays are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// Sweden.
    Se,
    /// Norway.
    No,
    /// Denmark.
    Dk,
    /// Finland.
    Fi,
    /// Germany.
    De,
    /// The Netherlands.
    Nl,
    /// The United Kingdom.
    Gb,
    /// France.
    Fr,
    /// Ireland.
    Ie,
    /// Belgium.
    Be,
    /// Austria.
    At,
    /// Poland.
    Pl,
    /// The United States: the federal holidays.
    Us,
}

/// A part of a country with holidays of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// The part after the hyphen in ISO 3166-2: "BY" of DE-BY, "SCT" of GB-SCT.
    pub code: &'static str,
    /// The English name.
    pub name: &'static str,
}

/// Why a day is a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// A public holiday by law. In the United Kingdom also a bank holiday.
    Public,
    /// A day on which most people do not work although it is not a public holiday by law, such as Swedish Midsummer
    /// Eve.
    Eve,
}

/// One holiday on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holiday {
    /// The date of the holiday.
    pub date: NaiveDate,
    /// The English name.
    pub name: &'static str,
    /// The name in the country's main language.
    pub local: &'static str,
    /// Why it is a day off.
    pub category: Category,
}

impl Country {
    /// Every country whose holidays are known.
    pub const ALL: &[Self] = &[
        Self::Se,
        Self::No,
        Self::Dk,
        Self::Fi,
        Self::De,
        Self::Nl,
        Self::Gb,
        Self::Fr,
        Self::Ie,
        Self::Be,
        Self::At,
        Self::Pl,
        Self::Us,
    ];

    /// The two-letter code of ISO 3166-1, such as "SE".
    #[must_use]
    pub fn code(self) -> &'static str {
        self.almanac().code
    }

    /// The country with this two-letter code of ISO 3166-1, in capitals.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|country| country.code() == code)
    }

    /// The English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.almanac().name
    }

    /// The IANA name of the capital's time zone.
    #[must_use]
    pub fn zone(self) -> &'static str {
        self.almanac().zone
    }

    /// The region whose holidays count when none is chosen; `None` for most countries. For the United Kingdom it is
    /// England, because the holidays that all its parts share do not include Easter Monday and the summer bank holiday.
    #[must_use]
    pub const fn usual_region(self) -> Option<&'static str> {
        match self {
            Self::Gb => Some("ENG"),
            _ => None,
        }
    }

    /// The regions of the country with holidays of their own.
    #[must_use]
    pub fn regions(self) -> &'static [Region] {
        self.almanac().regions
    }

    fn almanac(self) -> &'static Almanac {
        match self {
            Self::Se => &SE,
            Self::No => &NO,
            Self::Dk => &DK,
            Self::Fi => &FI,
            Self::De => &DE,
            Self::Nl => &NL,
            Self::Gb => &GB,
            Self::Fr => &FR,
            Self::Ie => &IE,
            Self::Be => &BE,
            Self::At => &AT,
            Self::Pl => &PL,
            Self::Us => &US,
        }
    }
}

/// Every holiday of a year, sorted by date; two may share a date. Without a region, the holidays of the whole country.
/// A region that the country does not have adds nothing. Before 1990 and after 2199 the result is empty.
#[must_use]
pub fn of_year(country: Country, region: Option<&str>, year: i32) -> Vec<Holiday> {
    if !(FIRST..=LAST).contains(&year) {
        return Vec::new();
    }
    let kept = country.almanac().rules.iter().filter(|rule| rule.holds(region, year));
    let dated = kept.filter_map(|rule| {
        let date = rule.when.date(year)?;
        Some(Holiday { date, name: rule.name, local: rule.local, category: rule.category })
    });
    let mut holidays: Vec<Holiday> = dated.collect();
    holidays.sort_by_key(|holiday| (holiday.date, holiday.category, holiday.name));
    holidays
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the holidays on this date, including those of a region.
    fn on(country: Country, region: Option<&str>, date: &str) -> Vec<&'static str> {
        let date: NaiveDate = date.parse().unwrap();
        let year = chrono::Datelike::year(&date);
        of_year(country, region, year).iter().filter(|day| day.date == date).map(|day| day.name).collect()
    }

    /// Every country, without a region and with each of its regions.
    fn everywhere() -> impl Iterator<Item = (Country, Option<&'static str>)> {
        Country::ALL.iter().flat_map(|country| {
            let regions = country.regions().iter().map(|region| Some(region.code));
            std::iter::once(None).chain(regions).map(|region| (*country, region))
        })
    }

    #[test]
    fn easter_is_the_churchs() {
        // 2049 is a year in which the last full moon but one comes a day early; in 2076 and 2133 the last one does.
        const DATES: &str = "2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 \
            2028-04-16 2029-04-01 2030-04-21 2031-04-13 2032-03-28 2033-04-17 2034-04-09 2035-03-25 2036-04-13 \
            2037-04-05 2038-04-25 2039-04-10 2040-04-01 2049-04-18 2076-04-19 2133-04-19";
        for expected in DATES.split_whitespace() {
            assert_eq!(on(Country::Se, None, expected), ["Easter Sunday"], "{expected}");
        }
    }

    /// Easter Sunday by another method: the formula that Butcher's Ecclesiastical Calendar printed in 1876.
    fn butcher(year: u32) -> (u32, u32) {
        let (golden, century, rest) = (year % 19, year / 100, year % 100);
        let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
        let week = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
        let sum = moon + week + 114 - 7 * ((golden + 11 * moon + 22 * week) / 451);
        (sum / 31, sum % 31 + 1)
    }

    #[test]
    fn easter_is_the_same_by_another_formula() {
        for year in FIRST..=LAST {
            let (month, day) = butcher(year.try_into().unwrap());
            let date = format!("{year}-{month:02}-{day:02}");
            assert!(on(Country::Se, None, &date).contains(&"Easter Sunday"), "{date}");
        }
    }

    #[test]
    fn sweden_in_2026() {
        let days = of_year(Country::Se, None, 2026);
        let days: Vec<_> =
            days.iter().map(|day| (day.date.to_string(), day.local, day.category == Category::Eve)).collect();
        let expected = [
            ("2026-01-01", "Nyårsdagen", false),
            ("2026-01-06", "Trettondedag jul", false),
            ("2026-04-03", "Långfredagen", false),
            ("2026-04-05", "Påskdagen", false),
            ("2026-04-06", "Annandag påsk", false),
            ("2026-05-01", "Första maj", false),
            ("2026-05-14", "Kristi himmelsfärdsdag", false),
            ("2026-05-24", "Pingstdagen", false),
            ("2026-06-06", "Nationaldagen", false),
            ("2026-06-19", "Midsommarafton", true),
            ("2026-06-20", "Midsommardagen", false),
            ("2026-10-31", "Alla helgons dag", false),
            ("2026-12-24", "Julafton", true),
            ("2026-12-25", "Juldagen", false),
            ("2026-12-26", "Annandag jul", false),
            ("2026-12-31", "Nyårsafton", true),
        ];
        assert_eq!(days, expected.map(|(date, local, eve)| (date.to_owned(), local, eve)));
    }

    #[test]
    fn a_day_given_once_and_a_day_moved_once() {
        use Country::{Be, De, Dk, Fi, Fr, Gb, Ie, Nl, Pl, Se};
        const NOTHING: &[&str] = &[];
        for (country, region, date, expected) in [
            (Gb, Some("ENG"), "1995-05-01", NOTHING),
            (Gb, Some("ENG"), "1995-05-08", &["Early May bank holiday"]),
            (Gb, None, "1999-12-31", &["Millennium bank holiday"]),
            (Gb, None, "2002-05-27", NOTHING),
            (Gb, None, "2002-06-03", &["Golden Jubilee bank holiday"]),
            (Gb, None, "2002-06-04", &["Spring bank holiday"]),
            (Gb, None, "2011-04-29", &["Royal wedding bank holiday"]),
            (Gb, None, "2012-06-04", &["Spring bank holiday"]),
            (Gb, None, "2012-06-05", &["Diamond Jubilee bank holiday"]),
            (Gb, Some("WLS"), "2020-05-04", NOTHING),
            (Gb, Some("WLS"), "2020-05-08", &["Early May bank holiday"]),
            (Gb, None, "2022-05-30", NOTHING),
            (Gb, None, "2022-06-02", &["Spring bank holiday"]),
            (Gb, None, "2022-06-03", &["Platinum Jubilee bank holiday"]),
            (Gb, None, "2022-09-19", &["Bank holiday for the State Funeral of Queen Elizabeth II"]),
            (Gb, None, "2023-05-08", &["Bank holiday for the coronation of King Charles III"]),
            (Gb, Some("SCT"), "2026-06-15", &["World Cup bank holiday"]),
            (Gb, Some("ENG"), "2026-06-15", NOTHING),
            (Be, None, "2008-05-01", &["Labour Day"]),
            (Be, None, "2008-05-02", &["Ascension Day"]),
            (De, Some("BE"), "2020-05-08", &["75th anniversary of the liberation"]),
            (De, Some("BE"), "2025-05-08", &["80th anniversary of the liberation"]),
            (De, Some("BB"), "2025-05-08", NOTHING),
            (De, Some("BE"), "2028-06-17", &["75th anniversary of the uprising of 1953"]),
            (De, None, "2017-10-31", &["Reformation Day"]),
            (De, Some("SN"), "2017-10-31", &["Reformation Day"]),
            (De, None, "2018-10-31", NOTHING),
            (De, Some("HH"), "2018-10-31", &["Reformation Day"]),
            (De, None, "1994-11-16", &["Repentance and Prayer Day"]),
            (De, None, "1995-11-22", NOTHING),
            (De, Some("SN"), "1995-11-22", &["Repentance and Prayer Day"]),
            (Dk, None, "2023-05-05", &["Great Prayer Day"]),
            (Dk, None, "2024-04-26", NOTHING),
            (Fi, None, "1990-05-19", &["Ascension Day"]),
            (Fr, Some("974"), "2026-12-20", &["Abolition of Slavery"]),
            (Ie, None, "2022-03-18", &["Day of Remembrance and Recognition"]),
            (Ie, None, "2030-02-01", &["St Brigid's Day"]),
            (Ie, None, "2030-02-04", NOTHING),
            (Ie, None, "2026-02-02", &["St Brigid's Day"]),
            (Nl, None, "2013-04-30", &["Queen's Day"]),
            (Nl, None, "2014-04-26", &["King's Day"]),
            (Nl, None, "2014-04-27", NOTHING),
            (Nl, None, "2025-05-05", &["Liberation Day"]),
            (Nl, None, "2026-05-05", NOTHING),
            (Pl, None, "2018-11-12", &["Centenary of independence"]),
            (Se, None, "2004-05-31", &["Whit Monday"]),
            (Se, None, "2005-05-16", NOTHING),
        ] {
            assert_eq!(on(country, region, date), expected, "{country:?} {region:?} {date}");
        }
    }

    #[test]
    fn a_weekend_is_made_up_for_in_britain_and_the_united_states() {
        use Country::{Gb, Us};
        for (country, region, date, expected) in [
            (Gb, None, "2021-12-25", "Christmas Day"),
            (Gb, None, "2021-12-27", "Christmas Day (substitute day)"),
            (Gb, None, "2021-12-28", "Boxing Day (substitute day)"),
            (Gb, None, "2022-12-26", "Boxing Day"),
            (Gb, None, "2022-12-27", "Christmas Day (substitute day)"),
            (Gb, None, "2026-12-28", "Boxing Day (substitute day)"),
            (Gb, Some("SCT"), "2022-01-03", "New Year's Day (substitute day)"),
            (Gb, Some("SCT"), "2022-01-04", "2nd January (substitute day)"),
            (Gb, Some("SCT"), "2023-01-03", "2nd January (substitute day)"),
            (Gb, Some("SCT"), "2027-01-04", "2nd January (substitute day)"),
            (Gb, Some("NIR"), "2025-07-14", "Battle of the Boyne (substitute day)"),
            (Us, None, "2021-06-18", "Juneteenth National Independence Day (observed)"),
            (Us, None, "2021-12-31", "New Year's Day (observed)"),
            (Us, None, "2023-01-02", "New Year's Day (observed)"),
        ] {
            assert_eq!(on(country, region, date), [expected], "{country:?} {region:?} {date}");
        }
    }

    #[test]
    fn years_are_in_order_and_without_doubles() {
        for (country, region) in everywhere() {
            for year in FIRST..=LAST {
                let days = of_year(country, region, year);
                let named: Vec<_> = days.iter().map(|day| (day.date, day.name)).collect();
                let unlike: std::collections::BTreeSet<_> = named.iter().collect();
                assert!(days.is_sorted_by_key(|day| day.date), "{country:?} {region:?} {year}");
                assert_eq!(unlike.len(), named.len(), "{country:?} {region:?} {year}");
                let public = days.iter().filter(|day| day.category == Category::Public).count();
                assert!((6..=20).contains(&public), "{country:?} {region:?} {year}: {public}");
                assert!(days.iter().all(|day| chrono::Datelike::year(&day.date) == year && !day.local.is_empty()));
            }
            assert_eq!(of_year(country, region, FIRST - 1), []);
            assert_eq!(of_year(country, region, LAST + 1), []);
        }
    }

    #[test]
    fn a_region_adds_and_an_unknown_one_does_not() {
        for country in Country::ALL {
            let whole = of_year(*country, None, 2026);
            assert_eq!(of_year(*country, Some("no such"), 2026), whole);
            for region in country.regions() {
                let here = of_year(*country, Some(region.code), 2026);
                assert!(whole.iter().all(|day| here.contains(day)), "{country:?} {}", region.code);
            }
        }
    }

    #[test]
    fn countries_are_found_by_code() {
        for country in Country::ALL {
            assert_eq!(Country::from_code(country.code()), Some(*country));
        }
        assert_eq!(Country::from_code("se"), None);
        assert_eq!((Country::Fi.name(), Country::Fi.zone()), ("Finland", "Europe/Helsinki"));
    }
}
