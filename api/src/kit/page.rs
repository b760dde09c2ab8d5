//! Pages of a list in a stable order, by keyset: a cursor contains the key of a row, so a page stays correct when rows
//! are added before it. The arguments `first`, `after`, `last` and `before` follow Relay
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
use crate::texts;

/// The number of rows in a page when the caller names none.
pub const DEFAULT_SIZE: i32 = 20;
/// The most rows in a page.
pub const MAX_SIZE: i32 = 100;

/// The most rows of a list that are counted. A larger number is of no use to a reader, and the cost of counting would
/// grow with the seller's data.
pub const COUNTED: u64 = 10_000;

/// Each value once, so that a filter never has more values than its enum.
pub fn once_each<T: Copy + Ord>(values: &[T]) -> BTreeSet<T> {
    values.iter().copied().collect()
}

/// The key of a row in its list: its time, then its id.
pub type ListKey = (DateTime<Utc>, Uuid);

/// The page of a list that is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    size: u64,
    backwards: bool,
    after: Option<ListKey>,
    before: Option<ListKey>,
}

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows, in list order.
    pub rows: Vec<T>,
    /// Whether there are rows after the last row of the page.
    pub has_next: bool,
    /// Whether there are rows before the first row of the page.
    pub has_previous: bool,
}

impl PageRequest {
    /// Checks the four arguments of a connection.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a size outside 1 to 100, for both directions at once, or for an invalid cursor.
    pub fn new(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, Problem> {
        let (size, backwards, field) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Problem::new(ErrorCode::Invalid, "last", texts::input::first_or_last()));
            }
            (None, Some(last)) => (last, true, "last"),
            (first, None) => (first.unwrap_or(DEFAULT_SIZE), false, "first"),
        };
        let size = checked_size(size, field)?;
        let key = |cursor: Option<&str>, field| cursor.map(|cursor| read_cursor(cursor, field)).transpose();
        Ok(Self { size, backwards, after: key(after, "after")?, before: key(before, "before")? })
    }

    /// Reads the page from the union of these queries, which must be disjoint. The rows are ordered by the time column
    /// and then the id column, newest first if `newest_first`. Each query should find its rows in that order in an
    /// index, so that it reads no more rows than the page needs.
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
        let keyed = |query: Select<E>, key: Option<ListKey>, later: bool| match key {
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

/// The size of a page, if it is a valid one.
///
/// # Errors
/// [`ErrorCode::Invalid`] for a size outside 1 to 100.
pub fn checked_size(size: i32, field: &str) -> Result<u64, Problem> {
    u64::try_from(size)
        .ok()
        .filter(|_| (1..=MAX_SIZE).contains(&size))
        .ok_or_else(|| Problem::new(ErrorCode::Invalid, field, texts::input::page_size(MAX_SIZE)))
}

/// The first rows, in the order of these columns, of the union of disjoint queries. The stores merge the rows of the
/// queries, each of which reads its own range of an index. With `OR` or `IN` the stores would read and sort all
/// matching rows.
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
    // Each query has its own limit. Otherwise PostgreSQL would read and sort all its rows before it returns the first.
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

/// The number of rows of these disjoint queries. The value `most` means that many or more.
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

/// Whether both stores can hold this time.
#[must_use]
pub fn sensible(time: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year())
}

/// The cursor of a row. It is opaque: clients store it and send it back unchanged.
#[must_use]
pub fn cursor((at, id): ListKey) -> String {
    let mut bytes = at.timestamp_micros().to_be_bytes().to_vec();
    bytes.extend_from_slice(id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(cursor: &str, field: &str) -> Result<ListKey, Problem> {
    let read = || {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at)).filter(sensible)?;
        Some((at, Uuid::from_slice(id).ok()?))
    };
    read().ok_or_else(|| Problem::new(ErrorCode::Invalid, field, texts::input::bad_cursor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let key = (DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), Uuid::from_u128(42));
        let ask = PageRequest::new(Some(1), Some(&cursor(key)), None, None).unwrap();
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
            let problem = PageRequest::new(first, after, last, before).unwrap_err();
            assert_eq!(problem.field, [field]);
        }
    }
}
