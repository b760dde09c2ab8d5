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
