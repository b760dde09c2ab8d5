//! Clocks, enquiries, pauses and calendars of a company with many cases.

use super::cases::{OPEN, OWNER, SELLER};
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
        ("kind", text("ACTION")),
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
    let mut contact = of_case(Of::Commitment);
    contact[0] = ("id", w.id(Of::Commitment, "n + 10000000"));
    contact.extend([
        ("version", "1".into()),
        ("customer_id", w.id(Of::Customer, super::cases::CUSTOMER)),
        ("kind", text("CONTACT")),
        ("what", text("")),
        ("due_at", at("+ 86400")),
        ("zone", text("Europe/Stockholm")),
        ("place", text("MESSAGE")),
        ("made_at", at("")),
        ("made_by", staff()),
        ("recorded_at", at("")),
        ("recorded_by", staff()),
        ("state", "CASE WHEN n % 25 <= 1 THEN 'OPEN' ELSE 'KEPT' END".into()),
        ("ended_at", format!("CASE WHEN n % 25 <= 1 THEN NULL ELSE {} END", at("+ 300"))),
        ("done_at", format!("CASE WHEN n % 25 <= 1 THEN NULL ELSE {} END", at("+ 300"))),
        ("message_id", w.id(Of::Message, "n * 2")),
    ]);
    let mut plan = vec![("case_id", w.id(Of::Case, "n")), ("seller_id", w.id(Of::Seller, "1"))];
    plan.extend([
        ("number", "1".into()),
        ("customer_id", w.id(Of::Customer, super::cases::CUSTOMER)),
        ("made_at", at("")),
        ("made_by", staff()),
    ]);
    let step = vec![
        ("case_id", w.id(Of::Case, "n")),
        ("number", "1".into()),
        ("position", "1".into()),
        ("id", w.id(Of::Step, "n")),
        ("what", text("s")),
        ("commitment_id", w.id(Of::Commitment, "n")),
    ];
    let signal = vec![
        ("id", w.id(Of::CallSignal, "n")),
        ("version", "1".into()),
        ("seller_id", w.id(Of::Seller, "1")),
        ("e164", "'+4670' || n".into()),
        ("day", text("2026-01-01")),
        ("kind", text("MISSED")),
        ("calls", "1".into()),
        ("first_at", at("")),
        ("last_at", at("")),
        ("ended_at", format!("CASE WHEN n % 500 = 1 THEN NULL ELSE {} END", at("+ 9"))),
    ];
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
        w.rows("commitment", cases, &contact, ""),
        w.rows("plan", cases / 10, &plan, ""),
        w.rows("plan_step", cases / 10, &step, ""),
        w.rows("call_signal", cases / 10, &signal, ""),
        w.rows("answer_pause", cases / 10, &pause, ""),
        w.rows("recount", 5_000, &recount, ""),
        w.rows("past_calendar", 5_000, &past, ""),
    ]
}

/// The timers of open cases.
pub(super) fn timers(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    let (case, owner, seller) = (w.id(Of::Case, "n"), w.id(Of::Staff, OWNER), w.id(Of::Seller, SELLER));
    vec![
        w.rows(
            "due",
            cases,
            &[
                ("subject_id", case.clone()),
                ("kind", text("OWNER_ACTS_BY")),
                ("case_id", case.clone()),
                ("seller_id", seller.clone()),
                ("owner_id", owner.clone()),
                ("due_at", at("+ 40000000")),
                ("at", at("+ 40000000")),
                ("level", "1".into()),
                ("started_at", at("")),
            ],
            OPEN,
        ),
        w.rows(
            "due",
            cases,
            &[
                ("subject_id", case.clone()),
                ("kind", text("CONTACT_BY")),
                ("case_id", case.clone()),
                ("seller_id", seller.clone()),
                ("owner_id", owner.clone()),
                ("due_at", at("+ 86400")),
                ("at", at("+ 40000000")),
                ("level", "2".into()),
                ("started_at", at("")),
                ("told_id", format!("CASE WHEN n % 50 = 0 THEN {} END", w.id(Of::Staff, "2"))),
            ],
            OPEN,
        ),
        w.rows(
            "due",
            cases,
            &[
                ("subject_id", w.id(Of::Commitment, "n")),
                ("kind", text("CALL_BY")),
                ("case_id", case.clone()),
                ("seller_id", seller.clone()),
                ("owner_id", owner.clone()),
                ("due_at", at("+ 90000")),
                ("level", "1".into()),
                ("started_at", at("")),
            ],
            "n % 100 = 1",
        ),
    ]
}
