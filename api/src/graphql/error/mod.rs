//! Errors that the caller can solve, and the payloads that carry them.

pub mod code;

use async_graphql::SimpleObject;
use entity::kind::Language;

use crate::kit::error::{ErrorCode, Problem};
use crate::kit::text::truncated;

/// An error in the input, or a refusal, that the caller can do something about. Nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// The code of the error, for programs.
    code: ErrorCode,
    /// What was wrong and what to do, for people, in the language of `Accept-Language` (Swedish or English).
    message: String,
    /// The path of the input field that is wrong, from the root of the input; places in lists are zero-based numbers.
    /// Null when the error is not about one field.
    field: Option<Vec<String>>,
}

impl UserError {
    /// The problem as a user error in this language.
    #[must_use]
    pub fn new(problem: Problem, language: Language) -> Self {
        let Problem { code, field, message } = problem;
        let message = truncated(message.read_in(language), MESSAGE);
        let field: Vec<String> = field.into_iter().take(PATH).map(|part| truncated(&part, PART)).collect();
        Self { code, message, field: (!field.is_empty()).then_some(field) }
    }
}

/// The highest number of user errors that one act returns; further ones are left out.
pub const MOST: usize = 100;
/// The highest number of characters of a message; some messages repeat what the caller wrote.
const MESSAGE: usize = 1_000;
/// The highest number of parts of a field's path, and of characters of a part.
const PATH: usize = 20;
const PART: usize = 100;

/// Declares the payload of a mutation: what was changed, or why nothing was.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: Option<$type>,
            /// The reasons why nothing was changed; empty when the mutation took effect.
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
