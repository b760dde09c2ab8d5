//! What could not be taken in, and what somebody does about it.

use std::sync::Arc;

use entity::id::{ArrivalId, CaseId};
use entity::kind::ArrivalStatus;
use entity::{arrival, blob, mailbox};
use sea_orm::{EntityTrait, QuerySelect};

use super::arrival::taken_in;
use super::email::{self, Came, Mail, Through};
use super::reading;
use super::sender::Senders;
use crate::access::door;
use crate::access::table::{self, Action};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;
use crate::mail::trust::Trust;

/// Lets a mail be taken in anew, at once.
///
/// # Errors
/// When there is no such mail in quarantine.
pub async fn retry(work: &mut Work, id: ArrivalId) -> Outcome<arrival::Model> {
    let mut row = locked(work, id).await?;
    if row.raw_size == 0 {
        let en = "Nothing of it is here: look at it in the mailbox, and put this on the case it belongs to.";
        let sv = "Inget av det finns här: läs det i brevlådan och lägg det här på ärendet det hör till.";
        return Err(Problem::new(ErrorCode::InvalidTransition, "quarantinedReportId", en, sv).into());
    }
    row.status = ArrivalStatus::Waiting;
    row.attempts = 0;
    row.failures = 0;
    row.taken_until = None;
    row.next_at = work.now();
    row.ended_at = None;
    work.save(row.clone());
    Ok(row)
}

/// What is known of a mail before the act that puts it on a case.
pub struct Known {
    mail: Arc<Mail>,
    trust: Trust,
    /// Whether a mail server is believed about senders.
    checked: bool,
}

/// A mail in quarantine that the actor may put on a case, read: that takes time and memory, so it is done before the act.
///
/// # Errors
/// When the store cannot be read.
pub async fn read(app: &App, senders: &Senders, actor: Actor, id: ArrivalId) -> Result<Option<Known>, Fault> {
    let db = app.reader().db();
    let row = arrival::Entity::find_by_id(id).one(db).await?;
    let theirs = |row: &arrival::Model| table::may(table::at_seller(actor, row.seller_id), Action::ReadCase);
    let Some(row) = row.filter(theirs) else { return Ok(None) };
    if row.raw_size == 0 {
        let mail = Arc::new(Mail::missing(row.id, row.reason.as_deref().unwrap_or_default()));
        return Ok(Some(Known { mail, trust: Trust::Unknown, checked: true }));
    }
    let blob = blob::Entity::find_by_id(row.raw_sha256).one(db).await?.ok_or(Fault::Broken("a mail has its bytes"))?;
    let mail = reading::read(blob.bytes.len(), move || Mail::read(blob.bytes)).await;
    let mail = Arc::new(mail.ok_or(Fault::Broken("a mail can be read"))?);
    let trust = senders.trust(&mail, row.received_at).await;
    Ok(Some(Known { mail, trust, checked: senders.told(None).is_some() }))
}

/// Puts a mail on a case, whatever it says. If its sender is not that case's customer, it is unverified there.
///
/// # Errors
/// When there is no such mail in quarantine, or the case cannot be added to.
pub async fn assign(work: &mut Work, id: ArrivalId, known: Option<&Known>, case: CaseId) -> Outcome<arrival::Model> {
    let row = locked(work, id).await?;
    // The case is looked up first, so that a wrong one is said to be wrong.
    door::lock_related(work, &[case]).await?;
    door::either_case(work, case, Action::LogPhoneCall, "caseId").await?;
    let Known { mail, trust, checked } = known.ok_or(Fault::Broken("a mail that may be assigned was read"))?;
    let mailbox = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await?;
    let mailbox = mailbox.ok_or(Fault::Broken("a mail came to a mailbox"))?;
    let through = Through { belongs_to: Some(case), trust: *trust, checked: *checked, ..Through::of(&row, mailbox) };
    let received = email::take_in(work, mail, row.seller_id, row.received_at, Came::By(&through)).await?;
    let row = taken_in(work, row, &received);
    work.save(row.clone());
    Ok(row)
}

async fn locked(work: &Work, id: ArrivalId) -> Outcome<arrival::Model> {
    const FIELD: &str = "quarantinedReportId";
    let row = arrival::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let row = row.ok_or_else(|| Problem::not_found(FIELD))?;
    table::check(table::at_seller(work.actor(), row.seller_id), Action::ReadCase, Action::ReadCase, FIELD)?;
    if row.status != ArrivalStatus::Quarantined {
        let (en, sv) = ("It is not in quarantine any more.", "Det är inte i karantän längre.");
        return Err(Problem::new(ErrorCode::InvalidTransition, FIELD, en, sv).into());
    }
    Ok(row)
}
