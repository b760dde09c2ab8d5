//! Mail that comes in by itself: kept first, understood after. Whoever hands it over hears "yes" only when the bytes are
//! stored; from then on nothing can lose them, and what cannot be taken in is there for somebody to look at.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use entity::id::ArrivalId;
use entity::kind::{ArrivalStatus, MailTransport};
use entity::{arrival, blob, mailbox};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::email::{self, Came, Mail, Through};
use super::reading;
use super::receive::Received;
use super::sender::Senders;
use super::turn::{self, InHand};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::letter::address;
use crate::mail::trust::Trust;

/// Mails that are taken up in one round.
const ROUND: u64 = 64;
/// Mails of different senders that are taken in at the same time.
const AT_ONCE: usize = 8;
/// Bytes of the mails that are read in one round, unless one alone has more: they are in memory until they are taken in.
const IN_FLIGHT: i64 = 32 * 1024 * 1024;

/// Who handed a mail over, to whom.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// By which way.
    pub transport: MailTransport,
    /// The envelope's sender; empty for none.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
}

/// The mailbox behind an address, with or without something behind its `+`; none when it takes nothing in.
///
/// # Errors
/// When the store cannot be read.
pub async fn mailbox(app: &App, address: &str) -> Outcome<Option<mailbox::Model>> {
    let (plain, _) = address::split(address);
    let found = mailbox::Entity::find().filter(mailbox::Column::Address.eq(plain));
    Ok(found.one(app.reader().db()).await?.filter(|row| row.active))
}

/// A mail's bytes and what they are stored under. Hashing takes time by their size, so it is done before the act begins.
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

/// Keeps a mail. When this returns it is stored, and will be taken in.
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

/// The row of a mail that comes now, not inserted yet.
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
        taken_until: None,
        next_at: work.now(),
        reason: None,
        report_id: None,
        case_id: None,
        ended_at: None,
        old: false,
        cut: false,
    }
}

/// Inserts such a row, with the mail's bytes.
pub fn insert(work: &mut Work, row: arrival::Model, raw: &Raw) {
    work.insert_if_new(blob::Model { sha256: raw.sha256.clone(), bytes: raw.bytes.to_vec() });
    work.insert(row);
}

/// Takes in what was kept.
#[derive(Clone)]
pub struct Reader {
    app: App,
    senders: Senders,
}

/// A mail that was kept, read.
struct Kept {
    row: arrival::Model,
    mail: Arc<Mail>,
}

impl Reader {
    /// One that believes these about who sent a mail.
    #[must_use]
    pub fn new(app: App, senders: Senders) -> Self {
        Self { app, senders }
    }

