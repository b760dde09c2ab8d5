//! Every text that customers, staff and partners' people read, in English and Swedish side by side, one file per part
//! of the product. A text without one of the languages, or with a value that is not given, does not compile.
//!
//! A text is a function that returns a [`Text`]; what varies in it is an argument, named in braces in both languages.

use entity::kind::Language;

/// A text in every language of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    en: String,
    sv: String,
}

impl Text {
    /// A text in English and in Swedish.
    pub fn new(en: impl Into<String>, sv: impl Into<String>) -> Self {
        Self { en: en.into(), sv: sv.into() }
    }

    /// These texts as one, with a space between them.
    #[must_use]
    pub fn joined(texts: &[&Self]) -> Self {
        let all = |language| texts.iter().map(|text| text.read_in(language)).collect::<Vec<_>>().join(" ");
        Self { en: all(Language::En), sv: all(Language::Sv) }
    }

    /// The text in this language.
    #[must_use]
    pub fn read_in(&self, language: Language) -> &str {
        match language {
            Language::Sv => &self.sv,
            Language::En => &self.en,
        }
    }
}

/// Defines texts: `name: "English", "Swedish";` or, with values, `name(value): "English {value}", "Swedish {value}";`.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $(($($value:ident),+))?: $en:literal, $sv:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name($($($value: impl std::fmt::Display),+)?) -> $crate::texts::Text {
            $crate::texts::Text::new(
                $crate::texts::texts!(@in_words $en $($($value)+)?),
                $crate::texts::texts!(@in_words $sv $($($value)+)?),
            )
        }
    )*};
    (@in_words $text:literal) => { $text };
    (@in_words $text:literal $($value:ident)+) => { format!($text) };
}

pub(crate) use texts;

pub(crate) mod access;
pub(crate) mod agenda;
pub(crate) mod api;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod clock;
pub(crate) mod commitment;
pub(crate) mod date;
pub(crate) mod directory;
pub(crate) mod hook;
pub(crate) mod input;
pub(crate) mod intake;
pub(crate) mod letter;
pub(crate) mod letter_templates;
pub(crate) mod notice;
pub(crate) mod ownership;
pub(crate) mod ownership_reasons;
pub(crate) mod page;
pub(crate) mod push;
pub(crate) mod reply;
pub(crate) mod setup;
pub(crate) mod simulation;
pub(crate) mod task;
pub(crate) mod task_mail;
