//! Jobs that the service gave up.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::kind::JobKind;

use super::context::{ContextExt, act, forbidden, query_error, read_error, signed_in};
use super::error::payload;
use crate::access::table::{self, Action};
use crate::jobs;
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// A job: work that the service retries until it succeeds or is given up: a letter to send, a stored mail to read, a
/// webhook to deliver, a push to send.
#[derive(SimpleObject)]
pub struct Job {
    /// The kind of the job.
    kind: JobKind,
    /// The id of the letter, the quarantined report, the webhook delivery or the push that the job is about. `node`
    /// reads it, except for a push, and for a letter to staff or to a person at a partner.
    subject_id: ID,
    /// The number of attempts that were begun. An attempt during which the service ended counts too.
    attempts: i32,
    /// The reason why the last attempt failed, in English; null when none is stored.
    error: Option<String>,
    /// The time of the next attempt, UTC; null when the job is over.
    next_attempt_at: Option<DateTime<Utc>>,
    /// The time at which the job was given up, UTC; null while it waits.
    died_at: Option<DateTime<Utc>>,
}

impl From<jobs::Job> for Job {
    fn from(job: jobs::Job) -> Self {
        Self {
            kind: job.id.kind(),
            subject_id: ID(job.id.to_string()),
            attempts: job.attempts,
            error: job.error,
            next_attempt_at: job.ended_at.is_none().then_some(job.next_at),
            died_at: job.ended_at,
        }
    }
}

/// Reads of jobs.
#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// The jobs of your seller that the service gave up, the most recently given up first. A letter is given up after
    /// six failed attempts or when the mail server refuses it for good, a push after six or when the relay refuses it
    /// for good, a mail after five, a webhook after ten, and any job when the service has ended twice during it. A
    /// letter that came back is no dead job. For managers and administrators.
    #[graphql(complexity = "super::page::list_cost(first.try_into().unwrap_or(0), child_complexity)")]
    async fn dead_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only jobs of these kinds; all kinds when left out.")] kinds: Option<Vec<JobKind>>,
        #[graphql(default = 50, desc = "The largest number of jobs to return: 1 to 100.")] first: i32,
    ) -> Result<Vec<Job>> {
        signed_in(ctx)?;
        let actor = ctx.actor();
        let seller = match actor {
            Actor::Staff { seller, .. } if table::may(table::at_seller(actor, seller), Action::ManageJobs) => seller,
            _ => {
                return Err(forbidden(texts::api::dead_jobs_for_managers()));
            }
        };
        let limit = u64::try_from(first)
            .ok()
            .filter(|first| (1..=jobs::MOST).contains(first))
            .ok_or_else(|| query_error(&Problem::new(ErrorCode::Invalid, "first", texts::api::one_to_hundred())))?;
        let mut kinds = kinds.unwrap_or_else(|| JobKind::ALL.to_vec());
        kinds.sort();
        kinds.dedup();
        let dead = jobs::dead(ctx.db(), seller, &kinds, limit).await.map_err(read_error)?;
        Ok(dead.into_iter().map(Job::from).collect())
    }
}

/// The input of `retryJob`.
#[derive(InputObject)]
pub struct RetryJobInput {
    /// The kind of job.
    kind: JobKind,
    /// The id of what the job is about, as in `Job.subjectId`.
    subject_id: ID,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
}

payload! {
    /// The answer to `retryJob`.
    RetryJobPayload {
        /// The job, which is due at once; null when nothing was changed.
        job: Job
    }
}

/// Acts on jobs.
#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Makes a job that was given up due at once, without its earlier attempts. Refused for a letter when the case has
    /// another customer by now, and for a webhook when its endpoint is turned off. For managers and administrators.
    async fn retry_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job to retry.")] input: RetryJobInput,
    ) -> Result<RetryJobPayload> {
        let done = act(ctx, async move |work| {
            let id =
                jobs::JobId::parse(input.kind, &input.subject_id).ok_or_else(|| Problem::not_found("subjectId"))?;
            jobs::retry(work, id).await
        });
        Ok(done.await?.into())
    }
}
