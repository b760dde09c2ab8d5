//! Strict checks of JSON Web Tokens (RFC 7519) from one issuer or several. The algorithm comes from the configuration
//! and never from the token. `exp`, `iat`, `iss`, `sub` and the audience are required. A token is refused if it has
//! critical extensions (RFC 7515, 4.1.11), is issued in the future or has a longer lifetime than configured. What the
//! person may do comes from the store and not from the token.

mod claims;
mod keys;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerId, SellerId};
use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation};
use serde::Deserialize;

use self::claims::Claims;
pub use self::claims::{AudienceClaim, IssuersPerson, LONGEST_NAME, Named, PersonClaim};
use self::keys::IssuerKeys;
pub use self::keys::KeySource;
use crate::kit::actor::Actor;
use crate::texts::{self, Text};

/// The tolerated difference between the clocks of two machines.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// Google writes its issuer with and without the scheme
/// (<https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken>).
const GOOGLE: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// The seller or partner whose people alone an issuer's tokens can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerOf {
    /// Staff and systems of this seller.
    Seller(SellerId),
    /// People and systems of this partner.
    Partner(PartnerId),
}

impl IssuerOf {
    /// Whether the actor is one of these people or systems.
    #[must_use]
    pub fn includes(self, actor: Actor) -> bool {
        match (self, actor) {
            (Self::Seller(of), Actor::Staff { seller, .. } | Actor::Client { seller, .. }) => of == seller,
            (Self::Partner(of), Actor::Partner { partner, .. }) => of == partner,
            _ => false,
        }
    }
}

/// The rules for the tokens of one issuer.
#[derive(Clone)]
pub struct TokenRules {
    /// The only algorithm that is accepted.
    pub algorithm: Algorithm,
    /// The required value of `iss`.
    pub issuer: String,
    /// The required value of the audience, or of one of its values.
    pub audience: String,
    /// The claim with the audience.
    pub audience_claim: AudienceClaim,
    /// The claim that names the person.
    pub person: PersonClaim,
    /// Whose people the tokens can be; none for everybody's.
    pub of: Option<IssuerOf>,
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
    /// The token is valid, but does not have the claim that names the person.
    NoPerson,
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
            Self::NoPerson => texts::access::token_names_nobody(),
        }
    }
}

/// The content of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The issuer, as the configuration names it.
    pub issuer: String,
    /// The person whom the token names.
    pub named: Named,
    /// Whose people the issuer's tokens can be; none for everybody's.
    pub of: Option<IssuerOf>,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}

/// Verifies the tokens of every issuer that is configured.
pub struct Verifier {
    issuers: Vec<Issuer>,
}

struct Issuer {
    rules: TokenRules,
    keys: IssuerKeys,
}

impl Verifier {
    /// A verifier for these rules, of one issuer each.
    ///
    /// # Errors
    /// When a key set holds no usable key, two rules have the same issuer, or the HTTP client cannot be created.
    pub fn new(rules: Vec<TokenRules>) -> Result<Self, String> {
        let mut issuers: Vec<Issuer> = Vec::with_capacity(rules.len());
        for rules in rules {
            if issuers.iter().any(|issuer| issuer.is_named(&rules.issuer)) {
                return Err(format!("the issuer {} is configured twice", rules.issuer));
            }
            let keys = IssuerKeys::new(rules.algorithm, rules.issuer.clone(), rules.key.clone())?;
            issuers.push(Issuer { rules, keys });
        }
        Ok(Self { issuers })
    }

    /// Verifies a token at this time.
    ///
    /// # Errors
    /// When the token is refused.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        let name = named_issuer(token).ok_or(TokenError::Refused)?;
        let issuer = self.issuers.iter().find(|issuer| issuer.is_named(&name)).ok_or(TokenError::Refused)?;
        issuer.verify(token, now).await
    }
}

/// The issuer that a token names. It only selects the rules with which the token is then verified.
fn named_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Iss {
        iss: String,
    }
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice::<Iss>(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok().map(|claims| claims.iss)
}

impl Issuer {
    fn is_named(&self, name: &str) -> bool {
        self.rules.issuer == name || (GOOGLE.contains(&name) && GOOGLE.contains(&self.rules.issuer.as_str()))
    }

    async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Refused)?;
        if header.alg != self.rules.algorithm || header.crit.is_some() {
            return Err(TokenError::Refused);
        }
        let key = self.keys.key(header.kid.as_deref(), now).await?;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &self.validation()).map_err(|_| TokenError::Refused)?.claims;
        if !self.is_named(&claims.iss) || !self.is_for_us(&claims) {
            return Err(TokenError::Refused);
        }
        let expires_at = self.times(&claims, now)?;
        let named = claims.named(self.rules.person).ok_or(TokenError::NoPerson)?;
        Ok(Verified { issuer: self.rules.issuer.clone(), named, of: self.rules.of, expires_at })
    }

    /// When a token expires, if it is valid now.
    fn times(&self, claims: &Claims, now: DateTime<Utc>) -> Result<DateTime<Utc>, TokenError> {
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
            Ok(expires_at)
        }
    }

    /// Whether the token was issued for this service. With `aud` the library has checked it.
    fn is_for_us(&self, claims: &Claims) -> bool {
        match self.rules.audience_claim {
            AudienceClaim::Aud => claims.aud.is_some(),
            AudienceClaim::Azp => claims.azp.as_ref() == Some(&self.rules.audience),
        }
    }

    /// The library checks the syntax, the signature and the audience. The issuer is checked by this service, because
    /// Google has two names, and the times are checked with this service's own clock.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(self.rules.algorithm);
        if self.rules.audience_claim == AudienceClaim::Aud {
            validation.set_audience(&[&self.rules.audience]);
            validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        } else {
            validation.validate_aud = false;
            validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        }
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }
}

/// Issues a token that is signed with a shared secret (HS256). For development and tests; in production an identity
/// provider issues tokens.
///
/// # Errors
/// When the token cannot be signed.
pub fn issue(
    secret: &[u8],
    names: (&str, &str),
    subject: &str,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims::own(names, subject, now, now + lifetime);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret))
}
