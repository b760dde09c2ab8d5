//! Starts and stops the service: creates its parts, opens the listener, and ends both in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use entity::kind::MailTransport;
use entity::{arrival as stored_mail, letter, push as push_message, webhook_delivery};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::access::share::Shares;
use crate::access::storage::{self, Storage};
use crate::access::token::Verifier;
use crate::case::{recount, watch};
use crate::config::{Config, ConfigError};
use crate::event::tail;
use crate::hook::AnyAddress;
use crate::hook::queue;
use crate::hook::send::Sender;
use crate::http::connections::Most;
use crate::http::listen::{self, Patience};
use crate::http::shutdown::Shutdown;
use crate::http::{Edge, EdgeOptions, Parts, descriptors, metrics_router, router};
use crate::imap::Fetcher;
use crate::intake::arrival::{self, ArrivalWorker, Envelope};
use crate::intake::sender::Senders;
use crate::intake::signed::Checker;
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::clock::{Clock, OFFSET_TOLD};
use crate::kit::contact;
use crate::kit::entropy::Entropy;
use crate::kit::error::{Fault, Refusal};
use crate::kit::file_settings::Files;
use crate::kit::health::warn_once_a_minute;
use crate::kit::job::{self, InHand, JobRow};
use crate::kit::loops::Loops;
use crate::kit::once;
use crate::kit::public_url::PublicUrl;
use crate::kit::rounds::Rounds;
use crate::kit::store::{OnStatement, Store};
use crate::kit::{teller, worker};
use crate::letter::request;
use crate::letter::send::LetterSender;
use crate::lmtp;
use crate::notice::{self, Notices};
use crate::push::HasRelay;
use crate::push::send::{self as push, Pusher};
use crate::task_mail::{self, TaskMails};
use crate::upload;

/// How long open connections may take to end when the service stops.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// How often the store's time is read.
const ASK_THE_TIME: Duration = Duration::from_secs(10);
/// How long letters, webhooks and mails in progress may take to end when the service stops.
const LAST_ROUNDS: Duration = Duration::from_secs(5);
/// How often expired data is looked for.
const TIDY: Duration = Duration::from_mins(1);
/// The maximum number of connections at the address of `metrics.listen`.
const SCRAPERS: usize = 50;

/// A running service.
pub struct Running {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The service.
    pub app: App,
    /// The address where mail is delivered (LMTP), if it is a TCP address.
    pub lmtp: Option<SocketAddr>,
    /// The address where the metrics are served, if they have one of their own.
    pub metrics: Option<SocketAddr>,
    edge: Edge,
    server: JoinHandle<()>,
    watchers: Vec<JoinHandle<()>>,
}

/// Opens the store of this configuration.
///
/// # Errors
/// A message that says what is wrong.
pub async fn open(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    on_statement: Option<OnStatement>,
) -> Result<App, ConfigError> {
    let secret = config.secret()?;
    let store = Store::open(&config.store()?, on_statement).await;
    let store = store.map_err(|error| ConfigError(format!("The store at `database.url` cannot be used: {error}")))?;
    let app = App::new(store, clock, entropy, secret);
    let asked = app.follow_store_clock().await;
    asked.map_err(|error| ConfigError(format!("The store at `database.url` cannot be asked for its time: {error}")))?;
    Ok(app)
}

/// Starts serving this app.
///
/// # Errors
/// A message that says what is wrong.
pub async fn start(config: &Config, app: App) -> Result<Running, ConfigError> {
    let prepared = tokio::task::spawn_blocking(contact::prepare).await;
    prepared.map_err(|error| ConfigError(format!("The tables of telephone numbers cannot be loaded: {error}.")))?;
    let verifier = Verifier::new(config.tokens()?).map_err(ConfigError)?;
    let open = AnyAddress(config.webhooks.anywhere);
    let senders = senders(config)?;
    let api = crate::graphql::api(app.clone(), &config.limits, open, senders.clone());
    let reader = ArrivalWorker::new(app.clone(), senders);
    let sender = Sender::new(app.clone(), open);
    let no_client = |error| ConfigError(format!("No HTTP client can be made: {error}"));
    let sender = sender.map_err(no_client)?;
    let relay = config.relay()?;
    app.part::<HasRelay>().0.store(relay.is_some(), Ordering::Relaxed);
    let pusher = Pusher::new(app.clone(), open, relay).map_err(no_client)?;
    let documents = config.documents()?;
    let shares = Shares::new(config.shares()?, &app.clock());
    app.part::<Storage>().limit(config.rates.stored);
    app.part::<PublicUrl>().set(config.public_url()?);
    app.part::<Files>().set(config.files()?);
    let edge = Edge::new(app.clone(), api, Parts { verifier, documents, shares }, config.edge());
    let unable = |error| {
        ConfigError(format!("Cannot listen on {}: {error}. Choose another address with `listen`.", config.listen))
    };
    let listener = TcpListener::bind(config.listen).await.map_err(unable)?;
    let address = listener.local_addr().map_err(unable)?;
    let tail = tokio::spawn(tail::watch(app.clone()));
    let due = tokio::spawn(watch::watch(app.clone()));
    let recount = tokio::spawn(recount::watch(app.clone()));
    let notices = tokio::spawn(teller::watch::<Notices>(app.clone()));
    let task_mails = tokio::spawn(teller::watch::<TaskMails>(app.clone()));
    let tidy = tokio::spawn(tidy(edge.clone(), Rounds::of(&app, "tidy")));
    let hooks = tokio::spawn(worker::run(sender));
    let devices = tokio::spawn(worker::run(pusher));
    let patience = patience(config, edge.options());
    let here = config.metrics.enabled && config.metrics.listen.is_none();
    let routes = router(edge.clone(), here);
    let server = tokio::spawn(listen::serve(listener, routes, patience, Arc::clone(edge.shutdown())));
    let time = tokio::spawn(keep_time(edge.clone()));
    let mut watchers =
        vec![tail, due, recount, notices, task_mails, tidy, hooks, devices, time, tokio::spawn(worker::run(reader))];
    let metrics = metrics(config, &edge, patience, &mut watchers).await?;
    let lmtp = mail(config, &app, &edge, &mut watchers).await?;
    tracing::info!(%address, "serving");
    Ok(Running { address, app, lmtp, metrics, edge, server, watchers })
}

