//! Accounts at identity providers: whose they are, and the first sign-in, which links an account to a person by the
//! e-mail address that the issuer has verified.

use entity::id::{PartnerContactId, StaffId};
use entity::{partner_contact, sign_in, staff};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::session::SessionError;
use super::token::{IssuerOf, IssuersPerson};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::work::Work;
use crate::texts;

/// Somebody who can sign in with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// A member of a seller's staff.
    Staff(StaffId),
    /// A person at a partner.
    Contact(PartnerContactId),
}

/// The person of this account; none when it is not linked.
///
/// # Errors
/// When the store cannot be read.
pub async fn person_of(db: &Db, issuer: &str, subject: &str) -> Result<Option<Person>, DbErr> {
    let account = (issuer.to_owned(), subject.to_owned());
    Ok(sign_in::Entity::find_by_id(account).one(db).await?.and_then(|row| person(&row)))
}

/// The person to whom this account is linked.
#[must_use]
pub fn person(row: &sign_in::Model) -> Option<Person> {
    row.staff_id.map(Person::Staff).or(row.partner_contact_id.map(Person::Contact))
}

/// Makes sure that the account with which somebody signs in is linked to a person. An account that is not, is linked
/// to the active person with the address that the issuer has verified, unless that person has another account at this
/// issuer.
///
/// # Errors
/// When there is no such person, or they have another account.
pub async fn ensure_linked(app: &App, issuer: &str, of: IssuerOf, who: &IssuersPerson) -> Result<(), SessionError> {
    let nobody = || SessionError::Unauthenticated(texts::access::no_such_person());
    let db = app.reader().db();
    let by_address = match &who.email {
        Some(email) => with_address(db, of, email).await?,
        None => None,
    };
    if let Some(linked) = person_of(db, issuer, &who.subject).await? {
        let fits = !who.by_email || by_address == Some(linked);
        return if fits { Ok(()) } else { Err(nobody()) };
    }
    let person = by_address.ok_or_else(nobody)?;
    let (issuer, subject) = (issuer.to_owned(), who.subject.clone());
    let linked = app.run(Actor::System, async move |work| link(work, person, &issuer, &subject).await).await;
    match linked {
        Ok(true) => Ok(()),
        Ok(false) => Err(SessionError::Unauthenticated(texts::access::other_sign_in())),
        Err(Refusal::Fault(Fault::Store(error))) => Err(SessionError::Store(error)),
        Err(_) => Err(nobody()),
    }
}

/// The active person of the issuer's seller or partner with this address.
async fn with_address(db: &Db, of: IssuerOf, email: &str) -> Result<Option<Person>, DbErr> {
    Ok(match of {
        IssuerOf::Seller(seller) => {
            let person = staff::Entity::find()
                .filter(staff::Column::SellerId.eq(seller))
                .filter(staff::Column::Email.eq(email))
                .filter(staff::Column::Active.eq(true));
            person.one(db).await?.map(|person| Person::Staff(person.id))
        }
        IssuerOf::Partner(partner) => {
            let person = partner_contact::Entity::find()
                .filter(partner_contact::Column::PartnerId.eq(partner))
                .filter(partner_contact::Column::Email.eq(email))
                .filter(partner_contact::Column::Active.eq(true));
            person.one(db).await?.map(|person| Person::Contact(person.id))
        }
    })
}

/// Links an account to a person. Returns false, and changes nothing, when the account is somebody else's or the person
/// has another account at this issuer.
///
/// # Errors
/// When the store cannot be read.
pub async fn link(work: &mut Work, person: Person, issuer: &str, subject: &str) -> Outcome<bool> {
    // The lock makes two links of the same person wait for each other.
    let (staff_id, partner_contact_id, of_person) = match person {
        Person::Staff(id) => {
            work.lock::<staff::Model>(id).await?;
            (Some(id), None, sign_in::Column::StaffId.eq(id))
        }
        Person::Contact(id) => {
            work.lock::<partner_contact::Model>(id).await?;
            (None, Some(id), sign_in::Column::PartnerContactId.eq(id))
        }
    };
    if let Some(row) = work.find::<sign_in::Model>((issuer.to_owned(), subject.to_owned())).await? {
        return Ok(self::person(&row) == Some(person));
    }
    let other = sign_in::Entity::find().filter(of_person).filter(sign_in::Column::Issuer.eq(issuer));
    if other.one(work.tx()?).await?.is_some() {
        return Ok(false);
    }
    work.insert(sign_in::Model {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        staff_id,
        partner_contact_id,
        linked_at: work.now(),
    });
    Ok(true)
}
