//! Sends due letters through the company's mail server. A letter is claimed before it is sent and its result is
//! recorded after. If a node dies in between, the letter is sent again with the same Message-ID, so that it may arrive
//! twice but is not lost.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::LetterId;
use entity::kind::{JobKind, LetterKind, LetterStatus};
use entity::{letter, mailbox};
use futures_util::future::BoxFuture;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sea_orm::EntityTrait;

use super::address::{AddressTag, tagged};
use super::{link, partner, request, returned};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::error::Outcome;
use crate::kit::job::{self, JobRow, is_lease, job_row};
use crate::kit::text::truncated;
use crate::kit::work::Work;
use crate::kit::worker::{self, DueJobs, Worker};

/// The maximum number of letters that one node sends at the same time.
const AT_A_TIME: usize = 16;
/// The timeout for sending one letter.
const PATIENCE: Duration = Duration::from_mins(1);
job_row!(
    letter: LetterId,
    LetterStatus::Waiting,
    JobKind::Letter,
    TimeDelta::seconds(2 * PATIENCE.as_secs().cast_signed()),
    &[
        TimeDelta::minutes(1),
        TimeDelta::minutes(5),
        TimeDelta::minutes(15),
        TimeDelta::hours(1),
        TimeDelta::hours(4),
    ],
    "the service ended twice while it was sending this letter, so it is not sent again by itself; it may have been sent",
    "what became of it could not be stored, each time it was sent; it may have been sent"
);

/// The background task that sends letters.
#[derive(Clone)]
pub struct LetterSender {
    app: App,
    smtp: AsyncSmtpTransport<Tokio1Executor>,
}

/// The result of an attempt.
enum SendResult {
    Yes,
    Later(String),
    Never(String),
    /// There is nobody to write to.
    Nobody,
}

impl Worker for LetterSender {
    type Job = letter::Model;
    const NAME: &'static str = "letters";
    const PLACES: usize = AT_A_TIME;

    fn app(&self) -> &App {
        &self.app
    }

    async fn due(&self) -> Outcome<DueJobs<letter::Model>> {
        DueJobs::first(&self.app, AT_A_TIME * 2).await
    }

    /// The letters to one address are sent one after the other, in the order in which they were written.
    fn batches(&self, letters: Vec<letter::Model>) -> Vec<Vec<letter::Model>> {
        let mut batches: Vec<Vec<letter::Model>> = Vec::new();
        for row in letters {
            match batches.iter_mut().find(|batch| batch.iter().any(|other| other.recipient == row.recipient)) {
                Some(batch) => batch.push(row),
                None => batches.push(vec![row]),
            }
        }
        batches
    }

    async fn work(&self, letters: Vec<letter::Model>) -> usize {
        let mut done = 0;
        for row in letters {
            // Letters before it may have taken so long that its own lease would end while it is being sent.
            if row.leased_until.is_none_or(|until| until < self.app.now() + PATIENCE) {
                job::give_back::<letter::Model>(&self.app, vec![row.id]).await;
                continue;
            }
            let sent = Arc::new(self.send(&row).await);
            let noted = worker::note(&self.app, &row, || {
                let (app, sent) = (self.app.clone(), Arc::clone(&sent));
                let (id, lease) = (row.id, row.leased_until);
                async move { app.run(Actor::System, async move |work: &mut Work| note(work, id, lease, &sent).await).await }
            });
            done += usize::from(noted.await);
        }
        done
    }

    fn set_aside<'a>(&'a self, work: &'a mut Work, id: LetterId, reason: &'a str) -> BoxFuture<'a, Outcome<bool>> {
        Box::pin(returned::failed(work, id, reason))
    }
}

