//! The settings of metrics, webhooks, pushes, mail and documents.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::imap::ImapAccount;
use crate::graphql::documents::Policy;

/// The settings of metrics.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsOptions {
    /// Whether `/metrics` is served.
    pub enabled: bool,
    /// The only address where the metrics are served; without one, they are served at the main address.
    pub listen: Option<SocketAddr>,
}

impl Default for MetricsOptions {
    fn default() -> Self {
        Self { enabled: true, listen: None }
    }
}

/// The settings of files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileOptions {
    /// The address at which files are read, if it is another than `public_url`: `https://files.shop.example`. It leads
    /// to this service; a link to a file works on no other host then.
    pub base_url: Option<String>,
    /// The most bytes of an upload by a form or a customer.
    pub public_bytes: u32,
    /// The most bytes of an upload by staff, partners and systems.
    pub signed_in_bytes: u32,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self { base_url: None, public_bytes: 25 * 1024 * 1024, signed_in_bytes: 100 * 1024 * 1024 }
    }
}

/// The settings of webhooks.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether endpoints may have any address, including http and the local network. For development.
    pub anywhere: bool,
}

/// The settings of pushes to apps. Browsers need `public_url` instead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PushOptions {
    /// The operator's relay, which passes pushes on to the services of app stores: `https://push.shop.example/send`. Without
    /// one, no app can register.
    pub relay_url: Option<String>,
    /// The bearer token with which the service says to the relay who it is; at least 32 bytes.
    pub relay_key: Option<String>,
}

/// The settings of mail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailOptions {
    /// The address where the company's mail server delivers mail (LMTP, RFC 2033): `127.0.0.1:2424` or
    /// `unix:/run/ansvar/lmtp`.
    pub lmtp: Option<String>,
    /// The mail server that letters are sent through: `smtp://127.0.0.1:25`, `smtp://host:587?tls=required`,
    /// `smtps://user:password@host`. Without one, letters wait.
    pub smtp: Option<String>,
    /// The name under which the company's own mail server records its checks of senders (RFC 8601). The results of
    /// other servers are ignored.
    pub authserv_id: Option<String>,
    /// Whether the signatures of senders' domains (DKIM, RFC 6376) are checked when that server has recorded nothing.
    /// The keys are looked up in DNS. Needs a build with the feature `mail-auth`.
    pub signatures: bool,
    /// The name servers to ask instead of the machine's: `192.0.2.53`, or `192.0.2.53:5353`.
    pub nameservers: Vec<String>,
    /// Accounts whose mail is fetched.
    pub imap: Vec<ImapAccount>,
}

/// The settings for which documents are accepted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsOptions {
    /// The policy: `open`, `known` or `only`.
    pub policy: Policy,
    /// A JSON object that maps the SHA-256 of each document in hexadecimal to its text, as Relay's and other compilers
    /// write it.
    pub manifest: Option<PathBuf>,
}
