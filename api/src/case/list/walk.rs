//! Reads a page of a list of cases. Conditions that no range of an index has are checked on one row of the ranges
//! after the other, on at most [`LOOKED_AT`] rows for a page: then the page ends, and the next one continues there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::case;
use entity::id::CaseId;
use entity::kind::Priority;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Order, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use super::filter::Test;
use super::ranges::Ranges;
use super::{CaseOrder, Part, Placed, Wanted};
use crate::kit::db::Db;
use crate::kit::page::{Page, PageRequest, Place, keyed, merged, together};
use crate::kit::place::Key;

/// The most rows that are looked at for a page.
pub const LOOKED_AT: usize = 5_000;
/// How many rows of all ranges together are read at once, and how many of each range at least.
const STEP: usize = 1_000;
const LEAST: usize = 50;
/// How often rows of the ranges are read for a page.
const ROUNDS: usize = 10;
/// How many rows are looked at in one statement.
const CHUNK: usize = 100;
/// The most cases of a customer, or about an order, that are put into another order than that of their opening.
pub const FEW: u64 = 1_000;

/// A row of a range that is to be looked at.
#[derive(Debug, Clone)]
struct Candidate {
    place: Place,
    id: CaseId,
}

/// A page that is being read, from its near end to its far end.
struct Reading<'r> {
    db: &'r Db,
    order: CaseOrder,
    ask: &'r PageRequest,
    rows: Vec<(Place, case::Model)>,
    looked: usize,
    rounds: usize,
    stopped: Option<Place>,
}

/// A page of the cases that are wanted.
///
/// # Errors
/// When the store cannot be read.
pub async fn page(db: &Db, wanted: &Wanted, order: CaseOrder, ask: &PageRequest) -> Result<Page<case::Model>, DbErr> {
    let mut reading = Reading { db, order, ask, rows: Vec::new(), looked: 0, rounds: 0, stopped: None };
    if let Some((ranges, rest)) = wanted.few(order) {
        let candidates = reading.few(ranges).await?;
        reading.look(candidates, &Test::All(rest)).await?;
        return Ok(reading.page());
    }
    let mut parts = order.parts();
    if ask.backwards {
        parts.reverse();
    }
    for part in parts {
        if !reading.is_full()
            && reading.stopped.is_none()
            && let Some(bounds) = reading.bounds(part.rank)
            && let Some(ranges) = wanted.ranges(part)
        {
            reading.part(part, bounds, ranges).await?;
        }
    }
    Ok(reading.page())
}

/// The places between which rows of a part are read: after the first and before the second.
type Bounds = (Option<Place>, Option<Place>);

