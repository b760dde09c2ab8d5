//! Reply templates: a seller's texts for replies that staff write often. A template is filled in with the values of a
//! case and put into the editor, where its writer reads and changes it before it is sent.

use entity::id::{ReplyTemplateId, SellerId};
use entity::kind::Language;
use entity::{reply_template, seller};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::check::check_reply;
use super::render::render;
use super::syntax::{Placeholder, What, parse};
use super::template::{Template, Values};
use crate::access::table::{self, Action};
use crate::kit::error::{ErrorCode, Outcome, Problem, Problems, line, required};
use crate::kit::page::counted;
use crate::kit::rows::Held;
use crate::kit::work::Work;
use crate::texts;

/// The maximum number of templates of one seller, so that a list of them is short.
const MOST: u64 = 500;
/// The maximum number of characters of a name.
const NAME: usize = 100;

/// A new template.
#[derive(Debug, Clone)]
pub struct NewReply {
    /// The name, unique at the seller for each language.
    pub name: String,
    /// The language of the text.
    pub language: Language,
    /// The text with placeholders.
    pub text: String,
}

/// Changes of a template; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ReplyChange {
    /// The name.
    pub name: Option<String>,
    /// The text with placeholders.
    pub text: Option<String>,
    /// Whether it is offered to those who write replies.
    pub active: Option<bool>,
}

/// Creates a template.
///
/// # Errors
/// When a value is missing or too long, the text has a placeholder that does not exist, the name is taken, or the
/// seller has too many templates.
pub async fn create(work: &mut Work, seller_id: SellerId, new: &NewReply) -> Outcome<reply_template::Model> {
    manages(work, seller_id, "sellerId")?;
    if seller::Entity::find_by_id(seller_id).one(work.tx()?).await?.is_none() {
        return Err(Problem::not_found("sellerId").into());
    }
    let mut problems = Problems::default();
    let name = checked_name(&mut problems, &new.name);
    let text = checked_text(&mut problems, &new.text);
    if counted(work.tx()?, list(seller_id, None, None), MOST).await? >= MOST {
        problems.add(Problem::new(ErrorCode::TooLong, "sellerId", texts::letter::too_many_replies(MOST)));
    }
    if namesake(work, seller_id, new.language, &name).await?.is_some() {
        problems.add(taken());
    }
    problems.refuse_if_any()?;
    let (id, created_at) = (work.new_id(), work.now());
    let row = reply_template::Model {
        id,
        version: 1,
        seller_id,
        name,
        language: new.language,
        text,
        active: true,
        created_at,
    };
    work.insert(row.clone());
    Ok(row)
}

/// Changes a template, or takes it out of use.
///
/// # Errors
/// As [`create`].
pub async fn change(work: &mut Work, id: ReplyTemplateId, change: &ReplyChange) -> Outcome<reply_template::Model> {
    let not_found = || Problem::not_found("replyTemplateId");
    let mut row: Held<reply_template::Model> = work.lock(id).await?.ok_or_else(not_found)?;
    manages(work, row.seller_id, "replyTemplateId")?;
    work.check_version(row.version)?;
    let mut problems = Problems::default();
    if let Some(name) = &change.name {
        let name = checked_name(&mut problems, name);
        let other = namesake(work, row.seller_id, row.language, &name).await?;
        if other.is_some_and(|other| other.id != id) {
            problems.add(taken());
        }
        row.name = name;
    }
    if let Some(text) = &change.text {
        row.text = checked_text(&mut problems, text);
    }
    row.active = change.active.unwrap_or(row.active);
    problems.refuse_if_any()?;
    Ok(row.done())
}

fn manages(work: &Work, seller: SellerId, field: &str) -> Result<(), Problem> {
    let standing = table::to_directory(work.actor(), seller);
    table::check(standing, Action::ManageReplyTemplates, Action::ReadDirectory, field)
}

fn of_seller(seller: SellerId) -> Select<reply_template::Entity> {
    reply_template::Entity::find().filter(reply_template::Column::SellerId.eq(seller))
}

/// The template of this seller with this name and language.
async fn namesake(
    work: &Work,
    seller: SellerId,
    language: Language,
    name: &str,
) -> Outcome<Option<reply_template::Model>> {
    let found = of_seller(seller)
        .filter(reply_template::Column::Language.eq(language))
        .filter(reply_template::Column::Name.eq(name));
    Ok(found.one(work.tx()?).await?)
}

