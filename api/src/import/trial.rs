//! A dry run: says what would become of a row, from the store and the rules. Nothing is written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use entity::seller;
use sha2::{Digest, Sha256};

use super::cases::Cases;
use super::reading::Understood;
use super::{Became, ImportError};
use crate::directory::catalogue::Catalogue;
use crate::intake::import::Imported;
use crate::kit::app::App;
use crate::kit::text::truncated;
use crate::ownership::compiled::Compiled;
use crate::ownership::route::Answers;
use crate::ownership::rule_set;
use crate::ownership::rules::Facts;

/// How many rows' ids are remembered to find an id that stands twice in the table. All of them take some 150 MB.
const REMEMBERED: usize = 2_000_000;

/// What a dry run needs: the rules, the data that they use, and the rows that have come.
pub struct Trial {
    rules: Compiled,
    catalogue: Catalogue,
    answers: Answers,
    seen: Mutex<HashMap<u128, u64>>,
}

impl Trial {
    /// Reads the rules and the data that they use.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(app: &App, seller: &seller::Model) -> Result<Self, ImportError> {
        let db = app.reader().db();
        Ok(Self {
            rules: Compiled::new(rule_set::rules_in_force(db, seller.id).await?),
            catalogue: Catalogue::read(db, seller.id).await?,
            answers: Answers::from(seller),
            seen: Mutex::default(),
        })
    }

    /// What would become of this row: known, changed, or opened by the rule that matches.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn row(&self, import: &Cases<'_>, row: &Understood<Imported>) -> Result<Became, ImportError> {
        let imported = &row.means;
        let once = &imported.arrived.once;
        if let Some(before) = import.before(once).await? {
            return Ok(before.becomes(row));
        }
        match self.stood_before(&once.key, &once.fingerprint) {
            Some(true) => return Ok(Became::Known),
            Some(false) => {
                let reason = "changed: a row with this id and other cells stands before it in the table; give one of the two an \
                              id of its own";
                return Ok(Became::rejected(row, &[reason.to_owned()]));
            }
            None => {}
        }
        let facts = self.facts(import, imported);
        let found = self.rules.first_match(&facts);
        let rule = found.rule.map_or_else(|| "(no rule)".to_owned(), |rule| rule.name.clone());
        Ok(Became::Opened(rule, imported.closed_at.is_some()))
    }

    /// Whether a row with this id has come before in the table: true if it had the same cells, false if it had others,
    /// none if there was no such row. Rows with the same id come in the table's order.
    fn stood_before(&self, key: &str, fingerprint: &[u8]) -> Option<bool> {
        let short = |bytes: &[u8]| bytes.first_chunk::<8>().copied().map(u64::from_le_bytes).unwrap_or_default();
        let name = Sha256::digest(key).first_chunk::<16>().copied().map(u128::from_le_bytes).unwrap_or_default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let full = seen.len() >= REMEMBERED;
        match seen.entry(name) {
            Entry::Occupied(known) => Some(*known.get() == short(fingerprint)),
            Entry::Vacant(free) => {
                if !full {
                    free.insert(short(fingerprint));
                }
                None
            }
        }
    }

    fn facts(&self, import: &Cases<'_>, imported: &Imported) -> Facts {
        let arrived = &imported.arrived;
        let place = self.catalogue.place(arrived.about.category.as_deref(), arrived.about.product.as_deref());
        Facts {
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
            times_chased: 0,
            open_case_owner: None,
            tags: arrived.about.tags.clone(),
            business_hours: self.answers.open(arrived.received_at),
            subject: arrived.subject.clone().unwrap_or_default(),
            words: truncated(&arrived.words, crate::message::LONGEST),
        }
    }
}
