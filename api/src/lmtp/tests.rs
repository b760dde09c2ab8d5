//! Sessions with the LMTP server, as a mail server holds them.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::sync::oneshot;

use super::gate::{Passed, pass};
use super::*;

const LIMIT: usize = 31_457_280;
const MAIL: &str = "MAIL FROM:<a>\r\n";
const BODY: &str = "DATA\r\nm\r\n.\r\n";

/// Stores what it is sent, except for recipients that it does not know (`no…`), cannot look up (`ask…`) or cannot store
/// (`full…`).
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<Delivery>>>);

impl Inbox for Desk {
    async fn takes(&self, address: &str) -> Result<bool, Unavailable> {
        if address.starts_with("ask") { Err(Unavailable) } else { Ok(!address.starts_with("no")) }
    }

    async fn store(&self, delivery: Delivery) -> Result<(), Unavailable> {
        assert!(!delivery.envelope_to.starts_with("panic"), "a store that breaks");
        if delivery.envelope_to.starts_with("full") {
            return Err(Unavailable);
        }
        self.0.lock().unwrap().push(delivery);
        Ok(())
    }
}

impl Desk {
    fn mails(&self) -> Vec<String> {
        let line = |mail: &Delivery| {
            format!("{}>{} {:?}", mail.envelope_from, mail.envelope_to, String::from_utf8_lossy(&mail.raw))
        };
        self.0.lock().unwrap().iter().map(line).collect()
    }
}

/// The client's end of a session, and the store that the session uses. The session runs until the sender is dropped.
fn client() -> (DuplexStream, Desk, watch::Sender<()>) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (desk, (going, gone)) = (Desk::default(), watch::channel(()));
    let inbox = desk.clone();
    tokio::spawn(async move { session(far, inbox, "here", gone).await });
    (near, desk, going)
}

/// Sends everything at once. Returns the replies, and what was stored.
async fn said(text: &[u8]) -> (String, Desk) {
    let (near, desk, _going) = client();
    let (mut read, mut write) = tokio::io::split(near);
    let mut answers = String::new();
    let talk = async {
        // The server may have closed the connection already.
        let _ = write.write_all(text).await;
        let _ = write.shutdown().await;
    };
    let (read, ()) = tokio::join!(read.read_to_string(&mut answers), talk);
    read.unwrap();
    (answers, desk)
}

/// The codes of the replies after those to LHLO.
async fn codes(text: &[u8]) -> (String, Desk) {
    let (answers, desk) = said(&[b"LHLO me\r\n".as_slice(), text].concat()).await;
    let code = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace("354 end", "354");
    (answers.lines().skip(7).map(code).collect::<Vec<_>>().join(", "), desk)
}

/// Each row has what is sent, the codes of the replies, and what is stored.
async fn check(table: &[(String, &str, &[&str])]) {
    for (text, expected, mails) in table {
        let (answers, desk) = codes(text.as_bytes()).await;
        assert_eq!(answers, *expected, "{text}");
        assert_eq!(desk.mails(), *mails, "{text}");
    }
}