impl Reading<'_> {
    fn is_full(&self) -> bool {
        self.rows.len() as u64 > self.ask.size
    }

    fn page(self) -> Page<case::Model> {
        let mut page = self.ask.page(self.rows);
        if self.stopped.is_some() {
            page.has_next |= !self.ask.backwards;
            page.has_previous |= self.ask.backwards;
        }
        page.stopped = self.stopped.map(|place| (place, !self.ask.backwards));
        page
    }

    /// The bounds in a part of the list. None when the page has no row of it.
    fn bounds(&self, rank: u8) -> Option<Bounds> {
        let (after, before) = (self.ask.after.as_ref(), self.ask.before.as_ref());
        let outside = after.is_some_and(|place| rank < place.rank) || before.is_some_and(|place| rank > place.rank);
        let here = |place: Option<&Place>| place.filter(|place| place.rank == rank).cloned();
        (!outside).then(|| (here(after), here(before)))
    }

    async fn part(&mut self, part: Part, bounds: Bounds, (ranges, rest): Ranges) -> Result<(), DbErr> {
        if rest.is_empty() {
            return self.all(part, &bounds, ranges).await;
        }
        let (mut bounds, rest) = (bounds, Test::All(rest));
        loop {
            let (candidates, more) = self.candidates(part, &bounds, &ranges).await?;
            let last = candidates.last().map(|candidate| candidate.place.clone());
            self.look(candidates, &rest).await?;
            if self.is_full() || !more {
                return Ok(());
            }
            self.rounds += 1;
            if self.looked >= LOOKED_AT || self.rounds >= ROUNDS {
                self.stopped = last;
                return Ok(());
            }
            if self.ask.backwards {
                bounds.1 = last;
            } else {
                bounds.0 = last;
            }
        }
    }

    /// Reads rows that need not be checked.
    async fn all(&mut self, part: Part, bounds: &Bounds, ranges: Vec<Select<case::Entity>>) -> Result<(), DbErr> {
        let most = (self.ask.size + 1).saturating_sub(self.rows.len() as u64);
        let ranges = ranges.into_iter().map(|rows| within(rows, part, bounds)).collect();
        let found = together(self.db, ranges, &[part.by, case::Column::Id], &self.way(part), most).await?;
        let order = self.order;
        self.rows.extend(found.into_iter().map(|row| (order.place(&Placed::from(&row)), row)));
        Ok(())
    }

    /// The way in which rows of a part are read.
    fn way(&self, part: Part) -> Order {
        if part.descending == self.ask.backwards { Order::Asc } else { Order::Desc }
    }

    /// The next rows of the ranges of a part, and whether there may be more after them.
    async fn candidates(
        &self,
        part: Part,
        bounds: &Bounds,
        ranges: &[Select<case::Entity>],
    ) -> Result<(Vec<Candidate>, bool), DbErr> {
        let each = (STEP / ranges.len().max(1)).max(LEAST);
        let keys = |(number, rows): (usize, &Select<case::Entity>)| {
            within(rows.clone(), part, bounds)
                .select_only()
                .columns([case::Column::Id, part.by])
                .expr_as(Expr::val(i32::try_from(number).unwrap_or_default()), "part")
                .into_query()
        };
        let queries = ranges.iter().enumerate().map(keys).collect();
        let all = (each * ranges.len()) as u64;
        let order = [part.by, case::Column::Id];
        let Some(asked) = merged(queries, &order, &self.way(part), (each as u64, all)) else {
            return Ok((Vec::new(), false));
        };
        let mut of_range: HashMap<i32, usize> = HashMap::new();
        let mut found = Vec::new();
        for row in self.db.query_all(&asked).await? {
            let (id, at): (CaseId, DateTime<Utc>) = (row.try_get("", "id")?, row.try_get("", part.by.as_str())?);
            found.push(Candidate { place: Place { rank: part.rank, by: Key::Time(at), id: id.0 }, id });
            let read = of_range.entry(row.try_get("", "part")?).or_default();
            *read += 1;
            // What comes after the last row that was read of a range is not known: it may belong here.
            if *read == each {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }

    /// The cases of a customer, or about an order, in the order of the list.
    async fn few(&self, ranges: Vec<Select<case::Entity>>) -> Result<Vec<Candidate>, DbErr> {
        #[derive(FromQueryResult)]
        struct Row {
            id: CaseId,
            opened_at: DateTime<Utc>,
            last_event_at: DateTime<Utc>,
            next_contact_due: Option<DateTime<Utc>>,
            priority: Priority,
        }
        let keys = |rows: Select<case::Entity>| {
            let columns = [
                case::Column::Id,
                case::Column::OpenedAt,
                case::Column::LastEventAt,
                case::Column::NextContactDue,
                case::Column::Priority,
            ];
            rows.select_only().columns(columns).into_query()
        };
        let queries = ranges.into_iter().map(keys).collect();
        let newest = [case::Column::OpenedAt, case::Column::Id];
        let Some(asked) = merged(queries, &newest, &Order::Desc, (FEW, FEW)) else { return Ok(Vec::new()) };
        let rows = Row::find_by_statement(self.db.get_database_backend().build(&asked)).all(self.db).await?;
        let candidate = |row: Row| {
            let Row { id, opened_at, last_event_at, next_contact_due, priority } = row;
            let placed = Placed { id, opened_at, last_event_at, next_contact_due, priority };
            Candidate { place: self.order.place(&placed), id }
        };
        let between = |candidate: &Candidate| {
            let comes = |place: &Place| self.order.compare(&candidate.place, place);
            self.ask.after.as_ref().is_none_or(|after| comes(after).is_gt())
                && self.ask.before.as_ref().is_none_or(|before| comes(before).is_lt())
        };
        let mut found: Vec<Candidate> = rows.into_iter().map(candidate).filter(between).collect();
        found.sort_by(|one, other| self.order.compare(&one.place, &other.place));
        if self.ask.backwards {
            found.reverse();
        }
        Ok(found)
    }

    /// Checks the conditions on these rows, until the page is full.
    async fn look(&mut self, candidates: Vec<Candidate>, rest: &Test) -> Result<(), DbErr> {
        for some in candidates.chunks(CHUNK) {
            if self.is_full() {
                return Ok(());
            }
            let rows = case::Entity::find()
                .filter(case::Column::Id.is_in(some.iter().map(|candidate| candidate.id)))
                .filter(rest.sql(self.db.get_database_backend()))
                .all(self.db)
                .await?;
            let mut fitting: HashMap<Uuid, case::Model> = rows.into_iter().map(|row| (row.id.0, row)).collect();
            let found = some.iter().filter_map(|one| Some((one.place.clone(), fitting.remove(&one.id.0)?)));
            self.rows.extend(found);
            self.looked += some.len();
        }
        Ok(())
    }
}

/// The rows of a part between two places.
fn within(rows: Select<case::Entity>, part: Part, (after, before): &Bounds) -> Select<case::Entity> {
    let columns = (part.by, case::Column::Id);
    let rows = keyed(rows, columns, after.as_ref(), !part.descending);
    keyed(rows, columns, before.as_ref(), part.descending)
}
