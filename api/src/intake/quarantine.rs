//! Mails in quarantine, which could not be taken in, and what staff may do with them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{ArrivalId, CaseId};
use entity::kind::{ArrivalStatus, JobKind, SenderTrust};
use entity::{arrival, mailbox};
use sea_orm::EntityTrait;

use super::arrival::taken_in;
use super::email::{self, Came, Mail, Through};
use super::reading;
use super::reply;
use super::sender::Senders;
use crate::access::door;
use crate::access::table::{self, Action};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::job::{JobRow, Progress, is_lease, job_row};
use crate::kit::rows::Held;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::{self, Notice};
use crate::texts;
use crate::upload::content;

/// How many characters of a reason are stored.
const REASON: usize = 500;

/// Makes a mail in quarantine due at once, so that it is taken in again.
///
/// # Errors
/// `NOT_FOUND` when there is no such mail; `INVALID_TRANSITION` when it is not in quarantine, or when its bytes were
/// never stored.
pub async fn retry(work: &mut Work, id: ArrivalId, action: Action, field: &str) -> Outcome<arrival::Model> {
    let mut row = locked(work, id, action, field).await?;
    if row.raw_size == 0 {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::intake::mail_not_here()).into());
    }
    row.status = ArrivalStatus::Waiting;
    row.set(Progress::due(work.now()));
    row.ended_at = None;
    work.save(row.clone());
    Ok(row)
}

job_row!(
    arrival: ArrivalId,
    ArrivalStatus::Waiting,
    JobKind::Mail,
    TimeDelta::minutes(2),
    &[TimeDelta::zero(), TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(15)],
    "The service ended twice while it was reading this mail, so it is not read again by itself. The mail \
                      is kept as it came.",
    "Reading this mail broke off each time, so it is not read again by itself. The mail is kept as it came."
);

/// Records that the attempt under this lease could not take in a mail, and when it is tried again. Returns whether the
/// mail was given up.
///
/// # Errors
/// When the store fails.
pub async fn failed(work: &mut Work, id: ArrivalId, lease: Option<DateTime<Utc>>, reason: &str) -> Outcome<bool> {
    let row = arrival::Model::lock(work, &[id]).await?.pop();
    let Some(mut row) = row.filter(|row| is_lease(row.leased_until, lease)) else { return Ok(false) };
    let mut progress = row.progress();
    let again = progress.fail(arrival::Model::WAITS, work.now(), 0);
    row.set(progress);
    if again {
        row.reason = Some(truncated(reason, REASON));
        work.save(row);
        return Ok(false);
    }
    put_aside(work, row, reason).await.map(|()| true)
}

/// Puts a mail in quarantine without reading it, because the service gives it up. Returns whether it was still to be
/// read.
///
/// # Errors
/// When the store fails.
pub async fn give_up(work: &mut Work, id: ArrivalId, reason: &str) -> Outcome<bool> {
    let Some(row) = arrival::Model::lock(work, &[id]).await?.pop() else { return Ok(false) };
    put_aside(work, arrival::Model { leased_until: None, ..row }, reason).await.map(|()| true)
}

/// Puts a mail in quarantine and tells the accountable person.
///
/// # Errors
/// When the store fails.
pub(super) async fn put_aside(work: &mut Work, mut row: arrival::Model, reason: &str) -> Outcome<()> {
    row.reason = Some(truncated(reason, REASON));
    row.status = ArrivalStatus::Quarantined;
    row.ended_at = Some(work.now());
    row.leased_until = None;
    if let Some(mailbox) = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await? {
        letter::notify(work, &mailbox, Notice::Quarantine, reason).await?;
    }
    work.save(row);
    Ok(())
}

/// What is read of a mail before the act that puts it on a case.
pub struct QuarantinedMail {
    mail: Arc<Mail>,
    /// The status that it gets if it answers a letter to somebody who is not a customer, and therefore becomes no
    /// report.
    reply: Option<ArrivalStatus>,
    trust: SenderTrust,
    /// Whether the findings of a mail server about senders are believed.
    checked: bool,
}

/// Reads a mail in quarantine that the actor may put on a case. Reading takes time and memory, so it is done before the
/// act.
///
/// # Errors
/// When the store cannot be read.
pub async fn read(app: &App, senders: &Senders, actor: Actor, id: ArrivalId) -> Result<Option<QuarantinedMail>, Fault> {
    let db = app.reader().db();
    let row = arrival::Entity::find_by_id(id).one(db).await?;
    let theirs = |row: &arrival::Model| table::may(table::at_seller(actor, row.seller_id), Action::ReadCase);
    let Some(row) = row.filter(theirs) else { return Ok(None) };
    if row.raw_size == 0 {
        let mail = Arc::new(Mail::missing(row.id, row.reason.as_deref().unwrap_or_default()));
        return Ok(Some(QuarantinedMail { mail, reply: None, trust: SenderTrust::Unknown, checked: true }));
    }
    let bytes = content::whole(db, row.raw_sha256.clone()).await?.ok_or(Fault::Broken("a mail has its bytes"))?;
    let mail = reading::read(bytes.len(), move || Mail::read(bytes)).await;
    let mail = Arc::new(mail.ok_or(Fault::Broken("a mail can be read"))?);
    let trust = senders.trust(&mail, row.received_at).await;
    let reply = reply::arrival_status(app, &row, &mail).await?;
    Ok(Some(QuarantinedMail { mail, reply, trust, checked: senders.finding(None).is_some() }))
}

/// Puts a mail on a case, whatever the mail says. An answer by staff or a partner's person to a letter becomes a note.
/// If the sender is not the case's customer, the mail is marked as unverified.
///
/// # Errors
/// `NOT_FOUND` when there is no such mail; `INVALID_TRANSITION` when it is not in quarantine; the errors of
/// [`door::either_case`] for the case.
pub async fn assign(
    work: &mut Work,
    id: ArrivalId,
    known: Option<&QuarantinedMail>,
    case: CaseId,
) -> Outcome<arrival::Model> {
    let row = locked(work, id, Action::ReadCase, "quarantinedReportId").await?;
    // The case is looked up first, so that the error is about the case when the case is wrong.
    door::lock_related(work, &[case]).await?;
    drop(door::either_case(work, case, Action::LogPhoneCall, "caseId").await?);
    let known = known.ok_or(Fault::Broken("a mail that may be assigned was read"))?;
    let QuarantinedMail { mail, reply, trust, checked } = known;
    if let Some(status) = reply {
        return super::reply::assign(work, row, (mail, *status), case).await;
    }
    let mailbox = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await?;
    let mailbox = mailbox.ok_or(Fault::Broken("a mail came to a mailbox"))?;
    let through = Through { belongs_to: Some(case), trust: *trust, checked: *checked, ..Through::of(&row, mailbox) };
    let received = email::take_in(work, mail, row.seller_id, row.received_at, Came::By(&through)).await?;
    let row = taken_in(work, row, &received);
    work.save(row.clone());
    Ok(row)
}

async fn locked(work: &Work, id: ArrivalId, action: Action, field: &str) -> Outcome<arrival::Model> {
    let row = work.lock::<arrival::Model>(id).await?.map(Held::done);
    let row = row.ok_or_else(|| Problem::not_found(field))?;
    table::check(table::at_seller(work.actor(), row.seller_id), action, action, field)?;
    if row.status != ArrivalStatus::Quarantined {
        return Err(Problem::new(ErrorCode::InvalidTransition, field, texts::intake::not_in_quarantine()).into());
    }
    Ok(row)
}
