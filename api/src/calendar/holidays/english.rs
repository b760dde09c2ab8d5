//! The holidays of the English-speaking countries, each with the laws and official pages they are taken from.

use chrono::Weekday::{Fri, Mon, Thu, Tue};

use super::Region;
use super::rule::When::{Brigid, Easter, First, On, OnA};
use super::rule::{Almanac, english};

/// The United Kingdom: Banking and Financial Dealings Act 1971, schedule 1; the royal proclamations under it, year by
/// year; the St Andrew's Day Bank Holiday (Scotland) Act 2007. Names and substitute days as on gov.uk/bank-holidays. A
/// date on a weekend is listed as well as the day that replaces it. Without a region: what all four parts share.
pub(super) static GB: Almanac = Almanac {
    code: "GB",
    name: "United Kingdom",
    zone: "Europe/London",
    regions: &[
        Region { code: "ENG", name: "England" },
        Region { code: "NIR", name: "Northern Ireland" },
        Region { code: "SCT", name: "Scotland" },
        Region { code: "WLS", name: "Wales" },
    ],
    rules: &[
        english(On(1, 1), "New Year's Day"),
        english(OnA(&[Mon], 1, 2), "New Year's Day (substitute day)"),
        english(OnA(&[Mon], 1, 3), "New Year's Day (substitute day)"),
        english(On(1, 2), "2nd January").within(&["SCT"]),
        english(OnA(&[Tue], 1, 3), "2nd January (substitute day)").within(&["SCT"]),
        english(OnA(&[Mon, Tue], 1, 4), "2nd January (substitute day)").within(&["SCT"]),
        english(On(3, 17), "St Patrick's Day").within(&["NIR"]),
        english(OnA(&[Mon], 3, 18), "St Patrick's Day (substitute day)").within(&["NIR"]),
        english(OnA(&[Mon], 3, 19), "St Patrick's Day (substitute day)").within(&["NIR"]),
        english(Easter(-2), "Good Friday"),
        english(Easter(1), "Easter Monday").within(&["ENG", "NIR", "WLS"]),
        // Moved to 8 May for the 50th and 75th anniversaries of the end of the war in Europe.
        english(First(Mon, 5, 1), "Early May bank holiday").except(&[1995, 2020]),
        english(On(5, 8), "Early May bank holiday").only(1995),
        english(On(5, 8), "Early May bank holiday").only(2020),
        // Moved next to the jubilee holidays of Elizabeth II.
        english(First(Mon, 5, 25), "Spring bank holiday").except(&[2002, 2012, 2022]),
        english(On(6, 4), "Spring bank holiday").only(2002),
        english(On(6, 4), "Spring bank holiday").only(2012),
        english(On(6, 2), "Spring bank holiday").only(2022),
        english(On(7, 12), "Battle of the Boyne (Orangemen's Day)").within(&["NIR"]),
        english(OnA(&[Mon], 7, 13), "Battle of the Boyne (substitute day)").within(&["NIR"]),
        english(OnA(&[Mon], 7, 14), "Battle of the Boyne (substitute day)").within(&["NIR"]),
        english(First(Mon, 8, 1), "Summer bank holiday").within(&["SCT"]),
        english(First(Mon, 8, 25), "Summer bank holiday").within(&["ENG", "NIR", "WLS"]),
        english(On(11, 30), "St Andrew's Day").within(&["SCT"]).since(2007),
        english(OnA(&[Mon], 12, 1), "St Andrew's Day (substitute day)").within(&["SCT"]).since(2007),
        english(OnA(&[Mon], 12, 2), "St Andrew's Day (substitute day)").within(&["SCT"]).since(2007),
        english(On(12, 25), "Christmas Day"),
        english(On(12, 26), "Boxing Day"),
        english(OnA(&[Mon, Tue], 12, 27), "Christmas Day (substitute day)"),
        english(OnA(&[Mon, Tue], 12, 28), "Boxing Day (substitute day)"),
        // Holidays in one year only, each by proclamation.
        english(On(12, 31), "Millennium bank holiday").only(1999),
        english(On(6, 3), "Golden Jubilee bank holiday").only(2002),
        english(On(4, 29), "Royal wedding bank holiday").only(2011),
        english(On(6, 5), "Diamond Jubilee bank holiday").only(2012),
        english(On(6, 3), "Platinum Jubilee bank holiday").only(2022),
        english(On(9, 19), "Bank holiday for the State Funeral of Queen Elizabeth II").only(2022),
        english(On(5, 8), "Bank holiday for the coronation of King Charles III").only(2023),
        english(On(6, 15), "World Cup bank holiday").within(&["SCT"]).only(2026),
    ],
};

