//! Acts on a case: it is opened with its owner, joined by reports, answered, closed and given to others. The acts use
//! the modules for messages, tasks, timers and ownership.

pub mod again;
pub mod alike;
pub mod chase;
pub mod commitment;
pub mod contact;
pub mod customer;
pub mod decide;
pub mod enquiry;
pub mod facts;
pub mod give;
pub mod handover;
pub mod leave;
pub mod legal;
pub mod link;
pub mod list;
pub mod measures;
pub mod mention;
pub mod merge;
pub mod open;
pub mod pause;
pub mod plan;
pub mod query;
pub mod recount;
pub mod reference;
pub mod replay;
pub mod report;
pub mod revoke;
pub mod seen;
pub mod simulate;
pub mod tell;
pub mod update;
pub mod watch;
pub mod watcher;

use entity::id::{CaseId, StaffId, TaskUpdateId, UploadId};
use entity::kind::{CaseStage, ChaseKind, CommitmentPlace, OwnershipReason, Thanks, Visibility};
use entity::{case, case_task, message, task_update};
use sea_orm::EntityTrait;

use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, required};
use crate::kit::work::Work;
use crate::legal::{Satisfied, Starts};
use crate::message::Said;
use crate::texts;
use crate::timer::{self, CaseTimes};
use commitment::Promised;
use commitment::apology::Apology;
use commitment::decide::Due;
use contact::Contact;

/// Words to the customer, and what they announce.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingMessage<'t> {
    /// The words.
    pub words: &'t str,
    /// What they promise.
    pub promised: &'t [Promised],
    /// When the customer hears from the company next; `None` for the time of the service level.
    pub next: Option<Due>,
    /// The broken commitment for which the words apologise.
    pub apology: Option<Apology<'t>>,
    /// The files that were uploaded for the customer.
    pub uploads: &'t [UploadId],
}

impl<'t> OutgoingMessage<'t> {
    /// Words that announce nothing.
    #[must_use]
    pub const fn plain(words: &'t str) -> Self {
        Self { words, promised: &[], next: None, apology: None, uploads: &[] }
    }
}

/// Tells the customer, in the owner's words, that somebody is looking after the case.
///
/// # Errors
/// When the case is in a later stage already, the words are missing or too long, or a commitment or the time of the
/// next contact is not valid.
pub async fn acknowledge(work: &mut Work, id: CaseId, told: &OutgoingMessage<'_>) -> Outcome<case::Model> {
    let mut case = door::case(work, id, Action::AcknowledgeCase, "caseId").await?;
    CaseAct::Acknowledge.check(&Situation::of(&case), "caseId")?;
    let words = required(told.words, "message", crate::message::LONGEST)?;
    tell_customer(work, &mut case, &words, (None, Some(told))).await?;
    if case.stage == CaseStage::Received {
        move_to(work, &mut case, CaseStage::Acknowledged)?;
    }
    commitment::make_all(work, &mut case, told.promised, (CommitmentPlace::Message, "commitments")).await?;
    Ok(case.done())
}

/// Writes to the customer.
///
/// # Errors
/// When the words are missing or too long, or a commitment or the time of the next contact is not valid.
pub async fn send_message(
    work: &mut Work,
    id: CaseId,
    told: &OutgoingMessage<'_>,
) -> Outcome<(case::Model, message::Model)> {
    write(work, id, Action::SendMessage, (Visibility::Customer, None), told).await
}

/// Writes to the customer about an update from a partner, in the owner's words. Partners do not write to the customer
/// themselves.
///
/// # Errors
/// As [`send_message`].
pub async fn publish(
    work: &mut Work,
    id: TaskUpdateId,
    told: &OutgoingMessage<'_>,
) -> Outcome<(case::Model, message::Model)> {
    let not_found = || Problem::not_found("taskUpdateId");
    let update = task_update::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let task = case_task::Entity::find_by_id(update.task_id).one(work.tx()?).await?.ok_or_else(not_found)?;
    // A caller who may not see the case must not learn that the update exists. The cases are locked in the order of all
    // acts.
    door::lock_related(work, &[task.case_id]).await?;
    drop(door::either_case(work, task.case_id, Action::SendMessage, "taskUpdateId").await?);
    write(work, task.case_id, Action::SendMessage, (Visibility::Customer, Some(id)), told).await
}

