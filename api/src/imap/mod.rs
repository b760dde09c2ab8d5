//! Fetches mail from accounts at mail services (IMAP, RFC 3501), where no mail server can hand mail over. The position
//! up to which an account was fetched is a row of the store. It is advanced in the transaction that stores a mail, so
//! that no mail is lost or stored twice, whenever a process ends. Mails stay in the account and are marked as read.

mod answer;
mod login;
mod place;
mod session;
mod wire;

use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::mailbox;
use futures_util::FutureExt;

pub use self::login::{Grant, Login, SecretSource};
pub use self::place::ServerAddress;
use self::session::{Fetched, ImapConnection};
use crate::intake::arrival;
use crate::intake::fetch::{self, Folder};
use crate::kit::app::App;
use crate::kit::error::{Outcome, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::text::{clean_line, truncated};

/// The backoff after the first failure. It doubles with each further failure.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest backoff.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long it waits for the server to announce mail before it looks by itself. Routers may drop connections that are
/// quiet for longer; RFC 2177 allows 29 minutes.
const LISTEN: TimeDelta = TimeDelta::minutes(4);
/// How often it looks if the server does not announce mail.
const LOOK: TimeDelta = TimeDelta::seconds(30);
/// How many times a mail that the server refuses to show is tried before it is given up and somebody is told.
const TRIES: u32 = 3;
/// How long such a mail is tried at least.
const TRYING: TimeDelta = TimeDelta::minutes(10);
/// How many times a mail is tried when the connection breaks during it, or the server says that it is unable at
/// present.
const TRIES_OF_LINE: u32 = 10;
/// How long such a mail is tried at least.
const TRYING_OF_LINE: TimeDelta = TimeDelta::hours(6);
/// The codes by which a server says that it can serve nobody now (RFC 5530, RFC 9208 and what large services add).
const NOT_NOW: [&str; 6] = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[OVERQUOTA]", "[SERVERBUG]", "[THROTTLED]"];
/// How far back it looks when the folder's UIDs have changed. Mails that were fetched already are recognised by their
/// content.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// Which mails are taken from a folder that is fetched for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The mails that come from now on.
    Now,
    /// All mails.
    All,
    /// The mails that came on this day or later.
    On(NaiveDate),
}

/// An account whose mail is fetched.
pub struct Account {
    /// The address of the mailbox that the mail is for.
    pub mailbox: String,
    /// The mail server.
    pub place: ServerAddress,
    /// The user's name.
    pub user: String,
    /// How to sign in.
    pub login: Login,
    /// The folder's name.
    pub folder: String,
    /// Which mails are taken when the folder is fetched for the first time.
    pub start: Start,
}

impl Account {
    /// Identifies the account and the folder. UIDs are valid only within one folder of one account.
    fn source(&self) -> String {
        format!("{}@{}:{}/{}", self.user, self.place.host, self.place.port, self.folder)
    }
}

/// Why mail cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The server cannot be reached.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// The server did not answer in time.
    #[error("the mail server does not answer")]
    Late,
    /// The server closed the connection.
    #[error("the mail server hung up")]
    Lost,
    /// The server refused a command.
    #[error("the mail server refuses: {0}")]
    Refused(String),
    /// The server did not accept the user or the secret.
    #[error("the mail server does not accept the user and password or token: {0}")]
    Login(String),
    /// The password or the token could not be obtained.
    #[error("{0}")]
    Secret(String),
    /// The server's answer is not IMAP. It is not repeated, because it may be anything.
    #[error("the mail server cannot be understood")]
    Strange,
    /// The store failed.
    #[error("the store fails: {0:?}")]
    Store(Refusal),
}

impl Trouble {
    /// The trouble in one line, for people.
    fn in_short(&self) -> String {
        truncated(&clean_line(&self.to_string()), 300)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Store(refusal)
    }
}

/// Fetches the mail of one account.
pub struct Fetcher {
    app: App,
    account: Account,
}

/// What is kept from one connection to the next.
struct Memory {
    pause: Duration,
    stuck: Option<Stuck>,
}

