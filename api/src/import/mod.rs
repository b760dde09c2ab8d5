//! `ansvar import`: a table of cases from another system, streamed row by row through intake and routing.

pub mod cells;
pub mod encoding;
pub mod reading;
pub mod rejected;
pub mod rows;
pub mod table;
pub mod trial;
pub mod turns;

use std::collections::BTreeMap;
use std::io::{self, Write};

use entity::id::{CaseId, SellerId, StaffId};
use entity::kind::{CaseStage, Language};
use entity::{case, idempotency, seller, staff};
use futures_util::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::reading::{Read, Understood};
use self::rejected::Rejected;
use self::table::Table;
use self::trial::Trial;
use self::turns::{Turn, Turns};
use crate::intake::import::{self, Mapping, OPERATION};
use crate::intake::receive::{self, Disposition};
use crate::intake::report::Once;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::Refusal;

/// Rows taken in at the same time; they share commits.
const AT_ONCE: usize = 16;
/// After how many rows progress is told.
const STEP: u64 = 1_000;

/// What has become of the rows so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Cases opened; in a dry run, that would be.
    pub opened: u64,
    /// Of them, closed with their own date.
    pub closed: u64,
    /// Rows that had been imported before.
    pub known: u64,
    /// Rows given back.
    pub rejected: u64,
    /// Cases opened per owner; in a dry run, per rule.
    pub counts: BTreeMap<String, u64>,
}

/// An import to do.
pub struct Import<'a> {
    /// The service.
    pub app: &'a App,
    /// Whose cases.
    pub seller: seller::Model,
    /// Which column is what.
    pub mapping: &'a Mapping,
    /// Whether nothing shall be written.
    pub dry_run: bool,
}

/// Why an import stops.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The table cannot be read, or is not what the mapping says.
    #[error("{0}")]
    Table(String),
    /// The store cannot be used.
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

/// What became of one row.
pub enum Became {
    /// A case was opened, or would be: by whom or which rule, and whether it was closed.
    Opened(String, bool),
    /// It had been imported before.
    Known,
    /// It is given back: its line, the reason, its bytes.
    Rejected(u64, String, Vec<u8>),
    /// It is a part of a row that was given back.
    Rest(Vec<u8>),
}

impl Became {
    /// A row that was read and is given back for these reasons.
    fn rejected(row: &Understood, reasons: &[String]) -> Self {
        Self::Rejected(row.line, reasons.join("; "), row.bytes().to_vec())
    }
}

/// A row that was imported before, under the same id.
pub struct Before {
    /// Whether it had other cells.
    changed: bool,
    /// The case it became.
    reference: Option<String>,
}

impl Before {
    /// What becomes of the row that comes again.
    fn becomes(self, row: &Understood) -> Became {
        if !self.changed {
            return Became::Known;
        }
        let case = self.reference.map_or_else(|| "a case".to_owned(), |reference| format!("case {reference}"));
        let reason = format!(
            "changed: a row with this id was imported before with other cells and is {case}; change that case here, or give \
             the row an id of its own"
        );
        Became::rejected(row, &[reason])
    }
}

