//! One connection to an account, with its folder open. Every command has a time limit, and its own last word is read: a
//! server that refuses to show a mail has not said that there is none.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Capability, MailboxDatum, Response, ResponseCode, Status};
use async_imap::{Client, Session as Imap};
use chrono::{DateTime, NaiveDate, Utc};
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::login::{Login, OneMessage, Shown};
use super::place::{Place, Privacy};
use super::{Account, Trouble};
use crate::kit::outward;
use crate::mail::LARGEST;

/// For a connection, and for what a command answers.
const PATIENCE: Duration = Duration::from_mins(1);
/// For a mail.
const MAIL: Duration = Duration::from_mins(10);

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

/// A connection with the folder open.
pub struct Session {
    imap: Imap<Box<dyn Wire>>,
    /// The server tells of new mail by itself (RFC 2177).
    pub tells: bool,
    /// The server spoke of more mail since the folder was looked through.
    more: bool,
    /// The folder's UIDs mean something only together with this number (RFC 3501, 2.3.1.1).
    pub validity: u32,
    /// The UID that the next mail gets, if the server says.
    pub next: Option<u32>,
}

/// A mail as the server has it.
pub struct Fetched {
    /// Its number in the folder.
    pub uid: u32,
    /// When the server got it.
    pub at: Option<DateTime<Utc>>,
    /// Its bytes; of one that is too large, the first.
    pub raw: Vec<u8>,
    /// Whether there is more of it than is taken.
    pub cut: bool,
}

impl Session {
    /// Connects, signs in and opens the folder.
    ///
    /// # Errors
    /// When the server cannot be reached, does not accept who asks, or has no such folder.
    pub async fn open(account: &Account) -> Result<Self, Trouble> {
        let imap = in_time(PATIENCE, connect(&account.place)).await?;
        let imap = sign_in(imap, &account.user, &account.login).await?;
        let mut session = Self { imap, tells: false, more: false, validity: 0, next: None };
        let mut tells = false;
        session
            .command("CAPABILITY", PATIENCE, |response| {
                let Response::Capabilities(all) = response else { return };
                let idle =
                    |one: &Capability<'_>| matches!(one, Capability::Atom(name) if name.eq_ignore_ascii_case("IDLE"));
                tells |= all.iter().any(idle);
            })
            .await?;
        let (mut validity, mut next) = (None, None);
        session
            .command(&format!("SELECT {}", quoted(&account.folder)), PATIENCE, |response| {
                let Response::Data { outcome, .. } = response else { return };
                match outcome.code {
                    Some(ResponseCode::UidValidity(number)) => validity = Some(number),
                    Some(ResponseCode::UidNext(number)) => next = Some(number),
                    _ => {}
                }
            })
            .await?;
        session.tells = tells;
        session.next = next;
        session.validity =
            validity.ok_or_else(|| Trouble::Refused("it gives its mails no lasting numbers".to_owned()))?;
        Ok(session)
    }

    /// The mails behind this one, in order.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn after(&mut self, uid: u32) -> Result<Vec<u32>, Trouble> {
        self.more = false;
        // `n:*` names the last mail even where that is before n.
        let found = self.search(&format!("UID {}:*", u64::from(uid) + 1)).await?;
        Ok(found.into_iter().filter(|found| *found > uid).collect())
    }

    /// The mails that came on this day or later, in order.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn since(&mut self, day: NaiveDate) -> Result<Vec<u32>, Trouble> {
        self.search(&format!("SINCE {}", day.format("%-d-%b-%Y"))).await
    }

    /// The last mail there is; 0 when there is none.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn last(&mut self) -> Result<u32, Trouble> {
        match self.next {
            Some(next) => Ok(next.saturating_sub(1)),
            None => Ok(self.search("ALL").await?.last().copied().unwrap_or(0)),
        }
    }

    async fn search(&mut self, what: &str) -> Result<Vec<u32>, Trouble> {
        let mut found = Vec::new();
        let each = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend_from_slice(uids);
            }
        };
        self.command(&format!("UID SEARCH {what}"), PATIENCE, each).await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// A mail; none if it is gone.
    ///
    /// # Errors
    /// When it is there and is not shown, or the connection fails.
    pub async fn fetch(&mut self, uid: u32) -> Result<Option<Fetched>, Trouble> {
        let mut found = None;
        let mut shown = true;
        let each = |response: &Response<'_>| {
            let Response::Fetch(_, values) = response else { return };
            if !values.iter().any(|value| matches!(value, AttributeValue::Uid(of) if *of == uid)) {
                return;
            }
            let at = values.iter().find_map(|value| match value {
                AttributeValue::InternalDate(text) => date(text),
                _ => None,
            });
            let body = values.iter().find_map(|value| match value {
                AttributeValue::BodySection { section: None, data, .. } => Some(data.as_deref()),
                _ => None,
            });
            match body {
                Some(Some(bytes)) => {
                    let cut = bytes.len() > LARGEST;
                    let raw = bytes.get(..LARGEST).unwrap_or(bytes).to_vec();
                    found = Some(Fetched { uid, at, raw, cut });
                }
                // A NIL body; without a body at all it tells of a flag.
                Some(None) => shown = false,
                None => {}
            }
        };
        let query = format!("UID FETCH {uid} (UID INTERNALDATE BODY.PEEK[]<0.{}>)", LARGEST + 1);
        self.command(&query, MAIL, each).await?;
        if found.is_none() && !shown {
            return Err(Trouble::Refused("it shows nothing of the mail".to_owned()));
        }
        Ok(found)
    }

    /// Marks a mail as read. A server that does not let us is left alone.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn seen(&mut self, uid: u32) -> Result<(), Trouble> {
        match self.command(&format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)"), PATIENCE, |_| {}).await {
            Err(Trouble::Refused(reason)) => {
                tracing::debug!(uid, reason, "a mail could not be marked as read");
                Ok(())
            }
            other => other,
        }
    }

    /// Returns when there may be more, or this is over.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn wait(&mut self, over: impl Future<Output = ()>) -> Result<(), Trouble> {
        if self.more {
            return Ok(());
        }
        if !self.tells {
            over.await;
            return Ok(());
        }
        let id = in_time(PATIENCE, async { Ok(self.imap.run_command("IDLE").await?) }).await?;
        let mut ended = false;
        let told = async {
            while !self.more && !ended {
                let response = self.imap.read_response().await?.ok_or(Trouble::Lost)?;
                match response.parsed() {
                    Response::MailboxData(MailboxDatum::Exists(_)) => self.more = true,
                    Response::Data { status: Status::Bye, .. } => return Err(Trouble::Lost),
                    // It says that it idles and does not.
                    Response::Done { tag, .. } if *tag == id => ended = true,
                    _ => {}
                }
            }
            Ok(())
        };
        tokio::select! {
            told = told => told?,
            () = over => {}
        }
        if ended {
            self.tells = false;
            return Ok(());
        }
        in_time(PATIENCE, async {
            self.imap.run_command_untagged("DONE").await?;
            loop {
                let response = self.imap.read_response().await?.ok_or(Trouble::Lost)?;
                if matches!(response.parsed(), Response::Done { tag, .. } if *tag == id) {
                    return Ok(());
                }
            }
        })
        .await
    }

    async fn command(
        &mut self,
        text: &str,
        patience: Duration,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), Trouble> {
        in_time(patience, async {
            let id = self.imap.run_command(text).await?;
            loop {
                let response = self.imap.read_response().await?.ok_or(Trouble::Lost)?;
                match response.parsed() {
                    Response::Done { tag, status: Status::Ok, .. } if *tag == id => return Ok(()),
                    Response::Done { tag, outcome, .. } if *tag == id => {
                        let reason = outcome.information.as_deref().unwrap_or("it does not say why");
                        return Err(Trouble::Refused(reason.to_owned()));
                    }
                    Response::Data { status: Status::Bye, .. } => return Err(Trouble::Lost),
                    Response::MailboxData(MailboxDatum::Exists(_)) => self.more = true,
                    other => each(other),
                }
            }
        })
        .await
    }
}

