//! Sends due letters through the company's mail server. A letter is claimed before it is sent and its result is
//! recorded after. If a node dies in between, the letter is sent again with the same Message-ID, so that it may arrive
//! twice but is not lost.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::LetterId;
use entity::kind::{LetterKind, LetterStatus};
use entity::{letter, mailbox};
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::address::{Tag, tagged};
use super::returned;
use crate::access::key;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};
use crate::kit::text::truncated;
use crate::kit::work::Work;

/// The maximum number of letters that one node sends at the same time.
const AT_A_TIME: usize = 16;
/// The timeout for sending one letter.
const PATIENCE: Duration = Duration::from_mins(1);
/// The backoff: after how many minutes each further attempt is made.
const AGAIN: [i64; 5] = [1, 5, 15, 60, 240];
/// The reason stored for a letter whose last attempt was interrupted.
const NEVER_ENDED: &str = "the service ended while it was sending it, at the last attempt too; it may have been sent";

/// The background task that sends letters.
#[derive(Clone)]
pub struct Postman {
    app: App,
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    places: Arc<Semaphore>,
}

/// The result of an attempt.
enum Sent {
    Yes,
    Later(String),
    Never(String),
}

impl Postman {
    /// A sender that uses the server at this URL: `smtp://host:port`, `smtps://user:password@host:port`,
    /// `smtp://host:587?tls=required`.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub fn new(app: App, url: &str) -> Result<Self, lettre::transport::smtp::Error> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(PATIENCE)).build();
        Ok(Self { app, smtp, places: Arc::new(Semaphore::new(AT_A_TIME)) })
    }

    /// Sends letters until the task is dropped.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        let mut rounds = Rounds::of(&self.app, "letters");
        async move {
            let mut under_way = JoinSet::new();
            loop {
                rounds.begin().await;
                let round = self.round(&rounds, &mut under_way).await.unwrap_or_else(|error| {
                    warn_once_a_minute("letters could not be sent; trying again every second", &error);
                    Round::FAILED
                });
                while under_way.try_join_next().is_some() {}
                rounds.rest(round).await;
            }
        }
    }

    /// Claims the letters that are due and starts to send them.
    async fn round(&self, rounds: &Rounds, under_way: &mut JoinSet<()>) -> Outcome<Round> {
        let now = self.app.now();
        let free =
            || Condition::any().add(letter::Column::TakenUntil.is_null()).add(letter::Column::TakenUntil.lte(now));
        let waiting = letter::Entity::find()
            .filter(letter::Column::Status.eq(LetterStatus::Waiting))
            .filter(free())
            .order_by_asc(letter::Column::NextAt)
            .order_by_asc(letter::Column::Id)
            .limit(AT_A_TIME as u64 * 2)
            .all(self.app.reader().db())
            .await?;
        let next = waiting.iter().map(|row| row.next_at).find(|at| *at > now);
        let mut found = false;
        for row in waiting.into_iter().filter(|row| row.next_at <= now) {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { break };
            let id = row.id;
            if let Some((row, from)) = self.app.run(Actor::System, async move |work| take(work, id).await).await? {
                found = true;
                let (postman, sending) = (self.clone(), rounds.under_way());
                under_way.spawn(async move {
                    postman.deliver(row, from).await;
                    drop((place, sending));
                });
            }
        }
        Ok(Round { found, next })
    }

    async fn deliver(&self, row: letter::Model, from: mailbox::Model) {
        let id = row.id;
        let sent = match self.mail(&row, &from) {
            Ok(mail) => match self.smtp.send(mail).await {
                Ok(_) => Sent::Yes,
                Err(error) if refuses(&error) => Sent::Never(error.to_string()),
                Err(error) => Sent::Later(error.to_string()),
            },
            // The recipient's address is not a valid mail address.
            Err(why) => Sent::Never(why),
        };
        let sent = Arc::new(sent);
        if let Err(error) =
            self.app.run(Actor::System, async move |work| noted(work, id, Arc::clone(&sent)).await).await
        {
            tracing::error!(?error, letter = %id, "what became of a letter could not be noted; it is sent once more");
        }
    }

    /// Builds the mail of a letter.
    fn mail(&self, row: &letter::Model, from: &mailbox::Model) -> Result<Message, String> {
        let secret = self.app.secret();
        let address = |text: &str| text.parse::<Address>().map_err(|error| error.to_string());
        let back = address(&tagged(secret, &from.address, Tag::Letter(row.id)))?;
        let to = address(&row.recipient)?;
        let mut mail = Message::builder()
            .from(Mailbox::new(Some(from.name.clone()), address(&from.address)?))
            .to(Mailbox::new(None, to.clone()))
            .subject(&row.subject)
            .date(self.app.now().into())
            .message_id(Some(format!("<{}>", row.header_id)))
            .envelope(Envelope::new(Some(back), vec![to]).map_err(|error| error.to_string())?);
        if let Some(case) = row.case_id {
            mail = mail.reply_to(Mailbox::new(None, address(&tagged(secret, &from.address, Tag::Case(case)))?));
        }
        if let Some(answers) = &row.answers {
            mail = mail.in_reply_to(format!("<{answers}>"));
        }
        if !row.thread.is_empty() {
            mail = mail.references(row.thread.clone());
        }
        if row.kind != LetterKind::Message {
            // Asks other programs not to answer automatically (RFC 3834, 5); Exchange needs a header of its own.
            mail = mail.header(Automatic("auto-replied".to_owned())).header(Suppress("All".to_owned()));
        }
        let mail = mail.header(Loop(from.address.clone()));
        let hidden = format!("#{}", super::HIDDEN);
        let reader = row.case_id.zip(row.customer_id);
        let token = |(case, customer)| format!("#{}", key::letter_token(secret, case, customer, &row.recipient));
        let token = reader.map(token);
        let whole = |text: &str| token.as_ref().map_or(text.to_owned(), |token| text.replace(&hidden, token));
        mail.multipart(MultiPart::alternative_plain_html(whole(&row.body), whole(&row.html)))
            .map_err(|error| error.to_string())
    }
}