/// Leaves a note that only staff read.
///
/// # Errors
/// When the words are missing or too long.
pub async fn add_note(
    work: &mut Work,
    id: CaseId,
    words: &str,
    uploads: &[UploadId],
) -> Outcome<(case::Model, message::Model)> {
    let told = OutgoingMessage { uploads, ..OutgoingMessage::plain(words) };
    write(work, id, Action::AddNote, (Visibility::Internal, None), &told).await
}

/// The customer writes to the company, about the named case or that of their token. A closed case is reopened, unless
/// the customer only thanks.
///
/// # Errors
/// When the actor is not the customer of the case, or the words are missing or too long.
pub async fn add_customer_message(
    work: &mut Work,
    named: Option<CaseId>,
    words: &str,
    uploads: &[UploadId],
) -> Outcome<(case::Model, message::Model)> {
    let refused = || crate::access::table::refused(Action::AddCustomerMessage);
    let id = crate::access::own::case_of(work.actor(), named).ok_or_else(refused)?;
    door::lock_related(work, &[id]).await?;
    let mut case = door::own_case(work, id, Action::AddCustomerMessage).await?;
    let goes_on = door::goes_on(work, &case).await?;
    let words = required(words, "text", crate::message::LONGEST)?;
    let said = Said { body: words, uploads: uploads.to_vec() };
    let message = crate::message::tell(work, &mut case, Visibility::Customer, &said, None).await?.0;
    if message.thanks == Some(Thanks::Only) {
        Box::pin(pause::end(work, &mut case)).await?;
        return Ok((case.done(), message));
    }
    // If the case was merged into another, the case that continues is the one that is answered.
    if let Some(mut goes_on) = goes_on {
        Box::pin(waits(work, &mut goes_on)).await?;
    } else {
        Box::pin(waits(work, &mut case)).await?;
    }
    Ok((case.done(), message))
}

/// The customer of a locked case has written and waits for a reply.
async fn waits(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    let times = CaseTimes::of(work, case).await?;
    chase::count(work, case, &times, ChaseKind::Message).await?;
    open::reopen_if_closed(work, case, &times)?;
    pause::end(work, case).await?;
    timer::asked(work, case, &times).await?;
    Ok(())
}

async fn write(
    work: &mut Work,
    id: CaseId,
    action: Action,
    (visibility, update): (Visibility, Option<TaskUpdateId>),
    told: &OutgoingMessage<'_>,
) -> Outcome<(case::Model, message::Model)> {
    let to_customer = visibility == Visibility::Customer;
    if to_customer {
        door::lock_related(work, &[id]).await?;
    }
    let mut case = door::case(work, id, action, "caseId").await?;
    let words = required(told.words, "text", crate::message::LONGEST)?;
    if let Some(apology) = &told.apology {
        commitment::apology::check(work, &mut case, apology).await?;
    }
    let message = if to_customer {
        let message = tell_customer(work, &mut case, &words, (update, Some(told))).await?;
        commitment::make_all(work, &mut case, told.promised, (CommitmentPlace::Message, "commitments")).await?;
        message
    } else {
        let said = Said { body: words, uploads: told.uploads.to_vec() };
        crate::message::tell(work, &mut case, visibility, &said, update).await?.0
    };
    Ok((case.done(), message))
}

