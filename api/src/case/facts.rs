//! The facts about existing cases that the routing rules can test. They are read for many cases at once, with one
//! statement per table and thousand cases.

use std::borrow::Borrow;
use std::collections::HashMap;

use entity::id::{CaseId, CustomerId, PartnerId, ReportId, StaffId};
use entity::json::FieldChange;
use entity::{case, case_change, case_partner, customer, report, routing_decision};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::directory::catalogue::Catalogue;
use crate::directory::customer::OPEN_COUNTED;
use crate::kit::money::Money;
use crate::kit::text::truncated;
use crate::ownership::route::Answers;
use crate::ownership::rules::Facts;

/// The most open cases whose owners are read, for all customers of one chunk together.
const NEWEST: u64 = 10_000;
/// Cases read in one statement.
const AT_ONCE: usize = 1_000;

/// The facts about some cases that are not in the cases' own rows.
#[derive(Debug, Default)]
pub struct KnownFacts {
    words: HashMap<CaseId, String>,
    partners: HashMap<CaseId, Vec<PartnerId>>,
    tiers: HashMap<CustomerId, Option<String>>,
    open: HashMap<CustomerId, i64>,
    /// Open cases with their owners, the newest last.
    owners: HashMap<CustomerId, Vec<(CaseId, StaffId)>>,
    /// The facts that the rules saw when the case was opened.
    first: HashMap<CaseId, Facts>,
    /// What staff changed since, oldest first.
    changes: HashMap<CaseId, Vec<FieldChange>>,
}

