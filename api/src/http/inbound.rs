//! Receives mail that a gateway or a mail service posts: the message itself, or the formats of Mailgun, `SendGrid` and
//! Postmark. The response is positive once the mail is stored.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::id::MailboxId;
use entity::kind::MailTransport;
use entity::mailbox;
use percent_encoding::percent_decode;
use sea_orm::{DbErr, EntityTrait};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use super::accept::Media;
use super::answer::refused;
use super::body::{self, BodyError, ReceivedBody};
use super::form as multipart;
use super::json::{self, Bounds, DEPTH};
use super::places::Holder;
use super::signature::Signature;
use super::state::Edge;
use crate::access::key;
use crate::access::session::Caller;
use crate::intake::arrival::{self, Envelope};
use crate::kit::health::warn_once_a_minute;
use crate::letter::address;
use crate::mail::LARGEST;

/// The maximum size of a request in bytes: a message in base64 within JSON.
pub const BODY: usize = LARGEST / 3 * 4 + 1024 * 1024;

/// The sender and the recipient of the envelope, when they are passed in the query.
#[derive(Default, Deserialize)]
pub struct EnvelopeQuery {
    from: Option<String>,
    to: Option<String>,
}

/// Stores a mail for a mailbox.
pub async fn post(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(asked): Query<EnvelopeQuery>,
    request: Request,
) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    // Wrong keys count towards a separate share, because a mail service posts for many mailboxes from one address.
    let found = timeout(edge.options().request_time, find(&edge, &id, request.headers())).await;
    let mailbox = match found.unwrap_or_else(|_| Err(DbErr::Custom("it takes too long".to_owned()))) {
        Ok(Some(mailbox)) => {
            if let Err(error) = edge.charge(&visitor.asks_as(Caller::Mailbox(mailbox.id))) {
                return refused(error, Media::Json, &visitor);
            }
            mailbox
        }
        Ok(None) => {
            let wrong = said(StatusCode::UNAUTHORIZED, "no such mailbox, or its key is wrong: see Mailbox.key");
            return edge.charge_guess(&visitor).map_or_else(|error| refused(error, Media::Json, &visitor), |()| wrong);
        }
        Err(error) => {
            warn_once_a_minute("a mailbox could not be looked up; whoever posts mail is told to try again", &error);
            return said(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be asked now: try again");
        }
    };
    let (parts, body) = request.into_parts();
    let holder = Holder::Mailbox(mailbox.id);
    let arrived = body::read(body, BODY, edge.options().pace, (edge.places(), Some(&holder))).await;
    let ReceivedBody { bytes, held: _held } = match arrived {
        Ok(arrived) => arrived,
        Err(BodyError::TooLarge) => return said(StatusCode::PAYLOAD_TOO_LARGE, "a mail may have 30 MiB at most"),
        Err(BodyError::Slow | BodyError::Cut) => {
            return said(StatusCode::REQUEST_TIMEOUT, "the mail did not come in time: try again");
        }
        Err(BodyError::Full) => {
            return said(StatusCode::SERVICE_UNAVAILABLE, "too many large mails come at once: try again");
        }
    };
    let body = Bytes::from(bytes);
    if Signature::of(&parts.headers).is_some_and(|signature| !signature.is_of(&body)) {
        return said(StatusCode::UNAUTHORIZED, "what was posted is not what was signed");
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some(posted) = message(kind, body).await else {
        return said(
            StatusCode::BAD_REQUEST,
            "post the message as message/rfc822, as `body-mime` or `email` of a form, or as `RawEmail` of JSON",
        );
    };
    if posted.raw.len() > LARGEST {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "a mail may have 30 MiB at most");
    }
    // The part after the `+` only counts when the rest is the address of this mailbox.
    let to = asked.to.or(posted.to).filter(|to| address::split(to).0 == mailbox.address);
    let envelope = Envelope {
        transport: MailTransport::Http,
        from: asked.from.or(posted.from).unwrap_or_default(),
        to: to.unwrap_or_else(|| mailbox.address.clone()),
    };
    match arrival::keep(edge.app(), mailbox, envelope, Arc::new(posted.raw)).await {
        Ok(_) => said(StatusCode::ACCEPTED, "kept"),
        Err(error) => {
            warn_once_a_minute("a posted mail could not be kept; whoever posts it is told to try again", &error);
            said(StatusCode::SERVICE_UNAVAILABLE, "the mail could not be stored: try again")
        }
    }
}

fn said(status: StatusCode, words: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], words).into_response()
}

/// The mailbox, when the request contains its key or is signed with it. The body is not read before that.
async fn find(edge: &Edge, id: &str, headers: &HeaderMap) -> Result<Option<mailbox::Model>, DbErr> {
    let Ok(id) = id.parse::<MailboxId>() else { return Ok(None) };
    let row = mailbox::Entity::find_by_id(id).one(edge.app().reader().db()).await?;
    Ok(row.filter(|row| {
        let key = key::mailbox_key(edge.app().secret(), row.id, row.generation);
        let known = match Signature::of(headers) {
            Some(signature) => signature.is_by(&key, edge.app().now()),
            None => shown(headers).is_some_and(|shown| key.as_bytes().ct_eq(shown.as_bytes()).into()),
        };
        row.active && known
    }))
}

/// The key, as a bearer token or as the password that mail services put into a URL.
fn shown(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    super::oauth::basic(headers).map(|(_, password)| password)
}

/// A message as it was posted, with its envelope.
#[derive(Default)]
struct Posted {
    raw: Vec<u8>,
    from: Option<String>,
    to: Option<String>,
}

