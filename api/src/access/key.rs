//! Keys that are not JWTs: a widget's publishable key and a customer's tracking token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::id::{CaseId, ClientSecretId, CustomerId, MailboxId, StaffId, TypedId};
use entity::kind::ApiScope;
use sha2::{Digest, Sha256};

use crate::kit::entropy::Entropy;
use crate::kit::secret::Secret;

/// What every publishable widget key begins with.
pub const WIDGET_PREFIX: &str = "wk_";
/// What every tracking token begins with.
pub const TRACKING_PREFIX: &str = "trk_";

/// How long a tracking token lets the customer follow the case.
pub const TRACKING_LIFETIME: TimeDelta = TimeDelta::days(730);

/// A new publishable key: 128 random bits.
#[must_use]
pub fn new_widget_key(entropy: &dyn Entropy) -> String {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    format!("{WIDGET_PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// A customer's tracking token for a case: 256 bits nobody can guess without the secret. It is derived and not drawn, so
/// that a repeated request gets the same answer although only the token's hash is stored.
#[must_use]
pub fn tracking_token(secret: &Secret, case: CaseId, customer: CustomerId) -> String {
    let text = [*case.uuid().as_bytes(), *customer.uuid().as_bytes()].concat();
    format!("{TRACKING_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac("tracking", &text)))
}

/// What a letter about a case carries to this address, and nothing else does: whoever uses it reads mail there.
#[must_use]
pub fn letter_token(secret: &Secret, case: CaseId, customer: CustomerId, address: &str) -> String {
    let text = [case.uuid().as_bytes().as_slice(), customer.uuid().as_bytes(), address.as_bytes()].concat();
    format!("{TRACKING_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac("letter", &text)))
}

/// What a member of staff is shown of a case, to give it to its customer: another for each of them.
#[must_use]
pub fn shown_token(secret: &Secret, case: CaseId, customer: CustomerId, staff: StaffId) -> String {
    let ids = [case.uuid(), customer.uuid(), staff.uuid()];
    let text: Vec<u8> = ids.iter().flat_map(uuid::Uuid::as_bytes).copied().collect();
    format!("{TRACKING_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac("shown", &text)))
}

/// What every client secret begins with.
pub const CLIENT_SECRET_PREFIX: &str = "cs_";

/// A client's secret; derived as a tracking token is.
#[must_use]
pub fn client_secret(secret: &Secret, id: ClientSecretId) -> String {
    let mac = secret.mac("client secret", id.uuid().as_bytes());
    format!("{CLIENT_SECRET_PREFIX}{}", URL_SAFE_NO_PAD.encode(mac))
}

/// What every mailbox's key begins with.
pub const MAILBOX_PREFIX: &str = "mbx_";

/// What whoever posts mail for a mailbox shows; derived as a tracking token is. Another generation is another key.
#[must_use]
pub fn mailbox_key(secret: &Secret, id: MailboxId, generation: i32) -> String {
    let mut text = id.uuid().as_bytes().to_vec();
    text.extend(generation.to_be_bytes());
    format!("{MAILBOX_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.mac("mailbox", &text)))
}

/// A scope as OAuth writes it: `tasks:read`.
#[must_use]
pub fn scope_name(scope: ApiScope) -> String {
    scope.word().to_ascii_lowercase().replace('_', ":")
}

/// What the store keeps of a token.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
