//! The list of codes with which a request can fail, besides the user errors of a payload. `docs/errors.md` is generated
//! from it.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensionValues, ServerError};
use entity::kind::Language;

use crate::kit::error::ErrorCode;
use crate::texts::{self, Text};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = ($text:literal, $status:literal),)*) => {
        /// Why a request, or a field of it, has no result. The messages may change, the codes do not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }

        impl Code {
            /// All codes, in the order in which `docs/errors.md` lists them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as clients read it in `extensions.code`.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status of the answer when nothing was executed and the client accepts
            /// `application/graphql-response+json`.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What the code means and what the caller can do, for `docs/errors.md`.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)*).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The request is not a valid GraphQL request: the body is not JSON, or a parameter has the wrong type. The message
    /// names it.
    BadRequest = ("BAD_REQUEST", 400),
    /// None of the media types in `Accept` is available for this operation.
    NotAcceptable = ("NOT_ACCEPTABLE", 406),
    /// The HTTP method is not allowed: send documents by POST, or by GET if they only read.
    MethodNotAllowed = ("METHOD_NOT_ALLOWED", 405),
    /// The body must be JSON in UTF-8.
    UnsupportedMediaType = ("UNSUPPORTED_MEDIA_TYPE", 415),
    /// The request has more bytes, more values or deeper nesting than this caller may send. The message says how much
    /// is allowed.
    TooLarge = ("TOO_LARGE", 413),
    /// The body of the request did not arrive in time. Send the request again.
    BodyTimeout = ("BODY_TIMEOUT", 408),
    /// The operation took too long. The message says whether it may still take effect.
    Timeout = ("TIMEOUT", 504),
    /// The document is not valid GraphQL. `locations` says where.
    ParseFailed = ("GRAPHQL_PARSE_FAILED", 400),
    /// The document or its variables do not match the schema. The message says what does not.
    ValidationFailed = ("GRAPHQL_VALIDATION_FAILED", 400),
    /// The document has no operation with this name, or it has several and the request names none.
    OperationNotFound = ("OPERATION_NOT_FOUND", 400),
    /// The document is larger, or asks for more, than one document may. Split it into several requests.
    DocumentTooLarge = ("DOCUMENT_TOO_LARGE", 400),
    /// The operation has more root fields than allowed. Send several operations.
    TooManyRootFields = ("TOO_MANY_ROOT_FIELDS", 400),
    /// No document is known by this id. Send its full text once together with the id, as clients with automatic
    /// persisted queries do.
    DocumentNotFound = ("PERSISTED_QUERY_NOT_FOUND", 404),
    /// This service accepts registered documents only, and this document is not registered.
    DocumentNotAllowed = ("DOCUMENT_NOT_ALLOWED", 403),
    /// The WebSocket has as many running operations as allowed. Complete one of them first.
    TooManyOperations = ("TOO_MANY_OPERATIONS", 429),
    /// The caller has as many open streams and WebSocket connections as allowed. Close one of them first, or run
    /// several operations on one WebSocket.
    TooManyStreams = ("TOO_MANY_STREAMS", 429),
    /// A mutation was sent over a WebSocket. Send it by POST.
    UsePost = ("USE_POST", 405),
    /// A value of the document or its variables cannot be understood. The message names the field.
    BadUserInput = ("BAD_USER_INPUT", 400),
    /// There is no credential, or it has expired or was revoked. Get a new one and try again.
    Unauthenticated = ("UNAUTHENTICATED", 401),
    /// Your credential is valid, but it does not allow this. The message says who may do it.
    Forbidden = ("FORBIDDEN", 403),
    /// The object does not exist, or you may not see it.
    NotFound = ("NOT_FOUND", 404),
    /// An argument is out of range or not in the expected form. The message says what is expected.
    Invalid = ("INVALID", 400),
    /// An argument is longer than allowed. The message says how long it may be.
    TooLong = ("TOO_LONG", 400),
    /// You have used up your share. Wait as many seconds as `Retry-After` and `extensions.retryAfter` say.
    RateLimited = ("RATE_LIMITED", 429),
    /// The cursor comes from another database, or what you may see has changed. Read the state again and subscribe from
    /// there.
    ResyncRequired = ("RESYNC_REQUIRED", 409),
    /// The service is overloaded, or its database is not available. Nothing was done. Try again in a few seconds.
    Busy = ("BUSY", 503),
    /// The service restarts and ends a stream that it answers as multipart. Subscribe again with your cursor after as
    /// many seconds as `extensions.retryAfter` says.
    Restarting = ("SERVICE_RESTARTING", 503),
    /// The connection to the database was lost during the commit. The act may or may not have taken effect. Repeat it
    /// with the same idempotency key, or look first.
    OutcomeUnknown = ("OUTCOME_UNKNOWN", 500),
    /// An internal error of the service. It is logged under the id of the request.
    Internal = ("INTERNAL", 500),
}

impl Code {
    /// An error with this code. It carries the text in both languages; the HTTP layer chooses the language of the
    /// reader.
    #[must_use]
    pub fn error(self, text: Text) -> Error {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.text());
        let message = text.read_in(Language::En).to_owned();
        Error { message, source: Some(Arc::new(text)), extensions: Some(extensions) }
    }

    /// As [`Code::error`], for an error that is not about a field.
    #[must_use]
    pub fn server_error(self, text: Text) -> ServerError {
        self.error(text).into_server_error(async_graphql::Pos::default()).placeless()
    }

    /// The code of this error; none when it carries no code of this list.
    #[must_use]
    pub fn of(error: &ServerError) -> Option<Self> {
        Self::in_extensions(error.extensions.as_ref())
    }

    /// The code in these extensions; none when there is no code of this list.
    #[must_use]
    pub fn in_extensions(extensions: Option<&ErrorExtensionValues>) -> Option<Self> {
        let named = extensions?.get("code")?;
        let async_graphql::Value::String(named) = named else { return None };
        Self::ALL.iter().copied().find(|code| code.text() == named)
    }
}

impl From<ErrorCode> for Code {
    /// Queries have no user errors, so a problem that the caller can solve fails the request.
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Forbidden => Self::Forbidden,
            ErrorCode::TooLong => Self::TooLong,
            _ => Self::Invalid,
        }
    }
}

/// Small changes to errors of the GraphQL library.
pub trait ServerErrorExt: Sized {
    /// The error without a place in the document.
    #[must_use]
    fn placeless(self) -> Self;
    /// The error with this code.
    #[must_use]
    fn with_code(self, code: Code) -> Self;
    /// Puts the message in the language of the reader.
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
        } else {
            let text = match Code::of(self) {
                Some(Code::ParseFailed) => texts::api::not_graphql(&self.message),
                Some(Code::ValidationFailed) => texts::api::not_in_schema(&self.message),
                _ => texts::api::value_not_understood(&self.message),
            };
            text.read_in(language).clone_into(&mut self.message);
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
        let mut error = Code::Busy.server_error(Text::new("busy", "upptagen"));
        error.localise(Language::Sv);
        assert_eq!(error.message, "upptagen");
        error.localise(Language::En);
        assert_eq!(error.message, "busy");
        assert_eq!(Code::of(&error), Some(Code::Busy));
    }
}
