//! How templates are written: `{{name}}` is a value; `{{#name}}…{{/name}}` is kept only when there is such a value,
//! `{{^name}}…{{/name}}` only when there is none. Blocks do not hold blocks.

use entity::kind::LetterKind;

/// What can be put into a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// The case's reference.
    Reference,
    /// The subject of the customer's mail.
    Subject,
    /// Who answers for the case.
    Owner,
    /// The company.
    Seller,
    /// The customer's name.
    Customer,
    /// When the customer hears next at the latest.
    Due,
    /// What the owner wrote.
    Message,
    /// Where the case can be followed.
    Link,
    /// Why a mail could not be taken in.
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

    /// What stands between the braces.
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

    /// Whether a letter of this kind may have it there. What answers by itself does not repeat the customer's words
    /// below its subject: whoever wrote them may have made us write to somebody else.
    #[must_use]
    pub fn fits(self, kind: LetterKind, in_subject: bool) -> bool {
        match self {
            Self::Reference | Self::Owner | Self::Seller | Self::Customer | Self::Due => true,
            Self::Link => !in_subject,
            Self::Subject => in_subject || matches!(kind, LetterKind::Message | LetterKind::Notice),
            Self::Message => !in_subject && kind == LetterKind::Message,
            Self::Reason => !in_subject && kind == LetterKind::Notice,
        }
    }
}

/// When a part is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Which value is asked for; one that is not known is always empty.
    pub of: Option<Placeholder>,
    /// Whether it must be there, or must not.
    pub filled: bool,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Words as written.
    Words(String),
    /// A value.
    Value(Placeholder),
    /// Where a block begins or ends: nothing, but a line of nothing else is no empty line.
    Mark,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: What,
    /// When it is kept; none is always.
    pub when: Option<Condition>,
}

/// What is wrong with how a template is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// No such placeholder.
    Unknown(String),
    /// Braces that are not closed, too few or too many.
    Braces(String),
    /// Two closing braces alone, which style sheets have too.
    Closing,
    /// A block within a block.
    Nested(String),
    /// A block that has no beginning or no end.
    Unmatched(String),
}

/// A template that was read. What is wrong with it is kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
}

/// Reads a template.
#[must_use]
pub fn parse(source: &str) -> Parsed {
    let mut reader = Reader::default();
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

/// The tag that begins here, and what is behind it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (tag, rest) = text.split_at_checked(text.find(['{', '}', '\n'])?)?;
    let (_, word) = split(tag.trim());
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    rest.strip_prefix("}}").filter(|_| is_word).map(|behind| (tag.trim(), behind))
}

/// The sign in front, and the word.
fn split(tag: &str) -> (Option<char>, &str) {
    let sign = tag.chars().next().filter(|c| matches!(c, '#' | '^' | '/'));
    (sign, tag.strip_prefix(['#', '^', '/']).unwrap_or(tag).trim_start())
}

#[derive(Default)]
struct Reader {
    read: Parsed,
    open: Option<(String, Condition)>,
}

impl Reader {
    fn push(&mut self, what: What) {
        let when = self.open.as_ref().map(|(_, condition)| *condition);
        self.read.parts.push(Part { what, when });
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
