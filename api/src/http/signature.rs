//! Mail that is signed with its mailbox's key instead of containing it. The header states the body's SHA-256 and signs
//! it, so that a request with a wrong key is refused before its body is read. Pure.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::kit::secret::Secret;
use crate::kit::text::hex;

/// The maximum difference between the signer's clock and the service's. A mail repeated within that time is recognised
/// by its content.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The header `ansvar-signature: t=<seconds since 1970>,sha256=<hex>,v1=<hex>`.
pub struct Signature<'h> {
    at: &'h str,
    sha256: &'h str,
    mac: &'h str,
}

impl<'h> Signature<'h> {
    /// The signature in these headers; `None` without one. A malformed header gives a signature that never verifies.
    #[must_use]
    pub fn of(headers: &'h HeaderMap) -> Option<Self> {
        let text = headers.get("ansvar-signature")?.to_str().unwrap_or_default();
        let part = |name: &str| {
            text.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
        };
        Some(Self { at: part("t"), sha256: part("sha256"), mac: part("v1") })
    }

    /// Whether it was made with this key, at about this time: HMAC-SHA-256 over `<t>.<sha256>`.
    #[must_use]
    pub fn is_by(&self, key: &str, now: DateTime<Utc>) -> bool {
        let at = self.at.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let text = format!("{}.{}", self.at, self.sha256);
        let known = hex(&Secret::new(key.as_bytes()).plain_mac(text.as_bytes()));
        at.is_some_and(|at| (now - at).abs() <= SKEW) && bool::from(known.as_bytes().ct_eq(self.mac.as_bytes()))
    }

    /// Whether it is a signature of this body.
    #[must_use]
    pub fn is_of(&self, body: &[u8]) -> bool {
        hex(&Sha256::digest(body)) == self.sha256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_by_one_key_about_one_body_now() {
        // printf 'Hello' | openssl dgst -sha256; printf '1793606400.185f…' | openssl dgst -sha256 -hmac example
        let sha256 = "185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969";
        let mac = hex(&Secret::new(*b"example").plain_mac(format!("1793606400.{sha256}").as_bytes()));
        let headers =
            |text: String| HeaderMap::from_iter([("ansvar-signature".parse().unwrap(), text.parse().unwrap())]);
        let now = DateTime::from_timestamp(1_793_606_400, 0).unwrap();
        let good = headers(format!("t=1793606400, sha256={sha256}, v1={mac}"));
        let signature = Signature::of(&good).unwrap();
        assert!(signature.is_by("example", now + SKEW) && signature.is_of(b"Hello"));
        assert!(!signature.is_by("example", now + SKEW + TimeDelta::seconds(1)));
        assert!(!signature.is_by("another", now) && !signature.is_of(b"Hello!"));
        for broken in
            [format!("t=1793606401,sha256={sha256},v1={mac}"), format!("sha256={sha256},v1={mac}"), "x".to_owned()]
        {
            assert!(!Signature::of(&headers(broken.clone())).unwrap().is_by("example", now), "{broken}");
        }
        assert!(Signature::of(&HeaderMap::new()).is_none());
    }
}
