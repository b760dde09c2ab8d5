//! Service levels: how soon customers hear from a seller, by name. A rule may give one to a case; without one the
//! seller's own hours hold.

use entity::id::{SellerId, ServiceLevelId};
use entity::service_level;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::seller::{first_contact, owner_idle};
use super::{NAME, taken};
use crate::access::door;
use crate::kit::error::{Outcome, Problem, Problems, required};
use crate::kit::work::Work;

/// A service level as it shall be.
#[derive(Debug, Clone)]
pub struct LevelShape {
    /// Unique at the seller.
    pub name: String,
    /// Within how many hours a customer hears from the owner.
    pub first_contact_hours: i32,
    /// After how many hours without an act of the owner the lead is told.
    pub owner_idle_hours: i32,
}

/// Creates a service level, or gives one a new shape. Cases that have it keep the times they were promised.
///
/// # Errors
/// When the name is missing or taken, or hours are senseless.
pub async fn set(
    work: &mut Work,
    seller: SellerId,
    id: Option<ServiceLevelId>,
    shape: &LevelShape,
) -> Outcome<service_level::Model> {
    door::seller(work, seller, "sellerId").await?;
    let mut problems = Problems::default();
    let name = problems.check(required(&shape.name, "name", NAME)).unwrap_or_default();
    problems.check(first_contact(shape.first_contact_hours));
    problems.check(owner_idle(shape.owner_idle_hours));
    let own = service_level::Entity::find().filter(service_level::Column::SellerId.eq(seller)).all(work.tx()?).await?;
    if own.iter().any(|row| row.name == name && Some(row.id) != id) {
        problems.add(taken("name"));
    }
    let before = own.into_iter().find(|row| Some(row.id) == id);
    if id.is_some() && before.is_none() {
        problems.add(Problem::not_found("serviceLevelId"));
    }
    problems.refuse_if_any()?;
    let row = service_level::Model {
        id: id.unwrap_or_else(|| work.new_id()),
        version: before.as_ref().map_or(0, |row| row.version),
        seller_id: seller,
        name,
        first_contact_hours: shape.first_contact_hours,
        owner_idle_hours: shape.owner_idle_hours,
        created_at: before.map_or(work.now(), |row| row.created_at),
    };
    work.check_version(row.version)?;
    Ok(work.changed(row))
}
