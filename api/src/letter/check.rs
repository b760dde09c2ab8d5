//! Checks a seller's template before it is used, so that a letter without its essential content or with stray braces is
//! found here and not by a customer.

use super::reply;
use super::syntax::{Condition, Flaw, Parsed, Placeholder, What, parse};
use super::template::Template;
use crate::kit::text::truncated;
use crate::texts::{self, Text};
use entity::kind::LetterKind;

/// The maximum number of characters in a subject.
const LONGEST_SUBJECT: usize = 200;
/// The maximum number of characters in a text.
const LONGEST_TEXT: usize = 20_000;
/// The maximum number of characters in an HTML document.
const LONGEST_HTML: usize = 100_000;
/// The maximum number of faults that are reported.
const MOST: usize = 50;

/// A fault in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field with the fault: "subject", "text" or "html".
    pub field: &'static str,
    /// What is wrong and how to correct it, for people.
    pub message: Text,
}

/// All faults of the template, up to the maximum.
#[must_use]
pub fn check(kind: LetterKind, template: &Template) -> Vec<Fault> {
    let mut faults = Faults { kind: Some(kind), field: "subject", found: vec![] };
    faults.field(&template.subject, LONGEST_SUBJECT);
    if template.subject.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        faults.add(texts::letter::subject_not_one_line());
    }
    faults.field = "text";
    let text = faults.field(&template.text, LONGEST_TEXT);
    faults.required(kind, &text);
    if let Some(html) = &template.html {
        faults.field = "html";
        let html = faults.field(html, LONGEST_HTML);
        // Most people only see the HTML, so the required placeholders must be in both.
        faults.required(kind, &html);
        faults.in_tags(&html);
    }
    faults.found
}

/// All faults of the text of a reply template, up to the maximum.
#[must_use]
pub fn check_reply(text: &str) -> Vec<Fault> {
    let mut faults = Faults { kind: None, field: "text", found: vec![] };
    faults.field(text, LONGEST_TEXT);
    faults.found
}

/// The placeholders that a letter of this kind must contain.
fn required(kind: LetterKind) -> &'static [Placeholder] {
    match kind {
        LetterKind::Acknowledgement => &[Placeholder::Owner, Placeholder::Due, Placeholder::Reference],
        LetterKind::Addition => &[],
        LetterKind::Links | LetterKind::Message | LetterKind::Update => &[Placeholder::Message],
        LetterKind::Notice => &[Placeholder::Reason],
    }
}

struct Faults {
    /// The kind of letter; `None` for a reply, which is put into a letter by its writer.
    kind: Option<LetterKind>,
    field: &'static str,
    found: Vec<Fault>,
}

impl Faults {
    /// Adds a fault, unless it is already listed.
    fn add(&mut self, message: Text) {
        let fault = Fault { field: self.field, message };
        if self.found.len() < MOST && !self.found.contains(&fault) {
            self.found.push(fault);
        }
    }

    /// The checks that apply to every field.
    fn field(&mut self, source: &str, most: usize) -> Parsed {
        if source.trim().is_empty() {
            self.add(texts::input::fill_in());
        }
        if source.chars().count() > most {
            self.add(texts::input::too_long(most));
            return Parsed::default();
        }
        let parsed = parse(source);
        for flaw in &parsed.flaws {
            self.flaw(flaw);
        }
        for part in &parsed.parts {
            let value = if let What::Value(placeholder) = part.what { Some(placeholder) } else { None };
            for placeholder in value.into_iter().chain(part.when.and_then(|when| when.of)) {
                if !self.fits(placeholder) {
                    self.unknown(placeholder.word());
                }
            }
        }
        parsed
    }

    fn flaw(&mut self, flaw: &Flaw) {
        match flaw {
            Flaw::Unknown(word) => self.unknown(word),
            // The end of a media query in a style sheet.
            Flaw::Closing if self.field == "html" => {}
            Flaw::Closing => self.add(texts::letter::closing_braces_alone()),
            Flaw::Braces(found) => self.add(texts::letter::braces_wrong(found)),
            Flaw::Nested(tag) => self.add(texts::letter::block_within_block(tag)),
            Flaw::Unmatched(tag) => self.add(texts::letter::block_unmatched(tag)),
        }
    }

    fn fits(&self, placeholder: Placeholder) -> bool {
        match self.kind {
            Some(kind) => placeholder.fits(kind, self.field == "subject"),
            None => reply::fits(placeholder),
        }
    }

    fn unknown(&mut self, word: &str) {
        let fits = |placeholder: &&Placeholder| self.fits(**placeholder);
        let allowed: Vec<String> = Placeholder::ALL.iter().filter(fits).map(|one| braced(one.word())).collect();
        self.add(texts::letter::placeholder_unknown(braced(&truncated(word, 50)), allowed.join(", ")));
    }

    /// Checks that the required placeholders are present whatever other values are known.
    fn required(&mut self, kind: LetterKind, parsed: &Parsed) {
        for placeholder in required(kind) {
            if !parsed.parts.is_empty() && !is_always_there(*placeholder, parsed) {
                self.add(texts::letter::placeholder_missing(braced(placeholder.word())));
            }
        }
    }

    /// Reports values within an HTML tag, because they could become another attribute or an invalid address.
    fn in_tags(&mut self, parsed: &Parsed) {
        let mut place = HtmlPosition::Outside;
        for part in &parsed.parts {
            match &part.what {
                What::Words(words) => place = place.after(words),
                What::Value(Placeholder::Link) if matches!(place, HtmlPosition::Quoted(_)) => {}
                What::Value(placeholder) if place != HtmlPosition::Outside => {
                    self.add(texts::letter::placeholder_in_tag(braced(placeholder.word())));
                }
                What::Value(_) | What::Mark => {}
            }
        }
    }
}

fn braced(word: &str) -> String {
    format!("{{{{{word}}}}}")
}

fn is_always_there(placeholder: Placeholder, parsed: &Parsed) -> bool {
    let places: Vec<Option<Condition>> =
        parsed.parts.iter().filter(|part| part.what == What::Value(placeholder)).map(|part| part.when).collect();
    places.iter().any(|place| match place {
        None => true,
        Some(Condition { of, filled: true }) if *of == Some(placeholder) => true,
        Some(Condition { of, filled }) => places.contains(&Some(Condition { of: *of, filled: !filled })),
    })
}

/// A position in HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HtmlPosition {
    Outside,
    /// After a "<" that may begin a tag.
    Opening,
    Tag,
    Quoted(char),
}

impl HtmlPosition {
    fn after(self, words: &str) -> Self {
        words.chars().fold(self, |place, c| match (place, c) {
            (Self::Outside | Self::Opening, '<') => Self::Opening,
            (Self::Opening, c) if c.is_ascii_alphabetic() || matches!(c, '/' | '!') => Self::Tag,
            (Self::Opening, _) | (Self::Tag, '>') => Self::Outside,
            (Self::Tag, '"' | '\'') => Self::Quoted(c),
            (Self::Quoted(quote), c) if c == quote => Self::Tag,
            (place, _) => place,
        })
    }
}
