//! Where fetching a mailbox stopped. It moves in the transaction that keeps a mail.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::MailboxId;
use entity::kind::{ArrivalStatus, MailTransport};
use entity::{fetching, mailbox};
use sea_orm::{EntityTrait, QuerySelect};

use super::arrival::{self, Envelope, Raw};
use super::logged::MEMORY;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::{self, Notice};

/// After how long the accountable person is told that mail cannot be fetched.
const SILENCE: TimeDelta = TimeDelta::hours(1);

/// By how much a mail server's clock may be behind ours before a mail that just came is taken for an old one.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// A folder whose mails have these numbers.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Which.
    pub source: String,
    /// Which numbers.
    pub validity: u32,
}

impl Folder {
    /// Whether what is known is about this folder, with these numbers.
    #[must_use]
    pub fn is_of(&self, known: &fetching::Model) -> bool {
        known.uid_validity == Some(self.validity.into()) && known.source == self.source
    }
}

/// A mail that was fetched.
pub struct Mail {
    /// Its number.
    pub uid: u32,
    /// When the mail server got it.
    pub at: Option<DateTime<Utc>>,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Whether there is more of it than was taken.
    pub cut: bool,
    /// When the folder was looked through, if this is the last mail that it held then.
    pub last_at: Option<DateTime<Utc>>,
}

/// What is known of fetching a mailbox.
///
/// # Errors
/// When the store cannot be read.
pub async fn known(app: &App, mailbox: MailboxId) -> Outcome<Option<fetching::Model>> {
    Ok(fetching::Entity::find_by_id(mailbox).one(app.reader().db()).await?)
}

/// Goes on behind this mail of a folder that was not known so far.
///
/// # Errors
/// When the store cannot be written.
pub async fn begin(app: &App, mailbox: &mailbox::Model, folder: &Folder, last: u32) -> Outcome<()> {
    let (id, folder) = (mailbox.id, folder.clone());
    app.run(Actor::System, async move |work: &mut Work| {
        let now = work.now();
        let mut row = locked(work, id).await?.unwrap_or_else(|| unknown(id));
        // Another node was first.
        if !folder.is_of(&row) {
            row.source.clone_from(&folder.source);
            row.uid_validity = Some(folder.validity.into());
            row.last_uid = last.into();
            row.began_at = row.began_at.or(Some(now));
            row.looked_at = None;
            work.save(row);
        }
        Ok(())
    })
    .await
}

/// Keeps a mail, unless it is kept already. What came before the mailbox was first looked at is not answered.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep(app: &App, mailbox: &mailbox::Model, folder: &Folder, mail: Mail) -> Outcome<()> {
    let (mailbox, folder, Mail { uid, at, raw, cut, last_at }) = (mailbox.clone(), folder.clone(), mail);
    let raw = Raw::from(Arc::new(raw));
    app.run(Actor::System, async move |work: &mut Work| {
        let Some(began_at) = advance(work, mailbox.id, &folder, uid, last_at).await? else { return Ok(()) };
        let now = work.now();
        let old = at.zip(began_at).is_some_and(|(at, began_at)| at < began_at - SKEW);
        let at = at.filter(|at| *at > now - MEMORY).unwrap_or(now).min(now);
        let mut row = arrival::row(work, &mailbox, &envelope(&mailbox), &raw);
        row.received_at = at;
        row.old = old;
        row.cut = cut;
        arrival::insert(work, row, &raw);
        Ok(())
    })
    .await
}

/// Goes past a mail that cannot be fetched, and has somebody look at it.
///
/// # Errors
/// When the store cannot be written.
pub async fn give_up(app: &App, mailbox: &mailbox::Model, folder: &Folder, uid: u32, reason: &str) -> Outcome<()> {
    let (mailbox, folder, reason) = (mailbox.clone(), folder.clone(), truncated(reason, 500));
    app.run(Actor::System, async move |work: &mut Work| {
        if advance(work, mailbox.id, &folder, uid, None).await?.is_none() {
            return Ok(());
        }
        let nothing = Raw::from(Arc::default());
        let mut row = arrival::row(work, &mailbox, &envelope(&mailbox), &nothing);
        row.status = ArrivalStatus::Quarantined;
        row.ended_at = Some(work.now());
        row.reason = Some(reason.clone());
        arrival::insert(work, row, &nothing);
        letter::notify(work, &mailbox, Notice::Quarantine, &reason).await
    })
    .await
}

/// Notes that mail cannot be fetched. When that has lasted, the accountable person is told, once.
///
/// # Errors
/// When the store cannot be written.
pub async fn fails(app: &App, mailbox: &mailbox::Model, reason: &str) -> Outcome<()> {
    let reason = truncated(reason, 500);
    let lasted =
        |row: &fetching::Model, now| !row.told && row.failing_since.is_some_and(|since| now - since >= SILENCE);
    // Most of the time there is nothing new to write.
    if let Some(row) = known(app, mailbox.id).await?
        && row.failure.as_ref() == Some(&reason)
        && !lasted(&row, app.now())
    {
        return Ok(());
    }
    let mailbox = mailbox.clone();
    app.run(Actor::System, async move |work: &mut Work| {
        let now = work.now();
        let mut row = locked(work, mailbox.id).await?.unwrap_or_else(|| unknown(mailbox.id));
        row.failing_since = row.failing_since.or(Some(now));
        row.failure = Some(reason.clone());
        if lasted(&row, now) {
            row.told = true;
            letter::notify(work, &mailbox, Notice::NotFetched, &reason).await?;
        }
        work.save(row);
        Ok(())
    })
    .await
}

/// Notes that mail can be fetched.
///
/// # Errors
/// When the store cannot be written.
pub async fn works(app: &App, mailbox: &mailbox::Model) -> Outcome<()> {
    if known(app, mailbox.id).await?.is_none_or(|row| row.failing_since.is_none()) {
        return Ok(());
    }
    let id = mailbox.id;
    app.run(Actor::System, async move |work: &mut Work| {
        if let Some(row) = locked(work, id).await? {
            work.save(fetching::Model { failing_since: None, failure: None, told: false, ..row });
        }
        Ok(())
    })
    .await
}

async fn locked(work: &Work, id: MailboxId) -> Outcome<Option<fetching::Model>> {
    Ok(fetching::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?)
}

fn unknown(mailbox_id: MailboxId) -> fetching::Model {
    fetching::Model {
        mailbox_id,
        source: String::new(),
        uid_validity: None,
        last_uid: 0,
        began_at: None,
        looked_at: None,
        failing_since: None,
        failure: None,
        told: false,
    }
}

/// Moves on to this mail; says since when the mailbox is fetched, or nothing if it was taken before.
async fn advance(
    work: &mut Work,
    id: MailboxId,
    folder: &Folder,
    uid: u32,
    last_at: Option<DateTime<Utc>>,
) -> Outcome<Option<Option<DateTime<Utc>>>> {
    let row = locked(work, id).await?.filter(|row| folder.is_of(row) && row.last_uid < i64::from(uid));
    let Some(mut row) = row else { return Ok(None) };
    row.last_uid = uid.into();
    row.looked_at = last_at.or(row.looked_at);
    let began_at = row.began_at;
    work.save(row);
    Ok(Some(began_at))
}

fn envelope(mailbox: &mailbox::Model) -> Envelope {
    Envelope { transport: MailTransport::Imap, from: String::new(), to: mailbox.address.clone() }
}
