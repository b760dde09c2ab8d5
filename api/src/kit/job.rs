//! Durable jobs: work outside the store, such as sending a letter, that is done until it succeeds or is given up.
//!
//! A job is the row of what is worked on (a letter, a webhook delivery, a stored mail), written in the act that causes
//! it. Its columns `attempts`, `failures`, `next_at` and `leased_until` are read and written only here, so every kind
//! of job is claimed, retried and given up in the same way:
//!
//! - A node takes a lease and counts the attempt in one committed act, and then works.
//! - A failed attempt is recorded with its error, and the job waits as its kind's schedule says. After the last wait it
//!   is dead: it stays, with its error, until somebody retries it.
//! - An attempt whose end was never recorded crashed with its process. A node works on only one such job at a time.
//!   After the second crash a job is dead, so that a job that crashes the process does not do so for ever.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::kind::JobKind;
use futures_util::future::BoxFuture;
use sea_orm::{DbBackend, DbErr};

use super::actor::Actor;
use super::app::App;
use super::db::Db;
use super::error::Outcome;
use super::work::Work;

/// How many processes may crash while they work on a job; then it is dead.
pub const CRASHES: i32 = 2;

/// The progress of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Attempts that were begun.
    pub attempts: i32,
    /// Attempts whose failure was recorded.
    pub failures: i32,
    /// When the next attempt is due.
    pub next_at: DateTime<Utc>,
    /// The end of the lease of the node that works on it.
    pub leased_until: Option<DateTime<Utc>>,
}

impl Progress {
    /// A job that is due at this time.
    #[must_use]
    pub fn due(at: DateTime<Utc>) -> Self {
        Self { attempts: 0, failures: 0, next_at: at, leased_until: None }
    }

    /// Whether the job can be claimed now.
    #[must_use]
    pub fn is_free(&self, now: DateTime<Utc>) -> bool {
        self.next_at <= now && self.leased_until.is_none_or(|until| until <= now)
    }

    /// Records a failed attempt, and when the next one is due by this schedule. False when it was the last. `chance` is
    /// a random number: it makes the wait up to a tenth longer, so that many jobs do not all come back at the same
    /// moment.
    pub fn fail(&mut self, waits: &[TimeDelta], now: DateTime<Utc>, chance: u8) -> bool {
        let wait = usize::try_from(self.failures).ok().and_then(|failures| waits.get(failures));
        self.failures += 1;
        self.leased_until = None;
        if let Some(wait) = wait {
            self.next_at = now + *wait + *wait * i32::from(chance) / 2_560;
        }
        wait.is_some()
    }
}

/// A row that is a job.
pub trait JobRow: Clone + Debug + Send + Sync + 'static {
    /// The row's id.
    type Id: Copy + Debug + Display + Eq + Hash + Send + Sync + 'static;
    /// What kind of job it is.
    const KIND: JobKind;
    /// How long a node has for one attempt.
    const LEASE: TimeDelta;
    /// The retry schedule: how long to wait after each failed attempt. After one failure more than it has entries, the
    /// job is dead.
    const WAITS: &'static [TimeDelta];
    /// The error that is stored with a job during which the service crashed twice.
    const CRASHED: &'static str;
    /// The error that is stored with a job that is given up because its attempts broke off, or their ends could not be
    /// recorded.
    const UNNOTED: &'static str;

    /// The row's id.
    fn id(&self) -> Self::Id;
    /// The job's progress.
    fn progress(&self) -> Progress;
    /// Sets the job's progress.
    fn set(&mut self, progress: Progress);
    /// The rows that are still to be done and that no node has leased, or that are among `ended`; those that have been
    /// due longest first.
    fn open(db: &Db, now: DateTime<Utc>, ended: Vec<Self::Id>, limit: u64) -> BoxFuture<'_, Result<Vec<Self>, DbErr>>;
    /// Locks those of these rows that are still to be done, in the order of their ids.
    fn lock<'a>(work: &'a Work, ids: &'a [Self::Id]) -> BoxFuture<'a, Result<Vec<Self>, DbErr>>;
    /// Frees all jobs that are leased, except these.
    fn free<'a>(work: &'a Work, except: &'a [Self::Id]) -> BoxFuture<'a, Result<(), DbErr>>;
    /// Writes the row at the end of the act.
    fn store(self, work: &mut Work);
}

