//! A complaint that a partner received first. The partner tells the seller when it received the complaint, and the
//! seller's legal clocks run from then, because what a supplier received counts as received by the seller (Directive
//! (EU) 2019/771 and Konsumentköplagen (2022:260) bind the seller to the consumer; who took the complaint concerns only
//! the seller and the partner).

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{PartnerId, UploadId};
use entity::kind::{Channel, Language};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::matter::{Matter, line};
use super::receive::{self, Received};
use super::report::{About, Arrived, Changed, File, Once, Sender};
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::texts;

/// How old a complaint may be when it is forwarded.
const OLDEST: TimeDelta = TimeDelta::days(366 * 3);

/// What a partner forwards.
#[derive(Debug, Clone, Serialize)]
pub struct Forward {
    /// The partner's own number for the complaint. The same number means the same complaint.
    pub external_id: String,
    /// When the partner received it.
    pub received_at: DateTime<Utc>,
    /// The customer's own words.
    pub words: String,
    /// The customer's name.
    pub name: Option<String>,
    /// The customer's e-mail address. This or the telephone number must be given.
    pub email: Option<String>,
    /// The customer's telephone number.
    pub phone: Option<String>,
    /// The language that the customer reads.
    pub language: Option<Language>,
    /// What the complaint is about.
    #[serde(flatten)]
    pub matter: Matter,
    /// The files that the partner uploaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<UploadId>,
}

/// What is kept of a forwarded complaint besides its words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardFacts {
    /// The partner that forwarded it.
    pub partner: PartnerId,
    /// The partner's own number for it.
    pub external_id: String,
}

/// Takes in a forwarded complaint.
///
/// # Errors
/// `FORBIDDEN` when the actor is not a partner that may forward complaints; one problem for every invalid field; the
/// errors of [`receive::receive`].
pub async fn forward(work: &mut Work, forward: &Forward) -> Outcome<Received> {
    let seller = door::intake(work, Action::ForwardComplaint)?;
    let Actor::Partner { partner, .. } = work.actor() else { return Err(refused(Action::ForwardComplaint).into()) };
    let mut problems = Problems::default();
    let external_id = problems.check(required(&forward.external_id, "externalId", 200)).unwrap_or_default();
    let words = problems.check(required(&forward.words, "words", crate::message::LONGEST)).unwrap_or_default();
    let (subject, about) = forward.matter.check(&mut problems);
    let name = line(&mut problems, forward.name.as_deref(), "name", 200);
    let ways = (forward.email.as_deref(), forward.phone.as_deref());
    let missing = texts::intake::way_to_customer_missing();
    let sender = Sender::reachable(&mut problems, name, ways, forward.language, missing);
    if forward.received_at > work.now() || forward.received_at < work.now() - OLDEST {
        problems.add(Problem::new(ErrorCode::Invalid, "receivedAt", texts::intake::not_within_three_years()));
    }
    problems.refuse_if_any()?;
    let raw = File::json("forwarded.json", forward)?;
    let once = Once {
        operation: "forwardComplaint",
        key: format!("{partner}:{external_id}"),
        fingerprint: Sha256::digest(raw.bytes.as_slice()).to_vec(),
        // The partner's number means this complaint for ever, so the key does not expire.
        expires_at: None,
        changed: Changed::IsRefused,
    };
    let arrived = Arrived::new((seller, Channel::Partner), once, forward.received_at, words, sender, raw);
    let arrived = Arrived {
        subject,
        about: About { partners: vec![partner], ..about },
        details: serde_json::to_value(ForwardFacts { partner, external_id })?,
        // Service levels run from when the partner received the complaint. If one is missed already, its timer is due
        // at once and somebody is notified.
        promised_from: Some(forward.received_at),
        uploads: forward.uploads.clone(),
        ..arrived
    };
    receive::receive(work, &arrived).await
}