/// A mail that the server did not show.
struct Stuck {
    uid: u32,
    tries: u32,
    since: DateTime<Utc>,
}

impl Fetcher {
    /// A fetcher for this account.
    #[must_use]
    pub fn new(app: App, account: Account) -> Self {
        Self { app, account }
    }

    /// Fetches mail until the future is dropped.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        let rounds = Rounds::of(&self.app, "fetching");
        self.fetch(rounds)
    }

    async fn fetch(self, mut rounds: Rounds) {
        let mut memory = Memory { pause: PAUSE, stuck: None };
        let mut missed = false;
        loop {
            rounds.begin().await;
            match self.mailbox().await {
                Ok(Some(mailbox)) => {
                    missed = false;
                    let connected = self.connected(&mailbox, &mut memory, &rounds);
                    let connected = AssertUnwindSafe(connected).catch_unwind().await;
                    let Err(trouble) = connected.unwrap_or(Err(Trouble::Strange)) else { continue };
                    let trouble = trouble.in_short();
                    tracing::warn!(trouble, mailbox = self.account.mailbox, "mail cannot be fetched; trying again");
                    // The time is taken before the failure is noted, so that a clock that moves while it is noted ends
                    // the wait.
                    let again = self.app.now() + memory.pause;
                    if let Err(error) = fetch::fails(&self.app, &mailbox, &trouble).await {
                        tracing::warn!(%error, "that mail cannot be fetched could not be noted");
                    }
                    rounds.rest_until(again, true).await;
                    memory.pause = (memory.pause * 2).min(LONGEST_PAUSE);
                }
                Ok(None) => {
                    if !std::mem::replace(&mut missed, true) {
                        let mailbox = &self.account.mailbox;
                        tracing::warn!(mailbox, "there is no such mailbox, or it is off: nothing is fetched for it");
                    }
                    // The mailbox is created or activated by an act, and every act wakes this loop.
                    rounds.rest(Round::default()).await;
                }
                Err(error) => {
                    warn_once_a_minute("a fetched mailbox could not be looked up; trying again", &error);
                    rounds.rest(Round::FAILED).await;
                }
            }
        }
    }

    async fn mailbox(&self) -> Outcome<Option<mailbox::Model>> {
        let mailbox = arrival::mailbox(&self.app, &self.account.mailbox).await?;
        Ok(mailbox.filter(|mailbox| mailbox.address == self.account.mailbox))
    }

    /// Fetches until the connection fails or the mailbox is deactivated. Each look into the folder is a round.
    async fn connected(&self, mailbox: &mailbox::Model, memory: &mut Memory, rounds: &Rounds) -> Result<(), Trouble> {
        let mut session = ImapConnection::open(&self.account).await?;
        let folder = Folder { source: self.account.source(), validity: session.validity };
        self.begin(&mut session, mailbox, &folder).await?;
        while self.mailbox().await?.is_some() {
            let found = self.take(&mut session, mailbox, &folder, memory).await?;
            let listening = session.listen().await?;
            fetch::works(&self.app, mailbox).await?;
            let rest = if listening.is_some() { LISTEN } else { LOOK };
            let waited = session.wait(listening, rounds.resting_until(self.app.now() + rest, found)).await;
            rounds.begin().await;
            waited?;
            memory.pause = PAUSE;
        }
        Ok(())
    }

    /// Sets the position from which this folder is fetched, if there is none yet.
    async fn begin(
        &self,
        session: &mut ImapConnection,
        mailbox: &mailbox::Model,
        folder: &Folder,
    ) -> Result<(), Trouble> {
        let known = fetch::known(&self.app, mailbox.id).await?;
        if known.as_ref().is_some_and(|known| folder.is_of(known)) {
            return Ok(());
        }
        // Asked before the search, so that mails which come meanwhile have a higher UID.
        let newest = session.last().await?;
        let begun = known.and_then(|known| Some((known.began_at?, known.looked_at)));
        let day = |at: DateTime<Utc>| (at - OVERLAP).date_naive();
        // The server gave its mails new UIDs, or the account is another one. Fetching continues from the day up to
        // which all mails had been taken, else from the day when it began. Mails that were not wanted then are not
        // wanted now. A day of overlap is needed, because the server's days may begin before those of UTC.
        let since = match (self.account.start, begun) {
            (Start::Now, None) => return Ok(fetch::begin(&self.app, mailbox, folder, newest).await?),
            (Start::All, None | Some((_, None))) => return Ok(fetch::begin(&self.app, mailbox, folder, 0).await?),
            (Start::On(first), None | Some((_, None))) => first,
            (Start::Now, Some((began_at, looked_at))) => day(looked_at.unwrap_or(began_at).max(began_at)),
            (Start::All, Some((_, Some(looked_at)))) => day(looked_at),
            (Start::On(first), Some((_, Some(looked_at)))) => first.max(day(looked_at)),
        };
        let last = session.since(since).await?.first().map_or(newest, |first| first.saturating_sub(1));
        Ok(fetch::begin(&self.app, mailbox, folder, last).await?)
    }

    /// Takes the mails that were not taken yet. Returns whether there were any.
    async fn take(
        &self,
        session: &mut ImapConnection,
        mailbox: &mailbox::Model,
        folder: &Folder,
        memory: &mut Memory,
    ) -> Result<bool, Trouble> {
        let known = fetch::known(&self.app, mailbox.id).await?.filter(|known| folder.is_of(known));
        // Another node found that the UIDs have changed. The folder must be opened again.
        let known = known.ok_or(Trouble::Lost)?;
        let began = self.app.now();
        let uids = session.after(u32::try_from(known.last_uid).unwrap_or(u32::MAX)).await?;
        let newest = uids.last().copied();
        let found = newest.is_some();
        for uid in uids {
            match session.fetch(uid).await {
                Ok(Some(Fetched { uid, at, raw, cut })) => {
                    let last_at = (Some(uid) == newest).then_some(began);
                    fetch::keep(&self.app, mailbox, folder, fetch::Mail { uid, at, raw, cut, last_at }).await?;
                    session.seen(uid).await?;
                    memory.pause = PAUSE;
                }
                // The mail is gone, so it will not be listed again.
                Ok(None) => {}
                // A failure of the store says nothing about the mail.
                Err(trouble @ Trouble::Store(_)) => return Err(trouble),
                Err(trouble) => {
                    if self.given_up(memory, uid, &trouble) {
                        let (folder_name, address) = (&self.account.folder, &self.account.mailbox);
                        let reason = format!(
                            "The mail with number {uid} in {folder_name} of {address} cannot be fetched: {}. Look at it there.",
                            trouble.in_short()
                        );
                        fetch::give_up(&self.app, mailbox, folder, uid, &reason).await?;
                        memory.pause = PAUSE;
                    }
                    return Err(trouble);
                }
            }
        }
        Ok(found)
    }

    /// Whether this mail has failed often enough, and for long enough, to be given up.
    fn given_up(&self, memory: &mut Memory, uid: u32, trouble: &Trouble) -> bool {
        let now = self.app.now();
        let (tries, trying) = match trouble {
            Trouble::Refused(reason) if !is_not_now(reason) => (TRIES, TRYING),
            Trouble::Strange => (TRIES, TRYING),
            // The connection or the server may be at fault, but not at the same mail for hours. Some servers behave
            // like this for a mail that they cannot read.
            _ => (TRIES_OF_LINE, TRYING_OF_LINE),
        };
        let mut stuck =
            memory.stuck.take().filter(|stuck| stuck.uid == uid).unwrap_or(Stuck { uid, tries: 0, since: now });
        stuck.tries += 1;
        let given_up = stuck.tries >= tries && now - stuck.since >= trying;
        memory.stuck = Some(stuck).filter(|_| !given_up);
        given_up
    }
}

/// Whether a refusal says nothing about the mail.
fn is_not_now(reason: &str) -> bool {
    let reason = reason.to_ascii_uppercase();
    NOT_NOW.iter().any(|code| reason.starts_with(code))
}