/// Makes a table's rows jobs: its id, the status of a row that is still to be done, and the constants.
macro_rules! job_row {
    ($table:ident: $id:ty, $status:expr, $kind:expr, $lease:expr, $waits:expr, $crashed:expr, $unnoted:expr) => {
        impl $crate::kit::job::JobRow for entity::$table::Model {
            type Id = $id;
            const KIND: entity::kind::JobKind = $kind;
            const LEASE: chrono::TimeDelta = $lease;
            const WAITS: &'static [chrono::TimeDelta] = $waits;
            const CRASHED: &'static str = $crashed;
            const UNNOTED: &'static str = $unnoted;

            fn id(&self) -> $id {
                self.id
            }

            fn progress(&self) -> $crate::kit::job::Progress {
                $crate::kit::job::Progress {
                    attempts: self.attempts,
                    failures: self.failures,
                    next_at: self.next_at,
                    leased_until: self.leased_until,
                }
            }

            fn set(&mut self, progress: $crate::kit::job::Progress) {
                self.attempts = progress.attempts;
                self.failures = progress.failures;
                self.next_at = progress.next_at;
                self.leased_until = progress.leased_until;
            }

            fn open(
                db: &$crate::kit::db::Db,
                now: chrono::DateTime<chrono::Utc>,
                ended: Vec<$id>,
                limit: u64,
            ) -> futures_util::future::BoxFuture<'_, Result<Vec<Self>, sea_orm::DbErr>> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
                let free = sea_orm::Condition::any()
                    .add(entity::$table::Column::LeasedUntil.is_null())
                    .add(entity::$table::Column::LeasedUntil.lte(now))
                    .add(entity::$table::Column::Id.is_in(ended));
                let rows = entity::$table::Entity::find()
                    .filter(entity::$table::Column::Status.eq($status))
                    .filter(free)
                    .order_by_asc(entity::$table::Column::NextAt)
                    .order_by_asc(entity::$table::Column::Id)
                    .limit(limit);
                Box::pin(rows.all(db))
            }

            fn lock<'a>(
                work: &'a $crate::kit::work::Work,
                ids: &'a [$id],
            ) -> futures_util::future::BoxFuture<'a, Result<Vec<Self>, sea_orm::DbErr>> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
                let rows = entity::$table::Entity::find()
                    .filter(entity::$table::Column::Id.is_in(ids.iter().copied()))
                    .filter(entity::$table::Column::Status.eq($status))
                    .order_by_asc(entity::$table::Column::Id)
                    .lock_exclusive();
                Box::pin(async move { rows.all(work.tx()?).await })
            }

            fn free<'a>(
                work: &'a $crate::kit::work::Work,
                except: &'a [$id],
            ) -> futures_util::future::BoxFuture<'a, Result<(), sea_orm::DbErr>> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
                let none = sea_orm::sea_query::Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None);
                let freed = entity::$table::Entity::update_many()
                    .col_expr(entity::$table::Column::LeasedUntil, none)
                    .filter(entity::$table::Column::Status.eq($status))
                    .filter(entity::$table::Column::LeasedUntil.is_not_null())
                    .filter(entity::$table::Column::Id.is_not_in(except.iter().copied()));
                Box::pin(async move { freed.exec(work.tx()?).await.map(|_| ()) })
            }

            fn store(self, work: &mut $crate::kit::work::Work) {
                work.save(self);
            }
        }
    };
}

pub(crate) use job_row;

/// A job that this process has begun.
#[derive(Debug, Clone, Copy, Default)]
struct Begun {
    /// Whether the process still works on it.
    working: bool,
    /// The end of the lease that this process took; `None` while it is not known whether it has one.
    lease: Option<DateTime<Utc>>,
}

/// The jobs of one kind that this process has begun and whose end it has not recorded.
pub struct InHand<J: JobRow>(Mutex<HashMap<J::Id, Begun>>);

