//! The telephone log: the call's facts and the customer's own words, read back to them. A number suggests customers and is
//! no identity: whoever logs the call says which case it belongs to, or which customer called. A call that the company made
//! is a contact with a customer about a case of theirs; what is noted about it is for colleagues.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, CustomerId, LetterId, ReportId};
use entity::kind::{Channel, Language, Severity};
use entity::{case, customer_email, letter};
use sea_orm::{EntityTrait, QuerySelect};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::receive::{self, Received};
use super::report::{About, Answer, Arrived, Belongs, Changed, File, Once, Ours, Sender};
use crate::access::door;
use crate::access::table::Action;
use crate::directory::customer;
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

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CallOutcome {
    /// Somebody answered.
    Answered,
    /// A machine answered: the customer's words were written down afterwards, or the company left a message.
    Voicemail,
    /// Nobody answered. Only of a call that the company made.
    NoAnswer,
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
    /// How far it came.
    pub outcome: CallOutcome,
    /// The number that called, as the exchange shows it: the customer's of a call that came in.
    pub from: Option<String>,
    /// The number that was called.
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
    /// Of a call that came in, the customer's own words, read back and confirmed. Of one that the company made, how it went,
    /// for colleagues.
    pub words: Option<String>,
    /// Of a call that the company made: what the customer said, in their own words.
    pub customer_words: Option<String>,
    /// In one line.
    pub subject: Option<String>,
    /// The case it belongs to; a new one when not said.
    pub case: Option<CaseId>,
    /// The customer whom the agent recognised; a new one when neither this nor a case is said, nor a known address.
    pub customer: Option<CustomerId>,
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
    let mut arrived = parse(call, seller, work.now())?;
    if let Some(customer) = call.customer {
        choose(work, &mut arrived, customer).await?;
    }
    receive::receive(work, &arrived).await
}

/// Notes that the agent recognised a customer, where nothing else says that the caller is somebody else.
async fn choose(work: &Work, arrived: &mut Arrived, id: CustomerId) -> Outcome<()> {
    customer::at(work, arrived.seller, id).await?;
    if let Belongs::To(case) = arrived.belongs {
        let theirs = case::Entity::find_by_id(case).one(work.tx()?).await?;
        // Of another seller's case nothing is told here.
        if theirs.is_some_and(|case| case.seller_id == arrived.seller && case.customer_id != id) {
            let en = "That case is another customer's: leave out `customerId`, or the case.";
            let sv = "Det ärendet är en annan kunds: utelämna `customerId` eller ärendet.";
            return Err(Problem::new(ErrorCode::Invalid, "customerId", en, sv).into());
        }
    }
    if let Some(address) = &arrived.sender.email {
        let known = customer_email::Entity::find_by_id((arrived.seller, address.clone())).one(work.tx()?).await?;
        if known.is_none_or(|known| known.customer_id != id) {
            let en = "Not an address that this customer is known by. Leave it out, or leave out `customerId` to note the caller as a customer of their own.";
            let sv = "Ingen adress som kunden är känd under. Utelämna den, eller utelämna `customerId` så noteras den som ringer som en egen kund.";
            return Err(Problem::new(ErrorCode::Invalid, "callerEmail", en, sv).into());
        }
    }
    arrived.sender.chosen = Some(id);
    Ok(())
}

/// Notes a call to a customer whom a letter did not reach, and how it went. Where somebody answered, no call is due because
/// of the letter any more.
///
/// # Errors
/// When no call is due because of it, or the note is missing or too long.
pub async fn record(work: &mut Work, id: LetterId, note: &str, outcome: CallOutcome) -> Outcome<letter::Model> {
    let not_found = || Problem::not_found("letterId");
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let case = door::case(work, found.case_id.ok_or_else(not_found)?, Action::SendMessage, "letterId").await?;
    let row = letter::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut row = row.ok_or_else(not_found)?;
    if !crate::letter::call_due(&row) {
        let en = "No call is due because of this letter: see `callsDue`.";
        let sv = "Inget samtal behövs för detta brev: se `callsDue`.";
        return Err(Problem::new(ErrorCode::InvalidTransition, "letterId", en, sv).into());
    }
    let note = required(note, "note", crate::message::LONGEST)?;
    let call = Call::about(case.id, format!("{id}:{}", work.new_id::<ReportId>()), note, outcome);
    let arrived = parse(&call, case.seller_id, work.now())?;
    receive::receive(work, &arrived).await?;
    if outcome == CallOutcome::Answered {
        row.called_at = Some(work.now());
        work.save(row.clone());
    }
    Ok(row)
}

