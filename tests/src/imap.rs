//! A mail service's account (IMAP) that behaves as a test requires.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use ansvar::config::imap::ImapAccount;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::watch;

/// A mail in the account's folder.
#[derive(Clone, Debug)]
pub struct StoredMail {
    pub at: DateTime<Utc>,
    pub raw: String,
    pub seen: bool,
}

/// The current state of the account and its folder.
#[derive(Clone, Debug)]
pub struct Folder {
    pub validity: u32,
    pub next: u32,
    pub mails: BTreeMap<u32, StoredMail>,
    /// The password, or the access token when `token` is set.
    pub secret: String,
    pub token: bool,
    pub idles: bool,
    /// Mails that are not returned to clients.
    pub hides: Vec<u32>,
    /// The reply to a refused sign-in.
    pub refusal: &'static str,
    /// The number of sign-ins so far, and of those that were refused.
    pub entered: usize,
    pub refused: usize,
}

/// An account with one folder, INBOX.
pub struct Account {
    port: u16,
    folder: Arc<Mutex<Folder>>,
    changed: watch::Sender<u64>,
    /// Closes the connections when it changes.
    line: watch::Sender<u64>,
    task: tokio::task::JoinHandle<()>,
}

impl Account {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = Arc::new(Mutex::new(Folder {
            validity: 7,
            next: 1,
            mails: BTreeMap::new(),
            secret: "open sesame".to_owned(),
            token: false,
            idles: true,
            hides: Vec::new(),
            refusal: "not that one",
            entered: 0,
            refused: 0,
        }));
        let (changed, line) = (watch::Sender::new(0), watch::Sender::new(0));
        let (held, news, cut) = (Arc::clone(&folder), changed.clone(), line.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (read, write) = socket.into_split();
                let folder = Arc::clone(&held);
                let talk = Talk { folder, write, changed: news.subscribe(), told: 0 };
                let mut cut = cut.subscribe();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = talk.run(BufReader::new(read)) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { port, folder, changed, line, task }
    }

    /// The settings of this account for the service.
    pub fn as_config(&self, mailbox: &str, start_from: &str) -> ImapAccount {
        ImapAccount {
            mailbox: mailbox.to_owned(),
            server: format!("imap://127.0.0.1:{}", self.port),
            user: mailbox.to_owned(),
            password: Some("open sesame".to_owned()),
            password_file: None,
            token_file: None,
            oauth: None,
            folder: "INBOX".to_owned(),
            start_from: start_from.to_owned(),
        }
    }

