//! Checks the plan of a statement on the generated store, and executes the statement if it only reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use serde_json::Value;

use super::values::there;

/// Tables whose size depends on the size of the company, and not on the number of its cases.
const BOUNDED: &[&str] = &[
    "absence",
    "api_client",
    "category",
    "client_secret",
    "delivery",
    "feed",
    "fetching",
    "letter_template",
    "mailbox",
    "notice_feed",
    "task_mail_feed",
    "push_feed",
    "partner",
    "partner_contact",
    "product",
    "reply_template",
    "rule_set",
    "seller",
    "service_level",
    "staff",
    "sign_in",
    "staff_load",
    "team",
    "team_member",
    "webhook_endpoint",
    "widget",
    "widget_origin",
    "case_reference",
    "schema_migration",
];

/// The most rows that a statement may read: a page has at most 100, and a list by stage and channel is merged from
/// forty ranges.
const ROWS: f64 = 3_000.0;
/// The most rows that a statement may read if it counts a list, up to 10,000. If most of a table belongs to the list,
/// the table itself is scanned.
const COUNTED: f64 = 25_000.0;
/// The number of SQLite instructions allowed per row.
const STEPS: f64 = 20.0;

/// Statements that may read more: a part of the text that identifies each, and the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("WITH k AS (SELECT id FROM \"case\"", "ownershipMeasures reads the cases opened in the time that is asked for"),
    ("FROM commitment c WHERE seller_id", "commitmentMeasures reads the commitments of the time that is asked for"),
    ("count(DISTINCT c.id) AS count FROM commitment c", "so does its part by partner"),
    ("sum(CASE WHEN t.status", "a partner's performance reads the tasks asked in the time that is asked for"),
    ("row_number() OVER (PARTITION BY p.host", "what devices are still to be told is bounded for each device"),
    (
        "row_number() OVER (PARTITION BY d.endpoint_id",
        "what waits to be told is a backlog, bounded for each endpoint and read whole",
    ),
    ("GROUP BY \"case\".\"customer_id\"", "simulations and leaving look at customers' open cases, a thousand at once"),
    (
        "SELECT \"case\".\"customer_id\", \"case\".\"id\", \"case\".\"owner_id\"",
        "as the one before: the newest of them",
    ),
    ("DELETE FROM \"idempotency\" WHERE \"idempotency\".\"expires_at\" <=", "forgets all keys that have run out"),
    ("SELECT \"case\".\"id\" FROM \"case\" WHERE \"case\".\"owner_id\" =", "who leaves hands over everything they own"),
    (
        "array_to_tsvector(string_to_array(terms",
        "a search sorts at most 30,000 matches by age, and reads a more common word from the newest document on",
    ),
    ("DELETE FROM \"storage_use\"", "what callers stored on days that are over is taken away once a day"),
    ("\"case_task\".\"changed_at\" >=", "reads what has changed since the time that is asked for"),
    ("\"case_task\".\"due_at\" <", "reads what was asked before the time that is asked for, to the end of a page"),
];

/// The findings about a statement.
pub async fn look(db: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let sql = super::shape(&statement.sql);
    let begins = |word: &str| sql.starts_with(word);
    let plain = begins("SELECT") || begins("WITH") || begins("UPDATE") || begins("DELETE") || begins("INSERT");
    let locks = ["pg_advisory", "nextval", "pg_notify"].iter().any(|word| sql.contains(word));
    if !plain || locks || EXCEPTIONS.iter().any(|(part, _)| sql.contains(part)) {
        return Vec::new();
    }
    // This is the condition for an empty list, which matches no row.
    if sql.contains("? = ?") {
        return Vec::new();
    }
    let there = there(statement);
    let reads = begins("SELECT") || begins("WITH k");
    let found = if db.get_database_backend() == DbBackend::Sqlite {
        on_sqlite(db, &there, reads).await
    } else {
        on_postgres(db, &there, reads).await
    };
    found.into_iter().map(|what| format!("{what}: {}", sql.chars().take(900).collect::<String>())).collect()
}

fn most(sql: &str) -> f64 {
    if !sql.contains("AS \"number\" FROM (SELECT") {
        ROWS
    } else if super::cases() < 100_000 {
        // In a small store, a list that is counted to its end may be most of a table.
        f64::INFINITY
    } else {
        COUNTED
    }
}

fn grows(table: &str) -> bool {
    !BOUNDED.contains(&table)
}

