//! Values that a row keeps as JSON.

use sea_orm::FromJsonQueryResult;
use sea_orm::prelude::Date;
use serde::{Deserialize, Serialize};

use crate::kind::{ApiScope, CustomerField, Weekday};

/// Short texts: skills, tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Texts(pub Vec<String>);

/// What of a customer may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CustomerFields(pub Vec<CustomerField>);

/// What an API client may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ApiScopes(pub Vec<ApiScope>);

/// When somebody is at work, or a company open, in an ordinary week. Local times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct WeekHours(pub Vec<Hours>);

/// When work is done: in which zone, at which hours, on which days not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CalendarContent {
    /// The IANA name of its zone.
    pub time_zone: String,
    pub hours: WeekHours,
    /// The holidays that close it; none when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<HolidaySet>,
    /// Days that are not as their weekday, in order of date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<CalendarDay>,
}

/// The holidays of a country, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidaySet {
    /// ISO 3166-1: "SE".
    pub country: String,
    /// ISO 3166-2 behind the hyphen: "BY".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether the eves on which most people do not work close it too.
    pub eves: bool,
}

/// A day that is not as its weekday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    pub date: Date,
    /// Why.
    pub name: String,
    /// When it is open, in minutes after midnight: from, until. Closed when empty.
    pub hours: Vec<(u16, u16)>,
}

/// How soon customers hear from a seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ServiceTimes {
    /// After the opening the customer hears from the owner.
    pub first_contact: ServiceTime,
    /// After a contact the customer hears from the owner again; the first contact's where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_contact: Option<ServiceTime>,
    /// A customer who has written has a reply; no clock where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ServiceTime>,
    /// The company has decided; no clock where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ServiceTime>,
    /// The owner has done something.
    pub owner_acts: ServiceTime,
    /// A partner has accepted a task that named no time; built-in times where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_accepts: Option<ServiceTime>,
}

/// A span of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ServiceTime {
    pub hours: u32,
    /// Whether only hours count in which the calendar is open.
    pub working: bool,
}

/// The same hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub days: Vec<Weekday>,
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight, later than `from`; 1,440 is midnight.
    pub until: u16,
}

/// Legal clocks that a seller's cases have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LegalChoices(pub Vec<LegalChoice>);

/// Rules of a pack of legal clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalChoice {
    /// The code of the rule.
    pub rule: String,
    /// Cases of this category, or of one under it, have it; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}
