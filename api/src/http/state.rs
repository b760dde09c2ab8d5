//! What the routes have at hand.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};

use super::answer::Refused;
use super::metrics::Metrics;
use super::shutdown::Shutdown;
use crate::access::session::{Session, SessionError};
use crate::access::token::Verifier;
use crate::graphql::Api;
use crate::kit::app::App;

/// Limits and habits of the edge.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// Pages that may call from a browser; `*` for all.
    pub allowed_origins: Vec<String>,
    /// Bytes of a request from anybody.
    pub body_bytes: usize,
    /// Bytes of a request from a seller's systems and staff, who hand in mails.
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
        }
    }
}

/// What the routes have at hand; cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    app: App,
    api: Api,
    verifier: Verifier,
    options: EdgeOptions,
    metrics: Metrics,
    shutdown: Shutdown,
}

impl Edge {
    /// The edge of this service.
    #[must_use]
    pub fn new(app: App, api: Api, verifier: Verifier, options: EdgeOptions) -> Self {
        Self(Arc::new(Inner { app, api, verifier, options, metrics: Metrics::new(), shutdown: Shutdown::new() }))
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
    pub async fn session(&self, headers: &HeaderMap) -> Result<Session, Refused> {
        let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        Session::open(self.app(), self.verifier(), authorization).await.map_err(|error| match error {
            SessionError::Unauthenticated(why) => {
                Refused(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", format!("Not signed in: {why}."))
            }
            SessionError::Store(error) => {
                tracing::error!(%error, "a credential could not be looked up");
                let message = "The service is busy. Try again in a few seconds.".to_owned();
                Refused(StatusCode::SERVICE_UNAVAILABLE, "BUSY", message)
            }
        })
    }

    /// The schema.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.0.api
    }

    /// Who checks tokens.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
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
    pub fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }
}
