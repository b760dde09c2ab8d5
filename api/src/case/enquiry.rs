//! Enquiries about a case by somebody other than its customer: an ombudsman or a complaints board, a person who asks
//! about their data, or a regulator. Each is recorded with the time at which it was received, which starts its own
//! legal clocks.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enquiry;
use entity::id::{CaseId, EnquiryId};
use entity::kind::EnquiryKind;
use sea_orm::EntityTrait;

use super::legal;
use crate::access::door;
use crate::access::table::{Action, refused};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, optional, required};
use crate::kit::work::Work;
use crate::legal::{Satisfied, Starts};
use crate::texts;

/// The greatest age of an enquiry when it is recorded: two years.
const OLDEST: TimeDelta = TimeDelta::days(731);

/// The input for a new enquiry.
#[derive(Debug, Clone)]
pub struct NewEnquiry {
    /// The case that the enquiry is about.
    pub case: CaseId,
    /// The kind of body or person that asks.
    pub kind: EnquiryKind,
    /// The name of the body or person that asks.
    pub from: String,
    /// The reference that they use for it.
    pub reference: Option<String>,
    /// When the company received it; now if none.
    pub received_at: Option<DateTime<Utc>>,
}

/// Records an enquiry, and starts its legal clocks.
///
/// # Errors
/// When a field is missing or too long, or the time of receipt is in the future or more than two years ago.
pub async fn record(work: &mut Work, new: &NewEnquiry) -> Outcome<enquiry::Model> {
    let mut case = door::case(work, new.case, Action::ManageClocks, "caseId").await?;
    let staff = work.actor().staff().ok_or_else(|| refused(Action::ManageClocks))?;
    let mut problems = Problems::default();
    let from_name = problems.check(required(&new.from, "from", 200)).unwrap_or_default();
    let reference = problems.check(optional(new.reference.as_deref(), "reference", 200)).flatten();
    let received_at = new.received_at.unwrap_or(work.now());
    if received_at > work.now() || received_at < work.now() - OLDEST {
        problems.add(Problem::new(ErrorCode::Invalid, "receivedAt", texts::case::enquiry_received()));
    }
    problems.refuse_if_any()?;
    let row = enquiry::Model {
        id: work.new_id(),
        version: 1,
        case_id: case.id,
        seller_id: case.seller_id,
        kind: new.kind,
        from_name,
        reference,
        received_at,
        recorded_at: work.now(),
        recorded_by: staff,
        responded_at: None,
        answered_at: None,
    };
    work.insert(row.clone());
    log::append(work, &mut case, &Payload::EnquiryRecorded { enquiry: row.id })?;
    legal::begin_for(work, &case, Starts::from(new.kind), Some(row.id), received_at).await?;
    Ok(row)
}

/// Records that an enquiry was answered: with a first response, or in full.
///
/// # Errors
/// When such an answer was recorded before.
pub async fn answer(work: &mut Work, id: EnquiryId, in_full: bool) -> Outcome<enquiry::Model> {
    let not_found = || Problem::not_found("enquiryId");
    let found = enquiry::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let mut case = door::either_case(work, found.case_id, Action::ManageClocks, "enquiryId").await?;
    let mut row = work.lock::<enquiry::Model>(id).await?.ok_or_else(not_found)?;
    work.check_version(row.version)?;
    if row.answered_at.is_some() || !in_full && row.responded_at.is_some() {
        return Err(Problem::new(ErrorCode::InvalidTransition, "enquiryId", texts::case::answered_already()).into());
    }
    let what: &[Satisfied] = match (row.kind, in_full) {
        (EnquiryKind::Adr, true) => &[Satisfied::AnswerToAdr],
        (EnquiryKind::DataSubject, true) => &[Satisfied::DataAnswer],
        (EnquiryKind::Regulator, true) => &[Satisfied::ReferralResponse, Satisfied::ReferralFinal],
        (EnquiryKind::Regulator, false) => &[Satisfied::ReferralResponse],
        (EnquiryKind::Adr | EnquiryKind::DataSubject, false) => &[],
    };
    row.responded_at = row.responded_at.or(Some(work.now()));
    row.answered_at = in_full.then_some(work.now());
    log::append(work, &mut case, &Payload::EnquiryAnswered { enquiry: id, in_full })?;
    legal::done(work, &mut case, what, Some(id)).await?;
    Ok(row.done())
}
