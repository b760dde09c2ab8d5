//! The forms on the page of a task: how they are read, and which mutation each becomes.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use entity::id::PartnerContactId;
use entity::kind::Language;
use serde_json::{Map, Value, json};

use super::body::{self, BodyError, ReceivedBody};
use super::form::{Field, fields};
use super::places::{Holder, OccupiedPlaces};
use super::state::Edge;
use super::task_page::HtmlPage;
use crate::access::session::Caller;
use crate::access::share::Asker;
use crate::graphql::documents::meter::for_reading;
use crate::texts::{self, Text};
use crate::web::page::says;

/// The maximum size of a form in bytes: the files of an update, and the words around them.
pub(super) const BODY: usize = 21 * 1024 * 1024;
/// The most fields of a form, and the most bytes of a text.
const FIELDS: usize = 40;
const TEXT: usize = 64 * 1024;
/// The fields that are used.
const USED: &[&str] = &["act", "once", "text", "eta", "files", "result", "reason", "answerBy"];

/// A form that was posted.
pub(super) struct Posted {
    texts: BTreeMap<String, String>,
    files: Vec<Field>,
    /// The memory places of its body.
    held: OccupiedPlaces,
}

/// Why a form could not be read.
pub(super) enum Unread {
    TooLarge,
    Slow,
    Busy,
    Broken,
}

impl Unread {
    pub(super) fn page(&self, language: Language) -> HtmlPage {
        let (status, text) = match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, texts::page::too_large()),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, texts::page::too_slow()),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, texts::page::try_again()),
            Self::Broken => (StatusCode::BAD_REQUEST, texts::page::no_form()),
        };
        HtmlPage(status, says(language, &texts::page::not_now(), &text, &[]))
    }
}

/// Reads a form of at most `most` bytes, charged to the holder of the link.
pub(super) async fn read(
    edge: &Edge,
    (contact, asker): (PartnerContactId, &Asker),
    request: Request,
    most: usize,
) -> Result<Posted, Unread> {
    let (parts, body) = request.into_parts();
    let holder = Holder::Caller(Caller::Contact(contact));
    let arrived = body::read(body, most, edge.options().pace, (edge.places(), Some(&holder))).await;
    let ReceivedBody { bytes, held } = arrived.map_err(|error| match error {
        BodyError::TooLarge => Unread::TooLarge,
        BodyError::Slow | BodyError::Cut => Unread::Slow,
        BodyError::Full => Unread::Busy,
    })?;
    edge.charge_for(asker, for_reading(bytes.len(), 0)).map_err(|_| Unread::Busy)?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let all = fields(kind, &Bytes::from(bytes), FIELDS, |name| USED.contains(&name)).await.ok_or(Unread::Broken)?;
    let (files, texts): (Vec<_>, Vec<_>) = all.into_iter().partition(|field| field.file.is_some());
    let mut by_name = BTreeMap::new();
    for field in texts {
        if field.value.len() > TEXT {
            return Err(Unread::TooLarge);
        }
        let text = String::from_utf8(field.value).map_err(|_| Unread::Broken)?;
        // Browsers send line breaks as CR LF (RFC 7578, 4.8).
        by_name.insert(field.name, text.replace("\r\n", "\n"));
    }
    // A browser sends an empty file when none was chosen.
    let chosen = |field: &Field| field.name == "files" && (!field.value.is_empty() || has_name(field));
    Ok(Posted { texts: by_name, files: files.into_iter().filter(chosen).collect(), held })
}

fn has_name(field: &Field) -> bool {
    field.file.as_ref().is_some_and(|(name, _)| !name.is_empty())
}

/// An act that a form asks for.
pub(super) struct Act {
    /// The name of the form.
    pub name: &'static str,
    /// The mutation.
    pub document: String,
    /// Its variables.
    pub variables: Value,
    /// The memory places of the form's body, held until the act is answered.
    _held: OccupiedPlaces,
}

