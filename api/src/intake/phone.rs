//! The telephone log: the call's facts and the customer's own words, read back to them. A number suggests a customer
//! and never unlocks a case: whoever logs the call says which case it belongs to.

use chrono::{DateTime, Utc};
use entity::kind::Channel;
use serde::{Deserialize, Serialize};

use super::logged::{Told, is_past, not_past};
use super::matter::line;
use super::receive::{self, Received};
use super::report::{Arrived, File, Sender};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::contact::{checked_email, phone};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems};
use crate::kit::work::Work;

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
    /// What they said, read back and confirmed.
    #[serde(flatten)]
    pub told: Told,
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
    if !is_past(started_at, now) {
        problems.add(not_past("startedAt"));
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
    let checked = call.told.check(&mut problems);
    let started_at = checked_start(call, now, &mut problems);
    let from_raw = line(&mut problems, call.from.as_deref(), "from", 100);
    let facts = CallFacts {
        source: checked.source.clone(),
        external_id: checked.external_id.clone(),
        direction: call.direction,
        outcome: call.outcome,
        from_e164: from_raw.as_deref().and_then(phone),
        from_raw,
        to_raw: line(&mut problems, call.to.as_deref(), "to", 100),
        started_at,
        ended_at: call.ended_at,
        queue: line(&mut problems, call.queue.as_deref(), "queue", 100),
    };
    let sender = Sender {
        name: line(&mut problems, call.caller_name.as_deref(), "callerName", 200),
        email: problems.check(checked_email(call.caller_email.as_deref(), "callerEmail")).flatten(),
        phone: facts.from_e164.clone(),
        language: call.told.language,
    };
    problems.refuse_if_any()?;
    let raw = File::json("call.json", call)?;
    checked.arrived((seller, Channel::Phone, "logPhoneCall"), started_at, sender, &facts, raw)
}
