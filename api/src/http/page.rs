//! A page to try the API, and the schema as a file.

use std::sync::LazyLock;

use async_graphql::http::GraphiQLSource;
use axum::http::header;
use axum::response::{Html, IntoResponse};

/// GraphiQL. Its scripts come from a public content delivery network, so the page also has a plain form for when that
/// is unreachable.
pub async fn graphiql() -> impl IntoResponse {
    let page = GraphiQLSource::build().title("Ansvar").endpoint("/graphql").subscription_endpoint("/graphql").finish();
    let page = page.replace("</body>", &format!("{OUT_OF_REACH}</body>"));
    ([(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")], Html(page))
}

const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline' https://esm.sh blob: data:; \
    style-src 'unsafe-inline' https://esm.sh; font-src https://esm.sh data:; img-src 'self' https://esm.sh data:; \
    worker-src blob:; connect-src 'self' https://esm.sh; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const OUT_OF_REACH: &str = include_str!("out_of_reach.html");

/// The schema as text.
pub async fn schema() -> impl IntoResponse {
    static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], SDL.as_str())
}