/// The forms: the name of each, its mutation, its fields with text and with a time.
type FormDefinition = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);
const FORMS: &[FormDefinition] = &[
    ("accept", "acceptTask", &[], &["eta"]),
    ("update", "updateTask", &["text"], &["eta"]),
    ("complete", "completeTask", &["result"], &[]),
    ("decline", "declineTask", &["reason"], &[]),
    ("write", "writeToTask", &["text"], &["answerBy"]),
];

impl Posted {
    /// The texts of the fields, by their names.
    pub(super) fn written(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// The texts that the reader wrote, to be shown again when they are not used.
    pub(super) fn texts(&self) -> Vec<String> {
        let texts = ["text", "result", "reason"].iter().filter_map(|name| self.texts.get(*name));
        texts.filter(|text| !text.trim().is_empty()).cloned().collect()
    }

    /// The act that the form asks for; a text that says what is wrong with it.
    pub(super) fn act(self, task: &str, (once, zone): (&str, Tz)) -> Result<Act, Text> {
        let asked = self.texts.get("act").map(String::as_str).unwrap_or_default();
        let form = FORMS.iter().find(|(name, ..)| *name == asked);
        let (name, mutation, texts, times) = form.ok_or_else(texts::page::no_form)?;
        let mut input = Map::new();
        input.insert("taskId".into(), task.into());
        input.insert("idempotencyKey".into(), once.into());
        for field in *texts {
            input.insert((*field).into(), self.texts.get(*field).cloned().unwrap_or_default().into());
        }
        for field in *times {
            if let Some(at) = self.texts.get(*field).map(|text| text.trim()).filter(|text| !text.is_empty()) {
                let at = time(at, zone).ok_or_else(texts::page::no_time)?;
                input.insert((*field).into(), at.to_rfc3339().into());
            }
        }
        if *name == "update" && !self.files.is_empty() {
            input.insert("attachments".into(), self.files.into_iter().map(attachment).collect());
        }
        let kind = mutation.split_at(1);
        let kind = format!("{}{}Input", kind.0.to_ascii_uppercase(), kind.1);
        let document = format!(
            "mutation TaskPage($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code message }} }} }}"
        );
        Ok(Act { name, document, variables: json!({ "input": input }), _held: self.held })
    }
}

fn attachment(field: Field) -> Value {
    let (name, kind) = field.file.unwrap_or_default();
    let name = if name.trim().is_empty() { "file".to_owned() } else { name };
    json!({ "name": name, "contentType": kind, "content": STANDARD.encode(field.value) })
}

/// Parses a local date and time of this time zone, as browsers send it. A time that occurs twice when clocks go back is
/// the earlier one; a time that clocks skip is invalid.
fn time(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
}

/// Why a form's act was refused, in the reader's language. Messages of the API that name its mutations are replaced by
/// the page's own texts.
pub(super) fn problems(answer: &Value, form: &str, language: Language) -> Vec<String> {
    let mutation = FORMS.iter().find(|(name, ..)| *name == form).map_or("", |(_, mutation, ..)| mutation);
    let errors = answer.get(mutation).and_then(|answer| answer.get("userErrors")).and_then(Value::as_array);
    let text = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    let said = |error: &Value| match text(error, "code").as_deref() {
        Some("INVALID_TRANSITION") => Some(texts::page::has_changed().read_in(language).to_owned()),
        Some("KEY_REUSED") => Some(texts::page::sent_before().read_in(language).to_owned()),
        _ => text(error, "message"),
    };
    errors.into_iter().flatten().filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_clock_on_the_wall() {
        let zone: Tz = "Europe/Stockholm".parse().unwrap();
        for (text, expected) in [
            ("2026-11-05T14:00", Some("2026-11-05T13:00:00+00:00")),
            ("2026-07-05T14:00:30", Some("2026-07-05T12:00:30+00:00")),
            ("2026-11-05 14:00", Some("2026-11-05T13:00:00+00:00")),
            ("2026-10-25T02:30", Some("2026-10-25T00:30:00+00:00")),
            ("2026-03-29T02:30", None),
            ("tomorrow", None),
            ("2026-11-05", None),
        ] {
            assert_eq!(time(text, zone).map(|at| at.to_rfc3339()).as_deref(), expected, "{text}");
        }
    }
}
