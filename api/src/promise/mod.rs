//! What was promised about a case, and the clocks that hold somebody to it: when the customer hears from us, how long
//! an owner may be silent. A due row is set when a promise is made, set anew when it is kept, and looked at when its
//! time has come; see [`crate::case::watch`].

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, SellerId, ServiceLevelId};
use entity::kind::DueKind;
use entity::{case, due, seller, service_level};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// A seller's promise, or a service level's. Hours by the clock, nights and holidays included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Within how many hours the customer hears from the owner.
    pub first_contact_hours: i32,
    /// After how many hours without an act of the owner the lead is told.
    pub owner_idle_hours: i32,
}

impl Promise {
    /// When the customer hears from us at the latest.
    #[must_use]
    pub fn contact_due(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::hours(self.first_contact_hours.into())
    }

    /// Until when the owner may be silent.
    #[must_use]
    pub fn silent_until(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::hours(self.owner_idle_hours.into())
    }
}

impl From<&seller::Model> for Promise {
    fn from(row: &seller::Model) -> Self {
        Self { first_contact_hours: row.first_contact_hours, owner_idle_hours: row.owner_idle_hours }
    }
}

impl From<&service_level::Model> for Promise {
    fn from(row: &service_level::Model) -> Self {
        Self { first_contact_hours: row.first_contact_hours, owner_idle_hours: row.owner_idle_hours }
    }
}

/// The promise of a service level; the given one when there is none.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_level(work: &Work, level: Option<ServiceLevelId>, otherwise: Promise) -> Outcome<Promise> {
    let Some(level) = level else { return Ok(otherwise) };
    let row = service_level::Entity::find_by_id(level).one(work.tx()?).await?;
    Ok(row.as_ref().map_or(otherwise, Promise::from))
}

/// What was promised about this case.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(work: &Work, case: &case::Model) -> Outcome<Promise> {
    let own = of_seller(work, case.seller_id).await?;
    of_level(work, case.service_level_id, own).await
}

async fn of_seller(work: &Work, id: SellerId) -> Outcome<Promise> {
    let row = seller::Entity::find_by_id(id).one(work.tx()?).await?.ok_or(Fault::Broken("a case has a seller"))?;
    Ok(Promise::from(&row))
}

/// The clocks of a case that has been opened, or opened again, from this time on.
pub fn start(work: &mut Work, case: CaseId, promise: Promise, from: DateTime<Utc>) {
    set(work, case, DueKind::AcknowledgeBy, promise.contact_due(from), 1);
    set(work, case, DueKind::OwnerActsBy, promise.silent_until(from), 1);
}

/// The owner has done something: their silence begins anew.
///
/// # Errors
/// When the store cannot be read.
pub async fn acted(work: &mut Work, case: &case::Model) -> Outcome<()> {
    if case.closed_at.is_none() {
        let until = of(work, case).await?.silent_until(work.now());
        set(work, case.id, DueKind::OwnerActsBy, until, 1);
    }
    Ok(())
}

/// Sets a clock. Once per kind and act.
pub fn set(work: &mut Work, case: CaseId, kind: DueKind, at: DateTime<Utc>, level: i32) {
    set_of(work, (case, case.0), kind, at, level);
}

/// Sets a clock of a task or a dispute of this case. Once per kind and act.
pub fn set_of(work: &mut Work, (case_id, subject_id): (CaseId, Uuid), kind: DueKind, at: DateTime<Utc>, level: i32) {
    work.save(due::Model { subject_id, kind, case_id, at, level });
}

/// Stops clocks of a task or a dispute.
///
/// # Errors
/// When the store cannot be written.
pub async fn stop_of(work: &Work, subject: Uuid, kinds: &[DueKind]) -> Outcome<()> {
    let rows = due::Entity::delete_many()
        .filter(due::Column::SubjectId.eq(subject))
        .filter(due::Column::Kind.is_in(kinds.iter().copied()));
    rows.exec(work.tx()?).await?;
    Ok(())
}

/// Stops clocks of a case.
///
/// # Errors
/// When the store cannot be written.
pub async fn stop(work: &Work, case: CaseId, kinds: &[DueKind]) -> Outcome<()> {
    stop_of(work, case.0, kinds).await
}
