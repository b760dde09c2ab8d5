//! The loop that does the jobs of one kind (see [`job`]). Each node has one loop per kind.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::actor::Actor;
use super::app::App;
use super::error::{Fault, Outcome, Refusal};
use super::health::warn_once_a_minute;
use super::job::{self, CRASHES, InHand, JobRow, Leased, Measured};
use super::rounds::{Round, Rounds};
use super::work::Work;

/// How long to wait before recording the end of an attempt again, when the store was unavailable.
const NOTE_AGAIN: Duration = Duration::from_secs(1);

/// The jobs that can be begun now.
#[derive(Debug)]
pub struct DueJobs<J> {
    /// The jobs, those that have been due longest first.
    pub jobs: Vec<J>,
    /// When the next job becomes due, as far as is known.
    pub next: Option<DateTime<Utc>>,
    /// Whether there may be more than these.
    pub more: bool,
}

impl<J: JobRow> DueJobs<J> {
    /// The due ones among the first open jobs of a table.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn first(app: &App, limit: usize) -> Outcome<Self> {
        let (now, ended) = (app.now(), app.part::<InHand<J>>().ended());
        let open = J::open(app.reader().db(), now, ended, limit as u64).await?;
        let full = open.len() == limit;
        let next = open.iter().map(|job| job.progress().next_at).find(|at| *at > now);
        let jobs: Vec<J> = open.into_iter().filter(|job| job.progress().next_at <= now).collect();
        Ok(Self { more: full && jobs.len() == limit, jobs, next })
    }
}

/// How the jobs of one kind are done.
pub trait Worker: Clone + Send + Sync + 'static {
    /// The row of a job.
    type Job: JobRow;
    /// The name of the loop.
    const NAME: &'static str;
    /// Batches of jobs that one node works on at the same time.
    const PLACES: usize;
    /// Whether the loop waits for the batches that it began before it looks for more.
    const WAITS_FOR_BATCHES: bool = false;

    /// The running service.
    fn app(&self) -> &App;

    /// Creates new jobs before the due ones are read. Returns whether there was something to do.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    fn prepare(&self) -> impl Future<Output = Outcome<bool>> + Send {
        async { Ok(false) }
    }

    /// Reads the jobs that can be begun now. They may include those whose attempt this process has ended without noting
    /// it ([`InHand::ended`]), although their lease is not over.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn due(&self) -> impl Future<Output = Outcome<DueJobs<Self::Job>>> + Send;

    /// Divides jobs into batches that are worked on together. Jobs that are left out are done later.
    fn batches(&self, jobs: Vec<Self::Job>) -> Vec<Vec<Self::Job>> {
        jobs.into_iter().map(|job| vec![job]).collect()
    }

    /// Works on a batch of leased jobs, and records the end of each. Returns how many ends were recorded.
    fn work(&self, jobs: Vec<Self::Job>) -> impl Future<Output = usize> + Send;

    /// Marks a job that is still to be done as dead, for this reason. Returns whether it did.
    fn set_aside<'a>(
        &'a self,
        work: &'a mut Work,
        id: <Self::Job as JobRow>::Id,
        reason: &'a str,
    ) -> BoxFuture<'a, Outcome<bool>>;
}

/// Works until the task is dropped.
pub fn run<W: Worker>(worker: W) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::of(worker.app(), W::NAME);
    async move {
        if let Err(error) = job::free::<W::Job>(worker.app()).await {
            tracing::warn!(%error, kind = W::NAME, "jobs of the process before this one wait until their lease is over");
        }
        let mut job_loop = JobLoop { worker, places: Arc::new(Semaphore::new(W::PLACES)), under_way: JoinSet::new() };
        loop {
            rounds.begin().await;
            let (again, round) = job_loop.round(&rounds).await.unwrap_or_else(|error| {
                warn_once_a_minute(&format!("{} could not be worked on; trying again every second", W::NAME), &error);
                (false, Round::FAILED)
            });
            if !again {
                rounds.rest(round).await;
            }
        }
    }
}

/// The state of one loop.
struct JobLoop<W: Worker> {
    worker: W,
    places: Arc<Semaphore>,
    under_way: JoinSet<usize>,
}

