//! The tables of changes that staff make.

use super::cases::SELLER;
use super::{Of, Words};

/// The rows of a case with an even number, for half of the cases.
fn of_case(w: &Words) -> [(&'static str, String); 2] {
    [("case_id", w.id(Of::Case, "n * 2")), ("seller_id", w.id(Of::Seller, &SELLER.replace('n', "(n * 2)")))]
}

/// What was changed on cases.
pub(super) fn changes(w: &Words, cases: usize) -> Vec<String> {
    let [case, seller] = of_case(w);
    let id = ("id", w.id(Of::CaseChange, "n"));
    let [seen_case, seen_seller] = of_case(w);
    let seen = [("staff_id", w.id(Of::Staff, "1")), seen_case, seen_seller, ("up_to", "1".to_owned())];
    let [watched_case, watched_seller] = of_case(w);
    let person = ("staff_id", w.id(Of::Staff, "n % 20 + 1"));
    let watcher = [person, watched_case, watched_seller, ("since", w.at("n"))];
    let template = [
        ("id", w.id(Of::ReplyTemplate, "n")),
        ("version", "1".to_owned()),
        ("seller_id", w.id(Of::Seller, "CASE WHEN n % 2 = 0 THEN 1 ELSE 2 END")),
        ("name", "'name ' || n".to_owned()),
        ("language", "CASE WHEN n % 3 = 0 THEN 'SV' ELSE 'EN' END".to_owned()),
        ("text", "'t'".to_owned()),
        ("active", "n % 5 > 0".to_owned()),
        ("created_at", w.at("n")),
    ];
    vec![
        w.rows("case_change", cases / 2, &[id, case, seller, ("changes", "'[]'".to_owned())], ""),
        w.rows("case_watcher", 1_000, &watcher, ""),
        w.rows("case_seen", cases / 2, &seen, ""),
        // A seller has at most 500.
        w.rows("reply_template", 1_000, &template, ""),
    ]
}