    pub fn folder(&self) -> MutexGuard<'_, Folder> {
        self.folder.lock().unwrap()
    }

    /// Adds a mail to the folder.
    pub fn comes(&self, at: DateTime<Utc>, raw: &str) -> u32 {
        let uid = {
            let mut folder = self.folder();
            let uid = folder.next;
            folder.next += 1;
            folder.mails.insert(uid, StoredMail { at, raw: raw.to_owned(), seen: false });
            uid
        };
        self.changed.send_modify(|count| *count += 1);
        uid
    }

    /// Closes all connections.
    pub fn hangs_up(&self) {
        self.line.send_modify(|count| *count += 1);
    }

    pub fn seen(&self) -> Vec<u32> {
        self.folder().mails.iter().filter(|(_, mail)| mail.seen).map(|(uid, _)| *uid).collect()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection.
struct Talk {
    folder: Arc<Mutex<Folder>>,
    write: OwnedWriteHalf,
    changed: watch::Receiver<u64>,
    /// The number of mails that the client knows of.
    told: usize,
}

type Lines = tokio::io::Lines<BufReader<tokio::net::tcp::OwnedReadHalf>>;

impl Talk {
    async fn run(mut self, read: BufReader<tokio::net::tcp::OwnedReadHalf>) -> std::io::Result<()> {
        let mut lines = read.lines();
        self.say("* OK ready").await?;
        while let Some(line) = lines.next_line().await? {
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            let name = command.to_ascii_uppercase();
            if name.starts_with("LOGIN") {
                let good = !self.now().token && command.ends_with(&format!("\"{}\"", self.now().secret));
                self.enters(tag, good).await?;
            } else if name == "AUTHENTICATE XOAUTH2" {
                self.say("+ ").await?;
                let said = lines.next_line().await?.unwrap_or_default();
                let said = String::from_utf8(STANDARD.decode(said).unwrap()).unwrap();
                let good = self.now().token && said.contains(&format!("auth=Bearer {}\u{1}", self.now().secret));
                if !good {
                    // Like large mail services: an error message as a challenge, which the client answers with an empty
                    // line.
                    self.say(&format!("+ {}", STANDARD.encode(r#"{"status":"400"}"#))).await?;
                    assert_eq!(lines.next_line().await?.as_deref(), Some(""));
                }
                self.enters(tag, good).await?;
            } else if name == "CAPABILITY" {
                let idle = if self.now().idles { " IDLE" } else { "" };
                self.say(&format!("* CAPABILITY IMAP4rev1{idle}")).await?;
                self.say(&format!("{tag} OK done")).await?;
            } else if name == "IDLE" {
                self.idles(tag, &mut lines).await?;
            } else {
                let answer = self.answer(&name);
                self.write.write_all(answer.as_bytes()).await?;
                let end = {
                    let folder = self.now();
                    let refused = folder.hides.iter().any(|uid| name.starts_with(&format!("UID FETCH {uid} ")));
                    if refused { format!("NO {}", folder.refusal) } else { "OK done".to_owned() }
                };
                self.say(&format!("{tag} {end}")).await?;
            }
        }
        Ok(())
    }

    fn now(&self) -> MutexGuard<'_, Folder> {
        self.folder.lock().unwrap()
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.write.write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn enters(&mut self, tag: &str, good: bool) -> std::io::Result<()> {
        {
            let mut folder = self.now();
            folder.entered += usize::from(good);
            folder.refused += usize::from(!good);
        }
        let answer = if good { "OK welcome" } else { "NO [AUTHENTICATIONFAILED] who are you" };
        self.say(&format!("{tag} {answer}")).await
    }

    async fn idles(&mut self, tag: &str, lines: &mut Lines) -> std::io::Result<()> {
        self.say("+ idling").await?;
        loop {
            let count = self.now().mails.len();
            if count > self.told {
                self.told = count;
                self.say(&format!("* {count} EXISTS")).await?;
            }
            tokio::select! {
                line = lines.next_line() => {
                    let Some(line) = line? else { return Ok(()) };
                    assert_eq!(line, "DONE");
                    return self.say(&format!("{tag} OK done")).await;
                }
                _ = self.changed.changed() => {}
            }
        }
    }

    /// The untagged responses to a command.
    fn answer(&mut self, command: &str) -> String {
        let count = self.now().mails.len();
        let words: Vec<&str> = command.split(' ').collect();
        if words[0] == "SELECT" {
            self.told = count;
            let folder = self.now();
            return format!(
                "* {count} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n* OK [UIDNEXT {}] ok\r\n",
                folder.validity, folder.next
            );
        }
        let folder = self.now();
        match words.get(1).copied() {
            Some("SEARCH") if words[2] == "SINCE" => {
                let day = chrono::NaiveDate::parse_from_str(words[3], "%d-%b-%Y").unwrap();
                let found = folder.mails.iter().filter(|(_, mail)| mail.at.date_naive() >= day);
                found_these(found.map(|(uid, _)| uid))
            }
            Some("SEARCH") => {
                let from: u32 = words[3].split(':').next().unwrap().parse().unwrap();
                let last = folder.mails.keys().next_back().copied();
                let found = folder.mails.keys().filter(|uid| **uid >= from || Some(**uid) == last);
                found_these(found)
            }
            Some("FETCH") => {
                let uid: u32 = words[2].parse().unwrap();
                let place = folder.mails.keys().position(|held| *held == uid);
                match (place, folder.mails.get(&uid)) {
                    (Some(place), Some(mail)) if !folder.hides.contains(&uid) => format!(
                        "* {} FETCH (UID {uid} INTERNALDATE \"{}\" BODY[]<0> {{{}}}\r\n{})\r\n",
                        place + 1,
                        mail.at.format("%d-%b-%Y %H:%M:%S %z"),
                        mail.raw.len(),
                        mail.raw
                    ),
                    _ => String::new(),
                }
            }
            Some("STORE") => {
                let uid: u32 = words[2].parse().unwrap();
                assert!(command.contains("+FLAGS.SILENT (\\SEEN)"), "{command}");
                let mut folder = folder;
                folder.mails.get_mut(&uid).unwrap().seen = true;
                String::new()
            }
            _ => String::new(),
        }
    }
}

fn found_these<'u>(uids: impl Iterator<Item = &'u u32>) -> String {
    let uids: Vec<_> = uids.map(u32::to_string).collect();
    format!("* SEARCH {}\r\n", uids.join(" ")).replace(" \r", "\r")
}