async fn in_time<T>(patience: Duration, what: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    timeout(patience, what).await.unwrap_or(Err(Trouble::Late))
}

/// A date-time of RFC 3501, such as `" 1-Nov-2026 09:30:00 +0100"`.
fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|at| at.to_utc())
}

/// A folder's name as a quoted string (RFC 3501, 4.3), in modified UTF-7 as the server lists it.
fn quoted(folder: &str) -> String {
    format!("\"{}\"", folder.replace('\\', "\\\\").replace('"', "\\\""))
}

async fn connect(place: &Place) -> Result<Client<Box<dyn Wire>>, Trouble> {
    let host = place.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let socket = TcpStream::connect((host.as_str(), place.port)).await?;
    socket.set_nodelay(true)?;
    if place.privacy == Privacy::Tls {
        let mut client = Client::new(encrypt(socket, host).await?);
        greeted(&mut client).await?;
        return Ok(client);
    }
    let mut client = Client::new(Box::new(socket) as Box<dyn Wire>);
    greeted(&mut client).await?;
    if place.privacy == Privacy::Local {
        return Ok(client);
    }
    client.run_command_and_check_ok("STARTTLS", None).await?;
    // What was said in the clear is forgotten: somebody in between may have said it. There is no second greeting.
    Ok(Client::new(encrypt(client.into_inner(), host).await?))
}

async fn greeted(client: &mut Client<Box<dyn Wire>>) -> Result<(), Trouble> {
    let greeting = client.read_response().await?.ok_or(Trouble::Lost)?;
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        _ => Err(Trouble::Refused("it does not greet".to_owned())),
    }
}

async fn encrypt(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug + 'static,
    host: String,
) -> Result<Box<dyn Wire>, Trouble> {
    outward::prepare();
    let config = rustls::ClientConfig::with_platform_verifier().map_err(io::Error::other)?;
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, socket).await?))
}

async fn sign_in(client: Client<Box<dyn Wire>>, user: &str, login: &Login) -> Result<Imap<Box<dyn Wire>>, Trouble> {
    let shown = login.shown().await?;
    let answer = async {
        Ok(match &shown {
            Shown::Token(token) => client.authenticate("XOAUTH2", OneMessage::token(user, token)).await,
            // `LOGIN` is understood everywhere, and knows ASCII only.
            Shown::Password(password) if user.is_ascii() && password.is_ascii() => client.login(user, password).await,
            Shown::Password(password) => client.authenticate("PLAIN", OneMessage::plain(user, password)).await,
        })
    };
    match in_time(PATIENCE, answer).await? {
        Ok(imap) => Ok(imap),
        Err((async_imap::error::Error::No(reason), _)) => {
            login.refused().await;
            Err(Trouble::Login(reason))
        }
        Err((error, _)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_one_digit_or_two() {
        for text in [" 1-Nov-2026 09:30:00 +0100", "01-Nov-2026 09:30:00 +0100"] {
            assert_eq!(date(text).map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-01T08:30:00+00:00"), "{text}");
        }
        assert_eq!(date("yesterday"), None);
    }

    #[test]
    fn a_folder_cannot_say_more_than_its_name() {
        assert_eq!(quoted(r#"In "x" \ y"#), r#""In \"x\" \\ y""#);
    }
}
