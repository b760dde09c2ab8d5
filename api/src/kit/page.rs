//! Pages of a list in a stable order, by keyset: a cursor names the last row seen, so a page stays right when rows
//! are added before it. Relay's rules for `first`, `after`, `last`, `before`
//! (<https://relay.dev/graphql/connections.htm>).

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::db::Db;
use super::error::{ErrorCode, Problem};

/// Rows in a page when the caller does not say.
pub const DEFAULT_SIZE: i32 = 20;
/// Rows in a page at most.
pub const MAX_SIZE: i32 = 100;

/// Rows of a list that are counted at most: beyond it, nobody reads the number, and counting would cost more the more a
/// seller has.
pub const COUNTED: u64 = 10_000;

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

    /// Reads the page from these queries together, which have no row in common, ordered by the time column and the id
    /// column, newest first if `newest_first`. Each query should find its rows in that order in an index: then no more of
    /// them are read than the page has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read<E, C>(
        self,
        db: &Db,
        queries: Vec<Select<E>>,
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
        let keyed = |query| keyed(keyed(query, self.after, !newest_first), self.before, newest_first);
        let order = if newest_first == self.backwards { Order::Asc } else { Order::Desc };
        let queries = queries.into_iter().map(keyed).collect();
        let mut rows = together(db, queries, &[time, id], &order, self.size + 1).await?;
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

/// The first rows, in this order of columns, of queries that have none in common. The stores merge them row by row, each
/// from its own stretch of an index; written with `OR` or `IN` they would read and sort all that match.
///
/// # Errors
/// When the store cannot be read.
pub async fn together<E, C>(
    db: &impl ConnectionTrait,
    queries: Vec<Select<E>>,
    columns: &[C],
    order: &Order,
    most: u64,
) -> Result<Vec<E::Model>, DbErr>
where
    E: EntityTrait,
    C: ColumnTrait,
{
    let in_order = |mut query: SelectStatement| {
        for column in columns {
            query.order_by(Alias::new(column.to_string()), order.clone());
        }
        query.limit(most).to_owned()
    };
    // Each of them stops by itself: PostgreSQL would else read and sort all that they find before it takes the first.
    let part = |(number, query): (usize, Select<E>)| {
        let name = Alias::new(format!("part{number}"));
        Query::select().column(Asterisk).from_subquery(in_order(query.into_query()), name).to_owned()
    };
    let Some(all) = united(queries.into_iter().enumerate().map(part)) else { return Ok(Vec::new()) };
    let statement = db.get_database_backend().build(&in_order(all));
    E::find().from_raw_sql(statement).all(db).await
}

fn united(queries: impl IntoIterator<Item = SelectStatement>) -> Option<SelectStatement> {
    let mut queries = queries.into_iter();
    let mut all = queries.next()?;
    for query in queries {
        all.union(UnionType::All, query);
    }
    Some(all)
}

/// How many rows these queries find, which have none in common; `most` stands for that many or more.
///
/// # Errors
/// When the store cannot be read.
pub async fn counted<E: EntityTrait>(
    db: &impl ConnectionTrait,
    queries: Vec<Select<E>>,
    most: u64,
) -> Result<u64, DbErr> {
    let part = |(number, query): (usize, Select<E>)| {
        let bare = query.select_only().expr_as(Expr::val(1), "one").limit(most).into_query();
        Query::select().column(Asterisk).from_subquery(bare, Alias::new(format!("part{number}"))).to_owned()
    };
    let Some(mut rows) = united(queries.into_iter().enumerate().map(part)) else { return Ok(0) };
    let counting = Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("number"))
        .from_subquery(rows.limit(most).to_owned(), Alias::new("found"))
        .to_owned();
    let row = db.query_one(&counting).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get("", "number"))?;
    Ok(u64::try_from(number).unwrap_or_default())
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
