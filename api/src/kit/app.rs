//! The running service: its store, clock and randomness, and the state of the layers above. Cheap to clone.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::watch;
use uuid::Uuid;

use super::actor::Actor;
use super::away::session_was_ended;
use super::clock::Clock;
use super::entropy::Entropy;
use super::error::{Fault, Outcome, Refusal};
use super::health::warn_once_a_minute;
use super::ids::Ids;
use super::secret::Secret;
use super::store::{Reader, Store, WriterKind};
use super::work::{Ended, Tx, Work};

/// How often an act is run before it is given up because it collides with others.
const ATTEMPTS: usize = 5;

/// A reading of the store's clock that took longer than this is discarded.
const LONG_ASKED: Duration = Duration::from_millis(500);

/// The running service.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    secret: Secret,
    ids: Ids,
    committed: watch::Sender<u64>,
    begun: AtomicU64,
    parts: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// The attempts at one act.
struct Attempts {
    actor: Actor,
    at: Option<DateTime<Utc>>,
    made: usize,
    /// Whether the next attempt shares its transaction with no other act.
    alone: bool,
}

impl App {
    /// A service with this store, clock, source of randomness and secret.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, secret: Secret) -> Self {
        let (committed, _) = watch::channel(0);
        Self(Arc::new(Inner {
            store,
            clock,
            entropy,
            secret,
            ids: Ids::default(),
            committed,
            begun: AtomicU64::default(),
            parts: RwLock::default(),
        }))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// Reads the clock of a store that several nodes share, and adjusts this node's clock to it.
    ///
    /// # Errors
    /// When the store's clock cannot be read.
    pub async fn follow_store_clock(&self) -> Result<(), DbErr> {
        let asked = Instant::now();
        if let Some(time) = self.0.store.time().await? {
            let took = asked.elapsed();
            // The store read its clock at an unknown moment in between, so a slow answer is too inexact.
            if took < LONG_ASKED {
                self.0.clock.follow(time, asked + took / 2);
            }
        }
        Ok(())
    }