/// Ireland: Organisation of Working Time Act 1997, second schedule; S.I. 91/1993 for May, from 1994; the regulations of
/// 2022 for February and for 18 March 2022. A holiday on a weekend is not moved: the employer chooses another day.
pub(super) static IE: Almanac = Almanac {
    code: "IE",
    name: "Ireland",
    zone: "Europe/Dublin",
    regions: &[],
    rules: &[
        english(On(1, 1), "New Year's Day"),
        english(Brigid, "St Brigid's Day").since(2023),
        english(On(3, 17), "St Patrick's Day"),
        english(Easter(1), "Easter Monday"),
        english(First(Mon, 5, 1), "May bank holiday").since(1994),
        english(First(Mon, 6, 1), "June bank holiday"),
        english(First(Mon, 8, 1), "August bank holiday"),
        english(First(Mon, 10, 25), "October bank holiday"),
        english(On(12, 25), "Christmas Day"),
        english(On(12, 26), "St Stephen's Day"),
        // Holidays in one year only.
        english(On(12, 31), "Millennium holiday").only(1999),
        english(On(3, 18), "Day of Remembrance and Recognition").only(2022),
    ],
};

/// The United States: 5 U.S.C. § 6103 for the days and for the Friday before a Saturday; Executive Order 11582 for the
/// Monday after a Sunday. The date itself is listed as well. Left out: state holidays, and the days on which a
/// president closed the federal offices, which are not holidays by law.
pub(super) static US: Almanac = Almanac {
    code: "US",
    name: "United States",
    zone: "America/New_York",
    regions: &[],
    rules: &[
        english(On(1, 1), "New Year's Day"),
        english(OnA(&[Mon], 1, 2), "New Year's Day (observed)"),
        english(First(Mon, 1, 15), "Birthday of Martin Luther King, Jr."),
        english(First(Mon, 2, 15), "Washington's Birthday"),
        english(First(Mon, 5, 25), "Memorial Day"),
        english(On(6, 19), "Juneteenth National Independence Day").since(2021),
        english(OnA(&[Fri], 6, 18), "Juneteenth National Independence Day (observed)").since(2021),
        english(OnA(&[Mon], 6, 20), "Juneteenth National Independence Day (observed)").since(2021),
        english(On(7, 4), "Independence Day"),
        english(OnA(&[Fri], 7, 3), "Independence Day (observed)"),
        english(OnA(&[Mon], 7, 5), "Independence Day (observed)"),
        english(First(Mon, 9, 1), "Labor Day"),
        english(First(Mon, 10, 8), "Columbus Day"),
        english(On(11, 11), "Veterans Day"),
        english(OnA(&[Fri], 11, 10), "Veterans Day (observed)"),
        english(OnA(&[Mon], 11, 12), "Veterans Day (observed)"),
        english(First(Thu, 11, 22), "Thanksgiving Day"),
        english(On(12, 25), "Christmas Day"),
        english(OnA(&[Fri], 12, 24), "Christmas Day (observed)"),
        english(OnA(&[Mon], 12, 26), "Christmas Day (observed)"),
        // New Year's Day of the next year, when that is a Saturday.
        english(OnA(&[Fri], 12, 31), "New Year's Day (observed)"),
    ],
};
