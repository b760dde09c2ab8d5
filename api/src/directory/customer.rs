//! Customers: the name and contact details that they gave, the addresses that identify them, and the tier that staff
//! assign.

use entity::id::{CustomerId, SellerId};
use entity::kind::Language;
use entity::{customer, customer_email, customer_phone};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::access::table::{Action, at_seller, check};
use crate::kit::error::{Fault, Outcome, Problem, optional};
use crate::kit::text::folded;
use crate::kit::work::Work;

/// The maximum number of a customer's open cases that rules see; the count stops there.
pub const OPEN_COUNTED: i64 = 1_000;

/// The name and contact details that somebody gave. They are not verified.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The name as written.
    pub name: Option<String>,
    /// The e-mail address in lower case.
    pub email: Option<String>,
    /// The telephone number in E.164 format.
    pub phone: Option<String>,
    /// The language that they read, in which the service writes to them.
    pub language: Language,
}

/// The customer with this e-mail address, or a new one. Telephone numbers do not identify customers, because several
/// people may share one.
///
/// # Errors
/// When the store cannot be read.
pub async fn find_or_add(work: &mut Work, seller: SellerId, claimed: Claimed) -> Outcome<customer::Model> {
    let known = match &claimed.email {
        Some(address) => customer_email::Entity::find_by_id((seller, address.clone())).one(work.tx()?).await?,
        None => None,
    };
    match known {
        Some(row) => {
            let row = customer::Entity::find_by_id(row.customer_id).one(work.tx()?).await?;
            Ok(row.ok_or(Fault::Broken("an address leads to a customer"))?)
        }
        None => Ok(add(work, seller, claimed)),
    }
}

/// A customer of this seller.
///
/// # Errors
/// `NOT_FOUND` when there is none, or it belongs to another seller.
pub async fn at(work: &Work, seller: SellerId, id: CustomerId) -> Outcome<customer::Model> {
    let row = customer::Entity::find_by_id(id).one(work.tx()?).await?;
    Ok(row.filter(|row| row.seller_id == seller).ok_or_else(|| Problem::not_found("customerId"))?)
}

/// A telephone number that the customer gave; `None` when they gave none.
///
/// # Errors
/// When the store cannot be read.
pub async fn number(work: &Work, customer: CustomerId) -> Outcome<Option<String>> {
    let given = customer_phone::Entity::find()
        .filter(customer_phone::Column::CustomerId.eq(customer))
        .order_by_asc(customer_phone::Column::E164);
    Ok(given.one(work.tx()?).await?.map(|row| row.e164))
}

/// Adds a new customer.
pub fn add(work: &mut Work, seller_id: SellerId, claimed: Claimed) -> customer::Model {
    let Claimed { name, email, phone, language } = claimed;
    let id = work.new_id();
    let name_key = name.as_deref().map(folded);
    let row = customer::Model {
        id,
        version: 1,
        seller_id,
        name,
        name_key,
        language,
        tier: None,
        token_generation: 0,
        created_at: work.now(),
    };
    work.insert(row.clone());
    if let Some(address) = email {
        work.insert(customer_email::Model { seller_id, address, customer_id: id, added_by_staff: false });
    }
    if let Some(e164) = phone {
        work.insert(customer_phone::Model { seller_id, e164, customer_id: id });
    }
    row
}

/// Sets a customer's tier at the seller, which rules can refer to; `None` removes it.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not do this for the customer; a problem with the field when the tier
/// is too long.
pub async fn set_tier(work: &mut Work, id: CustomerId, tier: Option<&str>) -> Outcome<customer::Model> {
    let not_found = || Problem::not_found("customerId");
    let mut row = work.lock::<customer::Model>(id).await?.ok_or_else(not_found)?;
    check(at_seller(work.actor(), row.seller_id), Action::SetCustomerTier, Action::ReadCase, "customerId")?;
    work.check_version(row.version)?;
    row.tier = optional(tier, "tier", 50)?;
    Ok(row.done())
}
