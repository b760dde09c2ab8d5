//! Short-lived access tokens, which API clients get with their secret (RFC 6749, 4.4: client credentials). A token is
//! not stored. It is sealed and contains the id of the secret, the time of expiry and the scopes. The client's
//! permissions are looked up at each use.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::client_secret;
use entity::id::{ApiClientId, ClientSecretId, TypedId};
use entity::kind::ApiScope;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{key, session};
use crate::kit::actor::Scopes;
use crate::kit::db::Db;
use crate::kit::secret::Secret;

/// The prefix of every access token.
pub const PREFIX: &str = "at_";
/// How long an access token is valid.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// The content of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The id of the secret with which it was issued.
    pub secret: ClientSecretId,
    /// The scopes of the token. A scope that the client has lost since does not count.
    pub scopes: Scopes,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}

/// Why no token is issued. The texts are the error codes of RFC 6749, 5.2.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The client is unknown, or its secret is wrong or revoked.
    #[error("invalid_client")]
    InvalidClient,
    /// A scope does not exist, or the client does not have it.
    #[error("invalid_scope")]
    InvalidScope,
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] DbErr),
}

/// A request for a token.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// The client's id.
    pub client: &'a str,
    /// The client's secret.
    pub secret: &'a str,
    /// The requested scopes, separated by spaces; all scopes of the client if none.
    pub scope: Option<&'a str>,
}

/// Checks whether a client may have a token, and returns the token's content and the client's id.
///
/// # Errors
/// When the client may not have one.
pub async fn ask(db: &Db, ask: TokenRequest<'_>, now: DateTime<Utc>) -> Result<(Grant, ApiClientId), GrantError> {
    let id: ApiClientId = ask.client.parse().map_err(|_| GrantError::InvalidClient)?;
    let standing = client_secret::Entity::find()
        .filter(client_secret::Column::Hash.eq(key::hash(ask.secret)))
        .filter(client_secret::Column::ClientId.eq(id))
        .filter(client_secret::Column::RevokedAt.is_null());
    let secret = standing.one(db).await?.ok_or(GrantError::InvalidClient)?;
    let own = session::standing_scopes(db, id).await?.ok_or(GrantError::InvalidClient)?;
    let scopes = match ask.scope.map(str::trim).filter(|scope| !scope.is_empty()) {
        None => own,
        Some(names) => Scopes::of(&names.split_ascii_whitespace().map(named).collect::<Result<Vec<_>, _>>()?),
    };
    if scopes.and(own) != scopes {
        return Err(GrantError::InvalidScope);
    }
    Ok((Grant { secret: secret.id, scopes, expires_at: now + LIFETIME }, id))
}

fn named(name: &str) -> Result<ApiScope, GrantError> {
    let known = ApiScope::ALL.iter().copied().find(|scope| key::scope_name(*scope) == name);
    known.ok_or(GrantError::InvalidScope)
}

/// Seals the content into a token.
#[must_use]
pub fn seal(secret: &Secret, grant: Grant) -> String {
    let mut bytes = grant.secret.uuid().as_bytes().to_vec();
    bytes.extend(grant.expires_at.timestamp().to_be_bytes());
    bytes.push(grant.scopes.bits());
    bytes.extend(secret.mac("grant", &bytes));
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The content of a token; none when this service did not issue it.
#[must_use]
pub fn open(secret: &Secret, token: &str) -> Option<Grant> {
    use subtle::ConstantTimeEq;
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let (said, seal) = bytes.split_last_chunk::<32>()?;
    let good: bool = secret.mac("grant", said).ct_eq(seal).into();
    let (id, rest) = said.split_first_chunk::<16>()?;
    let (until, scopes) = rest.split_first_chunk::<8>()?;
    let expires_at = DateTime::from_timestamp(i64::from_be_bytes(*until), 0)?;
    let [scopes] = scopes else { return None };
    good.then(|| Grant { secret: Uuid::from_bytes(*id).into(), scopes: Scopes::from_bits(*scopes), expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_was_sealed_and_no_other_byte_opens() {
        let secret = Secret::new(*b"test");
        let scopes = Scopes::of(&[ApiScope::TasksRead, ApiScope::CallsWrite]);
        let expires_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let grant = Grant { secret: Uuid::from_u128(7).into(), scopes, expires_at };
        let token = seal(&secret, grant);
        assert_eq!(open(&secret, &token), Some(grant));
        assert_eq!(open(&Secret::new(*b"other"), &token), None);
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX).unwrap()).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(open(&secret, &format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed))), None, "{place}");
        }
        for rubbish in ["", "at_", "at_x", "at_åäö", &token[1..]] {
            assert_eq!(open(&secret, rubbish), None, "{rubbish}");
        }
    }
}
