//! Errors. An act without effect was either refused, and the caller is told what to do, or it failed by a fault of the
//! service, and the caller is told only that.

use std::collections::BTreeSet;

use entity::kind::Language;

use super::away::{Away, away};
use crate::texts::{self, Text};

pub use entity::kind::ErrorCode;

/// One thing that was wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was wrong, for programs.
    pub code: ErrorCode,
    /// The path of the input field from the input's root; empty when the problem is not about one field.
    pub field: Vec<String>,
    /// What was wrong and what to do, in the languages of the product.
    pub message: Text,
}

impl Problem {
    /// A problem with the input field at this path. The parts of the path are separated by dots.
    #[must_use]
    pub fn new(code: ErrorCode, field: &str, message: Text) -> Self {
        let field = field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { code, field, message }
    }

    /// The thing does not exist, or the actor may not see it. The answer is the same in both cases, so that it reveals
    /// nothing.
    #[must_use]
    pub fn not_found(field: &str) -> Self {
        Self::new(ErrorCode::NotFound, field, texts::input::not_found())
    }

    /// The actor may see the thing, but may not do this.
    #[must_use]
    pub fn forbidden(message: Text) -> Self {
        Self::forbidden_in("", message)
    }

    /// As [`Problem::forbidden`], naming the input field.
    #[must_use]
    pub fn forbidden_in(field: &str, message: Text) -> Self {
        Self::new(ErrorCode::Forbidden, field, message)
    }
}

/// Why an act had no effect.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The act was refused, and the caller can do something about it.
    #[error("{}", in_english(.0))]
    Problems(Vec<Problem>),
    /// The service is at fault. The source is only logged.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Refusal {
    /// The same refusal of an act whose fields stand below this path in a larger input, except for the fields that stand
    /// beside it.
    #[must_use]
    pub fn below(self, path: &str, beside: &[&str]) -> Self {
        let Self::Problems(mut problems) = self else { return self };
        for problem in &mut problems {
            if problem.field.first().is_some_and(|first| !beside.contains(&first.as_str())) {
                problem.field.splice(0..0, path.split('.').map(str::to_owned));
            }
        }
        Self::Problems(problems)
    }
}

/// The problems as an operator reads them on the command line and in the log.
fn in_english(problems: &[Problem]) -> String {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.read_in(Language::En)).collect();
    messages.join(" ")
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The service is at fault.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed to do what it was asked.
    #[error("store: {0}")]
    Store(sea_orm::DbErr),
    /// All connections are in use, so the caller should try again shortly.
    #[error("the store is busy")]
    Busy,
    /// The store is unavailable for all requests. The same request succeeds once the store is available again.
    #[error("{0}: {1}")]
    Away(Away, sea_orm::DbErr),
    /// The connection was lost during the commit: it is not known whether the act was done.
    #[error("unknown outcome: {0}")]
    Unknown(sea_orm::DbErr),
    /// The store holds data that this version cannot read.
    #[error("data: {0}")]
    Data(#[from] serde_json::Error),
    /// An invariant was violated.
    #[error("broken assumption: {0}")]
    Broken(&'static str),
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        match away(&error) {
            Some(Away::Crowded) => Self::Busy,
            Some(why) => Self::Away(why, error),
            None => Self::Store(error),
        }
    }
}

impl Fault {
    /// Whether the same request may succeed if it is repeated shortly, because nothing is wrong with it.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Away(..))
    }
}

/// The result of an act.
pub type Outcome<T> = Result<T, Refusal>;

/// Collects all problems of an input, so that a form can show them at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The number of problems.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds a problem.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value of the result; none if it is a problem, which is added.
    pub fn check<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// All problems.
    #[must_use]
    pub fn into_list(self) -> Vec<Problem> {
        self.0
    }

    /// Refuses the act if there are any problems.
    ///
    /// # Errors
    /// All problems.
    pub fn refuse_if_any(self) -> Outcome<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Problems(self.0)) }
    }
}

/// A required text, without control characters and surrounding white space, of at most `most` characters.
///
/// # Errors
/// [`ErrorCode::Required`] or [`ErrorCode::TooLong`], naming the field.
pub fn required(value: &str, field: &str, most: usize) -> Result<String, Problem> {
    optional(Some(value), field, most)?.ok_or_else(|| Problem::new(ErrorCode::Required, field, texts::input::fill_in()))
}

/// A list of short words such as tags and skills: at most 20, in lower case, sorted and without duplicates.
///
/// # Errors
/// [`ErrorCode::TooLong`] when there are more than 20 words, or one is empty or has more than 50 characters.
pub fn words(values: &[String], field: &str) -> Result<Vec<String>, Problem> {
    let clean: BTreeSet<String> =
        values.iter().map(|value| super::text::composed(&super::text::clean_line(value)).to_lowercase()).collect();
    if clean.len() <= 20 && clean.iter().all(|word| (1..=50).contains(&word.chars().count())) {
        return Ok(clean.into_iter().collect());
    }
    Err(Problem::new(ErrorCode::TooLong, field, texts::input::words()))
}

/// An optional text of at most `most` characters; none when it is empty.
///
/// # Errors
/// [`ErrorCode::TooLong`], naming the field.
pub fn optional(value: Option<&str>, field: &str, most: usize) -> Result<Option<String>, Problem> {
    let Some(value) = value.map(super::text::clean) else { return Ok(None) };
    let value = value.trim();
    if value.chars().count() > most {
        return Err(Problem::new(ErrorCode::TooLong, field, texts::input::too_long(most)));
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

/// A text as one line, if there is one. A text longer than `most` characters is added to `problems`.
pub fn line(problems: &mut Problems, text: Option<&str>, field: &str, most: usize) -> Option<String> {
    problems.check(optional(text, field, most)).flatten().map(|text| super::text::clean_line(&text))
}
