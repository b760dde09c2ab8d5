//! Generates a store with as many cases as a company has after years, for checking the plans of statements. Set-based
//! SQL generates it within seconds. Ids are numbers, so that a check can name a row.

#![expect(clippy::too_many_lines, reason = "tables of columns, read from top to bottom")]

mod around;
mod cases;
mod changes;
mod clocks;
mod notices;
mod pushes;
mod search;
mod task_mails;
mod uploads;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

/// The type of row that an id identifies, as the id's first eight digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Of {
    Seller = 1,
    Staff,
    Team,
    Partner,
    Contact,
    Customer,
    Case,
    Task,
    Report,
    Message,
    Update,
    Handover,
    Escalation,
    Merger,
    Attachment,
    Statement,
    Dispute,
    Endpoint,
    Delivery,
    Mailbox,
    Arrival,
    Letter,
    RuleSet,
    LegalClock,
    Enquiry,
    Commitment,
    Pause,
    Step,
    CallSignal,
    Recount,
    PastCalendar,
    Notice,
    TaskMessage,
    TaskShare,
    TaskMail,
    Device,
    Push,
    CaseChange,
    ReplyTemplate,
    Upload,
}

impl Of {
    /// The id with this number.
    pub fn id(self, number: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128((u128::from(self as u32) << 96) | number)
    }
}

/// Writes SQL for one of the stores.
struct Words {
    sqlite: bool,
}

impl Words {
    fn id(&self, of: Of, number: &str) -> String {
        let kind = of as u32;
        if self.sqlite {
            format!("unhex(printf('%08x%024x', {kind}, {number}))")
        } else {
            format!("(lpad(to_hex({kind}), 8, '0') || lpad(to_hex({number}), 24, '0'))::uuid")
        }
    }

    fn bytes(&self, number: &str) -> String {
        if self.sqlite {
            format!("unhex(printf('%064x', {number}))")
        } else {
            format!("decode(lpad(to_hex({number}), 64, '0'), 'hex')")
        }
    }

    /// The time this many seconds after the beginning of 2026.
    fn at(&self, seconds: &str) -> String {
        if self.sqlite {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + {seconds}, 'unixepoch')")
        } else {
            format!("to_timestamp(1767225600 + {seconds})")
        }
    }

    /// `INSERT INTO table (…) SELECT … FROM 1..count AS n`, from pairs of column and expression.
    fn rows(&self, table: &str, count: usize, columns: &[(&str, String)], only: &str) -> String {
        let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        let only = if only.is_empty() { "true" } else { only };
        if self.sqlite {
            let series = format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT {values} FROM s WHERE {only}"
            );
            format!("INSERT INTO \"{table}\" ({names}) {series}")
        } else {
            format!(
                "INSERT INTO \"{table}\" ({names}) SELECT {values} FROM generate_series(1, {count}) AS s(n) WHERE {only}"
            )
        }
    }
}

