//! Times that laws and regulators set, as data: packs of rules that a seller chooses from. Pure. Nothing here is legal
//! advice; each pack names its sources and the date on which it was last checked against them.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::kind::{DeadlineOf, EnquiryKind, Language};
use serde::Deserialize;

use crate::calendar::holidays::Country;
use crate::calendar::span::{ClosedEnd, Ends, Span, Unit, due};
use crate::calendar::{Calendar, Holidays, Opening, Unable};

#[cfg(test)]
mod tests;

/// The files of the packs, in the order in which they are shown.
const FILES: &[&str] = &[
    include_str!("packs/uk-disp.toml"),
    include_str!("packs/se-consumer.toml"),
    include_str!("packs/eu-adr.toml"),
    include_str!("packs/gdpr.toml"),
    include_str!("packs/us-cfpb.toml"),
];

/// Business hours for rules that count working days: Monday to Friday, 9:00 to 17:00.
const BUSINESS: Opening = Opening { from: 9 * 60, until: 17 * 60 };

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    en: String,
    #[serde(default)]
    sv: String,
}

impl Wording {
    /// The text in this language; in English when there is no Swedish text.
    #[must_use]
    pub fn r#in(&self, language: Language) -> &str {
        if language == Language::Sv && !self.sv.is_empty() { &self.sv } else { &self.en }
    }
}

/// A pack of rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its code, such as `UK_DISP`.
    pub code: String,
    /// Where it applies: a country's code, "EU" or "EEA".
    pub country: String,
    /// The date of the newest source text that all its numbers were checked against.
    pub checked: NaiveDate,
    /// Its name.
    pub name: Wording,
    /// The notice that it is not legal advice.
    pub notice: Wording,
    /// Its rules.
    #[serde(rename = "rule")]
    pub rules: Vec<LegalClockRule>,
}

/// A rule that sets a legal clock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalClockRule {
    /// Its code, unique across all packs.
    pub code: String,
    /// The event that starts the clock.
    pub starts: Starts,
    span: Length,
    longest: Option<Length>,
    /// The condition for using the extended time.
    pub extension: Option<Wording>,
    ends: Ends,
    closed_end: ClosedEnd,
    holidays: String,
    /// Who must meet the deadline.
    pub deadline_of: DeadlineOf,
    /// Whether missing the deadline breaks a rule. If not, only a simpler procedure is no longer available.
    #[serde(default = "yes")]
    pub breach: bool,
    /// Whether a letter that explains the delay also satisfies the rule when it is sent in time.
    #[serde(default)]
    pub letter_satisfies: bool,
    /// The first day on which it is in force.
    pub in_force_from: NaiveDate,
    /// The first day on which it is no longer in force.
    pub in_force_until: Option<NaiveDate>,
    /// The legal text that sets the time.
    pub source: String,
    /// The address of that text.
    pub source_url: String,
    warn_at: Vec<f64>,
    warns: Vec<Warned>,
    /// The event that satisfies it.
    pub satisfied_by: Satisfied,
    /// Its name.
    pub name: Wording,
    /// An explanation of the rule.
    pub explains: Wording,
    /// A description of the complaints that it applies to.
    pub applies_to: Wording,
    /// What the letter to the customer must say when the deadline is missed.
    pub when_missed_letter: Option<Wording>,
    /// What the final answer must say.
    pub final_letter: Option<Wording>,
}

const fn yes() -> bool {
    true
}

/// The event that starts a legal clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Starts {
    /// The complaint was first received by anybody.
    Received,
    /// A body for alternative dispute resolution made an enquiry.
    AdrEnquiry,
    /// A data subject made a request.
    DataRequest,
    /// A regulator referred the complaint.
    Referral,
    /// The company gave its final answer.
    Answered,
}

impl From<EnquiryKind> for Starts {
    fn from(kind: EnquiryKind) -> Self {
        match kind {
            EnquiryKind::Adr => Self::AdrEnquiry,
            EnquiryKind::DataSubject => Self::DataRequest,
            EnquiryKind::Regulator => Self::Referral,
        }
    }
}

/// The event that satisfies a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Satisfied {
    /// The customer has accepted the company's answer.
    Resolved,
    /// The final answer was sent to the customer.
    FinalAnswer,
    /// The body for alternative dispute resolution has its answer.
    AnswerToAdr,
    /// The data subject has been told what was done about the request.
    DataAnswer,
    /// The regulator has a first response.
    ReferralResponse,
    /// The regulator has the final response.
    ReferralFinal,
    /// Nothing that the company does satisfies it.
    Nothing,
}

