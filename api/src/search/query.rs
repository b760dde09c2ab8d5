//! Reads the index: the newest documents that match. The cost of a search does not grow with the store: at most the
//! newest 1,000 matches are ranked.

use entity::id::{CaseId, PartnerId, SellerId, TaskId};
use entity::kind::{SearchKind, TaskStatus};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::ask::Ask;
use super::rank::{Match, Rank, ranked};
use crate::kit::db::Db;

/// The most matches that are ranked: the newest ones.
pub const RANKED: usize = 1_000;
/// From this many matches on, PostgreSQL reads the documents from the newest on instead of collecting all matches. Both
/// cost the same when every thirtieth of a million documents matches.
const MANY: usize = 30_000;

/// Who searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searcher {
    /// The staff and the systems of a seller.
    Seller(SellerId),
    /// The people and the systems of a partner.
    Partner(PartnerId),
}

impl Searcher {
    const fn id(self) -> Uuid {
        match self {
            Self::Seller(id) => id.0,
            Self::Partner(id) => id.0,
        }
    }
}

/// Where what was found belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongs {
    /// The case; none for a customer.
    pub case: Option<CaseId>,
    /// The task; none for what belongs to no task.
    pub task: Option<TaskId>,
}

/// A page of what was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The matches of the page, best first.
    pub matches: Vec<(Rank, Match<Belongs>)>,
    /// Whether there are more after them.
    pub has_next: bool,
    /// Whether there were more matches than are ranked.
    pub only_newest: bool,
}

/// Searches, and returns the page of this size after this rank.
///
/// # Errors
/// When the store cannot be read.
pub async fn search(
    db: &Db,
    searcher: Searcher,
    (ask, kinds): (&Ask, &[SearchKind]),
    (first, after): (usize, Option<Rank>),
) -> Result<Found, DbErr> {
    if ask.groups.is_empty() {
        return Ok(Found::default());
    }
    let mut newest = newest(db, searcher, ask, kinds).await?;
    let only_newest = newest.len() > RANKED;
    newest.truncate(RANKED);
    let mut matches = ranked(ask, newest);
    matches.retain(|(rank, _)| after.is_none_or(|after| *rank < after));
    let has_next = matches.len() > first;
    matches.truncate(first);
    Ok(Found { matches, has_next, only_newest })
}

const COLUMNS: &str = "d.number, d.kind, d.subject_id, d.case_id, d.task_id, d.keys, d.head";

/// The newest matches: one more than are ranked, if there are more.
async fn newest(db: &Db, searcher: Searcher, ask: &Ask, kinds: &[SearchKind]) -> Result<Vec<Match<Belongs>>, DbErr> {
    let reader = searcher.id();
    let rows = if db.get_database_backend() == DbBackend::Sqlite {
        let condition = ask.for_sqlite(reader, kinds);
        db.query_all_raw(statement(db, &sqlite(searcher), condition, reader)).await?
    } else {
        let condition = ask.for_postgres(reader, kinds);
        let rows = db.query_all_raw(statement(db, &postgres(searcher), condition.clone(), reader)).await?;
        let matches: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "matches"))?;
        if usize::try_from(matches).unwrap_or(usize::MAX) > MANY {
            db.query_all_raw(statement(db, &postgres_from_newest(searcher), condition, reader)).await?
        } else {
            rows
        }
    };
    rows.iter().map(read).collect()
}

fn statement(db: &Db, sql: &str, condition: String, reader: Uuid) -> Statement {
    let values: [Value; 2] = [condition.into(), reader.into()];
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// A partner does not find what belongs to a task that was declined or withdrawn, because it may not see the task any
/// more.
fn visible(searcher: Searcher) -> String {
    match searcher {
        Searcher::Seller(_) => String::new(),
        Searcher::Partner(_) => {
            let [declined, withdrawn] = [TaskStatus::Declined, TaskStatus::Withdrawn].map(TaskStatus::word);
            format!(
                " AND EXISTS (SELECT 1 FROM case_task t WHERE t.id = d.task_id AND t.status NOT IN ('{declined}', '{withdrawn}'))"
            )
        }
    }
}

/// FTS5 finds its rows from the newest on, and stops when there are enough.
fn sqlite(searcher: Searcher) -> String {
    format!(
        "SELECT {COLUMNS} FROM search_index JOIN search_document d ON d.number = search_index.rowid
         WHERE search_index MATCH $1 AND d.reader_id = $2{} ORDER BY search_index.rowid DESC LIMIT {}",
        visible(searcher),
        RANKED + 1
    )
}

/// The terms of a document, as the index has them.
const TERMS: &str = "array_to_tsvector(string_to_array(terms, ' '))";

/// The matches are collected before they are sorted: for a rare word, PostgreSQL would otherwise sometimes read all
/// documents from the newest on until it has found enough.
fn postgres(searcher: Searcher) -> String {
    format!(
        "WITH found AS MATERIALIZED (SELECT number FROM search_document WHERE {TERMS} @@ $1::tsquery LIMIT {})
         SELECT {COLUMNS}, (SELECT count(*) FROM found) AS matches FROM search_document d
         WHERE d.number IN (SELECT number FROM found ORDER BY number DESC LIMIT {}) AND d.reader_id = $2{}
         ORDER BY d.number DESC",
        MANY + 1,
        RANKED + 1,
        visible(searcher)
    )
}

/// The matches of a common word, from the newest document on. `OFFSET 0` keeps PostgreSQL from using the index of words,
/// from which it would read all matches.
fn postgres_from_newest(searcher: Searcher) -> String {
    format!(
        "SELECT {COLUMNS} FROM (SELECT * FROM search_document WHERE reader_id = $2 ORDER BY number DESC OFFSET 0) d
         WHERE {TERMS} @@ $1::tsquery{} ORDER BY d.number DESC LIMIT {}",
        visible(searcher),
        RANKED + 1
    )
}

fn read(row: &QueryResult) -> Result<Match<Belongs>, DbErr> {
    Ok(Match {
        number: row.try_get("", "number")?,
        kind: row.try_get("", "kind")?,
        subject: row.try_get("", "subject_id")?,
        keys: row.try_get("", "keys")?,
        head: row.try_get("", "head")?,
        with: Belongs { case: row.try_get("", "case_id")?, task: row.try_get("", "task_id")? },
    })
}