/// Fills an empty store, whose tables exist, with this many cases and their parts, and lets the store collect
/// statistics for its planner.
pub async fn grow(db: &DatabaseConnection, cases: usize) {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let words = Words { sqlite };
    // The rows are known to be valid, and checking each of them would take most of the time.
    let first: &[&str] = if sqlite {
        &["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "BEGIN"]
    } else {
        &["SET session_replication_role = replica", "SET synchronous_commit = off"]
    };
    for sql in first {
        db.execute_unprepared(sql).await.unwrap();
    }
    for sql in directory(&words)
        .into_iter()
        .chain(cases::company(&words, cases))
        .chain(around::around(&words, cases))
        .chain(changes::changes(&words, cases))
        .chain(clocks::clocks(&words, cases))
        .chain(clocks::timers(&words, cases))
        .chain(notices::notices(&words, cases))
        .chain(task_mails::task_mails(&words, cases))
        .chain(pushes::pushes(&words, cases))
        .chain(search::documents(&words, cases))
        .chain(uploads::uploads(&words, cases))
    {
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }
    let last: &[&str] = if sqlite { &["COMMIT", "ANALYZE"] } else { &["VACUUM ANALYZE"] };
    for sql in last {
        db.execute_unprepared(sql).await.unwrap();
    }
}

/// Sellers and their people, whose number does not grow with the cases.
fn directory(w: &Words) -> Vec<String> {
    let text = |text: &str| format!("'{text}'");
    let name = || "'name ' || n".to_owned();
    let seller = || w.id(Of::Seller, "1");
    vec![
        w.rows(
            "seller",
            2,
            &[
                ("id", w.id(Of::Seller, "n")),
                ("version", "1".into()),
                ("name", name()),
                ("language", text("SV")),
                ("accountable_id", w.id(Of::Staff, "n * 20 - 19")),
                (
                    "times",
                    text(r#"{"first_contact":{"hours":24,"working":false},"owner_acts":{"hours":72,"working":false}}"#),
                ),
                ("handover_hours", "8".into()),
                ("calendar", text(r#"{"time_zone":"Europe/Stockholm","hours":[]}"#)),
                ("calendar_number", "1".into()),
                ("calendar_since", w.at("0")),
                ("legal_clocks", text("[]")),
                ("notices_by_mail", "true".into()),
                ("notices_with_words", "false".into()),
                ("catalogue_version", "0".into()),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows(
            "staff",
            40,
            &[
                ("id", w.id(Of::Staff, "n")),
                ("version", "1".into()),
                ("seller_id", w.id(Of::Seller, "CASE WHEN n > 20 THEN 2 ELSE 1 END")),
                ("name", name()),
                ("email", "'p' || n || '@shop.example'".into()),
                ("role", text("OWNER")),
                ("language", text("SV")),
                ("active", "true".into()),
                ("capacity", "100000".into()),
                ("skills", text("[]")),
                ("notices", text("[]")),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows("staff_load", 40, &[("staff_id", w.id(Of::Staff, "n")), ("open_cases", "n".into())], ""),
        w.rows(
            "feed",
            2,
            &[("seller_id", w.id(Of::Seller, "n")), ("last_seq", "10000000".into()), ("ends", "0".into())],
            "",
        ),
        w.rows(
            "team",
            2,
            &[
                ("id", w.id(Of::Team, "n")),
                ("version", "1".into()),
                ("seller_id", seller()),
                ("name", name()),
                ("lead_id", w.id(Of::Staff, "n")),
                ("calendar_number", "0".into()),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows(
            "team_member",
            20,
            &[("team_id", w.id(Of::Team, "n % 2 + 1")), ("staff_id", w.id(Of::Staff, "n")), ("seller_id", seller())],
            "",
        ),
        w.rows(
            "partner",
            20,
            &[
                ("id", w.id(Of::Partner, "n")),
                ("version", "1".into()),
                ("seller_id", seller()),
                ("name", name()),
                ("active", "true".into()),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows(
            "partner_contact",
            40,
            &[
                ("id", w.id(Of::Contact, "n")),
                ("version", "1".into()),
                ("partner_id", w.id(Of::Partner, "n % 20 + 1")),
                ("name", name()),
                ("email", "'c' || n || '@p.example'".into()),
                ("language", text("SV")),
                ("tasks_by_mail", "true".into()),
                ("active", "true".into()),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows(
            "mailbox",
            2,
            &[
                ("id", w.id(Of::Mailbox, "n")),
                ("version", "1".into()),
                ("seller_id", w.id(Of::Seller, "n")),
                ("address", "'help' || n || '@shop.example'".into()),
                ("name", name()),
                ("language", text("SV")),
                ("transport", text("LMTP")),
                ("active", "true".into()),
                ("generation", "1".into()),
                ("trusted_senders", text("[]")),
                ("created_at", w.at("0")),
            ],
            "",
        ),
        w.rows(
            "webhook_endpoint",
            20,
            &[
                ("id", w.id(Of::Endpoint, "n")),
                ("version", "1".into()),
                ("seller_id", seller()),
                ("partner_id", format!("CASE WHEN n % 5 > 0 THEN {} END", w.id(Of::Partner, "n"))),
                ("url", text("https://p.example/")),
                ("active", "true".into()),
                ("generation", "1".into()),
                ("queued_to", "0".into()),
                ("created_at", w.at("0")),
            ],
            "",
        ),
    ]
}
