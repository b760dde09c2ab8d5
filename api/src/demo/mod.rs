//! `ansvar demo`: a small company to try the service with, in a folder of its own.

pub mod company;
pub mod guide;
pub mod quarter;
pub mod stories;
pub mod unfinished;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;

use crate::access::share::ShareOptions;
use crate::access::token::issue;
use crate::config::{Auth, Config, ConfigError, Database, DocumentsOptions, Http, Log, Webhooks};
use crate::graphql::Limits;
use crate::kit::app::App;
use crate::kit::entropy::{Entropy, SystemEntropy};
use company::Company;

/// How long the demo's tokens are valid.
const LIFETIME: TimeDelta = TimeDelta::days(7);
/// The demo's issuer and audience.
const ITSELF: &str = "ansvar-demo";

/// The demo's configuration. Its secret is created at the first start and kept in the folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn config(data: &Path, listen: SocketAddr) -> Result<Config, ConfigError> {
    let unable =
        |error: io::Error| ConfigError(format!("The demo's folder {} cannot be used: {error}.", data.display()));
    std::fs::create_dir_all(data).map_err(unable)?;
    let secret = secret(&data.join("secret")).map_err(unable)?;
    let store = std::path::absolute(unfinished::store(data)).map_err(unable)?;
    Ok(Config {
        public_url: None,
        files: crate::config::FileOptions::default(),
        push: crate::config::PushOptions::default(),
        listen,
        secret: secret.clone(),
        database: Database {
            url: format!("sqlite://{}", store.display()),
            connections: 4,
            acquire_ms: 2_000,
            statement_ms: 5_000,
        },
        auth: Auth { max_lifetime_hours: 24 * 7, ..Auth::with_secret(ITSELF, secret) },
        http: Http { allowed_origins: vec!["*".to_owned()], ..Http::default() },
        limits: Limits::default(),
        rates: ShareOptions::default(),
        documents: DocumentsOptions::default(),
        mail: crate::config::MailOptions::default(),
        metrics: crate::config::MetricsOptions::default(),
        webhooks: Webhooks { anywhere: true },
        log: Log { filter: "warn".to_owned(), json: false },
    })
}

fn secret(file: &Path) -> io::Result<String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::read_to_string(file) {
        Ok(known) => return Ok(known),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut random = [0; 32];
    SystemEntropy.fill(&mut random);
    let secret = URL_SAFE_NO_PAD.encode(random);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(secret.as_bytes())?;
    Ok(secret)
}

/// Tokens for the people and systems of the company.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// The token of an administrator.
    pub admin: String,
    /// The token of a manager.
    pub manager: String,
    /// The token of a member of staff who owns cases.
    pub owner: String,
    /// The token of the other members of staff, by name.
    pub others: BTreeMap<String, String>,
    /// The token of a person at one partner.
    pub partner: String,
    /// The token of a person at another partner.
    pub other_partner: String,
    /// The token of the mail gateway and telephone exchange.
    pub client: String,
}

/// Issues tokens for the company.
///
/// # Errors
/// When a token cannot be signed.
pub fn tokens(config: &Config, app: &App, company: &Company) -> Result<Tokens, ConfigError> {
    let secret = config.auth.secret.clone().unwrap_or_default();
    let token = |subject: String| {
        let names = (config.auth.issuer.as_str(), config.auth.audience.as_str());
        issue(secret.as_bytes(), names, &subject, app.now(), LIFETIME).map_err(|error| ConfigError(error.to_string()))
    };
    Ok(Tokens {
        admin: token(company.admin.to_string())?,
        manager: token(company.manager.to_string())?,
        owner: token(company.owner.to_string())?,
        others: company
            .others
            .iter()
            .map(|(name, id)| Ok((name.clone(), token(id.to_string())?)))
            .collect::<Result<_, ConfigError>>()?,
        partner: token(company.partner.to_string())?,
        other_partner: token(company.other_partner.to_string())?,
        client: token(company.client.to_string())?,
    })
}
