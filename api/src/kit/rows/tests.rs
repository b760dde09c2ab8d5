//! How the rows of an act are kept, and what is written of them.

use entity::id::{PartnerId, SellerId};
use entity::kind::DueKind;
use entity::{due, partner};
use sea_orm::sea_query::{IntoValueTuple, PostgresQueryBuilder};
use uuid::Uuid;

use super::*;

fn partner() -> partner::Model {
    partner::Model {
        id: PartnerId(Uuid::from_u128(1)),
        version: 4,
        seller_id: SellerId(Uuid::from_u128(2)),
        name: "Fibre".to_owned(),
        active: true,
        ended_seq: None,
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

fn key() -> ValueTuple {
    partner().get_primary_key_value()
}

/// The row, held a second time.
fn again(rows: &Rows) -> Held<partner::Model> {
    let Ok(Known::Row(held)) = rows.hold_known(&key()) else { unreachable!("the act knows the row") };
    held
}

fn read(rows: &Rows) -> Held<partner::Model> {
    rows.hold_read(partner()).unwrap().unwrap()
}

/// The statements, as the store gets them.
fn written(rows: &Rows) -> Vec<String> {
    let Statements { removals, first, rows, .. } = rows.write(true).unwrap();
    let removals = removals.iter().map(|statement| statement.to_string(PostgresQueryBuilder));
    let inserts = first.iter().chain(&rows).map(|statement| statement.to_string(PostgresQueryBuilder));
    removals.chain(inserts).collect()
}

#[test]
fn a_row_that_was_only_read_is_not_written() {
    let rows = Rows::default();
    assert_eq!(read(&rows).done(), partner());
    assert!(written(&rows).is_empty());
}

#[test]
fn a_row_is_the_same_wherever_the_act_takes_it_and_its_version_is_counted_once() {
    let rows = Rows::default();
    read(&rows).name = "Fibre North".to_owned();
    let mut second = again(&rows);
    assert_eq!((second.name.as_str(), second.version), ("Fibre North", 5));
    second.active = false;
    assert_eq!(second.done().version, 5);
    let [statement] = &written(&rows)[..] else { panic!("one statement") };
    assert!(statement.contains("Fibre North") && statement.contains("FALSE") && statement.contains("DO UPDATE"));
}

#[test]
fn the_version_counts_on_although_only_rows_beside_it_changed() {
    let rows = Rows::default();
    let mut held = read(&rows);
    held.touch();
    assert_eq!(held.done().version, 5);
    assert_eq!(written(&rows).len(), 1);
}

#[test]
fn a_row_is_held_once_at_a_time() {
    let rows = Rows::default();
    let held = read(&rows);
    assert!(rows.hold_known::<partner::Model>(&key()).is_err());
    assert!(rows.write(true).is_err(), "the act cannot end");
    drop(held);
    drop(again(&rows));
    assert!(rows.write(true).is_ok());
}

#[test]
fn what_cannot_be_meant_fails_the_act() {
    let rows = Rows::default();
    let held = read(&rows);
    rows.put(partner(), Mode::Changed);
    drop(held);
    assert_eq!(rows.write(true).err(), Some("an act saves a row that it holds"));
    let rows = Rows::default();
    rows.put(partner(), Mode::New);
    rows.put(partner(), Mode::New);
    assert_eq!(rows.write(true).err(), Some("an act inserts a row twice"));
}

#[test]
fn a_new_row_is_inserted_with_what_became_of_it() {
    let rows = Rows::default();
    rows.put(partner(), Mode::New);
    again(&rows).name = "Assembly".to_owned();
    let [statement] = &written(&rows)[..] else { panic!("one statement") };
    assert!(statement.contains("Assembly") && !statement.contains("CONFLICT"), "{statement}");
}

#[test]
fn the_last_word_about_a_row_counts() {
    let timer = || due::Model {
        subject_id: Uuid::from_u128(3),
        kind: DueKind::ReplyBy,
        case_id: Uuid::from_u128(3).into(),
        seller_id: Uuid::from_u128(2).into(),
        owner_id: Uuid::from_u128(4).into(),
        due_at: chrono::DateTime::UNIX_EPOCH,
        at: None,
        level: 1,
        started_at: chrono::DateTime::UNIX_EPOCH,
        span: None,
        told_id: None,
    };
    let key = || (timer().subject_id, timer().kind).into_value_tuple();
    let rows = Rows::default();
    rows.put(timer(), Mode::Changed);
    rows.remove::<due::Model>(key());
    assert!(matches!(rows.known::<due::Model>(&key()), Known::Removed));
    let [statement] = &written(&rows)[..] else { panic!("one statement") };
    assert!(statement.starts_with("DELETE FROM \"due\""), "{statement}");
    let rows = Rows::default();
    rows.remove::<due::Model>(key());
    rows.put(timer(), Mode::IfNew);
    let [statement] = &written(&rows)[..] else { panic!("one statement") };
    assert!(statement.contains("DO UPDATE"), "the stored row does not stay: {statement}");
}

#[test]
fn what_is_written_before_the_end_is_not_written_again() {
    let rows = Rows::default();
    let mut held = read(&rows);
    held.name = "Fibre North".to_owned();
    held.settle();
    assert_eq!(rows.write(false).unwrap().rows.len(), 1);
    held.active = false;
    assert_eq!(held.done().version, 5, "still one act");
    assert_eq!(written(&rows).len(), 1);
}

#[test]
fn many_rows_are_removed_by_several_statements() {
    let rows = Rows::default();
    for number in 0..700 {
        rows.remove::<due::Model>((Uuid::from_u128(number), DueKind::ReplyBy).into_value_tuple());
    }
    assert_eq!(written(&rows).len(), 3);
}
