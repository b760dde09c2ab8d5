//! Which built-in letter is sent, for sellers without templates of their own.

use entity::kind::{Language, LetterKind};

use super::template::Template;
use crate::texts::letter_templates;

/// The built-in letter of this kind.
#[must_use]
pub fn built_in(kind: LetterKind, language: Language) -> Template {
    let (subject, text) = match kind {
        LetterKind::Acknowledgement => {
            (letter_templates::acknowledgement_subject(), letter_templates::acknowledgement())
        }
        LetterKind::Addition => (letter_templates::addition_subject(), letter_templates::addition()),
        LetterKind::Message => (letter_templates::message_subject(), letter_templates::message()),
        LetterKind::Update => (letter_templates::update_subject(), letter_templates::update()),
        LetterKind::Links => {
            return Template::of(&letter_templates::links_subject(), &letter_templates::links(), language);
        }
        LetterKind::Notice => return notice(Notice::Quarantine, language),
    };
    let letter = Template::of(&subject, &text, language);
    Template { subject: answer(&letter.subject), ..letter }
}

/// What the accountable person is notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A mail could not be processed and is in quarantine.
    Quarantine,
    /// Mail cannot be fetched from a mailbox.
    NotFetched,
    /// A notice to a member of staff did not arrive.
    NotDelivered,
}

/// The notice for this event.
#[must_use]
pub fn notice(about: Notice, language: Language) -> Template {
    let (subject, text) = match about {
        Notice::Quarantine => (letter_templates::quarantine_subject(), letter_templates::quarantine()),
        Notice::NotFetched => (letter_templates::not_fetched_subject(), letter_templates::not_fetched()),
        Notice::NotDelivered => (letter_templates::not_delivered_subject(), letter_templates::not_delivered()),
    };
    Template::of(&subject, &text, language)
}

/// A subject template: the customer's subject if there is one, so that mail programs group the mails; otherwise these
/// words.
fn answer(words: &str) -> String {
    format!(
        "{{{{#subject}}}}Re: {{{{subject}}}} [{{{{reference}}}}]{{{{/subject}}}}\
         {{{{^subject}}}}[{{{{reference}}}}] {words}{{{{/subject}}}}"
    )
}
