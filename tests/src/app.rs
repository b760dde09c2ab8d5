//! The service under test.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ansvar::access::share::ShareOptions;
use ansvar::access::token::issue;
use ansvar::config::{
    Auth, Config, Database, DocumentsOptions, FileOptions, Http, Log, MailOptions, MetricsOptions, PushOptions,
    Webhooks,
};
use ansvar::graphql::Limits;
use ansvar::kit::app::App;
use ansvar::kit::clock::{Clock, ManualClock, SystemClock};
use ansvar::kit::entropy::SeededEntropy;
use ansvar::kit::loops::Loops;
use ansvar::kit::rate::Rate;
use ansvar::kit::store::{OnStatement, Side};
use ansvar::serve::{self, Running};
use chrono::{DateTime, TimeDelta, Utc};
use entity::due;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::client::Client;
use crate::people::Shop;
use crate::plans::Heard;
use crate::store::TestStore;
use crate::story::Story;
use crate::watch::{PATIENCE, Position};

/// The secret that signs tokens in tests.
pub const SECRET: &str = "the tests' own secret, 32 bytes and more";
pub const ISSUER: &str = "tests";

const PLENTY: Rate = Rate { burst: NonZeroU32::MAX, per_second: NonZeroU32::new(1_000_000).unwrap() };

/// A running service for a test.
pub struct TestApp {
    pub clock: Arc<ManualClock>,
    pub store: TestStore,
    config: Config,
    running: Option<Running>,
    /// Further services on the same store.
    others: Mutex<Vec<App>>,
    statements: Arc<AtomicUsize>,
    heard: Heard,
    watches: Arc<Mutex<Vec<Arc<Position>>>>,
    _story: Story,
}

/// The address that links in mails to partners begin with.
pub const PUBLIC_URL: &str = "https://ansvar.shop.example";

pub fn config(url: &str) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: Some(PUBLIC_URL.to_owned()),
        secret: SECRET.to_owned(),
        database: Database { url: url.to_owned(), connections: 4, acquire_ms: 10_000, statement_ms: 20_000 },
        auth: Auth::with_secret(ISSUER, SECRET.to_owned()),
        http: Http {
            allowed_origins: vec!["https://shop.example".to_owned()],
            // Debug builds on a busy machine are slow; tests of time limits set their own.
            request_ms: 60_000,
            // Tests that stop the service do not wait for its streams to end one after another.
            stop_spread_ms: 0,
            ..Http::default()
        },
        limits: Limits::default(),
        // The clock of tests stands still, so that shares would not be refilled.
        rates: ShareOptions { public: PLENTY, signed_in: PLENTY, ..ShareOptions::default() },
        documents: DocumentsOptions::default(),
        files: FileOptions::default(),
        webhooks: Webhooks { anywhere: true },
        // Nobody listens there; stories about pushes give a relay of their own.
        push: PushOptions { relay_url: Some("http://127.0.0.1:9/".to_owned()), relay_key: Some(SECRET.to_owned()) },
        mail: MailOptions::default(),
        metrics: MetricsOptions::default(),
        log: Log::default(),
    }
}

