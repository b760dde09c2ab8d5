//! Mail that comes to mailboxes by itself. It is stored first and understood afterwards. Whoever hands it over gets a
//! positive reply only when the bytes are stored. From then on the mail cannot be lost, and one that cannot be taken in
//! waits in quarantine.

use std::collections::BTreeMap;
use std::sync::Arc;

use entity::id::ArrivalId;
use entity::kind::{ArrivalStatus, MailTransport, SenderTrust};
use entity::{arrival, blob, mailbox};
use futures_util::future::{BoxFuture, join_all};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::email::{self, Came, Mail, Through};
use super::quarantine;
use super::reading;
use super::receive::Received;
use super::reply;
use super::sender::Senders;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::job::{self, InHand};
use crate::kit::rows::Held;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::kit::worker::{self, DueJobs, Worker};
use crate::letter::address;
use crate::upload::content;

/// How many mails are taken up in one round at most.
const ROUND: usize = 64;
/// How many senders' mails are taken in at the same time.
const AT_ONCE: usize = 8;
/// How many bytes of mails are read in one round, unless a single mail has more. They stay in memory until they are
/// taken in.
const IN_FLIGHT: i64 = 32 * 1024 * 1024;

/// The envelope of a stored mail.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The transport by which the mail came.
    pub transport: MailTransport,
    /// The envelope's sender; empty when it has none.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
}

/// The active mailbox of an address, with or without a `+` tag. None when there is none or it is not active.
///
/// # Errors
/// When the store cannot be read.
pub async fn mailbox(app: &App, address: &str) -> Outcome<Option<mailbox::Model>> {
    let (plain, _) = address::split(address);
    let found = mailbox::Entity::find().filter(mailbox::Column::Address.eq(plain));
    Ok(found.one(app.reader().db()).await?.filter(|row| row.active))
}

/// A mail's bytes with the hash that they are stored under. Hashing takes time that grows with the size, so it is done
/// before the act begins.
#[derive(Debug, Clone)]
pub struct Raw {
    bytes: Arc<Vec<u8>>,
    sha256: Vec<u8>,
}

impl From<Arc<Vec<u8>>> for Raw {
    fn from(bytes: Arc<Vec<u8>>) -> Self {
        let sha256 = Sha256::digest(bytes.as_slice()).to_vec();
        Self { bytes, sha256 }
    }
}

/// Stores a mail. When this returns, the mail is stored and will be taken in.
///
/// # Errors
/// When the store cannot be written.
pub async fn keep(app: &App, mailbox: mailbox::Model, envelope: Envelope, raw: Arc<Vec<u8>>) -> Outcome<ArrivalId> {
    let raw = Raw::from(raw);
    let act = async move |work: &mut Work| {
        let row = row(work, &mailbox, &envelope, &raw);
        let id = row.id;
        insert(work, row, &raw);
        Ok(id)
    };
    app.run(Actor::System, act).await
}

/// The row of a mail that arrives now. It is not inserted yet.
#[must_use]
pub fn row(work: &Work, mailbox: &mailbox::Model, envelope: &Envelope, raw: &Raw) -> arrival::Model {
    arrival::Model {
        id: work.new_id(),
        seller_id: mailbox.seller_id,
        mailbox_id: mailbox.id,
        transport: envelope.transport,
        envelope_from: truncated(&envelope.from, 320),
        envelope_to: truncated(&envelope.to, 320),
        raw_sha256: raw.sha256.clone(),
        raw_size: i64::try_from(raw.bytes.len()).unwrap_or(i64::MAX),
        received_at: work.now(),
        status: ArrivalStatus::Waiting,
        attempts: 0,
        failures: 0,
        leased_until: None,
        next_at: work.now(),
        reason: None,
        report_id: None,
        case_id: None,
        ended_at: None,
        old: false,
        cut: false,
    }
}

/// Inserts such a row and the mail's bytes.
pub fn insert(work: &mut Work, row: arrival::Model, raw: &Raw) {
    work.insert_if_new(blob::Model { sha256: raw.sha256.clone(), bytes: Some(raw.bytes.to_vec()), upload_id: None });
    work.insert(row);
}

/// Takes in stored mails.
#[derive(Clone)]
pub struct ArrivalWorker {
    app: App,
    senders: Senders,
}

/// A stored mail after parsing.
struct ParsedArrival {
    row: arrival::Model,
    mail: Arc<Mail>,
}

impl Worker for ArrivalWorker {
    type Job = arrival::Model;
    const NAME: &'static str = "arrivals";
    const PLACES: usize = 1;
    const WAITS_FOR_BATCHES: bool = true;

    fn app(&self) -> &App {
        &self.app
    }

    async fn due(&self) -> Outcome<DueJobs<arrival::Model>> {
        DueJobs::first(&self.app, ROUND).await
    }

    /// As many mails together as memory allows.
    fn batches(&self, mails: Vec<arrival::Model>) -> Vec<Vec<arrival::Model>> {
        let mut bytes = 0;
        let fits = |row: &arrival::Model| {
            let first = bytes == 0;
            bytes += row.raw_size.max(1);
            first || bytes <= IN_FLIGHT
        };
        let batch: Vec<_> = mails.into_iter().take_while(fits).collect();
        if batch.is_empty() { Vec::new() } else { vec![batch] }
    }