impl<J: JobRow> Default for InHand<J> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<J: JobRow> InHand<J> {
    fn locked(&self) -> MutexGuard<'_, HashMap<J::Id, Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids of all of them.
    #[must_use]
    pub fn ids(&self) -> HashSet<J::Id> {
        self.locked().keys().copied().collect()
    }

    /// The ids of those whose attempt is over, but whose end could not be recorded.
    #[must_use]
    pub fn ended(&self) -> Vec<J::Id> {
        self.locked().iter().filter(|(_, begun)| !begun.working).map(|(id, _)| *id).collect()
    }

    /// Whether this process works on the job now.
    pub(super) fn is_worked_on(&self, id: J::Id) -> bool {
        self.locked().get(&id).is_some_and(|begun| begun.working)
    }

    /// Whether the row's lease is the one that this process took.
    fn is_own(&self, row: &J) -> bool {
        let lease = self.locked().get(&row.id()).and_then(|begun| begun.lease);
        lease.is_some() && is_lease(row.progress().leased_until, lease)
    }

    /// Marks the attempts at these jobs as over. Their ends may not be recorded yet.
    pub fn stopped(&self, ids: &[J::Id]) {
        let mut all = self.locked();
        for id in ids {
            if let Some(begun) = all.get_mut(id) {
                begun.working = false;
            }
        }
    }

    /// Removes a job whose end was recorded in the store.
    pub fn remove(&self, id: J::Id) {
        self.locked().remove(&id);
    }
}

/// Whether both are the same lease. The stores keep times to the microsecond.
#[must_use]
pub fn is_lease(stored: Option<DateTime<Utc>>, taken: Option<DateTime<Utc>>) -> bool {
    stored.map(|until| until.timestamp_micros()) == taken.map(|until| until.timestamp_micros())
}

/// How many processes crashed while they worked on this job; 0 for a job that this process has begun.
#[must_use]
pub fn crashes<J: JobRow>(app: &App, row: &J) -> i32 {
    let progress = row.progress();
    if app.part::<InHand<J>>().locked().contains_key(&row.id()) { 0 } else { progress.attempts - progress.failures }
}

/// The result of [`begin`].
#[derive(Debug)]
pub struct Leased<J: JobRow> {
    /// The jobs that this process may work on now.
    pub jobs: Vec<J>,
    /// The jobs of which this process could not record the end of an attempt, and that have no attempt left.
    pub exhausted: Vec<J::Id>,
}

/// Takes a lease of each of these jobs that is free and counts the attempt, in one act.
///
/// # Errors
/// When the store cannot be written; then nothing may be done.
pub async fn begin<J: JobRow>(app: &App, ids: Vec<J::Id>) -> Outcome<Leased<J>> {
    let hand = app.part::<InHand<J>>();
    let ids: Vec<J::Id> = ids.into_iter().filter(|id| !hand.is_worked_on(*id)).collect();
    if ids.is_empty() {
        return Ok(Leased { jobs: Vec::new(), exhausted: Vec::new() });
    }
    let before: HashMap<J::Id, Begun> = hand.locked().clone();
    let (asked, held) = (ids.clone(), Arc::clone(&hand));
    let act = async move |work: &mut Work| {
        let now = work.now();
        let mut leased = Leased { jobs: Vec::new(), exhausted: Vec::new() };
        for mut row in J::lock(work, &asked).await? {
            let mut progress = row.progress();
            if held.is_own(&row) {
                // An attempt of this process whose end could not be recorded counts as failed, and its job waits like
                // others.
                if progress.fail(J::WAITS, now, 0) {
                    row.set(progress);
                    row.store(work);
                } else {
                    leased.exhausted.push(row.id());
                }
            } else if progress.is_free(now) {
                progress.attempts += 1;
                progress.leased_until = Some(now + J::LEASE);
                row.set(progress);
                row.clone().store(work);
                leased.jobs.push(row);
            }
        }
        Ok(leased)
    };
    // Entered before the act, so that nothing else in this process begins them meanwhile.
    for id in &ids {
        hand.locked().entry(*id).or_default().working = true;
    }
    let leased: Outcome<Leased<J>> = app.run(Actor::System, act).await;
    let mut all = hand.locked();
    for id in ids {
        let taken = leased.as_ref().ok().and_then(|leased| leased.jobs.iter().find(|row| row.id() == id));
        match (taken, &leased, before.get(&id)) {
            (Some(row), ..) => {
                all.insert(id, Begun { working: true, lease: row.progress().leased_until });
            }
            // The outcome of the act is unknown, so the earlier entry is kept.
            (None, Err(_), Some(known)) => {
                all.insert(id, *known);
            }
            _ => {
                all.remove(&id);
            }
        }
    }
    drop(all);
    leased
}

