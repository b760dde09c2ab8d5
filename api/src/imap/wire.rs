//! A connection, encrypted or not, that reads whole answers. Their size is limited, because a server may send anything.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Trouble;
use super::answer::{ReplyKind, ServerReply, Status};
use super::place::{Privacy, ServerAddress};
use crate::kit::outward;
use crate::mail::LARGEST;

/// How many bytes of text an answer may have besides its literals. It is enough for the UIDs of more than a million
/// mails.
const TEXT: usize = 16 * 1024 * 1024;
/// How many bytes of an answer's literals are kept. The rest is read and dropped.
const LITERAL: usize = LARGEST + 1;
/// How many literals an answer may have.
const LITERALS: usize = 20;

/// A stream of bytes in both directions.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection.
pub struct Wire(BufReader<Box<dyn Stream>>);

impl Wire {
    /// Connects, and reads the greeting.
    ///
    /// # Errors
    /// When the server cannot be reached, or its certificate is not trusted.
    pub async fn connect(place: &ServerAddress) -> Result<Self, Trouble> {
        let host = place.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let socket = TcpStream::connect((host.as_str(), place.port)).await?;
        socket.set_nodelay(true)?;
        if place.privacy == Privacy::Tls {
            let mut wire = Self(BufReader::new(encrypted(Box::new(socket), host).await?));
            wire.greeted().await?;
            return Ok(wire);
        }
        let mut wire = Self(BufReader::new(Box::new(socket)));
        wire.greeted().await?;
        if place.privacy == Privacy::Local {
            return Ok(wire);
        }
        wire.say("T STARTTLS").await?;
        loop {
            match wire.answer().await?.said() {
                ReplyKind::Done("T", Status::Ok, _) => break,
                ReplyKind::Done("T", _, reason) => return Err(Trouble::Refused(reason)),
                _ => {}
            }
        }
        // What was received before the encryption is dropped, because an attacker on the way may have sent it. There is
        // no second greeting.
        Ok(Self(BufReader::new(encrypted(wire.0.into_inner(), host).await?)))
    }

    async fn greeted(&mut self) -> Result<(), Trouble> {
        match self.answer().await?.said() {
            ReplyKind::Told(Status::Ok, _) => Ok(()),
            ReplyKind::Told(Status::Bye, _) => Err(Trouble::Lost),
            _ => Err(Trouble::Strange),
        }
    }

    /// Sends a line.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn say(&mut self, line: &str) -> Result<(), Trouble> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.0.flush().await?)
    }

    /// Returns when the server has begun to send something, or has closed the connection. The future may be dropped
    /// earlier.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn ready(&mut self) -> Result<(), Trouble> {
        self.0.fill_buf().await?;
        Ok(())
    }

    /// Reads the next answer. The future must not be dropped before it is done.
    ///
    /// # Errors
    /// When the connection fails, or the answer is larger than allowed.
    pub async fn answer(&mut self) -> Result<ServerReply, Trouble> {
        let mut answer = ServerReply::default();
        loop {
            let from = answer.text.len();
            let room = u64::try_from(TEXT - from).unwrap_or_default();
            (&mut self.0).take(room).read_until(b'\n', &mut answer.text).await?;
            let line = answer.text.get(from..).unwrap_or_default();
            let Some(line) = line.strip_suffix(b"\n") else {
                return Err(if answer.text.len() < TEXT { Trouble::Lost } else { Trouble::Strange });
            };
            let end = from + line.strip_suffix(b"\r").unwrap_or(line).len();
            answer.text.truncate(end);
            // A status ends with free text, which may look like a literal.
            let length = literal(&answer.text).filter(|_| !answer.is_status());
            let Some(length) = length else { return Ok(answer) };
            if answer.literals.len() == LITERALS {
                return Err(Trouble::Strange);
            }
            let room = LITERAL - answer.literals.iter().map(Vec::len).sum::<usize>().min(LITERAL);
            answer.literals.push(self.literal(length, room).await?);
        }
    }

    async fn literal(&mut self, length: u64, room: usize) -> Result<Vec<u8>, Trouble> {
        let kept = length.min(room as u64);
        let mut bytes = Vec::new();
        (&mut self.0).take(kept).read_to_end(&mut bytes).await?;
        let rest = length - kept;
        let dropped = tokio::io::copy(&mut (&mut self.0).take(rest), &mut tokio::io::sink()).await?;
        if bytes.len() as u64 != kept || dropped != rest {
            return Err(Trouble::Lost);
        }
        Ok(bytes)
    }
}

/// The length of the literal that follows a line, if one does (RFC 3501, 4.3).
fn literal(line: &[u8]) -> Option<u64> {
    let inside = line.strip_suffix(b"}")?;
    let at = inside.iter().rposition(|byte| *byte == b'{')?;
    let digits = inside.get(at + 1..)?;
    std::str::from_utf8(digits.strip_suffix(b"+").unwrap_or(digits)).ok()?.parse().ok()
}

async fn encrypted(socket: Box<dyn Stream>, host: String) -> Result<Box<dyn Stream>, Trouble> {
    outward::prepare();
    let config = rustls::ClientConfig::with_platform_verifier().map_err(io::Error::other)?;
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, socket).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(said: &[u8]) -> Result<ServerReply, Trouble> {
        let (near, mut far) = tokio::io::duplex(64);
        let said = said.to_vec();
        let says = tokio::spawn(async move { far.write_all(&said).await });
        let mut wire = Wire(BufReader::new(Box::new(near)));
        let answer = wire.answer().await;
        drop(wire);
        drop(says.await);
        answer
    }

    #[tokio::test]
    async fn an_answer_is_a_line_with_its_literals() {
        let answer = heard(b"* 1 FETCH (A {3}\r\na\r\n B {0+}\r\n)\r\nnext").await.unwrap();
        assert_eq!(answer.text, b"* 1 FETCH (A {3} B {0+})");
        assert_eq!(answer.literals, [b"a\r\n".to_vec(), Vec::new()]);
        assert_eq!(heard(b"* OK see rule {40}\r\n").await.unwrap().literals.len(), 0, "free text is no literal");
        assert_eq!(heard(b"* OK\n").await.unwrap().text, b"* OK", "some forget half of the line's end");
        for cut in [&b""[..], b"* OK", b"* 1 FETCH (A {3}\r\na", b"* 1 FETCH (A {18446744073709551615}\r\na"] {
            assert!(matches!(heard(cut).await, Err(Trouble::Lost)), "{cut:?}");
        }
    }

    #[tokio::test]
    async fn what_is_too_much_is_not_kept() {
        let large = [format!("* A {{{}}}\r\n", LITERAL + 5).as_bytes(), &vec![b'x'; LITERAL + 5], b")\r\n"].concat();
        let answer = heard(&large).await.unwrap();
        assert_eq!((answer.literals[0].len(), answer.text.last()), (LITERAL, Some(&b')')));
        assert!(matches!(heard(&vec![b'x'; TEXT + 1]).await, Err(Trouble::Strange)));
        assert!(matches!(
            heard(["* X ", &"{0}\r\n".repeat(LITERALS + 1)].concat().as_bytes()).await,
            Err(Trouble::Strange)
        ));
    }
}