/// The limits for connections, after raising the limit of file descriptors.
fn patience(config: &Config, options: &EdgeOptions) -> Patience {
    let descriptors = descriptors::raised();
    let http = &config.http;
    let most = descriptors::most(descriptors, (http.connections, http.connections_per_address), http.trusted_proxies);
    tracing::info!(
        descriptors,
        connections = most.in_all,
        per_address = most.of_one,
        "file descriptors and connections"
    );
    Patience { head: options.head_time, write: options.patience, most }
}

/// Serves the metrics at an address of their own, if one is configured.
async fn metrics(
    config: &Config,
    edge: &Edge,
    patience: Patience,
    watchers: &mut Vec<JoinHandle<()>>,
) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(address) = config.metrics.listen.filter(|_| config.metrics.enabled) else { return Ok(None) };
    let unable = |error| ConfigError(format!("Cannot listen on {address}, `metrics.listen`: {error}."));
    let listener = TcpListener::bind(address).await.map_err(unable)?;
    let address = listener.local_addr().map_err(unable)?;
    // A signal that is never given, so that the metrics are still served while the service stops.
    let never = Arc::new(Shutdown::new(Duration::ZERO, edge.app().clone()));
    let patience = Patience { most: Most { in_all: SCRAPERS, of_one: None }, ..patience };
    watchers.push(tokio::spawn(listen::serve(listener, metrics_router(edge.clone()), patience, never)));
    tracing::info!(%address, "what is counted is served at");
    Ok(Some(address))
}

/// Creates the check of mail senders.
fn senders(config: &Config) -> Result<Senders, ConfigError> {
    let checker = config.mail.signatures.then(|| Checker::new(&config.mail.nameservers)).transpose();
    let checker = checker.map_err(|error| ConfigError(format!("`mail.signatures` cannot be used: {error}.")))?;
    Ok(Senders::new(config.mail.authserv_id.clone(), checker))
}

/// Starts to fetch mail, accept mail and send letters; returns the address where mail is delivered.
async fn mail(
    config: &Config,
    app: &App,
    edge: &Edge,
    watchers: &mut Vec<JoinHandle<()>>,
) -> Result<Option<SocketAddr>, ConfigError> {
    if let Some(smtp) = &config.mail.smtp {
        crate::kit::outward::prepare();
        let sender = LetterSender::new(app.clone(), smtp);
        let sender = sender
            .map_err(|error| ConfigError(format!("`mail.smtp` names no mail server: {error}. See docs/mail.md.")))?;
        watchers.push(tokio::spawn(worker::run(sender)));
    }
    for account in config.accounts()? {
        watchers.push(tokio::spawn(Fetcher::new(app.clone(), account).run()));
    }
    let Some(place) = &config.mail.lmtp else { return Ok(None) };
    let place: lmtp::Address = place.parse().map_err(|error| ConfigError(format!("`mail.lmtp`: {error}")))?;
    let listener = lmtp::bind(&place).await;
    let listener = listener.map_err(|error| ConfigError(format!("Cannot listen at `mail.lmtp`: {error}.")))?;
    let address = listener.local_addr();
    let shutdown = Arc::clone(edge.shutdown());
    let stop = shutdown.wait();
    watchers.push(tokio::spawn(lmtp::serve(listener, Inbox(app.clone()), stop)));
    Ok(address)
}

/// The receiver for mail that the company's mail server delivers.
#[derive(Clone)]
struct Inbox(App);

impl lmtp::Inbox for Inbox {
    async fn takes(&self, address: &str) -> Result<bool, lmtp::Unavailable> {
        arrival::mailbox(&self.0, address).await.map(|mailbox| mailbox.is_some()).map_err(|error| {
            warn_once_a_minute("a mailbox could not be looked up; the mail server is told to try again", &error);
            lmtp::Unavailable
        })
    }

