//! Lends a connection to the HTTP library. When a response is a long stream, the connection is taken back and the
//! stream is written directly. The library keeps two buffers of 8 KiB per connection, which a waiting stream does not
//! need.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Version, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

use super::connections::Busy;

/// A client's connection; writing fails with a timeout when the client does not read.
pub type Connection = Pin<Box<TimeoutStream<TcpStream>>>;

/// A response extension: the body of a stream that is written directly, and the piece that completes it.
#[derive(Clone)]
struct Long(Arc<Mutex<Option<BoxStream<'static, Bytes>>>>, Bytes);

/// Makes these pieces the body of the response, to be written one by one as they come. `complete` is the piece that
/// marks the end of a complete stream.
#[must_use]
pub fn long(mut response: Response, pieces: BoxStream<'static, Bytes>, complete: Bytes) -> Response {
    response.extensions_mut().insert(Long(Arc::new(Mutex::new(Some(pieces))), complete));
    response
}

/// A response that was taken from the library.
pub struct TakenResponse {
    head: Vec<u8>,
    chunked: bool,
    complete: Bytes,
    pieces: BoxStream<'static, Bytes>,
    /// Marks its connection as busy.
    busy: Option<Busy>,
}

/// The error that makes the library release the connection instead of sending a response.
#[derive(Debug, thiserror::Error)]
#[error("the answer is a stream and written by hand")]
pub struct TakenOver;

/// The place where a lent connection and a kept response are returned to.
#[derive(Clone, Default)]
pub struct Home(Arc<Mutex<(Option<Connection>, Option<TakenResponse>)>>);

impl Home {
    /// Lends a connection to the library.
    #[must_use]
    pub fn loan(&self, connection: Connection) -> LoanedConnection {
        LoanedConnection { connection: Some(connection), home: self.clone() }
    }

    /// Returns an ordinary response, and keeps one that is to be written directly.
    ///
    /// # Errors
    /// When the response was kept.
    pub fn keep(&self, mut response: Response, asked: Version) -> std::result::Result<Response<Body>, TakenOver> {
        let Some(Long(pieces, complete)) = response.extensions_mut().remove::<Long>() else { return Ok(response) };
        let Some(pieces) = pieces.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(response) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(TakenResponse {
            head: head(&response, asked),
            chunked: asked == Version::HTTP_11,
            complete,
            pieces,
            busy: None,
        });
        Err(TakenOver)
    }

    /// Marks the connection as busy for as long as the kept response is written.
    pub fn hold(&self, busy: Busy) {
        if let Some(taken) = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1 {
            taken.busy = Some(busy);
        }
    }

    /// The connection and the response, once the library has released them.
    #[must_use]
    pub fn take(&self) -> Option<(Connection, TakenResponse)> {
        let mut home = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, taken) = &mut *home;
        connection.take().zip(taken.take())
    }
}

/// The head of a chunked response (RFC 9112, 7.1), so that a client can distinguish an interrupted response from a
/// complete one. HTTP/1.0 has no chunks: there the end of the connection is the end of the response.
fn head(response: &Response, asked: Version) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    // The content length belongs to the empty body that the response had before.
    for (name, value) in response.headers().iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    // No `connection: close` with chunks, because clients such as Node's then take an interruption for the end.
    let rest: &[u8] =
        if asked == Version::HTTP_11 { b"transfer-encoding: chunked\r\n\r\n" } else { b"connection: close\r\n\r\n" };
    head.extend_from_slice(rest);
    head
}

/// The last chunk, which marks the end of the body.
const LAST: &[u8] = b"0\r\n\r\n";

fn chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

impl TakenResponse {
    /// Writes the response to its end, or until the client disconnects or stops reading. The connection is closed
    /// afterwards, because bytes that the client has sent meanwhile were discarded and the start of a next request
    /// could not be found. A stream that ends before it is complete, because the service stops, is left without the
    /// last chunk, so that the client reconnects.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn write(mut self, mut connection: Connection) -> Result<()> {
        connection.write_all(&std::mem::take(&mut self.head)).await?;
        let mut ignored = [0; 64];
        let mut complete = false;
        let _while_it_lasts = self.busy.take();
        loop {
            tokio::select! {
                piece = self.pieces.next() => {
                    let Some(piece) = piece else {
                        if self.chunked && complete {
                            connection.write_all(LAST).await?;
                        }
                        return connection.shutdown().await;
                    };
                    complete = piece == self.complete;
                    let piece = if self.chunked { chunk(&piece).into() } else { piece };
                    connection.write_all(&piece).await?;
                }
                // Input from the client is ignored; only the end of the connection matters.
                read = connection.read(&mut ignored) => if read? == 0 { return Ok(()) },
            }
        }
    }
}

/// A connection while it is lent to the library. It is returned when it is dropped, if its response was kept.
pub struct LoanedConnection {
    connection: Option<Connection>,
    home: Home,
}

impl Drop for LoanedConnection {
    fn drop(&mut self) {
        let mut home = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if home.1.is_some() {
            home.0 = self.connection.take();
        }
    }
}

impl LoanedConnection {
    fn with<T>(
        self: Pin<&mut Self>,
        act: impl FnOnce(Pin<&mut TimeoutStream<TcpStream>>) -> Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        match &mut self.get_mut().connection {
            Some(connection) => act(connection.as_mut()),
            None => Poll::Ready(Err(std::io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncRead for LoanedConnection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        self.with(|connection| connection.poll_read(cx, buffer))
    }
}

impl AsyncWrite for LoanedConnection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.with(|connection| connection.poll_write(cx, bytes))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        self.with(|connection| connection.poll_write_vectored(cx, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.with(|connection| connection.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.with(|connection| connection.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_one_that_clients_read() {
        let response = Response::builder().header("content-type", "text/event-stream").header("content-length", "0");
        let response = response.body(Body::empty()).unwrap();
        assert_eq!(
            String::from_utf8(head(&response, Version::HTTP_11)).unwrap(),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        assert!(!String::from_utf8(head(&response, Version::HTTP_10)).unwrap().contains("chunked"));
        assert_eq!(chunk(b":\n\n"), b"3\r\n:\n\n\r\n");
    }

    #[test]
    fn an_ordinary_answer_passes() {
        let home = Home::default();
        assert!(home.keep(Response::new(Body::from("x")), Version::HTTP_11).is_ok());
        assert!(home.take().is_none());
    }
}
