//! The tables that grow with the cases.

use super::{Of, Words};

pub(super) const OWNER: &str = "CASE WHEN n % 20 = 19 THEN 21 WHEN n % 2 = 0 THEN 1 ELSE n % 10 + 1 END";
pub(super) const SELLER: &str = "CASE WHEN n % 20 = 19 THEN 2 ELSE 1 END";
pub(super) const CUSTOMER: &str = "CASE WHEN n % 10 = 0 THEN 1 ELSE n / 2 + 2 END";
const OF_EVENT: &str = "CASE WHEN (n + 3) / 4 % 10 = 0 THEN 1 ELSE (n + 3) / 4 / 2 + 2 END";
const CHANNEL: &str =
    "CASE WHEN n % 1000 = 5 THEN 'PHONE' WHEN n % 500 = 3 THEN 'PARTNER' WHEN n % 3 = 0 THEN 'EMAIL' ELSE 'WEB' END";
const STAGE: &str = "CASE WHEN n % 1000 = 25 THEN 'ACKNOWLEDGED' WHEN n % 25 = 0 THEN 'RECEIVED' WHEN n % 25 = 1 THEN 'INVESTIGATING' WHEN n % 50 = 7 THEN 'MERGED' ELSE 'CLOSED' END";
pub(super) const OPEN: &str = "n % 25 <= 1";

