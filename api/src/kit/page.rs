//! Pages of a list in a stable order, by keyset: a cursor names the last row seen, so a page stays right when rows
//! are added before it. Relay's rules for `first`, `after`, `last`, `before`
//! (<https://relay.dev/graphql/connections.htm>).

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::db::Db;
use super::error::{ErrorCode, Problem};

/// Rows in a page when the caller does not say.
pub const DEFAULT_SIZE: i32 = 20;
/// Rows in a page at most.
pub const MAX_SIZE: i32 = 100;

/// Each value once: a filter's words of an enum are then never more than the enum has.
pub fn once_each<T: Copy + Ord>(values: &[T]) -> BTreeSet<T> {
    values.iter().copied().collect()
}

/// Where a row stands in its list: by time, then by id.
pub type Key = (DateTime<Utc>, Uuid);

/// What part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    size: u64,
    backwards: bool,
    after: Option<Key>,
    before: Option<Key>,
}

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows, in list order.
    pub rows: Vec<T>,
    /// Whether the list goes on after the last row.
    pub has_next: bool,
    /// Whether there is more of the list before the first row.
    pub has_previous: bool,
}

impl Ask {
    /// Reads the four arguments of a connection.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for sizes outside 1-100, both directions at once, or a cursor that is not one.
    pub fn new(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, Problem> {
        let (size, backwards, field) = match (first, last) {
            (Some(_), Some(_)) => {
                let en = "Give either `first` or `last`, not both.";
                return Err(Problem::new(ErrorCode::Invalid, "last", en, "Ange `first` eller `last`, inte båda."));
            }
            (None, Some(last)) => (last, true, "last"),
            (first, None) => (first.unwrap_or(DEFAULT_SIZE), false, "first"),
        };
        let size = u64::try_from(size).ok().filter(|_| (1..=MAX_SIZE).contains(&size)).ok_or_else(|| {
            let (en, sv) = (format!("Between 1 and {MAX_SIZE}."), format!("Mellan 1 och {MAX_SIZE}."));
            Problem::new(ErrorCode::Invalid, field, en, sv)
        })?;
        let key = |cursor: Option<&str>, field| cursor.map(|cursor| read_cursor(cursor, field)).transpose();
        Ok(Self { size, backwards, after: key(after, "after")?, before: key(before, "before")? })
    }

    /// Reads the page from a query, ordered by the time column and the id column, newest first if `newest_first`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read<E, C>(
        self,
        db: &Db,
        query: Select<E>,
        (time, id): (C, C),
        newest_first: bool,
    ) -> Result<Page<E::Model>, DbErr>
    where
        E: EntityTrait,
        C: ColumnTrait,
    {
        let keyed = |query: Select<E>, key: Option<Key>, later: bool| match key {
            None => query,
            Some((at, uuid)) => {
                let place = Expr::tuple([Expr::col(time.as_column_ref()), Expr::col(id.as_column_ref())]);
                let key = Expr::tuple([Expr::val(at), Expr::val(uuid)]);
                query.filter(if later { place.gt(key) } else { place.lt(key) })
            }
        };
        let query = keyed(keyed(query, self.after, !newest_first), self.before, newest_first);
        let order = if newest_first == self.backwards { Order::Asc } else { Order::Desc };
        let query = query.order_by(time, order.clone()).order_by(id, order);
        let mut rows = query.limit(self.size + 1).all(db).await?;
        let more = rows.len() as u64 > self.size;
        if more {
            rows.pop();
        }
        if self.backwards {
            rows.reverse();
            Ok(Page { rows, has_next: self.before.is_some(), has_previous: more })
        } else {
            Ok(Page { rows, has_next: more, has_previous: self.after.is_some() })
        }
    }
}

/// How many rows a list has in all.
///
/// # Errors
/// When the store cannot be read.
pub async fn total<E>(db: &Db, query: Select<E>) -> Result<u64, DbErr>
where
    E: EntityTrait,
    E::Model: Sync,
{
    query.count(db).await
}

/// Whether every store can hold this time.
#[must_use]
pub fn sensible(time: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year())
}

/// The cursor of a row. Clients store it and give it back, and read nothing into it.
#[must_use]
pub fn cursor((at, id): Key) -> String {
    let mut bytes = at.timestamp_micros().to_be_bytes().to_vec();
    bytes.extend_from_slice(id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(cursor: &str, field: &str) -> Result<Key, Problem> {
    let read = || {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at)).filter(sensible)?;
        Some((at, Uuid::from_slice(id).ok()?))
    };
    read().ok_or_else(|| {
        let en = "Not a cursor of this list. Give one that came from `pageInfo` or an edge, unchanged.";
        let sv = "Ingen markör för denna lista. Ange en som kom från `pageInfo` eller en kant, oförändrad.";
        Problem::new(ErrorCode::Invalid, field, en, sv)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let key = (DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), Uuid::from_u128(42));
        let ask = Ask::new(Some(1), Some(&cursor(key)), None, None).unwrap();
        assert_eq!(ask.after, Some(key));
    }

    #[test]
    fn senseless_pages_are_refused_with_the_field_named() {
        for (first, after, last, before, field) in [
            (Some(0), None, None, None, "first"),
            (Some(-5), None, None, None, "first"),
            (Some(101), None, None, None, "first"),
            (None, None, Some(i32::MIN), None, "last"),
            (Some(1), None, Some(1), None, "last"),
            (None, Some("x"), None, None, "after"),
            (None, None, Some(1), Some("ÅÄÖ"), "before"),
        ] {
            let problem = Ask::new(first, after, last, before).unwrap_err();
            assert_eq!(problem.field, [field]);
        }
    }
}
