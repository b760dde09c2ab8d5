//! Which case something belongs to. In doubt a new case: a wrong one would show a stranger the case, or hide the
//! complaint.

use entity::id::{CaseId, CustomerId};
use entity::{case, report};
use regex::Regex;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::LazyLock;

use super::report::{Arrived, Belongs};
use crate::access::door;
use crate::access::table::Action;
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// References and Message-IDs looked at in one mail at most.
const MOST: usize = 50;

/// The case this belongs to, locked; none means a new one. A mail joins a case when it answers something of that
/// case, or names its reference, and its sender is that case's customer; a sender alone is no evidence.
///
/// # Errors
/// When somebody named a case that they may not add to.
pub async fn find(work: &Work, arrived: &Arrived, sender: Option<CustomerId>) -> Outcome<Option<case::Model>> {
    let found = named(work, arrived, sender).await?;
    // What belongs to a merged case belongs to the one that goes on.
    match found.as_ref().and_then(|case| case.merged_into) {
        Some(into) => Ok(case::Entity::find_by_id(into).lock_exclusive().one(work.tx()?).await?),
        None => Ok(found),
    }
}

async fn named(work: &Work, arrived: &Arrived, sender: Option<CustomerId>) -> Outcome<Option<case::Model>> {
    match &arrived.belongs {
        Belongs::New => Ok(None),
        Belongs::To(id) => door::case(work, *id, Action::LogPhoneCall, "caseId").await.map(Some),
        Belongs::Perhaps { message_ids, references } => {
            let Some(sender) = sender else { return Ok(None) };
            let answered = answered(work, arrived, message_ids).await?;
            let named = case::Entity::find()
                .filter(case::Column::SellerId.eq(arrived.seller))
                .filter(case::Column::CustomerId.eq(sender))
                .filter(case::Column::Id.is_in(answered).or(case::Column::Reference.is_in(references.clone())))
                .order_by_desc(case::Column::OpenedAt)
                .order_by_desc(case::Column::Id)
                .limit(1)
                .lock_exclusive();
            if message_ids.is_empty() && references.is_empty() { Ok(None) } else { Ok(named.one(work.tx()?).await?) }
        }
    }
}

/// The cases that hold the mails this one answers.
async fn answered(work: &Work, arrived: &Arrived, message_ids: &[String]) -> Outcome<Vec<CaseId>> {
    if message_ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = message_ids.iter().take(MOST).cloned();
    Ok(report::Entity::find()
        .select_only()
        .column(report::Column::CaseId)
        .filter(report::Column::SellerId.eq(arrived.seller))
        .filter(report::Column::MessageId.is_in(ids))
        .into_tuple()
        .all(work.tx()?)
        .await?)
}

/// References for people ("C-2026-000123") in a text, upper case.
#[must_use]
pub fn references(text: &str) -> Vec<String> {
    static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\bC-\d{4}-\d{6,12}\b").ok());
    let found = REFERENCE.iter().flat_map(|pattern| pattern.find_iter(text));
    found.take(MOST).map(|found| found.as_str().to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        assert_eq!(references("Sv: [c-2026-000123] och C-2027-1000001."), ["C-2026-000123", "C-2027-1000001"]);
        assert!(references("C-2026-12 XC-2026-000123 C-2026-000123x").is_empty());
    }
}
