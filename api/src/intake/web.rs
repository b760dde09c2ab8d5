//! The web form. Every field is checked and all problems are returned at once. Nothing is stored unless every field is
//! valid.

use chrono::TimeDelta;
use entity::id::{PartnerId, UploadId};
use entity::json::FormContent;
use entity::kind::{Channel, Language};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::matter::{Matter, line};
use super::receive::{self, Received};
use super::report::{About, Arrived, Changed, File, Once, Sender};
use crate::access::door;
use crate::access::table::Action;
use crate::directory::form::{self, GivenAnswer};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, required};
use crate::kit::work::Work;
use crate::texts;

/// How long a form's idempotency key is kept.
const KEY_LIFETIME: TimeDelta = TimeDelta::days(7);

/// What a form sends.
#[derive(Debug, Clone, Serialize)]
pub struct Form {
    /// The idempotency key, made when the form opens and sent with every try.
    pub idempotency_key: String,
    /// What happened, in the customer's own words.
    pub text: String,
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
    /// The partners that the customer names.
    pub partners: Vec<PartnerId>,
    /// The files that the customer uploaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<UploadId>,
    /// Whether the customer reports this to the company for the first time.
    pub first_time_reported: Option<bool>,
    /// The answers to the questions of the category.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<GivenAnswer>,
}

/// Takes in a complaint from a form.
///
/// # Errors
/// `FORBIDDEN` when the actor may not file complaints; one problem for every invalid field; the errors of
/// [`receive::receive`].
pub async fn file(work: &mut Work, filled: &Form) -> Outcome<Received> {
    let seller = door::intake(work, Action::FileComplaint)?;
    let asked = match work.actor() {
        Actor::Widget { id, .. } => form::of(work, id).await?,
        _ => FormContent::default(),
    };
    let arrived = parse(filled, &asked, seller, work.now())?;
    receive::receive(work, &arrived).await
}

fn parse(
    filled: &Form,
    asked: &FormContent,
    seller: entity::id::SellerId,
    now: chrono::DateTime<chrono::Utc>,
) -> Outcome<Arrived> {
    let mut problems = Problems::default();
    let key = problems.check(required(&filled.idempotency_key, "idempotencyKey", 128)).unwrap_or_default();
    let words = problems.check(required(&filled.text, "text", crate::message::LONGEST)).unwrap_or_default();
    let (subject, about) = filled.matter.check(&mut problems);
    let answers = form::answers(asked, about.category.as_deref(), &filled.answers, &mut problems);
    let about = About { partners: filled.partners.clone(), ..about };
    let name = line(&mut problems, filled.name.as_deref(), "name", 200);
    let ways = (filled.email.as_deref(), filled.phone.as_deref());
    let sender = Sender::reachable(&mut problems, name, ways, filled.language, texts::intake::way_missing());
    if filled.partners.len() > 20 {
        problems.add(Problem::new(ErrorCode::TooLong, "partnerIds", texts::intake::too_many_partners()));
    }
    problems.refuse_if_any()?;
    let raw = File::json("complaint.json", filled)?;
    let once = Once {
        operation: "fileComplaint",
        key,
        fingerprint: Sha256::digest(raw.bytes.as_slice()).to_vec(),
        expires_at: Some(now + KEY_LIFETIME),
        changed: Changed::IsRefused,
    };
    let details = json!({ "firstTimeReported": filled.first_time_reported, "answers": answers });
    let arrived = Arrived::new((seller, Channel::Web), once, now, words, sender, raw);
    Ok(Arrived { subject, about, details, uploads: filled.uploads.clone(), ..arrived })
}
