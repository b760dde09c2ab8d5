//! The holidays of Sweden, Norway, Denmark and Finland, each with the laws and official pages they are taken from.

use chrono::Weekday::{Fri, Sat};

use super::rule::When::{Easter, First, On};
use super::rule::{Almanac, eve, public};

/// Sweden: lag (1989:253) om allmänna helgdagar; until 2004 it named Whit Monday in place of the national day. Eves:
/// semesterlagen (1977:480) § 7 counts these three as Sundays.
pub(super) static SE: Almanac = Almanac {
    code: "SE",
    name: "Sweden",
    zone: "Europe/Stockholm",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Nyårsdagen"),
        public(On(1, 6), "Epiphany", "Trettondedag jul"),
        public(Easter(-2), "Good Friday", "Långfredagen"),
        public(Easter(0), "Easter Sunday", "Påskdagen"),
        public(Easter(1), "Easter Monday", "Annandag påsk"),
        public(On(5, 1), "May Day", "Första maj"),
        public(Easter(39), "Ascension Day", "Kristi himmelsfärdsdag"),
        public(Easter(49), "Whit Sunday", "Pingstdagen"),
        public(Easter(50), "Whit Monday", "Annandag pingst").until(2004),
        public(On(6, 6), "National Day", "Nationaldagen").since(2005),
        eve(First(Fri, 6, 19), "Midsummer Eve", "Midsommarafton"),
        public(First(Sat, 6, 20), "Midsummer Day", "Midsommardagen"),
        public(First(Sat, 10, 31), "All Saints' Day", "Alla helgons dag"),
        eve(On(12, 24), "Christmas Eve", "Julafton"),
        public(On(12, 25), "Christmas Day", "Juldagen"),
        public(On(12, 26), "Second Day of Christmas", "Annandag jul"),
        eve(On(12, 31), "New Year's Eve", "Nyårsafton"),
    ],
};

/// Norway: lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred § 2; lov 26. april 1947 nr. 1 for 1 and 17 May.
/// No eves: by arbeidsmiljøloven § 10-10 work ends at 15:00 on Christmas Eve and at 18:00 on New Year's Eve, so both
/// begin as working days.
pub(super) static NO: Almanac = Almanac {
    code: "NO",
    name: "Norway",
    zone: "Europe/Oslo",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Første nyttårsdag"),
        public(Easter(-3), "Maundy Thursday", "Skjærtorsdag"),
        public(Easter(-2), "Good Friday", "Langfredag"),
        public(Easter(0), "Easter Sunday", "Første påskedag"),
        public(Easter(1), "Easter Monday", "Andre påskedag"),
        public(On(5, 1), "Labour Day", "Arbeidernes dag"),
        public(On(5, 17), "Constitution Day", "Grunnlovsdagen"),
        public(Easter(39), "Ascension Day", "Kristi himmelfartsdag"),
        public(Easter(49), "Whit Sunday", "Første pinsedag"),
        public(Easter(50), "Whit Monday", "Andre pinsedag"),
        public(On(12, 25), "Christmas Day", "Første juledag"),
        public(On(12, 26), "Second Day of Christmas", "Andre juledag"),
    ],
};

/// Denmark: the holidays of the Church of Denmark, as Erhvervsstyrelsen lists them for lukkeloven § 2; lov nr. 214 af
/// 6. marts 2023 ended store bededag. Eves: the other days on which Danmarks Nationalbank closes every year
/// (banklukkedage), without the Friday after Ascension Day. By lukkeloven § 2 shops close on the first two, and at
/// 15:00 on the third. 1 May is a day off only where an agreement says so.
pub(super) static DK: Almanac = Almanac {
    code: "DK",
    name: "Denmark",
    zone: "Europe/Copenhagen",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Nytårsdag"),
        public(Easter(-3), "Maundy Thursday", "Skærtorsdag"),
        public(Easter(-2), "Good Friday", "Langfredag"),
        public(Easter(0), "Easter Sunday", "Påskedag"),
        public(Easter(1), "Easter Monday", "Anden påskedag"),
        public(Easter(26), "Great Prayer Day", "Store bededag").until(2023),
        public(Easter(39), "Ascension Day", "Kristi himmelfartsdag"),
        public(Easter(49), "Whit Sunday", "Pinsedag"),
        public(Easter(50), "Whit Monday", "Anden pinsedag"),
        eve(On(6, 5), "Constitution Day", "Grundlovsdag"),
        eve(On(12, 24), "Christmas Eve", "Juleaftensdag"),
        public(On(12, 25), "Christmas Day", "Juledag"),
        public(On(12, 26), "Second Day of Christmas", "Anden juledag"),
        eve(On(12, 31), "New Year's Eve", "Nytårsaftensdag"),
    ],
};

/// Finland: kirkkolaki (652/2023, before it 1054/1993) for the church's days, with Epiphany and Ascension Day on
/// Saturdays until 1990; laki 272/1944 for 1 May; laki 388/1937 for 6 December. Eves: vuosilomalaki (162/2005) § 4
/// excludes them from the working days, and so do most collective agreements. The Åland day of 9 June (landskapslag
/// 1976:26) is left out, because only public servants have it off.
pub(super) static FI: Almanac = Almanac {
    code: "FI",
    name: "Finland",
    zone: "Europe/Helsinki",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Uudenvuodenpäivä"),
        // In 1990, the last year of the old rule, 6 January was a Saturday, so no row of its own is needed.
        public(On(1, 6), "Epiphany", "Loppiainen"),
        public(Easter(-2), "Good Friday", "Pitkäperjantai"),
        public(Easter(0), "Easter Sunday", "Pääsiäispäivä"),
        public(Easter(1), "Easter Monday", "Toinen pääsiäispäivä"),
        public(On(5, 1), "May Day", "Vappu"),
        public(Easter(34), "Ascension Day", "Helatorstai").until(1990),
        public(Easter(39), "Ascension Day", "Helatorstai").since(1991),
        public(Easter(49), "Whit Sunday", "Helluntaipäivä"),
        eve(First(Fri, 6, 19), "Midsummer Eve", "Juhannusaatto"),
        public(First(Sat, 6, 20), "Midsummer Day", "Juhannuspäivä"),
        public(First(Sat, 10, 31), "All Saints' Day", "Pyhäinpäivä"),
        public(On(12, 6), "Independence Day", "Itsenäisyyspäivä"),
        eve(On(12, 24), "Christmas Eve", "Jouluaatto"),
        public(On(12, 25), "Christmas Day", "Joulupäivä"),
        public(On(12, 26), "Second Day of Christmas", "Tapaninpäivä"),
    ],
};