    async fn store(&self, delivery: lmtp::Delivery) -> Result<(), lmtp::Unavailable> {
        let lmtp::Delivery { envelope_from, envelope_to, raw } = delivery;
        let mailbox = arrival::mailbox(&self.0, &envelope_to).await;
        let kept = match mailbox {
            Ok(Some(mailbox)) => {
                let envelope = Envelope { transport: MailTransport::Lmtp, from: envelope_from, to: envelope_to };
                // In a task of its own, so that a mail is stored although the mail server disconnects.
                let app = self.0.clone();
                let keeping =
                    tokio::spawn(async move { arrival::keep(&app, mailbox, envelope, raw).await.map(|_| ()) });
                keeping.await.unwrap_or(Err(Refusal::Fault(Fault::Broken("a mail can be kept"))))
            }
            // The mailbox was deactivated meanwhile. The mail server retries and is then told that there is no such
            // mailbox.
            Ok(None) => return Err(lmtp::Unavailable),
            Err(error) => Err(error),
        };
        kept.map_err(|error| {
            warn_once_a_minute("a mail could not be kept; the mail server is told to try again", &error);
            lmtp::Unavailable
        })
    }
}

/// Keeps this node's clock in step with the store's, and logs when the machine's clock is wrong.
async fn keep_time(edge: Edge) {
    loop {
        if let Err(error) = edge.app().follow_store_clock().await {
            warn_once_a_minute(
                "the store could not be asked for its time; this node's clock runs on by itself",
                &error,
            );
        }
        if let Some(offset) = edge.app().clock().offset() {
            edge.metrics().clock_offset.set(offset.as_seconds_f64());
            if offset.abs() > OFFSET_TOLD {
                let said = format!("{:.1} s ahead of the store's, negative: behind", offset.as_seconds_f64());
                warn_once_a_minute("this machine's clock is wrong; the store's is used", &said);
            }
        }
        tokio::time::sleep(ASK_THE_TIME).await;
    }
}

/// Regularly removes inactive callers from memory, and expired data from the store.
async fn tidy(edge: Edge, rounds: Rounds) {
    loop {
        rounds.rest_for(TIDY).await;
        rounds.begin().await;
        edge.shares().tidy();
        if let Err(error) = edge.app().run(Actor::System, async |work| once::forget(work).await).await {
            warn_once_a_minute("expired keys could not be forgotten; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| storage::forget(work).await).await {
            tracing::warn!(%error, "what was stored on days that are over could not be forgotten; trying again in a minute");
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| queue::forget(work).await).await {
            warn_once_a_minute("old webhooks could not be forgotten; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| upload::forget(work).await).await {
            warn_once_a_minute("forgotten uploads could not be removed; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| notice::forget(work).await).await {
            warn_once_a_minute("old notices could not be forgotten; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| push::forget(work).await).await {
            warn_once_a_minute("old pushes could not be forgotten; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| request::forget(work).await).await {
            warn_once_a_minute("old requests for links could not be forgotten; trying again in a minute", &error);
        }
        if let Err(error) = edge.app().run(Actor::System, async |work| task_mail::forget(work).await).await {
            warn_once_a_minute("old mails about tasks could not be forgotten; trying again in a minute", &error);
        }
    }
}

impl Running {
    /// Stops the service: it is no longer ready, streams end, work in progress is completed, and the store is closed.
    pub async fn stop(mut self) {
        tracing::info!("stopping");
        self.edge.shutdown().begin();
        let sockets = async {
            while self.edge.metrics().sockets.get() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let done = async { tokio::join!(&mut self.server, sockets).0 };
        if tokio::time::timeout(LAST_WORDS, done).await.is_err() {
            tracing::warn!("some connections did not end in time and are cut");
            self.server.abort();
        }
        if tokio::time::timeout(LAST_ROUNDS, self.app.part::<Loops>().hold()).await.is_err() {
            tracing::warn!("some letters, webhooks or mails did not come to their end in time and are cut");
        }
        for watcher in &self.watchers {
            watcher.abort();
        }
        // Waits until the tasks have really ended; only then can unfinished jobs be released.
        for watcher in std::mem::take(&mut self.watchers) {
            drop(watcher.await);
        }
        give_back::<letter::Model>(&self.app).await;
        give_back::<webhook_delivery::Model>(&self.app).await;
        give_back::<push_message::Model>(&self.app).await;
        give_back::<stored_mail::Model>(&self.app).await;
        self.app.store().close().await;
        tracing::info!("stopped");
    }
}

/// Releases the unfinished jobs of this kind.
async fn give_back<J: JobRow>(app: &App) {
    job::give_back::<J>(app, app.part::<InHand<J>>().ids().into_iter().collect()).await;
}

/// Returns when the process is asked to stop (SIGTERM or SIGINT).
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::warn!(%error, "a signal cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = asked(SignalKind::terminate()) => {}
        () = asked(SignalKind::interrupt()) => {}
    }
}
