//! Replays the history of an imported case record by record, each with the time it had in the other system. Nothing is
//! sent to anybody. Only an import may do this: every other actor acts at the present time.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::{CaseStage, DueKind, PartyKind, Visibility};
use entity::{case, due, message};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;

use super::{contact, handover, legal};
use crate::access::door;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;
use crate::legal::Satisfied;
use crate::texts;
use crate::timer::{self, CaseTimes};

/// The kind of a historical event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Happened {
    /// The company wrote to the customer. This is a contact.
    WroteToCustomer,
    /// The company spoke with the customer by telephone. This is a contact.
    SpokeWithCustomer,
    /// The company called the customer, who did not answer.
    CallNotAnswered,
    /// The company met the customer. This is a contact.
    MetCustomer,
    /// The customer wrote to the company.
    CustomerWrote,
    /// Somebody at the company wrote a note.
    Noted,
    /// The case was acknowledged.
    Acknowledged,
    /// The case went under investigation, for the first time or again.
    Investigating,
    /// The company gave its answer, and the case was closed.
    Closed,
}

impl Happened {
    /// Whether a record of this kind needs words.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::WroteToCustomer | Self::CustomerWrote | Self::Noted)
    }

    /// Whether the event changes the stage of the case.
    #[must_use]
    pub const fn is_stage(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Investigating | Self::Closed)
    }

    /// Whether the event is a contact with the customer.
    const fn is_contact(self) -> bool {
        matches!(self, Self::WroteToCustomer | Self::SpokeWithCustomer | Self::MetCustomer)
    }

    /// The stage to which the event moves a case from this stage; none if it changes no stage, an error if it cannot
    /// happen in this one.
    const fn stage(self, from: CaseStage) -> Option<Result<CaseStage, ()>> {
        use CaseStage::{Acknowledged, Closed, Investigating, Received};
        match (self, from) {
            (Self::Acknowledged, Received) => Some(Ok(Acknowledged)),
            (Self::Investigating, Received | Acknowledged | Closed) => Some(Ok(Investigating)),
            (Self::Closed, Received | Acknowledged | Investigating) => Some(Ok(Closed)),
            _ if self.is_stage() => Some(Err(())),
            _ => None,
        }
    }
}

/// A historical record from another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The kind of event.
    pub happened: Happened,
    /// What was written or noted; may be empty.
    pub words: String,
}

/// A service-level time that a record ended, and whether it was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredTime {
    /// The service-level time.
    pub time: ServiceTimeKind,
    /// Whether it was met.
    pub kept: bool,
}

/// The service-level times that a history is checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceTimeKind {
    /// From the opening of the case to the first contact.
    FirstContact,
    /// From the customer's message to the next contact.
    Reply,
    /// From the opening of the case to the answer.
    Answer,
}

impl MeasuredTime {
    /// The result as text for the import's report.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.time, self.kept) {
            (ServiceTimeKind::FirstContact, true) => "first contact: in time",
            (ServiceTimeKind::FirstContact, false) => "first contact: late",
            (ServiceTimeKind::Reply, true) => "reply: in time",
            (ServiceTimeKind::Reply, false) => "reply: late",
            (ServiceTimeKind::Answer, true) => "answer: in time",
            (ServiceTimeKind::Answer, false) => "answer: late",
        }
    }
}

/// Replays one record of an imported case. The time of the act is the time of the record. Service-level times that the
/// record starts are counted from the present time.
///
/// # Errors
/// When the case has later events, was merged, or is in a stage in which the event cannot happen.
pub async fn replay(work: &mut Work, id: CaseId, record: &Record) -> Outcome<Option<MeasuredTime>> {
    let row = work.lock::<case::Model>(id).await?;
    let mut case = row.ok_or(Fault::Broken("an imported row has a case"))?;
    if case.last_event_at > work.now() {
        return Err(later_events(&case).into());
    }
    if case.merged_into.is_some() {
        return Err(problem(format!("{} was merged into another case here", case.reference)).into());
    }
    let stage = match record.happened.stage(case.stage) {
        Some(Err(())) => {
            return Err(problem(format!("{} is {} by then", case.reference, case.stage.word())).into());
        }
        Some(Ok(stage)) => Some(stage),
        None => None,
    };
    let times = CaseTimes::of(work, &case).await?;
    let held = held(work, &case, &times, record.happened).await?;
    if !record.words.is_empty() {
        note(work, &mut case, record)?;
    }
    if record.happened.is_contact() {
        contact::replayed(work, &mut case, &times).await?;
    }
    if record.happened == Happened::CustomerWrote {
        reply_is_owed(work, &case, &times).await?;
    }
    match stage {
        Some(CaseStage::Closed) => close(work, &mut case).await?,
        Some(stage) if case.stage == CaseStage::Closed => open_again(work, &mut case, stage, &times)?,
        Some(stage) => super::move_to(work, &mut case, stage)?,
        None => {}
    }
    Ok(held)
}

