//! The HTTP client for requests to other servers. It checks TLS against the certificates of the machine
//! (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), has a time limit and does not follow redirects.

use std::time::Duration;

/// Installs the TLS implementation in this process. May be called more than once.
pub fn prepare() {
    // It fails only if one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The common settings of every HTTP client of this service, with this time limit.
pub fn client(patience: Duration) -> reqwest::ClientBuilder {
    prepare();
    reqwest::Client::builder()
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("ansvar/", env!("CARGO_PKG_VERSION")))
}

/// Whether what is fetched from this URL cannot be replaced by somebody on the network: it uses https, or is on this
/// machine.
#[must_use]
pub fn is_safe(url: &str) -> bool {
    let loopback = ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        let rest = url.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    url.starts_with("https://") || loopback
}
