//! The telephone log: the call's facts and the customer's own words, read back to them. A number suggests a customer
//! and never unlocks a case: whoever logs the call says which case it belongs to.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::CaseId;
use entity::kind::{Channel, Language, Severity};
use serde::{Deserialize, Serialize};

use super::receive::{self, Received};
use super::report::{About, Answer, Arrived, Belongs, File, Once, Sender};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::contact::{checked_email, phone};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required, words as words_of};
use crate::kit::money::Money;
use crate::kit::text::clean_line;
use crate::kit::work::Work;

/// How old something may be that is taken in.
pub const MEMORY: TimeDelta = TimeDelta::days(3_653);

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallDirection {
    /// The customer called.
    Inbound,
    /// The company called.
    Outbound,
}

/// How the customer's words reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallOutcome {
    /// Somebody answered and wrote them down.
    Answered,
    /// They were spoken to a machine and written down afterwards.
    Voicemail,
}

/// A call, as whoever logs it tells it.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The exchange or system that knows the call.
    pub source: String,
    /// The call's id there; the call's and not a leg's.
    pub external_id: String,
    /// Who called whom.
    pub direction: CallDirection,
    /// How the words reached us.
    pub outcome: CallOutcome,
    /// The customer's number, as the exchange shows it.
    pub from: Option<String>,
    /// The company's number.
    pub to: Option<String>,
    /// When it began; now when not said.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Which queue took it.
    pub queue: Option<String>,
    /// Who called, as they said.
    pub caller_name: Option<String>,
    /// Their address, as they said.
    pub caller_email: Option<String>,
    /// What they read.
    pub language: Option<Language>,
    /// Their own words, read back and confirmed.
    pub words: String,
    /// In one line.
    pub subject: Option<String>,
    /// The case it belongs to; a new one when not said.
    pub case: Option<CaseId>,
    /// The seller's word for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// The seller's own number of the order.
    pub order_reference: Option<String>,
    /// What the order cost.
    pub order_amount: Option<Money>,
    /// What would make it right.
    pub remedy_sought: Option<String>,
    /// How severe the customer says it is.
    pub severity: Option<Severity>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// Takes in a call.
///
/// # Errors
/// Everything that is wrong with what was logged, field by field.
pub async fn log(work: &mut Work, call: &Call) -> Outcome<Received> {
    let seller = door::intake(work, Action::LogPhoneCall)?;
    let arrived = parse(call, seller, work.now())?;
    receive::receive(work, &arrived).await
}

/// What is kept of the call beside its words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFacts {
    /// The exchange or system that knows the call.
    pub source: String,
    /// The call's id there.
    pub external_id: String,
    /// Who called whom.
    pub direction: CallDirection,
    /// How the words reached us.
    pub outcome: CallOutcome,
    /// The customer's number as the exchange showed it.
    pub from_raw: Option<String>,
    /// The customer's number in E.164, if it is one.
    pub from_e164: Option<String>,
    /// The company's number.
    pub to_raw: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Which queue took it.
    pub queue: Option<String>,
}

/// When the call began, if both its times make sense.
fn checked_start(call: &Call, now: DateTime<Utc>, problems: &mut Problems) -> DateTime<Utc> {
    let started_at = call.started_at.unwrap_or(now);
    if started_at > now || started_at < now - MEMORY {
        let en = "Must be a past time, within ten years.";
        problems.add(Problem::new(ErrorCode::Invalid, "startedAt", en, "Måste vara en förfluten tid, inom tio år."));
    }
    if call.ended_at.is_some_and(|end| end < started_at || end > now) {
        let (en, sv) =
            ("Cannot be before `startedAt`, nor in the future.", "Kan inte vara före `startedAt` eller i framtiden.");
        problems.add(Problem::new(ErrorCode::Invalid, "endedAt", en, sv));
    }
    started_at
}

fn parse(call: &Call, seller: entity::id::SellerId, now: DateTime<Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let source = problems.check(required(&call.source, "source", 100)).unwrap_or_default();
    let external_id = problems.check(required(&call.external_id, "externalId", 200)).unwrap_or_default();
    let words = problems.check(required(&call.words, "words", crate::message::LONGEST)).unwrap_or_default();
    let started_at = checked_start(call, now, &mut problems);
    let mut line = |text: &Option<String>, field: &str, most| {
        problems.check(optional(text.as_deref(), field, most)).flatten().map(|text| clean_line(&text))
    };
    let from_raw = line(&call.from, "from", 100);
    let facts = CallFacts {
        source: source.clone(),
        external_id: external_id.clone(),
        direction: call.direction,
        outcome: call.outcome,
        from_e164: from_raw.as_deref().and_then(phone),
        from_raw,
        to_raw: line(&call.to, "to", 100),
        started_at,
        ended_at: call.ended_at,
        queue: line(&call.queue, "queue", 100),
    };
    let subject = line(&call.subject, "subject", 200);
    let name = line(&call.caller_name, "callerName", 200);
    let about = About {
        category: line(&call.category, "category", 100),
        product: line(&call.product, "product", 200),
        order_reference: line(&call.order_reference, "orderReference", 100),
        order_amount: call.order_amount.clone(),
        remedy_sought: problems.check(optional(call.remedy_sought.as_deref(), "remedySought", 2_000)).flatten(),
        partners: Vec::new(),
        severity: call.severity,
        tags: problems.check(words_of(&call.tags, "tags")).unwrap_or_default(),
    };
    let email = problems.check(checked_email(call.caller_email.as_deref(), "callerEmail")).flatten();
    problems.refuse_if_any()?;
    Ok(Arrived {
        seller,
        channel: Channel::Phone,
        once: Once {
            operation: "logPhoneCall",
            // Length first: ("a", "bc") and ("ab", "c") are two calls.
            key: format!("{}:{source}:{external_id}", source.len()),
            fingerprint: Vec::new(),
            expires_at: None,
        },
        received_at: started_at,
        subject,
        words,
        shown: None,
        sender: Sender { name, email, phone: facts.from_e164.clone(), language: call.language },
        belongs: call.case.map_or(Belongs::New, Belongs::To),
        about,
        details: serde_json::to_value(&facts)?,
        raw: File {
            name: "call.json".to_owned(),
            content_type: "application/json".to_owned(),
            bytes: serde_json::to_vec(call)?.into(),
        },
        attachments: Vec::new(),
        understood: true,
        automatic: false,
        answer: Answer::default(),
        returned: None,
        message_id: None,
        promised_from: None,
        imported: false,
    })
}
