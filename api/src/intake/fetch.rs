//! The position up to which a mailbox was fetched. It is advanced in the transaction that stores a mail.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::MailboxId;
use entity::kind::{ArrivalStatus, MailTransport};
use entity::{fetching, mailbox};
use sea_orm::EntityTrait;

use super::arrival::{self, Envelope, Raw};
use super::logged::MEMORY;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::rows::Held;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::{self, Notice};

/// How long fetching must have failed before the accountable person is notified.
const SILENCE: TimeDelta = TimeDelta::hours(1);

/// How far a mail server's clock may be behind this service's clock before a mail that has just come is taken for an
/// old one.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// A folder of a mailbox, with the validity of its UIDs (RFC 9051, 2.3.1.1).
#[derive(Debug, Clone)]
pub struct Folder {
    /// The server, the user and the folder.
    pub source: String,
    /// The folder's UIDVALIDITY.
    pub validity: u32,
}

impl Folder {
    /// Whether this position is about this folder and its present UIDs.
    #[must_use]
    pub fn is_of(&self, known: &fetching::Model) -> bool {
        known.uid_validity == Some(self.validity.into()) && known.source == self.source
    }
}

/// A fetched mail.
pub struct Mail {
    /// The mail's UID.
    pub uid: u32,
    /// When the mail server received it.
    pub at: Option<DateTime<Utc>>,
    /// The mail's bytes.
    pub raw: Vec<u8>,
    /// Whether the mail is longer than what was fetched.
    pub cut: bool,
    /// When the folder was listed, if this is the last mail of that list.
    pub last_at: Option<DateTime<Utc>>,
}

/// The position up to which a mailbox was fetched, if it ever was.
///
/// # Errors
/// When the store cannot be read.
pub async fn known(app: &App, mailbox: MailboxId) -> Outcome<Option<fetching::Model>> {
    Ok(fetching::Entity::find_by_id(mailbox).one(app.reader().db()).await?)
}

/// Sets the position in a folder that was not fetched before, so that fetching continues after the mail with this UID.
///
/// # Errors
/// When the store cannot be written.
pub async fn begin(app: &App, mailbox: &mailbox::Model, folder: &Folder, last: u32) -> Outcome<()> {
    let (id, folder) = (mailbox.id, folder.clone());
    app.run(Actor::System, async move |work: &mut Work| {
        let now = work.now();
        let mut row = locked(work, id).await?.unwrap_or_else(|| unknown(id));
        // Another node may have set the position first.
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

/// Stores a fetched mail and advances the position, unless it is stored already. A mail that came before the mailbox
/// was first fetched is marked as old and not answered.
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

/// Advances the position past a mail that cannot be fetched, and puts that mail into quarantine.
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

/// Notes that fetching the mailbox fails. When it has failed for an hour, the accountable person is notified once.
///
/// # Errors
/// When the store cannot be written.
pub async fn fails(app: &App, mailbox: &mailbox::Model, reason: &str) -> Outcome<()> {
    let reason = truncated(reason, 500);
    let lasted =
        |row: &fetching::Model, now| !row.told && row.failing_since.is_some_and(|since| now - since >= SILENCE);
    // Usually nothing has changed, and nothing is written.
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

/// Notes that fetching the mailbox works.
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
    Ok(work.lock::<fetching::Model>(id).await?.map(Held::done))
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

/// Advances the position to this mail. Returns when the mailbox was first fetched, or none if the mail was fetched
/// before.
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
