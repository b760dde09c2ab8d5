//! Writes the same rows as one complaint with handwritten SQL: one transaction, one prepared statement per table, the
//! feed's counter last. It does only what every implementation must do, for comparison.

use std::time::Duration;

use entity::id::{CaseId, CommitmentId, CustomerId, MessageId, ReportId, SellerId, StaffId};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};
use serde_json::json;

/// Writes complaints with handwritten SQL.
pub struct Writer {
    db: DatabaseConnection,
    seller: SellerId,
    owner: StaffId,
}

/// An id made from this number: a version 7 UUID in form; `kind` distinguishes the tables.
fn id<T: From<Uuid>>(kind: u64, number: u64) -> T {
    let high = 0x019a_0000_0000_7000 | kind;
    Uuid::from_u64_pair(high, 0x8000_0000_0000_0000 | number).into()
}

/// The statements. Their parameters refer to the values below by number.
const ROWS: &[&str] = &[
    "INSERT INTO idempotency (scope, operation, key, fingerprint, result, created_at) VALUES ('hand', 'file', $8, $9, $10, $7)",
    "INSERT INTO customer (id, seller_id, version, name, language, token_generation, created_at) VALUES ($1, $2, 1, 'Bench', 'SV', 0, $7)",
    "INSERT INTO customer_email (seller_id, address, customer_id, added_by_staff) VALUES ($2, $8, $1, false)",
    "INSERT INTO blob (sha256, bytes) VALUES ($9, $9)",
    r#"INSERT INTO "case" (id, seller_id, reference, version, owner_id, owner_seq, customer_id, channel, subject, language, priority, stage, tags, not_understood, received_at, opened_at, last_event_at, next_contact_due, last_message_id)
       VALUES ($3, $2, $8, 2, $6, 1, $1, 'WEB', 'Broadband', 'SV', 'NORMAL', 'RECEIVED', '[]', false, $7, $7, $7, $7, $5)"#,
    "INSERT INTO report (id, seller_id, case_id, customer_id, channel, received_at, recorded_at, received_by_kind, words, understood, details, raw_sha256, raw_content_type, raw_size)
       VALUES ($4, $2, $3, $1, 'WEB', $7, $7, 'CUSTOMER', 'The broadband has been down for three weeks.', true, $10, $9, 'application/json', 32)",
    "INSERT INTO message (id, case_id, report_id, visibility, by_kind, by_shown_link, body, at) VALUES ($5, $3, $4, 'CUSTOMER', 'CUSTOMER', false, 'The broadband has been down for three weeks.', $7)",
    "INSERT INTO ownership (case_id, seq, owner_id, started_at, reason, by_kind) VALUES ($3, 1, $6, $7, 'ROUTED', 'SYSTEM')",
    "INSERT INTO routing_decision (case_id, owner_seq, fallback, facts, reasons, decided_at) VALUES ($3, 1, false, $11, $12, $7)",
    "INSERT INTO due (subject_id, case_id, seller_id, owner_id, kind, due_at, at, level, started_at) VALUES ($3, $3, $2, $6, 'ACKNOWLEDGE_BY', $7, $7, 1, $7), ($3, $3, $2, $6, 'OWNER_ACTS_BY', $7, $7, 1, $7)",
    "INSERT INTO commitment (id, version, case_id, seller_id, customer_id, kind, what, due_at, zone, place, made_at, recorded_at, state) VALUES ($13, 1, $3, $2, $1, 'CONTACT', '', $14, 'Europe/Stockholm', 'ACKNOWLEDGEMENT', $7, $7, 'OPEN')",
    "INSERT INTO search_document (id, reader_id, kind, subject_id, case_id, keys, head, terms)
       VALUES ($3, $2, 'CASE', $3, $3, $8, 'broadband', 'broadband'),
         ($4, $2, 'REPORT', $4, $3, '', '', 'been broadband down for has the three weeks')",
    "INSERT INTO tracking_token (hash, case_id, customer_id, created_at, expires_at) VALUES ($9, $3, $1, $7, $7)",
];