/// Customers, cases, periods of ownership, messages and events.
pub(super) fn company(w: &Words, cases: usize) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    // All cases are opened within ten months.
    let step = 26_000_000 / cases;
    let at = |later: &str| w.at(&format!("n * {step} {later}"));
    let (case, owner, seller) = (w.id(Of::Case, "n"), w.id(Of::Staff, OWNER), w.id(Of::Seller, SELLER));
    let (customer, same) = (w.id(Of::Customer, CUSTOMER), || "NULL".to_owned());
    vec![
        w.rows(
            "customer",
            cases / 2 + 2,
            &[
                ("id", w.id(Of::Customer, "n")),
                ("version", "1".into()),
                ("seller_id", w.id(Of::Seller, "1")),
                ("language", text("SV")),
                ("name", "'Customer ' || n".into()),
                ("name_key", "'customer ' || n".into()),
                ("tier", "CASE WHEN n % 3 = 0 THEN 'gold' END".into()),
                ("token_generation", "0".into()),
                ("created_at", w.at("n")),
            ],
            "",
        ),
        w.rows(
            "customer_email",
            cases / 2 + 2,
            &[
                ("seller_id", w.id(Of::Seller, "1")),
                ("address", "'c' || n || '@example.com'".into()),
                ("customer_id", w.id(Of::Customer, "n")),
                ("added_by_staff", "false".into()),
            ],
            "",
        ),
        w.rows(
            "customer_phone",
            cases / 4,
            &[
                ("seller_id", w.id(Of::Seller, "1")),
                ("e164", "'+4670' || n".into()),
                ("customer_id", w.id(Of::Customer, "n")),
            ],
            "",
        ),
        w.rows(
            "case",
            cases,
            &[
                ("id", case.clone()),
                ("seller_id", seller.clone()),
                ("reference", "'C-2026-' || (n + 100000000)".into()),
                ("version", "4".into()),
                ("owner_id", owner.clone()),
                ("owner_seq", "1".into()),
                ("customer_id", customer.clone()),
                ("channel", CHANNEL.into()),
                ("subject", text("broadband")),
                ("language", text("SV")),
                ("order_reference", "'O' || (n / 2)".into()),
                ("order_key", "'o' || (n / 2)".into()),
                ("priority", text("NORMAL")),
                ("stage", STAGE.into()),
                ("tags", text("[]")),
                ("merged_into", format!("CASE WHEN n % 50 = 7 THEN {} END", w.id(Of::Case, "n - 1"))),
                ("not_understood", "false".into()),
                ("received_at", at("")),
                ("opened_at", at("")),
                ("last_event_at", at("")),
                ("closed_at", format!("CASE WHEN {OPEN} THEN NULL ELSE {} END", at("+ 86400"))),
                ("next_contact_due", format!("CASE WHEN {OPEN} THEN {} END", at("+ 86400"))),
                ("last_message_id", w.id(Of::Message, "n * 2")),
            ],
            "",
        ),
        w.rows(
            "ownership",
            cases,
            &[
                ("case_id", case.clone()),
                ("seq", "1".into()),
                ("owner_id", owner.clone()),
                ("started_at", at("")),
                ("reason", text("ROUTED")),
                ("by_kind", text("SYSTEM")),
            ],
            "",
        ),
        w.rows(
            "routing_decision",
            cases,
            &[
                ("case_id", case.clone()),
                ("owner_seq", "1".into()),
                ("fallback", "false".into()),
                ("facts", text("{}")),
                ("reasons", text("{}")),
                ("decided_at", at("")),
            ],
            "",
        ),
        w.rows(
            "handover",
            cases / 10,
            &[
                ("id", w.id(Of::Handover, "n")),
                ("case_id", case.clone()),
                ("seller_id", seller.clone()),
                ("from_id", owner.clone()),
                ("to_id", w.id(Of::Staff, "30")),
                ("note", text("n")),
                ("status", text("ACCEPTED")),
                ("offered_at", at("")),
                ("expires_at", at("+ 9")),
                ("answered_at", at("+ 5")),
            ],
            "",
        ),
        w.rows(
            "escalation",
            cases / 10,
            &[
                ("id", w.id(Of::Escalation, "n")),
                ("case_id", case.clone()),
                ("seller_id", seller.clone()),
                ("why", text("OWNER_SILENT")),
                ("level", "1".into()),
                ("to_id", w.id(Of::Staff, "2")),
                ("raised_at", at("")),
            ],
            "",
        ),
        w.rows(
            "merger",
            cases,
            &[
                ("id", w.id(Of::Merger, "n")),
                ("case_id", case.clone()),
                ("into_id", w.id(Of::Case, "n - 1")),
                ("seller_id", seller.clone()),
                ("stage_before", text("CLOSED")),
                ("owner_before", owner.clone()),
                ("reason", text("r")),
                ("same_customer", "true".into()),
                ("merged_at", at("")),
            ],
            "n % 50 = 7",
        ),
        w.rows(
            "case_partner",
            cases,
            &[
                ("case_id", case.clone()),
                ("partner_id", w.id(Of::Partner, "n % 20 + 1")),
                ("seller_id", seller.clone()),
                ("suggested", "false".into()),
            ],
            "",
        ),
        w.rows("blob", cases, &[("sha256", w.bytes("n")), ("bytes", w.bytes("n"))], ""),
        w.rows(
            "report",
            cases,
            &[
                ("id", w.id(Of::Report, "n")),
                ("seller_id", seller.clone()),
                ("case_id", case.clone()),
                ("customer_id", customer.clone()),
                ("channel", CHANNEL.into()),
                ("received_at", at("")),
                ("recorded_at", at("")),
                ("received_by_kind", text("SYSTEM")),
                ("words", text("broadband")),
                ("message_id", "CASE WHEN n % 3 = 0 THEN 'm' || n || '@example.com' END".into()),
                ("understood", "true".into()),
                ("details", text("{}")),
                ("raw_sha256", w.bytes("n")),
                ("raw_content_type", text("text/plain")),
                ("raw_size", "9".into()),
                ("from_number", "CASE WHEN n % 1000 = 5 THEN '+4670' || (n / 10) END".into()),
            ],
            "",
        ),
        w.rows(
            "tracking_token",
            cases,
            &[
                ("hash", w.bytes("n")),
                ("case_id", case.clone()),
                ("customer_id", customer),
                ("created_at", at("")),
                ("expires_at", at("+ 60000000")),
            ],
            "",
        ),
        w.rows(
            "message",
            cases * 2,
            &[
                ("id", w.id(Of::Message, "n")),
                ("case_id", w.id(Of::Case, "(n + 1) / 2")),
                ("report_id", format!("CASE WHEN n % 2 = 1 THEN {} END", w.id(Of::Report, "(n + 1) / 2"))),
                ("visibility", text("CUSTOMER")),
                ("by_kind", text("CUSTOMER")),
                ("by_shown_link", "false".into()),
                ("body", text("broadband")),
                ("at", w.at(&format!("n * {step} / 2"))),
                ("task_update_id", same()),
            ],
            "",
        ),
        w.rows(
            "event",
            cases * 4,
            &[
                ("case_id", w.id(Of::Case, "(n + 3) / 4")),
                ("seq", "(n + 3) % 4 + 1".into()),
                ("seller_id", w.id(Of::Seller, "CASE WHEN ((n + 3) / 4) % 20 = 19 THEN 2 ELSE 1 END")),
                ("feed_seq", "n".into()),
                ("owner_id", w.id(Of::Staff, "CASE WHEN (n / 4) % 2 = 0 THEN 1 ELSE (n / 4) % 10 + 1 END")),
                ("customer_id", w.id(Of::Customer, OF_EVENT)),
                ("kind", text("MessageAdded")),
                ("at", w.at(&format!("n * {step} / 4"))),
                ("by_kind", text("SYSTEM")),
                ("partner_id", format!("CASE WHEN n % 8 = 0 THEN {} END", w.id(Of::Partner, "n / 8 % 20 + 1"))),
                ("staff_id", format!("CASE WHEN n % 40 = 0 THEN {} END", w.id(Of::Staff, "n / 40 % 10 + 1"))),
                ("for_customer", "true".into()),
                ("data", text("{}")),
            ],
            "",
        ),
    ]
}
