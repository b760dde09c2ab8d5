//! The bytes of uploads arrive: all of them by PUT, or in portions by the protocol tus 1.0
//! (<https://tus.io/protocols/resumable-upload>). The address itself is the credential. Nothing can be read here.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entity::upload;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::body::{BodyError, Pace};
use super::places::{Holder, OccupiedPlaces};
use super::state::Edge;
use crate::access::file_link;
use crate::access::session::Caller;
use crate::graphql::context::fault_error;
use crate::kit::file_settings::Files;
use crate::upload::KEPT;
use crate::upload::write::{self, NotTaken, PART};

/// The headers of tus.
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSION: HeaderName = HeaderName::from_static("tus-version");
const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// The version of tus.
const TUS: HeaderValue = HeaderValue::from_static("1.0.0");
/// The headers that pages of other origins may read.
pub const EXPOSED: [HeaderName; 6] = [RESUMABLE, VERSION, EXTENSION, OFFSET, LENGTH, EXPIRES];
/// How often a body's time is longer than that of other requests: files are larger.
const LONGER: u32 = 30;
/// The type of the body of a PATCH.
const PORTION: &str = "application/offset+octet-stream";

/// Answers every method.
pub async fn any(State(edge): State<Edge>, Path(token): Path<String>, request: Request) -> Response {
    match handle(edge, token, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

/// Adds what tus says about the server to every answer, also to those of the layers before the route.
pub async fn announce(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let asked = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, TUS);
    if asked {
        headers.insert(VERSION, TUS);
        headers.insert(EXTENSION, HeaderValue::from_static("expiration,termination"));
        headers.insert(MAX_SIZE, edge.app().part::<Files>().get().signed_in_bytes.into());
    }
    response
}

/// Why a request is refused: the status says it to programs.
struct Refused(StatusCode);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        if self.0 == StatusCode::PRECONDITION_FAILED {
            response.headers_mut().insert(VERSION, TUS);
        }
        if self.0 == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

impl From<NotTaken> for Refused {
    fn from(why: NotTaken) -> Self {
        Self(match why {
            NotTaken::NotFound => StatusCode::NOT_FOUND,
            NotTaken::Elsewhere => StatusCode::CONFLICT,
            // The status of tus for bytes that do not have their checksum.
            NotTaken::OtherBytes => StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
            NotTaken::Fault(fault) => {
                // Logs the fault, unless it passes.
                let _told = fault_error(&fault);
                if fault.is_temporary() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR }
            }
        })
    }
}

impl From<BodyError> for Refused {
    fn from(why: BodyError) -> Self {
        Self(match why {
            BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Slow => StatusCode::REQUEST_TIMEOUT,
            BodyError::Cut => StatusCode::BAD_REQUEST,
            BodyError::Full => StatusCode::SERVICE_UNAVAILABLE,
        })
    }
}

async fn handle(edge: Edge, token: String, request: Request) -> Result<Response, Refused> {
    let visitor = edge.visitor(request.headers(), request.extensions());
    let Some(id) = file_link::upload_of(edge.app().secret(), &token) else {
        edge.charge_guess(&visitor).map_err(|_| Refused(StatusCode::TOO_MANY_REQUESTS))?;
        return Err(Refused(StatusCode::NOT_FOUND));
    };
    edge.charge(&visitor.asks_as(Caller::nobody())).map_err(|_| Refused(StatusCode::TOO_MANY_REQUESTS))?;
    let (parts, body) = request.into_parts();
    let resumable = parts.headers.get(&RESUMABLE);
    // A PUT is no request of tus. A method that needs no version of it may still name one.
    if resumable.map_or(parts.method == Method::PATCH, |version| version != TUS) {
        return Err(Refused(StatusCode::PRECONDITION_FAILED));
    }
    let row = write::find(edge.app().clone(), id).await?;
    match parts.method {
        Method::HEAD => state(edge, row).await,
        Method::PATCH => portion(edge, row, (parts.headers, body)).await,
        Method::PUT => whole(edge, row, (parts.headers, body)).await,
        Method::DELETE => {
            write::cancel(edge.app().clone(), id).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => {
            let allowed = [(header::ALLOW, "OPTIONS, HEAD, PATCH, PUT, DELETE")];
            Ok((StatusCode::METHOD_NOT_ALLOWED, allowed).into_response())
        }
    }
}

/// How much has arrived.
async fn state(edge: Edge, row: upload::Model) -> Result<Response, Refused> {
    // The process may have ended between the last byte and this.
    write::finish(edge.app().clone(), row.clone()).await?;
    let headers = [
        (OFFSET, HeaderValue::from(row.received)),
        (LENGTH, HeaderValue::from(row.size)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, expiry(&row)).into_response())
}

fn expiry(row: &upload::Model) -> [(HeaderName, String); 1] {
    [(EXPIRES, (row.created_at + KEPT).format("%a, %d %b %Y %H:%M:%S GMT").to_string())]
}

/// The bytes after those that have arrived.
async fn portion(edge: Edge, row: upload::Model, (headers, body): (HeaderMap, Body)) -> Result<Response, Refused> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != PORTION) {
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset = number(&headers, &OFFSET).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    if offset != row.received {
        return Err(Refused(StatusCode::CONFLICT));
    }
    let announced = number(&headers, &header::CONTENT_LENGTH).unwrap_or(0);
    if announced > row.size - row.received {
        return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE));
    }
    received(edge, row, body).await
}

