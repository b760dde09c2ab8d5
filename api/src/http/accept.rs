//! Content negotiation: chooses a media type from the `Accept` header.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media type of a single response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the HTTP status depends on the result.
    GraphQl,
    /// `application/json`: the HTTP status is 200 for everything that was executed.
    Json,
}

/// The media type of a stream of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamMedia {
    /// `text/event-stream`: graphql-sse.
    Events,
    /// `multipart/mixed`: the protocol of Apollo's clients for subscriptions over HTTP.
    Parts,
}

/// The media types that a client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// For a single response.
    pub single: Option<Media>,
    /// For a stream of responses.
    pub stream: Option<StreamMedia>,
}

impl Accepted {
    /// Reads the `Accept` header (RFC 9110, 12.5.1). Without one, JSON is used, for old clients.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let values: Vec<&str> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.is_empty() {
            return Self { single: Some(Media::Json), stream: None };
        }
        let (mut single, mut stream) = (None, None);
        for range in values.iter().flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight: f32 =
                parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0);
            match kind.as_str() {
                "application/graphql-response+json" => prefer(&mut single, weight, Media::GraphQl),
                "application/json" | "application/*" | "*/*" => prefer(&mut single, weight, Media::Json),
                "text/event-stream" => prefer(&mut stream, weight, StreamMedia::Events),
                "multipart/mixed" => prefer(&mut stream, weight, StreamMedia::Parts),
                _ => {}
            }
        }
        Self { single: single.map(|(_, media)| media), stream: stream.map(|(_, media)| media) }
    }

    /// The media type for refusing this client's request.
    #[must_use]
    pub fn refusing(self) -> Media {
        self.single.unwrap_or(Media::Json)
    }
}

fn prefer<T>(best: &mut Option<(f32, T)>, weight: f32, media: T) {
    if weight > 0.0 && best.as_ref().is_none_or(|(known, _)| weight > *known) {
        *best = Some((weight, media));
    }
}

impl Media {
    /// The value of the `Content-Type` header.
    #[must_use]
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_what_it_prefers() {
        let (graphql, json) = (Some(Media::GraphQl), Some(Media::Json));
        let (events, parts) = (Some(StreamMedia::Events), Some(StreamMedia::Parts));
        for (accept, single, stream) in [
            (None, json, None),
            (Some("*/*"), json, None),
            (Some("application/json"), json, None),
            (Some("application/graphql-response+json"), graphql, None),
            (Some("application/graphql-response+json; charset=utf-8, application/json"), graphql, None),
            (Some("application/graphql-response+json;q=0.5, application/json"), json, None),
            (Some("text/event-stream"), None, events),
            (Some("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"), json, parts),
            (Some("text/html"), None, None),
            (Some("application/json;q=0"), None, None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(Accepted::of(&headers), Accepted { single, stream }, "{accept:?}");
        }
    }
}
