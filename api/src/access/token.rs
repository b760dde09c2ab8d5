//! JSON Web Tokens (RFC 7519), strictly: the algorithm comes from the configuration and never from the token; `exp`,
//! `iat`, `aud`, `iss` and `sub` must be there; a token with critical extensions (RFC 7515, 4.1.11), from the future
//! or with a longer life than configured is refused. `sub` is the id of a member of staff, a partner's contact or
//! an API client; what they may do stands in our rows and not in the token.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::kit::outward;

/// Clocks of two machines may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// An unknown key id makes us fetch the key set anew, at most this often.
const REFETCH: TimeDelta = TimeDelta::seconds(60);

/// Where the key is that tokens are checked with.
#[derive(Clone)]
pub enum KeySource {
    /// One key, known from the start.
    Fixed(Arc<DecodingKey>),
    /// A key set from a file, read at the start.
    Set(JwkSet),
    /// A key set at an address, fetched when needed.
    Url(String),
}

/// What tokens must look like.
#[derive(Clone)]
pub struct TokenRules {
    /// The one algorithm accepted.
    pub algorithm: Algorithm,
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or contain.
    pub audience: String,
    /// The longest time between `iat` and `exp`.
    pub max_lifetime: TimeDelta,
    /// The key.
    pub key: KeySource,
}

/// Why a token is refused. Said to the caller, so it names the rule and nothing of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT of ours at all: syntax, signature, issuer, audience or a missing claim.
    #[error(
        "the token is not one we accept: check its signature, `iss`, `aud`, and that `exp`, `iat` and `sub` are there"
    )]
    Refused,
    /// `exp` has passed.
    #[error("the token has expired; get a new one")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet; check the clock of whoever issued it")]
    Early,
    /// More time between `iat` and `exp` than allowed.
    #[error("the token lives longer than this service allows; issue a shorter one")]
    TooLong,
    /// The key set could not be had.
    #[error("the keys to check the token with could not be fetched; try again shortly")]
    NoKeys,
}

impl TokenError {
    /// The same in Swedish.
    #[must_use]
    pub fn swedish(self) -> &'static str {
        match self {
            Self::Refused => {
                "token är ingen som vi godtar: se efter signaturen, `iss`, `aud`, och att `exp`, `iat` och `sub` finns"
            }
            Self::Expired => "token har gått ut; hämta en ny",
            Self::Early => "token gäller inte än; se efter klockan hos den som gav ut den",
            Self::TooLong => "token gäller längre än den här tjänsten tillåter; ge ut en kortare",
            Self::NoKeys => "nycklarna att pröva token med gick inte att hämta; försök snart igen",
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

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who it is.
    pub subject: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Checks tokens.
pub struct Verifier {
    rules: TokenRules,
    http: reqwest::Client,
    /// The keys of the set, by their ids.
    keys: RwLock<Keys>,
    /// When the set was last asked for. Held while it is fetched, so that one asks for all.
    tried_at: Mutex<Option<DateTime<Utc>>>,
}

type Keys = HashMap<String, Arc<DecodingKey>>;

impl Verifier {
    /// A verifier for these rules.
    ///
    /// # Errors
    /// When a key set holds no usable key, or no HTTP client can be made.
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

    /// Checks a token at this time.
    ///
    /// # Errors
    /// Why it is refused.
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

    /// The library checks form, signature, issuer and audience; times are checked against our own clock.
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
        // A time that is yet to come was noted before the clock was put back: it must not keep new keys out until then.
        if tried_at.is_none_or(|tried| tried > now || now - tried >= REFETCH) {
            *tried_at = Some(now);
            match self.fetch(url).await {
                Ok(set) => {
                    *self.keys.write().unwrap_or_else(PoisonError::into_inner) = usable(&set, self.rules.algorithm);
                }
                // The old keys stay: an issuer that is down for a minute must not lock everybody out.
                Err(error) => tracing::warn!(%error, "the token issuer's key set could not be fetched"),
            }
        }
        let none = self.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        self.known(kid).ok_or(if none { TokenError::NoKeys } else { TokenError::Refused })
    }

    /// A key that was fetched before; nobody waits for it.
    fn known(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    async fn fetch(&self, url: &str) -> Result<JwkSet, reqwest::Error> {
        self.http.get(url).send().await?.error_for_status()?.json().await
    }
}

/// The keys of a set that fit the algorithm, by their id.
fn usable(set: &JwkSet, algorithm: Algorithm) -> Keys {
    let fits = |jwk: &&jsonwebtoken::jwk::Jwk| {
        jwk.common.key_algorithm.is_none_or(|named| named.to_string().parse() == Ok(algorithm))
    };
    let key =
        |jwk: &jsonwebtoken::jwk::Jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?)));
    set.keys.iter().filter(fits).filter_map(key).collect()
}

/// Issues a token with a shared secret (HS256). For development and tests: in earnest an identity provider does it.
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
