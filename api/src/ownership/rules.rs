//! Rules as a typed decision table: ordered, the first that matches wins, each an AND of typed conditions. No
//! expression language: a rule cannot hang, and an unknown field cannot be written. Pure: no database, no time.

use entity::id::{PartnerId, ServiceLevelId, StaffId, TeamId};
use entity::kind::{Channel, Language, Priority, Severity};
use serde::{Deserialize, Serialize};

use crate::kit::money::Money;

/// Rules in a rule set at most.
pub const MAX_RULES: usize = 1_000;
/// Conditions in a rule, and values in a condition, at most.
pub const MAX_VALUES: usize = 100;

/// One rule, as stored and as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// What people call it; unique in its set.
    pub name: String,
    /// All must hold; none means that the rule always matches.
    pub when: Vec<Condition>,
    /// Who then answers for the case.
    pub assign_to: Target,
    /// What else the rule decides.
    #[serde(default)]
    pub then: Policy,
}

/// What a rule decides beside the owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    /// What a member of the team must be able to do; all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// The priority the case gets; none leaves it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Tags the case gets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How soon the customer hears from us; none means the seller's own hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevelId>,
    /// A task that a partner is asked to do at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskAsked>,
}

/// A task that a rule asks of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskAsked {
    /// Of whom.
    pub partner: PartnerId,
    /// In one line.
    pub title: String,
    /// What is asked.
    pub asked: String,
    /// Within how many hours it shall be done.
    pub due_hours: i32,
}

/// Whom a rule names. A team is not an owner: one of its members becomes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// This person.
    Person(StaffId),
    /// A member of this team.
    Team(TeamId),
    /// Whoever answers for the customer's newest open case.
    OpenCaseOwner,
}

impl Target {
    /// The person or team that it stands for where these are the facts; itself where it stands for nobody.
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
    /// The complaint came by one of these.
    ChannelIn(Vec<Channel>),
    /// Its category, or one above it in the seller's tree, is one of these.
    CategoryIn(Vec<String>),
    /// Its product is one of these.
    ProductIn(Vec<String>),
    /// Its product begins with this.
    ProductStartsWith(String),
    /// The customer reads one of these.
    LanguageIn(Vec<Language>),
    /// The subject or the customer's words contain one of these.
    TextContains(Vec<String>),
    /// The subject or the customer's words begin with one of these.
    TextStartsWith(Vec<String>),
    /// The subject or the customer's words match this pattern.
    TextMatches(String),
    /// The order's amount is known, in this currency, and at least this.
    AmountAtLeast(Money),
    /// The order's amount is known, in this currency, and below this.
    AmountBelow(Money),
    /// One of these partners is named in the case, or delivers what it is about.
    InvolvesPartner(Vec<PartnerId>),
    /// The customer says that it is this severe.
    SeverityIn(Vec<Severity>),
    /// The customer's tier is one of these.
    CustomerTierIn(Vec<String>),
    /// The customer has at least so many other open cases.
    CustomerOpenCasesAtLeast(i32),
    /// One of these tags came with the complaint.
    TagIn(Vec<String>),
    /// It arrived within the seller's business hours, or outside them.
    WithinBusinessHours(bool),
}

/// What the rules may look at: what is known when a complaint arrives. Stored with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// How it came.
    pub channel: Channel,
    /// The seller's word for the kind of complaint.
    pub category: Option<String>,
    /// The categories above it in the seller's tree, the nearest first.
    #[serde(default)]
    pub above_category: Vec<String>,
    /// What was bought.
    pub product: Option<String>,
    /// What the customer reads.
    pub language: Language,
    /// What the order cost.
    pub amount: Option<Money>,
    /// Partners named, and those who deliver what it is about.
    pub partners: Vec<PartnerId>,
    /// How severe the customer says it is.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The customer's tier at the seller.
    #[serde(default)]
    pub customer_tier: Option<String>,
    /// The customer's other open cases.
    #[serde(default)]
    pub customer_open_cases: i32,
    /// Who answers for the newest of these.
    #[serde(default)]
    pub open_case_owner: Option<StaffId>,
    /// Tags that came with it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it arrived within the seller's business hours.
    #[serde(default)]
    pub business_hours: bool,
    /// In one line. Neither this nor the words are stored with the decision: the report keeps them.
    #[serde(skip)]
    pub subject: String,
    /// The customer's words.
    #[serde(skip)]
    pub words: String,
}
