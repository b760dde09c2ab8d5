//! The past of an imported case, told record by record with the times it had elsewhere. Nothing of it is sent to anybody, and
//! only an import may do it: whoever else acts, acts now.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::{CaseStage, DueKind, PartyKind, Visibility};
use entity::{case, due, message};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;

use super::{handover, legal};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;
use crate::legal::Satisfied;
use crate::timer::{self, CaseTimes};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Happened {
    /// The company wrote to the customer: a contact.
    WroteToCustomer,
    /// The customer was spoken with by telephone: a contact.
    SpokeWithCustomer,
    /// The customer was called and did not answer.
    CallNotAnswered,
    /// The customer was met: a contact.
    MetCustomer,
    /// The customer wrote.
    CustomerWrote,
    /// Somebody at the company noted something.
    Noted,
    /// The case became acknowledged.
    Acknowledged,
    /// The case was being investigated, perhaps again.
    Investigating,
    /// The company gave its answer, and the case was closed.
    Closed,
}

impl Happened {
    /// Whether it is nothing without its words.
    #[must_use]
    pub const fn is_written(self) -> bool {
        matches!(self, Self::WroteToCustomer | Self::CustomerWrote | Self::Noted)
    }

    /// Whether the case went to another stage by it.
    #[must_use]
    pub const fn is_stage(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Investigating | Self::Closed)
    }

    /// Whether the customer heard from the company.
    const fn is_contact(self) -> bool {
        matches!(self, Self::WroteToCustomer | Self::SpokeWithCustomer | Self::MetCustomer)
    }

    /// The stage that it leads to, from this one; the error is that it does not.
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

/// A record of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub happened: Happened,
    /// What was written or noted.
    pub words: String,
}

/// A time of the seller's service levels that a record ended, and whether it was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub time: HeldTime,
    /// Whether it was kept.
    pub kept: bool,
}

/// The times that a history is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldTime {
    /// From the receipt to the first contact.
    FirstContact,
    /// From what the customer wrote to the next contact.
    Reply,
    /// From the receipt to the answer.
    Answer,
}

impl Held {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.time, self.kept) {
            (HeldTime::FirstContact, true) => "first contact: in time",
            (HeldTime::FirstContact, false) => "first contact: late",
            (HeldTime::Reply, true) => "reply: in time",
            (HeldTime::Reply, false) => "reply: late",
            (HeldTime::Answer, true) => "answer: in time",
            (HeldTime::Answer, false) => "answer: late",
        }
    }
}

/// Tells a record of an imported case. The act's own time is the record's; what it begins of the times that are promised
/// begins today.
///
/// # Errors
/// When the case has later events, was merged, or is not in a stage in which that can have happened.
pub async fn replay(work: &mut Work, id: CaseId, record: &Record) -> Outcome<Option<Held>> {
    let row = case::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
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
        timer::stop(work, id, super::HEARD).await?;
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
    work.save(case);
    Ok(held)
}

fn later_events(case: &case::Model) -> Problem {
    problem(format!(
        "{} has events after this time: bring the rows of a case in the order of their times, and before anybody works on the \
         case here",
        case.reference
    ))
}

fn problem(en: String) -> Problem {
    // Whoever imports reads English: it is a command, whose words are in one language.
    Problem::new(ErrorCode::InvalidTransition, "", en.clone(), en)
}

/// The words of a record: the customer's, or by somebody of the other system whom nobody knows here. What was written to the
/// customer, the answer among it, they see; what was noted of calls, visits and stages is for staff.
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
    };
    case.last_message_id = Some(row.id);
    log::append(work, case, &Payload::MessageAdded { message: row.id, visibility })?;
    work.insert(row);
    Ok(())
}

/// The time that this ended, if it ended one, by the times that hold for the case today.
async fn held(work: &Work, case: &case::Model, times: &CaseTimes, happened: Happened) -> Outcome<Option<Held>> {
    let lengths = times.lengths();
    let kept = |time, since: DateTime<Utc>, length| Held { time, kept: work.now() <= times.due(since, length) };
    if happened == Happened::Closed {
        return Ok(lengths.answer.map(|length| kept(HeldTime::Answer, case.opened_at, length)));
    }
    if !happened.is_contact() {
        return Ok(None);
    }
    let runs = |kind| due::Entity::find_by_id((case.id.0, kind));
    if runs(DueKind::AcknowledgeBy).one(work.tx()?).await?.is_some() {
        return Ok(Some(kept(HeldTime::FirstContact, case.opened_at, lengths.first_contact)));
    }
    let asked = runs(DueKind::ReplyBy).one(work.tx()?).await?;
    let Some((length, _)) = lengths.reply.zip(asked) else { return Ok(None) };
    let asked = message::Entity::find()
        .filter(message::Column::CaseId.eq(case.id))
        .filter(message::Column::ByKind.eq(PartyKind::Customer))
        .order_by_desc(message::Column::At)
        .one(work.tx()?)
        .await?;
    Ok(asked.map(|asked| kept(HeldTime::Reply, asked.at, length)))
}

/// The customer waits for a reply, from today on, unless they wait already.
async fn reply_is_owed(work: &mut Work, case: &case::Model, times: &CaseTimes) -> Outcome<()> {
    let Some(length) = times.lengths().reply.filter(|_| case.closed_at.is_none()) else { return Ok(()) };
    if due::Entity::find_by_id((case.id.0, DueKind::ReplyBy)).one(work.tx()?).await?.is_none() {
        let today = work.app().now();
        timer::count(work, case.id, DueKind::ReplyBy, (today, length), times);
    }
    Ok(())
}

/// Closes a case that was closed where it came from, at the act's own time. The caller saves the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn close(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    super::move_to(work, case, CaseStage::Closed)?;
    case.closed_at = Some(work.now());
    work.carries(case.owner_id, -1);
    case.next_contact_due = None;
    handover::overtaken(work, case).await?;
    timer::stop(work, case.id, timer::END_WITH_THE_CASE).await?;
    legal::done(work, case, &[Satisfied::FinalAnswer], None).await
}

/// Opens a case again that was opened again where it came from. What is promised about it is promised from today.
fn open_again(work: &mut Work, case: &mut case::Model, stage: CaseStage, times: &CaseTimes) -> Outcome<()> {
    let today = work.app().now();
    case.closed_at = None;
    work.carries(case.owner_id, 1);
    case.next_contact_due = Some(times.first_contact(today));
    timer::start(work, case.id, times, today);
    super::move_to(work, case, stage)
}