    /// Takes in until the task is dropped.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        let mut rounds = Rounds::of(&self.app, "arrivals");
        async move {
            if let Err(error) = turn::free(&self.app).await {
                tracing::warn!(%error, "mails that were being read when the service ended wait until their time is up");
            }
            loop {
                rounds.begin().await;
                let (more, round) = self.round().await.unwrap_or_else(|error| {
                    warn_once_a_minute("mails could not be taken in; trying again every second", &error);
                    (false, Round::FAILED)
                });
                // There may be more. Where some could not be taken in it rests, or it would turn on them for nothing.
                if !more {
                    rounds.rest(round).await;
                }
            }
        }
    }

    /// Takes in what is due, as much as memory allows; says whether to go on at once.
    async fn round(&self) -> Outcome<(bool, Round)> {
        let now = self.app.now();
        let in_hand = self.app.part::<InHand>().ids();
        let free = Condition::any()
            .add(arrival::Column::TakenUntil.is_null())
            .add(arrival::Column::TakenUntil.lte(now))
            .add(arrival::Column::Id.is_in(in_hand.iter().copied()));
        let waiting = arrival::Entity::find()
            .filter(arrival::Column::Status.eq(ArrivalStatus::Waiting))
            .filter(free)
            .order_by_asc(arrival::Column::NextAt)
            .order_by_asc(arrival::Column::Id)
            .limit(ROUND)
            .all(self.app.reader().db())
            .await?;
        let full = waiting.len() as u64 == ROUND;
        let next = waiting.iter().map(|row| row.next_at).find(|at| *at > now);
        let due = waiting.into_iter().filter(|row| row.next_at <= now);
        let (suspects, due): (Vec<_>, Vec<_>) = due.partition(|row| turn::ended_with(row, &in_hand) > 0);
        let found = !(suspects.is_empty() && due.is_empty());
        // Something that was read when a process ended is read alone, so that none of the others is blamed for it.
        for row in suspects {
            if turn::is_deadly(&row, &in_hand) {
                tracing::error!(arrival = %row.id, "a mail ended the service twice; it is in quarantine from now on");
                self.app.run(Actor::System, async move |work: &mut Work| turn::give_up(work, row.id).await).await?;
            } else {
                self.take_up(vec![row.id]).await?;
            }
        }
        let mut bytes = 0;
        let fits = |row: &&arrival::Model| {
            let first = bytes == 0;
            bytes += row.raw_size.max(1);
            first || bytes <= IN_FLIGHT
        };
        let batch: Vec<ArrivalId> = due.iter().take_while(fits).map(|row| row.id).collect();
        let (wanted, more) = (batch.len(), full || batch.len() < due.len());
        let done = self.take_up(batch).await?;
        Ok((more && done == wanted && wanted > 0, Round { found, next }))
    }

    /// Begins an attempt at these mails, reads them and takes them in; says how many.
    async fn take_up(&self, ids: Vec<ArrivalId>) -> Outcome<usize> {
        let begun = turn::begin(&self.app, ids).await?;
        let mut reads = JoinSet::new();
        for (place, row) in begun.into_iter().enumerate() {
            let reader = self.clone();
            reads.spawn(async move { (place, reader.read(row).await) });
        }
        let mut kept = reads.join_all().await;
        kept.sort_by_key(|(place, _)| *place);
        // Mails of one sender one after the other, as they came: the second may answer to what the first began.
        let mut senders: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
        for kept in kept.into_iter().filter_map(|(_, kept)| kept) {
            senders.entry(kept.mail.sender()).or_default().push(kept);
        }
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut takes = JoinSet::new();
        for mails in senders.into_values() {
            let (reader, places) = (self.clone(), Arc::clone(&places));
            takes.spawn(async move {
                // Whoever waits for DNS keeps nobody else waiting.
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
        Ok(takes.join_all().await.iter().sum())
    }

    async fn read(&self, row: arrival::Model) -> Option<Kept> {
        let blob = blob::Entity::find_by_id(row.raw_sha256.clone()).one(self.app.reader().db()).await;
        let bytes = match blob {
            Ok(Some(blob)) => blob.bytes,
            Ok(None) => {
                self.fail(row.id, "its bytes are not in the store").await;
                return None;
            }
            Err(error) => {
                warn_once_a_minute("a mail could not be read from the store; trying again", &error);
                turn::let_go(&self.app, HashSet::from([row.id])).await;
                return None;
            }
        };
        let Some(mail) = reading::read(bytes.len(), move || Mail::read(bytes)).await else {
            self.fail(row.id, "reading it broke off").await;
            return None;
        };
        Some(Kept { row, mail: Arc::new(mail) })
    }

    /// Whether it is taken in now.
    async fn take_in(&self, Kept { row, mail }: Kept, trust: Trust) -> bool {
        let id = row.id;
        let checked = self.senders.told(None).is_some();
        let taken = self
            .app
            .run(Actor::System, async move |work: &mut Work| {
                take_in(work, id, Arc::clone(&mail), (trust, checked)).await
            })
            .await;
        match taken {
            Ok(()) => {
                self.app.part::<InHand>().remove(id);
                return true;
            }
            Err(Refusal::Fault(fault)) if fault.is_temporary() => turn::let_go(&self.app, HashSet::from([id])).await,
            Err(Refusal::Fault(fault)) => self.fail(id, &fault.to_string()).await,
            Err(Refusal::Problems(problems)) => {
                let reason: Vec<_> =
                    problems.iter().map(|problem| problem.message.read_in(entity::kind::Language::En)).collect();
                self.fail(id, &reason.join(" ")).await;
            }
        }
        false
    }

    /// Notes that a mail could not be taken in.
    async fn fail(&self, id: ArrivalId, reason: &str) {
        tracing::warn!(arrival = %id, reason, "a mail could not be taken in");
        let reason = reason.to_owned();
        let noted =
            self.app.run(Actor::System, async move |work: &mut Work| turn::failed(work, id, &reason).await).await;
        match noted {
            Ok(()) => self.app.part::<InHand>().remove(id),
            Err(error) => {
                tracing::error!(?error, arrival = %id, "that a mail could not be taken in could not be noted; it is tried again");
            }
        }
    }
}

async fn take_in(work: &mut Work, id: ArrivalId, mail: Arc<Mail>, (trust, checked): (Trust, bool)) -> Outcome<()> {
    let row = arrival::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(mut row) = row.filter(|row| row.status == ArrivalStatus::Waiting) else { return Ok(()) };
    let mailbox = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await?;
    let mailbox = mailbox.ok_or(Fault::Broken("a mail came to a mailbox"))?;
    let through = Through { trust, checked, ..Through::of(&row, mailbox) };
    let received = email::take_in(work, &mail, row.seller_id, row.received_at, Came::By(&through)).await?;
    row.reason = None;
    work.save(taken_in(work, row, &received));
    Ok(())
}

/// A mail that is now this report.
#[must_use]
pub fn taken_in(work: &Work, row: arrival::Model, received: &Received) -> arrival::Model {
    arrival::Model {
        status: ArrivalStatus::TakenIn,
        report_id: Some(received.report),
        case_id: Some(received.case.id),
        ended_at: Some(work.now()),
        taken_until: None,
        ..row
    }
}