async fn on_sqlite(db: &DatabaseConnection, statement: &Statement, reads: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let asked = match (statement.sql.starts_with("INSERT"), overwriting(&statement.sql)) {
        (true, Some(update)) => Statement::from_string(DbBackend::Sqlite, update),
        (true, None) => return wrong,
        (false, _) => statement.clone(),
    };
    let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {}", asked.sql), ..asked };
    let plan = match db.query_all_raw(explain).await {
        Ok(plan) => plan,
        Err(error) => return vec![format!("no plan, because {error}")],
    };
    for step in plan {
        let detail: String = step.try_get("", "detail").unwrap();
        let Some(scanned) = detail.strip_prefix("SCAN ") else { continue };
        let name = scanned.split_whitespace().next().unwrap_or_default();
        let table = table_of(&statement.sql, name);
        // A table in the query itself, which may have the name of a stored one.
        let derived = statement.sql.contains(&format!(") AS \"{name}\""));
        let inner = derived || name.starts_with('(') || name == "CONSTANT" || table.is_none();
        // A scan in the order of an index that ends at a limit; the instructions below show how much it reads.
        let ordered = scanned.contains("USING") && statement.sql.contains("LIMIT") && reads;
        // The full-text index; the instructions below show how much of it is read.
        let indexed = scanned.contains("VIRTUAL TABLE INDEX");
        if !inner && !ordered && !indexed && table.is_some_and(|table| grows(&table)) {
            wrong.push(detail);
        }
    }
    if reads {
        let steps = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&steps);
        {
            let mut connection = db.get_sqlite_connection_pool().acquire().await.unwrap();
            connection.lock_handle().await.unwrap().set_progress_handler(100, move || {
                counted.fetch_add(100, Ordering::Relaxed);
                true
            });
        }
        db.query_all_raw(statement.clone()).await.unwrap();
        let steps = steps.load(Ordering::Relaxed);
        if f64::from(u32::try_from(steps).unwrap()) > most(&statement.sql) * STEPS {
            wrong.push(format!("{steps} steps"));
        }
    }
    wrong
}

/// For an insertion that overwrites an existing row: the equivalent update. The plan of the insertion itself contains
/// scans for violated keys, which never happen.
fn overwriting(sql: &str) -> Option<String> {
    let (_, set) = sql.split_once(" DO UPDATE SET ")?;
    let table = sql.split('"').nth(1)?;
    Some(format!("UPDATE \"{table}\" SET {} WHERE rowid = 1", set.replace("\"excluded\".", "")))
}

/// The table that has this name or alias in the statement.
fn table_of(sql: &str, name: &str) -> Option<String> {
    let words: Vec<&str> = sql
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ','))
        .filter(|word| !word.is_empty())
        .collect();
    let bare = |word: &str| word.trim_matches('"').to_owned();
    for (place, word) in words.iter().enumerate() {
        if matches!(*word, "FROM" | "JOIN" | "INTO" | "UPDATE") {
            let table = words.get(place + 1).map(|word| bare(word))?;
            let next = words.get(place + 2).copied().unwrap_or_default();
            let other = bare(if next == "AS" { words.get(place + 3).copied().unwrap_or_default() } else { next });
            if table == name || other == name {
                return Some(table);
            }
        }
    }
    // A table that the statement does not name: one with a foreign key to the written row.
    (!sql.starts_with("SELECT")).then(|| name.to_owned())
}

async fn on_postgres(db: &DatabaseConnection, statement: &Statement, reads: bool) -> Vec<String> {
    let how = if reads { "ANALYZE, TIMING OFF, FORMAT JSON" } else { "FORMAT JSON" };
    // With the values written into the text, so that the planner can use them.
    let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN ({how}) {statement}"));
    #[expect(clippy::disallowed_methods, reason = "plans are asked for in it, and nothing is kept")]
    let tx = db.begin().await.unwrap();
    let answer = tx.query_one_raw(explain).await;
    tx.rollback().await.unwrap();
    let plan: Value = match answer {
        Ok(row) => row.unwrap().try_get_by_index(0).unwrap(),
        Err(error) => return vec![format!("no plan, because {error}")],
    };
    let mut wrong = Vec::new();
    let mut rows = 0.0;
    let most = most(&statement.sql);
    walk(&plan[0]["Plan"], most, &mut wrong, &mut rows);
    if reads && rows > most {
        wrong.push(format!("{rows} rows are looked at"));
    }
    wrong
}

fn walk(node: &Value, most: f64, wrong: &mut Vec<String>, rows: &mut f64) {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    // A list may be counted in any order, because the count ends at 10,000.
    if kind == "Seq Scan" && grows(table) && most < COUNTED {
        wrong.push(format!("Seq Scan of {table}"));
    }
    // The rows of these nodes are counted at the node above or below them.
    let passes_on = matches!(kind, "Bitmap Index Scan" | "Subquery Scan" | "CTE Scan");
    if kind.contains("Scan") && !passes_on {
        let each = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
        *rows += each * number("Actual Loops");
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        walk(below, most, wrong, rows);
    }
}