impl LetterSender {
    /// A sender that uses the server at this URL: `smtp://host:port`, `smtps://user:password@host:port`,
    /// `smtp://host:587?tls=required`.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub fn new(app: App, url: &str) -> Result<Self, lettre::transport::smtp::Error> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(PATIENCE)).build();
        Ok(Self { app, smtp })
    }

    async fn send(&self, row: &letter::Model) -> SendResult {
        let from = mailbox::Entity::find_by_id(row.mailbox_id).one(self.app.reader().db()).await;
        let from = match from {
            Ok(Some(from)) => from,
            Ok(None) => return SendResult::Never("its mailbox is not there".to_owned()),
            Err(error) => return SendResult::Later(error.to_string()),
        };
        // A request for a link becomes a letter only now, so that the answer to it takes as long for an address that
        // nobody knows.
        let written = match request::written(&self.app, row).await {
            Ok(Some(written)) => written,
            Ok(None) => return SendResult::Nobody,
            Err(refusal) => return SendResult::Later(refusal.to_string()),
        };
        let token = match link::revealed(&self.app, &written).await {
            Ok(token) => token,
            Err(refusal) => return SendResult::Later(refusal.to_string()),
        };
        match self.mail(&written, &from, token.as_deref()) {
            // The transport's own timeout is for the connection only.
            Ok(mail) => match tokio::time::timeout(PATIENCE, self.smtp.send(mail)).await {
                Ok(Ok(_)) => SendResult::Yes,
                Ok(Err(error)) if refuses(&error) => SendResult::Never(error.to_string()),
                Ok(Err(error)) => SendResult::Later(error.to_string()),
                Err(_) => SendResult::Later("the mail server did not answer within a minute".to_owned()),
            },
            // The address is not one that mail can be sent to.
            Err(why) => SendResult::Never(why),
        }
    }

    /// Builds the mail of a letter.
    fn mail(&self, row: &letter::Model, from: &mailbox::Model, token: Option<&str>) -> Result<Message, String> {
        let secret = self.app.secret();
        let address = |text: &str| text.parse::<Address>().map_err(|error| error.to_string());
        let back = address(&tagged(secret, &from.address, AddressTag::Letter(row.id)))?;
        let to = address(&row.recipient)?;
        let mut mail = Message::builder()
            .from(Mailbox::new(Some(from.name.clone()), address(&from.address)?))
            .to(Mailbox::new(None, to.clone()))
            .subject(&row.subject)
            .date(self.app.now().into())
            .message_id(Some(format!("<{}>", row.header_id)))
            .envelope(Envelope::new(Some(back), vec![to]).map_err(|error| error.to_string())?);
        let answers_to = row.case_id.map(AddressTag::Case).or(row.staff_id.map(|_| AddressTag::Note(row.id)));
        let answers_to = answers_to.or(row.contact_id.map(|_| AddressTag::TaskUpdate(row.id)));
        if let Some(tag) = answers_to {
            mail = mail.reply_to(Mailbox::new(None, address(&tagged(secret, &from.address, tag))?));
        }
        if let Some(answers) = &row.answers {
            mail = mail.in_reply_to(format!("<{answers}>"));
        }
        if !row.thread.is_empty() {
            mail = mail.references(row.thread.clone());
        }
        if row.kind != LetterKind::Message {
            // Asks other programs not to answer automatically (RFC 3834, 5); Exchange needs a header of its own.
            let how = if row.kind == LetterKind::Notice { "auto-generated" } else { "auto-replied" };
            mail = mail.header(Automatic(how.to_owned())).header(Suppress("All".to_owned()));
        }
        let mail = mail.header(Loop(from.address.clone()));
        let hidden = format!("#{}", super::HIDDEN);
        let whole = |text: &str| match token {
            Some(token) => text.replace(&hidden, &format!("#{token}")),
            None if row.contact_id.is_some() => partner::revealed(secret, row.id, text),
            None => text.to_owned(),
        };
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

/// Records the result of the attempt under this lease. Returns whether the letter was given up.
async fn note(work: &mut Work, id: LetterId, lease: Option<DateTime<Utc>>, sent: &SendResult) -> Outcome<bool> {
    let now = work.now();
    let open = |row: &letter::Model| match row.status {
        LetterStatus::Waiting => is_lease(row.leased_until, lease),
        // A letter that was held while it was being sent has gone out all the same.
        LetterStatus::Held => matches!(sent, SendResult::Yes),
        _ => false,
    };
    let found = letter::Entity::find_by_id(id).one(work.tx()?).await?;
    let Some(found) = found.filter(open) else { return Ok(false) };
    let fail = |row: &letter::Model| {
        let mut progress = row.progress();
        progress.fail(letter::Model::WAITS, now, 0).then_some(progress)
    };
    let given_up = match sent {
        SendResult::Never(why) => Some(why),
        SendResult::Later(why) if fail(&found).is_none() => Some(why),
        _ => None,
    };
    if let Some(why) = given_up {
        return returned::failed(work, id, why).await;
    }
    let row = work.lock::<letter::Model>(id).await?;
    let Some(mut row) = row.filter(|row| open(row)) else { return Ok(false) };
    row.leased_until = None;
    row.reason = None;
    match sent {
        SendResult::Later(why) => {
            let progress = fail(&row).unwrap_or(row.progress());
            row.set(progress);
            row.reason = Some(truncated(why, 500));
        }
        SendResult::Nobody => {
            (row.status, row.ended_at) = (LetterStatus::Held, Some(now));
            row.reason = Some("no customer with a case has this address".to_owned());
        }
        SendResult::Yes | SendResult::Never(_) => (row.status, row.ended_at) = (LetterStatus::Sent, Some(now)),
    }
    Ok(false)
}
