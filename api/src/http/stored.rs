//! Sends stored bytes: whole, or part after part, so that a large file needs no more memory than one part; and one range
//! of them, so that a browser can seek in a film and continue a download.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sea_orm::DbErr;

use crate::kit::app::App;
use crate::upload::content::{self, Content};
use crate::upload::write::PART;

/// A response with these bytes, or with the range of them that the header asks for.
#[must_use]
pub fn response(app: &App, content: Content, range: Option<&HeaderValue>) -> Response {
    let size = content.size();
    let asked = range.and_then(|range| range.to_str().ok()).map(|range| asked(range, size));
    let (status, from, until) = match asked {
        None | Some(Asked::All) => (StatusCode::OK, 0, size),
        Some(Asked::Range(from, until)) => (StatusCode::PARTIAL_CONTENT, from, until),
        Some(Asked::Nothing) => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
        }
    };
    let mut response = body(app, content, (from, until)).into_response();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(until - from));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {from}-{}/{size}", until - 1))
    {
        headers.insert(header::CONTENT_RANGE, range);
    }
    response
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Everything: it is not one range of bytes.
    All,
    /// From the first to before the last.
    Range(i64, i64),
    /// Bytes that are not there.
    Nothing,
}

/// Reads a `Range` header for this many bytes (RFC 9110, 14.2). Several ranges are answered with everything.
fn asked(range: &str, size: i64) -> Asked {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::All;
    };
    let number = |text: &str| text.trim().parse::<i64>().ok().filter(|number| *number >= 0);
    match (from.trim(), to.trim()) {
        ("", last) => match number(last) {
            Some(0) => Asked::Nothing,
            Some(last) => Asked::Range((size - last).max(0), size),
            None => Asked::All,
        },
        (from, "") => match number(from) {
            Some(from) if from < size => Asked::Range(from, size),
            Some(_) => Asked::Nothing,
            None => Asked::All,
        },
        (from, to) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from <= to && from < size => Asked::Range(from, to.saturating_add(1).min(size)),
            (Some(from), Some(to)) if from <= to => Asked::Nothing,
            _ => Asked::All,
        },
    }
}

fn body(app: &App, content: Content, (from, until): (i64, i64)) -> Body {
    let place = |at: i64| usize::try_from(at).unwrap_or_default();
    match content {
        Content::Whole(bytes) => Body::from(Bytes::from(bytes).slice(place(from)..place(until))),
        Content::Parts(id, _) => {
            let app = app.clone();
            let parts = stream::try_unfold(place(from), move |at| {
                let app = app.clone();
                async move {
                    if at >= place(until) {
                        return Ok::<_, DbErr>(None);
                    }
                    let number = i32::try_from(at / PART).unwrap_or(i32::MAX);
                    let part = content::part(app.reader().db(), id, number).await?;
                    let end = (place(until) - number.unsigned_abs() as usize * PART).min(part.len());
                    let bytes = Bytes::from(part).slice((at % PART).min(end)..end);
                    let next = at + bytes.len().max(1);
                    Ok(Some((bytes, next)))
                }
            });
            Body::from_stream(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_sent() {
        for (range, expected) in [
            ("bytes=0-9", Asked::Range(0, 10)),
            ("bytes=90-", Asked::Range(90, 100)),
            ("bytes=90-500", Asked::Range(90, 100)),
            ("bytes=-10", Asked::Range(90, 100)),
            ("bytes=-500", Asked::Range(0, 100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=100-200", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-0", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("lines=0-1", Asked::All),
            ("bytes=a-b", Asked::All),
            ("bytes=-", Asked::All),
        ] {
            assert_eq!(asked(range, 100), expected, "{range}");
        }
    }
}
