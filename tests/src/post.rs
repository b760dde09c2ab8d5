//! A mail server for tests: it delivers mail (LMTP), and accepts or refuses letters (SMTP) as a test requires.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A letter that was accepted.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub raw: String,
}

impl Taken {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        let mail = MessageParser::default().parse(self.raw.as_bytes())?.into_owned();
        let header = mail.header_raw(name.to_owned())?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(header)
    }

    pub fn subject(&self) -> String {
        MessageParser::default().parse(self.raw.as_bytes()).unwrap().subject().unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        MessageParser::default().parse(self.raw.as_bytes()).unwrap().body_text(0).unwrap().into_owned()
    }

    /// The address between `<` and `>` of a header.
    pub fn address(&self, name: &str) -> String {
        let value = self.header(name).unwrap();
        value.rsplit('<').next().unwrap().trim_end_matches('>').to_owned()
    }
}

/// The SMTP server that accepts letters.
pub struct Sink {
    pub url: String,
    taken: watch::Receiver<Vec<Taken>>,
    answer: Arc<AtomicU16>,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (letters, taken) = watch::channel(Vec::new());
        let answer = Arc::new(AtomicU16::new(250));
        let answers = Arc::clone(&answer);
        let task = tokio::spawn(async move {
            let letters = Arc::new(letters);
            while let Ok((socket, _)) = listener.accept().await {
                let (letters, answers) = (Arc::clone(&letters), Arc::clone(&answers));
                tokio::spawn(async move { drop(session(socket, &letters, &answers).await) });
            }
        });
        Self { url, taken, answer, task }
    }

    /// Sets the reply to recipients: 250, or 4xx and 5xx.
    pub fn answers(&self, code: u16) {
        self.answer.store(code, Ordering::SeqCst);
    }

    /// Waits until there are this many letters; returns all letters so far.
    pub async fn letters(&self, count: usize) -> Vec<Taken> {
        let mut taken = self.taken.clone();
        let all = tokio::time::timeout(crate::watch::PATIENCE, taken.wait_for(|all| all.len() >= count)).await;
        all.unwrap_or_else(|_| panic!("{count} letters never came")).unwrap().clone()
    }

    /// The letters so far.
    pub fn all(&self) -> Vec<Taken> {
        self.taken.borrow().clone()
    }

    pub fn count(&self) -> usize {
        self.taken.borrow().len()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn session(socket: TcpStream, letters: &watch::Sender<Vec<Taken>>, answer: &AtomicU16) -> std::io::Result<()> {
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink\r\n").await?;
    let (mut from, mut to) = (String::new(), String::new());
    while let Some(line) = lines.next_line().await? {
        let inside = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let command = line.to_ascii_uppercase();
        if command.starts_with("EHLO") {
            write.write_all(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n").await?;
        } else if command.starts_with("MAIL") {
            from = inside();
            write.write_all(b"250 ok\r\n").await?;
        } else if command.starts_with("RCPT") {
            to = inside();
            let code = answer.load(Ordering::SeqCst);
            write.write_all(format!("{code} as the story wants\r\n").as_bytes()).await?;
        } else if command == "DATA" {
            write.write_all(b"354 go on\r\n").await?;
            let mut raw = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                raw.push_str("\r\n");
            }
            letters.send_modify(|all| all.push(Taken { from: from.clone(), to: to.clone(), raw }));
            write.write_all(b"250 taken\r\n").await?;
        } else if command == "QUIT" {
            write.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            write.write_all(b"250 ok\r\n").await?;
        }
    }
    Ok(())
}

/// Delivers a mail to these recipients; returns the reply for each.
pub async fn hand_over(address: SocketAddr, from: &str, to: &[&str], raw: &str) -> Vec<u16> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut answer = async || {
        loop {
            let line = lines.next_line().await.unwrap().expect("an answer");
            if line.as_bytes()[3] == b' ' {
                return line[..3].parse::<u16>().unwrap();
            }
        }
    };
    assert_eq!(answer().await, 220);
    write.write_all(b"LHLO next.door\r\n").await.unwrap();
    assert_eq!(answer().await, 250);
    write.write_all(format!("MAIL FROM:<{from}>\r\n").as_bytes()).await.unwrap();
    assert_eq!(answer().await, 250);
    let mut answers = Vec::new();
    let mut known = 0;
    for to in to {
        write.write_all(format!("RCPT TO:<{to}>\r\n").as_bytes()).await.unwrap();
        let code = answer().await;
        answers.push(code);
        known += usize::from(code == 250);
    }
    if known == 0 {
        return answers;
    }
    write.write_all(b"DATA\r\n").await.unwrap();
    assert_eq!(answer().await, 354);
    let stuffed = raw.replace("\r\n.", "\r\n..");
    write.write_all(format!("{stuffed}\r\n.\r\n").as_bytes()).await.unwrap();
    for code in answers.iter_mut().filter(|code| **code == 250) {
        *code = answer().await;
    }
    answers
}
