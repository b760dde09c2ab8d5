//! A seller's own templates. They are checked when they are saved, so that no letter fails when it is written.

use entity::id::SellerId;
use entity::kind::{Language, LetterKind};
use entity::{letter_template, seller};
use sea_orm::EntityTrait;

use super::check::check;
use super::render;
use super::template::{Rendered, Template, Values};
use crate::access::door;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems};
use crate::kit::work::Work;
use crate::texts::{self, Text};

/// Sets the seller's template for this kind of letter; `None` restores the built-in one.
///
/// # Errors
/// When the template has faults; each is reported with its field and the reason.
pub async fn set(
    work: &mut Work,
    seller: SellerId,
    (kind, language): (LetterKind, Language),
    template: Option<Template>,
) -> Outcome<seller::Model> {
    let row = door::seller(work, seller, "sellerId").await?;
    if matches!(kind, LetterKind::Links | LetterKind::Notice) {
        return Err(Problem::new(ErrorCode::Invalid, "kind", texts::letter::notices_stay()).into());
    }
    let known = letter_template::Entity::find_by_id((seller, kind, language)).one(work.tx()?).await?;
    let Some(template) = template else {
        if known.is_some() {
            letter_template::Entity::delete_by_id((seller, kind, language)).exec(work.tx()?).await?;
        }
        return Ok(row.done());
    };
    let mut problems = Problems::default();
    for fault in check(kind, &template) {
        problems.add(Problem::new(ErrorCode::Invalid, fault.field, fault.message));
    }
    problems.refuse_if_any()?;
    let version = known.map_or(1, |known| known.version + 1);
    let Template { subject, text: body, html } = template;
    work.save(letter_template::Model { seller_id: seller, kind, language, version, subject, body, html });
    Ok(row.done())
}

/// A preview of a letter, filled in with sample values.
#[must_use]
pub fn preview(template: &Template, seller: &str, language: Language) -> Rendered {
    let some = |text: Text| Some(text.read_in(language).to_owned());
    let values = Values {
        reference: Some("C-2026-000123".to_owned()),
        subject: some(texts::letter::sample_subject()),
        owner: Some("Elin Sand".to_owned()),
        seller: seller.to_owned(),
        customer: Some("Anna Berg".to_owned()),
        due: some(texts::letter::sample_due()),
        message: some(texts::letter::sample_message()),
        link: Some(format!("https://shop.example/case#{}", super::HIDDEN)),
        ..Values::empty(language)
    };
    render::render(template, &values)
}
