//! The telephone log: the facts of a call, and the customer's own words as read back to them. A telephone number
//! suggests customers and identifies nobody, so whoever logs the call says which case it belongs to or which customer
//! called. A call that the company made is a contact with a customer about their case. What is noted about it is for
//! colleagues.

use chrono::{DateTime, Utc};
use entity::id::{LetterId, ReportId};
use entity::kind::{Channel, DueKind};
use entity::letter;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::logged::{LoggedContact, is_past, not_past};
use super::matter::line;
use super::receive::{self, Received};
use super::report::{Arrived, File, Ours, Sender};
use super::signal;
use crate::access::door;
use crate::access::table::Action;
use crate::kit::contact::{checked_email, phone};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::work::Work;
use crate::texts;
use crate::timer;

pub use entity::kind::CallDirection;

pub use entity::kind::CallOutcome;

/// A call, as entered by whoever logs it.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Who made the call.
    pub direction: CallDirection,
    /// The outcome of the call.
    pub outcome: CallOutcome,
    /// The number that called, as the exchange shows it. For an inbound call it is the customer's.
    pub from: Option<String>,
    /// The number that was called.
    pub to: Option<String>,
    /// When the call began; now when not given.
    pub started_at: Option<DateTime<Utc>>,
    /// When the call ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The queue that took the call.
    pub queue: Option<String>,
    /// The caller's name, as they said it.
    pub caller_name: Option<String>,
    /// The caller's e-mail address, as they said it.
    pub caller_email: Option<String>,
    /// For an outbound call: what the customer said, in their own words.
    pub customer_words: Option<String>,
    /// What every logged contact has. Its words are what the customer said, read back and confirmed; for an outbound
    /// call they say how the call went, for colleagues.
    #[serde(flatten)]
    pub told: LoggedContact,
}

/// Takes in a call.
///
/// # Errors
/// `FORBIDDEN` when the actor may not log calls; one problem for every invalid field; the errors of
/// [`receive::receive`].
pub async fn log(work: &mut Work, call: &Call) -> Outcome<Received> {
    let seller = door::intake(work, Action::LogPhoneCall)?;
    let arrived = parse(call, seller, work.now())?;
    let received = receive::receive(work, &arrived).await?;
    if call.outcome == CallOutcome::Answered {
        let number = match call.direction {
            CallDirection::Inbound => call.from.as_deref(),
            CallDirection::Outbound => call.to.as_deref(),
        };
        let number = number.and_then(phone);
        let about = Some(received.case.id).filter(|_| call.direction == CallDirection::Outbound);
        signal::spoken(work, seller, (number.as_deref(), about), arrived.received_at).await?;
    }
    Ok(received)
}

/// Logs a call to a customer whom a letter did not reach, with its outcome. If somebody answered, the letter makes no
/// further call due.
///
/// # Errors
/// `NOT_FOUND` when there is no such letter or it is about no case; `INVALID_TRANSITION` when the letter makes no call
/// due; `REQUIRED` or `TOO_LONG` for the note.
pub async fn record(work: &mut Work, id: LetterId, note: &str, outcome: CallOutcome) -> Outcome<letter::Model> {
    let not_found = || Problem::not_found("letterId");
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let about = found.case_id.ok_or_else(not_found)?;
    door::lock_related(work, &[about]).await?;
    // The call joins the case as any other, so the case is not held here.
    let case = door::case(work, about, Action::SendMessage, "letterId").await?.done();
    let row = work.lock::<letter::Model>(id).await?;
    let mut row = row.ok_or_else(not_found)?;
    if !crate::letter::call_due(&row) {
        return Err(Problem::new(ErrorCode::InvalidTransition, "letterId", texts::intake::no_call_due()).into());
    }
    let note = required(note, "note", crate::message::LONGEST)?;
    let told = LoggedContact::new("ansvar", format!("{id}:{}", work.new_id::<ReportId>()), &note, Some(case.id));
    let call = Call::made(told, outcome);
    let arrived = parse(&call, case.seller_id, work.now())?;
    receive::receive(work, &arrived).await?;
    if outcome == CallOutcome::Answered {
        row.called_at = Some(work.now());
        timer::stop_of(work, id.0, &[DueKind::CallBy]);
        signal::spoken(work, case.seller_id, (None, Some(case.id)), work.now()).await?;
    }
    Ok(row.done())
}

impl Call {
    /// A call that the company has just made, with its outcome.
    #[must_use]
    pub const fn made(told: LoggedContact, outcome: CallOutcome) -> Self {
        Self {
            direction: CallDirection::Outbound,
            outcome,
            from: None,
            to: None,
            started_at: None,
            ended_at: None,
            queue: None,
            caller_name: None,
            caller_email: None,
            customer_words: None,
            told,
        }
    }
}

