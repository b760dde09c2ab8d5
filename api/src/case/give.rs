//! Gives a case, and the cases that were merged into it, to another owner.

use entity::id::StaffId;
use entity::kind::{Language, OwnershipReason};
use entity::{case, staff};
use sea_orm::{EntityTrait, QuerySelect};

use crate::access::door;
use crate::directory::{self, availability};
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::letter::words::day_in_words;
use crate::ownership::period;
use crate::texts;

/// Whether this person can own a case. Their row is locked, so that they cannot be deactivated during the act.
///
/// # Errors
/// When the store cannot be read.
pub async fn can_own(work: &Work, case: &case::Model, id: StaffId, field: &str) -> Outcome<Result<(), Problem>> {
    let person = staff::Entity::find_by_id(id).lock_shared().one(work.tx()?).await?;
    if person.is_some_and(|person| person.seller_id == case.seller_id && person.active) {
        return Ok(Ok(()));
    }
    Ok(Err(Problem::new(ErrorCode::NotFound, field, texts::case::must_be_staff())))
}

/// Whether this person is here. Somebody who is away would be the owner of a case, or be asked to be, that nobody looks
/// at until they are back; the problem names the day of their return.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_here(work: &Work, case: &case::Model, id: StaffId, field: &str) -> Outcome<Result<(), Problem>> {
    let Some(until) = availability::away_until(work, id).await? else { return Ok(Ok(())) };
    let seller = directory::seller::one(work, case.seller_id).await?;
    let day = until.with_timezone(&directory::calendar::zone(&seller.calendar)).date_naive();
    let [en, sv] = [Language::En, Language::Sv].map(|language| day_in_words(day, language));
    Ok(Err(Problem::new(ErrorCode::PersonAway, field, texts::case::person_away(en, sv))))
}

/// Gives a locked case to this person, together with the cases that were merged into it, which [`door::lock_related`]
/// has locked.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn transfer(
    work: &mut Work,
    case: &mut case::Model,
    to: StaffId,
    reason: OwnershipReason,
    note: &str,
) -> Outcome<()> {
    if case.owner_id == to {
        return Ok(());
    }
    let mut absorbed = door::merged_in(work, case.id).await?;
    let all = std::iter::once(case).chain(absorbed.iter_mut().map(|other| &mut **other));
    let mut moves: Vec<(&mut case::Model, StaffId)> = all.map(|case| (case, to)).collect();
    period::transfer(work, &mut moves, reason, Some(note)).await?;
    for (case, _) in &moves {
        // When cases are merged or separated, the customer hears of it from the owner.
        if !matches!(reason, OwnershipReason::Merged | OwnershipReason::Unmerged) {
            super::tell::schedule_letter(work, case);
        }
    }
    Ok(())
}
