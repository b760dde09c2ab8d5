//! Pages of a list in a stable order, by keyset: a cursor contains the key of a row, so a page stays correct when rows
//! are added before it. The arguments `first`, `after`, `last` and `before` follow Relay
//! (<https://relay.dev/graphql/connections.htm>).

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Alias, Asterisk, Condition, Expr, ExprTrait, Func, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
};

use super::db::Db;
use super::error::{ErrorCode, Problem};
pub use super::place::{List, Place};
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

/// The page of a list that is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The list, in its order.
    pub list: List,
    /// The number of rows.
    pub size: u64,
    /// Whether the rows are those at the end, before `before`.
    pub backwards: bool,
    /// Only rows after this place.
    pub after: Option<Place>,
    /// Only rows before this place.
    pub before: Option<Place>,
}

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows, in list order, each with its place.
    pub rows: Vec<(Place, T)>,
    /// Whether there are rows after the last row of the page.
    pub has_next: bool,
    /// Whether there are rows before the first row of the page.
    pub has_previous: bool,
    /// Where reading stopped, if that was before the page was full: the next page continues there. The flag says whether
    /// this is the end of the page, or its beginning.
    pub stopped: Option<(Place, bool)>,
}

impl PageRequest {
    /// Checks the four arguments of a connection.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a size outside 1 to 100, for both directions at once, or for a cursor that is not one
    /// of this list.
    pub fn new(
        of: List,
        (first, after): (Option<i32>, Option<&str>),
        (last, before): (Option<i32>, Option<&str>),
    ) -> Result<Self, Problem> {
        let (size, backwards, field) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Problem::new(ErrorCode::Invalid, "last", texts::input::first_or_last()));
            }
            (None, Some(last)) => (last, true, "last"),
            (first, None) => (first.unwrap_or(DEFAULT_SIZE), false, "first"),
        };
        let size = checked_size(size, field)?;
        let place = |cursor: Option<&str>, field| cursor.map(|cursor| of.place(cursor, field)).transpose();
        Ok(Self { list: of, size, backwards, after: place(after, "after")?, before: place(before, "before")? })
    }

    /// The page with these rows, which were read from its near end on, one more than it has if there are more.
    #[must_use]
    pub fn page<T>(&self, mut rows: Vec<(Place, T)>) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backwards {
            rows.reverse();
            Page { rows, has_next: self.before.is_some(), has_previous: more, stopped: None }
        } else {
            Page { rows, has_next: more, has_previous: self.after.is_some(), stopped: None }
        }
    }

    /// Reads the page from the union of these queries, which must be disjoint. The rows are ordered by the first column
    /// and then the id column, downwards if `descending`; `place` says the place of a row. Each query should find its
    /// rows in that order in an index, so that it reads no more rows than the page needs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read<E, C>(
        &self,
        db: &Db,
        queries: Vec<Select<E>>,
        (columns, descending): ((C, C), bool),
        place: impl Fn(&E::Model) -> Place,
    ) -> Result<Page<E::Model>, DbErr>
    where
        E: EntityTrait,
        C: ColumnTrait,
    {
        let between = |query| self.between(query, columns, descending);
        let order = if descending == self.backwards { Order::Asc } else { Order::Desc };
        let queries = queries.into_iter().map(between).collect();
        let rows = together(db, queries, &[columns.0, columns.1], &order, self.size + 1).await?;
        Ok(self.page(rows.into_iter().map(|row| (place(&row), row)).collect()))
    }

    /// The rows of a query between the two cursors.
    fn between<E: EntityTrait, C: ColumnTrait>(
        &self,
        query: Select<E>,
        columns: (C, C),
        descending: bool,
    ) -> Select<E> {
        let after = keyed(query, columns, self.after.as_ref(), !descending);
        keyed(after, columns, self.before.as_ref(), descending)
    }
}