/// What is kept of a call besides its words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFacts {
    /// The exchange or system that numbers the call.
    pub source: String,
    /// The call's id in that system.
    pub external_id: String,
    /// Who made the call.
    pub direction: CallDirection,
    /// The outcome of the call.
    pub outcome: CallOutcome,
    /// The caller's name, as they said it.
    #[serde(default)]
    pub caller_name: Option<String>,
    /// The caller's e-mail address, as they said it, in lower case.
    #[serde(default)]
    pub caller_email: Option<String>,
    /// For an outbound call: how the call went.
    #[serde(default)]
    pub summary: Option<String>,
    /// The number that called, as the exchange showed it.
    pub from_raw: Option<String>,
    /// That number in E.164; none if it is not a telephone number.
    pub from_e164: Option<String>,
    /// The number that was called.
    pub to_raw: Option<String>,
    /// When the call began.
    pub started_at: DateTime<Utc>,
    /// When the call ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The queue that took the call.
    pub queue: Option<String>,
}

/// When the call began. Times that cannot be right are added to `problems`.
fn checked_start(call: &Call, now: DateTime<Utc>, problems: &mut Problems) -> DateTime<Utc> {
    let started_at = call.started_at.unwrap_or(now);
    if !is_past(started_at, now) {
        problems.add(not_past("startedAt"));
    }
    if call.ended_at.is_some_and(|end| end < started_at || end > now) {
        problems.add(Problem::new(ErrorCode::Invalid, "endedAt", texts::intake::call_end_wrong()));
    }
    started_at
}

/// The customer's words and, for a call that the company made, what it notes about the call.
fn said(call: &Call, problems: &mut Problems) -> (String, Option<Ours>) {
    let longest = crate::message::LONGEST;
    let mut optional =
        |text: &Option<String>, field| problems.check(optional(text.as_deref(), field, longest)).flatten();
    let (words, theirs) = (optional(&call.told.words, "words"), optional(&call.customer_words, "customerWords"));
    if call.direction == CallDirection::Outbound {
        if call.told.case.is_none() {
            problems.add(Problem::new(ErrorCode::Required, "caseId", texts::intake::outbound_without_case()));
        }
        let reached = call.outcome == CallOutcome::Answered;
        if !reached && call.told.next_contact.is_some() {
            problems.add(no_contact());
        }
        return (theirs.unwrap_or_default(), Some(Ours { reached, summary: words }));
    }
    if call.told.next_contact.is_some() {
        problems.add(no_contact());
    }
    if theirs.is_some() {
        let text = texts::intake::inbound_with_customer_words();
        problems.add(Problem::new(ErrorCode::Invalid, "customerWords", text));
    }
    if call.outcome == CallOutcome::NoAnswer {
        problems.add(Problem::new(ErrorCode::Invalid, "outcome", texts::intake::inbound_unanswered()));
    }
    let words = words.map_or_else(|| required("", "words", longest), Ok);
    (problems.check(words).unwrap_or_default(), None)
}

fn no_contact() -> Problem {
    Problem::new(ErrorCode::Invalid, "nextContactBy", texts::intake::call_no_contact())
}

fn parse(call: &Call, seller: entity::id::SellerId, now: DateTime<Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let numbered = call.told.numbered(&mut problems);
    let (words, ours) = said(call, &mut problems);
    let checked = call.told.check_beside(&mut problems, numbered, words);
    let started_at = checked_start(call, now, &mut problems);
    let from_raw = line(&mut problems, call.from.as_deref(), "from", 100);
    let facts = CallFacts {
        source: checked.source.clone(),
        external_id: checked.external_id.clone(),
        direction: call.direction,
        outcome: call.outcome,
        caller_name: line(&mut problems, call.caller_name.as_deref(), "callerName", 200),
        caller_email: problems.check(checked_email(call.caller_email.as_deref(), "callerEmail")).flatten(),
        summary: ours.as_ref().and_then(|ours| ours.summary.clone()),
        from_e164: from_raw.as_deref().and_then(phone),
        from_raw,
        to_raw: line(&mut problems, call.to.as_deref(), "to", 100),
        started_at,
        ended_at: call.ended_at,
        queue: line(&mut problems, call.queue.as_deref(), "queue", 100),
    };
    let sender = Sender {
        name: facts.caller_name.clone(),
        email: facts.caller_email.clone(),
        // For a call that the company made, the number that called is the company's.
        phone: facts.from_e164.clone().filter(|_| ours.is_none()),
        language: call.told.language,
        chosen: call.told.customer,
    };
    problems.refuse_if_any()?;
    let raw = File::json("call.json", call)?;
    let what = (seller, Channel::Phone, "logPhoneCall");
    let arrived = checked.arrived(what, started_at, sender, &facts, (raw, Vec::new()))?;
    Ok(Arrived { ours, ..arrived })
}