    async fn work(&self, mails: Vec<arrival::Model>) -> usize {
        let mut reads = JoinSet::new();
        for (place, row) in mails.into_iter().enumerate() {
            let reader = self.clone();
            reads.spawn(async move { (place, reader.read(row).await) });
        }
        // A read that breaks off is a failed attempt of its own mail only.
        let mut kept = Vec::new();
        while let Some(read) = reads.join_next().await {
            kept.extend(read.ok());
        }
        kept.sort_by_key(|(place, _)| *place);
        // Mails of one sender are taken in one after the other, in the order in which they came, because the second may
        // answer what the first began.
        let mut senders: BTreeMap<String, Vec<ParsedArrival>> = BTreeMap::new();
        for kept in kept.into_iter().filter_map(|(_, kept)| kept) {
            senders.entry(kept.mail.sender()).or_default().push(kept);
        }
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut takes = JoinSet::new();
        for mails in senders.into_values() {
            let (reader, places) = (self.clone(), Arc::clone(&places));
            takes.spawn(async move {
                // A sender whose check waits for DNS keeps no other sender waiting.
                let trust = mails.iter().map(|kept| reader.senders.trust(&kept.mail, kept.row.received_at));
                let trust = join_all(trust).await;
                let _place = places.acquire_owned().await;
                let mut done = 0;
                for (kept, trust) in mails.into_iter().zip(trust) {
                    done += usize::from(reader.take_in(kept, trust).await);
                }
                done
            });
        }
        let mut done = 0;
        while let Some(taken) = takes.join_next().await {
            done += taken.unwrap_or_default();
        }
        done
    }

    fn set_aside<'a>(&'a self, work: &'a mut Work, id: ArrivalId, reason: &'a str) -> BoxFuture<'a, Outcome<bool>> {
        Box::pin(quarantine::give_up(work, id, reason))
    }
}

impl ArrivalWorker {
    /// One that believes these about who sent a mail.
    #[must_use]
    pub fn new(app: App, senders: Senders) -> Self {
        Self { app, senders }
    }

    async fn read(&self, row: arrival::Model) -> Option<ParsedArrival> {
        let found = content::whole(self.app.reader().db(), row.raw_sha256.clone()).await;
        let bytes = match found {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.fail(&row, "its bytes are not in the store").await;
                return None;
            }
            Err(error) => {
                warn_once_a_minute("a mail could not be read from the store; trying again", &error);
                job::give_back::<arrival::Model>(&self.app, vec![row.id]).await;
                return None;
            }
        };
        let Some(mail) = reading::read(bytes.len(), move || Mail::read(bytes)).await else {
            self.fail(&row, "reading it broke off").await;
            return None;
        };
        Some(ParsedArrival { row, mail: Arc::new(mail) })
    }

    /// Takes in a parsed mail. Returns whether it was taken in.
    async fn take_in(&self, ParsedArrival { row, mail }: ParsedArrival, trust: SenderTrust) -> bool {
        let id = row.id;
        let checked = self.senders.finding(None).is_some();
        let taken = self.act_on(&row, mail, (trust, checked)).await;
        match taken {
            Ok(()) => {
                self.app.part::<InHand<arrival::Model>>().remove(id);
                return true;
            }
            Err(Refusal::Fault(fault)) if fault.is_temporary() => {
                job::give_back::<arrival::Model>(&self.app, vec![id]).await;
            }
            Err(Refusal::Fault(fault)) => self.fail(&row, &fault.to_string()).await,
            Err(Refusal::Problems(problems)) => {
                let reason: Vec<_> =
                    problems.iter().map(|problem| problem.message.read_in(entity::kind::Language::En)).collect();
                self.fail(&row, &reason.join(" ")).await;
            }
        }
        false
    }

    /// Runs the act that takes in a mail: as a reply to a letter, or as a report.
    async fn act_on(
        &self,
        row: &arrival::Model,
        mail: Arc<Mail>,
        (trust, checked): (SenderTrust, bool),
    ) -> Outcome<()> {
        let id = row.id;
        if let Some(reply) = reply::find(&self.app, row, &mail).await? {
            return reply::take_in(&self.app, id, reply, mail, trust).await;
        }
        let act = async move |work: &mut Work| take_in(work, id, Arc::clone(&mail), (trust, checked)).await;
        self.app.run(Actor::System, act).await
    }

    /// Notes that a mail could not be taken in.
    async fn fail(&self, row: &arrival::Model, reason: &str) {
        tracing::warn!(arrival = %row.id, reason, "a mail could not be taken in");
        let reason: Arc<str> = reason.into();
        let noted = worker::note(&self.app, row, || {
            let (app, reason) = (self.app.clone(), Arc::clone(&reason));
            let (id, lease) = (row.id, row.leased_until);
            async move {
                let act = async move |work: &mut Work| quarantine::failed(work, id, lease, &reason).await;
                app.run(Actor::System, act).await
            }
        });
        noted.await;
    }
}

async fn take_in(
    work: &mut Work,
    id: ArrivalId,
    mail: Arc<Mail>,
    (trust, checked): (SenderTrust, bool),
) -> Outcome<()> {
    let row = work.lock::<arrival::Model>(id).await?.map(Held::done);
    let Some(mut row) = row.filter(|row| row.status == ArrivalStatus::Waiting) else { return Ok(()) };
    let mailbox = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await?;
    let mailbox = mailbox.ok_or(Fault::Broken("a mail came to a mailbox"))?;
    let through = Through { trust, checked, ..Through::of(&row, mailbox) };
    let received = email::take_in(work, &mail, row.seller_id, row.received_at, Came::By(&through)).await?;
    row.reason = None;
    work.save(taken_in(work, row, &received));
    Ok(())
}

/// The row of a mail that has become this report.
#[must_use]
pub fn taken_in(work: &Work, row: arrival::Model, received: &Received) -> arrival::Model {
    arrival::Model {
        status: ArrivalStatus::TakenIn,
        report_id: Some(received.report),
        case_id: Some(received.case.id),
        ended_at: Some(work.now()),
        leased_until: None,
        ..row
    }
}
