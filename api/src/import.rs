//! `ansvar import`: a table of cases from another system, streamed row by row through intake and routing.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use entity::id::{SellerId, StaffId};
use entity::{idempotency, seller, staff};
use futures_util::{StreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::directory::catalogue::Catalogue;
use crate::intake::import::{self, Imported, Mapping, OPERATION, Row};
use crate::intake::receive::{self, Disposition};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::Refusal;
use crate::ownership::compiled::Compiled;
use crate::ownership::route::Answers;
use crate::ownership::rule_set;
use crate::ownership::rules::Facts;

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

impl From<csv::Error> for ImportError {
    fn from(error: csv::Error) -> Self {
        Self::Table(format!("The table cannot be read or written: {error}."))
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
enum Became {
    Opened(String, bool),
    Known,
    Rejected(u64, Vec<String>, csv::StringRecord),
}

impl Import<'_> {
    /// Reads the table to its end. A row that cannot be taken in is written to `rejected`, with its line and the reason,
    /// and the others go on.
    ///
    /// # Errors
    /// When the table is not what the mapping says, or the store fails; what was taken in until then stays, and the same
    /// import again goes on from there.
    pub async fn run(
        &self,
        table: impl Read,
        rejected: impl Write,
        mut tell: impl FnMut(&Progress),
    ) -> Result<Progress, ImportError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(table);
        let columns: Vec<String> = reader.headers()?.iter().map(|name| name.trim().to_owned()).collect();
        let wrong = self.mapping.wrong(&columns);
        if !wrong.is_empty() {
            return Err(ImportError::Table(format!("The mapping does not fit the table: {}.", wrong.join("; "))));
        }
        let mut back = csv::WriterBuilder::new().flexible(true).from_writer(rejected);
        back.write_record(["line", "reason"].into_iter().chain(columns.iter().map(String::as_str)))?;
        let tried = if self.dry_run { Some(Trial::read(self).await?) } else { None };
        let names = Names::default();
        let records = stream::iter(reader.byte_records());
        let (columns, trial, names) = (&columns, tried.as_ref(), &names);
        let mut rows = std::pin::pin!(
            records.map(|record| async move { self.row(record?, columns, trial, names).await }).buffered(AT_ONCE)
        );
        let mut progress = Progress::default();
        while let Some(became) = rows.next().await {
            progress.rows += 1;
            match became? {
                Became::Opened(by, closed) => {
                    progress.opened += 1;
                    progress.closed += u64::from(closed);
                    *progress.counts.entry(by).or_default() += 1;
                }
                Became::Known => progress.known += 1,
                Became::Rejected(line, reasons, record) => {
                    progress.rejected += 1;
                    let (line, reason) = (line.to_string(), reasons.join("; "));
                    back.write_record([line.as_str(), reason.as_str()].into_iter().chain(record.iter()))?;
                }
            }
            if progress.rows.is_multiple_of(STEP) {
                tell(&progress);
            }
        }
        back.flush().map_err(|error| ImportError::Table(format!("Rejected rows cannot be written: {error}.")))?;
        Ok(progress)
    }

    async fn row(
        &self,
        record: csv::ByteRecord,
        columns: &[String],
        trial: Option<&Trial>,
        names: &Names,
    ) -> Result<Became, ImportError> {
        let line = record.position().map_or(0, csv::Position::line);
        let record = match csv::StringRecord::from_byte_record(record) {
            Ok(record) => record,
            Err(error) => {
                let readable = error.into_byte_record();
                let readable = readable.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
                return Ok(Became::Rejected(line, vec!["the row is not UTF-8".to_owned()], readable));
            }
        };
        let row: Row = columns.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
        let now = self.app.now();
        let imported = match self.mapping.read(&row, self.seller.id, now) {
            Ok(imported) => imported,
            Err(reasons) => return Ok(Became::Rejected(line, reasons, record)),
        };
        if let Some(trial) = trial {
            return trial.row(self, &imported).await;
        }
        let arrived = &imported.arrived;
        let received = self
            .app
            .run_at(Actor::System, arrived.received_at, async |work| receive::receive(work, arrived).await)
            .await;
        let received = match received {
            Ok(received) => received,
            Err(Refusal::Problems(problems)) => {
                let reasons = problems.iter().map(|problem| problem.message.read_in(entity::kind::Language::En));
                return Ok(Became::Rejected(line, reasons.map(str::to_owned).collect(), record));
            }
            Err(fault) => return Err(fault.into()),
        };
        // Also for a row that is known: the one before may have been cut off between its two acts.
        let closed = match imported.closed_at.filter(|_| received.case.stage == entity::kind::CaseStage::Received) {
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

/// What a dry run needs: the rules, and what they look at.
struct Trial {
    rules: Compiled,
    catalogue: Catalogue,
    answers: Answers,
}

impl Trial {
    async fn read(import: &Import<'_>) -> Result<Self, ImportError> {
        let db = import.app.reader().db();
        Ok(Self {
            rules: Compiled::new(rule_set::rules_in_force(db, import.seller.id).await?),
            catalogue: Catalogue::read(db, import.seller.id).await?,
            answers: Answers::from(&import.seller),
        })
    }

    /// Which rule would match; nothing is written.
    async fn row(&self, import: &Import<'_>, imported: &Imported) -> Result<Became, ImportError> {
        let arrived = &imported.arrived;
        let key = (import.seller.id.to_string(), OPERATION.to_owned(), arrived.once.key.clone());
        if idempotency::Entity::find_by_id(key).one(import.app.reader().db()).await?.is_some() {
            return Ok(Became::Known);
        }
        let place = self.catalogue.place(arrived.about.category.as_deref(), arrived.about.product.as_deref());
        let facts = Facts {
            channel: arrived.channel,
            category: place.category,
            above_category: place.above,
            product: arrived.about.product.clone(),
            language: arrived.sender.language.unwrap_or(import.seller.language),
            amount: None,
            partners: place.partners,
            severity: None,
            customer_tier: None,
            customer_open_cases: 0,
            open_case_owner: None,
            tags: arrived.about.tags.clone(),
            business_hours: self.answers.open(None, arrived.received_at),
            subject: arrived.subject.clone().unwrap_or_default(),
            words: arrived.words.clone(),
        };
        let found = self.rules.first_match(&facts);
        let rule = found.rule.map_or_else(|| "(no rule)".to_owned(), |rule| rule.name.clone());
        Ok(Became::Opened(rule, imported.closed_at.is_some()))
    }
}

/// Where an import stands, in a line.
#[must_use]
pub fn line(progress: &Progress) -> String {
    let Progress { rows, opened, closed, known, rejected, .. } = progress;
    format!("{rows} rows: {opened} cases opened ({closed} of them closed), {known} known before, {rejected} rejected")
}
