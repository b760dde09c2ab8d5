//! The settings for tokens: who issues them, how they are verified, and whom they name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::{ConfigError, long_enough, read_file, safe_url, wrong};
use crate::access::token::{AudienceClaim, IssuerOf, KeySource, LONGEST_NAME, PersonClaim, TokenRules};

/// The settings for the tokens of an issuer, and of further issuers. Exactly one of the five key settings must be
/// given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The required value of `iss`.
    pub issuer: String,
    /// The value that the audience must be or contain.
    pub audience: String,
    /// The claim with the audience: `aud`, or `azp` for an issuer that names the application there.
    #[serde(default)]
    pub audience_claim: AudienceClaim,
    /// `HS256` (development), `RS256`, `ES256` or `EdDSA`.
    pub algorithm: Algorithm,
    /// The longest time between `iat` and `exp`, in hours.
    #[serde(default = "default_lifetime")]
    pub max_lifetime_hours: u32,
    /// The claim that says who the person is: `id` (the default: `sub` is an id of this service), `sub`, `tid+oid` or
    /// `email`. All but `id` need `seller` or `partner`.
    #[serde(default)]
    pub person: PersonClaim,
    /// The id of the seller whose people alone this issuer's tokens can be.
    #[serde(default)]
    pub seller: Option<String>,
    /// The id of the partner whose people alone this issuer's tokens can be.
    #[serde(default)]
    pub partner: Option<String>,
    /// For HS256: the shared secret, at least 32 bytes.
    #[serde(default)]
    pub secret: Option<String>,
    /// For the other algorithms: the issuer's public key as PEM.
    #[serde(default)]
    pub public_key_file: Option<PathBuf>,
    /// For the other algorithms: the issuer's key set (RFC 7517).
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// For the other algorithms: the URL where the issuer publishes its key set; https only, except on loopback.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// For the other algorithms: whether the issuer says itself where its key set is (`OpenID` Connect Discovery 1.0).
    /// `issuer` is then a URL: https only, except on loopback.
    #[serde(default)]
    pub discovery: bool,
    /// Further issuers, each with settings of its own.
    #[serde(default)]
    pub issuers: Vec<Auth>,
}

fn default_lifetime() -> u32 {
    24
}

impl Auth {
    /// The settings for tokens that are signed with a shared secret, for development and tests.
    #[must_use]
    pub fn with_secret(issuer: &str, secret: String) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: issuer.to_owned(),
            audience_claim: AudienceClaim::default(),
            algorithm: Algorithm::HS256,
            max_lifetime_hours: default_lifetime(),
            person: PersonClaim::default(),
            seller: None,
            partner: None,
            secret: Some(secret),
            public_key_file: None,
            jwks_file: None,
            jwks_url: None,
            discovery: false,
            issuers: Vec::new(),
        }
    }

    /// The rules of every issuer.
    ///
    /// # Errors
    /// When settings contradict each other, or a key cannot be read.
    pub fn all_rules(&self) -> Result<Vec<TokenRules>, ConfigError> {
        if self.issuers.iter().any(|issuer| !issuer.issuers.is_empty()) {
            return Err(wrong(
                "An issuer of `auth.issuers` cannot have `issuers` itself: list them one after another.",
            ));
        }
        std::iter::once(self).chain(&self.issuers).map(Self::rules).collect()
    }

    fn rules(&self) -> Result<TokenRules, ConfigError> {
        if self.issuer.is_empty() || self.issuer.len() > LONGEST_NAME {
            return Err(wrong(format!("`auth.issuer` must have 1 to {LONGEST_NAME} bytes.")));
        }
        let of = self.issuer_of()?;
        if of.is_none() && self.person != PersonClaim::Id {
            return Err(wrong(format!(
                "The issuer {} needs `seller` or `partner`: its tokens name people by another claim than an id of \
                 this service, and its people may be only of one of these.",
                self.issuer
            )));
        }
        Ok(TokenRules {
            algorithm: self.algorithm,
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            audience_claim: self.audience_claim,
            person: self.person,
            of,
            max_lifetime: TimeDelta::hours(self.max_lifetime_hours.into()),
            key: self.key()?,
        })
    }

    fn issuer_of(&self) -> Result<Option<IssuerOf>, ConfigError> {
        let no_id = |name: &str| wrong(format!("`auth.{name}` must be an id, as `ansvar setup` or the API shows it."));
        match (&self.seller, &self.partner) {
            (None, None) => Ok(None),
            (Some(id), None) => id.parse().map(|id| Some(IssuerOf::Seller(id))).map_err(|_| no_id("seller")),
            (None, Some(id)) => id.parse().map(|id| Some(IssuerOf::Partner(id))).map_err(|_| no_id("partner")),
            (Some(_), Some(_)) => Err(wrong("An issuer has `auth.seller` or `auth.partner`, not both.")),
        }
    }

    fn key(&self) -> Result<KeySource, ConfigError> {
        let symmetric = match self.algorithm {
            Algorithm::HS256 => true,
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA => false,
            other => {
                return Err(wrong(format!(
                    "`auth.algorithm` {other:?} is not served: use RS256, ES256, EdDSA or HS256."
                )));
            }
        };
        let discovery = self.discovery.then_some(());
        match (&self.secret, &self.public_key_file, &self.jwks_file, &self.jwks_url, discovery) {
            (Some(secret), None, None, None, None) if symmetric => {
                Ok(KeySource::Fixed(Arc::new(DecodingKey::from_secret(long_enough(secret, "auth.secret")?))))
            }
            _ if symmetric => Err(wrong("HS256 needs `auth.secret`, and no other key setting.")),
            (None, Some(file), None, None, None) => Ok(KeySource::Fixed(Arc::new(pem(self.algorithm, file)?))),
            (None, None, Some(file), None, None) => Ok(KeySource::Set(key_set(file)?)),
            (None, None, None, Some(url), None) => Ok(KeySource::Url(safe_url(url, "auth.jwks_url")?)),
            (None, None, None, None, Some(())) => {
                safe_url(&self.issuer, "auth.issuer")?;
                Ok(KeySource::Discovery)
            }
            _ => Err(wrong(
                "Give exactly one of `auth.public_key_file`, `auth.jwks_file`, `auth.jwks_url` and `auth.discovery`.",
            )),
        }
    }
}

fn pem(algorithm: Algorithm, file: &Path) -> Result<DecodingKey, ConfigError> {
    let bytes = read_file(file)?;
    let key = match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_pem(&bytes),
        Algorithm::ES256 => DecodingKey::from_ec_pem(&bytes),
        _ => DecodingKey::from_ed_pem(&bytes),
    };
    key.map_err(|_| wrong(format!("{} is not a public key in PEM for {algorithm:?}.", file.display())))
}

fn key_set(file: &Path) -> Result<JwkSet, ConfigError> {
    serde_json::from_slice(&read_file(file)?)
        .map_err(|_| wrong(format!("{} is not a JSON Web Key Set.", file.display())))
}
