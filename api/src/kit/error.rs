//! Two ways an act can end without its effect: it is refused, and the caller is told what to do; or the service
//! is at fault, and the caller is told no more than that.

use std::collections::BTreeSet;

use async_graphql::Enum;

use super::away::{Away, away};
use super::text::Text;

/// What was wrong, for programs. Texts may change, codes do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ErrorCode {
    /// A value that must be given is missing or empty.
    Required,
    /// A value is longer than allowed; the message says how long it may be.
    TooLong,
    /// A value cannot be understood or is out of range; the message says what is expected.
    Invalid,
    /// There is no such thing, or you may not see it.
    NotFound,
    /// You may see it, but this act is not yours; the message says whose it is.
    Forbidden,
    /// Somebody else already uses this value.
    Taken,
    /// The idempotency key was used before with other input. Use a new key for something new.
    KeyReused,
    /// It has changed since you read it; the message says which version it has now. Read it again, and decide anew.
    VersionConflict,
    /// The thing is in a state that does not allow this act; the message names the acts that are allowed.
    InvalidTransition,
    /// Something else still depends on it; the message says what, and what to do first.
    InUse,
    /// Too few of the bytes that you may have stored in a day are left for this; `rateLimit` says how many, and until when.
    StorageUsedUp,
}

/// One thing that was wrong with what the caller asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was wrong, for programs.
    pub code: ErrorCode,
    /// Which input field, from the input's root; empty when it is not about one field.
    pub field: Vec<String>,
    /// What was wrong and what to do, for people.
    pub message: Text,
}

impl Problem {
    /// A problem with the input field at this path, parts separated by dots.
    pub fn new(code: ErrorCode, field: &str, en: impl Into<String>, sv: impl Into<String>) -> Self {
        let field = field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { code, field, message: Text::new(en, sv) }
    }

    /// There is no such thing, or the actor may not see it: the two must not be told apart.
    #[must_use]
    pub fn not_found(field: &str) -> Self {
        Self::new(ErrorCode::NotFound, field, "Nothing with this id.", "Det finns inget med detta id.")
    }

    /// The actor may see it, but the act is somebody else's.
    #[must_use]
    pub fn forbidden(en: impl Into<String>, sv: impl Into<String>) -> Self {
        Self::forbidden_in("", en, sv)
    }

    /// The act is somebody else's; the field names the thing.
    #[must_use]
    pub fn forbidden_in(field: &str, en: impl Into<String>, sv: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, field, en, sv)
    }
}

/// Why an act had no effect.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The caller can do something about it.
    #[error("refused: {0:?}")]
    Problems(Vec<Problem>),
    /// The service is at fault; the source is for the log only.
    #[error(transparent)]
    Fault(#[from] Fault),
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
    /// The store did not do what it was asked.
    #[error("store: {0}")]
    Store(sea_orm::DbErr),
    /// All connections are in use; trying again shortly is the right thing to do.
    #[error("the store is busy")]
    Busy,
    /// The store can do nothing at the moment, whoever asks; the same request succeeds once it is back.
    #[error("{0}: {1}")]
    Away(Away, sea_orm::DbErr),
    /// The connection was lost while the act was being committed: it may or may not have been done.
    #[error("unknown outcome: {0}")]
    Unknown(sea_orm::DbErr),
    /// What the store holds is not what this version writes.
    #[error("data: {0}")]
    Data(#[from] serde_json::Error),
    /// Something that must hold did not.
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
    /// Whether the same request may succeed in a moment, because nothing is wrong with it or with the service.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Away(..))
    }
}

/// What an act returns.
pub type Outcome<T> = Result<T, Refusal>;

/// Collects everything that is wrong with an input, so that a form can show it all at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// How many were noted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Notes a problem.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The result if it is one; otherwise its problem is noted.
    pub fn check<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// All that was noted.
    #[must_use]
    pub fn into_list(self) -> Vec<Problem> {
        self.0
    }

    /// Refuses if anything was noted.
    ///
    /// # Errors
    /// All noted problems.
    pub fn refuse_if_any(self) -> Outcome<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Problems(self.0)) }
    }
}

/// A text that must be there, without surrounding space and control characters, at most `most` characters.
///
/// # Errors
/// [`ErrorCode::Required`] or [`ErrorCode::TooLong`], naming the field.
pub fn required(value: &str, field: &str, most: usize) -> Result<String, Problem> {
    optional(Some(value), field, most)?
        .ok_or_else(|| Problem::new(ErrorCode::Required, field, "Please fill this in.", "Fyll i detta."))
}

/// Short words such as tags and skills: lower case, each once, in order; at most twenty.
///
/// # Errors
/// [`ErrorCode::TooLong`] when there are too many, or one has no or more than fifty characters.
pub fn words(values: &[String], field: &str) -> Result<Vec<String>, Problem> {
    let clean: BTreeSet<String> =
        values.iter().map(|value| super::text::composed(&super::text::clean_line(value)).to_lowercase()).collect();
    if clean.len() <= 20 && clean.iter().all(|word| (1..=50).contains(&word.chars().count())) {
        return Ok(clean.into_iter().collect());
    }
    let (en, sv) = ("At most 20 words of 1 to 50 characters.", "Högst 20 ord om 1 till 50 tecken.");
    Err(Problem::new(ErrorCode::TooLong, field, en, sv))
}

/// A text that may be missing; empty counts as missing.
///
/// # Errors
/// [`ErrorCode::TooLong`], naming the field.
pub fn optional(value: Option<&str>, field: &str, most: usize) -> Result<Option<String>, Problem> {
    let Some(value) = value.map(super::text::clean) else { return Ok(None) };
    let value = value.trim();
    if value.chars().count() > most {
        let en = format!("At most {most} characters, please.");
        return Err(Problem::new(ErrorCode::TooLong, field, en, format!("Högst {most} tecken, tack.")));
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}
