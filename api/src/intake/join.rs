//! How a report joins an existing case: what of its text is shown there, and what it changes on the case.

use entity::kind::{Channel, CommitmentPlace, Thanks, Visibility};
use entity::{case, message, report};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::phone::{CallFacts, CallOutcome};
use super::receive::note_returned;
use super::report::{Arrived, Ours};
use crate::case::commitment;
use crate::case::commitment::decide::Due;
use crate::case::open::{self, Effect};
use crate::kit::error::Outcome;
use crate::kit::text::folded;
use crate::kit::work::Work;
use crate::message::{from_report, thanks};
use crate::timer::CaseTimes;

/// A report that joins a case.
pub struct Joining<'r> {
    /// The report.
    pub report: &'r report::Model,
    /// The first report of the same thing, if this report adds to it.
    pub first: Option<&'r report::Model>,
    /// Whether the sender is not known to be the case's customer.
    pub unverified: bool,
}

/// Joins a report to a locked case. Returns whether the report only thanks.
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
    open::attach(work, case, report, (effect, arrived.next_contact)).await?;
    work.insert(report.clone());
    if is_new && !shown.trim().is_empty() {
        // The text of an unverified sender or of a program is shown to staff only, not to the customer.
        let hidden = unverified || arrived.automatic || is_hidden(work, first, case).await?;
        let visibility = if hidden { Visibility::Internal } else { Visibility::Customer };
        let message = from_report(work, case, report, (visibility, thanked), arrived.shown.as_deref())?;
        // A customer who is met or spoken with gets their answer on the spot.
        let met = arrived.channel == Channel::Visit || arrived.ours.as_ref().is_some_and(|ours| ours.reached);
        work.insert(message::Model { answered_at: met.then_some(message.at), ..message });
    }
    if let Some(ours) = arrived.ours.clone() {
        let before = first.and_then(|first| serde_json::from_value::<CallFacts>(first.details.clone()).ok());
        contact(work, case, (ours, arrived.next_contact), before.as_ref(), report).await?;
    }
    note_returned(work, arrived, Some(case)).await?;
    Ok(thanked == Some(Thanks::Only))
}

/// Whether the report thanks. With attachments, or with a subject of its own that asks for something, it may say more
/// than thanks.
fn thanks_of(arrived: &Arrived, shown: &str, case: &case::Model) -> Option<Thanks> {
    let found = thanks::of(shown)?;
    let subject = arrived.subject.as_deref().unwrap_or_default();
    let own = subject.is_empty() || folded(subject).contains(&folded(&case.subject));
    let files = !arrived.attachments.is_empty() || !arrived.uploads.is_empty();
    let more = files || !own && thanks::turns(subject);
    Some(if more { Thanks::Perhaps } else { found })
}

/// Whether the first report, or another report of the same customer on the same case, already has these words.
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

/// Whether the text of the first report is hidden from the case's customer. It is hidden when its sender turned out not
/// to be the case's customer.
async fn is_hidden(work: &Work, first: Option<&report::Model>, case: &case::Model) -> Outcome<bool> {
    let Some(first) = first else { return Ok(false) };
    let said = message::Entity::find()
        .filter(message::Column::CaseId.eq(first.case_id))
        .filter(message::Column::ReportId.eq(first.id))
        .one(work.tx()?)
        .await?;
    Ok(said.map_or(first.customer_id != case.customer_id, |said| said.visibility == Visibility::Internal))
}

/// Notes the outcome of a contact that the company made, as far as the first report has not noted it. If the customer
/// was reached, they have heard from the company. An attempt changes no time.
async fn contact(
    work: &mut Work,
    case: &mut case::Model,
    (Ours { reached, summary }, next): (Ours, Option<Due>),
    before: Option<&CallFacts>,
    report: &report::Model,
) -> Outcome<()> {
    let noted = before.and_then(|before| before.summary.as_ref());
    if let Some(summary) = summary.filter(|summary| Some(summary) != noted) {
        crate::message::add(work, case, Visibility::Internal, summary).await?;
    }
    if reached && before.is_none_or(|before| before.outcome != CallOutcome::Answered) {
        commitment::called(work, case.id, report.received_at).await?;
        let times = CaseTimes::of(work, case).await?;
        return open::met(work, case, &times, (report.received_at, CommitmentPlace::Call, next)).await;
    }
    Ok(())
}
