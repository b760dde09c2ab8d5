//! The shared state of the routes.

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
use crate::directory::origin;
use crate::graphql::Api;
use crate::graphql::context::{fault_error, read_error, session_error};
use crate::graphql::documents::Documents;
use crate::graphql::documents::meter::{FOR_NOTHING, too_much};
use crate::graphql::error::code::{Code, ServerErrorExt};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Fault;
use crate::texts;

/// The limits and settings of the edge.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// Origins whose pages may call from a browser; `*` for all.
    pub allowed_origins: Vec<String>,
    /// The maximum size of a request from any caller, in bytes.
    pub body_bytes: usize,
    /// The maximum size of a request from staff, partners' people and systems, who send mails and files, in bytes.
    pub trusted_body_bytes: usize,
    /// The maximum number of selections in a document with its fragments expanded.
    pub selections: usize,
    /// The maximum time for a query or mutation.
    pub request_time: Duration,
    /// The maximum time for a socket to send `connection_init`.
    pub init_time: Duration,
    /// How often a quiet connection is pinged.
    pub ping_every: Duration,
    /// The maximum time for a client to read what it is sent, or to answer a ping.
    pub patience: Duration,
    /// The maximum number of operations on one socket.
    pub operations: usize,
    /// The number of the company's own proxies in front of the service, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// The maximum time for a request's head, and for a connection to be idle between two requests.
    pub head_time: Duration,
    /// The maximum number of values and field names in the JSON of a request from any caller.
    pub body_values: usize,
    /// The same for staff, partners' people and systems.
    pub trusted_body_values: usize,
    /// The minimum speed of a request's body.
    pub pace: Pace,
    /// The maximum number of large bodies (of more than `body_bytes`) processed at the same time; each needs a few
    /// times its size in memory.
    pub large_bodies: usize,
    /// The maximum number of large bodies of one credential that arrive or are processed at the same time.
    pub large_bodies_of_one: usize,
    /// The maximum memory for the large bodies of all callers, in bytes.
    pub large_body_memory: usize,
    /// The maximum memory for responses of all callers that wait for slow readers, in bytes.
    pub answer_memory: usize,
    /// The time over which streams and sockets are ended when the service stops.
    pub stop_spread: Duration,
}

impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            // The longest complaint with every character escaped, and the document around it.
            body_bytes: 160 * 1024,
            // A mail of 30 MiB in base64, and the document around it.
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

/// The parts of an edge besides the service and its options.
pub struct Parts {
    /// Verifies tokens.
    pub verifier: Verifier,
    /// The cache of parsed documents and the stored documents.
    pub documents: Documents,
    /// The callers' shares.
    pub shares: Arc<Shares>,
}

/// The shared state of the routes; cheap to clone.
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
    /// Creates the edge of this service.
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

    /// The session of the caller, from the `Authorization` header.
    ///
    /// # Errors
    /// When the credential is not valid, or cannot be verified now.
    pub async fn session(&self, headers: &HeaderMap, visitor: &Visitor) -> Result<Session, ServerError> {
        let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        self.session_of(authorization, visitor).await
    }

    /// The session of the caller, from the text of an `Authorization` header. A wrong credential is charged to the
    /// visitor.
    ///
    /// # Errors
    /// As [`Edge::session`].
    pub async fn session_of(&self, authorization: Option<&str>, visitor: &Visitor) -> Result<Session, ServerError> {
        let opened = Session::open(self.app(), &self.0.verifier, authorization);
        let opened = tokio::time::timeout(self.options().request_time, opened).await.map_err(|_| given_up())?;
        if matches!(opened, Err(SessionError::Unauthenticated(_) | SessionError::Ended(_))) {
            self.charge_guess(visitor)?;
        }
        let session = opened.map_err(|error| session_error(error).into_server_error(Pos::default()).placeless())?;
        self.check_page(&session, visitor).await?;
        Ok(session)
    }

    /// Refuses a page that uses the key of a widget which lists other pages.
    async fn check_page(&self, session: &Session, visitor: &Visitor) -> Result<(), ServerError> {
        let (Actor::Widget { id, .. }, Some(origin)) = (session.actor, &visitor.origin) else { return Ok(()) };
        let allowed = origin::of(self.app().reader().db(), id).await;
        let allowed = allowed.map_err(|error| read_error(error).into_server_error(Pos::default()).placeless())?;
        if allowed.is_empty() || allowed.contains(origin) {
            return Ok(());
        }
        self.charge_guess(visitor)?;
        Err(Code::Forbidden.server_error(texts::api::page_not_listed()))
    }

    /// The memory places for request bodies.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// The responses that wait to be read.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// The cache of responses about the schema.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.0.prepared
    }

    /// Charges the cost of a request that failed before execution to a caller's share.
    ///
    /// # Errors
    /// When the share is used up.
    pub fn charge(&self, asker: &Asker) -> Result<(), ServerError> {
        self.charge_for(asker, FOR_NOTHING)
    }

    /// Charges this many points to a caller's share; zero costs nothing.
    ///
    /// # Errors
    /// When fewer points are left.
    pub fn charge_for(&self, asker: &Asker, points: u32) -> Result<(), ServerError> {
        if points == 0 {
            return Ok(());
        }
        let level = self.0.shares.take(asker, points);
        if level.wait.is_some() { Err(too_much(level)) } else { Ok(()) }
    }

    /// Charges a wrong credential to the address's separate share for guesses, so that valid credentials from the same
    /// address are not affected.
    ///
    /// # Errors
    /// When the share for guesses is used up.
    pub fn charge_guess(&self, visitor: &Visitor) -> Result<(), ServerError> {
        let level = self.0.shares.guess(&visitor.asks_as(Caller::nobody()), FOR_NOTHING);
        if level.wait.is_some() { Err(too_much(level)) } else { Ok(()) }
    }

    /// The visitor that a request comes from.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap, extensions: &Extensions) -> Visitor {
        Visitor::of(headers, extensions, self.options().trusted_proxies)
    }

    /// The schema.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.0.api
    }

    /// The cache of documents.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.0.documents
    }

    /// The callers' shares.
    #[must_use]
    pub fn shares(&self) -> Arc<Shares> {
        Arc::clone(&self.0.shares)
    }

    /// The limits and settings.
    #[must_use]
    pub fn options(&self) -> &EdgeOptions {
        &self.0.options
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The signal that the service is about to stop.
    #[must_use]
    pub fn shutdown(&self) -> &Arc<Shutdown> {
        &self.0.shutdown
    }
}

/// The error when the service is too busy.
#[must_use]
pub fn busy() -> ServerError {
    fault_error(&Fault::Busy).into_server_error(Pos::default()).placeless()
}