/// Releases the leases of these jobs, which this process began and did not finish, without counting the attempt: the
/// service stops, or the store was busy.
pub async fn give_back<J: JobRow>(app: &App, ids: Vec<J::Id>) {
    if ids.is_empty() {
        return;
    }
    let hand = app.part::<InHand<J>>();
    let (asked, held) = (ids.clone(), Arc::clone(&hand));
    let act = async move |work: &mut Work| {
        for mut row in J::lock(work, &asked).await? {
            let progress = row.progress();
            if held.is_own(&row) {
                let attempts = std::cmp::max(progress.attempts - 1, progress.failures);
                row.set(Progress { attempts, leased_until: None, ..progress });
                row.store(work);
            }
        }
        Ok(())
    };
    match app.run(Actor::System, act).await {
        Ok(()) => ids.into_iter().for_each(|id| hand.remove(id)),
        Err(error) => {
            tracing::warn!(%error, kind = J::KIND.word(), "jobs could not be given back; they are done when their lease is over");
        }
    }
}

/// Releases the leases that an earlier process left behind. Only on a store that one process uses alone, because there
/// no other process can be working on the jobs; elsewhere their leases must run out first.
///
/// # Errors
/// When the store cannot be written.
pub async fn free<J: JobRow>(app: &App) -> Outcome<()> {
    if app.store().backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let own: Vec<J::Id> = app.part::<InHand<J>>().ids().into_iter().collect();
    app.run(Actor::System, async move |work: &mut Work| Ok(J::free(work, &own).await?)).await
}

/// Measurements of jobs, by kind.
#[derive(Default)]
pub struct Measured(Mutex<BTreeMap<JobKind, Measure>>);

/// Measurements of one kind of job.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measure {
    /// Seconds since the oldest job that is due has been due; 0 when none is.
    pub oldest: f64,
    /// Jobs that this process has given up.
    pub dead: u64,
}

impl Measured {
    /// Every kind that has been measured.
    #[must_use]
    pub fn all(&self) -> Vec<(JobKind, Measure)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(kind, measure)| (*kind, *measure)).collect()
    }

    /// Sets since when the oldest job of this kind has been due.
    pub(super) fn oldest(&self, kind: JobKind, since: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let seconds = since.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default().oldest = seconds;
    }

    /// Counts a job of this kind that was given up.
    pub fn died(&self, kind: JobKind) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default().dead += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: &[TimeDelta] = &[TimeDelta::zero(), TimeDelta::minutes(5)];

    #[test]
    fn a_job_waits_as_its_schedule_says_and_is_dead_after_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut job = Progress { attempts: 1, leased_until: Some(now), ..Progress::due(now) };
        assert!(job.fail(WAITS, now, 0));
        assert_eq!(job, Progress { attempts: 1, failures: 1, next_at: now, leased_until: None });
        job.attempts += 1;
        assert!(job.fail(WAITS, now, 0));
        assert_eq!(job.next_at, now + TimeDelta::minutes(5));
        assert!(!job.is_free(now) && job.is_free(now + TimeDelta::minutes(5)));
        job.attempts += 1;
        assert!(!job.fail(WAITS, now, 0), "the third failure is the last");
        let mut job = Progress { failures: 1, ..Progress::due(now) };
        assert!(job.fail(WAITS, now, 255));
        let wait = job.next_at - now;
        assert!(wait > TimeDelta::seconds(320) && wait < TimeDelta::seconds(330), "{wait}");
    }

    #[test]
    fn a_leased_job_is_free_when_its_lease_is_over() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let job = Progress { leased_until: Some(now + TimeDelta::seconds(1)), ..Progress::due(now) };
        assert!(!job.is_free(now));
        assert!(job.is_free(now + TimeDelta::seconds(1)));
    }
}
