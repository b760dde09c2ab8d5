//! Reads a page of the agenda: the first items of each source, merged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use uuid::Uuid;

use super::source::{self, AgendaPart};
use super::{ALIKE, AgendaPosition, Scope, WorkItem, WorkKind, timers_of};
use crate::kit::db::Db;
use crate::kit::error::{ErrorCode, Problem};
use crate::kit::page::sensible;
use crate::texts;

/// The most items of one kind that are counted.
pub const COUNTED: u64 = 1_000;

/// A page of the agenda.
#[derive(Debug, Clone, Default)]
pub struct AgendaPage {
    /// The items, by their times.
    pub items: Vec<WorkItem>,
    /// Whether there is more work after them.
    pub has_next: bool,
}

/// The first items of these kinds after a place.
///
/// # Errors
/// When the store cannot be read.
pub async fn page(
    db: &Db,
    (scope, kinds): (&Scope, &[WorkKind]),
    (after, size): (Option<AgendaPosition>, u64),
    now: DateTime<Utc>,
) -> Result<AgendaPage, DbErr> {
    // More than a page, so that all items of the last row and time are read.
    let part = AgendaPart { scope, after, now, most: size + 1 + ALIKE };
    let timed: Vec<WorkKind> = kinds.iter().copied().filter(|kind| !timers_of(*kind).is_empty()).collect();
    let mut items = source::timers(db, &part, &timed).await?;
    for kind in kinds {
        items.extend(match kind {
            WorkKind::Escalation => source::escalations(db, &part).await?,
            WorkKind::Handover => source::handovers(db, &part).await?,
            WorkKind::CallBack => source::calls(db, &part).await?,
            WorkKind::QuarantinedMail => source::mails(db, &part).await?,
            _ => Vec::new(),
        });
    }
    items.retain(|item| after.is_none_or(|after| item.place() > after));
    items.sort_by_key(WorkItem::place);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let has_next = items.len() > size;
    items.truncate(size);
    Ok(AgendaPage { items, has_next })
}

/// The number of items of each of these kinds; [`COUNTED`] stands for that many or more.
///
/// # Errors
/// When the store cannot be read.
pub async fn counts(
    db: &Db,
    (scope, kinds): (&Scope, &[WorkKind]),
    now: DateTime<Utc>,
) -> Result<Vec<(WorkKind, u64)>, DbErr> {
    let mut all = Vec::with_capacity(kinds.len());
    for kind in kinds {
        all.push((*kind, source::count(db, (scope, *kind), now, COUNTED).await?));
    }
    Ok(all)
}

/// The cursor of an item. It is opaque: clients store it and send it back unchanged.
#[must_use]
pub fn cursor((at, id, rank): AgendaPosition) -> String {
    let mut bytes = at.timestamp_micros().to_be_bytes().to_vec();
    bytes.push(rank);
    bytes.extend_from_slice(id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position in the agenda that a cursor stands for.
///
/// # Errors
/// [`ErrorCode::Invalid`] when it is not a cursor of an agenda.
pub fn read_cursor(cursor: &str) -> Result<AgendaPosition, Problem> {
    let read = || {
        let bytes: [u8; 25] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (rank, id) = rest.split_first()?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at)).filter(sensible)?;
        Some((at, Uuid::from_slice(id).ok()?, *rank))
    };
    read().ok_or_else(|| Problem::new(ErrorCode::Invalid, "after", texts::agenda::not_a_cursor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let place = (DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), Uuid::from_u128(42), 7);
        assert_eq!(read_cursor(&cursor(place)).unwrap(), place);
        for wrong in ["", "x", "ÅÄÖ", &cursor(place)[1..]] {
            assert!(read_cursor(wrong).is_err(), "{wrong}");
        }
    }
}
