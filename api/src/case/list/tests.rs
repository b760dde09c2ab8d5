//! Tables of what the conditions and orders of a list of cases become: the ranges of indexes, and the SQL of the rest.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::case;
use entity::id::{PartnerId, SellerId, StaffId};
use entity::kind::{CaseOrderField, CaseStage, Channel, DueKind, OrderDirection, Priority, Severity};
use sea_orm::{DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::filter::{CaseTime, Period, Test};
use super::{CaseOrder, Placed, Wanted};
use crate::kit::page::Place;

fn set<T: Ord>(values: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    values.into_iter().collect()
}

fn day() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// The condition in the words of a store, without the names of tables and without quotes.
fn words(test: &Test, store: DbBackend) -> String {
    let query = case::Entity::find().select_only().column(case::Column::Id).filter(test.sql(store));
    let sql = query.build(store).to_string();
    let condition = sql.split_once(" WHERE ").map_or("", |(_, condition)| condition);
    condition.replace("\"case\".", "").replace('"', "")
}

fn partner() -> BTreeSet<PartnerId> {
    set([PartnerId(Uuid::from_u128(7))])
}

#[test]
fn each_condition_is_translated() {
    let time = |time, period| Test::Time(time, period);
    let at = |after, before, is_null| Period { after, before, is_null };
    let table: &[(Test, &str)] = &[
        (Test::Stages(set([CaseStage::Closed, CaseStage::Received])), "stage IN ('RECEIVED', 'CLOSED')"),
        (Test::Channels(set([Channel::Phone])), "channel IN ('PHONE')"),
        (Test::Priorities(set([])), "1 = 0"),
        (Test::Severities(set([Severity::Severe])), "severity IN ('SEVERE')"),
        (Test::Owners(set([])), "1 = 0"),
        (Test::Order("o1".into()), "order_key = 'o1'"),
        (Test::Categories(set(["broadband".to_owned()])), "category_key IN ('broadband')"),
        (Test::Tags(vec![]), "1 = 0"),
        (time(CaseTime::NextContact, at(None, None, Some(true))), "next_contact_due IS NULL"),
        (time(CaseTime::Closed, at(None, None, Some(false))), "closed_at IS NOT NULL"),
        (
            time(CaseTime::Opened, at(Some(day()), Some(day() + TimeDelta::days(1)), None)),
            "opened_at > '2026-09-21 14:13:20.000000 +00:00' AND opened_at < '2026-09-22 14:13:20.000000 +00:00'",
        ),
        (
            Test::Not(Box::new(Test::Severities(set([Severity::Minor])))),
            "(CASE WHEN (severity IN ('MINOR')) THEN 1 ELSE 0 END) = 0",
        ),
        (
            Test::Any(vec![Test::Channels(set([Channel::Web])), Test::Order("o".into())]),
            "channel IN ('WEB') OR order_key = 'o'",
        ),
        (Test::Any(vec![]), "1 = 0"),
        (Test::All(vec![]), "TRUE"),
    ];
    for (test, sql) in table {
        for store in [DbBackend::Sqlite, DbBackend::Postgres] {
            assert_eq!(words(test, store), *sql, "{test:?}");
        }
    }
}

#[test]
fn other_tables_are_asked_by_a_query_for_one_row_of_the_case() {
    let due = Period { before: Some(day()), ..Period::default() };
    let rows = [
        (Test::Partners(partner()), "case_partner.case_id = id AND case_partner.partner_id IN"),
        (Test::OpenTaskOf(partner()), "status IN ('REQUESTED', 'ACCEPTED', 'IN_PROGRESS') LIMIT 1) IS NOT NULL"),
        (Test::OpenCommitment(due), "commitment.state = 'OPEN' AND commitment.kind = 'ACTION' AND commitment.due_at <"),
        (Test::Clock(set([DueKind::AnswerBy]), due), "due.kind IN ('ANSWER_BY') AND due.due_at <"),
    ];
    for (test, part) in rows {
        let sql = words(&test, DbBackend::Sqlite);
        assert!(sql.contains(part) && sql.contains("LIMIT 1) IS NOT NULL"), "{sql}");
    }
    let tags = Test::Tags(vec!["vip".into(), "o'k".into()]);
    assert_eq!(words(&tags, DbBackend::Postgres), "jsonb_exists(tags, 'vip') OR jsonb_exists(tags, E'o\\'k')");
    assert!(words(&tags, DbBackend::Sqlite).contains("FROM json_each(tags) AS tag WHERE tag.value = 'vip' LIMIT 1"));
}

#[test]
fn conditions_beside_each_other_choose_ranges_and_others_are_left() {
    let owners = |count: u128| Test::Owners((0..count).map(|id| StaffId(Uuid::from_u128(id))).collect());
    let open = || Test::Stages(set([CaseStage::Received, CaseStage::Acknowledged, CaseStage::Investigating]));
    let order = |field| CaseOrder { field, direction: OrderDirection::Asc };
    let (opened, changed, next, priority) = (
        order(CaseOrderField::Opened),
        order(CaseOrderField::Changed),
        order(CaseOrderField::NextContact),
        order(CaseOrderField::Priority),
    );
    let not = || Test::Not(Box::new(Test::Order("x".into())));
    // The conditions, the order, and for each part of the list: the number of ranges, and of conditions that are left.
    let table = [
        (vec![], opened, vec![Some((1, 0))]),
        (vec![open()], opened, vec![Some((24, 0))]),
        (vec![owners(1)], opened, vec![Some((40, 0))]),
        (vec![owners(2), open()], opened, vec![Some((48, 0))]),
        (vec![owners(9)], opened, vec![Some((40, 1))]),
        (vec![owners(9), owners(1)], opened, vec![Some((40, 0))]),
        (vec![Test::Channels(set([Channel::Web])), not()], opened, vec![Some((5, 1))]),
        (vec![], changed, vec![Some((5, 0))]),
        (vec![open(), owners(10)], changed, vec![Some((30, 0))]),
        (vec![Test::Channels(set([Channel::Web]))], changed, vec![Some((5, 1))]),
        (vec![], next, vec![Some((1, 0)), Some((16, 0))]),
        (vec![open(), owners(60)], next, vec![Some((60, 0)), None]),
        (vec![Test::Stages(set([CaseStage::Received]))], next, vec![Some((1, 1)), None]),
        (vec![Test::Stages(set([CaseStage::Closed]))], next, vec![None, Some((8, 0))]),
        (vec![open()], priority, vec![Some((3, 0)); 4]),
        (vec![Test::Priorities(set([Priority::Normal])), open()], priority, vec![None, Some((3, 0)), None, None]),
        (vec![Test::Stages(set([]))], changed, vec![None]),
    ];
    for (tests, order, expected) in table {
        let wanted = Wanted::new(SellerId(Uuid::nil()), tests.clone());
        let parts = order.parts();
        let found: Vec<_> =
            parts.iter().map(|part| wanted.ranges(*part).map(|(ranges, rest)| (ranges.len(), rest.len()))).collect();
        assert_eq!(found, expected, "{tests:?} {order:?}");
    }
}

#[test]
fn a_case_has_its_place_in_every_order() {
    let row = |id, priority, due: Option<i64>| Placed {
        id: entity::id::CaseId(Uuid::from_u128(id)),
        opened_at: day() + TimeDelta::minutes(i64::try_from(id).unwrap()),
        last_event_at: day() - TimeDelta::minutes(i64::try_from(id).unwrap()),
        next_contact_due: due.map(|hours| day() + TimeDelta::hours(hours)),
        priority,
    };
    let rows = [
        row(1, Priority::Normal, Some(5)),
        row(2, Priority::Urgent, None),
        row(3, Priority::Normal, Some(2)),
        row(4, Priority::Low, None),
    ];
    for (field, ascending, descending) in [
        (CaseOrderField::Opened, [1, 2, 3, 4], [4, 3, 2, 1]),
        (CaseOrderField::Changed, [4, 3, 2, 1], [1, 2, 3, 4]),
        (CaseOrderField::NextContact, [3, 1, 4, 2], [1, 3, 4, 2]),
        (CaseOrderField::Priority, [4, 1, 3, 2], [2, 1, 3, 4]),
    ] {
        for (direction, expected) in [(OrderDirection::Asc, ascending), (OrderDirection::Desc, descending)] {
            let order = CaseOrder { field, direction };
            let mut places: Vec<Place> = rows.iter().map(|row| order.place(row)).collect();
            places.sort_by(|one, other| order.compare(one, other));
            let ids: Vec<u128> = places.iter().map(|place| place.id.as_u128()).collect();
            assert_eq!(ids, expected, "{order:?}");
        }
    }
}
