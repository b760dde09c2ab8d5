//! Letters that did not arrive: the customer does not know that we heard. Somebody has to call.

use entity::id::{LetterId, SellerId};
use entity::kind::{LetterKind, LetterStatus};
use entity::{case, letter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{Fault, Outcome};
use crate::kit::text::truncated;
use crate::kit::work::Work;

/// Characters of a reason that are kept.
const REASON: usize = 500;

/// The seller's letter that a mail names: by the address it came back to, or by the Message-ID.
///
/// # Errors
/// When the store cannot be read.
pub async fn named(
    work: &Work,
    seller: SellerId,
    by_address: Option<LetterId>,
    by_id: &[&str],
) -> Outcome<Option<letter::Model>> {
    let own = || letter::Entity::find().filter(letter::Column::SellerId.eq(seller)).lock_exclusive();
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

/// Notes that a letter did not reach its customer, once; the case says so, and the customer is to be called. The caller
/// saves the case, if it gives one.
///
/// # Errors
/// When the store cannot be read.
pub async fn note(
    work: &mut Work,
    mut row: letter::Model,
    status: LetterStatus,
    reason: &str,
    case: Option<&mut case::Model>,
) -> Outcome<()> {
    if matches!(row.status, LetterStatus::Failed | LetterStatus::Bounced) {
        return Ok(());
    }
    row.status = status;
    row.reason = Some(truncated(reason, REASON));
    row.taken_until = None;
    row.ended_at = row.ended_at.or(Some(work.now()));
    if row.kind != LetterKind::Notice {
        tell(work, &row, case).await?;
    }
    work.save(row);
    Ok(())
}

async fn tell(work: &mut Work, row: &letter::Model, case: Option<&mut case::Model>) -> Outcome<()> {
    let Some(id) = row.case_id else { return Ok(()) };
    let unreached = Payload::CustomerUnreached { letter: row.id };
    match case {
        Some(case) if case.id == id => log::append(work, case, &unreached),
        _ => {
            let own = case::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
            let mut own = own.ok_or(Fault::Broken("a letter is about a case"))?;
            log::append(work, &mut own, &unreached)?;
            work.save(own);
            Ok(())
        }
    }
}