/// All bytes at once. What a request that broke off has left is replaced.
async fn whole(edge: Edge, row: upload::Model, (headers, body): (HeaderMap, Body)) -> Result<Response, Refused> {
    match number(&headers, &header::CONTENT_LENGTH) {
        Some(announced) if announced > row.size => return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE)),
        Some(announced) if announced < row.size => return Err(Refused(StatusCode::BAD_REQUEST)),
        _ => {}
    }
    write::restart(edge.app().clone(), row.id).await?;
    let size = row.size;
    let response = received(edge, upload::Model { received: 0, ..row }, body).await?;
    // All of it was announced.
    let all = response.headers().get(&OFFSET) == Some(&HeaderValue::from(size));
    if all { Ok(response) } else { Err(Refused(StatusCode::BAD_REQUEST)) }
}

async fn received(edge: Edge, row: upload::Model, body: Body) -> Result<Response, Refused> {
    let offset = read(edge.clone(), row.clone(), body).await?;
    let row = upload::Model { received: offset, ..row };
    let headers = ([(OFFSET, HeaderValue::from(offset))], expiry(&row));
    write::finish(edge.app().clone(), row).await?;
    Ok((StatusCode::NO_CONTENT, headers.0, headers.1).into_response())
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.parse().ok().filter(|number| *number >= 0)
}

/// Reads a body to its end, of which at most one part is in memory. What arrived of a body that breaks off is stored
/// too. Returns the offset after the last byte.
async fn read(edge: Edge, row: upload::Model, body: Body) -> Result<i64, Refused> {
    let mut held = OccupiedPlaces::default();
    let holder = Holder::Upload(row.id);
    edge.places().grow(&mut held, Some(&holder), 2 * PART).await.map_err(BodyError::from)?;
    let Pace { time, grace, per_second } = edge.options().pace;
    let pace = Pace { time: time.saturating_mul(LONGER), grace, per_second };
    let (mut started, mut arrived) = (Instant::now(), 0);
    let mut part = OpenPart { offset: row.received, size: row.size, bytes: Vec::new() };
    let mut stream = body.into_data_stream();
    let end = loop {
        let next = timeout_at(started + pace.until(arrived), stream.next()).await;
        let mut piece = match next {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(_))) => break Err(BodyError::Cut),
            Ok(None) => break Ok(()),
            Err(_) => break Err(BodyError::Slow),
        };
        arrived += piece.len();
        let asked = Instant::now();
        while !piece.is_empty() && !part.is_all() {
            let fits = piece.split_to(part.room().min(piece.len()));
            part.bytes.extend_from_slice(&fits);
            if part.room() == 0 {
                part.offset = write::append(edge.app().clone(), row.id, part.offset, part.taken()).await?;
            }
        }
        // The time of the store does not count against the sender.
        started += asked.elapsed();
        if !piece.is_empty() {
            break Err(BodyError::TooLarge);
        }
    };
    if !part.bytes.is_empty() {
        part.offset = write::append(edge.app().clone(), row.id, part.offset, part.taken()).await?;
    }
    end?;
    Ok(part.offset)
}

/// The part that is arriving.
struct OpenPart {
    /// Where its bytes in memory begin in the upload.
    offset: i64,
    /// The size of the upload.
    size: i64,
    bytes: Vec<u8>,
}

impl OpenPart {
    /// How many more bytes fit into it.
    fn room(&self) -> usize {
        write::room(self.offset).saturating_sub(self.bytes.len()).min(self.left())
    }

    /// How many bytes of the upload are still to come.
    fn left(&self) -> usize {
        usize::try_from(self.size - self.offset).unwrap_or_default().saturating_sub(self.bytes.len())
    }

    /// Whether all bytes of the upload have come.
    fn is_all(&self) -> bool {
        self.left() == 0
    }

    fn taken(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}
