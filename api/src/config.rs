//! Every setting, limit and secret, typed in one place: defaults, then a TOML file, then the environment
//! (`ANSVAR__DATABASE__URL` sets `url` in `[database]`). An unknown setting is an error, so that a misspelt limit is
//! not ignored.

mod auth;
pub mod imap;
mod parts;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

pub use self::auth::Auth;
pub use self::parts::{DocumentsOptions, FileOptions, MailOptions, MetricsOptions, PushOptions, Webhooks};
use crate::access::share::ShareOptions;
use crate::access::token::TokenRules;
use crate::graphql::Limits;
use crate::graphql::documents::Documents;
use crate::graphql::documents::meter;
use crate::http::EdgeOptions;
use crate::http::body::Pace;
use crate::kit::file_settings::FileSettings;
use crate::kit::outward;
use crate::kit::secret::Secret;
use crate::kit::store::StoreOptions;
use crate::push::send::Relay;

/// The maximum of `http.stop_spread_ms` in milliseconds. A service that stops closes the remaining connections after
/// twenty seconds.
const LONGEST_SPREAD: u64 = 15_000;
/// The minimum length of a secret in bytes: the length of a SHA-256 value.
const SECRET_BYTES: usize = 32;

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; with port 0, the system chooses a free port.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The address at which the service's own pages are reached from outside, without a path of a page:
    /// `https://complaints.shop.example`. Without one, no link to a task can be mailed to a
    /// partner, and no browser can register for pushes.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The service's own secret, from which tracking tokens and cursors are derived: at least 32 bytes. All nodes must
    /// have the same one. Changing it invalidates all tracking links.
    pub secret: String,
    /// The settings of the store.
    pub database: Database,
    /// The settings for tokens.
    pub auth: Auth,
    /// The settings of the edge.
    #[serde(default)]
    pub http: Http,
    /// The limits for one document.
    #[serde(default)]
    pub limits: Limits,
    /// The rate limits of callers.
    #[serde(default)]
    pub rates: ShareOptions,
    /// The settings for which documents are accepted.
    #[serde(default)]
    pub documents: DocumentsOptions,
    /// The settings of files.
    #[serde(default)]
    pub files: FileOptions,
    /// The settings of webhooks.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// The settings of pushes.
    #[serde(default)]
    pub push: PushOptions,
    /// The settings of mail.
    #[serde(default)]
    pub mail: MailOptions,
    /// The settings of metrics.
    #[serde(default)]
    pub metrics: MetricsOptions,
    /// The settings of the log.
    #[serde(default)]
    pub log: Log,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// The settings of the store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:///var/lib/ansvar/ansvar.db` or `postgres://user@host/database`.
    pub url: String,
    /// The number of connections for reading; PostgreSQL gets the same number again for writing.
    #[serde(default = "default_connections")]
    pub connections: u32,
    /// How many milliseconds a request waits for a connection before it is refused because the service is busy.
    #[serde(default = "default_acquire_ms")]
    pub acquire_ms: u64,
    /// The maximum time of one statement in milliseconds. PostgreSQL then cancels it; the service waits for the reply
    /// one second longer.
    #[serde(default = "default_statement_ms")]
    pub statement_ms: u64,
}

fn default_statement_ms() -> u64 {
    5_000
}

fn default_connections() -> u32 {
    10
}

fn default_acquire_ms() -> u64 {
    2_000
}

/// The settings of the edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Origins of pages that may call from a browser, such as `https://shop.example`; `*` for all.
    pub allowed_origins: Vec<String>,
    /// The maximum size of a request from any caller, in bytes.
    pub body_bytes: usize,
    /// The maximum size of a request from staff, partners' people and systems, who send mails and files, in bytes.
    pub trusted_body_bytes: usize,
    /// The maximum number of selections in a document with its fragments expanded.
    pub selections: usize,
    /// The maximum time for a query or mutation, in milliseconds.
    pub request_ms: u64,
    /// The maximum number of operations on one socket.
    pub operations_per_socket: usize,
    /// The maximum time for a request's head, and for a connection to be idle between two requests, in milliseconds. It
    /// must be longer than the idle timeout of a proxy in front of the service, or the proxy uses connections that were
    /// just closed.
    pub head_ms: u64,
    /// The interval of heartbeats on a quiet stream or socket, in milliseconds.
    pub ping_ms: u64,
    /// The maximum time for a client to read what it is sent, or to answer a heartbeat, in milliseconds.
    pub patience_ms: u64,
    /// The number of the company's own proxies in front of the service. Each appends the address that called it to
    /// `X-Forwarded-For`; entries that a client wrote itself are ignored.
    pub trusted_proxies: usize,
    /// The maximum number of values and field names in the JSON of a request from any caller.
    pub body_values: usize,
    /// The same for staff, partners' people and systems.
    pub trusted_body_values: usize,
    /// The maximum time for a request's body to arrive, in milliseconds.
    pub body_ms: u64,
    /// After how many milliseconds a body must have the speed of `body_bytes_per_second`.
    pub body_grace_ms: u64,
    /// The minimum speed of a body in bytes per second, on average.
    pub body_bytes_per_second: u32,
    /// The maximum number of large bodies (of more than `body_bytes`) processed at the same time.
    pub large_bodies: usize,
    /// The maximum number of large bodies of one credential that arrive or are processed at the same time.
    pub large_bodies_per_credential: usize,
    /// The maximum memory for the large bodies of all callers, in bytes.
    pub large_body_memory: usize,
    /// The maximum memory for responses of all callers that wait to be read, in bytes.
    pub answer_memory: usize,
    /// The maximum number of connections; by default as many as there are file descriptors for, but at most 20,000.
    pub connections: Option<usize>,
    /// The maximum number of connections from one address or one IPv6 /64; by default a quarter of all. Not used with
    /// `trusted_proxies`.
    pub connections_per_address: Option<usize>,
    /// The time over which streams and sockets are ended when the service stops, in milliseconds.
    pub stop_spread_ms: u64,
}

