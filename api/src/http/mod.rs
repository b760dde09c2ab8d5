//! The edge: routes, transports, limits, probes. It knows about requests and responses, and nothing about cases.

pub mod accept;
pub mod answer;
pub mod body;
pub mod connections;
mod cors;
pub mod descriptors;
pub mod files;
pub mod form;
pub mod graphql;
pub mod inbound;
pub mod inside;
pub mod json;
pub mod listen;
pub mod metrics;
pub mod multipart;
pub mod oauth;
pub mod outbox;
pub mod page;
pub mod places;
pub mod prepared;
pub mod probes;
pub mod request;
pub mod results;
pub mod shutdown;
pub mod signature;
pub mod sse;
pub mod state;
pub mod stored;
pub mod takeover;
mod task_form;
pub mod task_page;
pub mod trace;
pub mod uploads;
pub mod visitor;
pub mod ws;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use state::{Edge, EdgeOptions, Parts};

/// The routes of the service. `metrics` says whether they include the metrics.
pub fn router(edge: Edge, metrics: bool) -> Router {
    let cors = cors::layer(&edge);
    // An address with a token in it is all the credential that these routes take, so a page of any origin may use them.
    let uploads = Router::new().route("/uploads/{token}", any(uploads::any)).layer(cors::open());
    let uploads = uploads.layer(axum::middleware::from_fn_with_state(edge.clone(), uploads::announce));
    let linked = Router::new().route("/files/{id}/{name}", get(files::linked)).layer(cors::open());
    let routes = Router::new()
        .route("/", get(page::graphiql))
        .route("/graphql", any(graphql::any))
        .route("/graphql/stream", any(graphql::stream))
        .route("/schema.graphql", get(page::schema))
        .route("/files/{id}", get(files::get))
        .route("/tasks/{token}", get(task_page::show).post(task_page::act))
        .route("/tasks/{token}/link", post(task_page::link))
        .route("/tasks/{token}/files/{id}", get(task_page::file))
        .route("/oauth/token", post(oauth::token).layer(DefaultBodyLimit::max(oauth::BODY)))
        .route("/inbound/{mailbox}", post(inbound::post).layer(DefaultBodyLimit::max(inbound::BODY)))
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready));
    let routes = if metrics { routes.route("/metrics", get(probes::metrics)) } else { routes };
    routes
        .layer(cors)
        .merge(uploads)
        .merge(linked)
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(axum::middleware::from_fn_with_state(edge.clone(), trace::request))
        .with_state(edge)
}

/// A router with the metrics only, for an address of its own.
pub fn metrics_router(edge: Edge) -> Router {
    Router::new().route("/metrics", get(probes::metrics)).with_state(edge)
}
