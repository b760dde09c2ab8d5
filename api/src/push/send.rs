//! Sends due pushes: to browsers through their push services, to apps through the operator's relay.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{DeviceId, PushId};
use entity::kind::PushStatus;
use entity::{case, device, push};
use futures_util::future::BoxFuture;
use reqwest::Url;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Statement};
use serde_json::json;

use super::decide::{Verdict, by_day, verdict};
use super::{clear, feed, is_wanted, seal};
use crate::directory::{self, calendar::zone};
use crate::hook::{AnyAddress, address, send as hooks};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::health::warn_once_a_minute;
use crate::kit::job::{JobRow, is_lease};
use crate::kit::old::ended;
use crate::kit::public_url::PublicUrl;
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::kit::worker::{self, DueJobs, Worker};

/// The timeout of a request to a push service or the relay.
const PATIENCE: Duration = Duration::from_secs(10);
/// The maximum number of pushes that one node sends at the same time.
const AT_A_TIME: usize = 16;
/// The maximum number of pushes to one host at the same time, which is also the maximum of one selection.
const OF_ONE_HOST: i64 = 6;
const AT_ONCE: i64 = 64;
/// For how many seconds a push service keeps a message for a browser that is not running.
const KEPT_THERE: &str = "86400";
/// How long a push is kept after its end.
const KEPT: TimeDelta = TimeDelta::days(7);

/// The operator's relay, which forwards pushes to the push services of mobile platforms.
#[derive(Debug, Clone)]
pub struct Relay {
    /// The address to which pushes are posted.
    pub url: Url,
    /// The bearer token that authenticates this service to the relay.
    pub key: String,
}

/// The background task that sends pushes.
#[derive(Clone)]
pub struct Pusher {
    app: App,
    http: reqwest::Client,
    inside: reqwest::Client,
    open: AnyAddress,
    relay: Option<Relay>,
}

/// The outcome of an attempt.
enum Ended {
    /// The push service or the relay answered, or did not answer; the text says why it was not sent.
    Answered(Verdict, Option<String>),
    /// Nothing was sent, because it is night in the seller's time zone until this time.
    Postponed(DateTime<Utc>),
    /// Nothing was sent, because the device should get no pushes about the case any more.
    Unwanted,
}

impl Ended {
    fn new(verdict: Verdict, reason: &str) -> Self {
        Self::Answered(verdict, Some(truncated(reason, 300)))
    }
}

/// What to do with a push: send this body to the device, send it later, or drop it.
enum Content {
    Now(Box<device::Model>, String),
    Later(DateTime<Utc>),
    Nobody,
}

impl Worker for Pusher {
    type Job = push::Model;
    const NAME: &'static str = "pushes";
    const PLACES: usize = AT_A_TIME;

    fn app(&self) -> &App {
        &self.app
    }

