//! A store that becomes unavailable and available again. Connections to PostgreSQL go through a proxy that can cut
//! them; a SQLite file is locked exclusively by another connection.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};

use crate::store::{TestStore, on_postgres};

pub struct Outage {
    /// The URL of the store for the service.
    pub url: String,
    direct: String,
    up: watch::Sender<bool>,
    silent: watch::Sender<bool>,
    holder: Mutex<Option<DatabaseConnection>>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Outage {
    pub async fn of(store: &TestStore) -> Self {
        let (direct, up, silent) = (store.url.clone(), watch::Sender::new(true), watch::Sender::new(false));
        if !on_postgres() {
            return Self { url: direct.clone(), direct, up, silent, holder: Mutex::default(), task: None };
        }
        let (before, rest) = direct.split_once('@').expect("postgres://user@host:port/name");
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{before}@{}/{name}", listener.local_addr().unwrap());
        let task = tokio::spawn(carry(listener, server.to_owned(), up.clone(), silent.clone()));
        Self { url, direct, up, silent, holder: Mutex::default(), task: Some(task) }
    }

    pub async fn begins(&self) {
        self.up.send_replace(false);
        if self.task.is_none() {
            let mut options = ConnectOptions::new(&self.direct);
            let db = Database::connect(options.max_connections(1).to_owned()).await.unwrap();
            db.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
            *self.holder.lock().await = Some(db);
        }
    }

    /// Lets all connections hang: they accept data and never answer. New connections hang as well until
    /// [`Outage::answers_new_lines`]. Has no effect on SQLite.
    pub async fn falls_silent(&self) {
        self.silent.send_replace(true);
        tokio::task::yield_now().await;
    }

    /// Lets new connections work again; those that hang continue to hang.
    pub fn answers_new_lines(&self) {
        self.silent.send_replace(false);
    }

    pub async fn ends(&self) {
        self.up.send_replace(true);
        if let Some(db) = self.holder.lock().await.take() {
            db.execute_unprepared("ROLLBACK").await.unwrap();
            db.close().await.unwrap();
        }
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn carry(listener: TcpListener, server: String, up: watch::Sender<bool>, silent: watch::Sender<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (server, mut up, mut silent) = (server.clone(), up.subscribe(), silent.subscribe());
        if !*up.borrow_and_update() {
            continue;
        }
        tokio::spawn(async move {
            if !*silent.borrow_and_update() {
                let mut far = TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                    _ = up.changed() => return,
                    _ = silent.wait_for(|silent| *silent) => {}
                }
                swallow(&mut near).await;
                return;
            }
            swallow(&mut near).await;
        });
    }
}

/// Reads everything and answers nothing, until the other end is closed.
async fn swallow(near: &mut TcpStream) {
    drop(tokio::io::copy(near, &mut tokio::io::sink()).await);
}
