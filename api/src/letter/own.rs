//! A seller's own templates. They are checked when they are saved, so that no letter fails when it is written.

use entity::id::SellerId;
use entity::kind::{Language, LetterKind};
use entity::{letter_template, seller};
use sea_orm::EntityTrait;

use super::check::{Fault, check};
use super::render;
use super::template::{Rendered, Template, Values};
use crate::access::door;
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems};
use crate::kit::work::Work;

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
    if kind == LetterKind::Notice {
        let (en, sv) = ("Notices to your own people stay as they are.", "Notiser till egna medarbetare är som de är.");
        return Err(Problem::new(ErrorCode::Invalid, "kind", en, sv).into());
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
        problems.add(problem(&fault));
    }
    problems.refuse_if_any()?;
    let version = known.map_or(1, |known| known.version + 1);
    let Template { subject, text: body, html } = template;
    work.save(letter_template::Model { seller_id: seller, kind, language, version, subject, body, html });
    Ok(row.done())
}

/// Converts a fault of a template to a problem for the caller who saves it.
fn problem(fault: &Fault) -> Problem {
    Problem::new(
        ErrorCode::Invalid,
        fault.field,
        fault.message.read_in(Language::En).to_owned(),
        fault.message.read_in(Language::Sv).to_owned(),
    )
}

/// A preview of a letter, filled in with sample values.
#[must_use]
pub fn preview(template: &Template, seller: &str, language: Language) -> Rendered {
    let some = |en: &str, sv: &str| Some(if language == Language::Sv { sv } else { en }.to_owned());
    let values = Values {
        reference: Some("C-2026-000123".to_owned()),
        subject: some("The trampoline is cracked", "Studsmattan är sprucken"),
        owner: Some("Elin Sand".to_owned()),
        seller: seller.to_owned(),
        customer: Some("Anna Berg".to_owned()),
        due: some("Wednesday 25 November 2026 at 13:00", "onsdag 25 november 2026 kl. 13.00"),
        message: some("We send a new frame on Thursday.", "Vi skickar en ny ram på torsdag."),
        link: Some(format!("https://shop.example/case#{}", super::HIDDEN)),
        ..Values::empty(language)
    };
    render::render(template, &values)
}
