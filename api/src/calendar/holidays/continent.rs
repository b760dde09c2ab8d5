//! The holidays of the countries on the Continent, each with the laws and official pages they are taken from.

use chrono::Weekday::Wed;

use super::Region;
use super::rule::When::{Easter, First, NotSunday, On};
use super::rule::{Almanac, public};

/// Germany: the holiday law of each state; Einigungsvertrag article 2 for 3 October. Left out because only some
/// municipalities keep them: Assumption Day in Bavaria, Corpus Christi in Saxony and Thuringia, 8 August in Augsburg.
/// For 1990 the eastern states are given the holidays that they have had since.
pub(super) static DE: Almanac = Almanac {
    code: "DE",
    name: "Germany",
    zone: "Europe/Berlin",
    regions: &[
        Region { code: "BB", name: "Brandenburg" },
        Region { code: "BE", name: "Berlin" },
        Region { code: "BW", name: "Baden-Württemberg" },
        Region { code: "BY", name: "Bavaria" },
        Region { code: "HB", name: "Bremen" },
        Region { code: "HE", name: "Hesse" },
        Region { code: "HH", name: "Hamburg" },
        Region { code: "MV", name: "Mecklenburg-Western Pomerania" },
        Region { code: "NI", name: "Lower Saxony" },
        Region { code: "NW", name: "North Rhine-Westphalia" },
        Region { code: "RP", name: "Rhineland-Palatinate" },
        Region { code: "SH", name: "Schleswig-Holstein" },
        Region { code: "SL", name: "Saarland" },
        Region { code: "SN", name: "Saxony" },
        Region { code: "ST", name: "Saxony-Anhalt" },
        Region { code: "TH", name: "Thuringia" },
    ],
    rules: &[
        public(On(1, 1), "New Year's Day", "Neujahr"),
        public(On(1, 6), "Epiphany", "Heilige Drei Könige").within(&["BW", "BY"]),
        public(On(1, 6), "Epiphany", "Heilige Drei Könige").within(&["ST"]).since(1993),
        public(On(3, 8), "International Women's Day", "Internationaler Frauentag").within(&["BE"]).since(2019),
        public(On(3, 8), "International Women's Day", "Internationaler Frauentag").within(&["MV"]).since(2023),
        public(Easter(-2), "Good Friday", "Karfreitag"),
        public(Easter(0), "Easter Sunday", "Ostersonntag").within(&["BB"]),
        public(Easter(1), "Easter Monday", "Ostermontag"),
        public(On(5, 1), "Labour Day", "Tag der Arbeit"),
        // Holidays in one year only, by Berlin's law on Sundays and holidays.
        public(On(5, 8), "75th anniversary of the liberation", "75. Jahrestag der Befreiung")
            .within(&["BE"])
            .only(2020),
        public(On(5, 8), "80th anniversary of the liberation", "80. Jahrestag der Befreiung")
            .within(&["BE"])
            .only(2025),
        public(On(6, 17), "75th anniversary of the uprising of 1953", "75. Jahrestag des Volksaufstands von 1953")
            .within(&["BE"])
            .only(2028),
        public(Easter(39), "Ascension Day", "Christi Himmelfahrt"),
        public(Easter(49), "Whit Sunday", "Pfingstsonntag").within(&["BB"]),
        public(Easter(50), "Whit Monday", "Pfingstmontag"),
        public(Easter(60), "Corpus Christi", "Fronleichnam").within(&["BW", "BY", "HE", "NW", "RP", "SL"]),
        public(On(8, 15), "Assumption Day", "Mariä Himmelfahrt").within(&["SL"]),
        public(On(9, 20), "World Children's Day", "Weltkindertag").within(&["TH"]).since(2019),
        public(On(10, 3), "German Unity Day", "Tag der Deutschen Einheit"),
        public(On(10, 31), "Reformation Day", "Reformationstag")
            .within(&["BB", "MV", "SN", "ST", "TH"])
            .except(&[2017]),
        // A holiday of the whole country in 2017 only, 500 years after Luther's theses.
        public(On(10, 31), "Reformation Day", "Reformationstag").only(2017),
        public(On(10, 31), "Reformation Day", "Reformationstag").within(&["HB", "HH", "NI", "SH"]).since(2018),
        public(On(11, 1), "All Saints' Day", "Allerheiligen").within(&["BW", "BY", "NW", "RP", "SL"]),
        // Abolished in 1995 to finance the long-term care insurance, except in Saxony.
        public(First(Wed, 11, 16), "Repentance and Prayer Day", "Buß- und Bettag").until(1994),
        public(First(Wed, 11, 16), "Repentance and Prayer Day", "Buß- und Bettag").within(&["SN"]).since(1995),
        public(On(12, 25), "Christmas Day", "Erster Weihnachtstag"),
        public(On(12, 26), "Second Day of Christmas", "Zweiter Weihnachtstag"),
    ],
};

