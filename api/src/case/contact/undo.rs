//! Takes back a contact whose letter did not arrive.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, MessageId};
use entity::json::{ContactBefore, TimerBefore};
use entity::kind::{CommitmentKind, CommitmentState, LetterStatus};
use entity::{case, commitment, letter, message};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{CONTACTS, all_open, moved, restart};
use crate::access::door;
use crate::case::commitment::query::group;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::timer;

/// Takes back the contact of a message on this locked case that did not reach the customer. If it was the last contact,
/// the earlier time for a contact applies again, and so does the time for a reply.
///
/// # Errors
/// When the store cannot be read or written.
pub(in crate::case) async fn undone(work: &mut Work, case: &mut case::Model, message: MessageId) -> Outcome<()> {
    // A message on a merged case is a contact on the case that goes on.
    match door::goes_on(work, case).await? {
        Some(mut goes_on) => undone_on(work, &mut goes_on, message).await,
        None => undone_on(work, case, message).await,
    }
}

async fn undone_on(work: &mut Work, case: &mut case::Model, message: MessageId) -> Outcome<()> {
    let told = commitment::Entity::find()
        .filter(commitment::Column::MessageId.eq(message))
        .filter(commitment::Column::CaseId.eq(case.id))
        .filter(commitment::Column::Kind.eq(CommitmentKind::Contact))
        .filter(commitment::Column::State.eq(CommitmentState::Open));
    let Some(mut row) = work.lock_one(told).await? else { return Ok(()) };
    let (Some(before), None) = (row.before.clone(), case.closed_at) else { return Ok(()) };
    let group = group(work.tx()?, case.id).await?;
    unanswered(work, &group, row.made_at).await?;
    let (before, former) = last_that_arrived(work, (case.id, &group), (before, row.made_at)).await?;
    row.state = CommitmentState::Withdrawn;
    row.ended_at = Some(work.now());
    log::append(work, case, &Payload::CommitmentEnded { commitment: row.id, state: row.state })?;
    timer::stop(work, case.id, CONTACTS);
    // A case that was merged into this one in the meantime may have an earlier date.
    let others = all_open(&group).all(work.tx()?).await?.into_iter().filter(|other| other.id != row.id);
    let due = others.map(|other| other.due_at).chain([before.contact.due_at]).min().unwrap_or(before.contact.due_at);
    restart(work, case, &TimerBefore { due_at: due, ..before.contact });
    if let Some(reply) = before.reply {
        restart(work, case, &reply);
    }
    if let Some(former) = former.filter(|former| former.state == CommitmentState::Kept) {
        made_again(work, former);
    }
    moved(work, case, due)
}

/// The state before the contact at this instant, and the commitment that the contact had kept. Skips earlier contacts
/// whose letters did not arrive either, and marks the messages that they answered as unanswered.
async fn last_that_arrived(
    work: &Work,
    (id, group): (CaseId, &[CaseId]),
    (mut before, mut at): (ContactBefore, DateTime<Utc>),
) -> Outcome<(ContactBefore, Option<commitment::Model>)> {
    loop {
        let former = commitment::Entity::find()
            .filter(commitment::Column::CaseId.eq(id))
            .filter(commitment::Column::Kind.eq(CommitmentKind::Contact))
            .filter(commitment::Column::DoneAt.eq(at))
            .order_by_desc(commitment::Column::MadeAt)
            .order_by_desc(commitment::Column::Id)
            .one(work.tx()?)
            .await?;
        let Some(former) = former else { return Ok((before, None)) };
        let (Some(message), Some(earlier)) = (former.message_id, former.before.clone()) else {
            return Ok((before, Some(former)));
        };
        let failed = letter::Entity::find()
            .filter(letter::Column::CaseId.eq(id))
            .filter(letter::Column::MessageId.eq(message))
            .filter(letter::Column::Status.is_in([LetterStatus::Failed, LetterStatus::Bounced]));
        if former.made_at >= at || failed.one(work.tx()?).await?.is_none() {
            return Ok((before, Some(former)));
        }
        unanswered(work, group, former.made_at).await?;
        (before, at) = (earlier, former.made_at);
    }
}

/// Marks the messages that the contact at this instant answered as unanswered.
async fn unanswered(work: &Work, group: &[CaseId], at: DateTime<Utc>) -> Outcome<()> {
    let rows = message::Entity::update_many()
        .filter(message::Column::CaseId.is_in(group.iter().copied()))
        .filter(message::Column::AnsweredAt.eq(at))
        .col_expr(message::Column::AnsweredAt, Expr::value(Option::<DateTime<Utc>>::None));
    rows.exec(work.tx()?).await?;
    Ok(())
}

/// Inserts a copy of a commitment that had ended, which is open again.
fn made_again(work: &mut Work, former: commitment::Model) {
    let (id, recorded_at) = (work.new_id(), work.now());
    work.insert(commitment::Model {
        id,
        version: 1,
        recorded_at,
        state: CommitmentState::Open,
        ended_at: None,
        done_at: None,
        ..former
    });
}
