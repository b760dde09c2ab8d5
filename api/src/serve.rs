//! Starting and stopping: the parts put together, the listener opened, and both ended in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use entity::kind::MailTransport;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::access::share::Shares;
use crate::access::storage::{self, Storage};
use crate::access::token::Verifier;
use crate::case::{recount, watch};
use crate::config::{Config, ConfigError};
use crate::event::tail;
use crate::hook::Open;
use crate::hook::queue;
use crate::hook::send::Sender;
use crate::http::connections::Most;
use crate::http::listen::{self, Patience};
use crate::http::shutdown::Shutdown;
use crate::http::{Edge, EdgeOptions, Parts, descriptors, metrics_router, router};
use crate::imap::Fetcher;
use crate::intake::arrival::{self, Envelope, Reader};
use crate::intake::sender::Senders;
use crate::intake::signed::Checker;
use crate::intake::turn::{self, InHand};
use crate::kit::actor::Actor;
use crate::kit::app::App;
use crate::kit::clock::{Clock, OFFSET_TOLD};
use crate::kit::contact;
use crate::kit::entropy::Entropy;
use crate::kit::error::{Fault, Refusal};
use crate::kit::health::warn_once_a_minute;
use crate::kit::loops::Loops;
use crate::kit::once;
use crate::kit::rounds::Rounds;
use crate::kit::store::{OnStatement, Store};
use crate::letter::send::Postman;
use crate::lmtp;

/// How long open connections get to come to their end.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// How often the store is asked for its time.
const ASK_THE_TIME: Duration = Duration::from_secs(10);
/// How long letters, webhooks and mails that are under way get to come to theirs.
const LAST_ROUNDS: Duration = Duration::from_secs(5);
/// How often it is looked for what can be forgotten.
const TIDY: Duration = Duration::from_mins(1);
/// Connections at the address of `metrics.listen`.
const SCRAPERS: usize = 50;

/// A service that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The service.
    pub app: App,
    /// Where mail is handed over.
    pub lmtp: Option<SocketAddr>,
    /// Where what is counted is served, if at an address of its own.
    pub metrics: Option<SocketAddr>,
    edge: Edge,
    server: JoinHandle<()>,
    watchers: Vec<JoinHandle<()>>,
}

/// Opens the store of this configuration.
///
/// # Errors
/// A sentence that says what is wrong.
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
/// A sentence that says what is wrong.
pub async fn start(config: &Config, app: App) -> Result<Running, ConfigError> {
    let prepared = tokio::task::spawn_blocking(contact::prepare).await;
    prepared.map_err(|error| ConfigError(format!("The tables of telephone numbers cannot be loaded: {error}.")))?;
    let verifier = Verifier::new(config.tokens()?).map_err(ConfigError)?;
    let open = Open(config.webhooks.anywhere);
    let senders = senders(config)?;
    let api = crate::graphql::api(app.clone(), &config.limits, open, senders.clone());
    let reader = Reader::new(app.clone(), senders);
    let sender = Sender::new(app.clone(), open);
    let sender = sender.map_err(|error| ConfigError(format!("No HTTP client can be made: {error}")))?;
    let documents = config.documents()?;
    let shares = Shares::new(config.shares()?, &app.clock());
    app.part::<Storage>().limit(config.rates.stored);
    let edge = Edge::new(app.clone(), api, Parts { verifier, documents, shares }, config.edge());
    let unable = |error| {
        ConfigError(format!("Cannot listen on {}: {error}. Choose another address with `listen`.", config.listen))
    };
    let listener = TcpListener::bind(config.listen).await.map_err(unable)?;
    let address = listener.local_addr().map_err(unable)?;
    let tail = tokio::spawn(tail::watch(app.clone()));
    let due = tokio::spawn(watch::watch(app.clone()));
    let recount = tokio::spawn(recount::watch(app.clone()));
    let tidy = tokio::spawn(tidy(edge.clone(), Rounds::of(&app, "tidy")));
    let hooks = tokio::spawn(sender.run());
    let patience = patience(config, edge.options());
    let here = config.metrics.enabled && config.metrics.listen.is_none();
    let routes = router(edge.clone(), here);
    let server = tokio::spawn(listen::serve(listener, routes, patience, Arc::clone(edge.shutdown())));
    let time = tokio::spawn(keep_time(edge.clone()));
    let mut watchers = vec![tail, due, recount, tidy, hooks, time, tokio::spawn(reader.run())];
    let metrics = metrics(config, &edge, patience, &mut watchers).await?;
    let lmtp = mail(config, &app, &edge, &mut watchers).await?;
    tracing::info!(%address, "serving");
    Ok(Running { address, app, lmtp, metrics, edge, server, watchers })
}

/// What connections may take, with as many file descriptors as the system gives.
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

/// Serves what is counted at an address of its own, if there is one.
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
    // Whoever watches the service is to see it stop.
    let never = Arc::new(Shutdown::new(Duration::ZERO, edge.app().clone()));
    let patience = Patience { most: Most { in_all: SCRAPERS, of_one: None }, ..patience };
    watchers.push(tokio::spawn(listen::serve(listener, metrics_router(edge.clone()), patience, never)));
    tracing::info!(%address, "what is counted is served at");
    Ok(Some(address))
}

/// Whom it believes about senders.
fn senders(config: &Config) -> Result<Senders, ConfigError> {
    let checker = config.mail.signatures.then(|| Checker::new(&config.mail.nameservers)).transpose();
    let checker = checker.map_err(|error| ConfigError(format!("`mail.signatures` cannot be used: {error}.")))?;
    Ok(Senders::new(config.mail.authserv_id.clone(), checker))
}

/// Starts what fetches mail, is handed mail and sends letters; says where mail is handed over.
async fn mail(
    config: &Config,
    app: &App,
    edge: &Edge,
    watchers: &mut Vec<JoinHandle<()>>,
) -> Result<Option<SocketAddr>, ConfigError> {
    if let Some(smtp) = &config.mail.smtp {
        crate::kit::outward::prepare();
        let postman = Postman::new(app.clone(), smtp);
        let postman = postman
            .map_err(|error| ConfigError(format!("`mail.smtp` names no mail server: {error}. See docs/mail.md.")))?;
        watchers.push(tokio::spawn(postman.run()));
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

/// What the mail server next door may ask and hand over.
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
                // A task of its own: what has begun runs to its end although the mail server hangs up.
                let app = self.0.clone();
                let keeping =
                    tokio::spawn(async move { arrival::keep(&app, mailbox, envelope, raw).await.map(|_| ()) });
                keeping.await.unwrap_or(Err(Refusal::Fault(Fault::Broken("a mail can be kept"))))
            }
            // It was turned off in between: the mail server tries again and then hears that there is none.
            Ok(None) => return Err(lmtp::Unavailable),
            Err(error) => Err(error),
        };
        kept.map_err(|error| {
            warn_once_a_minute("a mail could not be kept; the mail server is told to try again", &error);
            lmtp::Unavailable
        })
    }
}

/// Keeps this node's clock with the store's, and says when the machine's is wrong.
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

/// Forgets, now and then, callers that have not been heard of and keys that have expired.
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
    }
}

impl Running {
    /// Stops: no longer ready, streams end, what runs comes to its end, the store is closed.
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
        turn::let_go(&self.app, self.app.part::<InHand>().ids()).await;
        self.app.store().close().await;
        tracing::info!("stopped");
    }
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