/// Writes to the customer of a locked case, which is a contact, whatever the words say, unless it is known at once that
/// the letter cannot reach them.
async fn tell_customer(
    work: &mut Work,
    case: &mut case::Model,
    words: &str,
    (update, outgoing): (Option<TaskUpdateId>, Option<&OutgoingMessage<'_>>),
) -> Outcome<message::Model> {
    let next = outgoing.and_then(|outgoing| outgoing.next);
    let uploads = outgoing.map(|outgoing| outgoing.uploads.to_vec()).unwrap_or_default();
    let said = Said { body: words.to_owned(), uploads };
    let mut goes_on = door::goes_on(work, case).await?;
    let at = work.now();
    let place = CommitmentPlace::Message;
    let contact = |message| Contact { at, place, message: Some(message), next };
    let answers_for = goes_on.as_deref().unwrap_or(&*case);
    let times = CaseTimes::of(work, answers_for).await?;
    let due = contact::next(work, &times, at, next)?;
    let due = answers_for.closed_at.is_none().then_some(due);
    // The letter names the time of the next contact after this one.
    let former = std::mem::replace(&mut case.next_contact_due, due);
    let (message, reached) = crate::message::tell(work, case, Visibility::Customer, &said, update).await?;
    case.next_contact_due = former;
    let told = goes_on.as_deref_mut().unwrap_or(&mut *case);
    timer::acted_by(work, told, &times);
    if reached {
        contact::made(work, told, &times, &contact(message.id)).await?;
    }
    Ok(message)
}

/// Gives the company's answer and closes the case. The owner stays the owner.
///
/// # Errors
/// When it is closed or merged already, or the answer is missing or too long.
pub async fn close(work: &mut Work, id: CaseId, words: &str) -> Outcome<case::Model> {
    door::lock_related(work, &[id]).await?;
    let mut case = door::case(work, id, Action::CloseCase, "caseId").await?;
    let absorbed = door::merged_in(work, id).await?;
    commitment::check_close(work, &case, &absorbed).await?;
    let words = required(words, "message", crate::message::LONGEST)?;
    crate::message::add(work, &mut case, Visibility::Customer, words).await?;
    contact::closed(work, &mut case).await?;
    case.closed_at = Some(work.now());
    work.add_open_cases(case.owner_id, -1);
    move_to(work, &mut case, CaseStage::Closed)?;
    handover::overtaken(work, &mut case).await?;
    crate::task::close_all(work, &mut case).await?;
    // The tasks, disputes and legal clocks of the cases that were merged into it end with it.
    for mut other in absorbed {
        crate::task::close_all(work, &mut other).await?;
        Box::pin(legal::done(work, &mut other, &[Satisfied::FinalAnswer], None)).await?;
    }
    timer::stop(work, id, timer::END_WITH_THE_CASE);
    Box::pin(answered(work, &mut case)).await?;
    Ok(case.done())
}

/// The company has given its answer: the pause ends, the legal clocks that asked for the answer are met, and those that
/// start with the answer begin.
async fn answered(work: &mut Work, case: &mut case::Model) -> Outcome<()> {
    pause::end(work, case).await?;
    legal::done(work, case, &[Satisfied::FinalAnswer], None).await?;
    let now = work.now();
    legal::begin_for(work, case, Starts::Answered, None, now).await
}

/// Gives a case to another person of the same seller, with a reason.
///
/// # Errors
/// When the person is not an active member of the seller's staff, owns the case already, or is away and gets it only if
/// they are here; when the case was merged into another, or when no reason is given.
pub async fn reassign(
    work: &mut Work,
    id: CaseId,
    (to, even_if_away): (StaffId, bool),
    reason: &str,
) -> Outcome<case::Model> {
    door::lock_related(work, &[id]).await?;
    let mut case = door::case(work, id, Action::ReassignCase, "caseId").await?;
    let reason = required(reason, "reason", 1_000)?;
    give::can_own(work, &case, to, "ownerId").await??;
    CaseAct::Reassign.check(&Situation::of(&case), "caseId")?;
    if case.owner_id == to {
        return Err(Problem::new(ErrorCode::InvalidTransition, "ownerId", texts::case::own_already()).into());
    }
    if !even_if_away {
        give::is_here(work, &case, to, "ownerId").await??;
    }
    handover::overtaken(work, &mut case).await?;
    give::transfer(work, &mut case, to, OwnershipReason::Reassigned, &reason).await?;
    timer::acted(work, &case).await?;
    Ok(case.done())
}

pub(crate) fn move_to(
    work: &mut Work,
    case: &mut case::Model,
    to: CaseStage,
) -> Result<(), crate::kit::error::Refusal> {
    if case.stage == to {
        return Err(Fault::Broken("a stage changes to another one").into());
    }
    let from = std::mem::replace(&mut case.stage, to);
    log::append(work, case, &Payload::StageChanged { from, to })
}
