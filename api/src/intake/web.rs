//! The web form: checked field by field, all problems at once, nothing stored unless all is well.

use chrono::TimeDelta;
use entity::id::PartnerId;
use entity::kind::{Channel, Language, Severity};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::receive::{self, Received};
use super::report::{About, Answer, Arrived, Belongs, Changed, File, Once, Sender};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required, words as words_of};
use crate::kit::money::Money;
use crate::kit::text::clean_line;
use crate::kit::work::Work;

/// How long a form's key stands for its complaint.
const KEY_LIFETIME: TimeDelta = TimeDelta::days(7);

/// What a form sends.
#[derive(Debug, Clone, Serialize)]
pub struct Form {
    /// Made when the form opens, the same for every try.
    pub idempotency_key: String,
    /// What happened.
    pub text: String,
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
    /// What the order cost.
    pub order_amount: Option<Money>,
    /// What would make it right.
    pub remedy_sought: Option<String>,
    /// How severe the customer says it is.
    pub severity: Option<Severity>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Partners the customer names.
    pub partners: Vec<PartnerId>,
    /// Whether this is the first time they tell the company.
    pub first_time_reported: Option<bool>,
}

/// Takes in a complaint from a form.
///
/// # Errors
/// Everything that is wrong with the form, field by field.
pub async fn file(work: &mut Work, form: &Form) -> Outcome<Received> {
    let seller = door::intake(work, Action::FileComplaint)?;
    let arrived = parse(form, seller, work.now())?;
    receive::receive(work, &arrived).await
}

fn parse(form: &Form, seller: entity::id::SellerId, now: chrono::DateTime<chrono::Utc>) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let key = problems.check(required(&form.idempotency_key, "idempotencyKey", 128)).unwrap_or_default();
    let words = problems.check(required(&form.text, "text", crate::message::LONGEST)).unwrap_or_default();
    let mut line = |text: &Option<String>, field: &str, most| {
        problems.check(optional(text.as_deref(), field, most)).flatten().map(|text| clean_line(&text))
    };
    let subject = line(&form.subject, "subject", 200);
    let name = line(&form.name, "name", 200);
    let about = About {
        category: line(&form.category, "category", 100),
        product: line(&form.product, "product", 200),
        order_reference: line(&form.order_reference, "orderReference", 100),
        order_amount: form.order_amount.clone(),
        remedy_sought: problems.check(optional(form.remedy_sought.as_deref(), "remedySought", 2_000)).flatten(),
        partners: form.partners.clone(),
        severity: form.severity,
        tags: problems.check(words_of(&form.tags, "tags")).unwrap_or_default(),
    };
    let missing = (
        "Tell us how to reach you: an e-mail address or a telephone number.",
        "Berätta hur vi når dig: en e-postadress eller ett telefonnummer.",
    );
    let ways = (form.email.as_deref(), form.phone.as_deref());
    let sender = Sender::reachable(&mut problems, name, ways, form.language, missing);
    if form.partners.len() > 20 {
        problems.add(Problem::new(ErrorCode::TooLong, "partnerIds", "At most 20 partners.", "Högst 20 partner."));
    }
    problems.refuse_if_any()?;
    let raw = serde_json::to_vec(form)?;
    Ok(Arrived {
        seller,
        channel: Channel::Web,
        once: Once {
            operation: "fileComplaint",
            key,
            fingerprint: Sha256::digest(&raw).to_vec(),
            expires_at: Some(now + KEY_LIFETIME),
            changed: Changed::IsRefused,
        },
        received_at: now,
        subject,
        words,
        shown: None,
        sender,
        belongs: Belongs::New,
        about,
        details: json!({ "firstTimeReported": form.first_time_reported }),
        raw: File { name: "complaint.json".to_owned(), content_type: "application/json".to_owned(), bytes: raw.into() },
        attachments: Vec::new(),
        understood: true,
        automatic: false,
        ours: None,
        answer: Answer::default(),
        returned: None,
        message_id: None,
        promised_from: None,
        imported: false,
    })
}
