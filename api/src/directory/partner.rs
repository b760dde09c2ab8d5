//! Partners and their people. A partner can have tasks; no column of the schema could make it the owner of a case.

use entity::id::{PartnerContactId, PartnerId, SellerId};
use entity::kind::Language;
use entity::{mailbox, partner, partner_contact, task_mail_feed};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{NAME, taken};
use crate::access::door;
use crate::event::log;
use crate::kit::contact::checked_email;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::public_url::PublicUrl;
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts::{self, Text};

/// Adds a partner to a seller.
///
/// # Errors
/// When the name is missing or taken.
pub async fn create(work: &mut Work, seller: SellerId, name: &str) -> Outcome<partner::Model> {
    door::seller(work, seller, "sellerId").await?;
    let name = free_name(work, seller, None, name).await?;
    let row = partner::Model {
        id: work.new_id(),
        version: 1,
        seller_id: seller,
        name,
        active: true,
        ended_seq: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// Changes a partner. An inactive partner gets no new tasks, and its people can no longer sign in.
///
/// # Errors
/// When the name is empty or taken.
pub async fn update(
    work: &mut Work,
    id: PartnerId,
    name: Option<&str>,
    active: Option<bool>,
) -> Outcome<partner::Model> {
    let found = partner::Entity::find_by_id(id).one(work.tx()?).await?;
    let found = found.ok_or_else(|| Problem::not_found("partnerId"))?;
    // The seller is locked before the partner, in the same order as when the catalogue is changed.
    door::seller(work, found.seller_id, "partnerId").await?;
    let mut row = locked(work, id).await?;
    work.check_version(row.version)?;
    if let Some(name) = name {
        row.name = free_name(work, row.seller_id, Some(id), name).await?;
    }
    if active.is_some_and(|active| active != row.active) {
        // The new catalogue version makes every node read again which partners deliver what.
        super::catalogue::changes(work, row.seller_id).await?;
    }
    row.active = active.unwrap_or(row.active);
    row.ended_seq = row.ended_seq.filter(|_| !row.active);
    if active == Some(false) && row.ended_seq.is_none() {
        work.end_at_head::<partner::Entity>(id, row.seller_id);
    }
    Ok(row.done())
}

/// A person at a partner, before there is a row.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Their name.
    pub name: String,
    /// Their address at work.
    pub email: String,
    /// The language of what the service writes to them; the seller's if none.
    pub language: Option<Language>,
    /// Whether they get mails about their company's tasks.
    pub tasks_by_mail: bool,
}

/// Changes to a person at a partner; fields that are not given stay unchanged.
#[derive(Debug, Clone, Default)]
pub struct ContactChange {
    /// Whether they have access.
    pub active: Option<bool>,
    /// The language of what the service writes to them.
    pub language: Option<Language>,
    /// Whether they get mails about their company's tasks.
    pub tasks_by_mail: Option<bool>,
}

/// Adds a person at a partner.
///
/// # Errors
/// When a field is missing or the address is taken, or no tasks can be mailed to it.
pub async fn create_contact(work: &mut Work, partner: PartnerId, new: &NewContact) -> Outcome<partner_contact::Model> {
    let partner_row = locked(work, partner).await?;
    let mut problems = Problems::default();
    let name = problems.check(required(&new.name, "name", NAME));
    let email = problems.check(checked_email(Some(&new.email), "email")).flatten();
    if let Some(email) = &email {
        let holder = partner_contact::Entity::find()
            .filter(partner_contact::Column::PartnerId.eq(partner))
            .filter(partner_contact::Column::Email.eq(email.as_str()))
            .one(work.tx()?)
            .await?;
        if holder.is_some() {
            problems.add(taken("email"));
        }
    }
    problems.refuse_if_any()?;
    let missing = || Problem::new(ErrorCode::Required, "email", texts::input::fill_in());
    let email = email.ok_or_else(missing)?;
    if new.tasks_by_mail {
        can_be_mailed(work, partner_row.seller_id, &email).await?;
    }
    let language = match new.language {
        Some(language) => language,
        None => super::seller::one(work, partner_row.seller_id).await?.language,
    };
    let row = partner_contact::Model {
        id: work.new_id(),
        version: 1,
        partner_id: partner,
        name: name.unwrap_or_default(),
        email,
        language,
        tasks_by_mail: new.tasks_by_mail,
        active: true,
        ended_seq: None,
        created_at: work.now(),
    };
    work.insert(row.clone());
    Ok(row)
}

/// Changes a person at a partner.
///
/// # Errors
/// When there is no such person, or no tasks can be mailed to their address.
pub async fn update_contact(
    work: &mut Work,
    id: PartnerContactId,
    change: &ContactChange,
) -> Outcome<partner_contact::Model> {
    let row = work.lock::<partner_contact::Model>(id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("partnerContactId"))?;
    let partner = partner::Entity::find_by_id(row.partner_id).one(work.tx()?).await?;
    let partner = partner.ok_or_else(|| Problem::not_found("partnerContactId"))?;
    door::changes(work, partner.seller_id, &*row, "partnerContactId")?;
    let (active, before) = (change.active.unwrap_or(row.active), row.tasks_by_mail);
    row.language = change.language.unwrap_or(row.language);
    row.tasks_by_mail = change.tasks_by_mail.unwrap_or(before);
    if row.tasks_by_mail && !before {
        can_be_mailed(work, partner.seller_id, &row.email).await?;
    }
    row.active = active;
    row.ended_seq = row.ended_seq.filter(|_| !active);
    if !active && row.ended_seq.is_none() {
        work.end_at_head::<partner_contact::Entity>(id, partner.seller_id);
    }
    Ok(row.done())
}

/// Checks that mails about tasks can be sent to this address, and stores the present end of the seller's feed as the
/// position from which they are made.
async fn can_be_mailed(work: &mut Work, seller: SellerId, email: &str) -> Outcome<()> {
    let refused = |text: Text| Err(Problem::new(ErrorCode::Invalid, "tasksByMail", text).into());
    if work.app().part::<PublicUrl>().get().is_none() {
        return refused(texts::directory::no_public_url());
    }
    let boxes = mailbox::Entity::find().filter(mailbox::Column::SellerId.eq(seller));
    let boxes = boxes.filter(mailbox::Column::Active.eq(true)).all(work.tx()?).await?;
    if boxes.is_empty() {
        return refused(texts::directory::no_mailbox());
    }
    if boxes.iter().any(|mailbox| mailbox.address == email) {
        return refused(texts::directory::is_mailbox());
    }
    if task_mail_feed::Entity::find_by_id(seller).one(work.tx()?).await?.is_none() {
        let read_to = log::head(work.tx()?, seller).await?;
        work.insert_if_new(task_mail_feed::Model { seller_id: seller, read_to });
    }
    Ok(())
}

async fn locked(work: &Work, id: PartnerId) -> Outcome<Held<partner::Model>> {
    let row = work.lock::<partner::Model>(id).await?;
    let row = row.ok_or_else(|| Problem::not_found("partnerId"))?;
    door::administers(work, row.seller_id, "partnerId")?;
    Ok(row)
}

async fn free_name(work: &Work, seller: SellerId, own: Option<PartnerId>, name: &str) -> Outcome<String> {
    let name = required(name, "name", NAME)?;
    let namesake = partner::Entity::find()
        .filter(partner::Column::SellerId.eq(seller))
        .filter(partner::Column::Name.eq(name.as_str()))
        .one(work.tx()?)
        .await?;
    if namesake.is_some_and(|namesake| Some(namesake.id) != own) { Err(taken("name").into()) } else { Ok(name) }
}
