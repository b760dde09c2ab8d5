//! Lists of values that the API shows and that no column of its own holds. Some stand in the JSON of a row.

use serde::{Deserialize, Serialize};

use super::Channel;

/// What a list of cases is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum CaseOrderField {
    /// When the case was opened.
    Opened,
    /// When the last event of the case happened.
    Changed,
    /// By when the customer is to hear from the owner. Closed and merged cases have no such time: in both directions
    /// they come after all others, the newest first.
    NextContact,
    /// The priority. Cases of the same priority are ordered by when they were opened, in both directions the oldest
    /// first.
    Priority,
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum OrderDirection {
    /// The earliest or lowest first.
    Asc,
    /// The latest or highest first.
    Desc,
}

/// The kind of an item of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum WorkKind {
    /// You are to contact the customer: for the first time, or again by the time that they were told.
    Contact,
    /// The customer wrote, called in vain or used `askForNews`, and waits for a reply.
    Reply,
    /// The company's final answer is due (`closeCase`).
    Answer,
    /// A commitment to the customer is to be kept.
    Commitment,
    /// The customer must be called: a commitment was broken, a letter did not arrive, or they called and nobody
    /// answered.
    CallCustomer,
    /// A colleague has offered you the case, which you accept or decline.
    Handover,
    /// An escalation about a colleague's case was addressed to you. Only with the scope `MINE`.
    Escalation,
    /// A partner is late with a task.
    PartnerLate,
    /// A partner has asked something about its task and waits for the answer.
    AnswerPartner,
    /// Nothing has been done on the case for longer than the service level allows.
    OwnerSilent,
    /// A dispute between partners is to be decided by the owner (`endDispute`).
    Dispute,
    /// What a legal clock requires is to be done before it runs out.
    LegalClock,
    /// Somebody called, nobody answered, and the service does not know about which case. Due four hours after the first
    /// call.
    CallBack,
    /// A mail could not be taken in, and somebody must look at it. Due four hours after it came.
    QuarantinedMail,
}

impl WorkKind {
    /// Every kind, in the order in which work of the same time is listed.
    pub const ALL: &'static [Self] = &[
        Self::Contact,
        Self::Reply,
        Self::Answer,
        Self::Commitment,
        Self::CallCustomer,
        Self::Handover,
        Self::Escalation,
        Self::PartnerLate,
        Self::AnswerPartner,
        Self::OwnerSilent,
        Self::Dispute,
        Self::LegalClock,
        Self::CallBack,
        Self::QuarantinedMail,
    ];
}

/// A field of a case that staff may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseField {
    /// What the case is about, in one line.
    Subject,
    /// The category of the complaint.
    Category,
    /// The product that was bought.
    Product,
    /// How soon the case should be looked at.
    Priority,
    /// How severe the problem is.
    Severity,
    /// The tags by which the case is found.
    Tags,
    /// The language that the customer reads.
    Language,
    /// The seller's number of the order.
    OrderReference,
    /// What the order cost.
    OrderAmount,
}

/// Why a case may be about the same thing as another case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum CaseAlikeReason {
    /// Both cases have the same customer, who was recognised by an e-mail address or chosen by the person who took the
    /// call.
    SameCustomer,
    /// Both cases have the same order number.
    SameOrder,
    /// The customers of both cases gave the same telephone number.
    SameNumber,
}

/// Why a caller may be a customer who is already known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum CustomerCandidateReason {
    /// The customer gave the caller's telephone number before. Several customers may have given the same number.
    SameNumber,
    /// The customer has the same name as the caller.
    SameName,
}

/// Why routing did not choose a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Obstacle {
    /// They lack a skill that the rule asks for.
    SkillMissing,
    /// They have an absence that has not ended.
    Away,
    /// They own as many open cases as their capacity allows, or more.
    Full,
    /// It is outside their working hours, and another person who could be chosen is at work.
    OffHours,
    /// They are leaving the company.
    Leaving,
    /// Another person has fewer open cases in relation to their capacity or, with the same load, has waited longer.
    BusierThanOthers,
}

/// Why routing chose a fallback owner and not the target of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FallbackReason {
    /// The seller has published no rule set.
    NoRuleSet,
    /// No rule of the rule set matched the case.
    NoMatch,
    /// The person that the rule names is no longer active, or is leaving the company.
    PersonNotActive,
    /// The person that the rule names is away.
    PersonAway,
    /// The rule's team has no active member.
    TeamEmpty,
    /// Every member of the rule's team is away, full, leaving or without the skills that the rule asks for.
    NobodyAvailable,
    /// The message that arrived could not be understood, so the rules were not searched.
    NotUnderstood,
}

/// How a letter reached the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LetterChannel {
    /// The letter came by post, or was handed in at the company.
    Post,
    /// The letter came by fax.
    Fax,
    /// The letter was passed on by whoever received it first: an authority, a consumer board or another company.
    Referral,
}

impl From<LetterChannel> for Channel {
    fn from(channel: LetterChannel) -> Self {
        match channel {
            LetterChannel::Post => Self::Post,
            LetterChannel::Fax => Self::Fax,
            LetterChannel::Referral => Self::Referral,
        }
    }
}

/// The result of handing in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Disposition {
    /// A new case was opened for the report.
    CreatedCase,
    /// The report joined an existing case.
    Attached,
    /// The same report had been received before. Nothing was stored; the receipt names the earlier report and the case
    /// that it is on.
    Duplicate,
    /// A report with the same number had been received before, with other content. Both are kept, on the same case.
    Updated,
}

/// Who made a call: the customer or the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallDirection {
    /// The customer called the company.
    Inbound,
    /// The company called the customer.
    Outbound,
}

/// The outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallOutcome {
    /// A person answered the call.
    Answered,
    /// A machine answered. Of a call that came in, the customer's recorded words were written down afterwards. Of a
    /// call that the company made, the company left a message.
    Voicemail,
    /// Nobody answered. Only a call that the company made (`OUTBOUND`) may have this outcome.
    NoAnswer,
}

/// What was wrong, for programs. The texts of messages may change, the codes do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum ErrorCode {
    /// A required value is missing or empty.
    Required,
    /// A value is longer than allowed, or a list has too many entries; the message says what is allowed.
    TooLong,
    /// A value cannot be understood or is out of range; the message says what is expected.
    Invalid,
    /// Nothing with this id exists, or you may not see it.
    NotFound,
    /// You may see it, but you are not allowed to do this; the message says who is, or which scope is missing.
    Forbidden,
    /// Another record already uses this value, which must be unique.
    Taken,
    /// The idempotency key was used before with other input, or when you had another role. Use a new key for a new
    /// request.
    KeyReused,
    /// The record has changed since you read it; the message says which version it has now. Read it again, and decide
    /// anew.
    VersionConflict,
    /// The state of the record does not allow this act; the message says why, or which acts are allowed.
    InvalidTransition,
    /// The person is away; the message says on which day they are back. Choose somebody else, or repeat the request
    /// with `evenIfAway: true`.
    PersonAway,
    /// Something else still depends on the record; the message says what, and what to do first.
    InUse,
    /// Too few of the bytes that you may store in a day (UTC) are left for this; `rateLimit` says how many are left,
    /// and until when.
    StorageUsedUp,
}
