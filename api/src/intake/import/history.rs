//! The history of imported cases: what happened to them in another system after they were received. Each row of a table
//! is one record with its own time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, SellerId};
use entity::idempotency;
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::json;

use super::mapping::{MapsColumns, Time, joined, key_of_case};
use super::row::{TableRow, known_as};
use crate::case::replay::{self, Happened, MeasuredTime, Record};
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::text::{clean, clean_line, hex};
use crate::kit::work::Work;
use crate::message;
use crate::texts;

/// The operation under which the keys of imported records are stored.
pub const OPERATION: &str = "import-history";

/// Which column of a history table means what. Read from TOML; `docs/import.md` has an example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryMapping {
    /// The source name under which the cases were imported.
    pub source: String,
    /// The column with the case's id in that source.
    pub case: String,
    /// The time of the record.
    pub at: Time,
    /// What kind of record it is.
    pub kind: KindWords,
    /// The columns with the text of the record. The cells that are filled in are joined, each on a line of its own.
    #[serde(default)]
    pub text: Vec<String>,
}

/// A column whose values say what happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindWords {
    /// The column's name.
    pub column: String,
    /// The meaning of each value. A row with another value is rejected.
    pub words: BTreeMap<String, Happened>,
}

/// A history row after reading.
#[derive(Debug, Clone)]
pub struct OldRecord {
    /// The idempotency key under which the case was imported.
    pub case_key: String,
    /// The case's id in the source.
    pub case_id: String,
    /// The time of the record.
    pub at: DateTime<Utc>,
    /// The key of this record, made from the case and the row's cells, so that the same row is imported only once.
    pub key: String,
    /// What happened.
    pub record: Record,
}

impl MapsColumns for HistoryMapping {
    fn columns(&self) -> Vec<&str> {
        let named = [&self.case, &self.at.column, &self.kind.column];
        named.into_iter().chain(&self.text).map(String::as_str).collect()
    }

    fn times(&self) -> Vec<&Time> {
        vec![&self.at]
    }
}

impl HistoryMapping {
    /// Reads a row.
    ///
    /// # Errors
    /// One sentence for everything that is wrong with the row.
    pub fn read(&self, row: &TableRow<'_>, now: DateTime<Utc>) -> Result<OldRecord, Vec<String>> {
        let mut wrong = Vec::new();
        let cell = |column: &str| clean_line(row.get(column).unwrap_or_default());
        let case_id = cell(&self.case);
        if case_id.is_empty() || case_id.chars().count() > 200 {
            wrong.push(format!("{}: the row has no id of a case, or one of more than 200 characters", self.case));
        }
        let at = self.at.read(row, now, &mut wrong);
        if at.is_none() && wrong.is_empty() {
            wrong.push(format!("{}: the row has no time", self.at.column));
        }
        let word = cell(&self.kind.column);
        let happened = self.happened(&word);
        if happened.is_none() {
            wrong.push(format!(
                "{}: the mapping does not say what \"{}\" means",
                self.kind.column,
                super::row::shown(&word)
            ));
        }
        let mut words = clean(&joined(row, &self.text, "\n")).trim().to_owned();
        if words.chars().count() > message::LONGEST {
            wrong.push(format!("{}: the text has more than {} characters", self.text.join(", "), message::LONGEST));
        }
        if words.is_empty() && happened.is_some_and(Happened::is_written) {
            wrong.push(format!("{}: the row has no words", self.text.join(", ")));
        }
        let (Some(at), Some(happened), true) = (at, happened, wrong.is_empty()) else { return Err(wrong) };
        if words.is_empty() && !happened.is_stage() {
            // For a call or a visit without a note, the other system's own word is used as the text.
            words = word;
        }
        let case_key = key_of_case(&self.source, &case_id);
        let key = format!("{}:{}", hex(&row.fingerprint()), case_key);
        Ok(OldRecord { case_key, case_id, at, key, record: Record { happened, words } })
    }

    fn happened(&self, word: &str) -> Option<Happened> {
        let alike =
            || self.kind.words.iter().find(|(known, _)| known_as(known) == known_as(word)).map(|(_, what)| what);
        self.kind.words.get(word).or_else(alike).copied()
    }
}

/// The result of importing a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedRecord {
    /// It was imported before.
    Known,
    /// It was imported now. The value is the time of the service levels that the record ended, if any, and whether it
    /// was kept.
    Told(Option<MeasuredTime>),
}

/// Imports a record into the history of the case with its id, once.
///
/// # Errors
/// `NOT_FOUND` when no case was imported under the id; the errors of [`replay::replay`].
pub async fn take(work: &mut Work, seller: SellerId, old: &OldRecord) -> Outcome<ImportedRecord> {
    let scope = seller.to_string();
    let remembered = |operation: &str, key: &str| {
        idempotency::Entity::find_by_id((scope.clone(), operation.to_owned(), key.to_owned()))
    };
    if remembered(OPERATION, &old.key).one(work.tx()?).await?.is_some() {
        return Ok(ImportedRecord::Known);
    }
    let case = remembered(super::OPERATION, &old.case_key).one(work.tx()?).await?;
    let id = case.and_then(|row| row.result.get("case")?.as_str()?.parse::<CaseId>().ok());
    let Some(id) = id else { return Err(no_case(&old.case_id).into()) };
    let held = replay::replay(work, id, &old.record).await?;
    work.insert(idempotency::Model {
        scope,
        operation: OPERATION.to_owned(),
        key: old.key.clone(),
        fingerprint: Vec::new(),
        result: json!({ "case": id }),
        created_at: work.now(),
        expires_at: None,
    });
    Ok(ImportedRecord::Told(held))
}

/// The problem that no case was imported under this id.
#[must_use]
pub fn no_case(id: &str) -> Problem {
    Problem::new(ErrorCode::NotFound, "", texts::intake::case_not_imported(super::row::shown(id)))
}