impl<W: Worker> JobLoop<W> {
    /// Begins the due jobs, as far as places are free. Returns whether to run another round at once.
    async fn round(&mut self, rounds: &Rounds) -> Outcome<(bool, Round)> {
        while self.under_way.try_join_next().is_some() {}
        let app = self.worker.app().clone();
        let prepared = self.worker.prepare().await?;
        let DueJobs { jobs, next, more } = self.worker.due().await?;
        let since = jobs.iter().map(|job| job.progress().next_at).min();
        app.part::<Measured>().oldest(W::Job::KIND, since, app.now());
        let hand = app.part::<InHand<W::Job>>();
        // A job that takes longer than its lease is free for other nodes, and still in progress here.
        let jobs: Vec<W::Job> = jobs.into_iter().filter(|job| !hand.is_worked_on(job.id())).collect();
        let count = jobs.len();
        let (suspects, sound): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job::crashes(&app, job) > 0);
        let (dead, mut suspects): (Vec<_>, Vec<_>) =
            suspects.into_iter().partition(|job| job::crashes(&app, job) >= CRASHES);
        for job in &dead {
            self.set_aside(job.id(), W::Job::CRASHED).await;
        }
        let mut batches = Vec::new();
        // A node works on one job at a time among those during which a process crashed, so that a further crash is not
        // blamed on the wrong job.
        let suspect = if suspects.is_empty() { None } else { CrashPermit::take(&app) };
        if suspect.is_some() {
            batches.push(vec![suspects.swap_remove(0)]);
        }
        batches.extend(self.worker.batches(sound));
        batches.truncate(self.places.available_permits());
        let wanted: usize = batches.iter().map(Vec::len).sum();
        let more = more || dead.len() + wanted < count;
        let begun = self.begin(rounds, batches, suspect).await?;
        let found = prepared || count > 0;
        if !W::WAITS_FOR_BATCHES {
            return Ok((false, Round { found, next }));
        }
        let mut done = 0;
        while let Some(ended) = self.under_way.join_next().await {
            done += ended.unwrap_or_default();
        }
        // If some jobs failed, the loop rests before the next round; otherwise it would retry them without pause.
        Ok((more && done == wanted && begun == wanted && wanted > 0, Round { found, next }))
    }

    /// Gives up a job. A failure to do so does not stop the others, and is tried again.
    async fn set_aside(&self, id: <W::Job as JobRow>::Id, reason: &str) {
        let kind = W::Job::KIND;
        tracing::error!(kind = kind.word(), job = %id, reason, "a job is given up");
        let (worker, reason) = (self.worker.clone(), reason.to_owned());
        let act = async move |work: &mut Work| worker.set_aside(work, id, &reason).await;
        match self.worker.app().run(Actor::System, act).await {
            Ok(true) => self.worker.app().part::<Measured>().died(kind),
            Ok(false) => {}
            Err(error) => {
                warn_once_a_minute("a job could not be given up; trying again every second", &error);
            }
        }
    }

    /// Takes leases of these jobs and begins to work on them. Returns how many.
    async fn begin(
        &mut self,
        rounds: &Rounds,
        batches: Vec<Vec<W::Job>>,
        mut suspect: Option<CrashPermit>,
    ) -> Outcome<usize> {
        let app = self.worker.app().clone();
        let ids = batches.iter().flatten().map(JobRow::id).collect();
        let Leased { jobs, exhausted } = job::begin::<W::Job>(&app, ids).await?;
        for id in exhausted {
            self.set_aside(id, W::Job::UNNOTED).await;
        }
        let count = jobs.len();
        let mut leased: HashMap<_, _> = jobs.into_iter().map(|job| (job.id(), job)).collect();
        for batch in batches {
            // The first batch is the job during which a process crashed, if there is one.
            let suspect = suspect.take();
            let jobs: Vec<W::Job> = batch.iter().filter_map(|job| leased.remove(&job.id())).collect();
            let Ok(place_taken) = Arc::clone(&self.places).try_acquire_owned() else { continue };
            if jobs.is_empty() {
                continue;
            }
            let ids = jobs.iter().map(JobRow::id).collect();
            let attempt = AttemptUnderWay::<W::Job> { ids, hand: app.part() };
            let (worker, token) = (self.worker.clone(), rounds.under_way());
            self.under_way.spawn(async move {
                let done = worker.work(jobs).await;
                drop((attempt, suspect, place_taken, token));
                done
            });
        }
        Ok(count)
    }
}

/// Marks the attempt at these jobs as over when it is dropped, also when the work panicked.
struct AttemptUnderWay<J: JobRow> {
    ids: Vec<J::Id>,
    hand: Arc<InHand<J>>,
}

impl<J: JobRow> Drop for AttemptUnderWay<J> {
    fn drop(&mut self) {
        self.hand.stopped(&self.ids);
    }
}

/// Whether this process is working on a job, of any kind, during which an earlier process crashed.
#[derive(Default)]
struct CrashPermitTaken(Arc<AtomicBool>);

/// The permit to work on such a job. A process has one.
struct CrashPermit(Arc<AtomicBool>);

impl CrashPermit {
    fn take(app: &App) -> Option<Self> {
        let flag = Arc::clone(&app.part::<CrashPermitTaken>().0);
        flag.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst).is_ok().then(|| Self(flag))
    }
}

impl Drop for CrashPermit {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Runs an act that records the end of an attempt, and repeats it while the store is unavailable and the lease lasts;
/// the act must be idempotent and returns whether the job is now dead. Returns whether the end was recorded.
pub async fn note<J, F>(app: &App, job: &J, act: impl Fn() -> F + Send + Sync) -> bool
where
    J: JobRow,
    F: Future<Output = Outcome<bool>> + Send,
{
    loop {
        match act().await {
            Ok(dead) => {
                app.part::<InHand<J>>().remove(job.id());
                if dead {
                    app.part::<Measured>().died(J::KIND);
                }
                return true;
            }
            Err(Refusal::Fault(fault))
                if (fault.is_temporary() || matches!(fault, Fault::Unknown(_)))
                    && job.progress().leased_until.is_some_and(|until| app.now() < until) =>
            {
                warn_once_a_minute("the end of a job could not be noted; trying again every second", &fault);
                tokio::time::sleep(NOTE_AGAIN).await;
            }
            Err(error) => {
                tracing::error!(%error, kind = J::KIND.word(), job = %job.id(), "the end of a job could not be noted; it is done again");
                return false;
            }
        }
    }
}
