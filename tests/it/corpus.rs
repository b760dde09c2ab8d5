//! Mails with their expected reading: `NAME.eml` and `NAME.json`, in `tests/corpus` or in the folder that
//! `ANSVAR_CORPUS` names. They are read with `previewEmail`. `tests/corpus/README.md` describes the format of the
//! expectations.

use std::path::{Path, PathBuf};

use ansvar_tests::TestApp;
use ansvar_tests::chance::Chance;
use ansvar_tests::golden::root;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use serde_json::{Value, json};

const DOCUMENT: &str = "query($raw: Base64!) { previewEmail(raw: $raw) { kind kindEvidence subject sender { name address } recipients { address } text visibleText message cuts { mark } html attachments { name contentType sizeBytes } thread { messageId } forwarded { sender { name address } subject text note } bounceRecipients { address status permanent } bouncedMessageId warnings notUnderstoodBecause } }";

fn mails(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(mails(&path));
        } else if path.extension().is_some_and(|ending| ending == "eml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text without spaces at line ends, and with consecutive blank lines joined.
fn normal(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    json!(lines.join("\n").trim())
}

/// The reading in the format of the expectations.
fn reading(preview: &Value, name: &str, expected: &Value) -> Value {
    match name {
        "recipients" => {
            preview["recipients"].as_array().unwrap().iter().map(|recipient| recipient["address"].clone()).collect()
        }
        "messageId" => preview["thread"]["messageId"].clone(),
        "originalMessageId" => preview["bouncedMessageId"].clone(),
        "cuts" => preview["cuts"].as_array().unwrap().iter().map(|cut| cut["mark"].clone()).collect(),
        "visibleText" | "text" | "message" => normal(&preview[name]),
        "forwarded" => {
            let named = expected.as_object().unwrap().keys();
            named.map(|key| (key.clone(), preview["forwarded"][key].clone())).collect::<serde_json::Map<_, _>>().into()
        }
        name => preview[name].clone(),
    }
}

/// The expectations that this reading does not meet.
fn differences(preview: &Value, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, expected) in expected.as_object().unwrap() {
        let pieces = |of: &Value| of.as_array().cloned().unwrap_or_default();
        match name.as_str() {
            "about" => {}
            "textContains" => {
                let text = preview["text"].as_str().unwrap();
                let missing = pieces(expected).into_iter().filter(|piece| !text.contains(piece.as_str().unwrap()));
                wrong.extend(missing.map(|piece| format!("text lacks {piece}: {text}")));
            }
            "html" => {
                let html = preview["html"].as_str().unwrap_or_default().to_lowercase();
                let has = |piece: &Value| html.contains(&piece.as_str().unwrap().to_lowercase());
                wrong.extend(
                    pieces(&expected["contains"])
                        .iter()
                        .filter(|piece| !has(piece))
                        .map(|piece| format!("html lacks {piece}: {html}")),
                );
                wrong.extend(
                    pieces(&expected["lacks"])
                        .iter()
                        .filter(|piece| has(piece))
                        .map(|piece| format!("html has {piece}: {html}")),
                );
            }
            name => {
                let (got, want) = (reading(preview, name, expected), normal(expected));
                let nothing = |value: &Value| value.is_null() || value == "";
                if got != want && !(nothing(&got) && nothing(&want)) {
                    wrong.push(format!("{name}\n    read     {got}\n    expected {want}"));
                }
            }
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_is_read_as_its_expectation_says() {
    let given = std::env::var_os("ANSVAR_CORPUS").map(PathBuf::from);
    let folder = given.clone().unwrap_or_else(|| root().join("tests/corpus"));
    let mails = mails(&folder);
    assert!(given.is_some() || mails.len() >= 300, "{} mails", mails.len());
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let read = futures_util::stream::iter(&mails).map(async |path| {
        let expected = std::fs::read(path.with_extension("json"))
            .unwrap_or_else(|_| panic!("{} has no expectation", path.display()));
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let raw = STANDARD.encode(std::fs::read(path).unwrap());
        let preview = shop.gateway.asks(DOCUMENT, json!({ "raw": raw })).await["previewEmail"].take();
        let wrong = differences(&preview, &expected);
        (!wrong.is_empty())
            .then(|| format!("{}\n  {}\n  because {}", path.display(), wrong.join("\n  "), preview["kindEvidence"]))
    });
    let wrong: Vec<String> = read.buffer_unordered(4).filter_map(async |wrong| wrong).collect().await;
    assert!(
        wrong.is_empty(),
        "{} of {} mails are read otherwise than expected:\n{}",
        wrong.len(),
        mails.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_for_staff_and_gateways_and_stores_nothing() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let raw = json!({ "raw": STANDARD.encode("From: asa@example.com\r\nSubject: x\r\n\r\nwords") });
    for allowed in [&shop.gateway, &shop.manager, shop.staff("anna")] {
        let preview = allowed.asks(DOCUMENT, raw.clone()).await;
        assert_eq!(preview["previewEmail"]["visibleText"], "words");
    }
    let customer = shop.customer("asa", "broadband").await;
    let cases = shop.manager.asks("{ cases { totalCount } }", json!({})).await;
    assert_eq!(cases["cases"]["totalCount"], 1);
    assert_eq!(customer.client.is_refused(DOCUMENT, raw.clone()).await, "FORBIDDEN");
    assert_eq!(shop.widget.is_refused(DOCUMENT, raw.clone()).await, "FORBIDDEN");
    assert_eq!(ansvar_tests::Client::new(&t.base(), None).is_refused(DOCUMENT, raw).await, "UNAUTHENTICATED");
}

/// The mail with bytes lost, doubled, swapped and invented, as by faulty servers and attackers.
fn damaged(mail: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = mail.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        let until = (at + chance.below(60)).min(bytes.len());
        match chance.below(6) {
            0 => drop(bytes.drain(at..until)),
            1 => bytes.splice(at..at, bytes[at..until].to_vec()).for_each(drop),
            2 => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            3 => {
                let from = chance.below(other.len());
                let piece = other[from..(from + 80).min(other.len())].to_vec();
                bytes.splice(at..until, piece).for_each(drop);
            }
            4 => bytes.truncate(until.max(1)),
            _ => {
                let pieces: [&[u8]; 8] = [
                    b"\r\n\r\n",
                    b"--",
                    b"=?utf-8?B?",
                    b"<div>",
                    b"\0",
                    b"Content-Type: message/rfc822\r\n\r\n",
                    b">",
                    b"\xff\xfe",
                ];
                let piece = pieces[chance.below(pieces.len())].to_vec();
                bytes.splice(at..at, piece).for_each(drop);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
    }
    bytes
}

/// The processor time of this thread, which does not depend on the machine's other load: the first number of Linux's
/// schedstat, in nanoseconds.
fn worked() -> std::time::Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(said.split(' ').next().unwrap().parse().unwrap())
}

/// `ANSVAR_SEQUENCES` sets how many times each mail is damaged, `ANSVAR_SEED` the seed of the random numbers.
#[test]
fn whatever_happened_to_a_mail_on_its_way_it_is_read() {
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (times, seed) = (setting("ANSVAR_SEQUENCES").unwrap_or(3), setting("ANSVAR_SEED").unwrap_or(7));
    let mails: Vec<Vec<u8>> =
        mails(&root().join("tests/corpus")).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let (mut read, mut broken) = (0, 0);
    for (number, mail) in mails.iter().enumerate() {
        for time in 0..times {
            let mut chance = Chance(seed ^ (number as u64) << 32 ^ time);
            let other = &mails[chance.below(mails.len())];
            let bytes = damaged(mail, other, &mut chance);
            let began = worked();
            let found = ansvar::mail::ParsedEmail::read(&bytes);
            let which = format!("seed {seed}, mail {number}, time {time}");
            let took = worked().saturating_sub(began);
            assert!(took.as_secs() < 10, "{which}: {took:?}");
            let one_line = |text: &str| !text.contains(|c: char| c.is_control());
            assert!(found.subject.as_deref().is_none_or(one_line), "{which}");
            assert!(found.sender.iter().all(|sender| one_line(&sender.address)), "{which}");
            assert!(!found.text.contains('\0') && !found.visible.contains('\0'), "{which}");
            assert!(found.attachments.iter().all(|file| one_line(&file.name) && !file.name.contains('/')), "{which}");
            read += 1;
            broken += usize::from(found.not_understood_because.is_some_and(|why| why.contains("put together")));
        }
    }
    assert!(broken * 50 < read, "the parser broke on {broken} of {read}");
}
