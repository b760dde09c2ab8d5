//! What a browser's push service requires: a message that only the browser can decrypt (RFC 8291), and a signed token
//! that names the sender (VAPID, RFC 8292). The key pair of the service is derived from its configured secret, so that
//! all nodes have the same one and none is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use serde_json::json;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::p256::pkcs8::EncodePrivateKey;
use web_push_native::p256::{PublicKey, SecretKey};
use web_push_native::{Auth, encrypt};

use crate::kit::error::{ErrorCode, Problem};
use crate::kit::secret::Secret;
use crate::texts;

/// How long a token is valid; at most 24 hours (RFC 8292, 2).
const LIFETIME: TimeDelta = TimeDelta::hours(12);
/// The length of a browser's secret in bytes (RFC 8291, 3.2).
const AUTH: usize = 16;

/// The private key of this service.
fn key(secret: &Secret) -> Option<SecretKey> {
    // Nearly all strings of 32 bytes are valid keys, so the first attempt almost always succeeds.
    (0_u8..=255).find_map(|number| SecretKey::from_slice(&secret.mac("vapid", &[number])).ok())
}

/// The public key of this service, base64url without padding, for a browser's `applicationServerKey`.
#[must_use]
pub fn public_key(secret: &Secret) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(key(secret)?.public_key().to_encoded_point(false).as_bytes()))
}

/// The `Authorization` header of a request to a push service. `contact` is an address at which its operator can reach
/// the sender.
#[must_use]
pub fn authorization(secret: &Secret, endpoint: &Url, contact: &str, now: DateTime<Utc>) -> Option<String> {
    let key = key(secret)?;
    let der = key.to_pkcs8_der().ok()?;
    let claims = json!({
        "aud": endpoint.origin().ascii_serialization(),
        "exp": (now + LIFETIME).timestamp(),
        "sub": contact,
    });
    let header = Header::new(Algorithm::ES256);
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(der.as_bytes())).ok()?;
    Some(format!("vapid t={token}, k={}", public_key(secret)?))
}

/// Checks the keys that a browser registers.
///
/// # Errors
/// When one of them is not valid.
pub fn check_keys(public_key: &[u8], auth: &[u8]) -> Result<(), Problem> {
    if public_key.len() != 65 || PublicKey::from_sec1_bytes(public_key).is_err() {
        return Err(Problem::new(ErrorCode::Invalid, "reach.webPush.p256dh", texts::push::not_a_key()));
    }
    if auth.len() != AUTH {
        return Err(Problem::new(ErrorCode::Invalid, "reach.webPush.auth", texts::push::not_a_secret()));
    }
    Ok(())
}

/// Encrypts a message for the browser with these keys (content coding `aes128gcm`).
#[must_use]
pub fn sealed(message: &str, public_key: &[u8], auth: &[u8]) -> Option<Vec<u8>> {
    let reader = PublicKey::from_sec1_bytes(public_key).ok()?;
    let auth: [u8; AUTH] = auth.try_into().ok()?;
    encrypt(message.as_bytes().to_vec(), &reader, &Auth::from(auth)).ok()
}

#[cfg(test)]
mod tests {
    use web_push_native::p256::pkcs8::{EncodePublicKey, LineEnding};

    use super::*;

    #[test]
    fn a_browser_reads_what_it_is_sent_and_nobody_else_does() {
        let browser = SecretKey::from_slice(&[7; 32]).unwrap();
        let public = browser.public_key().to_encoded_point(false).as_bytes().to_vec();
        let sent = sealed("{\"kind\":\"MESSAGE_ADDED\"}", &public, &[9; 16]).unwrap();
        let read = web_push_native::decrypt(sent.clone(), &browser, &Auth::from([9; 16])).unwrap();
        assert_eq!(read, b"{\"kind\":\"MESSAGE_ADDED\"}");
        assert!(web_push_native::decrypt(sent, &browser, &Auth::from([8; 16])).is_err());
        assert!(check_keys(&public, &[9; 16]).is_ok());
        assert!(check_keys(&public[1..], &[9; 16]).is_err() && check_keys(&[4; 65], &[9; 16]).is_err());
        assert!(check_keys(&public, &[9; 15]).is_err() && sealed("x", &public, &[9; 15]).is_none());
    }

    #[test]
    fn the_service_says_who_it_is_with_a_key_that_all_nodes_have() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let endpoint = Url::parse("https://push.example/send/1?x=2").unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let said = authorization(&secret, &endpoint, "https://shop.example", now).unwrap();
        let (token, key) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(Some(key), public_key(&secret).as_deref());
        let part = |place: usize| {
            let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(place).unwrap()).unwrap();
            serde_json::from_slice::<serde_json::Value>(&part).unwrap()
        };
        assert_eq!(part(0)["alg"], "ES256");
        let claims = json!({ "aud": "https://push.example", "exp": 1_800_043_200, "sub": "https://shop.example" });
        assert_eq!(part(1), claims);
        let public = PublicKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
        let pem = EncodePublicKey::to_public_key_pem(&public, LineEnding::LF).unwrap();
        let reader = jsonwebtoken::DecodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(Algorithm::ES256);
        rules.set_audience(&["https://push.example"]);
        rules.validate_exp = false;
        assert!(jsonwebtoken::decode::<serde_json::Value>(token, &reader, &rules).is_ok());
        assert_ne!(public_key(&secret), public_key(&Secret::new(*b"another secret of thirty-two byte")));
    }
}
