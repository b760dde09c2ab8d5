//! Which notices a member of staff gets by mail, and when.

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
use crate::texts;

/// Sets the timing of these kinds of notices for a person; the other kinds keep theirs. Everybody may set their own,
/// and managers everybody's.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not do this for that person; `INVALID` when a kind is named twice.
pub async fn set(work: &mut Work, id: StaffId, chosen: &[NoticeSetting]) -> Outcome<staff::Model> {
    let mut person = own_or_managed(work, id, Action::SetNotices).await?;
    work.check_version(person.version)?;
    for (place, setting) in chosen.iter().enumerate() {
        if chosen.iter().take(place).any(|before| before.kind == setting.kind) {
            let (field, text) = (format!("notices.{place}.kind"), texts::notice::kind_twice());
            return Err(Problem::new(ErrorCode::Invalid, &field, text).into());
        }
    }
    let all =
        of(&person).into_iter().map(|known| chosen.iter().find(|new| new.kind == known.kind).copied().unwrap_or(known));
    // Defaults are not stored, so that the changed defaults of a later version apply.
    person.notices = NoticeSettings(all.filter(|setting| setting.timing != usual(setting.kind)).collect());
    Ok(person.done())
}

/// Whether the actor may see a person's notice settings.
#[must_use]
pub fn may_see(actor: Actor, person: &staff::Model) -> bool {
    actor.staff() == Some(person.id) || table::may(to_directory(actor, person.seller_id), Action::SetNotices)
}

/// The timing of every kind of notice for a person.
#[must_use]
pub fn of(person: &staff::Model) -> Vec<NoticeSetting> {
    let all = NoticeKind::ALL.iter();
    all.map(|kind| NoticeSetting { kind: *kind, timing: super::decide::timing(&person.notices, *kind, false) })
        .collect()
}
