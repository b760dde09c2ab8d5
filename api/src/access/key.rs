//! Credentials that are not JWTs: keys of forms and mailboxes, tracking tokens of customers, and secrets of API
//! clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::id::{CaseId, ClientSecretId, CustomerId, MailboxId, StaffId, TypedId};
use entity::kind::ApiScope;
use sha2::{Digest, Sha256};

use crate::kit::entropy::Entropy;
use crate::kit::secret::Secret;

/// The prefix of every publishable widget key.
pub const WIDGET_PREFIX: &str = "wk_";
/// The prefix of every tracking token.
pub const TRACKING_PREFIX: &str = "trk_";

/// How long a tracking token is valid: two years.
pub const TRACKING_LIFETIME: TimeDelta = TimeDelta::days(730);

/// Makes a new publishable key with 128 random bits.
#[must_use]
pub fn new_widget_key(entropy: &dyn Entropy) -> String {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    format!("{WIDGET_PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// Whose tracking token it is: of which case and customer. `generation` counts how often all of the customer's tokens
/// were revoked, so that a later token differs from each earlier one.
#[derive(Debug, Clone, Copy)]
pub struct TokenOf {
    /// The case.
    pub case: CaseId,
    /// The customer.
    pub customer: CustomerId,
    /// The generation of the customer's tokens.
    pub generation: i32,
}

impl TokenOf {
    /// From what the token in the receipt of a new case is derived. It does not depend on the generation, so that a form
    /// that is sent again gets the token that was in its receipt, also when that was revoked meanwhile.
    #[must_use]
    pub fn new_case(case: &entity::case::Model) -> Self {
        Self { case: case.id, customer: case.customer_id, generation: 0 }
    }

    /// A customer's tracking token for a case: 256 bits that nobody can guess without the secret. It is derived from
    /// the ids and not random, so that a repeated request gets the same token although only its hash is stored.
    fn token(self, secret: &Secret, kind: &str, more: &[u8]) -> String {
        let mut text = [self.case.uuid().as_bytes().as_slice(), self.customer.uuid().as_bytes(), more].concat();
        if self.generation > 0 {
            text.push(0);
            text.extend(self.generation.to_be_bytes());
        }
        format!("{TRACKING_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac(kind, &text)))
    }

    /// The token of the receipt of a form.
    #[must_use]
    pub fn receipt(self, secret: &Secret) -> String {
        self.token(secret, "tracking", &[])
    }

    /// The token in the letters to this address. It is sent nowhere else, so whoever uses it reads the mail of the
    /// address.
    #[must_use]
    pub fn letter(self, secret: &Secret, address: &str) -> String {
        self.token(secret, "letter", address.as_bytes())
    }

    /// The token that is shown to a member of staff, who gives it to the customer. Each member of staff gets a
    /// different one.
    #[must_use]
    pub fn shown(self, secret: &Secret, staff: StaffId) -> String {
        self.token(secret, "shown", staff.uuid().as_bytes())
    }
}

/// The prefix of every client secret.
pub const CLIENT_SECRET_PREFIX: &str = "cs_";

/// A secret of an API client. It is derived in the same way as a tracking token.
#[must_use]
pub fn client_secret(secret: &Secret, id: ClientSecretId) -> String {
    let mac = secret.mac("client secret", id.uuid().as_bytes());
    format!("{CLIENT_SECRET_PREFIX}{}", URL_SAFE_NO_PAD.encode(mac))
}

/// The prefix of every mailbox key.
pub const MAILBOX_PREFIX: &str = "mbx_";

/// The key for posting mail to a mailbox, derived in the same way as a tracking token. Each generation has another key.
#[must_use]
pub fn mailbox_key(secret: &Secret, id: MailboxId, generation: i32) -> String {
    let mut text = id.uuid().as_bytes().to_vec();
    text.extend(generation.to_be_bytes());
    format!("{MAILBOX_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac("mailbox", &text)))
}

/// The name of a scope in OAuth, such as `tasks:read`.
#[must_use]
pub fn scope_name(scope: ApiScope) -> String {
    scope.word().to_ascii_lowercase().replace('_', ":")
}

/// The hash of a token, which is stored instead of the token.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
