//! `ansvar import`: reads tables from another system as a stream of rows. First come the cases, through intake and
//! routing, then their history.

pub mod cases;
pub mod cells;
pub mod encoding;
pub mod history;
pub mod reading;
pub mod rejected;
pub mod rows;
pub mod table;
pub mod trial;
pub mod turns;

use std::collections::BTreeMap;
use std::io::{self, Write};

use entity::id::SellerId;
use entity::seller;
use futures_util::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::reading::{Read, Understood};
use self::rejected::Rejected;
use self::table::Table;
use self::turns::{RowTurn, RowTurns};
use crate::case::replay::MeasuredTime;
use crate::intake::import::row::TableRow;
use crate::kit::db::Db;
use crate::kit::error::Refusal;

/// How many rows are taken in at the same time. They share commits.
const AT_ONCE: usize = 16;
/// After how many rows the progress is reported.
const STEP: u64 = 1_000;

/// What has become of the rows so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Cases opened; in a dry run, cases that would be opened.
    pub opened: u64,
    /// Opened cases that were closed with their own date.
    pub closed: u64,
    /// Rows that had been imported before.
    pub known: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// History records imported; in a dry run, records that would be imported.
    pub told: u64,
    /// Cases opened per owner; in a dry run, per rule. For a history: how often each time of the service levels was
    /// kept or missed.
    pub counts: BTreeMap<String, u64>,
}

/// Why an import stops.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The table cannot be read, or does not fit the mapping.
    #[error("{0}")]
    Table(String),
    /// The store failed, or it refused the import.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<sea_orm::DbErr> for ImportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Refused(error.into())
    }
}

impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> Self {
        Self::Table(format!("The table cannot be read: {error}."))
    }
}

/// The seller with this name or id.
///
/// # Errors
/// When there is none, or more than one.
pub async fn seller(db: &Db, named: &str) -> Result<seller::Model, ImportError> {
    let found = match named.parse::<SellerId>() {
        Ok(id) => seller::Entity::find_by_id(id).all(db).await?,
        Err(_) => seller::Entity::find().filter(seller::Column::Name.eq(named)).all(db).await?,
    };
    let count = found.len();
    match found.into_iter().next() {
        Some(seller) if count == 1 => Ok(seller),
        _ => Err(ImportError::Table(format!("{count} sellers are called \"{named}\"; give the seller's id."))),
    }
}

/// The result of importing one row.
pub enum Became {
    /// A case was opened, or would be: its owner or the rule, and whether it was closed.
    Opened(String, bool),
    /// A history record of a case was imported. It may have ended a time of the service levels.
    Told(Option<MeasuredTime>),
    /// It had been imported before.
    Known,
    /// It is rejected: its line, the reason, and its bytes.
    Rejected(u64, String, Vec<u8>),
    /// It is the rest of a rejected row.
    Rest(Vec<u8>),
}

impl Became {
    /// A row that was read and is rejected for these reasons.
    fn rejected<T>(row: &Understood<T>, reasons: &[String]) -> Self {
        Self::Rejected(row.line, reasons.join("; "), row.bytes().to_vec())
    }
}

/// How the rows of a table are taken in.
pub trait TakesRows {
    /// A row after reading.
    type Row;

    /// Reads a row.
    ///
    /// # Errors
    /// One sentence for everything that is wrong with the row.
    fn read(&self, row: &TableRow<'_>) -> Result<Self::Row, Vec<String>>;

    /// The key that orders rows: rows with the same key are taken in one after the other, in the table's order.
    fn turn(row: &Self::Row) -> &str;

    /// Takes a row in or, in a dry run, says what would become of it.
    fn take(&self, row: &Understood<Self::Row>) -> impl Future<Output = Result<Became, ImportError>>;
}

/// Reads the table to its end. A row that cannot be taken in is written to `rejected`, with its line and the reason,
/// and the import goes on with the others.
///
/// # Errors
/// When the table cannot be read, or the store fails. What was taken in until then stays, and running the same import
/// again goes on from there.
pub async fn run<T: TakesRows>(
    takes: &T,
    table: Table,
    rejected: impl Write,
    mut tell: impl FnMut(&Progress),
) -> Result<Progress, ImportError> {
    let unwritable = |error: io::Error| ImportError::Table(format!("Rejected rows cannot be written: {error}."));
    let mut back = Rejected::new(rejected, &table).map_err(unwritable)?;
    let (pieces, reading) = table.reading();
    let mut turns = RowTurns::default();
    // Rows are read and queued in the table's order, and taken in concurrently.
    let rows = pieces.map(|piece| {
        let read = piece.map(|piece| reading.read(piece, |row| takes.read(row)));
        let turn = match &read {
            Ok(Read::Row(row)) => Some(turns.take(T::turn(&row.means))),
            _ => None,
        };
        async move { becomes(takes, read?, turn).await }
    });
    let mut rows = std::pin::pin!(stream::iter(rows).buffered(AT_ONCE));
    let mut progress = Progress::default();
    while let Some(became) = rows.next().await {
        match became? {
            Became::Rest(bytes) => {
                back.rest(&bytes).map_err(unwritable)?;
                continue;
            }
            Became::Rejected(line, reason, bytes) => {
                progress.rejected += 1;
                back.row(line, &reason, &bytes).map_err(unwritable)?;
            }
            became => progress.count(became),
        }
        progress.rows += 1;
        if progress.rows.is_multiple_of(STEP) {
            tell(&progress);
        }
    }
    back.finish().map_err(unwritable)?;
    Ok(progress)
}

/// Takes in a row that was read, when its turn has come.
async fn becomes<T: TakesRows>(
    takes: &T,
    read: Read<T::Row>,
    mut turn: Option<RowTurn>,
) -> Result<Became, ImportError> {
    let row = match read {
        Read::Row(row) => row,
        Read::Wrong(line, reasons, bytes) => return Ok(Became::Rejected(line, reasons.join("; "), bytes)),
        Read::Rest(bytes) => return Ok(Became::Rest(bytes)),
    };
    if let Some(turn) = &mut turn {
        turn.comes().await;
    }
    takes.take(&row).await
}

impl Progress {
    fn count(&mut self, taken: Became) {
        match taken {
            Became::Opened(by, closed) => {
                self.opened += 1;
                self.closed += u64::from(closed);
                *self.counts.entry(by).or_default() += 1;
            }
            Became::Told(held) => {
                self.told += 1;
                if let Some(held) = held {
                    *self.counts.entry(held.words().to_owned()).or_default() += 1;
                }
            }
            Became::Known => self.known += 1,
            Became::Rejected(..) | Became::Rest(_) => {}
        }
    }
}

/// The progress of an import of cases, in one line.
#[must_use]
pub fn line(progress: &Progress) -> String {
    let Progress { rows, opened, closed, known, rejected, .. } = progress;
    format!("{rows} rows: {opened} cases opened ({closed} of them closed), {known} known before, {rejected} rejected")
}

/// The progress of an import of a history, in one line.
#[must_use]
pub fn line_of_history(progress: &Progress) -> String {
    let Progress { rows, told, known, rejected, .. } = progress;
    format!("{rows} rows: {told} told, {known} known before, {rejected} rejected")
}

#[cfg(test)]
mod tests;
