//! How an account is opened: with a password, or with a token of somebody who may (XOAUTH2).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Trouble;
use crate::kit::outward;

/// For a token server's answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A token is not used in its last moments: it would end on the way.
const MARGIN: Duration = Duration::from_mins(1);

/// A token is asked for anew after this time, whatever its server says.
const LONGEST: Duration = Duration::from_hours(24);
/// Bytes of a token server's answer at most.
const ANSWER: usize = 64 * 1024;

/// What opens an account. It has no `Debug`: it must not end up in a log.
pub enum Login {
    /// A password.
    Password(Source),
    /// An access token that somebody else keeps fresh in a file.
    Token(PathBuf),
    /// An access token that is asked for.
    Grant(Box<Grant>),
}

/// Where a secret is.
#[derive(Clone)]
pub enum Source {
    /// In the configuration.
    Here(String),
    /// In a file, read whenever it is used: it may be changed while the service runs.
    File(PathBuf),
}

impl Source {
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

/// How a token server is asked for an access token (RFC 6749): with a refresh token (section 6) where there is one, else
/// with the client's own credentials (4.4).
pub struct Grant {
    /// The token endpoint, https.
    pub url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; public clients have none.
    pub client_secret: Option<Source>,
    /// A refresh token.
    pub refresh_token: Option<Source>,
    /// What the token is for.
    pub scope: Option<String>,
    /// The token that was got last, and until when it holds.
    last: Mutex<Option<(String, Instant)>>,
}

impl Grant {
    /// One that has no token yet.
    #[must_use]
    pub fn new(
        url: String,
        client_id: String,
        client_secret: Option<Source>,
        refresh_token: Option<Source>,
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
        // The error's own words may hold the URL, never the form.
        let client = outward::client(PATIENCE).build().map_err(|error| refused(error.to_string()))?;
        let response = client.post(&self.url).form(&form).send().await.map_err(|error| refused(error.to_string()))?;
        let status = response.status();
        if !status.is_success() {
            return Err(refused(format!("it answered {status}")));
        }
        let answer = whole(response).await.ok_or_else(|| refused("its answer is none".to_owned()))?;
        let token = answer.get("access_token").and_then(serde_json::Value::as_str);
        let token = token.ok_or_else(|| refused("its answer holds none".to_owned()))?.to_owned();
        // Some write the number as a text. Without one the token is used once.
        let life = answer.get("expires_in").and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()));
        let life = Duration::from_secs(life.unwrap_or_default()).min(LONGEST).saturating_sub(MARGIN);
        *last = Some((token.clone(), Instant::now() + life));
        Ok(token)
    }

    /// Forgets the token: it was not accepted.
    async fn forget(&self) {
        *self.last.lock().await = None;
    }
}

/// The answer, if it is JSON and no longer than any should be.
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

/// What is shown to the mail server. It has no `Debug`: it must not end up in a log.
pub enum Secret {
    /// A password.
    Password(String),
    /// An access token.
    Token(String),
}

impl Login {
    /// What is to be shown now.
    ///
    /// # Errors
    /// When a file cannot be read, or no token is to be had.
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

    /// What was shown was not accepted.
    pub async fn refused(&self) {
        if let Self::Grant(grant) = self {
            grant.forget().await;
        }
    }
}
