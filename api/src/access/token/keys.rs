//! The keys with which an issuer's tokens are verified: given at the start, or fetched from the issuer.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::TokenError;
use crate::kit::outward;

/// The shortest time between two fetches of the key set, which is fetched again when a token has an unknown key id.
const REFETCH: TimeDelta = TimeDelta::seconds(60);
/// The most bytes that are read of what an issuer publishes.
const BYTES: usize = 1_000_000;

/// The source of the keys with which tokens are verified.
#[derive(Clone)]
pub enum KeySource {
    /// One key, which is given at the start.
    Fixed(Arc<DecodingKey>),
    /// A key set, which is read from a file at the start.
    Set(JwkSet),
    /// The URL of a key set, which is fetched when it is needed.
    Url(String),
    /// The issuer says where its key set is (`OpenID` Connect Discovery 1.0). Both are fetched when they are needed.
    Discovery,
}

/// The keys of one issuer.
pub(super) struct IssuerKeys {
    algorithm: Algorithm,
    issuer: String,
    source: KeySource,
    http: reqwest::Client,
    /// The keys of the set by their ids.
    known: RwLock<Keys>,
    /// When the set was last fetched. Locked during a fetch, so that there is only one fetch at a time.
    tried_at: Mutex<Option<DateTime<Utc>>>,
}

type Keys = HashMap<String, Arc<DecodingKey>>;

/// What an issuer publishes about itself, as far as this service reads it.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

/// Why a key set could not be fetched.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("it is longer than {BYTES} bytes")]
    TooLong,
    #[error("it is not the JSON that was expected: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("the issuer calls itself {0}")]
    OtherIssuer(String),
    #[error("`jwks_uri` must begin with https://")]
    Unsafe,
}

impl IssuerKeys {
    /// # Errors
    /// When a key set holds no usable key, or the HTTP client cannot be created.
    pub(super) fn new(algorithm: Algorithm, issuer: String, source: KeySource) -> Result<Self, String> {
        let mut known = Keys::new();
        if let KeySource::Set(set) = &source {
            known = usable(set, algorithm);
            if known.is_empty() {
                return Err(format!("the key set holds no {algorithm:?} key with a `kid`"));
            }
        }
        let http = outward::client(Duration::from_secs(5))
            .build()
            .map_err(|error| format!("no HTTP client could be made: {error}"))?;
        Ok(Self { algorithm, issuer, source, http, known: RwLock::new(known), tried_at: Mutex::new(None) })
    }

    /// The key with this id.
    ///
    /// # Errors
    /// When there is none, or it cannot be fetched now.
    pub(super) async fn key(&self, kid: Option<&str>, now: DateTime<Utc>) -> Result<Arc<DecodingKey>, TokenError> {
        if let KeySource::Fixed(key) = &self.source {
            return Ok(Arc::clone(key));
        }
        let kid = kid.ok_or(TokenError::Refused)?;
        if let Some(key) = self.known(kid) {
            return Ok(key);
        }
        if matches!(self.source, KeySource::Set(_)) {
            return Err(TokenError::Refused);
        }
        let mut tried_at = self.tried_at.lock().await;
        // A time in the future was recorded before the clock was set back. It must not prevent fetches until then.
        if tried_at.is_none_or(|tried| tried > now || now - tried >= REFETCH) {
            *tried_at = Some(now);
            match self.fetch().await {
                Ok(set) => {
                    *self.known.write().unwrap_or_else(PoisonError::into_inner) = usable(&set, self.algorithm);
                }
                // The old keys stay in use, because an issuer that is unavailable for a short time must not lock
                // everybody out.
                Err(error) => {
                    tracing::warn!(issuer = self.issuer, %error, "the token issuer's key set could not be fetched");
                }
            }
        }
        let none = self.known.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        self.known(kid).ok_or(if none { TokenError::NoKeys } else { TokenError::Refused })
    }

    /// A key that was fetched before. This does not wait for a fetch.
    fn known(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    async fn fetch(&self) -> Result<JwkSet, FetchError> {
        if let KeySource::Url(url) = &self.source {
            return self.json(url).await;
        }
        let about: Discovered =
            self.json(&format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))).await?;
        // Otherwise one issuer could pass for another.
        if about.issuer != self.issuer {
            return Err(FetchError::OtherIssuer(about.issuer));
        }
        if !outward::is_safe(&about.jwks_uri) {
            return Err(FetchError::Unsafe);
        }
        self.json(&about.jwks_uri).await
    }

    async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let mut response = self.http.get(url).send().await?.error_for_status()?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > BYTES {
                return Err(FetchError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// The keys of a set that fit the algorithm, by their ids.
fn usable(set: &JwkSet, algorithm: Algorithm) -> Keys {
    let fits = |jwk: &&Jwk| jwk.common.key_algorithm.is_none_or(|named| named.to_string().parse() == Ok(algorithm));
    let key = |jwk: &Jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?)));
    set.keys.iter().filter(fits).filter_map(key).collect()
}
