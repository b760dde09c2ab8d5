//! Mail fetched from an account at a mail service (IMAP, RFC 3501): whoever cannot hand mail over is asked for it. Where
//! it stopped is a row of the store and moves in the transaction that keeps a mail, so that none is lost and none is kept
//! twice, whoever dies when. Mails stay where they are, marked as read.

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

pub use self::login::{Grant, Login, Source};
pub use self::place::Place;
use self::session::{Fetched, Session};
use crate::intake::arrival;
use crate::intake::fetch::{self, Folder};
use crate::kit::app::App;
use crate::kit::error::{Outcome, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::text::{clean_line, truncated};

/// How long it rests after the first failure; twice as long after each further one.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it rests at most.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long it listens before it looks by itself: routers between forget quiet connections, and RFC 2177 gives 29 minutes.
const LISTEN: TimeDelta = TimeDelta::minutes(4);
/// How often it looks where the server does not tell.
const LOOK: TimeDelta = TimeDelta::seconds(30);
/// A mail that the server refuses to show so often, for so long, is left, and somebody told.
const TRIES: u32 = 3;
/// For how long it is tried.
const TRYING: TimeDelta = TimeDelta::minutes(10);
/// A mail at which the connection ends, or the server is not able to do anything now, so often, for so long, is left too.
const TRIES_OF_LINE: u32 = 10;
/// For how long it is tried.
const TRYING_OF_LINE: TimeDelta = TimeDelta::hours(6);
/// What a server says that can do nothing for anybody now (RFC 5530, RFC 9208 and what large services add).
const NOT_NOW: [&str; 6] = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[OVERQUOTA]", "[SERVERBUG]", "[THROTTLED]"];
/// How far back it looks when the folder's numbers have changed. What it has already is known by its content.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// Which mails of a folder that is met for the first time are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Those that come from now on.
    Now,
    /// All.
    All,
    /// Those that came on this day or later.
    On(NaiveDate),
}

/// An account whose mail is fetched.
pub struct Account {
    /// The mailbox its mail is for, by address.
    pub mailbox: String,
    /// Where it is.
    pub place: Place,
    /// Who asks.
    pub user: String,
    /// What opens it.
    pub login: Login,
    /// Which folder.
    pub folder: String,
    /// What is taken of a folder that is met for the first time.
    pub start: Start,
}

impl Account {
    /// What its numbers belong to: another account or folder has others.
    fn source(&self) -> String {
        format!("{}@{}:{}/{}", self.user, self.place.host, self.place.port, self.folder)
    }
}

/// Why mail cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The connection.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// It took too long.
    #[error("the mail server does not answer")]
    Late,
    /// It hung up.
    #[error("the mail server hung up")]
    Lost,
    /// It does not do what it is asked.
    #[error("the mail server refuses: {0}")]
    Refused(String),
    /// It does not accept who asks.
    #[error("the mail server does not accept the user and password or token: {0}")]
    Login(String),
    /// There is no secret to show.
    #[error("{0}")]
    Secret(String),
    /// What it says is no IMAP. Not repeated: it may be anything.
    #[error("the mail server cannot be understood")]
    Strange,
    /// The store.
    #[error("the store fails: {0:?}")]
    Store(Refusal),
}

impl Trouble {
    /// For people, in one line.
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

/// What is remembered from one connection to the next.
struct Memory {
    pause: Duration,
    stuck: Option<Stuck>,
}

/// A mail that the server does not show.
struct Stuck {
    uid: u32,
    tries: u32,
    since: DateTime<Utc>,
}

impl Fetcher {
    /// For this account.
    #[must_use]
    pub fn new(app: App, account: Account) -> Self {
        Self { app, account }
    }

    /// Fetches until the task is dropped.
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
                    // From before it is noted: a clock that is moved by what is noted must end the wait.
                    let again = self.app.now() + memory.pause;
                    if let Err(error) = fetch::fails(&self.app, &mailbox, &trouble).await {
                        tracing::warn!(?error, "that mail cannot be fetched could not be noted");
                    }
                    rounds.rest_until(again, true).await;
                    memory.pause = (memory.pause * 2).min(LONGEST_PAUSE);
                }
                Ok(None) => {
                    if !std::mem::replace(&mut missed, true) {
                        let mailbox = &self.account.mailbox;
                        tracing::warn!(mailbox, "there is no such mailbox, or it is off: nothing is fetched for it");
                    }
                    // It is made, or turned on, by an act: those are heard of.
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

    /// Fetches until the connection fails, or the mailbox is turned off. Each look into the folder is a round.
    async fn connected(&self, mailbox: &mailbox::Model, memory: &mut Memory, rounds: &Rounds) -> Result<(), Trouble> {
        let mut session = Session::open(&self.account).await?;
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

    /// Finds out where to go on in this folder, where that is not known.
    async fn begin(&self, session: &mut Session, mailbox: &mailbox::Model, folder: &Folder) -> Result<(), Trouble> {
        let known = fetch::known(&self.app, mailbox.id).await?;
        if known.as_ref().is_some_and(|known| folder.is_of(known)) {
            return Ok(());
        }
        // Asked first: what comes while the rest is asked comes behind it.
        let newest = session.last().await?;
        let begun = known.and_then(|known| Some((known.began_at?, known.looked_at)));
        let day = |at: DateTime<Utc>| (at - OVERLAP).date_naive();
        // The server gave its mails other numbers, or the account is another: from where all was taken, else from where it
        // began. What was not wanted then is not wanted now; a server's days may begin before ours.
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

    /// Takes what is there and was not taken; says whether there was anything.
    async fn take(
        &self,
        session: &mut Session,
        mailbox: &mailbox::Model,
        folder: &Folder,
        memory: &mut Memory,
    ) -> Result<bool, Trouble> {
        let known = fetch::known(&self.app, mailbox.id).await?.filter(|known| folder.is_of(known));
        // Another node found the folder renewed; it is opened anew.
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
                // It is gone, and not named again.
                Ok(None) => {}
                // That the store fails says nothing of the mail.
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

    /// Whether a mail that was not shown has not been shown often and long enough.
    fn given_up(&self, memory: &mut Memory, uid: u32, trouble: &Trouble) -> bool {
        let now = self.app.now();
        let (tries, trying) = match trouble {
            Trouble::Refused(reason) if !is_not_now(reason) => (TRIES, TRYING),
            Trouble::Strange => (TRIES, TRYING),
            // The line or the server may be bad, but not at the same mail for hours: some say so of a mail that they cannot read.
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

/// Whether a refusal says nothing of the mail.
fn is_not_now(reason: &str) -> bool {
    let reason = reason.to_ascii_uppercase();
    NOT_NOW.iter().any(|code| reason.starts_with(code))
}