/// The rows of a query on one side of a place: those with a higher key, or those with a lower one.
#[must_use]
pub fn keyed<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    (by, id): (C, C),
    place: Option<&Place>,
    higher: bool,
) -> Select<E> {
    let Some(place) = place else { return query };
    let own = Expr::tuple([Expr::col(by.as_column_ref()), Expr::col(id.as_column_ref())]);
    let key = Expr::tuple([place.by.value(), Expr::val(place.id)]);
    query.filter(if higher { own.gt(key) } else { own.lt(key) })
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
    let queries = queries.into_iter().map(QueryTrait::into_query).collect();
    let Some(all) = merged(queries, columns, order, (most, most)) else { return Ok(Vec::new()) };
    E::find().from_raw_sql(db.get_database_backend().build(&all)).all(db).await
}

/// The first rows of the union of disjoint queries in the order of these columns: so many of each query, and so many of
/// all. None without a query.
pub fn merged<C: ColumnTrait>(
    queries: Vec<SelectStatement>,
    columns: &[C],
    order: &Order,
    (each, all): (u64, u64),
) -> Option<SelectStatement> {
    let in_order = |mut query: SelectStatement, most| {
        for column in columns {
            query.order_by(Alias::new(column.to_string()), order.clone());
        }
        query.limit(most).to_owned()
    };
    // Each query has its own limit. Otherwise PostgreSQL would read and sort all its rows before it returns the first.
    let part = |(number, query): (usize, SelectStatement)| {
        let name = Alias::new(format!("part{number}"));
        Query::select().column(Asterisk).from_subquery(in_order(query, each), name).to_owned()
    };
    Some(in_order(united(queries.into_iter().enumerate().map(part))?, all))
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
    match counting(queries, most) {
        Some(counting) => count(db, &counting).await,
        None => Ok(0),
    }
}

/// The statement that counts the rows of these disjoint queries, up to `most`. None without a query.
#[must_use]
pub fn counting<E: EntityTrait>(queries: Vec<Select<E>>, most: u64) -> Option<SelectStatement> {
    let part = |(number, query): (usize, Select<E>)| {
        let bare = query.select_only().expr_as(Expr::val(1), "one").limit(most).into_query();
        Query::select().column(Asterisk).from_subquery(bare, Alias::new(format!("part{number}"))).to_owned()
    };
    let mut rows = united(queries.into_iter().enumerate().map(part))?;
    let counting = Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("number"))
        .from_subquery(rows.limit(most).to_owned(), Alias::new("found"))
        .to_owned();
    Some(counting)
}

/// The number that such a statement counts.
///
/// # Errors
/// When the store cannot be read.
pub async fn count(db: &impl ConnectionTrait, counting: &SelectStatement) -> Result<u64, DbErr> {
    let row = db.query_one(counting).await?;
    row.map_or(Ok(0), |row| number(&row, "number"))
}

/// The number of rows of these disjoint queries that meet a condition, among the first `most` rows of the queries, and
/// the number of rows that were looked at: `most` means that there may be more.
///
/// # Errors
/// When the store cannot be read.
pub async fn counted_among<E: EntityTrait>(
    db: &impl ConnectionTrait,
    queries: Vec<Select<E>>,
    condition: Condition,
    most: u64,
) -> Result<(u64, u64), DbErr> {
    let part = |(number, query): (usize, Select<E>)| {
        let rows = query.limit(most).into_query();
        Query::select().column(Asterisk).from_subquery(rows, Alias::new(format!("part{number}"))).to_owned()
    };
    let Some(mut rows) = united(queries.into_iter().enumerate().map(part)) else { return Ok((0, 0)) };
    // The rows have the name of their table, by which the condition names their columns.
    let counting = Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("looked"))
        .expr_as(Func::count(Expr::case(condition, 1)), Alias::new("number"))
        .from_subquery(rows.limit(most).to_owned(), Alias::new(E::default().table_name()))
        .to_owned();
    let row = db.query_one(&counting).await?;
    row.map_or(Ok((0, 0)), |row| Ok((number(&row, "number")?, number(&row, "looked")?)))
}

fn number(row: &QueryResult, name: &str) -> Result<u64, DbErr> {
    let number: i64 = row.try_get("", name)?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// Whether both stores can hold this time.
#[must_use]
pub fn sensible(time: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let problem = PageRequest::new(List::named("x"), (first, after), (last, before)).unwrap_err();
            assert_eq!(problem.field, [field]);
        }
    }
}
