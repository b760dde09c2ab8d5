//! The gate for the pipe of a mail server: hands one mail from standard input to the running service, and exits with a
//! code that mail servers understand (sysexits.h): 0 stored, 67 no such mailbox, 75 try again later.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::Address;
use crate::kit::contact;
use crate::mail::{LARGEST, ParsedEmail};

/// The sender of a mail whose sender is not known. It is not a real address (RFC 2606, 2). It is not empty, because an
/// empty sender means that nobody sent the mail.
const SOMEBODY: &str = "somebody@sender.invalid";
/// The time limit for handing over a mail. Mail servers wait some minutes for a pipe.
const PATIENCE: Duration = Duration::from_mins(2);

/// The result of handing over a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// It is stored.
    Kept,
    /// The address or the mail is not accepted (`EX_NOUSER`).
    Refused,
    /// The service could not be reached, or could not store it (`EX_TEMPFAIL`).
    Later,
}

impl Passed {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Kept => 0,
            Self::Refused => 67,
            Self::Later => 75,
        }
    }
}

/// Hands over a mail that is read from `input`. If the pipe gives no sender, the sender that the mail names is used,
/// because an empty sender means that nobody sent it (RFC 5321, 4.5.5).
pub async fn pass(service: &Address, (from, to): (Option<&str>, &str), input: impl AsyncRead + Unpin) -> Passed {
    let mut raw = Vec::new();
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX) + 1;
    if input.take(most).read_to_end(&mut raw).await.is_err() {
        return Passed::Later;
    }
    let is_path = |text: &str| !text.contains(['<', '>', '\r', '\n']);
    if raw.len() > LARGEST || raw.is_empty() || !is_path(to) || !from.is_none_or(is_path) {
        return Passed::Refused;
    }
    let named = || ParsedEmail::read(&raw).sender.and_then(|sender| contact::email(&sender.address));
    let from = from.map_or_else(|| named().unwrap_or_else(|| SOMEBODY.to_owned()), str::to_owned);
    let handed = async {
        match service {
            Address::Tcp(address) => hand_over(TcpStream::connect(address).await?, &from, to, &raw).await,
            Address::Unix(path) => hand_over(UnixStream::connect(path).await?, &from, to, &raw).await,
        }
    };
    match timeout(PATIENCE, handed).await {
        Ok(Ok(passed)) => passed,
        Ok(Err(_)) | Err(_) => Passed::Later,
    }
}

async fn hand_over(wire: impl AsyncRead + AsyncWrite + Unpin, from: &str, to: &str, raw: &[u8]) -> io::Result<Passed> {
    let mut wire = BufReader::new(wire);
    answer(&mut wire).await?;
    for line in
        ["LHLO localhost".to_owned(), format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".to_owned()]
    {
        wire.write_all(format!("{line}\r\n").as_bytes()).await?;
        wire.flush().await?;
        match answer(&mut wire).await? {
            b'2' | b'3' => {}
            b'5' => return Ok(Passed::Refused),
            _ => return Ok(Passed::Later),
        }
    }
    wire.write_all(&stuffed(raw)).await?;
    wire.flush().await?;
    let answered = answer(&mut wire).await?;
    // Whether the mail is stored does not depend on QUIT.
    drop(wire.write_all(b"QUIT\r\n").await);
    Ok(match answered {
        b'2' => Passed::Kept,
        b'5' => Passed::Refused,
        _ => Passed::Later,
    })
}

/// The first digit of the next reply.
async fn answer(wire: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<u8> {
    loop {
        let mut line = Vec::new();
        if wire.take(2_000).read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.get(3) != Some(&b'-') {
            return line.first().copied().ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
    }
}

/// The mail as LMTP transfers it: with CR LF line ends, with dots stuffed, and with its end mark.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend(text.strip_suffix(b"\r").unwrap_or(text));
                out.extend(b"\r\n");
            }
            None => out.extend(line),
        }
    }
    if !out.ends_with(b"\r\n") {
        out.extend(b"\r\n");
    }
    out.extend(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_ends_where_it_ends() {
        for (raw, sent) in
            [("a\n.b\n", "a\r\n..b\r\n.\r\n"), ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"), ("a\rb\n", "a\rb\r\n.\r\n")]
        {
            assert_eq!(String::from_utf8(stuffed(raw.as_bytes())).unwrap(), sent);
        }
    }
}