fn taken() -> Problem {
    Problem::new(ErrorCode::Taken, "name", texts::directory::taken())
}

fn checked_name(problems: &mut Problems, name: &str) -> String {
    let before = problems.count();
    let name = line(problems, Some(name), "name", NAME);
    if name.is_none() && problems.count() == before {
        problems.add(Problem::new(ErrorCode::Required, "name", texts::input::fill_in()));
    }
    name.unwrap_or_default()
}

fn checked_text(problems: &mut Problems, text: &str) -> String {
    let Some(text) = problems.check(required(text, "text", LONGEST)) else {
        return String::new();
    };
    for fault in check_reply(&text) {
        problems.add(Problem::new(ErrorCode::Invalid, fault.field, fault.message));
    }
    text
}

/// The maximum number of characters of a text.
pub const LONGEST: usize = 20_000;

/// The list of a seller's templates in this language that are in use or not, one query for each combination.
#[must_use]
pub fn list(seller: SellerId, language: Option<Language>, active: Option<bool>) -> Vec<Select<reply_template::Entity>> {
    let languages = language.map_or_else(|| Language::ALL.to_vec(), |language| vec![language]);
    let active = active.map_or_else(|| vec![true, false], |active| vec![active]);
    let pairs = languages.iter().flat_map(|language| active.iter().map(move |active| (*language, *active)));
    let one = |(language, active): (Language, bool)| {
        of_seller(seller)
            .filter(reply_template::Column::Active.eq(active))
            .filter(reply_template::Column::Language.eq(language))
    };
    pairs.map(one).collect()
}

/// A template filled in with these values, and the placeholders in it for which there is no value. Pure.
#[must_use]
pub fn filled(text: &str, values: &Values) -> (String, Vec<&'static str>) {
    let template = Template { subject: String::new(), text: text.to_owned(), html: None };
    let mut empty = Vec::new();
    for part in parse(text).parts {
        if let What::Value(placeholder) = part.what
            && part.when.is_none()
            && values.of(placeholder).trim().is_empty()
            && !empty.contains(&placeholder.word())
        {
            empty.push(placeholder.word());
        }
    }
    (render(&template, values).text.trim().to_owned(), empty)
}

/// The placeholders that a reply may have. A link is not among them: it would show the customer's own to its writer.
/// The letter that carries the reply has it.
#[must_use]
pub const fn fits(placeholder: Placeholder) -> bool {
    match placeholder {
        Placeholder::Reference
        | Placeholder::Subject
        | Placeholder::Owner
        | Placeholder::Seller
        | Placeholder::Customer
        | Placeholder::Due => true,
        Placeholder::Message | Placeholder::Link | Placeholder::Reason => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_and_those_that_are_missing_are_named() {
        let values = Values {
            reference: Some("C-1".to_owned()),
            owner: Some("Anna".to_owned()),
            seller: "Shop".to_owned(),
            ..Values::empty(Language::En)
        };
        for (text, expected, empty) in [
            (
                "Hello {{customer}},\n\nwe look into {{reference}}.\n{{owner}}, {{seller}}",
                "Hello ,\n\nwe look into C-1.\nAnna, Shop",
                vec!["customer"],
            ),
            ("Hello{{#customer}} {{customer}}{{/customer}},", "Hello,", vec![]),
            ("{{due}} {{due}}", "", vec!["due"]),
            ("No placeholder", "No placeholder", vec![]),
        ] {
            assert_eq!(filled(text, &values), (expected.to_owned(), empty), "{text}");
        }
    }

    #[test]
    fn what_a_reply_cannot_have_is_named() {
        let faults = |text: &str| -> Vec<String> {
            check_reply(text).into_iter().map(|fault| fault.message.read_in(Language::En).to_owned()).collect()
        };
        assert_eq!(faults("Hello {{customer}}, {{#due}}{{due}}{{/due}} {{subject}}"), Vec::<String>::new());
        for (text, named) in
            [("{{nonsense}}", "{{nonsense}}"), ("{{link}}", "{{link}}"), ("{{message}}", "{{message}}")]
        {
            let faults = faults(text);
            assert!(faults.len() == 1 && faults[0].starts_with(&format!("{named} cannot be used here.")), "{faults:?}");
            assert!(!faults[0].contains("{{reason}}"), "{faults:?}");
        }
        assert_eq!(faults("{{owner").len(), 1);
    }
}