/// The time at which tests begin: a Monday, 9:00 in Stockholm.
fn morning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-02T08:00:00Z").unwrap().with_timezone(&Utc)
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(TestStore::new().await, morning(), change).await
    }

    pub async fn start_on(store: TestStore) -> Self {
        Self::start_in(store, morning(), |_| {}).await
    }

    /// Starts a service whose clock stands at the machine's time, for tests with other processes.
    pub async fn start_now() -> Self {
        Self::start_in(TestStore::new().await, SystemClock.now(), |_| {}).await
    }

    /// This service's configuration as a file, for another process on a port of its own.
    pub fn as_file(&self) -> String {
        format!(
            "listen = \"127.0.0.1:0\"\nsecret = \"{SECRET}\"\n[database]\nurl = \"{}\"\n[auth]\nissuer = \"{ISSUER}\"\naudience = \"{ISSUER}\"\nalgorithm = \"HS256\"\nsecret = \"{SECRET}\"\n[log]\nfilter = \"warn,ansvar::serve=info\"\n",
            self.store.url
        )
    }

    async fn start_in(store: TestStore, start: DateTime<Utc>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&store.url);
        change(&mut config);
        let mut app = Self {
            clock: Arc::new(ManualClock::at(start)),
            store,
            config,
            running: None,
            others: Mutex::default(),
            statements: Arc::default(),
            heard: Heard::default(),
            watches: Arc::default(),
            _story: Story::begins(),
        };
        app.run(1).await;
        app
    }

    async fn run(&mut self, seed: u64) {
        let statements = Arc::clone(&self.statements);
        let heard = self.heard.clone();
        let count: OnStatement = Arc::new(move |statement, side| {
            if side == Side::Read {
                statements.fetch_add(1, Ordering::Relaxed);
            }
            heard.hear(statement, side);
        });
        let entropy = Arc::new(SeededEntropy::new(seed));
        let app = serve::open(&self.config, self.clock.clone(), entropy, Some(count)).await.expect("the store opens");
        self.running = Some(serve::start(&self.config, app).await.expect("the service starts"));
    }

    /// Stops the service and starts it again on the same store.
    pub async fn restart(&mut self) {
        self.running.take().expect("it runs").stop().await;
        self.run(2).await;
    }

    /// Like [`TestApp::restart`], with other settings.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.restart().await;
    }

    /// Stops the service and keeps its store.
    pub async fn stop(&mut self) {
        self.running.take().expect("it runs").stop().await;
    }

    /// Starts the service again on the same store.
    pub async fn start_again(&mut self) {
        self.run(4).await;
    }

    /// Runs this in a further process on the same store, which then ends without completing anything else.
    pub async fn process(&self, happens: impl AsyncFnOnce(&ansvar::kit::app::App)) {
        let entropy = Arc::new(SeededEntropy::new(5));
        let app = serve::open(&self.config, self.clock.clone(), entropy, None).await.expect("the store opens");
        happens(&app).await;
        app.store().close().await;
    }

    /// A second service on the same store.
    pub async fn second_node(&self) -> Running {
        self.second_node_with(|_| {}).await
    }

    /// A second service on the same store, with other settings.
    pub async fn second_node_with(&self, change: impl FnOnce(&mut Config)) -> Running {
        let mut config = self.config.clone();
        change(&mut config);
        let entropy = Arc::new(SeededEntropy::new(3));
        let app = serve::open(&config, self.clock.clone(), entropy, None).await.unwrap();
        self.others.lock().unwrap().push(app.clone());
        serve::start(&config, app).await.unwrap()
    }

    pub fn inside(&self) -> &App {
        &self.running.as_ref().expect("it runs").app
    }

    /// The background loops of this service and of the further ones.
    fn loops(&self) -> Vec<Arc<Loops>> {
        let mut all = vec![self.inside().part::<Loops>()];
        all.extend(self.others.lock().unwrap().iter().map(App::part::<Loops>));
        all
    }

    /// Holds the background loops, and returns when what was in progress is done. Until [`TestApp::release`], mail,
    /// letters, webhooks and timers are only processed by [`TestApp::settle`].
    pub async fn hold(&self) {
        for loops in self.loops() {
            let held = tokio::time::timeout(PATIENCE, loops.hold()).await;
            assert!(held.is_ok(), "these loops do not come to rest: {:?}", loops.busy());
        }
    }

    /// Lets the background loops continue.
    pub fn release(&self) {
        self.loops().iter().for_each(|loops| loops.release());
    }

    /// Returns when everything that is due by now is done: mail processed, letters and webhooks sent and recorded,
    /// timers fired, and all subscribers up to date. Also works while the loops are held; they then pause until the
    /// next call.
    ///
    /// Fails when a timer whose time has come was not handled.
    pub async fn settle(&self) {
        self.settle_what_can_be().await;
        let late = due::Entity::find().filter(due::Column::At.lte(self.now()));
        let late = late.all(self.inside().reader().db()).await.unwrap_or_default();
        assert!(late.is_empty(), "these timers could not be handled: {late:?}");
    }

    /// As [`TestApp::settle`], when timers are meant to fail.
    pub async fn settle_what_can_be(&self) {
        let all = self.loops();
        let settled = async {
            loop {
                let mut found = false;
                for loops in &all {
                    found |= loops.round().await;
                }
                if !found {
                    return;
                }
            }
        };
        let settled = tokio::time::timeout(PATIENCE, settled).await;
        let busy: Vec<_> = all.iter().flat_map(|loops| loops.busy()).collect();
        assert!(settled.is_ok(), "these loops find something to do without end: {busy:?}");
    }

    /// Advances the clock, and returns when everything that is due by then is done.
    pub async fn later_and_settled(&self, step: TimeDelta) {
        self.later(step);
        self.settle().await;
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.running.as_ref().expect("it runs").address)
    }

    /// Delivers a mail as the company's mail server; returns the reply for each recipient.
    pub async fn hands_over(&self, from: &str, to: &[&str], raw: &str) -> Vec<u16> {
        crate::post::hand_over(self.lmtp(), from, to, raw).await
    }

    /// The address where mail is delivered.
    pub fn lmtp(&self) -> SocketAddr {
        self.running.as_ref().and_then(|running| running.lmtp).expect("mail is taken in")
    }

    /// Starts a service with a mail server that accepts letters.
    pub async fn with_post(sink: &crate::Sink) -> Self {
        let url = sink.url.clone();
        Self::start_with(|config| {
            config.mail.lmtp = Some("127.0.0.1:0".to_owned());
            config.mail.smtp = Some(url);
            config.mail.authserv_id = Some("mx.shop.example".to_owned());
        })
        .await
    }

    /// Starts a service with a mail server, and a store whose connection can be interrupted.
    pub async fn breakable(sink: &crate::Sink) -> (Self, crate::Outage) {
        let store = TestStore::new().await;
        let outage = crate::Outage::of(&store).await;
        let (url, smtp) = (outage.url.clone(), sink.url.clone());
        let change = move |config: &mut Config| {
            config.database.url = url;
            config.database.acquire_ms = 2_000;
            config.mail.lmtp = Some("127.0.0.1:0".to_owned());
            config.mail.smtp = Some(smtp);
        };
        (Self::start_in(store, morning(), change).await, outage)
    }

    /// Starts a service whose connection to the store can be interrupted.
    pub async fn with_a_line_of_its_own(change: impl FnOnce(&mut Config)) -> (Self, crate::Outage) {
        let store = TestStore::new().await;
        let outage = crate::Outage::of(&store).await;
        let url = outage.url.clone();
        let change = move |config: &mut Config| {
            config.database.url = url;
            config.database.acquire_ms = 2_000;
            change(config);
        };
        (Self::start_in(store, morning(), change).await, outage)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn later(&self, step: TimeDelta) {
        self.clock.advance(step);
    }

    /// The number of SQL statements that reads have sent so far.
    pub fn statements(&self) -> usize {
        self.statements.load(Ordering::Relaxed)
    }

    pub fn anybody(&self) -> Client {
        Client::new(&self.base(), None)
    }

    pub fn token(&self, subject: &str) -> String {
        self.token_for(subject, TimeDelta::hours(24))
    }

    pub fn token_for(&self, subject: &str, lifetime: TimeDelta) -> String {
        issue(SECRET.as_bytes(), (ISSUER, ISSUER), subject, self.now(), lifetime).unwrap()
    }

    pub fn holder_of(&self, subject: &str) -> Client {
        Client::new(&self.base(), Some(&self.token(subject)))
    }

    /// Creates a seller with people, teams, partners and rules through the API.
    pub async fn shop(&self) -> Shop {
        Shop::open(self, "shop").await
    }

    pub(crate) fn remember(&self, position: Arc<Position>) {
        self.watches.lock().unwrap().push(position);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let running = self.running.take();
        let watches = std::mem::take(&mut *self.watches.lock().unwrap());
        let (store, heard) = (&self.store, &self.heard);
        let look = async {
            let db = store.connect().await;
            let mut left = ansvar::check::breaches(&db).await.unwrap();
            for watch in watches {
                left.extend(watch.unseen(&db).await);
            }
            db.close().await.unwrap();
            if let Some(running) = running {
                running.stop().await;
            }
            store.remove().await;
            // A test that already fails reports its own reason.
            if !std::thread::panicking() && store.is_usual() {
                left.extend(heard.wrong().await);
            }
            left
        };
        let left = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(look));
        // A test that already fails reports its own reason.
        assert!(std::thread::panicking() || left.is_empty(), "work is left undone:\n{}", left.join("\n"));
    }
}
