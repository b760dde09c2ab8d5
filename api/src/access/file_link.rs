//! Links to files that need no other credential: where an upload's bytes are sent, and where a file is read for ten
//! minutes. Both are derived from the service's secret, so that nothing about them is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{AttachmentId, TypedId, UploadId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::kit::secret::Secret;
use crate::kit::text::percent_encoded;

/// How long a link to a file can be read.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
const ID: usize = 16;

/// The token of the URL to which the bytes of an upload are sent: 256 bits that nobody can guess. Nothing can be read
/// with it.
#[must_use]
pub fn upload_token(secret: &Secret, id: UploadId) -> String {
    let mut bytes = id.uuid().as_bytes().to_vec();
    bytes.extend(secret.mac("an upload", id.uuid().as_bytes()));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The upload that a token is for; none when this service did not make the token.
#[must_use]
pub fn upload_of(secret: &Secret, token: &str) -> Option<UploadId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, given) = bytes.split_at_checked(ID)?;
    bool::from(given.ct_eq(&secret.mac("an upload", id))).then_some(())?;
    Some(UploadId(Uuid::from_slice(id).ok()?))
}

/// A signature under the link to a file, as the link has it.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'l> {
    /// The second after which the link cannot be read, since 1970.
    pub expires: &'l str,
    /// The signature.
    pub seal: &'l str,
}

/// The path at which this file can be read until [`LIFETIME`] has passed.
#[must_use]
pub fn path(secret: &Secret, id: AttachmentId, name: &str, now: DateTime<Utc>) -> String {
    let expires = (now + LIFETIME).timestamp().to_string();
    // A path must not end with dots, because clients would remove them.
    let name = if name.trim_matches('.').is_empty() { "file" } else { name };
    let id = id.to_string();
    let seal = URL_SAFE_NO_PAD.encode(mac(secret, [&id, name, &expires]));
    format!("/files/{id}/{}?expires={expires}&signature={seal}", percent_encoded(name))
}

/// Whether this service made the link, and it can still be read.
#[must_use]
pub fn opens(secret: &Secret, (id, name): (&str, &str), given: Signature<'_>, now: DateTime<Utc>) -> bool {
    let Ok(seal) = URL_SAFE_NO_PAD.decode(given.seal) else { return false };
    let expires = given.expires.parse::<i64>().unwrap_or(i64::MIN);
    bool::from(seal.ct_eq(&mac(secret, [id, name, given.expires]))) && now.timestamp() < expires
}

/// The seal over the method, the id, the name and the expiry. Each is preceded by its length, so that no part can be
/// moved into its neighbour.
fn mac(secret: &Secret, parts: [&str; 3]) -> [u8; 32] {
    let mut text = Vec::new();
    for part in std::iter::once("GET").chain(parts) {
        text.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        text.extend(part.as_bytes());
    }
    secret.mac("a link to a file", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_file_for_ten_minutes_and_no_changed_one_opens_anything() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let id = AttachmentId(Uuid::from_u128(1));
        let path = path(&secret, id, "å b.png", now);
        let (file, query) = path.split_once('?').unwrap();
        assert_eq!(file, format!("/files/{id}/%C3%A5%20b.png"));
        let (expires, seal) = query.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
        let id = id.to_string();
        let opens = |id: &str, name: &str, expires: &str, seal: &str, now| {
            super::opens(&secret, (id, name), Signature { expires, seal }, now)
        };
        assert!(opens(&id, "å b.png", expires, seal, now));
        assert!(opens(&id, "å b.png", expires, seal, now + LIFETIME - TimeDelta::seconds(1)));
        assert!(!opens(&id, "å b.png", expires, seal, now + LIFETIME));
        let other = AttachmentId(Uuid::from_u128(2)).to_string();
        for (id, name, expires, seal) in [
            (other.as_str(), "å b.png", expires, seal),
            (&id, "b.png", expires, seal),
            (&id, "å b.png", "1900000000", seal),
            (&id, "å b.png", &format!("+{expires}"), seal),
            (&id, "å b.png", expires, &seal[1..]),
            (&id, "å b.png", expires, ""),
            (&format!("{id}å"), " b.png", expires, seal),
        ] {
            assert!(!opens(id, name, expires, seal, now), "{id} {name} {expires} {seal}");
        }
        let stranger = Secret::new(*b"another secret of thirty-two byte");
        assert!(!super::opens(&stranger, (&id, "å b.png"), Signature { expires, seal }, now));
    }

    #[test]
    fn an_upload_takes_bytes_from_whoever_has_its_url() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let id = UploadId(Uuid::from_u128(1));
        let token = upload_token(&secret, id);
        assert_eq!(upload_of(&secret, &token), Some(id));
        for place in 0..token.len() {
            let other = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            assert_eq!(upload_of(&secret, &changed), None, "{changed}");
        }
        for rubbish in ["", "x", "åäö", &token[1..], &format!("{token}A")] {
            assert_eq!(upload_of(&secret, rubbish), None, "{rubbish}");
        }
    }
}
