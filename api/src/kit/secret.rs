//! The service's own secret: what it seals, only it can have sealed.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The service's own secret, from which tokens and seals are derived.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// HMAC-SHA-256 of a text under this secret. The label keeps uses apart.
    #[must_use]
    pub fn mac(&self, label: &str, text: &[u8]) -> [u8; 32] {
        self.over(&[label.as_bytes(), &[0], text])
    }

    /// HMAC-SHA-256 of a text under this secret, as another protocol wants it: for secrets of one use.
    #[must_use]
    pub fn plain_mac(&self, text: &[u8]) -> [u8; 32] {
        self.over(&[text])
    }

    fn over(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length: this cannot fail.
        Hmac::<Sha256>::new_from_slice(&self.0)
            .map_or([0; 32], |mac| parts.iter().fold(mac, Mac::chain_update).finalize().into_bytes().into())
    }
}
