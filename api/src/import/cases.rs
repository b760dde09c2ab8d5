//! A table of cases. Each row goes through intake and routing with its own dates.

use std::collections::BTreeMap;

use entity::id::{CaseId, StaffId};
use entity::kind::{CaseStage, Language};
use entity::{case, idempotency, seller, staff};
use sea_orm::EntityTrait;

use super::reading::Understood;
use super::trial::Trial;
use super::{Became, ImportError, TakesRows};
use crate::intake::import::row::TableRow;
use crate::intake::import::{self, Imported, Mapping, OPERATION};
use crate::intake::receive::{self, Disposition};
use crate::intake::report::Once;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::db::Db;
use crate::kit::error::Refusal;

/// A table of cases to import.
pub struct Cases<'a> {
    /// The service.
    pub app: &'a App,
    /// The seller that the cases belong to.
    pub seller: seller::Model,
    mapping: &'a Mapping,
    /// Set in a dry run, in which nothing is written.
    trial: Option<Trial>,
    names: Names,
}

impl<'a> Cases<'a> {
    /// Cases of this seller. In a dry run nothing is written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn new(
        app: &'a App,
        seller: seller::Model,
        mapping: &'a Mapping,
        dry_run: bool,
    ) -> Result<Self, ImportError> {
        let trial = if dry_run { Some(Trial::read(app, &seller).await?) } else { None };
        Ok(Self { app, seller, mapping, trial, names: Names::default() })
    }
}

impl TakesRows for Cases<'_> {
    type Row = Imported;

    fn read(&self, row: &TableRow<'_>) -> Result<Imported, Vec<String>> {
        self.mapping.read(row, self.seller.id, self.app.now())
    }

    fn turn(row: &Imported) -> &str {
        &row.arrived.once.key
    }

    async fn take(&self, row: &Understood<Imported>) -> Result<Became, ImportError> {
        match &self.trial {
            Some(trial) => trial.row(self, row).await,
            None => self.row(row).await,
        }
    }
}

/// A row that was imported before, under the same id.
pub struct Before {
    /// Whether it had other cells then.
    changed: bool,
    /// The reference of the case that it became.
    reference: Option<String>,
}

impl Before {
    /// What becomes of the row when it comes again.
    #[must_use]
    pub fn becomes(self, row: &Understood<Imported>) -> Became {
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

impl Cases<'_> {
    async fn row(&self, row: &Understood<Imported>) -> Result<Became, ImportError> {
        let imported = &row.means;
        let arrived = &imported.arrived;
        let actor = Actor::Import { seller: self.seller.id };
        let received =
            self.app.run_at(actor, arrived.received_at, async |work| receive::receive(work, arrived).await).await;
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
        // Also done for a known row, because the import before may have ended between the two acts of this row.
        let closed = match imported.closed_at.filter(|_| received.case.stage == CaseStage::Received) {
            Some(at) => {
                let id = received.case.id;
                self.app.run_at(actor, at, async move |work| import::close(work, id).await).await?
            }
            None => false,
        };
        if received.disposition == Disposition::Duplicate {
            return Ok(Became::Known);
        }
        Ok(Became::Opened(self.names.of(self.app.reader().db(), received.case.owner_id).await?, closed))
    }

    /// Looks up the row that was imported before under this id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn before(&self, once: &Once) -> Result<Option<Before>, ImportError> {
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

/// The names of owners, each read once.
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
