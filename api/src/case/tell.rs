//! Tells the customer by letter what has changed on their case: its owner and its plan. Changes within ten minutes are
//! combined into one letter. The letter is no contact, and moves no date.

use chrono::{DateTime, TimeDelta, Utc};
use entity::kind::DueKind;
use entity::{case, due, ownership, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::kit::error::Outcome;
use crate::kit::work::Work;
use crate::letter;
use crate::texts;
use crate::timer;

/// How long to wait for further changes before the letter is written.
const WAIT: TimeDelta = TimeDelta::minutes(10);

/// Starts the timer of the letter about changes, unless it runs or the case is closed.
pub fn schedule_letter(work: &mut Work, case: &case::Model) {
    if case.closed_at.is_none() {
        let row = timer::row(work, case, case.id.0, DueKind::TellCustomer, work.now() + WAIT);
        work.insert_if_new(row);
    }
}

/// Writes the letter about what has changed since the timer was started.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn look(work: &mut Work, case: &mut case::Model, row: &due::Model) -> Outcome<()> {
    let mut said = Vec::new();
    said.extend(new_owner(work, case, row.started_at).await?);
    said.extend(super::plan::changed_since(work, case, row.started_at).await?);
    if said.is_empty() {
        return Ok(());
    }
    letter::update(work, case, said.join("\n\n")).await
}

/// The sentence that somebody else owns the case now; none if the owner is the same as at this time.
async fn new_owner(work: &Work, case: &case::Model, since: DateTime<Utc>) -> Outcome<Option<String>> {
    let before = ownership::Entity::find()
        .filter(ownership::Column::CaseId.eq(case.id))
        .filter(ownership::Column::StartedAt.lt(since))
        .order_by_desc(ownership::Column::Seq)
        .one(work.tx()?)
        .await?;
    if before.is_none_or(|before| before.owner_id == case.owner_id) {
        return Ok(None);
    }
    let owner = staff::Entity::find_by_id(case.owner_id).one(work.tx()?).await?;
    Ok(owner.map(|owner| texts::case::new_owner(owner.name).read_in(case.language).to_owned()))
}
