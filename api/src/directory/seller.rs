//! Sellers. A seller is created with its accountable person, in one act: neither is ever without the other.

use entity::id::{SellerId, StaffId};
use entity::kind::{Language, Role};
use entity::{feed, seller, staff};
use sea_orm::EntityTrait;

use super::NAME;
use super::staff::NewPerson;
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;

/// How long customers of a seller wait for a first contact at most, in hours.
const HOURS: std::ops::RangeInclusive<i32> = 1..=720;

/// A seller to be.
#[derive(Debug, Clone)]
pub struct NewSeller {
    /// Its name.
    pub name: String,
    /// What its customers read unless they say otherwise.
    pub language: Language,
    /// Within how many hours a customer hears from it.
    pub first_contact_hours: i32,
    /// Who answers when no rule names anybody.
    pub accountable: NewPerson,
}

/// What may change about a seller; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct SellerChange {
    /// Its name.
    pub name: Option<String>,
    /// What its customers read unless they say otherwise.
    pub language: Option<Language>,
    /// Within how many hours a customer hears from it.
    pub first_contact_hours: Option<i32>,
    /// Who answers when no rule names anybody.
    pub accountable: Option<StaffId>,
}

/// Creates a seller with its accountable person.
///
/// # Errors
/// When the actor is no administrator, or a field is missing or senseless.
pub async fn create(work: &mut Work, new: &NewSeller) -> Outcome<(seller::Model, staff::Model)> {
    if !matches!(work.actor(), Actor::Staff { role: Role::Administrator, .. } | Actor::System) {
        return Err(refused(Action::Administer).into());
    }
    let mut problems = Problems::default();
    let name = problems.check(required(&new.name, "name", NAME));
    problems.check(hours(new.first_contact_hours));
    let id = work.new_id();
    let person = super::staff::check(work, id, &new.accountable, "accountable.", &mut problems).await?;
    problems.refuse_if_any()?;
    let seller = seller::Model {
        id,
        name: name.unwrap_or_default(),
        language: new.language,
        accountable_id: person.id,
        accountable_active: true,
        first_contact_hours: new.first_contact_hours,
        created_at: work.now(),
    };
    work.insert(seller.clone());
    work.insert(person.clone());
    work.insert(feed::Model { seller_id: id, last_seq: 0 });
    Ok((seller, person))
}

/// Changes a seller.
///
/// # Errors
/// When a field is senseless, or the accountable person is not an active member of the seller's staff.
pub async fn update(work: &mut Work, id: SellerId, change: &SellerChange) -> Outcome<seller::Model> {
    let mut seller = door::seller(work, id, "sellerId").await?;
    if let Some(name) = &change.name {
        seller.name = required(name, "name", NAME)?;
    }
    if let Some(wanted) = change.first_contact_hours {
        seller.first_contact_hours = hours(wanted)?;
    }
    if let Some(accountable) = change.accountable {
        let person = staff::Entity::find_by_id(accountable).one(work.tx()?).await?;
        if !person.is_some_and(|person| person.seller_id == id && person.active) {
            let en = "Must be an active member of the seller's staff.";
            let sv = "Måste vara en aktiv person hos säljaren.";
            return Err(Problem::new(ErrorCode::NotFound, "accountableId", en, sv).into());
        }
        seller.accountable_id = accountable;
    }
    seller.language = change.language.unwrap_or(seller.language);
    work.save(seller.clone());
    Ok(seller)
}

fn hours(hours: i32) -> Result<i32, Problem> {
    if HOURS.contains(&hours) {
        return Ok(hours);
    }
    let (en, sv) = ("Between 1 and 720 hours.", "Mellan 1 och 720 timmar.");
    Err(Problem::new(ErrorCode::Invalid, "firstContactHours", en, sv))
}