    /// Makes pushes from the events since the last round.
    async fn prepare(&self) -> Outcome<bool> {
        let mut found = false;
        for seller in feed::behind(self.app.reader().db()).await? {
            loop {
                match self.app.run(Actor::System, async move |work: &mut Work| feed::read(work, seller).await).await {
                    Ok(true) => found = true,
                    Ok(false) => break,
                    Err(error) => {
                        warn_once_a_minute("pushes could not be made of a seller's events; trying again", &error);
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    async fn due(&self) -> Outcome<DueJobs<push::Model>> {
        let jobs = ready(&self.app).await?;
        Ok(DueJobs { jobs, next: next(&self.app).await?, more: false })
    }

    async fn work(&self, pushes: Vec<push::Model>) -> usize {
        let mut done = 0;
        for row in pushes {
            let ended = std::sync::Arc::new(self.send(&row).await);
            let noted = worker::note(&self.app, &row, || {
                let (app, ended) = (self.app.clone(), ended.clone());
                let (id, lease) = (row.id, row.leased_until);
                async move { app.run(Actor::System, async move |work: &mut Work| note(work, id, lease, &ended).await).await }
            });
            done += usize::from(noted.await);
        }
        done
    }

    fn set_aside<'a>(&'a self, work: &'a mut Work, id: PushId, reason: &'a str) -> BoxFuture<'a, Outcome<bool>> {
        Box::pin(async move {
            let Some(mut row) = push::Model::lock(work, &[id]).await?.pop() else { return Ok(false) };
            end(work, &mut row, PushStatus::Failed, Some(reason.to_owned()));
            work.save(row);
            Ok(true)
        })
    }
}

impl Pusher {
    /// Creates a sender. `open` allows any address.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(app: App, open: AnyAddress, relay: Option<Relay>) -> Result<Self, reqwest::Error> {
        let http = hooks::client(PATIENCE, open)?;
        let inside = crate::kit::outward::client(PATIENCE).no_proxy().build()?;
        Ok(Self { app, http, inside, open, relay })
    }

    async fn send(&self, row: &push::Model) -> Ended {
        match self.content(row).await {
            Ok(Content::Now(device, body)) => self.post(&device, &body).await,
            Ok(Content::Later(at)) => Ended::Postponed(at),
            Ok(Content::Nobody) => Ended::Unwanted,
            Err(error) => Ended::new(Verdict::Later, &error.to_string()),
        }
    }

    /// Decides whether the push is sent now, and composes its body.
    async fn content(&self, row: &push::Model) -> Outcome<Content> {
        let row = row.clone();
        self.app
            .run(Actor::System, async move |work: &mut Work| {
                let device = device::Entity::find_by_id(row.device_id).one(work.tx()?).await?;
                let case = case::Entity::find_by_id(row.case_id).one(work.tx()?).await?;
                let (Some(device), Some(case)) = (device, case) else { return Ok(Content::Nobody) };
                if !is_wanted(work, &device, case.id).await? {
                    return Ok(Content::Nobody);
                }
                if device.case_id.is_some() {
                    let seller = directory::seller::one(work, device.seller_id).await?;
                    let morning = by_day(work.now(), zone(&seller.calendar));
                    if morning > work.now() {
                        return Ok(Content::Later(morning));
                    }
                }
                let at = row.created_at;
                let body = json!({ "kind": row.kind, "caseId": case.id, "reference": case.reference, "at": at });
                Ok(Content::Now(Box::new(device), body.to_string()))
            })
            .await
    }

    async fn post(&self, device: &device::Model, body: &str) -> Ended {
        let request = match (&device.endpoint, &device.relay_token, &self.relay) {
            (Some(endpoint), ..) => self.to_browser(device, endpoint, body),
            (None, Some(token), Some(relay)) => {
                let body = format!("{{\"token\":{},\"message\":{body}}}", json!(token));
                let request = self.inside.post(relay.url.clone()).bearer_auth(&relay.key);
                Ok(request.header("content-type", "application/json").body(body))
            }
            _ => Err("the service has no relay for apps"),
        };
        let request = match request {
            Ok(request) => request,
            Err(why) => return Ended::new(Verdict::Refused, why),
        };
        match request.send().await {
            Ok(answer) => match verdict(answer.status().as_u16()) {
                Verdict::Sent => Ended::Answered(Verdict::Sent, None),
                // A push service that refuses a message for good does not know this subscription, or does not accept
                // this service's key for it. The browser must subscribe again.
                Verdict::Refused if device.endpoint.is_some() => {
                    Ended::new(Verdict::Gone, &format!("it answers {}", answer.status().as_u16()))
                }
                verdict => Ended::new(verdict, &format!("it answers {}", answer.status().as_u16())),
            },
            Err(error) => Ended::new(Verdict::Later, &hooks::plain(&error)),
        }
    }

    fn to_browser(
        &self,
        device: &device::Model,
        endpoint: &str,
        body: &str,
    ) -> Result<reqwest::RequestBuilder, &'static str> {
        let url = address::checked(endpoint, self.open.0).map_err(|_| "the address is not allowed")?;
        let (app, none) = (&self.app, "the message cannot be made");
        let keys = device.public_key.as_deref().zip(device.auth.as_deref());
        let sealed = keys.and_then(|(key, auth)| seal::sealed(body, key, auth)).ok_or(none)?;
        let contact = app.part::<PublicUrl>().get().ok_or("the service has no public address")?;
        let authorization = seal::authorization(app.secret(), &url, &contact, app.now()).ok_or(none)?;
        Ok(self
            .http
            .post(url)
            .header("authorization", authorization)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", KEPT_THERE)
            .header("urgency", "normal")
            .body(sealed))
    }
}

/// Records the outcome of an attempt under this lease. Returns whether the push was given up.
async fn note(work: &mut Work, id: PushId, lease: Option<DateTime<Utc>>, ended: &Ended) -> Outcome<bool> {
    let row = work.lock::<push::Model>(id).await?;
    let open = |row: &push::Model| row.status == PushStatus::Waiting && is_lease(row.leased_until, lease);
    let Some(mut row) = row.filter(|row| open(row)) else { return Ok(false) };
    let (verdict, reason) = match ended {
        Ended::Answered(verdict, reason) => (*verdict, reason.clone()),
        Ended::Unwanted => {
            end(work, &mut row, PushStatus::Dropped, None);
            return Ok(false);
        }
        Ended::Postponed(until) => {
            // Taking the lease counted an attempt, but none was made.
            (row.next_at, row.leased_until, row.attempts) = (*until, None, row.attempts - 1);
            return Ok(false);
        }
    };
    let status = match verdict {
        Verdict::Sent => PushStatus::Sent,
        Verdict::Gone => {
            // A subscription that is gone never becomes valid again: the browser registers a new one.
            let device = work.lock::<device::Model>(row.device_id).await?;
            if let Some(mut device) = device.filter(|device| device.removed_at.is_none()) {
                clear(work, &mut device);
            }
            PushStatus::Dropped
        }
        Verdict::Refused => PushStatus::Failed,
        Verdict::Later => {
            let mut progress = row.progress();
            if progress.fail(push::Model::WAITS, work.now(), 0) {
                row.set(progress);
                row.reason = reason;
                return Ok(false);
            }
            PushStatus::Failed
        }
    };
    end(work, &mut row, status, reason);
    Ok(status == PushStatus::Failed)
}

fn end(work: &Work, row: &mut push::Model, status: PushStatus, reason: Option<String>) {
    (row.status, row.reason, row.leased_until, row.ended_at) = (status, reason, None, Some(work.now()));
}

/// The pushes that can be sent now: a few for each host, so that a host that does not answer does not delay the others.
async fn ready(app: &App) -> Result<Vec<push::Model>, DbErr> {
    let sql = "SELECT * FROM (
            SELECT p.*, row_number() OVER (PARTITION BY p.host ORDER BY p.next_at, p.id) + coalesce(l.leased, 0) AS place
            FROM push p
            LEFT JOIN (SELECT host, count(*) AS leased FROM push
                       WHERE status = 'WAITING' AND leased_until > $1 GROUP BY host) l ON l.host = p.host
            WHERE p.status = 'WAITING' AND p.next_at <= $1 AND (p.leased_until IS NULL OR p.leased_until <= $1)) q
        WHERE place <= $2 ORDER BY next_at, id LIMIT $3";
    let values = [app.now().into(), OF_ONE_HOST.into(), AT_ONCE.into()];
    let statement = Statement::from_sql_and_values(app.store().backend(), sql, values);
    push::Entity::find().from_raw_sql(statement).all(app.reader().db()).await
}

/// When the next push is due; none when no push waits.
async fn next(app: &App) -> Result<Option<DateTime<Utc>>, DbErr> {
    let first = push::Entity::find()
        .filter(push::Column::Status.eq(PushStatus::Waiting))
        .filter(push::Column::NextAt.gt(app.now()))
        .order_by_asc(push::Column::NextAt)
        .one(app.reader().db());
    Ok(first.await?.map(|first| first.next_at))
}

/// Deletes pushes that ended long ago, and devices that were removed long ago.
///
/// # Errors
/// When the store cannot be written.
pub async fn forget(work: &mut Work) -> Outcome<()> {
    let old: Vec<PushId> = ended::<push::Entity, _>(work, (push::Column::Id, push::Column::EndedAt), KEPT).await?;
    if !old.is_empty() {
        push::Entity::delete_many().filter(push::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    let columns = (device::Column::Id, device::Column::RemovedAt);
    let old: Vec<DeviceId> = ended::<device::Entity, _>(work, columns, KEPT + TimeDelta::days(1)).await?;
    if !old.is_empty() {
        device::Entity::delete_many().filter(device::Column::Id.is_in(old)).exec(work.tx()?).await?;
    }
    Ok(())
}
