//! How to sign in to an account: with a password, or with an access token (XOAUTH2).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Trouble;
use crate::kit::outward;

/// How long the token server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A token is not used in the last minute of its life, because it could expire on the way.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a token is used at most, whatever its server says.
const LONGEST: Duration = Duration::from_hours(24);
/// How many bytes the token server's answer may have.
const ANSWER: usize = 64 * 1024;

/// How to sign in to an account. It has no `Debug`, so that it cannot end up in a log.
pub enum Login {
    /// A password.
    Password(SecretSource),
    /// An access token that another program keeps up to date in a file.
    Token(PathBuf),
    /// An access token that is requested from a token server.
    Grant(Box<Grant>),
}

/// Where a secret is stored.
#[derive(Clone)]
pub enum SecretSource {
    /// In the configuration.
    Here(String),
    /// In a file. It is read at every use, because it may be changed while the service runs.
    File(PathBuf),
}

impl SecretSource {
    async fn read(&self) -> Result<String, Trouble> {
        match self {
            Self::Here(secret) => Ok(secret.clone()),
            Self::File(path) => read(path).await,
        }
    }
}

async fn read(path: &Path) -> Result<String, Trouble> {
    let text = tokio::fs::read_to_string(path).await;
    let text = text.map_err(|error| Trouble::Secret(format!("{} cannot be read: {error}", path.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// How an access token is requested from a token server (RFC 6749): with a refresh token (section 6) if there is one,
/// else with the client's own credentials (4.4).
pub struct Grant {
    /// The URL of the token endpoint, with https.
    pub url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; none for a public client.
    pub client_secret: Option<SecretSource>,
    /// The refresh token; none to use the client's own credentials.
    pub refresh_token: Option<SecretSource>,
    /// The scope of the token.
    pub scope: Option<String>,
    /// The token that was received last, and until when it is used.
    last: Mutex<Option<(String, Instant)>>,
}

impl Grant {
    /// A grant that has no token yet.
    #[must_use]
    pub fn new(
        url: String,
        client_id: String,
        client_secret: Option<SecretSource>,
        refresh_token: Option<SecretSource>,
        scope: Option<String>,
    ) -> Self {
        Self { url, client_id, client_secret, refresh_token, scope, last: Mutex::new(None) }
    }

    async fn token(&self) -> Result<String, Trouble> {
        let mut last = self.last.lock().await;
        if let Some((token, _)) = last.as_ref().filter(|(_, until)| Instant::now() < *until) {
            return Ok(token.clone());
        }
        let mut form = vec![("client_id", self.client_id.clone())];
        if let Some(secret) = &self.client_secret {
            form.push(("client_secret", secret.read().await?));
        }
        match &self.refresh_token {
            Some(token) => {
                form.push(("grant_type", "refresh_token".to_owned()));
                form.push(("refresh_token", token.read().await?));
            }
            None => form.push(("grant_type", "client_credentials".to_owned())),
        }
        if let Some(scope) = &self.scope {
            form.push(("scope", scope.clone()));
        }
        let refused = |what: String| Trouble::Secret(format!("no access token from {}: {what}", self.url));
        // The text of the error may contain the URL, but never the form.
        let client = outward::client(PATIENCE).build().map_err(|error| refused(error.to_string()))?;
        let response = client.post(&self.url).form(&form).send().await.map_err(|error| refused(error.to_string()))?;
        let status = response.status();
        if !status.is_success() {
            return Err(refused(format!("it answered {status}")));
        }
        let answer = whole(response).await.ok_or_else(|| refused("its answer is none".to_owned()))?;
        let token = answer.get("access_token").and_then(serde_json::Value::as_str);
        let token = token.ok_or_else(|| refused("its answer holds none".to_owned()))?.to_owned();
        // Some servers write the number as a string. Without a lifetime the token is used once.
        let life = answer.get("expires_in").and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()));
        let life = Duration::from_secs(life.unwrap_or_default()).min(LONGEST).saturating_sub(MARGIN);
        *last = Some((token.clone(), Instant::now() + life));
        Ok(token)
    }

    /// Forgets the token, because it was not accepted.
    async fn forget(&self) {
        *self.last.lock().await = None;
    }
}

/// The response, if it is JSON and not too long.
async fn whole(mut response: reqwest::Response) -> Option<serde_json::Value> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > ANSWER {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).ok()
}

/// What is sent to the mail server to sign in. It has no `Debug`, so that it cannot end up in a log.
pub enum Secret {
    /// A password.
    Password(String),
    /// An access token.
    Token(String),
}

impl Login {
    /// The secret to send now.
    ///
    /// # Errors
    /// When a file cannot be read, or no token can be obtained.
    pub async fn secret(&self) -> Result<Secret, Trouble> {
        let secret = match self {
            Self::Password(source) => source.read().await.map(Secret::Password),
            Self::Token(path) => read(path).await.map(Secret::Token),
            Self::Grant(grant) => grant.token().await.map(Secret::Token),
        }?;
        let (Secret::Password(text) | Secret::Token(text)) = &secret;
        if text.chars().any(char::is_control) {
            return Err(Trouble::Secret("the password or token must be one line".to_owned()));
        }
        Ok(secret)
    }

    /// Notes that the secret was not accepted. A requested token is forgotten.
    pub async fn refused(&self) {
        if let Self::Grant(grant) = self {
            grant.forget().await;
        }
    }
}
