//! What the routes have at hand.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Pos, ServerError};
use axum::http::{Extensions, HeaderMap, header};

use super::body::Pace;
use super::graphql::given_up;
use super::metrics::Metrics;
use super::outbox::Outbox;
use super::places::{Places, Sizes};
use super::prepared::Prepared;
use super::shutdown::Shutdown;
use super::visitor::Visitor;
use crate::access::session::{Caller, Session, SessionError};
use crate::access::share::{Asker, Shares};
use crate::access::token::Verifier;
use crate::graphql::Api;
use crate::graphql::code::ServerErrorExt;
use crate::graphql::context::{fault_error, session_error};
use crate::graphql::documents::Documents;
use crate::graphql::meter::{FOR_NOTHING, too_much};
use crate::kit::app::App;
use crate::kit::error::Fault;

/// Limits and habits of the edge.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// Pages that may call from a browser; `*` for all.
    pub allowed_origins: Vec<String>,
    /// Bytes of a request from anybody.
    pub body_bytes: usize,
    /// Bytes of a request from staff, partners' people and systems, who send mails and files.
    pub trusted_body_bytes: usize,
    /// Selections of a document with its fragments written out.
    pub selections: usize,
    /// How long a query or mutation may take.
    pub request_time: Duration,
    /// How long a socket may wait before it says who it is.
    pub init_time: Duration,
    /// How often a quiet connection is checked.
    pub ping_every: Duration,
    /// How long a client may take to read what it is sent, or to answer a check.
    pub patience: Duration,
    /// Operations on one socket.
    pub operations: usize,
    /// Proxies of our own before the service, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// How long a client may take to send a request's head, or leave a connection idle between two.
    pub head_time: Duration,
    /// Values and names of fields in the JSON of a request from anybody.
    pub body_values: usize,
    /// The same from staff, partners' people and systems.
    pub trusted_body_values: usize,
    /// How fast a request's body has to arrive.
    pub pace: Pace,
    /// Large bodies (of more than `body_bytes`) worked on at one time; each takes a few times its bytes.
    pub large_bodies: usize,
    /// Large bodies of one credential that arrive or are worked on at one time.
    pub large_bodies_of_one: usize,
    /// Bytes of large bodies in memory, of all callers together.
    pub large_body_memory: usize,
    /// Bytes of answers that wait for slow readers, of all callers together.
    pub answer_memory: usize,
    /// Over how long streams and sockets are ended when the service stops.
    pub stop_spread: Duration,
}

impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            // The longest complaint with every letter escaped, and the document around it.
            body_bytes: 160 * 1024,
            // A mail of 30 MiB in base 64, and the document around it.
            trusted_body_bytes: 42 * 1024 * 1024,
            selections: 2_000,
            request_time: Duration::from_secs(10),
            init_time: Duration::from_secs(5),
            ping_every: Duration::from_secs(15),
            patience: Duration::from_secs(10),
            operations: 20,
            trusted_proxies: 0,
            head_time: Duration::from_secs(75),
            body_values: 2_000,
            trusted_body_values: 100_000,
            pace: Pace { time: Duration::from_mins(1), grace: Duration::from_secs(10), per_second: 8 * 1024 },
            large_bodies: 4,
            large_bodies_of_one: 3,
            large_body_memory: 256 * 1024 * 1024,
            answer_memory: 64 * 1024 * 1024,
            stop_spread: Duration::from_secs(5),
        }
    }
}

/// What an edge is made of, beside the service and its options.
pub struct Parts {
    /// Who checks tokens.
    pub verifier: Verifier,
    /// The documents.
    pub documents: Documents,
    /// Everybody's share.
    pub shares: Arc<Shares>,
}

/// What the routes have at hand; cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    app: App,
    api: Api,
    verifier: Verifier,
    documents: Documents,
    shares: Arc<Shares>,
    options: EdgeOptions,
    places: Places,
    outbox: Outbox,
    prepared: Prepared,
    metrics: Metrics,
    shutdown: Arc<Shutdown>,
}