impl Import<'_> {
    /// Reads the table to its end. A row that cannot be taken in is written to `rejected`, with its line and the reason,
    /// and the others go on.
    ///
    /// # Errors
    /// When the table cannot be read, or the store fails; what was taken in until then stays, and the same import again
    /// goes on from there.
    pub async fn run(
        &self,
        table: Table,
        rejected: impl Write,
        mut tell: impl FnMut(&Progress),
    ) -> Result<Progress, ImportError> {
        let unwritable = |error: io::Error| ImportError::Table(format!("Rejected rows cannot be written: {error}."));
        let mut back = Rejected::new(rejected, &table).map_err(unwritable)?;
        let trial = if self.dry_run { Some(Trial::read(self).await?) } else { None };
        let names = Names::default();
        let (pieces, reading) = table.reading();
        let (trial, names, mut turns) = (trial.as_ref(), &names, Turns::default());
        // Read and queued in the table's order; taken in as they come.
        let rows = pieces.map(|piece| {
            let read = piece.map(|piece| reading.read(piece, self.mapping, self.seller.id, self.app.now()));
            let turn = match &read {
                Ok(Read::Row(row)) => Some(turns.take(&row.imported.arrived.once.key)),
                _ => None,
            };
            async move { self.becomes(read?, turn, trial, names).await }
        });
        let mut rows = std::pin::pin!(stream::iter(rows).buffered(AT_ONCE));
        let mut progress = Progress::default();
        while let Some(became) = rows.next().await {
            let became = became?;
            progress.rows += u64::from(!matches!(became, Became::Rest(_)));
            match became {
                Became::Opened(by, closed) => {
                    progress.opened += 1;
                    progress.closed += u64::from(closed);
                    *progress.counts.entry(by).or_default() += 1;
                }
                Became::Known => progress.known += 1,
                Became::Rejected(line, reason, bytes) => {
                    progress.rejected += 1;
                    back.row(line, &reason, &bytes).map_err(unwritable)?;
                }
                Became::Rest(bytes) => {
                    back.rest(&bytes).map_err(unwritable)?;
                    continue;
                }
            }
            if progress.rows.is_multiple_of(STEP) {
                tell(&progress);
            }
        }
        back.finish().map_err(unwritable)?;
        Ok(progress)
    }

    /// Takes in what was read, when its turn has come.
    async fn becomes(
        &self,
        read: Read,
        turn: Option<Turn>,
        trial: Option<&Trial>,
        names: &Names,
    ) -> Result<Became, ImportError> {
        let row = match read {
            Read::Row(row) => row,
            Read::Wrong(line, reasons, bytes) => return Ok(Became::Rejected(line, reasons.join("; "), bytes)),
            Read::Rest(bytes) => return Ok(Became::Rest(bytes)),
        };
        let mut turn = turn;
        if let Some(turn) = &mut turn {
            turn.comes().await;
        }
        match trial {
            Some(trial) => trial.row(self, &row).await,
            None => self.row(&row, names).await,
        }
    }

    async fn row(&self, row: &Understood, names: &Names) -> Result<Became, ImportError> {
        let imported = &row.imported;
        let arrived = &imported.arrived;
        let received = self
            .app
            .run_at(Actor::System, arrived.received_at, async |work| receive::receive(work, arrived).await)
            .await;
        let received = match received {
            Ok(received) => received,
            Err(Refusal::Problems(problems)) => {
                if let Some(before) = self.before(&arrived.once).await?.filter(|before| before.changed) {
                    return Ok(before.becomes(row));
                }
                let reasons = problems.iter().map(|problem| problem.message.read_in(Language::En).to_owned());
                return Ok(Became::rejected(row, &reasons.collect::<Vec<_>>()));
            }
            Err(fault) => return Err(fault.into()),
        };
        // Also for a row that is known: the one before may have been cut off between its two acts.
        let closed = match imported.closed_at.filter(|_| received.case.stage == CaseStage::Received) {
            Some(at) => {
                let id = received.case.id;
                self.app.run_at(Actor::System, at, async move |work| import::close(work, id).await).await?
            }
            None => false,
        };
        if received.disposition == Disposition::Duplicate {
            return Ok(Became::Known);
        }
        Ok(Became::Opened(names.of(self.app.reader().db(), received.case.owner_id).await?, closed))
    }

    /// The row that was imported before under this id.
    async fn before(&self, once: &Once) -> Result<Option<Before>, ImportError> {
        let db = self.app.reader().db();
        let key = (self.seller.id.to_string(), OPERATION.to_owned(), once.key.clone());
        let Some(known) = idempotency::Entity::find_by_id(key).one(db).await? else { return Ok(None) };
        let changed = known.fingerprint != once.fingerprint;
        let case = known.result.get("case").and_then(|case| case.as_str()).and_then(|case| case.parse::<CaseId>().ok());
        let reference = match case.filter(|_| changed) {
            Some(id) => case::Entity::find_by_id(id).one(db).await?.map(|case| case.reference),
            None => None,
        };
        Ok(Some(Before { changed, reference }))
    }
}

/// Names of owners, read once each.
#[derive(Default)]
struct Names(tokio::sync::Mutex<BTreeMap<StaffId, String>>);

impl Names {
    async fn of(&self, db: &Db, id: StaffId) -> Result<String, ImportError> {
        let mut known = self.0.lock().await;
        if let Some(name) = known.get(&id) {
            return Ok(name.clone());
        }
        let row = staff::Entity::find_by_id(id).one(db).await?;
        let name = row.map_or_else(|| id.to_string(), |row| row.name);
        known.insert(id, name.clone());
        Ok(name)
    }
}

/// Where an import stands, in a line.
#[must_use]
pub fn line(progress: &Progress) -> String {
    let Progress { rows, opened, closed, known, rejected, .. } = progress;
    format!("{rows} rows: {opened} cases opened ({closed} of them closed), {known} known before, {rejected} rejected")
}

#[cfg(test)]
mod tests;
