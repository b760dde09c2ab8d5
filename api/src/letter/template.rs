//! The data of a letter: its template, the values to insert, and the result.

use entity::kind::Language;

use super::syntax::Placeholder;
use crate::texts::Text;

/// The template of a letter; [`super::syntax`] describes its syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The subject, in one line.
    pub subject: String,
    /// The plain text, with an empty line between paragraphs.
    pub text: String,
    /// A whole HTML document or its body; `None` makes it from the text.
    pub html: Option<String>,
}

impl Template {
    /// A template of these texts in this language, without HTML of its own.
    #[must_use]
    pub fn of(subject: &Text, text: &Text, language: Language) -> Self {
        Self { subject: subject.read_in(language).to_owned(), text: text.read_in(language).to_owned(), html: None }
    }
}

/// The values for the placeholders. For a sender who is not proven, `customer` and `subject` must be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The language of the template, stated in the HTML document.
    pub language: Language,
    /// The reference of the case.
    pub reference: Option<String>,
    /// The subject of the customer's mail, as they wrote it.
    pub subject: Option<String>,
    /// The name of the person who owns the case.
    pub owner: Option<String>,
    /// The name of the company.
    pub seller: String,
    /// The customer's name.
    pub customer: Option<String>,
    /// The time by which the customer hears next, in words: [`super::words::date_in_words`].
    pub due: Option<String>,
    /// The message that the owner wrote.
    pub message: Option<String>,
    /// The address of the page where the case can be followed.
    pub link: Option<String>,
    /// The reason why a mail could not be processed.
    pub reason: Option<String>,
}

impl Values {
    /// Values that are all empty, in this language.
    #[must_use]
    pub fn empty(language: Language) -> Self {
        Self {
            language,
            reference: None,
            subject: None,
            owner: None,
            seller: String::new(),
            customer: None,
            due: None,
            message: None,
            link: None,
            reason: None,
        }
    }

    /// The value of this placeholder; empty when it is not known.
    #[must_use]
    pub fn of(&self, placeholder: Placeholder) -> &str {
        let value = match placeholder {
            Placeholder::Reference => &self.reference,
            Placeholder::Subject => &self.subject,
            Placeholder::Owner => &self.owner,
            Placeholder::Seller => return &self.seller,
            Placeholder::Customer => &self.customer,
            Placeholder::Due => &self.due,
            Placeholder::Message => &self.message,
            Placeholder::Link => &self.link,
            Placeholder::Reason => &self.reason,
        };
        value.as_deref().unwrap_or_default()
    }
}

/// A rendered letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: one line without control characters.
    pub subject: String,
    /// The plain text version.
    pub text: String,
    /// The HTML version: a whole document that loads nothing.
    pub html: String,
}
