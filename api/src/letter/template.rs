//! What a letter is made of: its kind, its template, the values put in, and what comes out.

use entity::kind::Language;

use super::syntax::Placeholder;

/// A letter with placeholders; [`super::syntax`] says how they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// One line.
    pub subject: String,
    /// Paragraphs with an empty line between them.
    pub text: String,
    /// A document, or what goes into one; none is made from the text.
    pub html: Option<String>,
}

/// What goes where the placeholders are. To a sender who is not proven, leave out `customer` and `subject`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The language of the template, told to the reader's program.
    pub language: Language,
    /// The case's reference for people.
    pub reference: Option<String>,
    /// What the customer's mail was about, as they wrote it.
    pub subject: Option<String>,
    /// The name of the one person who answers for the case.
    pub owner: Option<String>,
    /// The name of the company.
    pub seller: String,
    /// The customer's name.
    pub customer: Option<String>,
    /// When the customer hears next at the latest, in words: [`super::words::date_in_words`].
    pub due: Option<String>,
    /// What the owner wrote.
    pub message: Option<String>,
    /// Where the case can be followed.
    pub link: Option<String>,
    /// Why a mail could not be taken in.
    pub reason: Option<String>,
}

impl Values {
    /// The value of this placeholder; empty when there is none.
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

/// A letter as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line without control characters.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// A whole document that loads nothing of its own.
    pub html: String,
}