/// The person who is warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Warned {
    /// The owner of the case.
    Owner,
    /// The lead of one of the owner's teams.
    Lead,
    /// The seller's accountable person.
    Accountable,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Length {
    unit: LengthUnit,
    count: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LengthUnit {
    ClockHours,
    WorkingHours,
    WorkingDays,
    Days,
    Weeks,
    Months,
}

static PACKS: LazyLock<Vec<Pack>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str::<Pack>(text).ok()).collect());

/// All packs. A test checks that each file can be read.
#[must_use]
pub fn packs() -> &'static [Pack] {
    &PACKS
}

/// The pack with this code.
#[must_use]
pub fn pack(code: &str) -> Option<&'static Pack> {
    packs().iter().find(|pack| pack.code == code)
}

/// The rule with this code, and its pack.
#[must_use]
pub fn rule(code: &str) -> Option<(&'static Pack, &'static LegalClockRule)> {
    packs().iter().find_map(|pack| pack.rules.iter().find(|rule| rule.code == code).map(|rule| (pack, rule)))
}

impl LegalClockRule {
    /// Whether it applies to a clock that starts on this day.
    #[must_use]
    pub fn in_force(&self, date: NaiveDate) -> bool {
        self.in_force_from <= date && self.in_force_until.is_none_or(|until| date < until)
    }

    /// The calendar that the rule counts with: its own country's holidays and zone or, without an own country, the
    /// seller's. When the country's holidays differ by region, the seller's region counts. A seller's own hours and
    /// closed days do not affect legal times.
    #[must_use]
    pub fn calendar(&self, seller: &Calendar) -> Calendar {
        let own = Country::from_code(&self.holidays);
        let holidays = match own {
            Some(country) => {
                let of_seller = seller.holidays().filter(|chosen| chosen.country == country);
                let region = of_seller.and_then(|chosen| chosen.region.clone());
                let region = region.or_else(|| country.usual_region().map(str::to_owned));
                Some(Holidays { country, region, eves: country == Country::Se })
            }
            None => seller.holidays().cloned(),
        };
        let zone = own.and_then(|country| country.zone().parse().ok()).unwrap_or(seller.zone());
        let open = || vec![BUSINESS];
        let week = [open(), open(), open(), open(), open(), Vec::new(), Vec::new()];
        Calendar::new(zone, week, holidays, std::collections::BTreeMap::new())
            .unwrap_or_else(|_| Calendar::always(zone))
    }

    /// When it is due after a start at this instant.
    ///
    /// # Errors
    /// When the calendar is not open often enough, which does not happen for the calendar of a rule.
    pub fn due(&self, start: DateTime<Utc>, seller: &Calendar) -> Result<DateTime<Utc>, Unable> {
        due(start, self.as_span(self.span), &self.calendar(seller))
    }

    /// The latest due time, when the law allows an extension.
    #[must_use]
    pub fn extended(&self, start: DateTime<Utc>, seller: &Calendar) -> Option<DateTime<Utc>> {
        due(start, self.as_span(self.longest?), &self.calendar(seller)).ok()
    }

    /// The times of the warnings before the due time, in order, each with the person who is warned.
    pub fn warnings(&self, start: DateTime<Utc>, due: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Warned)> {
        let seconds = (due - start).as_seconds_f64();
        let at = move |share: f64| {
            let after = TimeDelta::try_milliseconds(milliseconds(seconds * share)).unwrap_or_default();
            start + after
        };
        self.warn_at.iter().zip(&self.warns).map(move |(share, who)| (at(*share), *who))
    }

    fn as_span(&self, length: Length) -> Span {
        let (unit, count) = match length.unit {
            LengthUnit::ClockHours => (Unit::Clock, length.count.saturating_mul(3_600)),
            LengthUnit::WorkingHours => (Unit::Working, length.count.saturating_mul(3_600)),
            LengthUnit::WorkingDays => (Unit::WorkingDays, length.count),
            LengthUnit::Days => (Unit::Days, length.count),
            LengthUnit::Weeks => (Unit::Weeks, length.count),
            LengthUnit::Months => (Unit::Months, length.count),
        };
        Span { unit, count, ends: self.ends, closed_end: self.closed_end }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "a share of some months is far within the range"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}
