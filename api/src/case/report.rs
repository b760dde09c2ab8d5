//! Corrections by staff: a report that is on the wrong case, and a sender who was not recognised. In doubt, the intake
//! opens a new case, or shows a mail without trusting its sender, and leaves the decision to a person. A person's
//! decision can be undone.

use entity::id::{CaseId, ReportId};
use entity::kind::{CaseStage, Channel, Visibility};
use entity::{attachment, case, customer_email, message, report, task_file};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::merge::{self, Merge};
use super::open;
use crate::access::door;
use crate::access::table::Action;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::mail::facts::{self, MailFacts};
use crate::texts::{self, Text};
use crate::timer::{self, CaseTimes};

/// A request to move a report to another case.
#[derive(Debug, Clone)]
pub struct Move {
    /// The report that is moved.
    pub report: ReportId,
    /// The case that the report belongs to.
    pub to: CaseId,
    /// Why the report belongs there.
    pub reason: String,
    /// Whether the actor knows that the sender of the report is the customer of that case.
    pub same_customer: bool,
}

/// Moves a report to the case it belongs to, and returns that case. If it is the only report of its case, the two cases
/// are merged instead. A closed case is reopened, unless a program sent the report or its sender is not the customer.
///
/// # Errors
/// When it cannot be moved there; each reason is named.
pub async fn move_to(work: &mut Work, ask: &Move) -> Outcome<case::Model> {
    let not_found = || Problem::not_found("reportId");
    // Read without a lock, to learn which two cases to lock in order.
    let found = report::Entity::find_by_id(ask.report).one(work.tx()?).await?.ok_or_else(not_found)?;
    if found.case_id == ask.to {
        door::case(work, ask.to, Action::MoveReports, "reportId").await?;
        return Err(Problem::new(ErrorCode::InvalidTransition, "caseId", texts::case::report_there_already()).into());
    }
    let (mut from, mut to) =
        merge::both(work, Action::MoveReports, (found.case_id, "reportId"), (ask.to, "caseId")).await?;
    work.check_version(from.version)?;
    let mut row = work.lock::<report::Model>(ask.report).await?.ok_or_else(not_found)?;
    check(&row, &from, &to)?;
    let reason = required(&ask.reason, "reason", 1_000)?;
    let mail = mail_of(&row);
    let automatic = mail.as_ref().is_some_and(MailFacts::is_automatic);
    let own = report::Entity::find().filter(report::Column::CaseId.eq(from.id));
    if own.count(work.tx()?).await? == 1 {
        if to.stage == CaseStage::Closed && !automatic {
            let times = CaseTimes::of(work, &to).await?;
            let first = times.first_contact(work.now());
            let due = from.next_contact_due.map_or(first, |due| due.min(first));
            open::reopen_until(work, &mut to, &times, due)?;
        } else {
            timer::acted(work, &to).await?;
        }
        let whole = Merge { case: from.id, into: to.id, reason, same_customer: ask.same_customer };
        return merge::merge_locked(work, &whole, from, to).await;
    }
    let theirs = ask.same_customer || is_theirs(work, &row, mail.as_ref(), &to).await?;
    log::append(work, &mut from, &Payload::ReportMoved { report: row.id, to: to.id })?;
    crate::message::add(work, &mut from, Visibility::Internal, reason).await?;
    row.case_id = to.id;
    if theirs {
        row.customer_id = to.customer_id;
    }
    match mail {
        Some(_) if ask.same_customer && !automatic => facts::confirm(&mut row.details),
        Some(_) => facts::mark(&mut row.details, !theirs && !automatic, None),
        None => {}
    }
    let effect = if automatic || !theirs { open::Effect::Nothing } else { open::Effect::Moved };
    open::attach(work, &mut to, &row, (effect, None)).await?;
    if ask.same_customer {
        adopt(work, mail.as_ref(), &to).await?;
    }
    let visible = if theirs && !automatic { Visibility::Customer } else { Visibility::Internal };
    move_messages(work, &row, from.id, (visible, &mut to)).await?;
    Ok(to.done())
}

fn check(row: &report::Model, from: &case::Model, to: &case::Model) -> Outcome<()> {
    let mut problems = Problems::default();
    let mut refuse = |field: &str, text: Text| {
        problems.add(Problem::new(ErrorCode::InvalidTransition, field, text));
    };
    if row.case_id != from.id {
        refuse("reportId", texts::case::report_just_moved());
    } else if from.stage == CaseStage::Merged {
        refuse("reportId", texts::case::reports_case_merged());
    }
    if to.stage == CaseStage::Merged {
        refuse("caseId", texts::case::to_merged());
    }
    problems.refuse_if_any()
}

