//! The one list of codes a request can end with, beside the user errors of a payload. `docs/errors.md` is made from it.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensionValues, ServerError};
use entity::kind::Language;

use crate::kit::error::ErrorCode;
use crate::kit::text::Text;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = ($text:literal, $status:literal),)*) => {
        /// Why a request, or a field of it, has no result. Messages may change, codes do not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }

        impl Code {
            /// All of them, in the order readers meet them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As clients read it in `extensions.code`.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status when nothing was executed and the client accepts `application/graphql-response+json`.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means and what to do, for `docs/errors.md`.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)*).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The request is not a GraphQL request: not JSON, or a parameter of the wrong kind. The message names it.
    BadRequest = ("BAD_REQUEST", 400),
    /// None of the media types in `Accept` is served for this operation.
    NotAcceptable = ("NOT_ACCEPTABLE", 406),
    /// The method does not fit: documents go by POST, or by GET if they only read.
    MethodNotAllowed = ("METHOD_NOT_ALLOWED", 405),
    /// The body must be JSON in UTF-8.
    UnsupportedMediaType = ("UNSUPPORTED_MEDIA_TYPE", 415),
    /// The request has more bytes, values or levels than this caller may send; the message says how many.
    TooLarge = ("TOO_LARGE", 413),
    /// The request's body did not come in time. Send it again.
    BodyTimeout = ("BODY_TIMEOUT", 408),
    /// The operation took too long. The message says whether it may still be done.
    Timeout = ("TIMEOUT", 504),
    /// The document is not GraphQL. `locations` says where.
    ParseFailed = ("GRAPHQL_PARSE_FAILED", 400),
    /// The document or its variables do not fit the contract. The message says what does not.
    ValidationFailed = ("GRAPHQL_VALIDATION_FAILED", 400),
    /// The document has no operation of this name, or several and none was named.
    OperationNotFound = ("OPERATION_NOT_FOUND", 400),
    /// The document asks for more than one document may. Ask for less at a time.
    DocumentTooLarge = ("DOCUMENT_TOO_LARGE", 400),
    /// The operation has more root fields than one may have. Send several operations.
    TooManyRootFields = ("TOO_MANY_ROOT_FIELDS", 400),
    /// No document is known by this id. Send it whole once with its id, as clients with automatic persisted queries do.
    DocumentNotFound = ("PERSISTED_QUERY_NOT_FOUND", 404),
    /// This service serves registered documents only, and this is none of them.
    DocumentNotAllowed = ("DOCUMENT_NOT_ALLOWED", 403),
    /// A socket has as many operations as one may. Complete another first.
    TooManyOperations = ("TOO_MANY_OPERATIONS", 429),
    /// As many streams and sockets as one caller may have are open. Close another first, or put several operations on one socket.
    TooManyStreams = ("TOO_MANY_STREAMS", 429),
    /// A mutation was sent over a WebSocket. It goes by POST.
    UsePost = ("USE_POST", 405),
    /// A value of the document or its variables cannot be understood. The message names the field.
    BadUserInput = ("BAD_USER_INPUT", 400),
    /// There is no credential, or it has expired or was revoked. Get a new one and try again.
    Unauthenticated = ("UNAUTHENTICATED", 401),
    /// You are known, but this is not for you. The message says whose it is.
    Forbidden = ("FORBIDDEN", 403),
    /// There is no such thing, or you may not see it.
    NotFound = ("NOT_FOUND", 404),
    /// An argument is out of range or not what is expected. The message says what is.
    Invalid = ("INVALID", 400),
    /// An argument is longer than allowed. The message says how long it may be.
    TooLong = ("TOO_LONG", 400),
    /// You asked for more than your share. Wait as many seconds as `Retry-After` and `extensions.retryAfter` say.
    RateLimited = ("RATE_LIMITED", 429),
    /// The cursor is of another time or store, or what it pointed into has changed. Read the state anew and subscribe from there.
    ResyncRequired = ("RESYNC_REQUIRED", 409),
    /// The service has too much to do. Nothing was done; try again in a few seconds.
    Busy = ("BUSY", 503),
    /// The service restarts and ends a stream that it answers as multipart. Come back with your cursor, after as many seconds as `extensions.retryAfter` says.
    Restarting = ("SERVICE_RESTARTING", 503),
    /// The connection to the store was lost while the act was committed. Repeat it with the same key, or look first.
    OutcomeUnknown = ("OUTCOME_UNKNOWN", 500),
    /// A fault of the service. It is logged under the request's id.
    Internal = ("INTERNAL", 500),
}

impl Code {
    /// An error with this code. Both texts travel with it; the edge shows the one that its reader reads.
    #[must_use]
    pub fn error(self, en: impl Into<String>, sv: impl Into<String>) -> Error {
        self.says(Text::new(en, sv))
    }

    /// As [`Code::error`].
    #[must_use]
    pub fn says(self, text: Text) -> Error {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.text());
        let message = text.read_in(Language::En).to_owned();
        Error { message, source: Some(Arc::new(text)), extensions: Some(extensions) }
    }

    /// As [`Code::error`], for a place outside any field.
    #[must_use]
    pub fn server_error(self, en: impl Into<String>, sv: impl Into<String>) -> ServerError {
        self.error(en, sv).into_server_error(async_graphql::Pos::default()).placeless()
    }

    /// The code of this error.
    #[must_use]
    pub fn of(error: &ServerError) -> Option<Self> {
        Self::in_extensions(error.extensions.as_ref())
    }

    /// The code in these extensions.
    #[must_use]
    pub fn in_extensions(extensions: Option<&ErrorExtensionValues>) -> Option<Self> {
        let named = extensions?.get("code")?;
        let async_graphql::Value::String(named) = named else { return None };
        Self::ALL.iter().copied().find(|code| code.text() == named)
    }
}

