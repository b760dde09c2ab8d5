//! Sends due deliveries, in one loop per node. A delivery is claimed before it is sent and its result is recorded
//! after. If a node dies in between, the delivery is sent again with the same id.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::id::WebhookDeliveryId;
use entity::{webhook_delivery, webhook_endpoint};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use sea_orm::EntityTrait;

use super::queue::{self, Attempt};
use super::{AnyAddress, address, sign};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::job;
use crate::kit::outward;
use crate::kit::work::Work;
use crate::kit::worker::{self, DueJobs, Worker};

/// The timeout for a receiver's response (Standard Webhooks: 15 to 30 seconds).
const PATIENCE: Duration = Duration::from_secs(20);
/// The maximum number of deliveries that one node sends at the same time.
const AT_A_TIME: usize = 64;
/// The maximum number of pages of the log that are put into an endpoint's queue in one round.
const PAGES: usize = 20;
/// How many characters of an error are stored.
const ERROR: usize = 300;

/// The background task that sends webhooks.
#[derive(Clone)]
pub struct Sender {
    app: App,
    http: reqwest::Client,
    open: AnyAddress,
}

impl Worker for Sender {
    type Job = webhook_delivery::Model;
    const NAME: &'static str = "webhooks";
    const PLACES: usize = AT_A_TIME;

    fn app(&self) -> &App {
        &self.app
    }

    /// Fills the queues of the endpoints from the event log.
    async fn prepare(&self) -> Outcome<bool> {
        let mut found = false;
        for id in queue::behind(self.app.reader().db()).await? {
            // A queue that cannot be filled (for example with an event that only a newer version knows) must not stop
            // the others.
            for _ in 0..PAGES {
                match self.app.run(Actor::System, async move |work| queue::fill(work, id).await).await {
                    Ok(true) => found = true,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%error, endpoint = %id, "an endpoint's queue could not be filled; trying again");
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    async fn due(&self) -> Outcome<DueJobs<webhook_delivery::Model>> {
        let jobs = queue::ready(&self.app).await?;
        Ok(DueJobs { jobs, next: queue::next(&self.app).await?, more: false })
    }

    async fn work(&self, deliveries: Vec<webhook_delivery::Model>) -> usize {
        let mut done = 0;
        for delivery in deliveries {
            let endpoint = webhook_endpoint::Entity::find_by_id(delivery.endpoint_id).one(self.app.reader().db()).await;
            let Some(endpoint) = endpoint.ok().flatten().filter(|endpoint| endpoint.active) else {
                // The endpoint was turned off meanwhile.
                job::give_back::<webhook_delivery::Model>(&self.app, vec![delivery.id]).await;
                continue;
            };
            let attempt = self.send(&delivery, &endpoint).await;
            let noted = worker::note(&self.app, &delivery, || {
                let (app, attempt) = (self.app.clone(), attempt.clone());
                let (id, leased) = (delivery.id, delivery.leased_until);
                async move { note(&app, id, leased, attempt).await }
            });
            done += usize::from(noted.await);
        }
        done
    }

    fn set_aside<'a>(
        &'a self,
        work: &'a mut Work,
        id: WebhookDeliveryId,
        reason: &'a str,
    ) -> BoxFuture<'a, Outcome<bool>> {
        Box::pin(queue::set_aside(work, id, reason))
    }
}

async fn note(app: &App, id: WebhookDeliveryId, leased: Option<DateTime<Utc>>, attempt: Attempt) -> Outcome<bool> {
    app.run(Actor::System, async move |work: &mut Work| queue::note(work, id, leased, &attempt).await).await
}

impl Sender {
    /// Creates a sender. `open` allows any address.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(app: App, open: AnyAddress) -> Result<Self, reqwest::Error> {
        Ok(Self { app, http: client(PATIENCE, open)?, open })
    }

    async fn send(&self, delivery: &webhook_delivery::Model, endpoint: &webhook_endpoint::Model) -> Attempt {
        let at = self.app.now();
        let (status, error) = match self.post(delivery, endpoint).await {
            Ok(status) if (300..400).contains(&status) => (Some(status), Some("redirects are not followed".to_owned())),
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(crate::kit::text::truncated(&error, ERROR))),
        };
        let took_ms = i32::try_from((self.app.now() - at).num_milliseconds()).unwrap_or(i32::MAX);
        Attempt { at, took_ms, status, error }
    }

    async fn post(
        &self,
        delivery: &webhook_delivery::Model,
        endpoint: &webhook_endpoint::Model,
    ) -> Result<u16, String> {
        let url = address::checked(&endpoint.url, self.open.0).map_err(|_| "the address is not allowed".to_owned())?;
        let now = self.app.now();
        let before = endpoint.previous_until.is_some_and(|until| until > now).then(|| endpoint.generation - 1);
        let generations: Vec<i32> = std::iter::once(endpoint.generation).chain(before).collect();
        let (id, timestamp) = (delivery.id.to_string(), now.timestamp());
        let signed = (id.as_str(), timestamp, delivery.body.as_str());
        let signature = sign::signatures(self.app.secret(), endpoint.id, &generations, signed);
        let sent = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(delivery.body.clone())
            .send()
            .await;
        sent.map(|answer| answer.status().as_u16()).map_err(|error| plain(&error))
    }
}

/// An HTTP client for addresses that outsiders chose. It connects only to addresses on the public internet, unless
/// `open`.
///
/// # Errors
/// When it cannot be created.
pub fn client(patience: Duration, open: AnyAddress) -> Result<reqwest::Client, reqwest::Error> {
    let client = outward::client(patience).no_proxy();
    if open.0 { client.build() } else { client.dns_resolver(Arc::new(Public)).https_only(true).build() }
}

/// The error without the address, because the address belongs to somebody else and may contain a key.
#[must_use]
pub fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A resolver that only returns addresses on the public internet.
struct Public;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| address::is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads nowhere on the public internet".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