/// Confirms that the sender of an unverified report is the case's customer. The report's messages are then shown as the
/// customer's, a closed case is reopened, and the sender's address is added to the customer if no other customer has
/// it.
///
/// # Errors
/// When the sender is not in doubt.
pub async fn confirm(work: &mut Work, id: ReportId) -> Outcome<case::Model> {
    let not_found = || Problem::not_found("reportId");
    let found = report::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let mut case = door::case(work, found.case_id, Action::MoveReports, "reportId").await?;
    let mut row = work.lock::<report::Model>(id).await?.ok_or_else(not_found)?;
    let mail = mail_of(&row);
    if row.case_id != case.id || !mail.as_ref().is_some_and(|mail| mail.unverified) {
        return Err(Problem::new(ErrorCode::InvalidTransition, "reportId", texts::case::sender_not_in_doubt()).into());
    }
    log::append(work, &mut case, &Payload::SenderConfirmed { report: id })?;
    adopt(work, mail.as_ref(), &case).await?;
    row.customer_id = case.customer_id;
    facts::confirm(&mut row.details);
    if row.received_at < case.received_at {
        case.received_at = row.received_at;
        Box::pin(super::legal::received_earlier(work, &case)).await?;
    }
    let times = CaseTimes::of(work, &case).await?;
    open::reopen_if_closed(work, &mut case, &times)?;
    for message in messages(work, case.id, id).await? {
        let visibility = Visibility::Customer;
        log::append(work, &mut case, &Payload::MessageAdded { message: message.id, visibility })?;
        work.save(message::Model { visibility, ..message });
    }
    Ok(case.done())
}

/// The facts about a mail; none if the report is not a mail. Only the sender of a mail can be in doubt.
fn mail_of(row: &report::Model) -> Option<MailFacts> {
    (row.channel == Channel::Email).then(|| MailFacts::of(&row.details))
}

/// Whether the sender is known to be this case's customer.
async fn is_theirs(work: &Work, row: &report::Model, facts: Option<&MailFacts>, case: &case::Model) -> Outcome<bool> {
    let Some(facts) = facts else { return Ok(row.customer_id == case.customer_id) };
    let Some(address) = facts.believed_sender() else { return Ok(false) };
    let known = customer_email::Entity::find_by_id((case.seller_id, address)).one(work.tx()?).await?;
    Ok(known.is_some_and(|known| known.customer_id == case.customer_id))
}

/// Adds the sender's address to the customer, if no customer has it yet.
async fn adopt(work: &mut Work, facts: Option<&MailFacts>, case: &case::Model) -> Outcome<()> {
    let Some(address) = facts.and_then(MailFacts::sender) else { return Ok(()) };
    if customer_email::Entity::find_by_id((case.seller_id, address.clone())).one(work.tx()?).await?.is_none() {
        let (seller_id, customer_id) = (case.seller_id, case.customer_id);
        work.insert(customer_email::Model { seller_id, address, customer_id, added_by_staff: true });
    }
    Ok(())
}

/// The messages on this case that were made from this report.
async fn messages(work: &Work, case: CaseId, report: ReportId) -> Outcome<Vec<message::Model>> {
    let of_case = message::Entity::find().filter(message::Column::CaseId.eq(case));
    Ok(of_case.filter(message::Column::ReportId.eq(report)).all(work.tx()?).await?)
}

/// Moves a report's messages and attachments to the other case.
async fn move_messages(
    work: &mut Work,
    row: &report::Model,
    from: CaseId,
    (visibility, to): (Visibility, &mut case::Model),
) -> Outcome<()> {
    for message in messages(work, from, row.id).await? {
        to.last_message_id = Some(message.id);
        log::append(work, to, &Payload::MessageAdded { message: message.id, visibility })?;
        work.save(message::Model { case_id: to.id, visibility, ..message });
    }
    let files = attachment::Entity::find().filter(attachment::Column::ReportId.eq(row.id)).all(work.tx()?).await?;
    // Partners to whom the former case's owner gave them have them no more.
    let given = task_file::Entity::find();
    let given = given.filter(task_file::Column::AttachmentId.is_in(files.iter().map(|file| file.id)));
    for row in given.all(work.tx()?).await? {
        work.remove::<task_file::Model>((row.task_id, row.attachment_id));
    }
    for file in files {
        work.save(attachment::Model { case_id: to.id, ..file });
    }
    Ok(())
}
