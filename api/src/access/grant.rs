//! Short tokens that API clients get by their secret (RFC 6749, 4.4: client credentials). They are sealed and not stored:
//! which secret they were got by, until when, and for which scopes; what the client may do is looked up at each use.

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

/// What every such token begins with.
pub const PREFIX: &str = "at_";
/// How long one is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The secret it was got by.
    pub secret: ClientSecretId,
    /// What it may be used for, if the client still may.
    pub scopes: Scopes,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Why there is no token; the words of RFC 6749, 5.2.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Unknown client, wrong or revoked secret.
    #[error("invalid_client")]
    InvalidClient,
    /// A scope that nobody knows, or that is not this client's.
    #[error("invalid_scope")]
    InvalidScope,
    /// We could not find out.
    #[error(transparent)]
    Store(#[from] DbErr),
}

/// Who asks for a token, by what, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The client's id.
    pub client: &'a str,
    /// Its secret.
    pub secret: &'a str,
    /// The scopes it asks for, divided by spaces; all of its own when left out.
    pub scope: Option<&'a str>,
}

/// Finds out whether a client may have a token, and which client it is.
///
/// # Errors
/// Why not.
pub async fn ask(db: &Db, ask: Ask<'_>, now: DateTime<Utc>) -> Result<(Grant, ApiClientId), GrantError> {
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

/// The token.
#[must_use]
pub fn seal(secret: &Secret, grant: Grant) -> String {
    let mut bytes = grant.secret.uuid().as_bytes().to_vec();
    bytes.extend(grant.expires_at.timestamp().to_be_bytes());
    bytes.push(grant.scopes.bits());
    bytes.extend(secret.mac("grant", &bytes));
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What a token stands for; none when it is not one of ours.
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
