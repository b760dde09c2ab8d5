//! The way out: how this service asks others over HTTP. With TLS checked against the machine's own certificates
//! (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), a time limit, and without following redirects.

use std::time::Duration;

/// Makes TLS possible in this process. Once is enough, and more do no harm.
pub fn prepare() {
    // Whoever is first installs it; that another was quicker is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What a client of ours begins with.
pub fn client(patience: Duration) -> reqwest::ClientBuilder {
    prepare();
    reqwest::Client::builder()
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("ansvar/", env!("CARGO_PKG_VERSION")))
}
