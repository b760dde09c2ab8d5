//! Mentions: a note names colleagues, each of whom is told of it.

use std::collections::BTreeSet;

use entity::id::{CaseId, MessageId, StaffId, UploadId};
use entity::{message, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::access::door;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// The highest number of people whom a note mentions.
const MOST: usize = 20;

/// Leaves a note that only staff read, and tells these colleagues of it, each once.
///
/// # Errors
/// As [`super::add_note`], and when one of the people is no active member of the seller's staff.
pub async fn add_note(
    work: &mut Work,
    id: CaseId,
    (words, uploads): (&str, &[UploadId]),
    people: &[StaffId],
) -> Outcome<message::Model> {
    let (case, message) = super::add_note(work, id, words, uploads).await?;
    if people.is_empty() {
        return Ok(message);
    }
    if people.len() > MOST {
        return Err(Problem::new(ErrorCode::TooLong, "mentions", texts::case::too_many_mentions(MOST)).into());
    }
    let known: Vec<StaffId> = staff::Entity::find()
        .select_only()
        .column(staff::Column::Id)
        .filter(staff::Column::Id.is_in(people.iter().copied()))
        .filter(staff::Column::SellerId.eq(case.seller_id))
        .filter(staff::Column::Active.eq(true))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    if let Some(place) = people.iter().position(|person| !known.contains(person)) {
        return Err(Problem::not_found(&format!("mentions.{place}")).into());
    }
    tell(work, id, message.id, &people.iter().copied().collect()).await?;
    Ok(message)
}

async fn tell(work: &mut Work, id: CaseId, message: MessageId, people: &BTreeSet<StaffId>) -> Outcome<()> {
    let case = door::lock(work, id).await?;
    let mut case = case.ok_or(Fault::Broken("a case does not go away"))?;
    for to in people {
        log::append(work, &mut case, &Payload::StaffMentioned { message, to: *to })?;
    }
    Ok(())
}
