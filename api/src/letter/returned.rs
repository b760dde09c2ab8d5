//! Letters that did not arrive. The customer has not heard from the company, so somebody has to call.

use entity::id::{LetterId, SellerId};
use entity::kind::LetterStatus;
use entity::{case, letter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::text::truncated;
use crate::kit::work::Work;

/// How many characters of a reason are stored.
const REASON: usize = 500;

/// The seller's letter that a mail refers to, by the tagged address it was returned to or by Message-ID.
///
/// # Errors
/// When the store cannot be read.
pub async fn named(
    work: &Work,
    seller: SellerId,
    by_address: Option<LetterId>,
    by_id: &[&str],
) -> Outcome<Option<letter::Model>> {
    let own = || letter::Entity::find().filter(letter::Column::SellerId.eq(seller));
    if let Some(id) = by_address
        && let Some(row) = own().filter(letter::Column::Id.eq(id)).one(work.tx()?).await?
    {
        return Ok(Some(row));
    }
    if by_id.is_empty() {
        return Ok(None);
    }
    Ok(own().filter(letter::Column::HeaderId.is_in(by_id.iter().copied())).one(work.tx()?).await?)
}

/// Records once that a letter did not arrive. An event is appended to the case's log, and a call becomes due. A case
/// that is given must be locked, and the caller saves it. Locks are taken in the usual order: first the case, then the
/// letter.
///
/// # Errors
/// When the store cannot be read.
pub async fn note(
    work: &mut Work,
    id: LetterId,
    status: LetterStatus,
    reason: &str,
    given: Option<&mut case::Model>,
) -> Outcome<()> {
    let gone = || Fault::Broken("a letter that was sent is still there");
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(gone)?;
    let given = given.filter(|case| Some(case.id) == found.case_id);
    let mut own = match found.case_id {
        Some(id) if given.is_none() => case::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?,
        _ => None,
    };
    let row = letter::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut row = row.ok_or_else(gone)?;
    if matches!(row.status, LetterStatus::Failed | LetterStatus::Bounced) {
        return Ok(());
    }
    let unreached = Payload::CustomerUnreached { letter: id };
    if let Some(case) = given.or(own.as_mut()) {
        if row.customer_id == Some(case.customer_id) {
            log::append(work, case, &unreached)?;
        } else {
            // The recipient is no longer the customer of the case, so no call is due.
            row.called_at = Some(work.now());
        }
    }
    if let Some(case) = own {
        work.save(case);
    }
    if row.case_id.is_none() {
        tracing::warn!(letter = %id, %reason, "a letter to the accountable person did not arrive");
    }
    row.status = status;
    row.reason = Some(truncated(reason, REASON));
    row.taken_until = None;
    row.ended_at = row.ended_at.or(Some(work.now()));
    work.save(row);
    Ok(())
}
