//! Staff watch cases that they need not own: they get notices of what happens to them, and their events in `workEvents`.

use entity::id::{CaseId, SellerId, StaffId};
use entity::{case, case_watcher};
use sea_orm::EntityTrait;

use crate::access::table::{self, Action};
use crate::directory::watcher::{MOST, watched_by};
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// The actor watches a case from now on.
///
/// # Errors
/// When the actor is not a member of staff who may read the case, or watches too many cases.
pub async fn watch(work: &mut Work, id: CaseId) -> Outcome<case::Model> {
    let (case, staff_id, seller_id) = readable(work, id).await?;
    let known = watched_by(work.tx()?, staff_id).await?;
    if !known.contains(&id) {
        if known.len() as u64 >= MOST {
            return Err(Problem::new(ErrorCode::TooLong, "caseId", texts::case::too_many_watched(MOST)).into());
        }
        work.insert_if_new(case_watcher::Model { staff_id, case_id: id, seller_id, since: work.now() });
    }
    Ok(case)
}

/// The actor does not watch a case any more.
///
/// # Errors
/// When the actor is not a member of staff who may read the case.
pub async fn unwatch(work: &mut Work, id: CaseId) -> Outcome<case::Model> {
    let (case, staff_id, _) = readable(work, id).await?;
    work.remove::<case_watcher::Model>((staff_id, id));
    Ok(case)
}

/// The case, and the member of staff who acts. The case itself is not changed and therefore not locked.
pub(super) async fn readable(work: &Work, id: CaseId) -> Outcome<(case::Model, StaffId, SellerId)> {
    let not_found = || Problem::not_found("caseId");
    let case = case::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    table::check(table::to_case(work.actor(), &case), Action::ReadCase, Action::ReadCase, "caseId")?;
    let Actor::Staff { id: person, seller, .. } = work.actor() else {
        return Err(Problem::forbidden(texts::case::for_staff_only()).into());
    };
    Ok((case, person, seller))
}
