//! A complaint that reached a partner first. The seller is told with the partner's own time of receipt, and its clocks run from
//! then: what a supplier received, the seller received (Directive (EU) 2019/771 binds the seller to the consumer, and
//! Konsumentköplagen (2022:260) with it; who took the complaint is between the two of them).

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::PartnerId;
use entity::kind::{Channel, Language};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::receive::{self, Received};
use super::report::{About, Answer, Arrived, Belongs, Changed, File, Once, Sender};
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::text::clean_line;
use crate::kit::work::Work;

/// How old a complaint may be when it is forwarded.
const OLDEST: TimeDelta = TimeDelta::days(366 * 3);

/// What a partner forwards.
#[derive(Debug, Clone, Serialize)]
pub struct Forward {
    /// The partner's own number of it: the same number again is the same complaint.
    pub external_id: String,
    /// When the partner got it.
    pub received_at: DateTime<Utc>,
    /// The customer's own words.
    pub words: String,
    /// In one line.
    pub subject: Option<String>,
    /// Who complains.
    pub name: Option<String>,
    /// One of two ways to reach them.
    pub email: Option<String>,
    /// The other.
    pub phone: Option<String>,
    /// What they read.
    pub language: Option<Language>,
    /// The seller's word for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// The seller's own number of the order.
    pub order_reference: Option<String>,
}

/// What a forwarded report knows beside the words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardFacts {
    /// Who forwarded it.
    pub partner: PartnerId,
    /// The partner's own number.
    pub external_id: String,
}

/// Takes in a forwarded complaint.
///
/// # Errors
/// Everything that is wrong with it, field by field.
pub async fn forward(work: &mut Work, forward: &Forward) -> Outcome<Received> {
    let seller = door::intake(work, Action::ForwardComplaint)?;
    let Actor::Partner { partner, .. } = work.actor() else { return Err(refused(Action::ForwardComplaint).into()) };
    let mut problems = Problems::default();
    let external_id = problems.check(required(&forward.external_id, "externalId", 200)).unwrap_or_default();
    let words = problems.check(required(&forward.words, "words", crate::message::LONGEST)).unwrap_or_default();
    let mut line = |text: &Option<String>, field: &str, most| {
        problems.check(optional(text.as_deref(), field, most)).flatten().map(|text| clean_line(&text))
    };
    let subject = line(&forward.subject, "subject", 200);
    let name = line(&forward.name, "name", 200);
    let category = line(&forward.category, "category", 100);
    let product = line(&forward.product, "product", 200);
    let order_reference = line(&forward.order_reference, "orderReference", 100);
    let ways = (forward.email.as_deref(), forward.phone.as_deref());
    let missing = (
        "Tell us how to reach the customer: an e-mail address or a telephone number.",
        "Berätta hur vi når kunden: en e-postadress eller ett telefonnummer.",
    );
    let sender = Sender::reachable(&mut problems, name, ways, forward.language, missing);
    if forward.received_at > work.now() || forward.received_at < work.now() - OLDEST {
        let (en, sv) = ("A time in the past, within three years.", "En tid i det förflutna, inom tre år.");
        problems.add(Problem::new(ErrorCode::Invalid, "receivedAt", en, sv));
    }
    problems.refuse_if_any()?;
    let raw = serde_json::to_vec(forward)?;
    let arrived = Arrived {
        seller,
        channel: Channel::Partner,
        once: Once {
            operation: "forwardComplaint",
            key: format!("{partner}:{external_id}"),
            fingerprint: Sha256::digest(&raw).to_vec(),
            // The number names the complaint for ever.
            expires_at: None,
            changed: Changed::IsRefused,
        },
        received_at: forward.received_at,
        subject,
        words,
        shown: None,
        sender,
        belongs: Belongs::New,
        about: About { category, product, order_reference, partners: vec![partner], ..About::default() },
        details: serde_json::to_value(ForwardFacts { partner, external_id })?,
        raw: File { name: "forwarded.json".to_owned(), content_type: "application/json".to_owned(), bytes: raw.into() },
        attachments: Vec::new(),
        understood: true,
        automatic: false,
        ours: None,
        answer: Answer::default(),
        returned: None,
        message_id: None,
        // What was promised is counted from when the partner got it, even if that is too late by now: then somebody is told.
        promised_from: Some(forward.received_at),
        imported: false,
    };
    receive::receive(work, &arrived).await
}
