//! What staff know of a customer beyond what the customer says.

use entity::customer;
use entity::id::CustomerId;
use sea_orm::{EntityTrait, QuerySelect};

use crate::access::table::{Action, at_seller, check};
use crate::kit::error::{Outcome, Problem, optional};
use crate::kit::work::Work;

/// Sets a customer's tier at the seller, which rules may go by; none takes it away.
///
/// # Errors
/// When the customer is another seller's, or the tier is too long.
pub async fn set_tier(work: &mut Work, id: CustomerId, tier: Option<&str>) -> Outcome<customer::Model> {
    let not_found = || Problem::not_found("customerId");
    let mut row = customer::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?.ok_or_else(not_found)?;
    check(at_seller(work.actor(), row.seller_id), Action::SetCustomerTier, Action::ReadCase, "customerId")?;
    work.check_version(row.version)?;
    row.tier = optional(tier, "tier", 50)?;
    Ok(work.changed(row))
}
