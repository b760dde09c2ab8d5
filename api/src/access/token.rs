//! Strict checks of JSON Web Tokens (RFC 7519). The algorithm comes from the configuration and never from the token.
//! `exp`, `iat`, `aud`, `iss` and `sub` are required. A token is refused if it has critical extensions (RFC 7515,
//! 4.1.11), is issued in the future or has a longer lifetime than configured. `sub` is the id of a member of staff, a
//! partner's contact or an API client. Their permissions come from the store and not from the token.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::kit::outward;
use crate::texts::{self, Text};

/// The tolerated difference between the clocks of two machines.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// The shortest time between two fetches of the key set, which is fetched again when a token has an unknown key id.
const REFETCH: TimeDelta = TimeDelta::seconds(60);

/// The source of the keys with which tokens are verified.
#[derive(Clone)]
pub enum KeySource {
    /// One key, which is given at the start.
    Fixed(Arc<DecodingKey>),
    /// A key set, which is read from a file at the start.
    Set(JwkSet),
    /// The URL of a key set, which is fetched when it is needed.
    Url(String),
}

/// The rules for tokens.
#[derive(Clone)]
pub struct TokenRules {
    /// The only algorithm that is accepted.
    pub algorithm: Algorithm,
    /// The required value of `iss`.
    pub issuer: String,
    /// The required value of `aud`, or of one of its values.
    pub audience: String,
    /// The longest time between `iat` and `exp`.
    pub max_lifetime: TimeDelta,
    /// The source of the keys.
    pub key: KeySource,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// The token is not a valid JWT for this service: its syntax, signature, issuer or audience is wrong, or a claim is
    /// missing.
    Refused,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` lies in the future.
    Early,
    /// More time between `iat` and `exp` than allowed.
    TooLong,
    /// The key set could not be fetched.
    NoKeys,
}

impl TokenError {
    /// The reason for the caller. It reveals nothing internal.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Refused => texts::access::token_refused(),
            Self::Expired => texts::access::token_expired(),
            Self::Early => texts::access::token_early(),
            Self::TooLong => texts::access::token_too_long(),
            Self::NoKeys => texts::access::no_keys(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    nbf: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The content of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The value of `sub`.
    pub subject: String,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}

/// Verifies tokens.
pub struct Verifier {
    rules: TokenRules,
    http: reqwest::Client,
    /// The keys of the set by their ids.
    keys: RwLock<Keys>,
    /// When the set was last fetched. Locked during a fetch, so that there is only one fetch at a time.
    tried_at: Mutex<Option<DateTime<Utc>>>,
}

type Keys = HashMap<String, Arc<DecodingKey>>;

impl Verifier {
    /// A verifier for these rules.
    ///
    /// # Errors
    /// When a key set holds no usable key, or the HTTP client cannot be created.
    pub fn new(rules: TokenRules) -> Result<Self, String> {
        let mut keys = Keys::new();
        if let KeySource::Set(set) = &rules.key {
            keys = usable(set, rules.algorithm);
            if keys.is_empty() {
                return Err(format!("the key set holds no {:?} key with a `kid`", rules.algorithm));
            }
        }
        let http = outward::client(Duration::from_secs(5))
            .build()
            .map_err(|error| format!("no HTTP client could be made: {error}"))?;
        Ok(Self { rules, http, keys: RwLock::new(keys), tried_at: Mutex::new(None) })
    }

    /// Verifies a token at this time.
    ///
    /// # Errors
    /// When the token is refused.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Refused)?;
        if header.alg != self.rules.algorithm || header.crit.is_some() {
            return Err(TokenError::Refused);
        }
        let key = self.key(header.kid.as_deref(), now).await?;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &self.validation()).map_err(|_| TokenError::Refused)?.claims;
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Refused);
        let (expires_at, issued_at) = (time(claims.exp)?, time(claims.iat)?);
        let begins_at = claims.nbf.map_or(Ok(issued_at), time)?.max(issued_at);
        if expires_at <= now {
            Err(TokenError::Expired)
        } else if begins_at > now + LEEWAY {
            Err(TokenError::Early)
        } else if expires_at - issued_at > self.rules.max_lifetime {
            Err(TokenError::TooLong)
        } else {
            Ok(Verified { subject: claims.sub, expires_at })
        }
    }

    /// The library checks the syntax, the signature, the issuer and the audience. The times are checked by this service
    /// with its own clock.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(self.rules.algorithm);
        validation.set_issuer(&[&self.rules.issuer]);
        validation.set_audience(&[&self.rules.audience]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }

    async fn key(&self, kid: Option<&str>, now: DateTime<Utc>) -> Result<Arc<DecodingKey>, TokenError> {
        if let KeySource::Fixed(key) = &self.rules.key {
            return Ok(Arc::clone(key));
        }
        let kid = kid.ok_or(TokenError::Refused)?;
        if let Some(key) = self.known(kid) {
            return Ok(key);
        }
        let KeySource::Url(url) = &self.rules.key else { return Err(TokenError::Refused) };
        let mut tried_at = self.tried_at.lock().await;
        // A time in the future was recorded before the clock was set back. It must not prevent fetches until then.
        if tried_at.is_none_or(|tried| tried > now || now - tried >= REFETCH) {
            *tried_at = Some(now);
            match self.fetch(url).await {
                Ok(set) => {
                    *self.keys.write().unwrap_or_else(PoisonError::into_inner) = usable(&set, self.rules.algorithm);
                }
                // The old keys stay in use, because an issuer that is unavailable for a short time must not lock
                // everybody out.
                Err(error) => tracing::warn!(%error, "the token issuer's key set could not be fetched"),
            }
        }
        let none = self.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        self.known(kid).ok_or(if none { TokenError::NoKeys } else { TokenError::Refused })
    }

    /// A key that was fetched before. This does not wait for a fetch.
    fn known(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    async fn fetch(&self, url: &str) -> Result<JwkSet, reqwest::Error> {
        self.http.get(url).send().await?.error_for_status()?.json().await
    }
}

/// The keys of a set that fit the algorithm, by their ids.
fn usable(set: &JwkSet, algorithm: Algorithm) -> Keys {
    let fits = |jwk: &&jsonwebtoken::jwk::Jwk| {
        jwk.common.key_algorithm.is_none_or(|named| named.to_string().parse() == Ok(algorithm))
    };
    let key =
        |jwk: &jsonwebtoken::jwk::Jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?)));
    set.keys.iter().filter(fits).filter_map(key).collect()
}

/// Issues a token that is signed with a shared secret (HS256). For development and tests; in production an identity
/// provider issues tokens.
///
/// # Errors
/// When the token cannot be signed.
pub fn issue(
    secret: &[u8],
    (issuer, audience): (&str, &str),
    subject: &str,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: Audience::One(audience.to_owned()),
        sub: subject.to_owned(),
        exp: (now + lifetime).timestamp(),
        iat: now.timestamp(),
        nbf: None,
    };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret))
}