macro_rules! own_headers {
    ($($(#[$doc:meta])* $name:ident = $field:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($field)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    )*};
}

own_headers! {
    /// Marks the mail as written by a program (RFC 3834).
    Automatic = "Auto-Submitted";
    /// Asks for no automatic answers.
    Suppress = "X-Auto-Response-Suppress";
    /// Marks the mail as sent by this service, so that a mail loop is detected when it comes back.
    Loop = "X-Loop";
}

/// Whether the server rejects this letter permanently. Rejected logins do not count, because they say nothing about the
/// letter.
fn refuses(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| (550..560).contains(&u16::from(code)))
}

/// Whether all attempts were used and the last has no recorded result, because the process ended during it.
fn is_used_up(row: &letter::Model, now: DateTime<Utc>) -> bool {
    row.status == LetterStatus::Waiting
        && usize::try_from(row.attempts).is_ok_and(|attempts| attempts > AGAIN.len())
        && row.taken_until.is_none_or(|until| until <= now)
}

/// Claims a letter with a lease, so that no other node sends it. The attempt is counted before it is made.
async fn take(work: &mut Work, id: LetterId) -> Outcome<Option<(letter::Model, mailbox::Model)>> {
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?;
    if found.is_some_and(|row| is_used_up(&row, work.now())) {
        returned::note(work, id, LetterStatus::Failed, NEVER_ENDED, None).await?;
        return Ok(None);
    }
    let row = letter::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let free = |row: &letter::Model| {
        row.status == LetterStatus::Waiting
            && row.next_at <= work.now()
            && row.taken_until.is_none_or(|until| until <= work.now())
    };
    let Some(mut row) = row.filter(free) else { return Ok(None) };
    let Some(from) = mailbox::Entity::find_by_id(row.mailbox_id).one(work.tx()?).await? else { return Ok(None) };
    row.taken_until = Some(work.now() + TimeDelta::seconds(2 * PATIENCE.as_secs().cast_signed()));
    row.attempts += 1;
    work.save(row.clone());
    Ok(Some((row, from)))
}

/// Records the result of an attempt.
async fn noted(work: &mut Work, id: LetterId, sent: Arc<Sent>) -> Outcome<()> {
    // A letter that was held back while it was being sent has been sent after all.
    let held = |row: &letter::Model| row.status == LetterStatus::Held && matches!(*sent, Sent::Yes);
    let open = |row: &letter::Model| row.status == LetterStatus::Waiting || held(row);
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?;
    let Some(found) = found.filter(open) else { return Ok(()) };
    let again = AGAIN.get(usize::try_from(found.attempts - 1).unwrap_or_default());
    let why = match (sent.as_ref(), again) {
        (Sent::Later(why), None) | (Sent::Never(why), _) => {
            return returned::note(work, id, LetterStatus::Failed, why, None).await;
        }
        (Sent::Later(why), Some(minutes)) => Some((why, *minutes)),
        (Sent::Yes, _) => None,
    };
    let row = letter::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(mut row) = row.filter(open) else { return Ok(()) };
    row.taken_until = None;
    row.reason = why.map(|(why, _)| truncated(why, 500));
    if let Some((_, minutes)) = why {
        row.next_at = work.now() + TimeDelta::minutes(minutes);
    } else {
        row.status = LetterStatus::Sent;
        row.ended_at = Some(work.now());
    }
    work.save(row);
    Ok(())
}
