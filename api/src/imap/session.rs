//! A connection to an account, with its folder open. Every command has a time limit. The status of every command is
//! read, because a server that refuses to show a mail has not said that there is none.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::timeout;

use super::answer::{MailData, ReplyKind, Status};
use super::login::{Login, Secret};
use super::wire::Wire;
use super::{Account, Trouble};
use crate::mail::LARGEST;

/// The time limit for connecting and for most commands.
const PATIENCE: Duration = Duration::from_mins(1);
/// The time limit for fetching a mail.
const MAIL: Duration = Duration::from_mins(10);
/// How many mails a search may find.
const MOST: usize = 4_000_000;
/// The shortest wait before it looks again, whatever the server says.
const MIN_IDLE_PAUSE: Duration = Duration::from_millis(200);

/// A connection with the folder open.
pub struct ImapConnection {
    wire: Wire,
    tag: u32,
    /// Whether the server announces new mail by itself (RFC 2177).
    pub tells: bool,
    /// How many mails the folder has, as the server said last.
    count: u32,
    /// Whether there are more mails than when the folder was listed.
    more: bool,
    /// The folder's UIDVALIDITY. UIDs are valid only together with this number (RFC 3501, 2.3.1.1).
    pub validity: u32,
    /// The UID that the next mail will get, if the server says so.
    pub next: Option<u32>,
}

/// A mail as the server has it.
pub struct Fetched {
    /// The mail's UID.
    pub uid: u32,
    /// When the server received the mail.
    pub at: Option<DateTime<Utc>>,
    /// The mail's bytes. Of a mail that is too large only the beginning is kept.
    pub raw: Vec<u8>,
    /// Whether the mail is longer than what is kept.
    pub cut: bool,
}

impl ImapConnection {
    /// Connects, signs in and opens the folder.
    ///
    /// # Errors
    /// When the server cannot be reached, does not accept the user or the secret, or has no such folder.
    pub async fn open(account: &Account) -> Result<Self, Trouble> {
        let wire = in_time(PATIENCE, Wire::connect(&account.place)).await?;
        let mut session = Self { wire, tag: 0, tells: false, count: 0, more: false, validity: 0, next: None };
        session.sign_in(&account.user, &account.login).await?;
        let mut tells = false;
        session
            .command("CAPABILITY", PATIENCE, |said| {
                if let ReplyKind::Able(all) = said {
                    tells |= all.split(' ').any(|one| one == "IDLE");
                }
            })
            .await?;
        let (mut validity, mut next) = (None, None);
        session
            .command(&format!("SELECT {}", quoted(&account.folder)), PATIENCE, |said| {
                let ReplyKind::Told(_, code) = said else { return };
                match code.split_once(' ') {
                    Some(("UIDVALIDITY", number)) => validity = number.parse().ok(),
                    Some(("UIDNEXT", number)) => next = number.parse().ok(),
                    _ => {}
                }
            })
            .await?;
        session.tells = tells;
        session.next = next.filter(|next| *next > 0);
        let lasting = "it gives its mails no lasting numbers (UIDVALIDITY)";
        session.validity = validity.ok_or_else(|| Trouble::Refused(lasting.to_owned()))?;
        Ok(session)
    }

    async fn sign_in(&mut self, user: &str, login: &Login) -> Result<(), Trouble> {
        let secret = login.secret().await?;
        let mut told = Vec::new();
        let answer = match &secret {
            Secret::Token(token) => {
                let said = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
                told.extend([STANDARD.encode(&said), token.clone()]);
                self.authenticate("XOAUTH2", &said).await
            }
            // Every server supports `LOGIN`, but only with ASCII.
            Secret::Password(password) if user.is_ascii() && password.is_ascii() => {
                told.extend([quoted(password), password.clone()]);
                self.command(&format!("LOGIN {} {}", quoted(user), quoted(password)), PATIENCE, |_| {}).await
            }
            Secret::Password(password) => {
                let said = format!("\0{user}\0{password}");
                told.extend([STANDARD.encode(&said), password.clone()]);
                self.authenticate("PLAIN", &said).await
            }
        };
        if answer.is_err() {
            login.refused().await;
        }
        answer.map_err(|trouble| match trouble {
            Trouble::Refused(reason) => Trouble::Login(without(&told, &reason)),
            other => other,
        })
    }