#[tokio::test]
async fn a_mail_from_beginning_to_end() {
    let mail =
        b"LHLO me\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nA: b\r\n\r\nhi\r\n.\r\nQUIT\r\n";
    let (answers, desk) = said(mail).await;
    let expected = "220 here LMTP\r\n250-here\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
        250-SIZE 31457280\r\n250 ENHANCEDSTATUSCODES\r\n250 2.1.0 sender taken\r\n250 2.1.5 recipient taken\r\n\
        354 end with a dot on a line of its own\r\n250 2.0.0 stored\r\n221 2.0.0 goodbye\r\n";
    assert_eq!(answers, expected);
    assert_eq!(desk.mails(), [r#"a@x.example>b@y.example "A: b\r\n\r\nhi\r\n""#]);
}

#[tokio::test]
async fn commands() {
    let table: &[(String, &str, &[&str])] = &[
        // Several recipients, each with a reply of its own. The same recipient twice gets two replies.
        (
            format!("{MAIL}RCPT TO:<b>\r\nRCPT TO:<no>\r\nRCPT TO:<full>\r\nRCPT TO:<ask>\r\nRCPT TO:<b>\r\n{BODY}"),
            "250 2.1.0, 250 2.1.5, 550 5.1.1, 250 2.1.5, 451 4.3.0, 250 2.1.5, 354, 250 2.0.0, 451 4.3.0, 250 2.0.0",
            &[r#"a>b "m\r\n""#, r#"a>b "m\r\n""#],
        ),
        // No recipient is accepted, so what follows DATA is not a mail.
        (format!("{MAIL}RCPT TO:<no>\r\nDATA\r\nNOOP\r\n"), "250 2.1.0, 550 5.1.1, 503 5.5.1, 250 2.0.0", &[]),
        // Paths.
        (
            "mail from: <>  body=8bitmime smtputf8 SIZE=31457280 \r\nrcpt to:<@p,@q:\"b\\\">\"@y>\r\nDATA\r\n.\r\n"
                .into(),
            "250 2.1.0, 250 2.1.5, 354, 250 2.0.0",
            &[r#">"b\">"@y """#],
        ),
        (
            "MAIL FROM:a\r\nMAIL FROM:<a\r\nMAIL TO:<a>\r\nMAIL\r\nMAIL FROM:<a>b\r\n".into(),
            "501 5.1.7, 501 5.1.7, 501 5.1.7, 501 5.1.7, 501 5.1.7",
            &[],
        ),
        (
            format!("{MAIL}RCPT TO:<>\r\nRCPT TO:<b> X=y\r\nRCPT TO:<b> \r\n"),
            "250 2.1.0, 501 5.1.3, 555 5.5.4, 250 2.1.5",
            &[],
        ),
        // Parameters.
        (
            "MAIL FROM:<a> SIZE=31457281\r\nMAIL FROM:<a> SIZE=99999999999999999999\r\nMAIL FROM:<a> SIZE=+1\r\n\
             MAIL FROM:<a> BODY=BINARYMIME\r\nMAIL FROM:<a> SIZE\r\n"
                .into(),
            "552 5.3.4, 552 5.3.4, 501 5.5.4, 555 5.5.4, 501 5.5.4",
            &[],
        ),
        // Commands in the wrong order.
        (
            format!(
                "RCPT TO:<b>\r\nDATA\r\n{MAIL}{MAIL}RCPT TO:<b>\r\nRSET\r\nDATA\r\n{MAIL}LHLO me\r\nRCPT TO:<b>\r\n"
            ),
            "503 5.5.1, 503 5.5.1, 250 2.1.0, 503 5.5.1, 250 2.1.5, 250 2.0.0, 503 5.5.1, 250 2.1.0, \
             250-here, 250-PIPELINING, 250-8BITMIME, 250-SMTPUTF8, 250-SIZE 31457280, \
             250 ENHANCEDSTATUSCODES, 503 5.5.1",
            &[],
        ),
        // Other commands.
        (
            "EHLO me\r\nHELO me\r\nLHLO\r\nVRFY b\r\nnoop x\r\nSTARTTLS\r\nGET / HTTP/1.1\r\n\r\nRSET x\r\nQUIT\r\n"
                .into(),
            "500 5.5.1, 500 5.5.1, 501 5.5.4, 252 2.0.0, 250 2.0.0, 502 5.5.1, 500 5.5.1, 500 5.5.1, \
             501 5.5.4, 221 2.0.0",
            &[],
        ),
    ];
    check(table).await;
    // Before LHLO only commands that change nothing are accepted.
    assert!(said(b"MAIL FROM:<a>\r\n").await.0.contains("503 5.5.1"));
}

#[tokio::test]
async fn lines_dots_and_bounds() {
    let many = |count| "RCPT TO:<b>\r\n".repeat(count);
    let long = |length: usize| format!("NOOP {}\r\n", "x".repeat(length - 7));
    let table: &[(String, &str, &[&str])] = &[
        // Length, line end and content of lines.
        (format!("{}{}NOOP\r\n", long(2_000), long(2_001)), "250 2.0.0, 500 5.5.2, 250 2.0.0", &[]),
        (format!("{}NOOP\r\n", long(200_000)), "500 5.5.2, 250 2.0.0", &[]),
        ("NOOP\nNOOP\rNOOP\r\nNO\0OP\r\nNOOP\r\nNOO".into(), "500 5.5.2, 500 5.5.2, 500 5.5.2, 250 2.0.0", &[]),
        // Limits of recipients and errors.
        (
            format!("{MAIL}{}RSET\r\n", many(101)),
            &format!("250 2.1.0, {}452 4.5.3, 250 2.0.0", "250 2.1.5, ".repeat(100)),
            &[],
        ),
        (format!("{}NOOP\r\n", "X\r\n".repeat(21)), &format!("{}421 4.7.0", "500 5.5.1, ".repeat(20)), &[]),
        // Dot stuffing, and sequences that do not end a mail. Only CR LF . CR LF ends it.
        (
            format!("{MAIL}RCPT TO:<b>\r\nDATA\r\n..\r\n.a\r\n...\r\nb.\r\n.\r\nNOOP\r\n"),
            "250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 250 2.0.0",
            &[r#"a>b ".\r\na\r\n..\r\nb.\r\n""#],
        ),
        (
            format!(
                "{MAIL}RCPT TO:<b>\r\nDATA\r\nx\n.\ny\n.\r\nz\r.\r\n{MAIL}\r\n.\n\r\n.\r{MAIL}\r\n.\r\r\n.\r\nNOOP\r\n"
            ),
            "250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 250 2.0.0",
            &[r#"a>b "x\n.\ny\n.\r\nz\r.\r\nMAIL FROM:<a>\r\n\r\n\n\r\n\rMAIL FROM:<a>\r\n\r\n\r\r\n""#],
        ),
        // A mail that breaks off is not stored.
        (format!("{MAIL}RCPT TO:<b>\r\nDATA\r\nm\r\n."), "250 2.1.0, 250 2.1.5, 354", &[]),
    ];
    check(table).await;
}

#[tokio::test]
async fn what_is_too_large_is_read_to_its_end() {
    for (over, answer, kept) in [(0, "250 2.0.0", 2), (1, "552 5.3.4", 0)] {
        let mut text = b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\n..".to_vec();
        text.resize(text.len() + LIMIT - 3 + over, b'x');
        text.extend_from_slice(b"\r\n.\r\nNOOP\r\n");
        let (answers, desk) = codes(&text).await;
        assert_eq!(answers, format!("250 2.1.0, 250 2.1.5, 250 2.1.5, 354, {answer}, {answer}, 250 2.0.0"));
        let mails = desk.0.lock().unwrap();
        assert_eq!(mails.len(), kept);
        assert!(mails.iter().all(|mail| mail.raw.len() == LIMIT && Arc::ptr_eq(&mail.raw, &mails[0].raw)));
    }
}

#[tokio::test]
async fn what_comes_byte_by_byte_is_the_same() {
    let (mut near, desk, _going) = client();
    let text = b"LHLO me\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n..\r\n.\rx\r\n.\r\nQUIT\r\n";
    for byte in text {
        near.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    near.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(desk.mails(), [r#"a>b ".\r\n\rx\r\n""#]);
}

#[tokio::test]
async fn a_stop_lets_the_mail_under_way_come_in() {
    let (mut near, desk, going) = client();
    near.write_all(b"LHLO me\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n").await.unwrap();
    let mut told = Vec::new();
    while !told.windows(4).any(|part| part == b"354 ") {
        near.read_buf(&mut told).await.unwrap();
    }
    drop(going);
    near.write_all(b"m\r\n.\r\nMAIL FROM:<a>\r\n").await.unwrap();
    near.read_to_end(&mut told).await.unwrap();
    assert!(String::from_utf8(told).unwrap().ends_with("250 2.0.0 stored\r\n421 4.3.2 the service stops\r\n"));
    assert_eq!(desk.mails().len(), 1);
}

#[tokio::test]
async fn a_socket_file_its_mode_its_heirs_and_a_session_that_breaks() {
    let path = std::env::temp_dir().join(format!("lmtp-{}.sock", std::process::id()));
    let address: Address = format!("unix:{}", path.display()).parse().unwrap();
    drop(bind(&address).await.unwrap());
    assert!(path.exists(), "what a service leaves behind");
    let listener = bind(&address).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    assert_eq!(bind(&address).await.unwrap_err().kind(), io::ErrorKind::AddrInUse, "it is listened at");
    let (desk, (stop, stopped)) = (Desk::default(), oneshot::channel::<()>());
    let served = tokio::spawn(serve(listener, desk.clone(), async move { drop(stopped.await) }));
    for (to, answers) in [("panic", 10), ("b", 12)] {
        let mut near = UnixStream::connect(&path).await.unwrap();
        let text = format!("LHLO me\r\nMAIL FROM:<a>\r\nRCPT TO:<{to}>\r\nDATA\r\nm\r\n.\r\nQUIT\r\n");
        near.write_all(text.as_bytes()).await.unwrap();
        let mut told = String::new();
        near.read_to_string(&mut told).await.unwrap();
        assert_eq!(told.lines().count(), answers, "{told}");
    }
    drop(stop);
    served.await.unwrap();
    assert_eq!(desk.mails(), [r#"a>b "m\r\n""#]);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "somebody's").unwrap();
    assert!(bind(&address).await.is_err(), "a file that is no socket is left alone");
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_pipe_that_does_not_say_who_sent_a_mail_does_not_say_that_nobody_did() {
    let address: Address = "127.0.0.1:0".parse().unwrap();
    let listener = bind(&address).await.unwrap();
    let service = Address::Tcp(listener.local_addr().unwrap());
    let (desk, (stop, stopped)) = (Desk::default(), oneshot::channel::<()>());
    let served = tokio::spawn(serve(listener, desk.clone(), async move { drop(stopped.await) }));
    let named = "From: Karin Ek <karin@example.com>\n\nm\n";
    for (from, to, raw, passed) in [
        (Some("bo@example.com"), "b", named, Passed::Kept),
        (Some(""), "b", named, Passed::Kept),
        (None, "b", named, Passed::Kept),
        (None, "b", "Subject: x\n\nm\n", Passed::Kept),
        (None, "b", "From: X <foo\"bar@example.com>\n\nm\n", Passed::Kept),
        (None, "b", "From: @shop\n\nm\n", Passed::Kept),
        (Some("a>\r\nb"), "b", named, Passed::Refused),
        (None, "no", named, Passed::Refused),
        (None, "full", named, Passed::Later),
    ] {
        assert_eq!(pass(&service, (from, to), raw.as_bytes()).await, passed, "{from:?} {to} {raw:?}");
    }
    let from = |mail: String| mail.split('>').next().unwrap().to_owned();
    let senders: Vec<_> = desk.mails().into_iter().map(from).collect();
    let unknown = "somebody@sender.invalid";
    assert_eq!(senders, ["bo@example.com", "", "karin@example.com", unknown, unknown, unknown]);
    drop(stop);
    served.await.unwrap();
}

#[test]
fn addresses() {
    let read = |text: &str| text.parse::<Address>();
    assert_eq!(read("127.0.0.1:2424"), Ok(Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 2424)))));
    assert_eq!(read("unix:/run/a"), Ok(Address::Unix("/run/a".into())));
    assert!(read("[::1]:24").is_ok());
    for text in ["0.0.0.0:24", "192.0.2.1:24", "[::]:24", "localhost:24", "unix:a", "unix:", ""] {
        assert!(read(text).is_err(), "{text}");
    }
}
