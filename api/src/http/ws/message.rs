//! The messages of the protocol, and the reasons for closing a socket.

use std::borrow::Cow;

use async_graphql::ServerError;
use axum::extract::ws::Message;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::graphql::documents::meter::for_reading;
use crate::http::json::Bounds;
use crate::http::request::counted;

/// A message from a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Value>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: async_graphql::Value,
    },
    Complete {
        id: String,
    },
}

/// The reason for closing a socket: the protocol's code and a text.
#[derive(Debug)]
pub struct Close(pub u16, pub Cow<'static, str>);

/// The maximum size of the text in bytes: a control frame holds 125, two of them for the code (RFC 6455, 5.5).
const REASON: usize = 120;

impl Close {
    /// A reason with a constant text.
    pub const fn new(code: u16, reason: &'static str) -> Self {
        Self(code, Cow::Borrowed(reason))
    }

    /// A reason with the beginning of an error's message.
    pub fn of(code: u16, error: &ServerError) -> Self {
        let mut reason = error.message.clone();
        reason.truncate(reason.floor_char_boundary(REASON));
        Self(code, Cow::Owned(reason))
    }
}

/// Parses a message and returns it with the cost of reading it; `None` for the transport's own messages.
///
/// # Errors
/// 4400 when it is not valid, or exceeds the limits.
pub fn parse(message: &Message, bounds: Bounds) -> Result<Option<(FromClient, u32)>, Close> {
    let invalid = || Close::new(4400, "Invalid message");
    match message {
        Message::Text(text) => {
            let values = counted(text.as_bytes(), bounds).map_err(|error| Close::of(4400, &error))?;
            let said = serde_json::from_str(text).map_err(|_| invalid())?;
            Ok(Some((said, for_reading(text.len(), values))))
        }
        Message::Binary(_) => Err(invalid()),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
    }
}

/// The credential in a payload of `connection_init` or `ping`, as `authorization` in upper or lower case; `None` when
/// the payload is empty.
///
/// # Errors
/// 4400 when the payload contains anything else, so that a client with a misspelt field is not treated as anonymous.
pub fn credential(payload: Option<&Value>) -> Result<Option<String>, Close> {
    const EXPECTED: Close = Close::new(4400, "Invalid payload: expected {\"authorization\": \"Bearer …\"} or nothing");
    let fields = match payload {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(fields)) if fields.is_empty() => return Ok(None),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(EXPECTED),
    };
    let named = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match named {
        Some((_, Value::String(text))) => Ok(Some(text.clone())),
        Some((_, Value::Null)) => Ok(None),
        _ => Err(EXPECTED),
    }
}

/// The answer to a ping.
pub fn pong(payload: Option<Value>) -> Value {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }),
        None => json!({ "type": "pong" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_or_asked_for() {
        for (payload, expected) in [
            (None, Some(None)),
            (Some(json!(null)), Some(None)),
            (Some(json!({})), Some(None)),
            (Some(json!({ "authorization": "Bearer x" })), Some(Some("Bearer x"))),
            (Some(json!({ "Authorization": "Bearer x", "other": 1 })), Some(Some("Bearer x"))),
            (Some(json!({ "token": "x" })), None),
            (Some(json!({ "authorization": 1 })), None),
            (Some(json!("Bearer x")), None),
            (Some(json!([])), None),
        ] {
            let found = credential(payload.as_ref()).ok();
            assert_eq!(found, expected.map(|text| text.map(str::to_owned)), "{payload:?}");
        }
    }

    #[test]
    fn a_reason_fits_into_its_frame() {
        let error = ServerError::new("å".repeat(100), None);
        assert_eq!(Close::of(4403, &error).1, "å".repeat(60));
        assert!(credential(Some(&json!(1))).unwrap_err().1.len() <= REASON);
    }
}
