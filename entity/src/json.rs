//! Values that a row keeps as JSON.

use sea_orm::FromJsonQueryResult;
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

/// The same hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub days: Vec<Weekday>,
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight, later than `from`; 1,440 is midnight.
    pub until: u16,
}
