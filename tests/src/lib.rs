//! Runs the application for tests: [`TestApp`] is a service on a store of its own, with a clock that stands still.
//! There are people to act as, and methods that only use the public API. When a [`TestApp`] is dropped, it checks that
//! no work is left undone.

#![expect(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are read where they are used"
)]

pub mod app;
pub mod by_hand;
pub mod chance;
pub mod client;
pub mod dns;
pub mod faults;
pub mod files;
pub mod golden;
pub mod hostile;
pub mod imap;
pub mod issuer;
pub mod outage;
pub mod people;
pub mod plans;
pub mod post;
pub mod receiver;
pub mod store;
pub mod story;
pub mod watch;

pub use app::TestApp;
pub use client::Client;
pub use imap::Account;
pub use outage::Outage;
pub use people::{Customer, Shop};
pub use post::Sink;
pub use watch::Watch;

/// Returns when this holds; fails when it does not hold in time. For what another process or a peer does. What the
/// service does in the background is waited for with [`TestApp::settle`].
pub async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let given_up = std::time::Instant::now() + watch::PATIENCE;
    while !holds().await {
        assert!(std::time::Instant::now() < given_up, "{what}: it never was so");
        tokio::task::yield_now().await;
    }
}

/// The string in this value.
pub fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}
