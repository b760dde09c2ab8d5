//! Of what a member of staff is told by mail, and when.

use entity::id::StaffId;
use entity::json::{NoticeSetting, NoticeSettings};
use entity::kind::NoticeKind;
use entity::staff;

use super::decide::usual;
use crate::access::table::{self, Action, to_directory};
use crate::directory::staff::own_or_managed;
use crate::kit::actor::Actor;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;

/// Sets when a person is told of each of these kinds; the others stay as they are. Every person may do it for themselves,
/// and managers for everybody.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not do this for that person; `INVALID` when a kind is named twice.
pub async fn set(work: &mut Work, id: StaffId, chosen: &[NoticeSetting]) -> Outcome<staff::Model> {
    let mut person = own_or_managed(work, id, Action::SetNotices).await?;
    work.check_version(person.version)?;
    for (place, setting) in chosen.iter().enumerate() {
        if chosen.iter().take(place).any(|before| before.kind == setting.kind) {
            let (en, sv) = ("This kind is there twice.", "Den sorten står där två gånger.");
            return Err(Problem::new(ErrorCode::Invalid, &format!("notices.{place}.kind"), en, sv).into());
        }
    }
    let all =
        of(&person).into_iter().map(|known| chosen.iter().find(|new| new.kind == known.kind).copied().unwrap_or(known));
    // What is as usual is not stored, so that a person gets a better default of a later version.
    person.notices = NoticeSettings(all.filter(|setting| setting.timing != usual(setting.kind)).collect());
    Ok(work.changed(person))
}

/// Whether the actor may see what a person is told of.
#[must_use]
pub fn may_see(actor: Actor, person: &staff::Model) -> bool {
    actor.staff() == Some(person.id) || table::may(to_directory(actor, person.seller_id), Action::SetNotices)
}

/// When a person is told of each kind.
#[must_use]
pub fn of(person: &staff::Model) -> Vec<NoticeSetting> {
    let all = NoticeKind::ALL.iter();
    all.map(|kind| NoticeSetting { kind: *kind, timing: super::decide::timing(&person.notices, *kind, false) })
        .collect()
}
