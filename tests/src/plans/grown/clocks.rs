//! Clocks, enquiries, pauses and calendars of a company with many cases.

use super::{Of, Words};

/// A legal clock for each case, and an enquiry and a pause for one in ten.
pub(super) fn clocks(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    let of_case =
        |id: Of| vec![("id", w.id(id, "n")), ("case_id", w.id(Of::Case, "n")), ("seller_id", w.id(Of::Seller, "1"))];
    let staff = || w.id(Of::Staff, "2");
    let mut legal = of_case(Of::LegalClock);
    legal.extend([
        ("rule", text("UK_DISP_EIGHT_WEEKS")),
        ("started_at", at("")),
        ("due_at", at("+ 4838400")),
        ("state", text("MET")),
        ("done_at", at("+ 5")),
        ("warned", "0".into()),
    ]);
    let mut enquiry = of_case(Of::Enquiry);
    enquiry.extend([
        ("version", "1".into()),
        ("kind", text("REGULATOR")),
        ("from_name", text("f")),
        ("received_at", at("")),
        ("recorded_at", at("")),
        ("recorded_by", staff()),
    ]);
    let mut commitment = of_case(Of::Commitment);
    commitment.extend([
        ("version", "1".into()),
        ("customer_id", w.id(Of::Customer, super::cases::CUSTOMER)),
        ("what", text("w")),
        ("due_at", at("+ 400000")),
        ("zone", text("Europe/Stockholm")),
        ("place", text("MESSAGE")),
        ("made_at", at("")),
        ("made_by", staff()),
        ("recorded_at", at("")),
        ("recorded_by", staff()),
        ("state", "CASE WHEN n % 10 = 1 THEN 'BROKEN' ELSE 'KEPT' END".into()),
        ("ended_at", at("+ 300000")),
        ("done_at", format!("CASE WHEN n % 10 = 1 THEN NULL ELSE {} END", at("+ 300000"))),
        ("evidence", "CASE WHEN n % 10 = 1 THEN NULL ELSE 'e' END".into()),
    ]);
    let mut pause = of_case(Of::Pause);
    pause.extend([("reason", text("r")), ("from_at", at("")), ("until_at", at("+ 5")), ("by_id", staff())]);
    let recount = vec![
        ("id", w.id(Of::Recount, "n")),
        ("seller_id", w.id(Of::Seller, "n % 200 + 1")),
        ("asked_at", w.at("n")),
        ("cases", "0".into()),
        ("moved", "0".into()),
        ("finished_at", w.at("n + 1")),
    ];
    let past = vec![
        ("id", w.id(Of::PastCalendar, "n")),
        ("seller_id", w.id(Of::Seller, "n % 200 + 1")),
        ("team_id", format!("CASE WHEN n % 2 = 0 THEN {} END", w.id(Of::Team, "n / 10"))),
        ("number", "n".into()),
        ("until", w.at("n")),
    ];
    vec![
        w.rows("legal_clock", cases, &legal, ""),
        w.rows("enquiry", cases / 10, &enquiry, ""),
        w.rows("commitment", cases, &commitment, ""),
        w.rows("answer_pause", cases / 10, &pause, ""),
        w.rows("recount", 5_000, &recount, ""),
        w.rows("past_calendar", 5_000, &past, ""),
    ]
}
