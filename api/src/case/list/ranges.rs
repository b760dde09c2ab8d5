//! The ranges of indexes that a list of cases is read from, and the conditions that are left to check on their rows.
//! The indexes are beside the table `case` in the schema.

use std::collections::BTreeSet;

use entity::case;
use entity::kind::{CaseOrderField, CaseStage, Channel, Priority};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::filter::Test;
use super::{CaseOrder, Only, Part, Wanted};

/// The most ranges in one statement.
const MOST: usize = 64;

/// Disjoint queries, each of a range of an index, and the conditions that they leave.
pub(super) type Ranges = (Vec<Select<case::Entity>>, Vec<Test>);

const CLOSED: &[CaseStage] = &[CaseStage::Closed, CaseStage::Merged];

fn split(stages: &BTreeSet<CaseStage>) -> (BTreeSet<CaseStage>, BTreeSet<CaseStage>) {
    stages.iter().partition(|stage| !CLOSED.contains(stage))
}

impl Wanted {
    fn own(&self) -> Select<case::Entity> {
        case::Entity::find().filter(case::Column::SellerId.eq(self.seller))
    }

    fn stages(&self) -> BTreeSet<CaseStage> {
        self.stages.clone().unwrap_or_else(|| CaseStage::ALL.iter().copied().collect())
    }

    fn channels(&self) -> BTreeSet<Channel> {
        self.channels.clone().unwrap_or_else(|| Channel::ALL.iter().copied().collect())
    }

    /// The conditions that no range of the list has, of those that could choose ranges.
    fn left(&self, [owners, stages, channels, priorities]: [bool; 4]) -> Vec<Test> {
        let mut rest = self.rest.clone();
        rest.extend(self.owners.clone().filter(|_| owners).map(Test::Owners));
        rest.extend(self.stages.clone().filter(|_| stages).map(Test::Stages));
        rest.extend(self.channels.clone().filter(|_| channels).map(Test::Channels));
        rest.extend(self.priorities.clone().filter(|_| priorities).map(Test::Priorities));
        rest
    }

    /// One query for each owner, or one for the seller when there are too many owners; and whether the owners are left
    /// to check. `each` is the number of ranges that each query is divided into.
    fn whose(&self, each: usize) -> (Vec<Select<case::Entity>>, bool) {
        match &self.owners {
            Some(owners) if owners.len() * each <= MOST => {
                (owners.iter().map(|owner| self.own().filter(case::Column::OwnerId.eq(*owner))).collect(), false)
            }
            owners => (vec![self.own()], owners.is_some()),
        }
    }

    /// The ranges of few rows that the conditions name: of customers, or of an order. In the order in which the cases
    /// were opened.
    fn named(&self) -> Option<Ranges> {
        let mut rest = self.left([true, true, true, true]);
        if let Some(customers) = self.customers.as_ref().filter(|all| all.len() <= MOST) {
            let of = |customer| self.own().filter(case::Column::CustomerId.eq(customer));
            rest.extend(self.order.clone().map(Test::Order));
            return Some((customers.iter().copied().map(of).collect(), rest));
        }
        let of_order = self.own().filter(case::Column::OrderKey.eq(self.order.as_deref()?));
        rest.extend(self.customers.clone().map(Test::Customers));
        Some((vec![of_order], rest))
    }

    /// The cases of the customers or the order that the conditions name, where the list is not ordered by when they
    /// were opened. There are few of them, and they are put into order after they are read.
    pub(super) fn few(&self, order: CaseOrder) -> Option<Ranges> {
        if order.field == CaseOrderField::Opened { None } else { self.named() }
    }

    /// The ranges of a part of a list. None when no case is in this part.
    pub(super) fn ranges(&self, part: Part) -> Option<Ranges> {
        let found = match part.only {
            Only::All if matches!(part.by, case::Column::OpenedAt) => {
                self.named().unwrap_or_else(|| self.unnamed(self.opened(&self.stages(), self.is_narrowed())))
            }
            Only::All => self.unnamed(self.by_stage(None)),
            Only::WithNextContact => self.unnamed(self.with_next_contact()?),
            Only::WithoutNextContact => self.unnamed(self.opened(&split(&self.stages()).1, true)),
            Only::Of(priority) if self.priorities.as_ref().is_some_and(|all| !all.contains(&priority)) => return None,
            Only::Of(priority) => self.unnamed(self.by_stage(Some(priority))),
        };
        Some(found).filter(|(ranges, _)| !ranges.is_empty())
    }

    /// Adds the conditions that choose no range here: too many customers.
    fn unnamed(&self, (ranges, mut rest): Ranges) -> Ranges {
        rest.extend(self.customers.clone().map(Test::Customers));
        rest.extend(self.order.clone().map(Test::Order));
        (ranges, rest)
    }

    /// The ranges in which a list is counted, and the conditions to check there.
    pub(super) fn to_count(&self) -> Ranges {
        let part = CaseOrder::default().parts();
        part.first().and_then(|part| self.ranges(*part)).unwrap_or_default()
    }

    /// Whether the list is only of some owners, stages or channels.
    fn is_narrowed(&self) -> bool {
        self.owners.is_some() || self.stages.is_some() || self.channels.is_some()
    }

    /// By when the cases were opened: one range for each stage and channel.
    fn opened(&self, stages: &BTreeSet<CaseStage>, narrowed: bool) -> Ranges {
        if !narrowed {
            return (vec![self.own()], self.left([false, false, false, true]));
        }
        let channels = self.channels();
        let (whose, owners) = self.whose(stages.len() * channels.len());
        let pairs = || stages.iter().flat_map(|stage| channels.iter().map(move |channel| (*stage, *channel)));
        let of = |whose: Select<case::Entity>| {
            pairs().map(move |(stage, channel)| {
                whose.clone().filter(case::Column::Stage.eq(stage)).filter(case::Column::Channel.eq(channel))
            })
        };
        (whose.into_iter().flat_map(of).collect(), self.left([owners, false, false, true]))
    }

    /// One range for each stage: by the last change, or those of a priority by when they were opened.
    fn by_stage(&self, priority: Option<Priority>) -> Ranges {
        let stages = self.stages();
        let (whose, owners) = self.whose(stages.len());
        let of = |whose: Select<case::Entity>| {
            stages.iter().map(move |stage| {
                let rows = whose.clone().filter(case::Column::Stage.eq(*stage));
                match priority {
                    Some(priority) => rows.filter(case::Column::Priority.eq(priority)),
                    None => rows,
                }
            })
        };
        let ranges = whose.into_iter().flat_map(of).collect();
        (ranges, self.left([owners, false, true, priority.is_none()]))
    }

    fn with_next_contact(&self) -> Option<Ranges> {
        let open = split(&self.stages()).0;
        if open.is_empty() {
            return None;
        }
        let (whose, owners) = self.whose(1);
        let ranges = whose.into_iter().map(|rows| rows.filter(case::Column::NextContactDue.is_not_null())).collect();
        let mut rest = self.left([owners, false, true, true]);
        // A case has a next contact exactly while it is open.
        if open.len() < CaseStage::ALL.len() - CLOSED.len() {
            rest.push(Test::Stages(open));
        }
        Some((ranges, rest))
    }
}
