//! Sends due deliveries, in one loop per node. A delivery is claimed before it is sent and its result is recorded
//! after. If a node dies in between, the delivery is sent again with the same id.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use entity::{webhook_delivery, webhook_endpoint};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::queue::{self, Attempt};
use super::{Open, address, sign};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::health::warn_once_a_minute;
use crate::kit::outward;
use crate::kit::rounds::{Round, Rounds};

/// The timeout for a receiver's response (Standard Webhooks: 15 to 30 seconds).
const PATIENCE: Duration = Duration::from_secs(20);
/// The maximum number of deliveries that one node sends at the same time.
const AT_A_TIME: usize = 64;
/// How many characters of an error are stored.
const ERROR: usize = 300;

/// The background task that sends webhooks.
#[derive(Clone)]
pub struct Sender {
    app: App,
    http: reqwest::Client,
    open: Open,
    places: Arc<Semaphore>,
}

impl Sender {
    /// Creates a sender. `open` allows any address.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(app: App, open: Open) -> Result<Self, reqwest::Error> {
        let client = outward::client(PATIENCE).no_proxy();
        let client = if open.0 { client } else { client.dns_resolver(Arc::new(Public)).https_only(true) };
        Ok(Self { app, http: client.build()?, open, places: Arc::new(Semaphore::new(AT_A_TIME)) })
    }

    /// Sends webhooks until the task is dropped. Deliveries in progress are then cancelled, and sent again when their
    /// lease expires.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        let mut rounds = Rounds::of(&self.app, "webhooks");
        async move {
            let mut under_way = JoinSet::new();
            loop {
                rounds.begin().await;
                let round = self.round(&rounds, &mut under_way).await.unwrap_or_else(|error| {
                    warn_once_a_minute("webhooks could not be sent; trying again every second", &error);
                    Round::FAILED
                });
                while under_way.try_join_next().is_some() {}
                rounds.rest(round).await;
            }
        }
    }

    /// Fills the queues and starts to send what is due. It does not wait for receivers, so that a slow one delays
    /// nobody else.
    async fn round(&self, rounds: &Rounds, under_way: &mut JoinSet<()>) -> Outcome<Round> {
        let mut found = false;
        for id in queue::behind(self.app.reader().db()).await? {
            // A queue that cannot be filled (for example with an event that only a newer version knows) must not stop
            // the others.
            match self.app.run(Actor::System, async move |work| queue::fill(work, id).await).await {
                Ok(()) => found = true,
                Err(error) => {
                    tracing::error!(?error, endpoint = %id, "an endpoint's queue could not be filled; trying again");
                }
            }
        }
        for id in queue::ready(&self.app).await? {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { break };
            let taken = self.app.run(Actor::System, async move |work| queue::take(work, id).await).await?;
            if let Some((delivery, endpoint)) = taken {
                found = true;
                let (sender, sending) = (self.clone(), rounds.under_way());
                under_way.spawn(async move {
                    sender.send(delivery, endpoint).await;
                    drop((place, sending));
                });
            }
        }
        Ok(Round { found, next: queue::next(&self.app).await? })
    }

    /// Sends a claimed delivery and records the result.
    async fn send(&self, delivery: webhook_delivery::Model, endpoint: webhook_endpoint::Model) {
        let at = self.app.now();
        let (status, error) = match self.post(&delivery, &endpoint).await {
            Ok(status) if (300..400).contains(&status) => (Some(status), Some("redirects are not followed".to_owned())),
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(crate::kit::text::truncated(&error, ERROR))),
        };
        let took_ms = i32::try_from((self.app.now() - at).num_milliseconds()).unwrap_or(i32::MAX);
        let attempt = Attempt { at, took_ms, status, error };
        let (id, taken) = (delivery.id, delivery.taken_until);
        let noted = self.app.run(Actor::System, async move |work| queue::note(work, id, taken, &attempt).await).await;
        if let Err(error) = noted {
            tracing::error!(?error, %id, "what came of a webhook could not be noted; it is sent again in a minute");
        }
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

/// The error without the address, because the address belongs to the partner and may contain a key.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in 20 seconds".to_owned();
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