    /// Signs in with a mechanism that sends everything in one message (RFC 4616 for `PLAIN`; `XOAUTH2` as Google and
    /// Microsoft describe it). Any further question gets an empty answer, because a server that refuses asks once more,
    /// with its reason.
    async fn authenticate(&mut self, mechanism: &str, message: &str) -> Result<(), Trouble> {
        let mut message = Some(STANDARD.encode(message));
        let tag = self.begin(&format!("AUTHENTICATE {mechanism}")).await?;
        in_time(PATIENCE, async {
            loop {
                let answer = self.wire.answer().await?;
                match answer.said() {
                    ReplyKind::Continue => self.wire.say(&message.take().unwrap_or_default()).await?,
                    said => {
                        if let Some(end) = ended(&tag, &said) {
                            return end;
                        }
                    }
                }
            }
        })
        .await
    }

    /// The UIDs of the mails after this one, in order.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn after(&mut self, uid: u32) -> Result<Vec<u32>, Trouble> {
        self.more = false;
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        // `n:*` includes the last mail even if its UID is lower than n.
        let found = self.search(&format!("UID {first}:*")).await?;
        Ok(found.into_iter().filter(|found| *found > uid).collect())
    }

    /// The UIDs of the mails that came on this day or later, in order.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn since(&mut self, day: NaiveDate) -> Result<Vec<u32>, Trouble> {
        self.search(&format!("SINCE {}", day.format("%-d-%b-%Y"))).await
    }

    /// The UID of the last mail; 0 when the folder is empty.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn last(&mut self) -> Result<u32, Trouble> {
        match self.next {
            Some(next) => Ok(next - 1),
            None => Ok(self.search("ALL").await?.last().copied().unwrap_or(0)),
        }
    }

    async fn search(&mut self, what: &str) -> Result<Vec<u32>, Trouble> {
        let mut found = Vec::new();
        let each = |said: &ReplyKind<'_>| {
            if let ReplyKind::Found(uids) = said {
                let room = MOST - found.len().min(MOST);
                found.extend(uids.iter().take(room));
            }
        };
        self.command(&format!("UID SEARCH {what}"), PATIENCE, each).await?;
        if found.len() == MOST {
            return Err(Trouble::Strange);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Fetches a mail. None if it is gone.
    ///
    /// # Errors
    /// When the mail exists and is not shown, or the connection fails.
    pub async fn fetch(&mut self, uid: u32) -> Result<Option<Fetched>, Trouble> {
        let mut found = None;
        let each = |said: &ReplyKind<'_>| {
            if let ReplyKind::Mail(MailData { uid: Some(of), at, body: Some(bytes) }) = said
                && *of == uid
            {
                let raw = bytes.get(..LARGEST).unwrap_or(bytes).to_vec();
                found = Some(Fetched { uid, at: *at, raw, cut: bytes.len() > LARGEST });
            }
        };
        let query = format!("UID FETCH {uid} (UID INTERNALDATE BODY.PEEK[]<0.{}>)", LARGEST + 1);
        self.command(&query, MAIL, each).await?;
        // For a mail that is gone a server answers "OK" and nothing else. Some do the same for a mail that they cannot
        // read.
        if found.is_none() && self.is_named(uid).await? {
            return Err(Trouble::Refused("it shows nothing of the mail".to_owned()));
        }
        Ok(found)
    }

    async fn is_named(&mut self, uid: u32) -> Result<bool, Trouble> {
        match self.search(&format!("UID {uid}")).await {
            // A refusal of the search is not caused by the mail.
            Err(Trouble::Refused(_)) => Err(Trouble::Lost),
            found => Ok(found?.contains(&uid)),
        }
    }

    /// Marks a mail as read. If the server refuses, the mail stays as it is.
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

    /// Asks the server to announce new mail. Returns none if it will not. A server that cannot is not asked again.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn listen(&mut self) -> Result<Option<Listening>, Trouble> {
        if !self.tells {
            self.command("NOOP", PATIENCE, |_| {}).await?;
            return Ok(None);
        }
        let tag = self.begin("IDLE").await?;
        in_time(PATIENCE, async {
            loop {
                let answer = self.wire.answer().await?;
                let said = answer.said();
                self.handle_untagged(&said)?;
                if said == ReplyKind::Continue {
                    return Ok(Some(Listening(tag)));
                }
                // The server claims the capability but does not have it.
                if ended(&tag, &said).is_some() {
                    self.tells = false;
                    return Ok(None);
                }
            }
        })
        .await
    }

    /// Returns when there may be new mails, or when `over` is done.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn wait(&mut self, listening: Option<Listening>, over: impl Future<Output = ()>) -> Result<(), Trouble> {
        let mut over = std::pin::pin!(over);
        let is_over = tokio::select! {
            () = tokio::time::sleep(MIN_IDLE_PAUSE) => false,
            () = &mut over => true,
        };
        let Some(Listening(tag)) = listening else {
            if !self.more && !is_over {
                over.await;
            }
            return Ok(());
        };
        while !self.more && !is_over {
            tokio::select! {
                ready = self.wire.ready() => ready?,
                () = &mut over => break,
            }
            let answer = in_time(PATIENCE, self.wire.answer()).await?;
            let said = answer.said();
            self.handle_untagged(&said)?;
            if ended(&tag, &said).is_some() {
                self.tells = false;
                return Ok(());
            }
        }
        in_time(PATIENCE, async {
            self.wire.say("DONE").await?;
            self.until_done(&tag, |_| {}).await
        })
        .await
    }

    async fn begin(&mut self, text: &str) -> Result<String, Trouble> {
        self.tag = self.tag.wrapping_add(1);
        let tag = format!("A{}", self.tag);
        in_time(PATIENCE, self.wire.say(&format!("{tag} {text}"))).await?;
        Ok(tag)
    }

    async fn command(
        &mut self,
        text: &str,
        patience: Duration,
        each: impl FnMut(&ReplyKind<'_>) + Send,
    ) -> Result<(), Trouble> {
        let tag = self.begin(text).await?;
        in_time(patience, self.until_done(&tag, each)).await
    }

    async fn until_done(&mut self, tag: &str, mut each: impl FnMut(&ReplyKind<'_>) + Send) -> Result<(), Trouble> {
        loop {
            let answer = self.wire.answer().await?;
            let said = answer.said();
            self.handle_untagged(&said)?;
            if let Some(end) = ended(tag, &said) {
                return end;
            }
            each(&said);
        }
    }

    /// Handles what a server may say at any time.
    fn handle_untagged(&mut self, said: &ReplyKind<'_>) -> Result<(), Trouble> {
        match said {
            ReplyKind::Exists(count) => {
                // The same count again means no new mail.
                self.more |= *count > self.count;
                self.count = *count;
            }
            ReplyKind::Gone => self.count = self.count.saturating_sub(1),
            ReplyKind::Told(Status::Bye, _) => return Err(Trouble::Lost),
            _ => {}
        }
        Ok(())
    }
}

/// The tag of the command by which the server was asked to announce new mail.
pub struct Listening(String);

fn ended(tag: &str, said: &ReplyKind<'_>) -> Option<Result<(), Trouble>> {
    match said {
        ReplyKind::Done(of, Status::Ok, _) if *of == tag => Some(Ok(())),
        ReplyKind::Done(of, _, reason) if *of == tag => Some(Err(Trouble::Refused(reason.clone()))),
        _ => None,
    }
}

async fn in_time<T>(patience: Duration, what: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    timeout(patience, what).await.unwrap_or(Err(Trouble::Late))
}

/// The text without the secrets that were sent, because a server may repeat them.
fn without(told: &[String], words: &str) -> String {
    let secrets = told.iter().map(|secret| secret.trim_matches('"')).filter(|secret| !secret.is_empty());
    secrets.fold(words.to_owned(), |words, secret| words.replace(secret, "…"))
}

/// A quoted string (RFC 3501, 4.3). The text was checked before: it has no line breaks.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_repeats_a_secret_is_not_quoted() {
        let told = [quoted(r#"a"b"#), r#"a"b"#.to_owned(), "c2VjcmV0".to_owned(), String::new()];
        assert_eq!(without(&told, r#"NO LOGIN x "a\"b" or a"b or c2VjcmV0!"#), "NO LOGIN x \"…\" or … or …!");
    }

    #[test]
    fn a_folder_cannot_say_more_than_its_name() {
        assert_eq!(quoted(r#"In "x" \ y"#), r#""In \"x\" \\ y""#);
    }
}