/// The Netherlands: Algemene termijnenwet article 3. It names the second days of Easter and Whitsun and leaves out the
/// first, which are Sundays. Left out: Good Friday, which it treats as a holiday for time limits only and on which most
/// people work. It names 5 May too, but under most agreements people only have the day off in every fifth year.
pub(super) static NL: Almanac = Almanac {
    code: "NL",
    name: "Netherlands",
    zone: "Europe/Amsterdam",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Nieuwjaarsdag"),
        public(Easter(1), "Easter Monday", "Tweede paasdag"),
        public(NotSunday(4, 30), "Queen's Day", "Koninginnedag").until(2013),
        public(NotSunday(4, 27), "King's Day", "Koningsdag").since(2014),
        public(On(5, 5), "Liberation Day", "Bevrijdingsdag").every(5),
        public(Easter(39), "Ascension Day", "Hemelvaartsdag"),
        public(Easter(50), "Whit Monday", "Tweede pinksterdag"),
        public(On(12, 25), "Christmas Day", "Eerste kerstdag"),
        public(On(12, 26), "Second Day of Christmas", "Tweede kerstdag"),
    ],
};

/// France: Code du travail L3133-1; L3134-13 for Alsace and Moselle; L3422-2 for the days of the abolition of slavery.
/// Left out: days that some overseas departments keep by custom only, such as mid-Lent in Guadeloupe.
pub(super) static FR: Almanac = Almanac {
    code: "FR",
    name: "France",
    zone: "Europe/Paris",
    regions: &[
        Region { code: "57", name: "Moselle" },
        Region { code: "6AE", name: "Alsace" },
        Region { code: "971", name: "Guadeloupe" },
        Region { code: "972", name: "Martinique" },
        Region { code: "973", name: "French Guiana" },
        Region { code: "974", name: "Réunion" },
        Region { code: "976", name: "Mayotte" },
    ],
    rules: &[
        public(On(1, 1), "New Year's Day", "Jour de l'an"),
        public(Easter(-2), "Good Friday", "Vendredi saint").within(&["57", "6AE"]),
        public(Easter(1), "Easter Monday", "Lundi de Pâques"),
        public(On(4, 27), "Abolition of Slavery", "Abolition de l'esclavage").within(&["976"]),
        public(On(5, 1), "Labour Day", "Fête du Travail"),
        public(On(5, 8), "Victory Day", "Victoire 1945"),
        public(Easter(39), "Ascension Day", "Ascension"),
        public(On(5, 22), "Abolition of Slavery", "Abolition de l'esclavage").within(&["972"]),
        public(On(5, 27), "Abolition of Slavery", "Abolition de l'esclavage").within(&["971"]),
        public(Easter(50), "Whit Monday", "Lundi de Pentecôte"),
        public(On(6, 10), "Abolition of Slavery", "Abolition de l'esclavage").within(&["973"]),
        public(On(7, 14), "National Day", "Fête nationale"),
        public(On(8, 15), "Assumption Day", "Assomption"),
        public(On(11, 1), "All Saints' Day", "Toussaint"),
        public(On(11, 11), "Armistice Day", "Armistice 1918"),
        public(On(12, 20), "Abolition of Slavery", "Abolition de l'esclavage").within(&["974"]),
        public(On(12, 25), "Christmas Day", "Noël"),
        public(On(12, 26), "Second Day of Christmas", "Saint-Étienne").within(&["57", "6AE"]),
    ],
};