impl Writer {
    /// A writer for this seller, whose accountable person owns what it writes.
    pub async fn open(url: &str, seller: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        let sqlite = url.starts_with("sqlite:");
        options
            .max_connections(if sqlite { 1 } else { 16 })
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_mins(1));
        options.map_sqlx_sqlite_opts(|options| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_mins(1))
        });
        let db = Database::connect(options).await.unwrap();
        let seller: SellerId = seller.parse().unwrap();
        let sql = "SELECT accountable_id FROM seller WHERE id = $1";
        let row =
            db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [seller.into()])).await;
        let owner: StaffId = row.unwrap().unwrap().try_get("", "accountable_id").unwrap();
        Self { db, seller, owner }
    }

    /// Writes one complaint and waits until it is durable.
    pub async fn write(&self, number: u64) {
        let backend = self.db.get_database_backend();
        let now = chrono::DateTime::<chrono::Utc>::from_timestamp(1_795_000_000, 0).unwrap();
        let (customer, case): (CustomerId, CaseId) = (id(1, number), id(2, number));
        let (report, message): (ReportId, MessageId) = (id(3, number), id(4, number));
        let values: Vec<Value> = vec![
            customer.into(),
            self.seller.into(),
            case.into(),
            report.into(),
            message.into(),
            self.owner.into(),
            now.into(),
            format!("hand-{number}").into(),
            format!("{number:032}").into_bytes().into(),
            json!({ "firstTimeReported": null }).into(),
            json!({
                "aboveCategory": [], "amount": null, "businessHours": false, "category": null, "channel": "WEB",
                "customerOpenCases": 0, "customerTier": null, "language": "SV", "partners": [], "product": null,
                "severity": null, "tags": []
            })
            .into(),
            json!({
                "candidates": [], "fallback": null, "matched": [], "morePassedOver": 0, "passedOver": [],
                "skills": [], "target": { "staff": self.owner.to_string() }
            })
            .into(),
            id::<CommitmentId>(5, number).into(),
            (now + chrono::TimeDelta::days(1)).into(),
        ];
        let mode = (backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        let tx = self.db.begin_with_options(options).await.unwrap();
        for sql in ROWS {
            let (sql, used) = renumbered(sql, &values);
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, used)).await.unwrap();
        }
        let head = "UPDATE feed SET last_seq = last_seq + 2 WHERE seller_id = $1 RETURNING last_seq";
        let row = tx.query_one_raw(Statement::from_sql_and_values(backend, head, [self.seller.into()])).await.unwrap();
        let last: i64 = row.unwrap().try_get("", "last_seq").unwrap();
        let load = "UPDATE staff_load SET open_cases = open_cases + 1 WHERE staff_id = $1";
        tx.execute_raw(Statement::from_sql_and_values(backend, load, [self.owner.into()])).await.unwrap();
        let events =
            "INSERT INTO event (case_id, seq, seller_id, feed_seq, owner_id, customer_id, kind, at, by_kind, for_customer, data)
            VALUES ($1, 1, $2, $3, $8, $9, 'CaseOpened', $4, 'CUSTOMER', true, $5),
                ($1, 2, $2, $6, $8, $9, 'MessageAdded', $4, 'CUSTOMER', true, $7)";
        let opened = json!({ "channel": "WEB", "owner": self.owner.to_string(), "report": report.to_string() });
        let added = json!({ "message": message.to_string(), "visibility": "CUSTOMER" });
        let values: [Value; 9] = [
            case.into(),
            self.seller.into(),
            (last - 1).into(),
            now.into(),
            opened.into(),
            last.into(),
            added.into(),
            self.owner.into(),
            customer.into(),
        ];
        tx.execute_raw(Statement::from_sql_and_values(backend, events, values)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Closes the writer's connections.
    pub async fn close(&self) {
        self.db.clone().close().await.unwrap();
    }
}

/// The statement with its parameters renumbered from 1, and the values that they refer to.
fn renumbered(sql: &str, values: &[Value]) -> (String, Vec<Value>) {
    let (mut text, mut used) = (String::new(), Vec::new());
    let mut order: Vec<usize> = Vec::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        let number: usize = digits.parse().unwrap();
        let place = order.iter().position(|known| *known == number).unwrap_or_else(|| {
            order.push(number);
            used.extend(values.get(number - 1).cloned());
            order.len() - 1
        });
        text.push_str(before);
        text.push('$');
        text.push_str(&(place + 1).to_string());
        rest = after.get(digits.len()..).unwrap_or_default();
    }
    text.push_str(rest);
    (text, used)
}