impl Call {
    /// A call that the company made about a case just now, and how it went.
    fn about(case: CaseId, external_id: String, summary: String, outcome: CallOutcome) -> Self {
        Self {
            source: "ansvar".to_owned(),
            external_id,
            direction: CallDirection::Outbound,
            outcome,
            from: None,
            to: None,
            started_at: None,
            ended_at: None,
            queue: None,
            caller_name: None,
            caller_email: None,
            language: None,
            words: Some(summary),
            customer_words: None,
            subject: None,
            case: Some(case),
            customer: None,
            category: None,
            product: None,
            order_reference: None,
            order_amount: None,
            remedy_sought: None,
            severity: None,
            tags: Vec::new(),
        }
    }
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
    /// How far it came.
    pub outcome: CallOutcome,
    /// Who called, as they said.
    #[serde(default)]
    pub caller_name: Option<String>,
    /// Their address, as they said, lower case.
    #[serde(default)]
    pub caller_email: Option<String>,
    /// Of a call that the company made: how it went.
    #[serde(default)]
    pub summary: Option<String>,
    /// The number that called as the exchange showed it.
    pub from_raw: Option<String>,
    /// That number in E.164, if it is one.
    pub from_e164: Option<String>,
    /// The number that was called.
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

/// The customer's words, and what the company says of a call that it made.
fn said(call: &Call, problems: &mut Problems) -> (String, Option<Ours>) {
    let longest = crate::message::LONGEST;
    let mut optional =
        |text: &Option<String>, field| problems.check(optional(text.as_deref(), field, longest)).flatten();
    let (words, theirs) = (optional(&call.words, "words"), optional(&call.customer_words, "customerWords"));
    if call.direction == CallDirection::Outbound {
        if call.case.is_none() {
            let en = "Say about which case you called: a call that you made opens none.";
            let sv = "Ange vilket ärende du ringde om: ett samtal som du ringde öppnar inget.";
            problems.add(Problem::new(ErrorCode::Required, "caseId", en, sv));
        }
        let reached = call.outcome == CallOutcome::Answered;
        return (theirs.unwrap_or_default(), Some(Ours { reached, summary: words }));
    }
    if theirs.is_some() {
        let en = "Of a call that came in, the customer's words are `words`.";
        let sv = "Av ett inkommande samtal är kundens ord `words`.";
        problems.add(Problem::new(ErrorCode::Invalid, "customerWords", en, sv));
    }
    if call.outcome == CallOutcome::NoAnswer {
        let en = "A call that came in and that nobody answered holds no complaint.";
        let sv = "Ett inkommande samtal som ingen svarade på innehåller inget klagomål.";
        problems.add(Problem::new(ErrorCode::Invalid, "outcome", en, sv));
    }
    let words = words.map(Ok).unwrap_or_else(|| required("", "words", longest));
    (problems.check(words).unwrap_or_default(), None)
}

fn parse(call: &Call, seller: entity::id::SellerId, now: DateTime<Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let source = problems.check(required(&call.source, "source", 100)).unwrap_or_default();
    let external_id = problems.check(required(&call.external_id, "externalId", 200)).unwrap_or_default();
    let (words, ours) = said(call, &mut problems);
    let started_at = checked_start(call, now, &mut problems);
    let email = problems.check(checked_email(call.caller_email.as_deref(), "callerEmail")).flatten();
    let mut line = |text: &Option<String>, field: &str, most| {
        problems.check(optional(text.as_deref(), field, most)).flatten().map(|text| clean_line(&text))
    };
    let from_raw = line(&call.from, "from", 100);
    let facts = CallFacts {
        source: source.clone(),
        external_id: external_id.clone(),
        direction: call.direction,
        outcome: call.outcome,
        caller_name: line(&call.caller_name, "callerName", 200),
        caller_email: email,
        summary: ours.as_ref().and_then(|ours| ours.summary.clone()),
        from_e164: from_raw.as_deref().and_then(phone),
        from_raw,
        to_raw: line(&call.to, "to", 100),
        started_at,
        ended_at: call.ended_at,
        queue: line(&call.queue, "queue", 100),
    };
    let subject = line(&call.subject, "subject", 200);
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
    problems.refuse_if_any()?;
    let raw = serde_json::to_vec(call)?;
    // The number that called is the company's where the company called.
    let number = facts.from_e164.clone().filter(|_| ours.is_none());
    Ok(Arrived {
        seller,
        channel: Channel::Phone,
        once: Once {
            operation: "logPhoneCall",
            // Length first: ("a", "bc") and ("ab", "c") are two calls.
            key: format!("{}:{source}:{external_id}", source.len()),
            fingerprint: Sha256::digest(&raw).to_vec(),
            expires_at: None,
            // A transcript may come later, or the time when the call ended.
            changed: Changed::IsAdded,
        },
        received_at: started_at,
        subject,
        words,
        shown: None,
        sender: Sender {
            name: facts.caller_name.clone(),
            email: facts.caller_email.clone(),
            phone: number,
            language: call.language,
            chosen: None,
        },
        belongs: call.case.map_or(Belongs::New, Belongs::To),
        about,
        details: serde_json::to_value(&facts)?,
        raw: File { name: "call.json".to_owned(), content_type: "application/json".to_owned(), bytes: raw.into() },
        attachments: Vec::new(),
        understood: true,
        automatic: false,
        ours,
        answer: Answer::default(),
        returned: None,
        message_id: None,
        promised_from: None,
        imported: false,
    })
}
