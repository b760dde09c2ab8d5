//! The notices to the staff of a company with many cases.

use super::{Of, Words};

/// Two notices for each case, sent in one letter. In one case of a thousand they still wait.
pub(super) fn notices(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    // The first person gets half of them.
    let person = || w.id(Of::Staff, "CASE WHEN n % 2 = 0 THEN 1 ELSE n % 20 + 1 END");
    let waits = |then: String| format!("CASE WHEN n % 1000 = 1 THEN NULL ELSE {then} END");
    let letter = vec![
        ("id", w.id(Of::Letter, "n + 10000000")),
        ("seller_id", w.id(Of::Seller, "1")),
        ("mailbox_id", w.id(Of::Mailbox, "1")),
        ("staff_id", person()),
        ("kind", text("NOTICE")),
        ("recipient", "'p' || (n % 20 + 1) || '@shop.example'".into()),
        ("subject", text("s")),
        ("body", text("b")),
        ("html", text("h")),
        ("header_id", "'n' || n || '@shop.example'".into()),
        ("thread", text("t")),
        ("status", text("SENT")),
        ("attempts", "1".into()),
        ("failures", "0".into()),
        ("next_at", at("")),
        ("created_at", at("")),
        ("ended_at", at("+ 9")),
    ];
    let notice = |id: &str, seq: &str, kind: &str| {
        let columns = vec![
            ("id", w.id(Of::Notice, id)),
            ("seller_id", w.id(Of::Seller, "1")),
            ("staff_id", person()),
            ("case_id", w.id(Of::Case, "n")),
            ("seq", seq.to_owned()),
            ("kind", text(kind)),
            ("at", at("")),
            ("send_at", at("+ 5")),
            ("digest", "false".into()),
            ("letter_id", waits(w.id(Of::Letter, "n + 10000000"))),
            ("ended_at", waits(at("+ 9"))),
        ];
        w.rows("notice", cases, &columns, "")
    };
    let feed = vec![("seller_id", w.id(Of::Seller, "n")), ("read_to", "10000000".into())];
    vec![
        w.rows("notice_feed", 2, &feed, ""),
        w.rows("letter", cases, &letter, ""),
        notice("n", "1", "ASSIGNED"),
        notice("n + 10000000", "3", "ESCALATED"),
    ]
}