impl Default for Http {
    fn default() -> Self {
        let edge = EdgeOptions::default();
        Self {
            allowed_origins: edge.allowed_origins,
            body_bytes: edge.body_bytes,
            trusted_body_bytes: edge.trusted_body_bytes,
            selections: edge.selections,
            request_ms: 10_000,
            operations_per_socket: edge.operations,
            head_ms: 75_000,
            ping_ms: 15_000,
            patience_ms: 10_000,
            trusted_proxies: edge.trusted_proxies,
            body_values: edge.body_values,
            trusted_body_values: edge.trusted_body_values,
            body_ms: 60_000,
            body_grace_ms: 10_000,
            body_bytes_per_second: edge.pace.per_second,
            large_bodies: edge.large_bodies,
            large_bodies_per_credential: edge.large_bodies_of_one,
            large_body_memory: edge.large_body_memory,
            answer_memory: edge.answer_memory,
            connections: None,
            connections_per_address: None,
            stop_spread_ms: 5_000,
        }
    }
}

/// The settings of the log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Which messages are logged, in the syntax of `tracing_subscriber::EnvFilter`: `info`, `ansvar=debug,warn`.
    pub filter: String,
    /// Whether each line is a JSON object, for machines; otherwise text.
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), json: false }
    }
}

/// The reason why the service does not start, as a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

fn wrong(sentence: impl Into<String>) -> ConfigError {
    ConfigError(sentence.into())
}

