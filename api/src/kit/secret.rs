//! The secret of the service. Only the service can have made a seal with it.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The secret of the service, from which tokens and seals are derived.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret with these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// HMAC-SHA-256 of a text with this secret. The label separates the different uses of the secret.
    #[must_use]
    pub fn mac(&self, label: &str, text: &[u8]) -> [u8; 32] {
        self.over(&[label.as_bytes(), &[0], text])
    }

    /// HMAC-SHA-256 of a text without a label, as other protocols define it. For secrets that have only one use.
    #[must_use]
    pub fn plain_mac(&self, text: &[u8]) -> [u8; 32] {
        self.over(&[text])
    }

    fn over(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC accepts keys of any length, so this cannot fail.
        Hmac::<Sha256>::new_from_slice(&self.0)
            .map_or([0; 32], |mac| parts.iter().fold(mac, Mac::chain_update).finalize().into_bytes().into())
    }
}
