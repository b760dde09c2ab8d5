//! Errors that the caller can do something about, and the payloads that carry them.

use async_graphql::SimpleObject;
use entity::kind::Language;

use crate::kit::error::{ErrorCode, Problem};
use crate::kit::text::truncated;

/// Something about the input that the caller can mend. Nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// What was wrong, for programs.
    code: ErrorCode,
    /// What was wrong and what to do, for people, in the language of `Accept-Language` (Swedish or English).
    message: String,
    /// The input field it is about, from the input's root, list places as numbers; null when it is about no single
    /// field.
    field: Option<Vec<String>>,
}

impl UserError {
    /// The problem as this reader reads it.
    #[must_use]
    pub fn new(problem: Problem, language: Language) -> Self {
        let Problem { code, field, message } = problem;
        let message = truncated(message.read_in(language), MESSAGE);
        let field: Vec<String> = field.into_iter().take(PATH).map(|part| truncated(&part, PART)).collect();
        Self { code, message, field: (!field.is_empty()).then_some(field) }
    }
}

/// User errors of one act at most: who has made more mistakes mends these first.
pub const MOST: usize = 100;
/// Characters of a message; some repeat what the caller wrote.
const MESSAGE: usize = 1_000;
/// Parts of a field's path, and characters of one.
const PATH: usize = 20;
const PART: usize = 100;

/// Declares a mutation's payload: what changed, and why not.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: Option<$type>,
            /// Why nothing was changed; empty when it was.
            pub user_errors: Vec<$crate::graphql::error::UserError>,
        }

        impl<T: Into<$type>> From<Result<T, Vec<$crate::graphql::error::UserError>>> for $name {
            fn from(result: Result<T, Vec<$crate::graphql::error::UserError>>) -> Self {
                match result {
                    Ok(done) => Self { $field: Some(done.into()), user_errors: Vec::new() },
                    Err(user_errors) => Self { $field: None, user_errors },
                }
            }
        }
    };
}

pub(crate) use payload;
