//! Chases: the customer had to ask for news. They are counted on the case, once per working day, to show how often a
//! customer had to chase the company for an answer.

use entity::case;
use entity::id::CaseId;
use entity::kind::{ChaseKind, PartyKind, Thanks, Visibility};
use entity::message;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use super::commitment::query::group;
use crate::access::door;
use crate::access::own;
use crate::access::table::{Action, refused};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;
use crate::timer::{self, CaseTimes};

/// Counts a chase on a locked case, if the customer waits for something: an answer to what they wrote, or a contact
/// whose time has passed. A missed call and the request for news count in any case. Further ones on the same working
/// day are not counted.
///
/// # Errors
/// When the store cannot be read.
pub async fn count(work: &mut Work, case: &mut case::Model, times: &CaseTimes, how: ChaseKind) -> Outcome<()> {
    if case.closed_at.is_some() {
        return Ok(());
    }
    let asks = matches!(how, ChaseKind::AskedForNews | ChaseKind::MissedCall);
    let late = case.next_contact_due.is_some_and(|due| due < work.now());
    if !asks && !late && !is_owed(work, case).await? {
        return Ok(());
    }
    let day = |at| times.calendar().working_day(at);
    if case.last_chased_at.is_some_and(|last| day(last) == day(work.now())) {
        return Ok(());
    }
    case.times_chased += 1;
    case.last_chased_at = Some(work.now());
    log::append(work, case, &Payload::CaseChased { how, times: case.times_chased })
}

/// Whether the customer has written something since the case was opened that needs an answer and has none.
async fn is_owed(work: &Work, case: &case::Model) -> Outcome<bool> {
    let group: Vec<CaseId> = group(work.tx()?, case.id).await?;
    let unanswered = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::CaseId.is_in(group))
        .filter(message::Column::ByKind.eq(PartyKind::Customer))
        .filter(message::Column::Visibility.eq(Visibility::Customer))
        .filter(message::Column::AnsweredAt.is_null())
        .filter(message::Column::At.gt(case.opened_at))
        .filter(message::Column::Thanks.is_null().or(message::Column::Thanks.ne(Thanks::Only)))
        .limit(1);
    Ok(unanswered.into_tuple::<entity::id::MessageId>().one(work.tx()?).await?.is_some())
}

/// The customer asks for news, with the button on the page where they follow the case. It is counted as a chase, and
/// the time for a reply starts. `named` is the case; that of the token when it is none.
///
/// # Errors
/// `INVALID_TRANSITION` when the case is closed; `NOT_FOUND` when the named case is not theirs.
pub async fn ask_for_news(work: &mut Work, named: Option<CaseId>) -> Outcome<case::Model> {
    let id = own::case_of(work.actor(), named).ok_or_else(|| refused(Action::AddCustomerMessage))?;
    door::lock_related(work, &[id]).await?;
    let mut own = door::own_case(work, id, Action::AddCustomerMessage).await?;
    let mut goes_on = door::goes_on(work, &own).await?;
    let case = goes_on.as_deref_mut().unwrap_or(&mut own);
    if case.closed_at.is_some() {
        return Err(Problem::new(ErrorCode::InvalidTransition, "", texts::case::closed_write_to_us()).into());
    }
    let times = CaseTimes::of(work, case).await?;
    count(work, case, &times, ChaseKind::AskedForNews).await?;
    timer::asked(work, case, &times).await?;
    Ok(own.done())
}
