//! Lists of cases. A list is read from ranges of an index that has the rows in the order of the list, so that a page
//! costs the same in a small store and in a large one. Conditions that choose the ranges cost nothing; all others are
//! checked on the rows of the ranges one after the other ([`walk`]), a limited number of rows for a page.

pub mod chosen;
pub mod filter;
mod ranges;
mod walk;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::case;
use entity::id::{CaseId, CustomerId, SellerId, StaffId};
use entity::kind::{CaseOrderField, CaseStage, Channel, OrderDirection, Priority};
use sea_orm::{ConnectionTrait, DbErr, QueryOrder, Select};

pub use walk::page;

use self::filter::Test;
use crate::kit::db::Db;
use crate::kit::page::{COUNTED, List, Place, counted, counted_among};
use crate::kit::place::Key;

/// The order of a list of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseOrder {
    /// What it is ordered by.
    pub field: CaseOrderField,
    /// The direction.
    pub direction: OrderDirection,
}

impl Default for CaseOrder {
    fn default() -> Self {
        Self { field: CaseOrderField::Opened, direction: OrderDirection::Desc }
    }
}

/// A part of a list. The parts of a list follow each other, and each is in the order of one column and then the id.
#[derive(Debug, Clone, Copy)]
struct Part {
    rank: u8,
    by: case::Column,
    descending: bool,
    only: Only,
}

/// Which cases are in a part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    All,
    WithNextContact,
    WithoutNextContact,
    Of(Priority),
}

/// What decides the place of a case in a list.
struct Placed {
    id: CaseId,
    opened_at: DateTime<Utc>,
    last_event_at: DateTime<Utc>,
    next_contact_due: Option<DateTime<Utc>>,
    priority: Priority,
}

impl From<&case::Model> for Placed {
    fn from(row: &case::Model) -> Self {
        Self {
            id: row.id,
            opened_at: row.opened_at,
            last_event_at: row.last_event_at,
            next_contact_due: row.next_contact_due,
            priority: row.priority,
        }
    }
}

impl CaseOrder {
    /// The name by which a cursor knows that it belongs to this order.
    #[must_use]
    pub const fn list(self) -> List {
        use {CaseOrderField as Field, OrderDirection as Direction};
        List::named(match (self.field, self.direction) {
            (Field::Opened, Direction::Asc) => "cases opened asc",
            (Field::Opened, Direction::Desc) => "cases opened desc",
            (Field::Changed, Direction::Asc) => "cases changed asc",
            (Field::Changed, Direction::Desc) => "cases changed desc",
            (Field::NextContact, Direction::Asc) => "cases next contact asc",
            (Field::NextContact, Direction::Desc) => "cases next contact desc",
            (Field::Priority, Direction::Asc) => "cases priority asc",
            (Field::Priority, Direction::Desc) => "cases priority desc",
        })
    }

    /// The parts of the list, in its order.
    fn parts(self) -> Vec<Part> {
        let descending = self.direction == OrderDirection::Desc;
        let only = |rank, by, descending, only| Part { rank, by, descending, only };
        match self.field {
            CaseOrderField::Opened => vec![only(0, case::Column::OpenedAt, descending, Only::All)],
            CaseOrderField::Changed => vec![only(0, case::Column::LastEventAt, descending, Only::All)],
            CaseOrderField::NextContact => vec![
                only(0, case::Column::NextContactDue, descending, Only::WithNextContact),
                only(1, case::Column::OpenedAt, true, Only::WithoutNextContact),
            ],
            CaseOrderField::Priority => {
                let part = |(rank, priority)| only(rank, case::Column::OpenedAt, false, Only::Of(priority));
                (0..).zip(self.priorities()).map(part).collect()
            }
        }
    }

    fn priorities(self) -> Vec<Priority> {
        let mut all = Priority::ALL.to_vec();
        if self.direction == OrderDirection::Desc {
            all.reverse();
        }
        all
    }

    /// The place of a case in the list.
    fn place(self, row: &Placed) -> Place {
        let (rank, at) = match self.field {
            CaseOrderField::Opened => (0, row.opened_at),
            CaseOrderField::Changed => (0, row.last_event_at),
            CaseOrderField::NextContact => row.next_contact_due.map_or((1, row.opened_at), |due| (0, due)),
            CaseOrderField::Priority => {
                let rank = self.priorities().iter().position(|priority| *priority == row.priority);
                (rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or_default(), row.opened_at)
            }
        };
        Place { rank, by: Key::Time(at), id: row.id.0 }
    }

    /// Which of two places comes first in the list.
    fn compare(self, one: &Place, other: &Place) -> Ordering {
        let descending = self.parts().iter().any(|part| part.rank == one.rank && part.descending);
        let within = (&one.by, one.id).cmp(&(&other.by, other.id));
        one.rank.cmp(&other.rank).then(if descending { within.reverse() } else { within })
    }
}

/// The conditions of a list, sorted by what they are good for. Those in fields of their own can choose ranges of an
/// index.
#[derive(Debug, Clone)]
pub struct Wanted {
    seller: SellerId,
    owners: Option<BTreeSet<StaffId>>,
    customers: Option<BTreeSet<CustomerId>>,
    order: Option<String>,
    stages: Option<BTreeSet<CaseStage>>,
    channels: Option<BTreeSet<Channel>>,
    priorities: Option<BTreeSet<Priority>>,
    rest: Vec<Test>,
}

impl Wanted {
    /// The cases of this seller that meet all these conditions.
    #[must_use]
    pub fn new(seller: SellerId, tests: Vec<Test>) -> Self {
        let mut wanted = Self {
            seller,
            owners: None,
            customers: None,
            order: None,
            stages: None,
            channels: None,
            priorities: None,
            rest: Vec::new(),
        };
        wanted.add(Test::All(tests));
        wanted
    }

    fn add(&mut self, test: Test) {
        match test {
            Test::All(tests) => tests.into_iter().for_each(|test| self.add(test)),
            Test::Owners(some) => narrow(&mut self.owners, some),
            Test::Customers(some) => narrow(&mut self.customers, some),
            Test::Stages(some) => narrow(&mut self.stages, some),
            Test::Channels(some) => narrow(&mut self.channels, some),
            Test::Priorities(some) => narrow(&mut self.priorities, some),
            Test::Order(key) if self.order.is_none() => self.order = Some(key),
            test => self.rest.push(test),
        }
    }

    /// The number of cases, among the first 10,001 that the ranges have; and whether it is exact.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count(&self, db: &Db) -> Result<(u64, bool), DbErr> {
        let (ranges, rest) = self.to_count();
        let most = COUNTED + 1;
        let (number, looked) = if rest.is_empty() {
            let number = counted(db, ranges, most).await?;
            (number, number)
        } else {
            let condition = Test::All(rest).sql(db.get_database_backend());
            // In the order of the index, so that the store reads no more rows than are looked at.
            let newest =
                |rows: Select<case::Entity>| rows.order_by_desc(case::Column::OpenedAt).order_by_desc(case::Column::Id);
            let ranges = ranges.into_iter().map(newest).collect();
            counted_among(db, ranges, condition, most).await?
        };
        Ok((number.min(COUNTED), looked < most))
    }
}

fn narrow<T: Ord>(known: &mut Option<BTreeSet<T>>, mut some: BTreeSet<T>) {
    if let Some(known) = known.take() {
        some.retain(|value| known.contains(value));
    }
    *known = Some(some);
}

#[cfg(test)]
mod tests;