/// Belgium: koninklijk besluit of 18 April 1974, article 1, which names these ten days and no Sunday. In 2008 Ascension
/// Day was 1 May; the besluit of 3 June 2007 gave the following day instead.
pub(super) static BE: Almanac = Almanac {
    code: "BE",
    name: "Belgium",
    zone: "Europe/Brussels",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Nieuwjaar"),
        public(Easter(1), "Easter Monday", "Paasmaandag"),
        public(On(5, 1), "Labour Day", "Dag van de Arbeid"),
        public(Easter(39), "Ascension Day", "O.L.H. Hemelvaart").except(&[2008]),
        public(On(5, 2), "Ascension Day", "O.L.H. Hemelvaart").only(2008),
        public(Easter(50), "Whit Monday", "Pinkstermaandag"),
        public(On(7, 21), "National Day", "Nationale feestdag"),
        public(On(8, 15), "Assumption Day", "O.L.V. Hemelvaart"),
        public(On(11, 1), "All Saints' Day", "Allerheiligen"),
        public(On(11, 11), "Armistice Day", "Wapenstilstand"),
        public(On(12, 25), "Christmas Day", "Kerstmis"),
    ],
};

/// Austria: Arbeitsruhegesetz § 7. Left out: the patron saints' days of the provinces, on which schools and offices
/// close and other people work.
pub(super) static AT: Almanac = Almanac {
    code: "AT",
    name: "Austria",
    zone: "Europe/Vienna",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Neujahr"),
        public(On(1, 6), "Epiphany", "Heilige Drei Könige"),
        public(Easter(1), "Easter Monday", "Ostermontag"),
        public(On(5, 1), "Labour Day", "Staatsfeiertag"),
        public(Easter(39), "Ascension Day", "Christi Himmelfahrt"),
        public(Easter(50), "Whit Monday", "Pfingstmontag"),
        public(Easter(60), "Corpus Christi", "Fronleichnam"),
        public(On(8, 15), "Assumption Day", "Mariä Himmelfahrt"),
        public(On(10, 26), "National Day", "Nationalfeiertag"),
        public(On(11, 1), "All Saints' Day", "Allerheiligen"),
        public(On(12, 8), "Immaculate Conception", "Mariä Empfängnis"),
        public(On(12, 25), "Christmas Day", "Weihnachten"),
        public(On(12, 26), "St Stephen's Day", "Stephanstag"),
    ],
};

/// Poland: ustawa z dnia 18 stycznia 1951 r. o dniach wolnych od pracy, article 1, with Epiphany from 2011 and
/// Christmas Eve from 2025 (Dz.U. 2024 poz. 1965). The act of 7 November 2018 gave one day for the centenary of
/// independence.
pub(super) static PL: Almanac = Almanac {
    code: "PL",
    name: "Poland",
    zone: "Europe/Warsaw",
    regions: &[],
    rules: &[
        public(On(1, 1), "New Year's Day", "Nowy Rok"),
        public(On(1, 6), "Epiphany", "Święto Trzech Króli").since(2011),
        public(Easter(0), "Easter Sunday", "Pierwszy dzień Wielkiej Nocy"),
        public(Easter(1), "Easter Monday", "Drugi dzień Wielkiej Nocy"),
        public(On(5, 1), "Labour Day", "Święto Państwowe"),
        public(On(5, 3), "Constitution Day", "Święto Narodowe Trzeciego Maja"),
        public(Easter(49), "Whit Sunday", "Pierwszy dzień Zielonych Świątek"),
        public(Easter(60), "Corpus Christi", "Dzień Bożego Ciała"),
        public(On(8, 15), "Assumption Day", "Wniebowzięcie Najświętszej Maryi Panny"),
        public(On(11, 1), "All Saints' Day", "Wszystkich Świętych"),
        public(On(11, 11), "Independence Day", "Narodowe Święto Niepodległości"),
        public(
            On(11, 12),
            "Centenary of independence",
            "Święto Narodowe z okazji Setnej Rocznicy Odzyskania Niepodległości",
        )
        .only(2018),
        public(On(12, 24), "Christmas Eve", "Wigilia Bożego Narodzenia").since(2025),
        public(On(12, 25), "Christmas Day", "Pierwszy dzień Bożego Narodzenia"),
        public(On(12, 26), "Second Day of Christmas", "Drugi dzień Bożego Narodzenia"),
    ],
};
