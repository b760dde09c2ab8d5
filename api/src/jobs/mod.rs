//! Lists dead jobs of all kinds, and retries one on request.

use chrono::{DateTime, Utc};
use entity::id::{ArrivalId, LetterId, PushId, SellerId, WebhookDeliveryId};
use entity::kind::{ArrivalStatus, DeliveryStatus, JobKind, LetterStatus, PushStatus};
use entity::{arrival, letter, push, webhook_delivery};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::table::Action;
use crate::hook;
use crate::intake::quarantine;
use crate::kit::db::Db;
use crate::kit::error::{Fault, Outcome};
use crate::kit::once::Reloadable;
use crate::kit::work::Work;

/// The largest number of dead jobs that are listed.
pub const MOST: u64 = 100;

/// The id of the row that is the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobId {
    /// A letter.
    Letter(LetterId),
    /// A stored mail.
    Mail(ArrivalId),
    /// A webhook delivery.
    Webhook(WebhookDeliveryId),
    /// A push notification.
    Push(PushId),
}

impl JobId {
    /// The job of this kind with this id; `None` when the text is no id of such a row.
    #[must_use]
    pub fn parse(kind: JobKind, id: &str) -> Option<Self> {
        match kind {
            JobKind::Letter => id.parse().ok().map(Self::Letter),
            JobKind::Mail => id.parse().ok().map(Self::Mail),
            JobKind::Webhook => id.parse().ok().map(Self::Webhook),
            JobKind::Push => id.parse().ok().map(Self::Push),
        }
    }

    /// The kind of job.
    #[must_use]
    pub const fn kind(self) -> JobKind {
        match self {
            Self::Letter(_) => JobKind::Letter,
            Self::Mail(_) => JobKind::Mail,
            Self::Webhook(_) => JobKind::Webhook,
            Self::Push(_) => JobKind::Push,
        }
    }
}

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Letter(id) => id.fmt(f),
            Self::Mail(id) => id.fmt(f),
            Self::Webhook(id) => id.fmt(f),
            Self::Push(id) => id.fmt(f),
        }
    }
}

/// A job of any kind, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id of the row that is the job.
    pub id: JobId,
    /// The number of attempts that were begun.
    pub attempts: i32,
    /// Why the last attempt failed, if that is stored with the job.
    pub error: Option<String>,
    /// When the next attempt is due.
    pub next_at: DateTime<Utc>,
    /// When the job was given up, or ended otherwise.
    pub ended_at: Option<DateTime<Utc>>,
}

macro_rules! as_job {
    ($($table:ident: $id:expr, $error:expr;)*) => {$(
        impl From<entity::$table::Model> for Job {
            fn from(row: entity::$table::Model) -> Self {
                let error: fn(&entity::$table::Model) -> Option<String> = $error;
                Self {
                    id: $id(row.id),
                    attempts: row.attempts,
                    error: error(&row),
                    next_at: row.next_at,
                    ended_at: row.ended_at,
                }
            }
        }
    )*};
}

as_job! {
    letter: JobId::Letter, |row| row.reason.clone();
    arrival: JobId::Mail, |row| row.reason.clone();
    webhook_delivery: JobId::Webhook, |_| None;
    push: JobId::Push, |row| row.reason.clone();
}

/// The dead jobs of these kinds at a seller, those that died last before the others; at most [`MOST`].
///
/// # Errors
/// When the store cannot be read.
pub async fn dead(db: &Db, seller: SellerId, kinds: &[JobKind], first: u64) -> Result<Vec<Job>, DbErr> {
    let first = first.min(MOST);
    let mut jobs = Vec::new();
    for kind in kinds {
        jobs.extend(dead_of(db, seller, *kind, first).await?);
    }
    jobs.sort_by_key(|job| std::cmp::Reverse((job.ended_at, job.id)));
    jobs.truncate(usize::try_from(first).unwrap_or_default());
    Ok(jobs)
}

macro_rules! dead_rows {
    ($db:expr, $seller:expr, $first:expr, $table:ident, $status:expr) => {{
        let rows = $table::Entity::find()
            .filter($table::Column::SellerId.eq($seller))
            .filter($table::Column::Status.eq($status))
            .order_by_desc($table::Column::EndedAt)
            .order_by_desc($table::Column::Id)
            .limit($first)
            .all($db)
            .await?;
        rows.into_iter().map(Job::from).collect::<Vec<Job>>()
    }};
}

async fn dead_of(db: &Db, seller: SellerId, kind: JobKind, first: u64) -> Result<Vec<Job>, DbErr> {
    match kind {
        JobKind::Letter => Ok(dead_rows!(db, seller, first, letter, LetterStatus::Failed)),
        JobKind::Mail => Ok(dead_rows!(db, seller, first, arrival, ArrivalStatus::Quarantined)),
        JobKind::Push => Ok(dead_rows!(db, seller, first, push, PushStatus::Failed)),
        JobKind::Webhook => {
            let mut jobs = dead_rows!(db, seller, first, webhook_delivery, DeliveryStatus::Failed);
            let delivery = |job: &Job| match job.id {
                JobId::Webhook(id) => Some(id),
                JobId::Letter(_) | JobId::Mail(_) | JobId::Push(_) => None,
            };
            let errors = hook::queue::last_errors(db, jobs.iter().filter_map(delivery).collect()).await?;
            for job in &mut jobs {
                job.error = delivery(job).and_then(|id| errors.get(&id).cloned());
            }
            Ok(jobs)
        }
    }
}

/// Makes a dead job due at once, without its earlier attempts.
///
/// # Errors
/// `NOT_FOUND` when there is no such job that the actor may manage; `INVALID_TRANSITION` when it is not dead, or cannot
/// be done again.
pub async fn retry(work: &mut Work, id: JobId) -> Outcome<Job> {
    const FIELD: &str = "subjectId";
    match id {
        JobId::Letter(id) => crate::letter::returned::retry(work, id, FIELD).await.map(Job::from),
        JobId::Mail(id) => quarantine::retry(work, id, Action::ManageJobs, FIELD).await.map(Job::from),
        JobId::Webhook(id) => hook::retry(work, id, FIELD).await.map(Job::from),
        JobId::Push(id) => crate::push::retry(work, id, FIELD).await.map(Job::from),
    }
}

impl Reloadable for Job {
    fn name(&self) -> String {
        format!("{} {}", self.id.kind().word(), self.id)
    }

    async fn reload(work: &Work, name: &str) -> Outcome<Self> {
        let (kind, id) = name.split_once(' ').unwrap_or_default();
        match JobKind::ALL.iter().find(|known| known.word() == kind) {
            Some(JobKind::Letter) => letter::Model::reload(work, id).await.map(Self::from),
            Some(JobKind::Mail) => arrival::Model::reload(work, id).await.map(Self::from),
            Some(JobKind::Webhook) => webhook_delivery::Model::reload(work, id).await.map(Self::from),
            Some(JobKind::Push) => push::Model::reload(work, id).await.map(Self::from),
            None => Err(Fault::Broken("a key's result names a kind of job").into()),
        }
    }
}
