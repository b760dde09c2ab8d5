//! Conditions on cases, and how a store is asked for them. Each condition is true or false for a case, never unknown:
//! `not` of a condition on a value that a case does not have is true.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::id::{CustomerId, PartnerId, StaffId};
use entity::kind::{CaseStage, Channel, CommitmentKind, CommitmentState, DueKind, Priority, Severity, TaskStatus};
use entity::{case, case_partner, case_task, commitment, due};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::task::decide::is_open;

/// A condition on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The case is in one of these stages.
    Stages(BTreeSet<CaseStage>),
    /// The first report came through one of these channels.
    Channels(BTreeSet<Channel>),
    /// The case has one of these priorities.
    Priorities(BTreeSet<Priority>),
    /// The case has one of these severities.
    Severities(BTreeSet<Severity>),
    /// One of these people owns the case.
    Owners(BTreeSet<StaffId>),
    /// The case is of one of these customers.
    Customers(BTreeSet<CustomerId>),
    /// The case is about the order with this reference, in the form in which references are compared.
    Order(String),
    /// The case has one of these categories, in the form in which names are compared.
    Categories(BTreeSet<String>),
    /// The case has one of these tags.
    Tags(Vec<String>),
    /// One of these partners is involved in the case.
    Partners(BTreeSet<PartnerId>),
    /// One of these partners has an open task on the case.
    OpenTaskOf(BTreeSet<PartnerId>),
    /// This time of the case is within the period.
    Time(CaseTime, Period),
    /// The next contact is late, or is not.
    Late(bool, DateTime<Utc>),
    /// There is an open commitment to do something, due within the period.
    OpenCommitment(Period),
    /// A clock of one of these kinds runs, or is late, and is due within the period.
    Clock(BTreeSet<DueKind>, Period),
    /// All of these are true.
    All(Vec<Test>),
    /// At least one of these is true.
    Any(Vec<Test>),
    /// This is not true.
    Not(Box<Test>),
}

/// A time of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseTime {
    /// When the customer is to hear from the owner.
    NextContact,
    /// When the customer last had to ask.
    LastChased,
    /// When it was opened.
    Opened,
    /// When the complaint was received.
    Received,
    /// When it was closed.
    Closed,
    /// When its last event happened.
    Changed,
}

impl CaseTime {
    const fn column(self) -> case::Column {
        match self {
            Self::NextContact => case::Column::NextContactDue,
            Self::LastChased => case::Column::LastChasedAt,
            Self::Opened => case::Column::OpenedAt,
            Self::Received => case::Column::ReceivedAt,
            Self::Closed => case::Column::ClosedAt,
            Self::Changed => case::Column::LastEventAt,
        }
    }
}

/// A period, and whether there is a time at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// Later than this time.
    pub after: Option<DateTime<Utc>>,
    /// Earlier than this time.
    pub before: Option<DateTime<Utc>>,
    /// There is no time, or there is one.
    pub is_null: Option<bool>,
}

impl Period {
    fn of(self, column: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.after.map(|after| column.gt(after)))
            .add_option(self.before.map(|before| column.lt(before)))
            .add_option(self.is_null.map(|null| if null { column.is_null() } else { column.is_not_null() }))
    }
}