impl KnownFacts {
    /// Reads the facts about these cases.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(db: &impl ConnectionTrait, cases: &[impl Borrow<case::Model>]) -> Result<Self, DbErr> {
        let mut known = Self::default();
        for chunk in cases.chunks(AT_ONCE) {
            let ids = || chunk.iter().map(|case| case.borrow().id);
            let reports: Vec<(CaseId, ReportId, String)> = report::Entity::find()
                .select_only()
                .columns([report::Column::CaseId, report::Column::Id, report::Column::Words])
                .filter(report::Column::CaseId.is_in(ids()))
                .order_by_asc(report::Column::RecordedAt)
                .order_by_asc(report::Column::Id)
                .into_tuple()
                .all(db)
                .await?;
            for (case, _, text) in reports {
                // The first report is the one that opened the case.
                known.words.entry(case).or_insert(text);
            }
            let named = case_partner::Entity::find().filter(case_partner::Column::CaseId.is_in(ids()));
            for row in named.filter(case_partner::Column::Suggested.eq(false)).all(db).await? {
                known.partners.entry(row.case_id).or_default().push(row.partner_id);
            }
            // A rule may have added tags to the case. The tags that came with the complaint are in its first routing
            // decision.
            let first = routing_decision::Entity::find().filter(routing_decision::Column::CaseId.is_in(ids()));
            let first = first.filter(routing_decision::Column::OwnerSeq.eq(1));
            for row in first.filter(routing_decision::Column::Number.eq(1)).all(db).await? {
                known.first.extend(serde_json::from_value(row.facts).ok().map(|facts| (row.case_id, facts)));
            }
            let changes = case_change::Entity::find().filter(case_change::Column::CaseId.is_in(ids()));
            for row in changes.order_by_asc(case_change::Column::Id).all(db).await? {
                known.changes.entry(row.case_id).or_default().extend(row.changes.0);
            }
            known.customers(db, chunk.iter().map(|case| case.borrow().customer_id).collect()).await?;
        }
        Ok(known)
    }

    async fn customers(&mut self, db: &impl ConnectionTrait, ids: Vec<CustomerId>) -> Result<(), DbErr> {
        for row in customer::Entity::find().filter(customer::Column::Id.is_in(ids.clone())).all(db).await? {
            self.tiers.insert(row.id, row.tier);
        }
        let open: Vec<(CustomerId, i64)> = case::Entity::find()
            .select_only()
            .column(case::Column::CustomerId)
            .column_as(case::Column::Id.count(), "open")
            .filter(case::Column::CustomerId.is_in(ids.clone()))
            .filter(case::Column::ClosedAt.is_null())
            .group_by(case::Column::CustomerId)
            .into_tuple()
            .all(db)
            .await?;
        self.open.extend(open);
        let newest: Vec<(CustomerId, CaseId, StaffId)> = case::Entity::find()
            .select_only()
            .columns([case::Column::CustomerId, case::Column::Id, case::Column::OwnerId])
            .filter(case::Column::CustomerId.is_in(ids))
            .filter(case::Column::ClosedAt.is_null())
            .order_by_desc(case::Column::OpenedAt)
            .order_by_desc(case::Column::Id)
            .limit(NEWEST)
            .into_tuple()
            .all(db)
            .await?;
        for (customer, case, owner) in newest.into_iter().rev() {
            self.owners.entry(customer).or_default().push((case, owner));
        }
        Ok(())
    }

    /// The facts of this case now, but with its tags and its customer's tier and open cases as they were when the case
    /// was opened.
    #[must_use]
    pub fn facts_of_the_day(&self, case: &case::Model, seller: &Answers, catalogue: &Catalogue) -> Facts {
        let now = self.facts(case, seller, catalogue);
        match self.first.get(&case.id) {
            Some(then) => Facts {
                tags: then.tags.clone(),
                customer_tier: then.customer_tier.clone(),
                customer_open_cases: then.customer_open_cases,
                times_chased: 0,
                open_case_owner: then.open_case_owner,
                ..now
            },
            None => now,
        }
    }

    /// The tags that came with the complaint, with those that staff have added and without those that they have removed
    /// since. Those that a rule added are not facts.
    fn tags(&self, case: &case::Model) -> Vec<String> {
        let Some(first) = self.first.get(&case.id) else { return case.tags.0.clone() };
        let mut tags = first.tags.clone();
        for change in self.changes.get(&case.id).into_iter().flatten() {
            tags.retain(|tag| !change.removed.contains(tag));
            tags.extend(change.added.iter().filter(|tag| !tags.contains(tag)).cloned().collect::<Vec<_>>());
        }
        tags
    }

    /// The facts of this case as they are now.
    #[must_use]
    pub fn facts(&self, case: &case::Model, seller: &Answers, catalogue: &Catalogue) -> Facts {
        let place = catalogue.place(case.category.as_deref(), case.product.as_deref());
        let mut partners = self.partners.get(&case.id).cloned().unwrap_or_default();
        partners.extend(place.partners.iter().filter(|partner| !partners.contains(partner)).collect::<Vec<_>>());
        let amount = case.order_amount_minor.zip(case.order_currency.clone());
        let open = self.open.get(&case.customer_id).copied().unwrap_or_default();
        let others = (open - i64::from(case.closed_at.is_none())).min(OPEN_COUNTED);
        let words = self.words.get(&case.id).map(String::as_str).unwrap_or_default();
        Facts {
            channel: case.channel,
            category: place.category,
            above_category: place.above,
            product: case.product.clone(),
            language: case.language,
            amount: amount.map(|(minor, currency)| Money { minor, currency }),
            partners,
            severity: case.severity,
            customer_tier: self.tiers.get(&case.customer_id).cloned().flatten(),
            customer_open_cases: i32::try_from(others).unwrap_or(i32::MAX),
            times_chased: case.times_chased,
            open_case_owner: self
                .owners
                .get(&case.customer_id)
                .and_then(|owners| owners.iter().rev().find(|(other, _)| *other != case.id).map(|(_, owner)| *owner)),
            tags: self.tags(case),
            business_hours: seller.open(case.received_at),
            subject: case.subject.clone(),
            // Rules read only the beginning of a very long text. The report keeps all of it.
            words: truncated(words, crate::message::LONGEST),
        }
    }
}
