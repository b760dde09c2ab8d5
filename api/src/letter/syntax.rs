//! The template syntax: `{{name}}` inserts a value; `{{#name}}…{{/name}}` is kept only when the value is present, and
//! `{{^name}}…{{/name}}` only when it is not. Blocks cannot be nested.

use entity::kind::LetterKind;

/// A value that can be inserted into a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// The case's reference.
    Reference,
    /// The subject of the customer's mail.
    Subject,
    /// The name of the person who owns the case.
    Owner,
    /// The name of the company.
    Seller,
    /// The customer's name.
    Customer,
    /// The time by which the customer hears next.
    Due,
    /// The message that the owner wrote.
    Message,
    /// The address of the page where the case can be followed.
    Link,
    /// The reason why a mail could not be processed.
    Reason,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: &'static [Self] = &[
        Self::Reference,
        Self::Owner,
        Self::Due,
        Self::Customer,
        Self::Seller,
        Self::Link,
        Self::Subject,
        Self::Message,
        Self::Reason,
    ];

    /// The word between the braces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Subject => "subject",
            Self::Owner => "owner",
            Self::Seller => "seller",
            Self::Customer => "customer",
            Self::Due => "due",
            Self::Message => "message",
            Self::Link => "link",
            Self::Reason => "reason",
        }
    }

    /// The placeholder with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|placeholder| placeholder.word() == word)
    }

    /// Whether a letter of this kind may have the placeholder there. An automatic letter does not repeat the customer's
    /// words below its subject, because the writer may have given somebody else's address.
    #[must_use]
    pub fn fits(self, kind: LetterKind, in_subject: bool) -> bool {
        match self {
            Self::Reference | Self::Owner | Self::Seller | Self::Customer | Self::Due => true,
            Self::Link => !in_subject,
            Self::Subject => in_subject || matches!(kind, LetterKind::Message | LetterKind::Notice),
            Self::Message => {
                !in_subject && matches!(kind, LetterKind::Links | LetterKind::Message | LetterKind::Update)
            }
            Self::Reason => !in_subject && kind == LetterKind::Notice,
        }
    }
}

/// The condition for keeping a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The value that is tested; `None` for an unknown placeholder, which is always empty.
    pub of: Option<Placeholder>,
    /// Whether the value must be present (true) or absent (false).
    pub filled: bool,
}

/// The content of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Text as written.
    Words(String),
    /// A value to be inserted.
    Value(Placeholder),
    /// The beginning or end of a block. It inserts nothing; a line with nothing but marks is dropped.
    Mark,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePart {
    /// Its content.
    pub what: What,
    /// The condition for keeping it; `None` means always.
    pub when: Option<Condition>,
}

/// A syntax error in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// An unknown placeholder.
    Unknown(String),
    /// Braces that are not closed, too few or too many.
    Braces(String),
    /// Two closing braces without opening ones, which also occur in style sheets.
    Closing,
    /// A block within a block.
    Nested(String),
    /// A block without a beginning or an end.
    Unmatched(String),
}

/// A parsed template. Parts with an error are kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// Its parts, in order.
    pub parts: Vec<TemplatePart>,
    /// Its syntax errors.
    pub flaws: Vec<Flaw>,
}

/// Parses a template.
#[must_use]
pub fn parse(source: &str) -> Parsed {
    let mut reader = TemplateParser::default();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{") {
        reader.words(before);
        rest = if let Some((tag, behind)) = tag(after) {
            reader.tag(tag);
            behind
        } else {
            let line: String = after.chars().take(30).take_while(|c| *c != '\n').collect();
            reader.read.flaws.push(Flaw::Braces(format!("{{{{{line}")));
            reader.words("{{");
            after
        };
    }
    reader.words(rest);
    if let Some((tag, _)) = reader.open {
        reader.read.flaws.push(Flaw::Unmatched(tag));
    }
    reader.read
}

/// The tag that begins here, and the text after it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (tag, rest) = text.split_at_checked(text.find(['{', '}', '\n'])?)?;
    let (_, word) = split(tag.trim());
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    rest.strip_prefix("}}").filter(|_| is_word).map(|behind| (tag.trim(), behind))
}

/// The sign at the beginning of a tag, and its word.
fn split(tag: &str) -> (Option<char>, &str) {
    let sign = tag.chars().next().filter(|c| matches!(c, '#' | '^' | '/'));
    (sign, tag.strip_prefix(['#', '^', '/']).unwrap_or(tag).trim_start())
}

#[derive(Default)]
struct TemplateParser {
    read: Parsed,
    open: Option<(String, Condition)>,
}

impl TemplateParser {
    fn push(&mut self, what: What) {
        let when = self.open.as_ref().map(|(_, condition)| *condition);
        self.read.parts.push(TemplatePart { what, when });
    }

    fn words(&mut self, words: &str) {
        let forgotten = |placeholder: &&Placeholder| words.contains(&format!("{{{}}}", placeholder.word()));
        if let Some(placeholder) = Placeholder::ALL.iter().find(forgotten) {
            self.read.flaws.push(Flaw::Braces(format!("{{{}}}", placeholder.word())));
        } else if words.contains("}}") {
            self.read.flaws.push(Flaw::Closing);
        }
        if !words.is_empty() {
            self.push(What::Words(words.to_owned()));
        }
    }

    fn tag(&mut self, tag: &str) {
        let (sign, word) = split(tag);
        let of = Placeholder::named(word);
        if of.is_none() {
            self.read.flaws.push(Flaw::Unknown(word.to_owned()));
        }
        match sign {
            None => self.push(of.map_or(What::Mark, What::Value)),
            Some('/') if self.open.as_ref().is_some_and(|(open, _)| split(open).1 == word) => {
                self.open = None;
                self.push(What::Mark);
            }
            Some('/') => self.read.flaws.push(Flaw::Unmatched(tag.to_owned())),
            Some(_) if self.open.is_some() => self.read.flaws.push(Flaw::Nested(tag.to_owned())),
            Some(sign) => {
                self.push(What::Mark);
                self.open = Some((tag.to_owned(), Condition { of, filled: sign == '#' }));
            }
        }
    }
}
