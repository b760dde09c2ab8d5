//! Links accounts at identity providers to people, and unlinks them.

use entity::id::{PartnerContactId, StaffId};
use entity::{partner, partner_contact, sign_in, staff};
use sea_orm::EntityTrait;

use super::staff::may_give;
use super::taken;
use crate::access::door;
use crate::access::sign_in::{Person, link as link_account, person as person_of};
use crate::access::token::LONGEST_NAME;
use crate::kit::error::{Outcome, Problem, required};
use crate::kit::once::Reloadable;
use crate::kit::work::Work;

/// An account at an identity provider.
#[derive(Debug, Clone)]
pub struct Account {
    /// The issuer, as the configuration of the service names it.
    pub issuer: String,
    /// The issuer's name for the person.
    pub subject: String,
}

impl Account {
    fn checked(&self) -> Outcome<(String, String)> {
        let issuer = required(&self.issuer, "issuer", LONGEST_NAME)?;
        Ok((issuer, required(&self.subject, "subject", LONGEST_NAME)?))
    }
}

/// The row of somebody who can sign in.
#[derive(Debug, Clone)]
pub enum PersonRow {
    /// A member of a seller's staff.
    Staff(staff::Model),
    /// A person at a partner.
    Contact(partner_contact::Model),
}

impl Reloadable for PersonRow {
    fn name(&self) -> String {
        match self {
            Self::Staff(row) => row.name(),
            Self::Contact(row) => row.name(),
        }
    }

    async fn reload(work: &Work, name: &str) -> Outcome<Self> {
        if name.parse::<StaffId>().is_ok() {
            return staff::Model::reload(work, name).await.map(Self::Staff);
        }
        partner_contact::Model::reload(work, name).await.map(Self::Contact)
    }
}

/// Links an account to a person, who can then sign in with it. Nothing changes when it is linked to them already.
///
/// # Errors
/// `TAKEN` when the account is somebody else's, or the person has another account at this issuer.
pub async fn link(work: &mut Work, person: &str, account: &Account) -> Outcome<PersonRow> {
    let (person, row) = administered(work, person).await?;
    let (issuer, subject) = account.checked()?;
    if link_account(work, person, &issuer, &subject).await? { Ok(row) } else { Err(taken("subject").into()) }
}

/// Unlinks an account from a person. Whoever is signed in with it is signed out at once.
///
/// # Errors
/// `NOT_FOUND` when it is not linked to this person.
pub async fn unlink(work: &mut Work, person: &str, account: &Account) -> Outcome<PersonRow> {
    let (person, row) = administered(work, person).await?;
    let linked = work.lock::<sign_in::Model>(account.checked()?).await?;
    let linked = linked.filter(|linked| person_of(linked) == Some(person));
    let linked = linked.ok_or_else(|| Problem::not_found("subject"))?.done();
    work.remove::<sign_in::Model>((linked.issuer, linked.subject));
    Ok(row)
}

/// The person with this id, a member of staff or a partner's person, if the actor may change them.
async fn administered(work: &Work, id: &str) -> Outcome<(Person, PersonRow)> {
    let not_found = || Problem::not_found("personId");
    if let Ok(id) = id.parse::<StaffId>() {
        let row = work.find::<staff::Model>(id).await?.ok_or_else(not_found)?;
        door::administers(work, row.seller_id, "personId")?;
        may_give(work, row.role, "personId")?;
        return Ok((Person::Staff(id), PersonRow::Staff(row)));
    }
    let id: PartnerContactId = id.parse().map_err(|_| not_found())?;
    let row = work.find::<partner_contact::Model>(id).await?.ok_or_else(not_found)?;
    let partner = partner::Entity::find_by_id(row.partner_id).one(work.tx()?).await?;
    door::administers(work, partner.ok_or_else(not_found)?.seller_id, "personId")?;
    Ok((Person::Contact(id), PersonRow::Contact(row)))
}