    /// Returns when the clock shows this time or a later one.
    #[must_use]
    pub fn wait_until(&self, time: DateTime<Utc>) -> BoxFuture<'static, ()> {
        self.0.clock.wait_until(time)
    }

    /// The source of randomness.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    /// A new id for this time.
    #[must_use]
    pub fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        self.0.ids.next(now, self.entropy())
    }

    /// The secret of the service.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// The connection for reads.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.0.store.reader
    }

    /// The store itself, for maintenance and checks.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The number of acts that this process has begun. Each try of an act that is run again counts.
    #[must_use]
    pub fn acts_begun(&self) -> u64 {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// A value that changes whenever this process has committed. A change may be missed: it only shortens the wait of
    /// loops that poll.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.0.committed.subscribe()
    }

    /// The state that a layer keeps in this service (such as a cache or the bus), created when it is first asked for.
    #[must_use]
    pub fn part<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let known = |parts: &HashMap<TypeId, Arc<dyn Any + Send + Sync>>| {
            parts.get(&TypeId::of::<T>()).cloned().and_then(|part| part.downcast::<T>().ok())
        };
        if let Some(part) = known(&self.0.parts.read().unwrap_or_else(PoisonError::into_inner)) {
            return part;
        }
        let mut parts = self.0.parts.write().unwrap_or_else(PoisonError::into_inner);
        known(&parts).unwrap_or_else(|| {
            let part = Arc::new(T::default());
            parts.insert(TypeId::of::<T>(), Arc::clone(&part) as _);
            part
        })
    }

    /// Runs an act as one transaction and waits until it is durable. An act that collides with another is run again, so
    /// `act` must have no effect except through its [`Work`].
    ///
    /// # Errors
    /// What the act returned, or the store's fault. The act then has no effect, except that its outcome is not known
    /// after [`Fault::Unknown`].
    pub async fn run<T, F>(&self, actor: Actor, act: F) -> Outcome<T>
    where
        F: AsyncFn(&mut Work) -> Outcome<T>,
    {
        self.run_dated(actor, None, act).await
    }

    /// As [`App::run`], for an act with another time than the present: an import keeps the dates of what it imports.
    ///
    /// # Errors
    /// As [`App::run`].
    pub async fn run_at<T, F>(&self, actor: Actor, at: DateTime<Utc>, act: F) -> Outcome<T>
    where
        F: AsyncFn(&mut Work) -> Outcome<T>,
    {
        self.run_dated(actor, Some(at), act).await
    }

    /// Only what depends on the act's type is here: it is compiled once for each act, the rest once.
    async fn run_dated<T, F>(&self, actor: Actor, at: Option<DateTime<Utc>>, act: F) -> Outcome<T>
    where
        F: AsyncFn(&mut Work) -> Outcome<T>,
    {
        let mut attempts = Attempts { actor, at, made: 0, alone: false };
        loop {
            let mut work = self.attempt(&mut attempts).await?;
            match Box::pin(act(&mut work)).await {
                Ok(result) => {
                    if self.commit(work, &mut attempts).await? {
                        return Ok(result);
                    }
                }
                Err(refusal) => self.take_back(work, refusal, &mut attempts).await?,
            }
        }
    }

    /// Begins the act's next attempt.
    fn attempt<'a>(&'a self, attempts: &'a mut Attempts) -> BoxFuture<'a, Outcome<Work>> {
        Box::pin(async move {
            attempts.made += 1;
            self.0.begun.fetch_add(1, Ordering::Relaxed);
            let begun = self.begin(attempts.alone).await.inspect_err(|error| self.0.store.health().failed(error))?;
            Ok(Work::new(self.clone(), begun, attempts.actor, attempts.at))
        })
    }

    /// Commits the act's work. False when nothing was kept and the act must be run again.
    fn commit<'a>(&'a self, work: Work, attempts: &'a mut Attempts) -> BoxFuture<'a, Outcome<bool>> {
        Box::pin(async move {
            match work.commit().await {
                Ok(()) => {
                    self.0.store.health().confirmed();
                    self.0.committed.send_modify(|count| *count = count.wrapping_add(1));
                    Ok(true)
                }
                Err(ended) => self.again(ended, attempts).await.map(|()| false),
            }
        })
    }

    /// Rolls back the work of an act that failed. Returns when the act must be run again.
    fn take_back<'a>(&'a self, work: Work, refusal: Refusal, attempts: &'a mut Attempts) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            let Refusal::Fault(Fault::Store(error) | Fault::Away(_, error)) = refusal else {
                work.roll_back(None).await;
                return Err(refusal);
            };
            work.roll_back(Some(&error)).await;
            self.again(Ended::Failed(error), attempts).await
        })
    }

    /// Returns when an act that was rolled back can be run again, with an error when it cannot.
    async fn again(&self, ended: Ended, attempts: &mut Attempts) -> Outcome<()> {
        let last = attempts.made == ATTEMPTS;
        match ended {
            // Too many acts want the same rows; nothing is broken.
            Ended::RunAlone if last => return Err(Refusal::Fault(Fault::Busy)),
            Ended::Failed(ref error) if last && collided(error) => {
                tracing::warn!(%error, "an act collided again and again and is given up");
                return Err(Refusal::Fault(Fault::Busy));
            }
            Ended::RunAlone => attempts.alone = true,
            Ended::Unknown(ref error) => {
                self.0.store.health().failed(error);
                return Err(Refusal::Fault(ended.into()));
            }
            Ended::Failed(error) if collided(&error) => self.pause(attempts.made).await,
            Ended::Failed(error) if session_was_ended(&error) && !last => {
                warn_once_a_minute(
                    "this node stood still in the middle of an act, and the store ended its session; the act runs again",
                    &error,
                );
            }
            Ended::Failed(error) => {
                self.0.store.health().failed(&error);
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Waits before an act that collided is run again: until the other has had time to end, at most 64 ms, and each a
    /// different time, so that the same two do not meet again.
    async fn pause(&self, attempts: usize) {
        let mut chance = [0];
        self.entropy().fill(&mut chance);
        let most = Duration::from_millis(4 << attempts.min(4));
        tokio::time::sleep(most.mul_f64((1.0 + f64::from(chance[0])) / 256.0)).await;
    }

    async fn begin(&self, alone: bool) -> Result<Tx, DbErr> {
        match self.0.store.writer.kind() {
            WriterKind::Sqlite(group) => group.turn(alone).await.map(Tx::Shared),
            WriterKind::Postgres(pool) => pool.begin().await.map(Tx::Own),
        }
    }
}

/// Whether the act collided with a concurrent one and would succeed, or be refused, if it ran again: a serialization
/// failure, a deadlock, a unique value that both wrote, or a foreign key whose row the other deleted (SQLSTATE 40001,
/// 40P01, 23505, 23503).
fn collided(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(sea_orm::sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01" | "23505" | "23503"))
}
