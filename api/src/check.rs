//! Checks rules that must hold in every store at every time. They are written in SQL, independently of the code that
//! maintains them. The store's own constraints enforce most of them; this verifies those, and checks what constraints
//! cannot express.

use sea_orm::{ConnectionTrait, DbErr, Statement};

/// The maximum number of breaches that are named per rule; further ones are counted.
const NAMED: usize = 100;

/// A rule, and the statement that selects its breaches as `breach`.
pub struct StoreRule {
    /// What must hold, in words.
    pub holds: &'static str,
    sql: &'static str,
}

macro_rules! rules {
    ($($holds:literal: $sql:literal;)*) => {
        /// Every rule.
        pub const RULES: &[StoreRule] = &[$(StoreRule { holds: $holds, sql: $sql }),*];
    };
}

rules! {
    "a case has exactly one open ownership period, and it is its owner's":
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE (SELECT count(*) FROM ownership o WHERE o.case_id = c.id AND o.ended_at IS NULL) <> 1
              OR NOT EXISTS (SELECT 1 FROM ownership o WHERE o.case_id = c.id AND o.ended_at IS NULL
                             AND o.owner_id = c.owner_id AND o.seq = c.owner_seq)"#;
    "ownership periods follow each other without gap or overlap":
        r#"SELECT c.reference AS breach FROM ownership o JOIN "case" c ON c.id = o.case_id
           WHERE (o.seq > 1 AND NOT EXISTS (SELECT 1 FROM ownership p WHERE p.case_id = o.case_id AND p.seq = o.seq - 1
                                            AND p.ended_at = o.started_at))
              OR (o.ended_at IS NOT NULL AND o.ended_at <= o.started_at)
              OR (o.seq = 1 AND o.started_at <> c.opened_at)"#;
    "an owner is an active member of the seller's staff":
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = c.owner_id AND s.seller_id = c.seller_id AND s.active)"#;
    "a person's open cases are counted right":
        r#"SELECT s.name AS breach FROM staff s LEFT JOIN staff_load l ON l.staff_id = s.id
           WHERE l.open_cases IS NULL
              OR l.open_cases <> (SELECT count(*) FROM "case" c WHERE c.owner_id = s.id AND c.closed_at IS NULL)"#;
    "an event names who owned its case once it had happened":
        r#"SELECT c.reference AS breach FROM event e JOIN "case" c ON c.id = e.case_id
           WHERE NOT EXISTS (SELECT 1 FROM ownership o WHERE o.case_id = e.case_id AND o.owner_id = e.owner_id)
              OR (e.seq = c.version AND e.owner_id <> c.owner_id)"#;
    "a seller's accountable person is an active member of its staff":
        "SELECT s.name AS breach FROM seller s
         WHERE NOT EXISTS (SELECT 1 FROM staff p WHERE p.id = s.accountable_id AND p.seller_id = s.id AND p.active)";
    "a partner's person is mailed about their own partner's tasks only":
        "SELECT c.name AS breach FROM task_mail m JOIN partner_contact c ON c.id = m.contact_id
         WHERE NOT EXISTS (SELECT 1 FROM case_task t WHERE t.id = m.task_id AND t.partner_id = c.partner_id
                           AND t.seller_id = m.seller_id)";
    "a team's lead is an active member of it":
        "SELECT t.name AS breach FROM team t
         WHERE NOT EXISTS (SELECT 1 FROM team_member m JOIN staff s ON s.id = m.staff_id
                           WHERE m.team_id = t.id AND m.staff_id = t.lead_id AND s.active)";
    "a merged case and the one that goes on have the same owner, and that one is not merged itself":
        r#"SELECT c.reference AS breach FROM "case" c JOIN "case" i ON i.id = c.merged_into
           WHERE c.owner_id <> i.owner_id OR i.merged_into IS NOT NULL"#;
    "a merged case remembers what it was, and no other case has a merger that stands":
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE (c.merged_into IS NOT NULL) <> EXISTS
               (SELECT 1 FROM merger m WHERE m.case_id = c.id AND m.undone_at IS NULL)"#;
    "an offered hand-over is of an open case, by its owner, to an active colleague, and has a clock":
        r#"SELECT c.reference AS breach FROM handover h JOIN "case" c ON c.id = h.case_id JOIN staff s ON s.id = h.to_id
           WHERE h.status = 'OFFERED' AND (c.closed_at IS NOT NULL OR c.owner_id <> h.from_id OR NOT s.active
              OR NOT EXISTS (SELECT 1 FROM due d WHERE d.case_id = c.id AND d.kind = 'HANDOVER_ENDS'))"#;
    "an owner's silence on an open case is watched, or has been told to the top":
        r#"SELECT c.reference AS breach FROM "case" c WHERE c.closed_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM due d WHERE d.case_id = c.id AND d.kind = 'OWNER_ACTS_BY')
           AND NOT EXISTS (SELECT 1 FROM escalation e
                           WHERE e.case_id = c.id AND e.why = 'OWNER_SILENT' AND e.level = 2)"#;
    "a case that is over has no clock but legal ones, and calls that are due":
        r#"SELECT c.reference AS breach FROM due d JOIN "case" c ON c.id = d.case_id
           WHERE c.closed_at IS NOT NULL AND (d.subject_id = c.id OR c.merged_into IS NULL)
             AND d.kind NOT IN ('LEGAL_CLOCK', 'CALL_BY')"#;
    "a legal clock has a timer while it runs, and none afterwards":
        r#"SELECT c.reference AS breach FROM legal_clock l JOIN "case" c ON c.id = l.case_id
           WHERE (l.state = 'RUNNING')
              <> EXISTS (SELECT 1 FROM due d WHERE d.subject_id = l.id AND d.kind = 'LEGAL_CLOCK')"#;
    "an open commitment has a timer, and one that has ended has none":
        r#"SELECT c.reference AS breach FROM commitment m JOIN "case" c ON c.id = m.case_id
           WHERE (m.state = 'OPEN' AND m.kind = 'ACTION')
              <> EXISTS (SELECT 1 FROM due d WHERE d.subject_id = m.id AND d.kind = 'COMMITMENT_BY')"#;
    "a closed case has no open commitment":
        r#"SELECT c.reference AS breach FROM commitment m JOIN "case" c ON c.id = m.case_id
           LEFT JOIN "case" i ON i.id = c.merged_into
           WHERE m.state = 'OPEN' AND c.closed_at IS NOT NULL AND (c.merged_into IS NULL OR i.closed_at IS NOT NULL)"#;
    "an open case has one timer for the next contact, at the time that its customer was told":
        r#"SELECT c.reference AS breach FROM "case" c
           LEFT JOIN due d ON d.subject_id = c.id AND d.kind IN ('ACKNOWLEDGE_BY', 'CONTACT_BY')
           GROUP BY c.id, c.reference, c.closed_at, c.next_contact_due
           HAVING count(d.kind) <> CASE WHEN c.closed_at IS NULL THEN 1 ELSE 0 END
              OR (c.closed_at IS NULL AND max(d.due_at) <> c.next_contact_due)"#;
    "an open case has one promise of a contact, or its last one is broken, and none ends before the time that is shown":
        r#"SELECT c.reference AS breach FROM "case" c
           LEFT JOIN commitment m ON m.case_id = c.id AND m.kind = 'CONTACT' AND m.state IN ('OPEN', 'BROKEN')
           WHERE c.closed_at IS NULL
           GROUP BY c.id, c.reference, c.next_contact_due
           HAVING count(m.id) = 0 OR sum(CASE WHEN m.state = 'OPEN' THEN 1 ELSE 0 END) > 1
              OR min(CASE WHEN m.state = 'OPEN' THEN m.due_at END) < c.next_contact_due"#;
    "a broken commitment was not done in time, and a kept one was":
        r#"SELECT c.reference AS breach FROM commitment m JOIN "case" c ON c.id = m.case_id
           WHERE (m.state = 'KEPT' AND (m.done_at IS NULL OR m.done_at > m.due_at))
              OR (m.state = 'BROKEN' AND m.done_at <= m.due_at)"#;
    "an open task has a clock until its owner and the person above were told, and one that is over has none but for questions":
        r#"SELECT t.title AS breach FROM case_task t JOIN "case" c ON c.id = t.case_id
           WHERE (t.ended_at IS NOT NULL AND EXISTS (SELECT 1 FROM due d WHERE d.subject_id = t.id
                  AND NOT (t.status = 'DONE' AND d.kind IN ('TASK_ANSWER_BY', 'TASK_REPLY_BY'))))
              OR (t.ended_at IS NULL AND c.closed_at IS NOT NULL AND c.merged_into IS NULL)
              OR (t.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM due d WHERE d.subject_id = t.id
                    AND d.kind NOT IN ('TASK_ANSWER_BY', 'TASK_REPLY_BY'))
                  AND NOT EXISTS (SELECT 1 FROM escalation e WHERE e.case_id = c.id AND e.why = 'PARTNER_SILENT'))"#;
    "a case's events are numbered 1, 2, 3 … up to its version":
        r#"SELECT c.reference AS breach FROM "case" c
           LEFT JOIN (SELECT case_id, count(*) AS events, min(seq) AS first, max(seq) AS last FROM event GROUP BY case_id) e
               ON e.case_id = c.id
           WHERE e.events IS NULL OR e.first <> 1 OR e.last <> c.version OR e.events <> c.version"#;
    "a seller's feed is numbered 1, 2, 3 … up to its head":
        "SELECT s.name AS breach FROM feed f JOIN seller s ON s.id = f.seller_id
         WHERE f.last_seq <> (SELECT count(*) FROM event e WHERE e.seller_id = f.seller_id)
            OR f.last_seq <> (SELECT coalesce(max(e.feed_seq), 0) FROM event e WHERE e.seller_id = f.seller_id)";
    "a case has a report, a decision and, while it is open, a time of next contact":
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE NOT EXISTS (SELECT 1 FROM report r WHERE r.case_id = c.id)
              OR NOT EXISTS (SELECT 1 FROM routing_decision d WHERE d.case_id = c.id AND d.owner_seq = 1)
              OR (c.closed_at IS NULL AND c.next_contact_due IS NULL)"#;
    "one receipt leads to a case, letters and links that staff were shown do too, and all of them are its customer's":
        r#"SELECT c.reference AS breach FROM "case" c
           WHERE (SELECT count(*) FROM tracking_token t
                  WHERE t.case_id = c.id AND t.address IS NULL AND t.shown_to IS NULL
                      AND (t.revoked_at IS NULL OR t.ended_seq IS NOT NULL)) < 1
              OR (SELECT count(*) FROM tracking_token t
                  WHERE t.case_id = c.id AND t.address IS NULL AND t.shown_to IS NULL AND t.revoked_at IS NULL) > 1
              OR EXISTS (SELECT 1 FROM tracking_token t
                         WHERE t.case_id = c.id AND t.revoked_at IS NULL AND t.customer_id <> c.customer_id)"#;
    "who got a case because its owner left, or because it was routed again, was named by a decision, or follows the case it was merged into":
        r#"SELECT c.reference AS breach FROM ownership o JOIN "case" c ON c.id = o.case_id
           WHERE o.reason IN ('OWNER_LEFT', 'ROUTED_AGAIN') AND c.merged_into IS NULL
             AND NOT EXISTS (SELECT 1 FROM routing_decision d WHERE d.case_id = o.case_id AND d.owner_seq = o.seq)
             AND NOT EXISTS (SELECT 1 FROM merger m WHERE m.case_id = o.case_id)"#;
    "search has a document of each case, report, letter to a customer, message, task and file, in the case where it is":
        r#"SELECT c.reference AS breach FROM
           (SELECT id, seller_id, id AS case_id FROM "case"
            UNION ALL SELECT id, seller_id, case_id FROM report
            UNION ALL SELECT id, seller_id, case_id FROM letter WHERE case_id IS NOT NULL AND kind <> 'LINKS'
            UNION ALL SELECT m.id, c.seller_id, m.case_id FROM message m JOIN "case" c ON c.id = m.case_id
                      WHERE m.report_id IS NULL
            UNION ALL SELECT id, seller_id, case_id FROM case_task
            UNION ALL SELECT id, partner_id, case_id FROM case_task
            UNION ALL SELECT u.id, t.seller_id, t.case_id FROM task_update u JOIN case_task t ON t.id = u.task_id
            UNION ALL SELECT m.id, t.partner_id, t.case_id FROM task_message m JOIN case_task t ON t.id = m.task_id
            UNION ALL SELECT a.id, c.seller_id, a.case_id FROM attachment a JOIN "case" c ON c.id = a.case_id) r
           JOIN "case" c ON c.id = r.case_id
           WHERE NOT EXISTS (SELECT 1 FROM search_document d WHERE d.id = r.id AND d.reader_id = r.seller_id
                             AND d.case_id = r.case_id)"#;
    "a partner finds only files of its tasks that it sent, or that were shared with it":
        r#"SELECT c.reference AS breach FROM search_document d JOIN "case" c ON c.id = d.case_id
           WHERE d.kind = 'FILE' AND d.reader_id <> c.seller_id
             AND NOT EXISTS (SELECT 1 FROM task_file f WHERE f.attachment_id = d.subject_id AND f.task_id = d.task_id)
             AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = d.subject_id AND a.report_id IS NULL)"#;
    "a document of search is the seller's, or that of the partner of a task":
        r"SELECT d.kind AS breach FROM search_document d
           WHERE NOT EXISTS (SELECT 1 FROM seller s WHERE s.id = d.reader_id)
             AND NOT EXISTS (SELECT 1 FROM case_task t WHERE t.id = d.task_id AND t.partner_id = d.reader_id)";
}

/// All breaches, one line each: the rule and the row that breaks it.
///
/// # Errors
/// When the store cannot be read.
pub async fn breaches(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut breaches = Vec::new();
    for rule in RULES {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), rule.sql)).await?;
        for row in rows.iter().take(NAMED) {
            breaches.push(format!("{}: broken by {}", rule.holds, row.try_get::<String>("", "breach")?));
        }
        if rows.len() > NAMED {
            breaches.push(format!("{}: broken by {} more", rule.holds, rows.len() - NAMED));
        }
    }
    Ok(breaches)
}