impl Config {
    /// Reads the file, if one is named, and then the environment, which takes precedence.
    ///
    /// # Errors
    /// A message that names the setting.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment =
            config::Environment::with_prefix("ANSVAR").prefix_separator("__").separator("__").try_parsing(true);
        let settings = builder.add_source(environment).build();
        settings
            .and_then(config::Config::try_deserialize)
            .map_err(|error| wrong(format!("The configuration cannot be used: {error}. See docs/configuration.md.")))
    }

    /// The store's options.
    ///
    /// # Errors
    /// When the URL is neither for SQLite nor for PostgreSQL.
    pub fn store(&self) -> Result<StoreOptions, ConfigError> {
        let url = &self.database.url;
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(wrong("`database.url` must begin with sqlite:// or postgres://."));
        }
        Ok(StoreOptions {
            url: url.clone(),
            connections: self.database.connections.max(1),
            acquire_timeout: Duration::from_millis(self.database.acquire_ms),
            statement_time: Duration::from_millis(self.database.statement_ms.max(1)),
        })
    }

    /// The service's own secret.
    ///
    /// # Errors
    /// When it is too short.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        long_enough(&self.secret, "secret").map(Secret::new)
    }

    /// The address at which the service's own pages are reached from outside, without a slash at its end.
    ///
    /// # Errors
    /// When it is not an https address; http is only for loopback.
    pub fn public_url(&self) -> Result<Option<String>, ConfigError> {
        let Some(url) = &self.public_url else { return Ok(None) };
        let url = safe_url(url, "public_url")?;
        if url.contains(['?', '#']) {
            return Err(wrong("`public_url` is an address without a query: pages are added to it."));
        }
        Ok(Some(url.trim_end_matches('/').to_owned()))
    }

    /// The settings of files.
    ///
    /// # Errors
    /// When the address is not an https address (http is only for loopback), or has a path.
    pub fn files(&self) -> Result<FileSettings, ConfigError> {
        let FileOptions { base_url, public_bytes, signed_in_bytes } = &self.files;
        let base_url = base_url.as_deref().map(|url| safe_url(url, "files.base_url")).transpose()?;
        let base_url = base_url.map(|url| url.trim_end_matches('/').to_owned());
        if base_url.as_deref().is_some_and(|url| url.matches('/').count() > 2 || url.contains(['?', '#'])) {
            return Err(wrong("`files.base_url` is an address without a path: files are added to it."));
        }
        let (public_bytes, signed_in_bytes) = (i64::from(*public_bytes), i64::from(*signed_in_bytes));
        if public_bytes.max(signed_in_bytes) > i64::from(i32::MAX) {
            return Err(wrong("`files.public_bytes` and `files.signed_in_bytes` can be 2147483647 at most."));
        }
        Ok(FileSettings { public_bytes, signed_in_bytes, base_url })
    }

    /// The relay for pushes to apps, if there is one.
    ///
    /// # Errors
    /// When its address is not an https address, or its key is missing or too short.
    pub fn relay(&self) -> Result<Option<Relay>, ConfigError> {
        let Some(url) = &self.push.relay_url else { return Ok(None) };
        let url = safe_url(url, "push.relay_url")?;
        let url = url.parse().map_err(|error| wrong(format!("`push.relay_url` is no address: {error}.")))?;
        let key = self.push.relay_key.as_deref().ok_or_else(|| wrong("`push.relay_url` needs `push.relay_key`."))?;
        long_enough(key, "push.relay_key")?;
        Ok(Some(Relay { url, key: key.to_owned() }))
    }

    /// The rules for accepting tokens, of every issuer.
    ///
    /// # Errors
    /// When the key settings contradict each other or the key cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenRules>, ConfigError> {
        self.auth.all_rules()
    }

    /// The cache of documents, with those of the manifest.
    ///
    /// # Errors
    /// When the manifest cannot be read or used.
    pub fn documents(&self) -> Result<Documents, ConfigError> {
        let manifest = self.documents.manifest.as_deref().map(read_file).transpose()?;
        let manifest = manifest.map(String::from_utf8).transpose().map_err(|_| wrong("The manifest is not UTF-8."))?;
        Documents::new(self.documents.policy, manifest.as_deref())
            .map(|documents| documents.with_selections(self.http.selections))
            .map_err(|error| wrong(format!("`documents.manifest` cannot be used: {error}.")))
    }

    /// The rate limits of callers.
    ///
    /// # Errors
    /// When a limit is too small or too large, or an allowed document could cost more than a caller's share.
    pub fn shares(&self) -> Result<ShareOptions, ConfigError> {
        let body = meter::for_reading(self.http.trusted_body_bytes, self.http.trusted_body_values);
        let largest = u32::try_from(self.limits.complexity).unwrap_or(u32::MAX).saturating_add(meter::ACT);
        let largest = largest.saturating_add(body);
        let http = &self.http;
        if http.large_body_memory < http.trusted_body_bytes.max(crate::http::inbound::BODY) {
            return Err(wrong("`http.large_body_memory` must have room for one body of `http.trusted_body_bytes`."));
        }
        if http.stop_spread_ms > LONGEST_SPREAD {
            return Err(wrong(format!("`http.stop_spread_ms` must be {LONGEST_SPREAD} or less: then all are cut.")));
        }
        if self.rates.streams == 0 || self.http.ping_ms == 0 {
            return Err(wrong("`rates.streams` and `http.ping_ms` must be 1 or more."));
        }
        if self.rates.signed_in.burst.get() < largest {
            return Err(wrong(format!(
                "`rates.signed_in.burst` must be {largest} or more: what a document may ask for at most (`limits.complexity`), 100 for an act, and the largest body."
            )));
        }
        Ok(self.rates)
    }

    /// The edge's options.
    #[must_use]
    pub fn edge(&self) -> EdgeOptions {
        EdgeOptions {
            allowed_origins: self.http.allowed_origins.clone(),
            body_bytes: self.http.body_bytes,
            trusted_body_bytes: self.http.trusted_body_bytes,
            selections: self.http.selections,
            request_time: Duration::from_millis(self.http.request_ms),
            operations: self.http.operations_per_socket,
            head_time: Duration::from_millis(self.http.head_ms),
            ping_every: Duration::from_millis(self.http.ping_ms),
            patience: Duration::from_millis(self.http.patience_ms),
            trusted_proxies: self.http.trusted_proxies,
            body_values: self.http.body_values,
            trusted_body_values: self.http.trusted_body_values,
            pace: Pace {
                time: Duration::from_millis(self.http.body_ms),
                grace: Duration::from_millis(self.http.body_grace_ms),
                per_second: self.http.body_bytes_per_second,
            },
            large_bodies: self.http.large_bodies,
            large_bodies_of_one: self.http.large_bodies_per_credential,
            large_body_memory: self.http.large_body_memory,
            answer_memory: self.http.answer_memory,
            stop_spread: Duration::from_millis(self.http.stop_spread_ms),
            ..EdgeOptions::default()
        }
    }
}

fn long_enough<'a>(secret: &'a str, name: &str) -> Result<&'a [u8], ConfigError> {
    if secret.len() >= SECRET_BYTES {
        return Ok(secret.as_bytes());
    }
    Err(wrong(format!("`{name}` must have {SECRET_BYTES} bytes or more; make one with: openssl rand -base64 32")))
}

fn read_file(file: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(file).map_err(|error| wrong(format!("{} cannot be read: {error}.", file.display())))
}

/// Checks a URL: without https, somebody on the network could replace what is fetched from it.
fn safe_url(url: &str, name: &str) -> Result<String, ConfigError> {
    if outward::is_safe(url) { Ok(url.to_owned()) } else { Err(wrong(format!("`{name}` must begin with https://."))) }
}