impl From<ErrorCode> for Code {
    /// Queries have no user errors: what the caller can mend ends the request there.
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Forbidden => Self::Forbidden,
            ErrorCode::TooLong => Self::TooLong,
            _ => Self::Invalid,
        }
    }
}

/// Small changes to errors of the library.
pub trait ServerErrorExt: Sized {
    /// Without a place in the document.
    #[must_use]
    fn placeless(self) -> Self;
    /// With this code.
    #[must_use]
    fn with_code(self, code: Code) -> Self;
    /// In the language of the reader.
    fn localise(&mut self, language: Language);
}

impl ServerErrorExt for ServerError {
    fn placeless(mut self) -> Self {
        self.locations.clear();
        self
    }

    fn with_code(mut self, code: Code) -> Self {
        self.extensions.get_or_insert_default().set("code", code.text());
        self
    }

    fn localise(&mut self, language: Language) {
        if let Some(text) = self.source::<Text>() {
            self.message = text.read_in(language).to_owned();
        } else if language == Language::Sv {
            // What the library finds wrong with a document it says in English; a Swedish word says what it is about.
            let lead = match Code::of(self) {
                Some(Code::ParseFailed) => "Dokumentet är inte GraphQL",
                Some(Code::ValidationFailed) => "Dokumentet stämmer inte med schemat",
                _ => "Ett värde i dokumentet eller dess variabler kan inte förstås",
            };
            self.message = format!("{lead}: {}", self.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_and_says_what_to_do() {
        for (place, code) in Code::ALL.iter().enumerate() {
            assert!(code.meaning().len() > 20, "{code:?}");
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(!Code::ALL.iter().skip(place + 1).any(|other| other.text() == code.text()), "{code:?}");
        }
    }

    #[test]
    fn the_reader_chooses_the_language() {
        let mut error = Code::Busy.server_error("busy", "upptagen");
        error.localise(Language::Sv);
        assert_eq!(error.message, "upptagen");
        error.localise(Language::En);
        assert_eq!(error.message, "busy");
        assert_eq!(Code::of(&error), Some(Code::Busy));
    }
}