/// Extracts the message from the posted body.
async fn message(kind: &str, body: Bytes) -> Option<Posted> {
    let plain = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let posted = match plain.as_str() {
        "message/rfc822" | "application/octet-stream" => Posted { raw: body.into(), ..Posted::default() },
        "application/json" => postmark(&body)?,
        "application/x-www-form-urlencoded" => form(pairs(&body)),
        "multipart/form-data" => form(parts(kind, &body).await?),
        _ => return None,
    };
    (!posted.raw.is_empty()).then_some(posted)
}

/// The limits for a mail service's JSON besides the message: headers and recipients, of which a mail can have many.
const JSON: Bounds = Bounds { values: 20_000, depth: DEPTH };
/// The maximum number of form fields that are read; mail services send about twenty.
const FIELDS: usize = 200;

/// Reads Postmark's format, with "include raw email content".
fn postmark(body: &[u8]) -> Option<Posted> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Inbound {
        raw_email: String,
        original_recipient: Option<String>,
        from: Option<String>,
    }
    json::count(body, JSON).ok()?;
    let inbound: Inbound = serde_json::from_slice(body).ok()?;
    Some(Posted { raw: inbound.raw_email.into_bytes(), from: inbound.from, to: inbound.original_recipient })
}

/// Whether a field with this name is used.
fn is_used(name: &str) -> bool {
    ["body-mime", "email", "sender", "recipient", "envelope"].contains(&name)
}

/// Reads Mailgun's route to a raw message (`body-mime`) and `SendGrid`'s inbound parse with "send raw" (`email`).
fn form(fields: Vec<(String, Vec<u8>)>) -> Posted {
    let mut posted = Posted::default();
    for (name, value) in fields {
        let text = || Some(String::from_utf8_lossy(&value).into_owned());
        match name.as_str() {
            "body-mime" | "email" => posted.raw = value,
            "sender" => posted.from = text(),
            "recipient" => posted.to = text(),
            "envelope" if json::count(&value, JSON).is_ok() => {
                #[derive(Deserialize)]
                struct Sent {
                    from: Option<String>,
                    #[serde(default)]
                    to: Vec<String>,
                }
                if let Ok(sent) = serde_json::from_slice::<Sent>(&value) {
                    posted.from = sent.from;
                    posted.to = sent.to.into_iter().next();
                }
            }
            _ => {}
        }
    }
    posted
}

/// The used fields of a form, as bytes, because a message may be in any character set.
fn pairs(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let pair = |field: &[u8]| {
        let at = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
        let (name, value) = (field.get(..at).unwrap_or_default(), field.get(at + 1..).unwrap_or_default());
        let name = name.get(..NAME).unwrap_or(name);
        let name = String::from_utf8_lossy(&decoded(name)).into_owned();
        is_used(&name).then(|| (name, decoded(value)))
    };
    body.split(|byte| *byte == b'&').take(FIELDS).filter_map(pair).collect()
}

/// How many bytes of a field's name are read.
const NAME: usize = 64;

/// Decodes a field: `+` is a space, and the rest is percent-encoded (WHATWG URL, 5.1).
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (place, part) in text.split(|byte| *byte == b'+').enumerate() {
        if place > 0 {
            out.push(b' ');
        }
        out.extend(percent_decode(part));
    }
    out
}

/// The used fields of a multipart form, as bytes, because mail is not text.
async fn parts(kind: &str, body: &Bytes) -> Option<Vec<(String, Vec<u8>)>> {
    let fields = multipart::fields(kind, body, FIELDS, is_used).await?;
    Some(fields.into_iter().map(|field| (field.name, field.value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_message_is_found_whoever_posts_it() {
        let mail = "From: a@example.com\r\n\r\nx--b\r\n";
        let json = format!("{{\"RawEmail\":{},\"OriginalRecipient\":\"h+c1@shop.example\"}}", serde_json::json!(mail));
        let multipart = format!(
            "--b\r\nContent-Disposition: form-data; name=\"envelope\"\r\n\r\n{{\"to\":[\"h+c1@shop.example\"],\"from\":\"a@example.com\"}}\r\n--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{mail}\r\n--b--\r\n"
        );
        for (kind, body, to) in [
            ("message/rfc822", mail.to_owned(), None),
            ("application/json; charset=utf-8", json, Some("h+c1@shop.example")),
            ("multipart/form-data; boundary=b", multipart, Some("h+c1@shop.example")),
            (
                "application/x-www-form-urlencoded",
                "recipient=h%2Bc1%40shop.example&body-mime=From%3A+a%40example.com%0D%0A%0D%0Ax--b%0D%0A".to_owned(),
                Some("h+c1@shop.example"),
            ),
        ] {
            let posted = message(kind, Bytes::from(body)).await.unwrap();
            assert_eq!((String::from_utf8(posted.raw).unwrap().as_str(), posted.to.as_deref()), (mail, to), "{kind}");
        }
        let many = |field: &str| format!("{}email=x", field.repeat(FIELDS + 1));
        let lists = format!("{{\"RawEmail\":\"x\",\"Headers\":[{}0]}}", "[],".repeat(JSON.values));
        assert!(message("application/x-www-form-urlencoded", Bytes::from(many("a&"))).await.is_none());
        assert!(message("application/json", Bytes::from(lists)).await.is_none());
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
        assert!(message("multipart/form-data; boundary=b", Bytes::from(many(part))).await.is_none());
        for (kind, body) in [
            ("text/plain", "x"),
            ("message/rfc822", ""),
            ("application/json", "{}"),
            ("multipart/form-data; boundary=b", "--b"),
        ] {
            assert!(message(kind, Bytes::from(body)).await.is_none(), "{kind}");
        }
    }
}
