//! Mail that a gateway or a mail service posts: the message itself, or what Mailgun, `SendGrid` and Postmark make of it. "Yes"
//! is answered when it is stored.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::id::MailboxId;
use entity::kind::MailTransport;
use entity::mailbox;
use multer::Multipart;
use percent_encoding::percent_decode;
use sea_orm::EntityTrait;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::accept::Media;
use super::answer::refused;
use super::signature::Signature;
use super::state::Edge;
use crate::access::key;
use crate::access::session::Caller;
use crate::intake::arrival::{self, Envelope};
use crate::kit::health::warn_once_a_minute;
use crate::letter::address;
use crate::mail::LARGEST;

/// Bytes of a request at most: a message in base 64 within JSON.
pub const BODY: usize = LARGEST / 3 * 4 + 1024 * 1024;

/// Who sent it to whom, where the message does not say.
#[derive(Default, Deserialize)]
pub struct Asked {
    from: Option<String>,
    to: Option<String>,
}

/// Keeps a mail for a mailbox.
pub async fn post(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response {
    let visitor = edge.visitor(request.headers(), request.extensions());
    // Charged before anything is looked up: guessing costs as much as asking.
    if let Err(error) = edge.charge(&visitor.asks_as(Caller::nobody())) {
        return refused(error, Media::Json, &visitor);
    }
    let mailbox = match find(&edge, &id, request.headers()).await {
        Ok(Some(mailbox)) => mailbox,
        Ok(None) => return said(StatusCode::UNAUTHORIZED, "no such mailbox, or its key is wrong: see Mailbox.key"),
        Err(error) => {
            warn_once_a_minute("a mailbox could not be looked up; whoever posts mail is told to try again", &error);
            return said(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be asked now: try again");
        }
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "a mail may have 30 MiB at most");
    };
    if Signature::of(&parts.headers).is_some_and(|signature| !signature.is_of(&body)) {
        return said(StatusCode::UNAUTHORIZED, "what was posted is not what was signed");
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Some(posted) = message(kind, &body).await else {
        return said(
            StatusCode::BAD_REQUEST,
            "post the message as message/rfc822, as `body-mime` or `email` of a form, or as `RawEmail` of JSON",
        );
    };
    if posted.raw.len() > LARGEST {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "a mail may have 30 MiB at most");
    }
    // What stands behind the `+` counts only when the rest is this mailbox.
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

/// The mailbox, when its key is shown, or was signed with. Nothing of the body is read before that.
async fn find(edge: &Edge, id: &str, headers: &HeaderMap) -> Result<Option<mailbox::Model>, sea_orm::DbErr> {
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

/// The key, as a bearer token or as the password that mail services put into an address.
fn shown(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    super::oauth::basic(headers).map(|(_, password)| password)
}

/// A message as it was posted.
#[derive(Default)]
struct Posted {
    raw: Vec<u8>,
    from: Option<String>,
    to: Option<String>,
}

/// Finds the message in what was posted.
async fn message(kind: &str, body: &Bytes) -> Option<Posted> {
    let plain = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let posted = match plain.as_str() {
        "message/rfc822" | "application/octet-stream" => Posted { raw: body.to_vec(), ..Posted::default() },
        "application/json" => postmark(body)?,
        "application/x-www-form-urlencoded" => form(pairs(body)),
        "multipart/form-data" => form(parts(kind, body).await?),
        _ => return None,
    };
    (!posted.raw.is_empty()).then_some(posted)
}

/// Postmark with "include raw email content".
fn postmark(body: &Bytes) -> Option<Posted> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Inbound {
        raw_email: String,
        original_recipient: Option<String>,
        from: Option<String>,
    }
    let inbound: Inbound = serde_json::from_slice(body).ok()?;
    Some(Posted { raw: inbound.raw_email.into_bytes(), from: inbound.from, to: inbound.original_recipient })
}

/// Mailgun's route to a raw message (`body-mime`), `SendGrid`'s inbound parse with "send raw" (`email`).
fn form(fields: Vec<(String, Vec<u8>)>) -> Posted {
    let mut posted = Posted::default();
    for (name, value) in fields {
        let text = || Some(String::from_utf8_lossy(&value).into_owned());
        match name.as_str() {
            "body-mime" | "email" => posted.raw = value,
            "sender" => posted.from = text(),
            "recipient" => posted.to = text(),
            "envelope" => {
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

/// The fields of a form, as bytes: a message may be in any character set.
fn pairs(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let decoded = |text: &[u8]| {
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>()
    };
    let pair = |field: &[u8]| {
        let at = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
        let (name, value) = (field.get(..at).unwrap_or_default(), field.get(at + 1..).unwrap_or_default());
        (String::from_utf8_lossy(&decoded(name)).into_owned(), decoded(value))
    };
    body.split(|byte| *byte == b'&').map(pair).collect()
}

/// The fields of a form in parts (RFC 7578). Their bytes are taken as they are: mail is not text.
async fn parts(kind: &str, body: &Bytes) -> Option<Vec<(String, Vec<u8>)>> {
    let boundary = multer::parse_boundary(kind).ok()?;
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body.clone())]);
    let mut form = Multipart::new(whole, boundary);
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.bytes().await.ok()?.to_vec()));
    }
    Some(fields)
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
            let posted = message(kind, &Bytes::from(body)).await.unwrap();
            assert_eq!((String::from_utf8(posted.raw).unwrap().as_str(), posted.to.as_deref()), (mail, to), "{kind}");
        }
        for (kind, body) in [
            ("text/plain", "x"),
            ("message/rfc822", ""),
            ("application/json", "{}"),
            ("multipart/form-data; boundary=b", "--b"),
        ] {
            assert!(message(kind, &Bytes::from(body)).await.is_none(), "{kind}");
        }
    }
}
