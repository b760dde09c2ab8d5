//! How an account is opened: with a password, or with a token of somebody who may (XOAUTH2).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::Trouble;
use crate::kit::outward;

/// For a token server's answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A token is not used in its last moments: it would end on the way.
const MARGIN: Duration = Duration::from_mins(1);

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

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
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
        let answer: Answer = response.json().await.map_err(|_| refused("its answer holds none".to_owned()))?;
        // Without a time it is used once.
        let life = answer.expires_in.map_or(Duration::ZERO, Duration::from_secs).saturating_sub(MARGIN);
        *last = Some((answer.access_token.clone(), Instant::now() + life));
        Ok(answer.access_token)
    }

    /// Forgets the token: it was not accepted.
    async fn forget(&self) {
        *self.last.lock().await = None;
    }
}

/// What is shown to the mail server.
pub enum Shown {
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
    pub async fn shown(&self) -> Result<Shown, Trouble> {
        match self {
            Self::Password(source) => source.read().await.map(Shown::Password),
            Self::Token(path) => read(path).await.map(Shown::Token),
            Self::Grant(grant) => grant.token().await.map(Shown::Token),
        }
    }

    /// What was shown was not accepted.
    pub async fn refused(&self) {
        if let Self::Grant(grant) = self {
            grant.forget().await;
        }
    }
}

/// What is said in one of the SASL mechanisms that say all in one message; asked further, nothing.
pub struct OneMessage(Option<String>);

impl OneMessage {
    /// `PLAIN` (RFC 4616).
    #[must_use]
    pub fn plain(user: &str, password: &str) -> Self {
        Self(Some(format!("\0{user}\0{password}")))
    }

    /// `XOAUTH2`, as Google and Microsoft describe it.
    #[must_use]
    pub fn token(user: &str, token: &str) -> Self {
        Self(Some(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}")))
    }
}

impl async_imap::Authenticator for OneMessage {
    type Response = String;

    // A server that refuses a token asks once more, with its reason, and wants to hear nothing.
    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}
