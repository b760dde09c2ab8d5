//! A connection that is lent to the HTTP library and, when an answer turns out to be a stream for hours, taken back and
//! written by hand. The library keeps two buffers of 8 KiB for each connection; a stream that waits needs neither.

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

/// A client's connection; writing to it ends when the client does not read.
pub type Connection = Pin<Box<TimeoutStream<TcpStream>>>;

/// The body of an answer that is written by hand, in its extensions.
#[derive(Clone)]
struct Long(Arc<Mutex<Option<BoxStream<'static, Bytes>>>>, Bytes);

/// Makes these pieces the body, to be written one by one for as long as they come; this one says that it is complete.
#[must_use]
pub fn long(mut response: Response, pieces: BoxStream<'static, Bytes>, complete: Bytes) -> Response {
    response.extensions_mut().insert(Long(Arc::new(Mutex::new(Some(pieces))), complete));
    response
}

/// An answer taken out of the library's hands.
pub struct Taken {
    head: Vec<u8>,
    chunked: bool,
    complete: Bytes,
    pieces: BoxStream<'static, Bytes>,
    /// That its connection is not idle.
    busy: Option<Busy>,
}

/// That the library shall not answer: it gives up the connection.
#[derive(Debug, thiserror::Error)]
#[error("the answer is a stream and written by hand")]
pub struct TakenOver;

/// The way a connection and an answer come back.
#[derive(Clone, Default)]
pub struct Home(Arc<Mutex<(Option<Connection>, Option<Taken>)>>);

impl Home {
    /// Lends a connection.
    #[must_use]
    pub fn lend(&self, connection: Connection) -> Lent {
        Lent { connection: Some(connection), home: self.clone() }
    }

    /// Lets an ordinary answer pass, and keeps one that is to be written by hand.
    ///
    /// # Errors
    /// When it was kept.
    pub fn keep(&self, mut response: Response, asked: Version) -> std::result::Result<Response<Body>, TakenOver> {
        let Some(Long(pieces, complete)) = response.extensions_mut().remove::<Long>() else { return Ok(response) };
        let Some(pieces) = pieces.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(response) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(Taken {
            head: head(&response, asked),
            chunked: asked == Version::HTTP_11,
            complete,
            pieces,
            busy: None,
        });
        Err(TakenOver)
    }

    /// The connection is busy for as long as the kept answer lasts.
    pub fn hold(&self, busy: Busy) {
        if let Some(taken) = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).1 {
            taken.busy = Some(busy);
        }
    }

    /// What came back, once the library has let go.
    #[must_use]
    pub fn take(&self) -> Option<(Connection, Taken)> {
        let mut home = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, taken) = &mut *home;
        connection.take().zip(taken.take())
    }
}

/// The head of an answer in chunks (RFC 9112, 7.1), so that a client can tell one that was cut off from one that has come
/// to its end. HTTP/1.0 has none: there the end is the connection's.
fn head(response: &Response, asked: Version) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    // The length that the empty body had is none of this one's.
    for (name, value) in response.headers().iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    // Not `connection: close` where there are chunks: clients such as Node's take a cut for the end then.
    let rest: &[u8] =
        if asked == Version::HTTP_11 { b"transfer-encoding: chunked\r\n\r\n" } else { b"connection: close\r\n\r\n" };
    head.extend_from_slice(rest);
    head
}

/// The chunk that says that there are no more.
const LAST: &[u8] = b"0\r\n\r\n";

fn chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

impl Taken {
    /// Writes it to its end, or until the client is gone or reads no more. The connection serves nothing after it: what a
    /// client sent meanwhile was not kept, so that it could not be told where a next request would begin. A stream that
    /// ends before it is complete, because the service stops, ends as if it were cut: the client comes back.
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
                // Nothing is awaited from the client but its end.
                read = connection.read(&mut ignored) => if read? == 0 { return Ok(()) },
            }
        }
    }
}

/// A connection in the library's hands; it comes home if its answer does.
pub struct Lent {
    connection: Option<Connection>,
    home: Home,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut home = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if home.1.is_some() {
            home.0 = self.connection.take();
        }
    }
}

impl Lent {
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

impl AsyncRead for Lent {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        self.with(|connection| connection.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Lent {
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
