//! Values that a row stores as JSON.

use sea_orm::FromJsonQueryResult;
use sea_orm::prelude::{Date, DateTimeUtc};
use serde::{Deserialize, Serialize};

use crate::kind::{ApiScope, CaseField, CustomerField, DueKind, NoticeKind, NoticeTiming, QuestionKind, Weekday};

/// A list of short texts, such as skills, tags or trusted senders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Texts(pub Vec<String>);

/// What staff changed on a case at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct FieldChanges(pub Vec<FieldChange>);

/// One field of a case that was changed, with its values as texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: CaseField,
    /// `None`: it had no value.
    pub before: Option<String>,
    /// `None`: it has no value from then on.
    pub after: Option<String>,
    /// The tags that were added, if the field is the tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// The tags that were removed, if the field is the tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// The parts of a customer's data that a partner may read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CustomerFields(pub Vec<CustomerField>);

/// What a complaint form asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct FormContent {
    /// What the customer reads above the form.
    pub intro: Option<String>,
    /// What the customer reads when the complaint was filed.
    pub thanks: Option<String>,
    /// The categories that it offers. Empty: it asks for none.
    pub categories: Vec<FormCategory>,
}

/// A category that a form offers, with its own questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormCategory {
    pub name: String,
    pub questions: Vec<FormQuestion>,
}

/// A question of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormQuestion {
    /// The name by which answers refer to it.
    pub key: String,
    pub text: String,
    pub kind: QuestionKind,
    pub required: bool,
    /// The possible answers of a question with choices.
    pub choices: Vec<String>,
}

/// What an API client may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ApiScopes(pub Vec<ApiScope>);

/// The hours of an ordinary week in which a person works or a company is open, in local time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct WeekHours(pub Vec<Hours>);

/// A calendar: its time zone, its opening hours and the days that differ from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CalendarContent {
    /// The IANA name of its time zone.
    pub time_zone: String,
    pub hours: WeekHours,
    /// The holidays on which it is closed. `None`: it is open on holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<HolidaySet>,
    /// Days whose hours differ from those of their weekday, in order of date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<CalendarDay>,
}

/// The holidays of a country, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidaySet {
    /// The ISO 3166-1 code of the country, such as "SE".
    pub country: String,
    /// The part of the ISO 3166-2 code after the hyphen, such as "BY". `None`: the whole country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether it is also closed on the eves on which most people do not work.
    pub eves: bool,
}

/// A day whose hours differ from those of its weekday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    pub date: Date,
    /// The name of the day, which says why it differs.
    pub name: String,
    /// The opening hours as (from, until), in minutes after midnight. Empty: it is closed.
    pub hours: Vec<(u16, u16)>,
}

/// The times of a seller or of a service level: how soon customers hear from the seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ServiceTimes {
    /// From the opening of the case until the customer hears from the owner.
    pub first_contact: ServiceTime,
    /// From a contact until the customer hears from the owner again. `None`: the same as `first_contact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_contact: Option<ServiceTime>,
    /// From a customer's message until the reply. `None`: no timer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ServiceTime>,
    /// From the opening of the case until the company's answer. `None`: no timer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ServiceTime>,
    /// From one act of the owner until the next.
    pub owner_acts: ServiceTime,
    /// From the request of a task without a time of its own until the partner accepts it. `None`: 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_accepts: Option<ServiceTime>,
}

/// A span of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ServiceTime {
    pub hours: u32,
    /// Whether only hours count in which the calendar is open. False: all hours count.
    pub working: bool,
}

/// The timers of a case that a contact with the customer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ContactBefore {
    /// The timer for the first or the next contact.
    pub contact: TimerBefore,
    /// The timer for a reply, if it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<TimerBefore>,
}

/// A timer as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerBefore {
    pub kind: DueKind,
    pub started_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<ServiceTime>,
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

/// The notice settings of a member of staff that differ from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct NoticeSettings(pub Vec<NoticeSetting>);

/// The timing of one kind of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSetting {
    pub kind: NoticeKind,
    pub timing: NoticeTiming,
}

/// The legal clocks that a seller has chosen for its cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LegalChoices(pub Vec<LegalChoice>);

/// One legal clock that a seller has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalChoice {
    /// The code of its rule in a pack.
    pub rule: String,
    /// Cases of this category, or of one under it, have it. `None`: all cases have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}