impl Test {
    /// The condition in SQL on the table `case`.
    #[must_use]
    pub fn sql(&self, store: DbBackend) -> Condition {
        let all = |tests: &[Self]| tests.iter().map(|test| test.sql(store)).collect::<Vec<_>>();
        let is = |condition: Expr| Condition::all().add(condition);
        match self {
            Self::Stages(wanted) => is(one_of(case::Column::Stage, wanted)),
            Self::Channels(wanted) => is(one_of(case::Column::Channel, wanted)),
            Self::Priorities(wanted) => is(one_of(case::Column::Priority, wanted)),
            Self::Severities(wanted) => is(one_of(case::Column::Severity, wanted)),
            Self::Owners(wanted) => is(one_of(case::Column::OwnerId, wanted)),
            Self::Customers(wanted) => is(one_of(case::Column::CustomerId, wanted)),
            Self::Order(key) => is(case::Column::OrderKey.eq(key.as_str())),
            Self::Categories(keys) => is(one_of(case::Column::CategoryKey, keys)),
            Self::Tags(tags) => any(tags.iter().map(|tag| is(has_tag(store, tag)))),
            Self::Partners(wanted) => is(there_is(
                of_case(case_partner::Entity::find(), case_partner::Column::CaseId)
                    .filter(one_of(case_partner::Column::PartnerId, wanted)),
            )),
            Self::OpenTaskOf(wanted) => is(open_task(wanted)),
            Self::Time(time, period) => period.of(time.column()),
            Self::Late(true, now) => is(case::Column::NextContactDue.lt(*now)),
            Self::Late(false, now) => Self::Not(Box::new(Self::Late(true, *now))).sql(store),
            Self::OpenCommitment(period) => is(open_commitment(*period)),
            Self::Clock(kinds, period) => is(there_is(
                of_case(due::Entity::find(), due::Column::CaseId)
                    .filter(one_of(due::Column::Kind, kinds))
                    .filter(period.of(due::Column::DueAt)),
            )),
            Self::All(tests) => all(tests).into_iter().fold(Condition::all(), Condition::add),
            Self::Any(tests) => any(all(tests)),
            Self::Not(test) => is(Expr::case(test.sql(store), 1).finally(0).eq(0)),
        }
    }
}

/// At least one of these. No case meets an empty list.
fn any(alternatives: impl IntoIterator<Item = Condition>) -> Condition {
    let any = alternatives.into_iter().fold(Condition::any(), Condition::add);
    if any.is_empty() { any.add(never()) } else { any }
}

/// A condition that no case meets.
fn never() -> Expr {
    Expr::cust("1 = 0")
}

fn one_of<C, T>(column: C, wanted: &BTreeSet<T>) -> Expr
where
    C: ColumnTrait,
    T: Clone + Into<sea_orm::Value>,
{
    if wanted.is_empty() { never() } else { column.is_in(wanted.iter().cloned()) }
}

fn of_case<E: EntityTrait, C: ColumnTrait>(rows: Select<E>, case: C) -> Select<E> {
    rows.filter(Expr::col(case.as_column_ref()).eq(case::Column::Id.into_simple_expr()))
}

/// Whether there is such a row. It is a scalar query and not `EXISTS`, because PostgreSQL may turn `EXISTS` into a join
/// with the whole table.
fn there_is<E: EntityTrait>(rows: Select<E>) -> Expr {
    scalar(rows.select_only().expr_as(Expr::val(1), "one").limit(1).into_query())
}

fn scalar(rows: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(rows.into())).is_not_null()
}

fn open_task(partners: &BTreeSet<PartnerId>) -> Expr {
    let open: BTreeSet<TaskStatus> = TaskStatus::ALL.iter().copied().filter(|status| is_open(*status)).collect();
    there_is(
        of_case(case_task::Entity::find(), case_task::Column::CaseId)
            .filter(one_of(case_task::Column::PartnerId, partners))
            .filter(one_of(case_task::Column::Status, &open)),
    )
}

fn open_commitment(due: Period) -> Expr {
    there_is(
        of_case(commitment::Entity::find(), commitment::Column::CaseId)
            .filter(commitment::Column::State.eq(CommitmentState::Open))
            .filter(commitment::Column::Kind.eq(CommitmentKind::Action))
            .filter(due.of(commitment::Column::DueAt)),
    )
}

/// Whether the case has the tag. Tags are a JSON array, which the stores search in different ways.
fn has_tag(store: DbBackend, tag: &str) -> Expr {
    let tags = case::Column::Tags.into_simple_expr();
    if store == DbBackend::Postgres {
        return Expr::from(Func::cust("jsonb_exists").arg(tags).arg(Expr::val(tag)));
    }
    let mut rows = Query::select();
    rows.expr_as(Expr::val(1), "one")
        .from_function(Func::cust("json_each").arg(tags), Alias::new("tag"))
        .and_where(Expr::col((Alias::new("tag"), Alias::new("value"))).eq(tag))
        .limit(1);
    scalar(rows)
}
