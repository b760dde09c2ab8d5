//! The links in mails: to which person and task a link belongs, and until when it is valid. A replacement is mailed to
//! that person only.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{LetterId, PartnerContactId, SellerId, TaskId};
use entity::kind::{Language, TaskMailKind};
use entity::{letter, mailbox, partner_contact, seller, task_mail};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::mail::{self, Post};
use super::words;
use crate::access::task_link::{self, LIFETIME};
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;
use crate::letter::allowance::room;
use crate::letter::partner::{PartnerLetter, write as write_letter};
use crate::letter::template::Values;
use crate::task::decide::is_open;
use crate::texts::Text;

/// A link that this service made. The access of its holder is checked by each act.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The letter in which it was sent.
    pub letter: LetterId,
    /// The task to which it leads.
    pub task: TaskId,
    /// The person at the partner to whom it was mailed.
    pub contact: PartnerContactId,
    /// The seller that requested the task.
    pub seller: SellerId,
    /// The language of its holder.
    pub language: Language,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// The link with this token; none when this service made no such link.
///
/// # Errors
/// When the store cannot be read.
pub async fn open(db: &Db, secret: &crate::kit::secret::Secret, token: &str) -> Result<Option<Link>, DbErr> {
    let Some((letter, task)) = task_link::open(secret, token) else { return Ok(None) };
    let Some(row) = letter::Entity::find_by_id(letter).one(db).await? else { return Ok(None) };
    let Some(contact) = row.contact_id else { return Ok(None) };
    let Some(person) = partner_contact::Entity::find_by_id(contact).one(db).await? else { return Ok(None) };
    let (seller, language) = (row.seller_id, person.language);
    Ok(Some(Link { letter, task, contact, seller, language, ends_at: row.created_at + LIFETIME }))
}

/// The most replacement links that a person is mailed per hour, so that somebody with an old link cannot use up the
/// mails that the person may get.
const ASKED_FOR: u64 = 3;
/// How long after its end a link may still be exchanged for a new one.
const EXCHANGED: TimeDelta = TimeDelta::days(30);

/// Mails a new link to the person to whom this link belongs. Returns whether it did: not when the task has ended, the
/// person gets no tasks by mail any more, the link ended too long ago, or the person got enough mails within the hour.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn mail_new_link(work: &mut Work, link: Link) -> Outcome<bool> {
    let Some(post) = Post::to(work, link.contact).await? else { return Ok(false) };
    let tasks = mail::read(work, BTreeSet::from([link.task])).await?;
    let Some(task) = tasks.get(&link.task).filter(|task| is_open(task.status)) else { return Ok(false) };
    let now = work.now();
    let asked_for = task_mail::Entity::find()
        .filter(task_mail::Column::ContactId.eq(link.contact))
        .filter(task_mail::Column::Kind.eq(TaskMailKind::Link))
        .filter(task_mail::Column::EndedAt.gt(now - TimeDelta::hours(1)))
        .count(work.tx()?)
        .await?;
    let full = room(work, letter::Column::ContactId.eq(link.contact)).await?.is_err();
    if full || asked_for >= ASKED_FOR || now - link.ends_at > EXCHANGED {
        return Ok(false);
    }
    let row = task_mail::Model {
        id: work.new_id(),
        seller_id: link.seller,
        contact_id: link.contact,
        task_id: link.task,
        seq: None,
        kind: TaskMailKind::Link,
        at: now,
        send_at: now,
        letter_id: None,
        ended_at: Some(now),
    };
    let letter = post.one(work, task, std::slice::from_ref(&row));
    work.insert(task_mail::Model { letter_id: Some(letter), ..row });
    Ok(true)
}

/// Writes to a person at a partner that their reply by mail was not used, and why.
///
/// # Errors
/// When the store cannot be read.
pub async fn not_used(
    work: &mut Work,
    answered: &letter::Model,
    person: &partner_contact::Model,
    why: &Text,
) -> Outcome<()> {
    // Locked, so that two acts at the same time cannot exceed together the number of mails that the person may get.
    partner_contact::Entity::find_by_id(person.id).lock(LockType::NoKeyUpdate).one(work.tx()?).await?;
    if room(work, letter::Column::ContactId.eq(person.id)).await?.is_err() {
        return Ok(());
    }
    let from = mailbox::Entity::find_by_id(answered.mailbox_id).one(work.tx()?).await?;
    let from = from.ok_or(Fault::Broken("a letter has its mailbox"))?;
    let seller = seller::Entity::find_by_id(answered.seller_id).one(work.tx()?).await?;
    let values = Values {
        owner: Some(person.name.clone()),
        seller: seller.map(|seller| seller.name).unwrap_or_default(),
        reason: Some(why.read_in(person.language).to_owned()),
        ..Values::empty(person.language)
    };
    let words = (&words::not_used(person.language), &values);
    write_letter(work, &PartnerLetter { id: work.new_id(), from: &from, to: person, task: None, words });
    Ok(())
}
