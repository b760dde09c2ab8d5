//! Rules as a typed decision table: ordered, the first that matches wins, each an AND of typed conditions. There is no
//! expression language, so that evaluating a rule always ends and no rule can name an unknown field. Pure: no database,
//! no time.

use entity::id::{PartnerId, ServiceLevelId, StaffId, TeamId};
use entity::kind::{Channel, Language, Priority, Severity};
use serde::{Deserialize, Serialize};

use crate::kit::money::Money;

/// The maximum number of rules in a rule set.
pub const MAX_RULES: usize = 1_000;
/// The maximum number of conditions in a rule, and of values in a condition.
pub const MAX_VALUES: usize = 100;

/// One rule, as stored and as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its name, unique in its set.
    pub name: String,
    /// The conditions that must all hold; an empty list always matches.
    pub when: Vec<Condition>,
    /// The person or team that provides the owner of the case.
    pub assign_to: Target,
    /// What the rule decides besides the owner.
    #[serde(default)]
    pub then: Policy,
}

/// What a rule decides besides the owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    /// Skills that the member of the team must have, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// The priority that the case gets; `None` leaves it unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Tags that are added to the case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The service level that the case gets; `None` when the rule does not set one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevelId>,
    /// A task that a partner is given at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskAsked>,
}

/// A task that a rule gives to a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskAsked {
    /// The partner.
    pub partner: PartnerId,
    /// The title, in one line.
    pub title: String,
    /// What the partner is asked to do.
    pub asked: String,
    /// Within how many hours the task must be done.
    pub due_hours: i32,
}

/// The target of a rule. A team is never an owner: one of its members is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// This person.
    Person(StaffId),
    /// A member of this team.
    Team(TeamId),
    /// The owner of the customer's newest open case.
    OpenCaseOwner,
}

impl Target {
    /// The person or team that this target stands for with these facts; unchanged when the customer has no open case.
    #[must_use]
    pub fn stands_for(self, facts: &Facts) -> Self {
        match (self, facts.open_case_owner) {
            (Self::OpenCaseOwner, Some(owner)) => Self::Person(owner),
            (other, _) => other,
        }
    }
}

/// One condition. Texts are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// The complaint arrived by one of these channels.
    ChannelIn(Vec<Channel>),
    /// Its category, or one above it in the seller's catalogue, is one of these.
    CategoryIn(Vec<String>),
    /// Its product is one of these.
    ProductIn(Vec<String>),
    /// Its product begins with this.
    ProductStartsWith(String),
    /// The customer's language is one of these.
    LanguageIn(Vec<Language>),
    /// The subject or the customer's text contains one of these.
    TextContains(Vec<String>),
    /// The subject or the customer's text begins with one of these.
    TextStartsWith(Vec<String>),
    /// The subject or the customer's text matches this pattern.
    TextMatches(String),
    /// The order's amount is known, is in this currency, and is at least this.
    AmountAtLeast(Money),
    /// The order's amount is known, is in this currency, and is below this.
    AmountBelow(Money),
    /// One of these partners is named in the case, or delivers its product or category.
    InvolvesPartner(Vec<PartnerId>),
    /// The severity that the customer gave is one of these.
    SeverityIn(Vec<Severity>),
    /// The customer's tier is one of these.
    CustomerTierIn(Vec<String>),
    /// The customer has at least this many other open cases.
    CustomerOpenCasesAtLeast(i32),
    /// The customer has had to ask for news of this case at least this many times. A new case has none: the condition
    /// is for decisions about cases whose owner leaves.
    TimesChasedAtLeast(i32),
    /// The complaint arrived with one of these tags.
    TagIn(Vec<String>),
    /// The complaint arrived within the seller's business hours (true) or outside them (false).
    WithinBusinessHours(bool),
}

/// What the rules can look at: what is known when a complaint arrives. Stored with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The channel that the complaint arrived by.
    pub channel: Channel,
    /// The category, as the seller names it.
    pub category: Option<String>,
    /// The categories above it in the seller's catalogue, the nearest first.
    #[serde(default)]
    pub above_category: Vec<String>,
    /// The product that was bought.
    pub product: Option<String>,
    /// The customer's language.
    pub language: Language,
    /// The amount of the order.
    pub amount: Option<Money>,
    /// The partners named in the complaint, and those who deliver its product or category.
    pub partners: Vec<PartnerId>,
    /// The severity that the customer gave.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The customer's tier at the seller.
    #[serde(default)]
    pub customer_tier: Option<String>,
    /// How many other open cases the customer has.
    #[serde(default)]
    pub customer_open_cases: i32,
    /// How often the customer has had to ask for news of the case.
    #[serde(default)]
    pub times_chased: i32,
    /// The owner of the newest of these.
    #[serde(default)]
    pub open_case_owner: Option<StaffId>,
    /// The tags that the complaint arrived with.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it arrived within the seller's business hours.
    #[serde(default)]
    pub business_hours: bool,
    /// The subject line. Neither this nor the text is stored with the decision, because the report has both.
    #[serde(skip)]
    pub subject: String,
    /// The customer's text.
    #[serde(skip)]
    pub words: String,
}
