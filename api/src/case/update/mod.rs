//! Changes what a case says: its subject, category, product, priority, severity, tags, language and order. What intake
//! derives from them follows: the suggested partners, the service level with its timers, and the legal clocks of the
//! category. The owner stays the owner.

pub mod decide;

use entity::id::{CaseId, PartnerId};
use entity::json::FieldChanges;
use entity::kind::{CaseField, DueKind};
use entity::{case, case_change, case_partner, due};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::decide::{CaseUpdate, To};
use super::{legal, recount};
use crate::access::acts::{CaseAct, Situation};
use crate::access::door;
use crate::access::table::Action;
use crate::directory::catalogue::{self, CatalogueMatch};
use crate::directory::{self, level};
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, line, words};
use crate::kit::text::folded;
use crate::kit::work::Work;
use crate::texts;
use crate::timer::{self, CaseTimes};

/// Changes a case. An update that changes nothing leaves no event.
///
/// # Errors
/// When the case was merged into another, or a value is too long; each field is named.
pub async fn update(work: &mut Work, id: CaseId, update: &CaseUpdate) -> Outcome<case::Model> {
    let mut case = door::case(work, id, Action::UpdateCase, "caseId").await?;
    CaseAct::Update.check(&Situation::of(&case), "caseId")?;
    let mut update = checked(&case, update)?;
    let seller = directory::seller::one(work, case.seller_id).await?;
    let catalogue = catalogue::at(work, seller.id, seller.catalogue_version).await?;
    let before = (*case).clone();
    let was = catalogue.place(before.category.as_deref(), before.product.as_deref());
    // As at intake, a case without a category gets that of its product.
    if let (To::Same, None, To::Value(Some(product))) = (&update.category, &before.category, &update.product) {
        update.category = To::Value(catalogue.place(None, Some(product)).category);
    }
    let changes = decide::apply(&mut case, update);
    if changes.is_empty() {
        return Ok(case.done());
    }
    case.category_key = case.category.as_deref().map(|name| folded(name.trim()));
    let fields: Vec<CaseField> = changes.iter().map(|change| change.field).collect();
    let changes = FieldChanges(changes);
    let row = case_change::Model { id: work.new_id(), case_id: id, seller_id: seller.id, changes };
    let visibility = decide::seen_by(&fields);
    log::append(work, &mut case, &Payload::CaseUpdated { change: row.id, fields, visibility })?;
    work.insert(row);
    let is = catalogue.place(case.category.as_deref(), case.product.as_deref());
    if was.partners != is.partners {
        suggest(work, &case, &is.partners).await?;
    }
    let (was, is) = (branch(was), branch(is));
    if was != is || before.priority != case.priority {
        Box::pin(follow_level(work, &mut case, (&before, &was), &is)).await?;
    }
    // A closed case has its answer, which is what these clocks ask for.
    if was != is && case.closed_at.is_none() {
        legal::category_changed(work, &case, &seller, (&was, &is)).await?;
    }
    Ok(case.done())
}

/// The category and those above it, the nearest first.
fn branch(place: CatalogueMatch) -> Vec<String> {
    place.category.into_iter().chain(place.above).collect()
}

/// The update with cleaned values, and with all tags that the case has after it.
fn checked(case: &case::Model, update: &CaseUpdate) -> Outcome<CaseUpdate> {
    let mut problems = Problems::default();
    let subject = update.subject.clone().map(|subject| line(&mut problems, Some(&subject), "subject", 200));
    let subject = match subject {
        To::Same => To::Same,
        To::Value(Some(subject)) => To::Value(subject),
        To::Value(None) => {
            if problems.count() == 0 {
                problems.add(Problem::new(ErrorCode::Required, "subject", texts::input::fill_in()));
            }
            To::Same
        }
    };
    let mut short = |to: &To<Option<String>>, field: &str, most: usize| {
        to.clone().map(|text| line(&mut problems, text.as_deref(), field, most))
    };
    let (category, product) = (short(&update.category, "category", 100), short(&update.product, "product", 200));
    let order_reference = short(&update.order_reference, "orderReference", 100);
    let all = match &update.tags {
        To::Value(tags) => To::Value(problems.check(words(tags, "tags")).unwrap_or_default()),
        To::Same => To::Same,
    };
    let add_tags = problems.check(words(&update.add_tags, "addTags")).unwrap_or_default();
    let remove_tags = problems.check(words(&update.remove_tags, "removeTags")).unwrap_or_default();
    let update =
        CaseUpdate { subject, category, product, order_reference, tags: all, add_tags, remove_tags, ..update.clone() };
    let tags = decide::tags(&case.tags.0, &update);
    let more = tags.len() > case.tags.0.len();
    if more && problems.count() == 0 {
        problems.check(words(&tags, "addTags"));
    }
    problems.refuse_if_any()?;
    Ok(CaseUpdate { tags: To::Value(tags), ..update })
}

/// Suggests the partners who deliver the product or the category, instead of those who were suggested before. Partners
/// whom somebody named stay.
async fn suggest(work: &mut Work, case: &case::Model, partners: &[PartnerId]) -> Outcome<()> {
    let of_case = case_partner::Entity::find().filter(case_partner::Column::CaseId.eq(case.id));
    let known = of_case.all(work.tx()?).await?;
    for row in known.iter().filter(|row| row.suggested && !partners.contains(&row.partner_id)) {
        work.remove::<case_partner::Model>((case.id, row.partner_id));
    }
    let (case_id, seller_id, suggested) = (case.id, case.seller_id, true);
    for partner_id in partners.iter().copied().filter(|id| known.iter().all(|row| row.partner_id != *id)) {
        work.insert(case_partner::Model { case_id, partner_id, seller_id, suggested });
    }
    Ok(())
}

/// Gives the case the service level for its new priority and category, if it had the one for its former ones. A level
/// that a rule named stays. The timers that run are recalculated as after a change of the level; a time for the answer
/// that the new level adds begins now.
async fn follow_level(
    work: &mut Work,
    case: &mut case::Model,
    (before, was): (&case::Model, &[String]),
    is: &[String],
) -> Outcome<()> {
    let former = level::chosen(work.tx()?, case.seller_id, before.priority, was).await?;
    let next = level::chosen(work.tx()?, case.seller_id, case.priority, is).await?;
    if case.service_level_id != former || next == former {
        return Ok(());
    }
    case.service_level_id = next;
    if case.closed_at.is_some() {
        return Ok(());
    }
    recount::count_anew(work, case).await?;
    let times = CaseTimes::of(work, case).await?;
    let running = work.find::<due::Model>((case.id.0, DueKind::AnswerBy)).await?.is_some();
    if let Some(length) = times.lengths().answer.filter(|_| !running) {
        timer::start_for(work, case, DueKind::AnswerBy, (work.now(), length), &times);
    }
    Ok(())
}
