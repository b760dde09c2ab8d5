//! The devices of a company's customers and staff, and the pushes to them.

use super::{Of, Words};

/// A device for every tenth case and for each of twenty people, and two pushes for each device's case. One push in a
/// thousand still waits.
pub(super) fn pushes(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    let waits = |then: String| format!("CASE WHEN n % 1000 = 1 THEN NULL ELSE {then} END");
    let device = |of: Vec<(&'static str, String)>, id: &str, count: usize| {
        let mut columns = vec![
            ("id", w.id(Of::Device, id)),
            ("seller_id", w.id(Of::Seller, "1")),
            ("relay_token", "'t' || n".into()),
            ("created_at", at("")),
        ];
        columns.extend(of);
        w.rows("device", count, &columns, "")
    };
    let push = |id: &str, case: &str| {
        let columns = vec![
            ("id", w.id(Of::Push, id)),
            ("seller_id", w.id(Of::Seller, "1")),
            ("device_id", w.id(Of::Device, "CASE WHEN n % 2 = 0 THEN 1 ELSE n END")),
            ("case_id", w.id(Of::Case, case)),
            ("host", text("push.example")),
            ("kind", text("MESSAGE_ADDED")),
            ("status", "CASE WHEN n % 1000 = 1 THEN 'WAITING' WHEN n % 500 = 2 THEN 'FAILED' ELSE 'SENT' END".into()),
            ("attempts", "1".into()),
            ("failures", "0".into()),
            ("next_at", at("")),
            ("created_at", at("")),
            ("ended_at", waits(at("+ 9"))),
        ];
        w.rows("push", cases / 2, &columns, "")
    };
    let customers = vec![("case_id", w.id(Of::Case, "n * 10")), ("customer_id", w.id(Of::Customer, "n * 10"))];
    let feed = vec![("seller_id", w.id(Of::Seller, "n")), ("read_to", "10000000".into())];
    vec![
        w.rows("push_feed", 2, &feed, ""),
        device(customers, "n", cases / 10),
        device(vec![("staff_id", w.id(Of::Staff, "n"))], "n + 10000000", 20),
        push("n", "n"),
        push("n + 10000000", "n + 1"),
    ]
}
