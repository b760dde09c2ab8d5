//! A table with the history of imported cases. Each row is imported as one record with its own time.

use entity::kind::Language;
use entity::{idempotency, seller};
use sea_orm::EntityTrait;

use super::reading::Understood;
use super::{Became, ImportError, TakesRows};
use crate::intake::import;
use crate::intake::import::history::{self, HistoryMapping, ImportedRecord, OPERATION, OldRecord};
use crate::intake::import::row::TableRow;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::{Problem, Refusal};

/// A history to import.
pub struct History<'a> {
    /// The service.
    pub app: &'a App,
    /// The seller that the cases belong to.
    pub seller: seller::Model,
    /// Which column means what.
    pub mapping: &'a HistoryMapping,
    /// Whether this is a dry run, in which nothing is written.
    pub dry_run: bool,
}

impl TakesRows for History<'_> {
    type Row = OldRecord;

    fn read(&self, row: &TableRow<'_>) -> Result<OldRecord, Vec<String>> {
        self.mapping.read(row, self.app.now())
    }

    fn turn(row: &OldRecord) -> &str {
        &row.case_key
    }

    async fn take(&self, row: &Understood<OldRecord>) -> Result<Became, ImportError> {
        let old = &row.means;
        if self.dry_run {
            return self.would_become(row).await;
        }
        let actor = Actor::Import { seller: self.seller.id };
        let taken = self.app.run_at(actor, old.at, async |work| history::take(work, self.seller.id, old).await).await;
        match taken {
            Ok(ImportedRecord::Known) => Ok(Became::Known),
            Ok(ImportedRecord::Told(held)) => Ok(Became::Told(held)),
            Err(Refusal::Problems(problems)) => Ok(Became::rejected(row, &words(&problems))),
            Err(fault) => Err(fault.into()),
        }
    }
}

impl History<'_> {
    async fn would_become(&self, row: &Understood<OldRecord>) -> Result<Became, ImportError> {
        let db = self.app.reader().db();
        let remembered = |operation: &str, key: &str| {
            idempotency::Entity::find_by_id((self.seller.id.to_string(), operation.to_owned(), key.to_owned()))
        };
        if remembered(OPERATION, &row.means.key).one(db).await?.is_some() {
            return Ok(Became::Known);
        }
        match remembered(import::OPERATION, &row.means.case_key).one(db).await? {
            Some(_) => Ok(Became::Told(None)),
            None => Ok(Became::rejected(row, &words(&[history::no_case(&row.means.case_id)]))),
        }
    }
}

fn words(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.message.read_in(Language::En).to_owned()).collect()
}