impl Edge {
    /// The edge of this service.
    #[must_use]
    pub fn new(app: App, api: Api, parts: Parts, options: EdgeOptions) -> Self {
        let Parts { verifier, documents, shares } = parts;
        let shutdown = Arc::new(Shutdown::new(options.stop_spread, app.clone()));
        let places = Places::new(Sizes {
            small: options.body_bytes,
            large_in_all: options.large_body_memory,
            at_once: options.large_bodies,
            of_one: options.large_bodies_of_one,
            patience: options.patience,
        });
        let outbox = Outbox::new(options.answer_memory, options.patience);
        let (metrics, prepared) = (Metrics::new(), Prepared::default());
        Self(Arc::new(Inner {
            app,
            api,
            verifier,
            documents,
            shares,
            options,
            places,
            outbox,
            prepared,
            metrics,
            shutdown,
        }))
    }

    /// The service.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// Who asks, by the `Authorization` header.
    ///
    /// # Errors
    /// When it is no credential of ours, or this cannot be found out now.
    pub async fn session(&self, headers: &HeaderMap, visitor: &Visitor) -> Result<Session, ServerError> {
        let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        self.session_of(authorization, visitor).await
    }

    /// Who asks, by the text of an `Authorization` header. Who shows a wrong one pays for the looking up.
    ///
    /// # Errors
    /// As [`Edge::session`].
    pub async fn session_of(&self, authorization: Option<&str>, visitor: &Visitor) -> Result<Session, ServerError> {
        let opened = Session::open(self.app(), &self.0.verifier, authorization);
        let opened = tokio::time::timeout(self.options().request_time, opened).await.map_err(|_| given_up())?;
        if matches!(opened, Err(SessionError::Unauthenticated(_) | SessionError::Ended(_))) {
            self.charge_guess(visitor)?;
        }
        opened.map_err(|error| session_error(error).into_server_error(Pos::default()).placeless())
    }

    /// Places for bodies.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// Answers on their way.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// Answers about the contract.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.0.prepared
    }

    /// Takes out of a caller's share what a request costs that came to nothing.
    ///
    /// # Errors
    /// When there is nothing left of it.
    pub fn charge(&self, asker: &Asker) -> Result<(), ServerError> {
        self.charge_for(asker, FOR_NOTHING)
    }

    /// Takes so many points out of a caller's share; none is nothing.
    ///
    /// # Errors
    /// When there are not as many left.
    pub fn charge_for(&self, asker: &Asker, points: u32) -> Result<(), ServerError> {
        if points == 0 {
            return Ok(());
        }
        let level = self.0.shares.take(asker, points);
        if level.wait.is_some() { Err(too_much(level)) } else { Ok(()) }
    }

    /// Takes what a wrong credential costs out of what its address may guess; the right one there is none the worse for it.
    ///
    /// # Errors
    /// When there is nothing left to guess.
    pub fn charge_guess(&self, visitor: &Visitor) -> Result<(), ServerError> {
        let level = self.0.shares.guess(&visitor.asks_as(Caller::nobody()), FOR_NOTHING);
        if level.wait.is_some() { Err(too_much(level)) } else { Ok(()) }
    }

    /// Where a request comes from.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap, extensions: &Extensions) -> Visitor {
        Visitor::of(headers, extensions, self.options().trusted_proxies)
    }

    /// The schema.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.0.api
    }

    /// The documents.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.0.documents
    }

    /// Everybody's share.
    #[must_use]
    pub fn shares(&self) -> Arc<Shares> {
        Arc::clone(&self.0.shares)
    }

    /// Limits and habits.
    #[must_use]
    pub fn options(&self) -> &EdgeOptions {
        &self.0.options
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub fn shutdown(&self) -> &Arc<Shutdown> {
        &self.0.shutdown
    }
}

/// "The service has too much to do."
#[must_use]
pub fn busy() -> ServerError {
    fault_error(&Fault::Busy).into_server_error(Pos::default()).placeless()
}
