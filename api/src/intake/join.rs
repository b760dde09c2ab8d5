//! How a report joins a case that is there: what it says is shown, and what it does to the case.

use entity::kind::{Thanks, Visibility};
use entity::{case, message, report};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::phone::{CallFacts, CallOutcome};
use super::receive::note_returned;
use super::report::{Arrived, Ours};
use crate::case::open::{self, Effect};
use crate::kit::error::Outcome;
use crate::kit::text::folded;
use crate::kit::work::Work;
use crate::message::{from_report, thanks};
use crate::timer::{self, CaseTimes};

/// A report that joins a case.
pub struct Joining<'r> {
    /// The report.
    pub report: &'r report::Model,
    /// The report of the same thing that was told first, if this one adds to it.
    pub first: Option<&'r report::Model>,
    /// Whoever sent it is not known on the case.
    pub unverified: bool,
}

/// Joins a report to a locked case; says whether it only thanks. The caller saves the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn join(work: &mut Work, arrived: &Arrived, case: &mut case::Model, joining: &Joining<'_>) -> Outcome<bool> {
    let Joining { report, first, unverified } = *joining;
    let shown = arrived.shown.as_ref().unwrap_or(&arrived.words);
    let is_new = match first {
        Some(first) => !is_told(work, first, &arrived.words).await?,
        None => true,
    };
    let thanked = thanks_of(arrived, shown, case);
    let effect = if arrived.automatic || unverified || first.is_some() || arrived.ours.is_some() {
        Effect::Nothing
    } else if thanked == Some(Thanks::Only) {
        Effect::Heard
    } else {
        Effect::Reopens
    };
    open::attach(work, case, report, effect).await?;
    work.insert(report.clone());
    if is_new && !shown.trim().is_empty() {
        // A stranger's words and a program's are the owner's to look at, and not the customer's.
        let hidden = unverified || arrived.automatic || is_hidden(work, first, case).await?;
        let visibility = if hidden { Visibility::Internal } else { Visibility::Customer };
        let message = from_report(work, case, report, (visibility, thanked), arrived.shown.as_deref())?;
        work.insert(message);
    }
    if let Some(ours) = arrived.ours.clone() {
        let before = first.and_then(|first| serde_json::from_value::<CallFacts>(first.details.clone()).ok());
        contact(work, case, ours, before.as_ref(), report).await?;
    }
    note_returned(work, arrived, Some(case)).await?;
    Ok(thanked == Some(Thanks::Only))
}

/// Whether it thanks. Files say something more, and so may a subject that is not the case's own.
fn thanks_of(arrived: &Arrived, shown: &str, case: &case::Model) -> Option<Thanks> {
    let found = thanks::of(shown)?;
    let subject = arrived.subject.as_deref().unwrap_or_default();
    let own = subject.is_empty() || folded(subject).contains(&folded(&case.subject));
    let more = !arrived.attachments.is_empty() || !own && thanks::turns(subject);
    Some(if more { Thanks::Perhaps } else { found })
}

/// Whether these words were told of the same thing before.
async fn is_told(work: &Work, first: &report::Model, words: &str) -> Outcome<bool> {
    if first.words.trim() == words.trim() {
        return Ok(true);
    }
    let same = report::Entity::find()
        .filter(report::Column::CaseId.eq(first.case_id))
        .filter(report::Column::CustomerId.eq(first.customer_id))
        .filter(report::Column::Words.eq(words));
    Ok(same.count(work.tx()?).await? > 0)
}

/// Whether what was told first is hidden from the case's customer, because the case was found to be theirs and not the one's
/// who told it.
async fn is_hidden(work: &Work, first: Option<&report::Model>, case: &case::Model) -> Outcome<bool> {
    let Some(first) = first else { return Ok(false) };
    let said = message::Entity::find()
        .filter(message::Column::CaseId.eq(first.case_id))
        .filter(message::Column::ReportId.eq(first.id))
        .one(work.tx()?)
        .await?;
    Ok(said.map_or(first.customer_id != case.customer_id, |said| said.visibility == Visibility::Internal))
}

/// Notes how a contact went that the company made, where that was not noted before. Whoever was reached has heard from us; an
/// attempt of the owner's own is no silence.
async fn contact(
    work: &mut Work,
    case: &mut case::Model,
    Ours { reached, summary }: Ours,
    before: Option<&CallFacts>,
    report: &report::Model,
) -> Outcome<()> {
    let noted = before.and_then(|before| before.summary.as_ref());
    if let Some(summary) = summary.filter(|summary| Some(summary) != noted) {
        crate::message::add(work, case, Visibility::Internal, summary).await?;
    }
    if reached && before.is_none_or(|before| before.outcome != CallOutcome::Answered) {
        let times = CaseTimes::of(work, case).await?;
        return open::met(work, case, &times, report.received_at).await;
    }
    if before.is_none() && work.actor().staff() == Some(case.owner_id) {
        timer::acted(work, case).await?;
    }
    Ok(())
}
