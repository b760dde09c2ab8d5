//! What must hold in every store at every time, asked in SQL and not through the code that should hold it.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// Each selects what breaks the rule.
const RULES: &[(&str, &str)] = &[
    (
        "a case has exactly one open ownership period, and it is its owner's",
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE (SELECT count(*) FROM ownership o WHERE o.case_id = c.id AND o.ended_at IS NULL) <> 1
              OR NOT EXISTS (SELECT 1 FROM ownership o WHERE o.case_id = c.id AND o.ended_at IS NULL
                             AND o.owner_id = c.owner_id AND o.seq = c.owner_seq)"#,
    ),
    (
        "ownership periods follow each other without gap or overlap",
        r#"SELECT c.reference AS breach FROM ownership o JOIN "case" c ON c.id = o.case_id
           WHERE (o.seq > 1 AND NOT EXISTS (SELECT 1 FROM ownership p WHERE p.case_id = o.case_id AND p.seq = o.seq - 1
                                            AND p.ended_at = o.started_at))
              OR (o.ended_at IS NOT NULL AND o.ended_at <= o.started_at)
              OR (o.seq = 1 AND o.started_at <> c.opened_at)"#,
    ),
    (
        "an owner is an active member of the seller's staff",
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = c.owner_id AND s.seller_id = c.seller_id AND s.active)"#,
    ),
    (
        "a seller's accountable person is an active member of its staff",
        "SELECT s.name AS breach FROM seller s
         WHERE NOT EXISTS (SELECT 1 FROM staff p WHERE p.id = s.accountable_id AND p.seller_id = s.id AND p.active)",
    ),
    (
        "a case's events are numbered 1, 2, 3 … up to its version",
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE c.version <> (SELECT count(*) FROM event e WHERE e.case_id = c.id)
              OR c.version <> (SELECT max(e.seq) FROM event e WHERE e.case_id = c.id)
              OR 1 <> (SELECT min(e.seq) FROM event e WHERE e.case_id = c.id)"#,
    ),
    (
        "a seller's feed is numbered 1, 2, 3 … up to its head",
        "SELECT s.name AS breach FROM feed f JOIN seller s ON s.id = f.seller_id
         WHERE f.last_seq <> (SELECT count(*) FROM event e WHERE e.seller_id = f.seller_id)
            OR f.last_seq <> (SELECT coalesce(max(e.feed_seq), 0) FROM event e WHERE e.seller_id = f.seller_id)",
    ),
    (
        "a case has a report, a decision and, while it is open, a time of next contact",
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE NOT EXISTS (SELECT 1 FROM report r WHERE r.case_id = c.id)
              OR NOT EXISTS (SELECT 1 FROM routing_decision d WHERE d.case_id = c.id AND d.owner_seq = 1)
              OR (c.closed_at IS NULL AND c.next_contact_due IS NULL)"#,
    ),
];

/// Every breach, in words.
pub async fn breaches(db: &DatabaseConnection) -> Vec<String> {
    let mut breaches = Vec::new();
    for (rule, sql) in RULES {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), *sql)).await.unwrap();
        let which: Vec<String> = rows.iter().map(|row| row.try_get("", "breach").unwrap()).collect();
        if !which.is_empty() {
            breaches.push(format!("{rule}: broken by {}", which.join(", ")));
        }
    }
    breaches
}