fn later_events(case: &case::Model) -> Problem {
    problem(format!(
        "{} has events after this time: bring the rows of a case in the order of their times, and before anybody works on the \
         case here",
        case.reference
    ))
}

fn problem(words: String) -> Problem {
    Problem::new(ErrorCode::InvalidTransition, "", texts::case::in_english(words))
}

/// Adds the words of a record as a message. Its author is the customer, or else somebody unknown in the other system.
/// The customer sees what was written to them, including the answer. Notes about calls, visits and stages are internal.
fn note(work: &mut Work, case: &mut case::Model, record: &Record) -> Outcome<()> {
    let (visibility, by_kind, by_id) = match record.happened {
        Happened::CustomerWrote => (Visibility::Customer, PartyKind::Customer, Some(case.customer_id.0)),
        Happened::WroteToCustomer | Happened::Closed => (Visibility::Customer, PartyKind::Import, None),
        _ => (Visibility::Internal, PartyKind::Import, None),
    };
    let row = message::Model {
        id: work.new_id(),
        case_id: case.id,
        report_id: None,
        task_update_id: None,
        visibility,
        by_kind,
        by_id,
        by_shown_link: false,
        thanks: None,
        body: record.words.clone(),
        at: work.now(),
        answered_at: None,
    };
    case.last_message_id = Some(row.id);
    log::append(work, case, &Payload::MessageAdded { message: row.id, visibility })?;
    work.insert(row);
    Ok(())
}

/// The service-level time that this event ended, if any. The times that apply to the case today are used.
async fn held(work: &Work, case: &case::Model, times: &CaseTimes, happened: Happened) -> Outcome<Option<MeasuredTime>> {
    let lengths = times.lengths();
    let kept = |time, since: DateTime<Utc>, length| MeasuredTime { time, kept: work.now() <= times.due(since, length) };
    if happened == Happened::Closed {
        return Ok(lengths.answer.map(|length| kept(ServiceTimeKind::Answer, case.opened_at, length)));
    }
    if !happened.is_contact() {
        return Ok(None);
    }
    if work.find::<due::Model>((case.id.0, DueKind::AcknowledgeBy)).await?.is_some() {
        return Ok(Some(kept(ServiceTimeKind::FirstContact, case.opened_at, lengths.first_contact)));
    }
    let asked = work.find::<due::Model>((case.id.0, DueKind::ReplyBy)).await?;
    let Some((length, _)) = lengths.reply.zip(asked) else { return Ok(None) };
    // The reply is owed since the first message after the last contact.
    let of_case = || message::Entity::find().filter(message::Column::CaseId.eq(case.id));
    let last_contact = of_case()
        .filter(message::Column::Visibility.eq(Visibility::Customer))
        .filter(message::Column::ByKind.ne(PartyKind::Customer))
        .order_by_desc(message::Column::At)
        .one(work.tx()?)
        .await?;
    let mut asked = of_case().filter(message::Column::ByKind.eq(PartyKind::Customer));
    if let Some(last) = last_contact {
        asked = asked.filter(message::Column::At.gt(last.at));
    }
    let asked = asked.order_by_asc(message::Column::At).one(work.tx()?).await?;
    Ok(asked.map(|asked| kept(ServiceTimeKind::Reply, asked.at, length)))
}

/// Starts the timer for a reply from the present time, unless it runs already.
async fn reply_is_owed(work: &mut Work, case: &case::Model, times: &CaseTimes) -> Outcome<()> {
    let Some(length) = times.lengths().reply.filter(|_| case.closed_at.is_none()) else { return Ok(()) };
    if work.find::<due::Model>((case.id.0, DueKind::ReplyBy)).await?.is_none() {
        let today = work.app().now();
        timer::start_for(work, case, DueKind::ReplyBy, (today, length), times);
    }
    Ok(())
}

/// Closes a case that was closed in the other system, at the time of the act.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn close(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let absorbed = door::merged_in(work, case.id).await?;
    super::commitment::check_close(work, case, &absorbed).await?;
    super::move_to(work, case, CaseStage::Closed)?;
    case.closed_at = Some(work.now());
    work.add_open_cases(case.owner_id, -1);
    contact::dropped(work, case).await?;
    handover::overtaken(work, case).await?;
    timer::stop(work, case.id, timer::END_WITH_THE_CASE);
    legal::done(work, case, &[Satisfied::FinalAnswer], None).await
}

/// Reopens a case that was reopened in the other system. The times promised to the customer are counted from the
/// present time.
fn open_again(work: &mut Work, case: &mut case::Model, stage: CaseStage, times: &CaseTimes) -> Outcome<()> {
    let today = work.app().now();
    case.closed_at = None;
    work.add_open_cases(case.owner_id, 1);
    timer::start(work, case, times, today);
    contact::promise(work, case, times, today);
    super::move_to(work, case, stage)
}
