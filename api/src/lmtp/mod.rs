//! Receives mail from a mail server on the same machine (LMTP, RFC 2033 over RFC 5321). Each recipient gets a reply of
//! its own, and only once its mail is stored. The log never shows who writes to whom.

pub mod gate;
mod read;

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixListener, UnixSocket, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::read::{ABILITIES, Dialogue, Line, LmtpReply, Next, TOO_LARGE};

/// How many sessions are served at the same time.
const SESSIONS: usize = 100;
/// How many connections may wait to be accepted.
const BACKLOG: u32 = 128;
/// How long a client may take to send its next line, or to read its replies.
const IDLE: Duration = Duration::from_mins(5);
/// How long a client may take to send a mail, from its first byte to its last.
const MAIL: Duration = Duration::from_mins(10);
/// How long mails under way may take to finish when the service stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to close the connection after its last reply.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long refusing a client may take, and how long to wait when no connection can be accepted.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(100);
/// The reply to a client that took too long.
const LATE: LmtpReply = "421 4.4.2 that took too long";

/// What a session needs from the service.
pub trait Inbox: Clone + Send + Sync + 'static {
    /// Whether mail for this address is accepted. `Err` when the store cannot be asked.
    fn takes(&self, address: &str) -> impl Future<Output = Result<bool, Unavailable>> + Send;
    /// Stores a mail for one recipient. Returns after the commit. `Err` when the mail could not be stored.
    fn store(&self, delivery: Delivery) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// A mail for one recipient. It has no `Debug`, so that it cannot end up in a log.
#[derive(Clone)]
pub struct Delivery {
    /// The envelope's sender, to whom errors are reported. Empty for mail that must not be answered.
    pub envelope_from: String,
    /// The envelope's recipient, as the mail server wrote it.
    pub envelope_to: String,
    /// The mail as it came. Its recipients share the bytes.
    pub raw: Arc<Vec<u8>>,
}

/// The store cannot be asked now, so the mail server must try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// The address that mail servers connect to. It must be on this machine, because mail servers need no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A TCP port on this machine.
    Tcp(SocketAddr),
    /// A Unix socket file.
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err("write unix:/path, in full".to_owned()) };
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self::Tcp(address)),
            Ok(_) => Err("LMTP knows no passwords: listen on 127.0.0.1, [::1] or unix:/path".to_owned()),
            Err(_) => Err("write 127.0.0.1:2424 or unix:/path".to_owned()),
        }
    }
}

/// The socket that mail servers connect to.
#[derive(Debug)]
pub enum LmtpListener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket file.
    Unix(UnixListener),
}

/// A connection of either kind.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl LmtpListener {
    /// The address with the port that was taken; none for a socket file.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Wire>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}

/// Listens on this address. A socket file that no service listens on any more is replaced. The file's owner and group
/// may connect.
///
/// # Errors
/// When the address is in use, or may not be used.
pub async fn bind(address: &Address) -> io::Result<LmtpListener> {
    let path = match address {
        Address::Tcp(address) => return TcpListener::bind(address).await.map(LmtpListener::Tcp),
        Address::Unix(path) => path,
    };
    if stale(path).await {
        std::fs::remove_file(path)?;
    }
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    // Set before anybody can connect.
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o660))?;
    socket.listen(BACKLOG).map(LmtpListener::Unix)
}

/// Whether this is the socket file of a service that is gone.
async fn stale(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
        && UnixStream::connect(path).await.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Serves clients until `stop` is done. Mails that are under way then may finish, within ten seconds at most.
pub async fn serve(listener: LmtpListener, inbox: impl Inbox, stop: impl Future<Output = ()>) {
    let host = host();
    let places = Arc::new(Semaphore::new(SESSIONS));
    // Sessions notice that the service stops when `going` is dropped.
    let (going, gone) = watch::channel(());
    let mut sessions = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = sessions.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match (accepted, Arc::clone(&places).try_acquire_owned()) {
            (Ok(wire), Ok(place)) => {
                let (inbox, host, gone) = (inbox.clone(), Arc::clone(&host), gone.clone());
                sessions.spawn(async move {
                    if let Err(error) = session(wire, inbox, &host, gone).await {
                        tracing::debug!(%error, "an LMTP session ended early");
                    }
                    drop(place);
                });
            }
            (Ok(mut wire), Err(_)) => {
                // A connection that was just accepted has buffer space for one line.
                let told = timeout(REFUSAL_TIMEOUT, wire.write_all(b"421 4.3.2 too many sessions\r\n")).await;
                tracing::debug!(told = told.is_ok(), "an LMTP session too many was refused");
            }
            (Err(error), _) => {
                tracing::warn!(%error, "an LMTP connection could not be accepted");
                tokio::time::sleep(REFUSAL_TIMEOUT).await;
            }
        }
    }
    drop((listener, going));
    if timeout(GRACE, async { while sessions.join_next().await.is_some() {} }).await.is_err() {
        tracing::debug!(sessions = sessions.len(), "LMTP sessions were cut off");
        sessions.shutdown().await;
    }
}

