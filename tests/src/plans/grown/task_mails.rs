//! The mails about tasks to the people at a company's partners.

use super::{Of, Words};

/// One mail for each task, sent in one letter. One in a thousand still waits.
pub(super) fn task_mails(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let tasks = cases / 2;
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    // The first person gets half of them.
    let person = || w.id(Of::Contact, "CASE WHEN n % 2 = 0 THEN 1 ELSE n % 40 + 1 END");
    let waits = |then: String| format!("CASE WHEN n % 1000 = 1 THEN NULL ELSE {then} END");
    let letter = vec![
        ("id", w.id(Of::Letter, "n + 20000000")),
        ("seller_id", w.id(Of::Seller, "1")),
        ("mailbox_id", w.id(Of::Mailbox, "1")),
        ("contact_id", person()),
        ("kind", text("NOTICE")),
        ("recipient", "'c' || (n % 40 + 1) || '@p.example'".into()),
        ("subject", text("s")),
        ("body", text("b")),
        ("html", text("h")),
        ("header_id", "'t' || n || '@shop.example'".into()),
        ("thread", text("t")),
        ("status", text("SENT")),
        ("attempts", "1".into()),
        ("failures", "0".into()),
        ("next_at", at("")),
        ("created_at", at("")),
        ("ended_at", at("+ 9")),
    ];
    let mail = vec![
        ("id", w.id(Of::TaskMail, "n")),
        ("seller_id", w.id(Of::Seller, "1")),
        ("contact_id", person()),
        ("task_id", w.id(Of::Task, "n")),
        ("seq", "2".into()),
        ("kind", text("REQUESTED")),
        ("at", at("")),
        ("send_at", at("+ 5")),
        ("letter_id", waits(w.id(Of::Letter, "n + 20000000"))),
        ("ended_at", waits(at("+ 9"))),
    ];
    let feed = vec![("seller_id", w.id(Of::Seller, "n")), ("read_to", "10000000".into())];
    vec![
        w.rows("task_mail_feed", 2, &feed, ""),
        w.rows("letter", tasks, &letter, ""),
        w.rows("task_mail", tasks, &mail, ""),
    ]
}