/// The name of this machine.
fn host() -> Arc<str> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let fit = |name: &&str| name.starts_with(|char: char| char.is_ascii_alphanumeric());
    Arc::from(Some(name.trim()).filter(fit).unwrap_or("localhost"))
}

/// Serves one client until its session ends.
async fn session(wire: impl Wire, inbox: impl Inbox, host: &str, mut gone: watch::Receiver<()>) -> io::Result<()> {
    let mut session =
        LmtpSession { wire: BufReader::new(wire), told: Vec::new(), inbox, dialogue: Dialogue::default() };
    let Some(last) = session.talk(host, &mut gone).await? else { return Ok(()) };
    session.say(last);
    session.tell().await?;
    session.wire.shutdown().await?;
    // Closing the connection with unread input would discard the replies.
    let mut nowhere = tokio::io::sink();
    timeout(FAREWELL, tokio::io::copy_buf(&mut session.wire, &mut nowhere))
        .await
        .map_or(Ok(()), |read| read.map(|_| ()))
}

struct LmtpSession<W, I> {
    wire: BufReader<W>,
    told: Vec<u8>,
    inbox: I,
    dialogue: Dialogue,
}

impl<W: Wire, I: Inbox> LmtpSession<W, I> {
    /// Talks until the client is gone, or until only the returned reply remains to be sent.
    async fn talk(&mut self, host: &str, gone: &mut watch::Receiver<()>) -> io::Result<Option<LmtpReply>> {
        self.say(&format!("220 {host} LMTP"));
        let mut line = Line::default();
        loop {
            // Replies to pipelined commands are sent together.
            if !self.wire.buffer().contains(&b'\n') {
                self.tell().await?;
            }
            let read = tokio::select! {
                biased;
                _ = gone.changed(), if !self.dialogue.under_way() => return Ok(Some("421 4.3.2 the service stops")),
                read = timeout(IDLE, line.read(&mut self.wire)) => read,
            };
            let Ok(read) = read else { return Ok(Some(LATE)) };
            if !read? {
                return Ok(None);
            }
            match self.dialogue.hear(&line) {
                Next::Say(reply) => self.say(reply),
                Next::Hello => {
                    self.say(&format!("250-{host}"));
                    self.say(ABILITIES);
                }
                Next::Ask(address) => {
                    let taken = self.inbox.takes(&address).await;
                    let reply = self.dialogue.answered(address, taken);
                    self.say(reply);
                }
                Next::Data => {
                    if !self.take_in().await? {
                        return Ok(Some(LATE));
                    }
                }
                Next::End(reply) => return Ok(Some(reply)),
            }
        }
    }

    /// Reads the mail and stores it for each recipient. Returns false when reading took too long. If the client is
    /// gone, storing stops, because the client will send the mail again.
    async fn take_in(&mut self) -> io::Result<bool> {
        self.say("354 end with a dot on a line of its own");
        self.tell().await?;
        let Ok(raw) = timeout(MAIL, read::mail(&mut self.wire)).await else { return Ok(false) };
        let (raw, envelope) = (raw?.map(Arc::new), self.dialogue.finish());
        for envelope_to in envelope.to {
            let reply = match &raw {
                None => TOO_LARGE,
                Some(raw) => {
                    let (envelope_from, raw) = (envelope.from.clone(), Arc::clone(raw));
                    match self.inbox.store(Delivery { envelope_from, envelope_to, raw }).await {
                        Ok(()) => "250 2.0.0 stored",
                        Err(Unavailable) => "451 4.3.0 could not be stored now",
                    }
                }
            };
            self.say(reply);
            self.tell().await?;
        }
        Ok(true)
    }

    fn say(&mut self, reply: &str) {
        self.told.extend_from_slice(reply.as_bytes());
        self.told.extend_from_slice(b"\r\n");
    }

    /// Sends the collected replies.
    async fn tell(&mut self) -> io::Result<()> {
        let told = timeout(IDLE, async {
            self.wire.write_all(&self.told).await?;
            self.wire.flush().await
        });
        told.await.map_err(|_| io::ErrorKind::TimedOut)??;
        self.told.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
