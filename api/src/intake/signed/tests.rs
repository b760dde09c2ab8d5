//! Which signatures count and which do not.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::{DkimKey, Ed25519Key};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{DkimSigner, Done};
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::{DnsError, Error};

use super::*;

const MAIL: &str = "From: Elin <elin@shop.example>\r\nTo: help@us.example\r\nSubject: Late\r\n\r\nWhere is it?\r\n";
const RELAXED: (&str, &str) = ("_dmarc.shop.example.", "v=DMARC1; p=reject");
const STRICT: (&str, &str) = ("_dmarc.shop.example.", "v=DMARC1; p=reject; adkim=s");

/// A private key, and the record that its domain publishes for it (RFC 6376, 3.6.1; RFC 8463, 4).
struct Key {
    secret: Vec<u8>,
    record: String,
}

static ED25519: LazyLock<Key> = LazyLock::new(|| {
    let secret = Ed25519Key::generate_pkcs8().unwrap();
    let public = Ed25519Key::from_pkcs8_der(&secret).unwrap().public_key();
    Key { secret, record: format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(public)) }
});

/// RFC 8463, appendix A: a mail with one signature of each kind, and the DNS records of their keys.
const FOOTBALL: &str = include_str!("football.eml");
const FOOTBALL_KEYS: [(&str, &str); 2] = [
    ("brisbane._domainkey.football.example.com.", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    (
        "test._domainkey.football.example.com.",
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\
         Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G\
         +2kryOTIKT+l/K4w3QIDAQAB",
    ),
];

fn ed25519() -> DkimKey {
    Ed25519Key::from_pkcs8_der(&ED25519.secret).unwrap().into()
}

fn signer(key: DkimKey, domain: &str, fields: &[&str]) -> DkimSigner<DkimKey, Done> {
    DkimSigner::from_key(key).domain(domain).selector("s").headers(fields.iter().copied())
}

/// The mail with the signature added at the top, and the time in seconds from which the signature is no longer valid.
fn sign(signer: &DkimSigner<DkimKey, Done>, mail: &str) -> (String, i64) {
    let signature = signer.sign(mail.as_bytes()).unwrap();
    (signature.to_header() + mail, i64::try_from(signature.x).unwrap())
}

fn signed(domain: &str, mail: &str) -> String {
    sign(&signer(ed25519(), domain, &["From", "Subject"]), mail).0
}

/// All records of the DNS. A name without a record does not exist. The record `!` stands for a server that fails.
struct Zone(HashMap<String, String>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        let known = self.0.iter().find(|(known, _)| {
            let known: Box<str> = known.as_str().into();
            known.borrow() == name
        });
        Some(match known {
            None => Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
            Some((_, text)) if text == "!" => Txt::Error(Error::Dns(DnsError::Resolver("no answer".to_owned()))),
            Some((name, text)) if name.starts_with("_dmarc.") => Dmarc::parse(text.as_bytes()).into(),
            Some((_, text)) => DomainKey::parse(text.as_bytes()).into(),
        })
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Whether the mail is from Elin, when these domains publish the Ed25519 key and these policies.
async fn is_elins(raw: &str, keys: &[&str], policies: &[(&str, &str)]) -> bool {
    let keys = keys.iter().map(|domain| (format!("s._domainkey.{domain}."), ED25519.record.clone()));
    let policies = policies.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    is_from_at(raw, "elin@shop.example", 0, keys.chain(policies).collect()).await
}

async fn is_from_at(raw: &str, sender: &str, at: i64, records: HashMap<String, String>) -> bool {
    let checker = Checker::new(&["127.0.0.1".to_owned()]).unwrap();
    let at = DateTime::from_timestamp(at, 0).unwrap();
    checker.is_signed(raw.as_bytes(), sender, at, &Zone(records)).await
}

#[tokio::test]
async fn the_domain_itself_needs_no_policy() {
    let mail = signed("shop.example", MAIL);
    for policies in [&[][..], &[RELAXED], &[STRICT], &[("_dmarc.shop.example.", "!")]] {
        assert!(is_elins(&mail, &["shop.example"], policies).await, "{policies:?}");
    }
    assert!(is_elins(&signed("SHOP.example", MAIL), &["shop.example"], &[]).await);
}

#[tokio::test]
async fn the_example_of_the_rfc_is_signed_by_either_key() {
    let mail = FOOTBALL.replace('\n', "\r\n");
    for (name, key) in FOOTBALL_KEYS {
        let is_joes = async |raw: &str| {
            let records = HashMap::from([(name.to_owned(), key.to_owned())]);
            is_from_at(raw, "joe@football.example.com", 1_528_637_909, records).await
        };
        assert!(is_joes(&mail).await, "{name}");
        assert!(!is_joes(&mail.replace("hungry", "thirsty")).await, "{name}");
        assert!(!is_joes(&mail.replace("dinner", "supper")).await, "{name}");
    }
}

#[tokio::test]
async fn the_organisation_speaks_for_its_parts_where_its_policy_lets_it() {
    let below = signed("mail.shop.example", MAIL);
    let all = &["mail.shop.example", "shop.example", "post.shop.example"];
    assert!(is_elins(&below, all, &[RELAXED]).await);
    assert!(!is_elins(&below, all, &[STRICT]).await);
    assert!(!is_elins(&below, all, &[]).await, "without a policy nobody says what belongs together");
    assert!(!is_elins(&below, all, &[("_dmarc.shop.example.", "!")]).await);

    let mail = signed("shop.example", &MAIL.replace("elin@", "elin@news."));
    let from = async |policy: (&str, &str)| {
        let keys = ("s._domainkey.shop.example.".to_owned(), ED25519.record.clone());
        let policy = (policy.0.to_owned(), policy.1.to_owned());
        is_from_at(&mail, "elin@news.shop.example", 0, HashMap::from([keys, policy])).await
    };
    assert!(from(RELAXED).await);
    assert!(!from(STRICT).await);
}

#[tokio::test]
async fn others_do_not_speak_for_it() {
    let policies = [RELAXED, ("_dmarc.evil.example.", "v=DMARC1; p=none"), ("_dmarc.example.", "v=DMARC1; p=none")];
    for domain in ["evil.example", "evilshop.example", "shop.example.evil.example", "example", "news.example"] {
        assert!(!is_elins(&signed(domain, MAIL), &[domain, "shop.example"], &policies).await, "{domain}");
    }
    // Two domains below the same registry are not related, whatever they publish.
    let mail = signed("evil.co.example", &MAIL.replace("shop.example", "shop.co.example"));
    let (shops, evils) =
        (("_dmarc.shop.co.example.", "v=DMARC1; p=reject"), ("_dmarc.evil.co.example.", "v=DMARC1; p=none"));
    let key = ("s._domainkey.evil.co.example.".to_owned(), ED25519.record.clone());
    let records =
        [shops, evils].map(|(name, text)| (name.to_owned(), text.to_owned())).into_iter().chain([key]).collect();
    assert!(!is_from_at(&mail, "elin@shop.co.example", 0, records).await);
    // A top-level domain signs for nobody, not even for an address directly below it.
    let mail = signed("example", &MAIL.replace("shop.example", "example"));
    let records = HashMap::from([("s._domainkey.example.".to_owned(), ED25519.record.clone())]);
    assert!(!is_from_at(&mail, "elin@example", 0, records).await);
    // A valid signature of another domain does not help when the sender's own is broken.
    let both = signed("evil.example", &signed("shop.example", MAIL).replace("Late", "Never"));
    assert!(!is_elins(&both, &["evil.example", "shop.example"], &policies).await);
    let both = signed("evil.example", &signed("shop.example", MAIL));
    assert!(is_elins(&both, &["evil.example", "shop.example"], &policies).await);
}

#[tokio::test]
async fn what_was_changed_is_not_signed() {
    let mail = signed("shop.example", MAIL);
    for (old, new) in
        [("Where", "There"), ("it?\r\n", "it?\r\nPS\r\n"), ("Late", "Never"), ("Elin", "Elsa"), ("t=1", "t=2")]
    {
        assert!(mail.contains(old), "{old}");
        assert!(!is_elins(&mail.replacen(old, new, 1), &["shop.example"], &[]).await, "{old}");
    }
    assert!(is_elins(&format!("Received: by us\r\n{mail}\r\n"), &["shop.example"], &[]).await);
}

#[tokio::test]
async fn signatures_end() {
    let (mail, end) = sign(&signer(ed25519(), "shop.example", &["From", "Subject"]).expiration(60), MAIL);
    for (at, good) in [(end - 1, true), (end, false), (end * 100, false)] {
        let records = HashMap::from([("s._domainkey.shop.example.".to_owned(), ED25519.record.clone())]);
        assert_eq!(is_from_at(&mail, "elin@shop.example", at, records).await, good, "{at}");
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_known() {
    let mail = signed("shop.example", MAIL);
    assert!(!is_elins(&mail, &[], &[RELAXED]).await);
    for record in ["!", "v=DKIM1; p=", "v=DKIM1; k=ed25519; p=AAAA", "v=DKIM1; p=AAAA", "rubbish", FOOTBALL_KEYS[1].1] {
        assert!(!is_elins(&mail, &[], &[("s._domainkey.shop.example.", record)]).await, "{record}");
    }
}

#[tokio::test]
async fn a_key_that_is_only_tried_is_none() {
    let mail = signed("shop.example", MAIL);
    for (flags, good) in [("", true), ("t=s; ", true), ("t=y; ", false), ("t=s:y; ", false)] {
        let key = ED25519.record.replacen("k=", &format!("{flags}k="), 1);
        assert_eq!(is_elins(&mail, &[], &[("s._domainkey.shop.example.", &key)]).await, good, "{flags}");
        // The same holds for a signature that counts through the organisation's policy.
        let below = signed("mail.shop.example", MAIL);
        assert_eq!(is_elins(&below, &[], &[("s._domainkey.mail.shop.example.", &key), RELAXED]).await, good, "{flags}");
    }
}

#[tokio::test]
async fn what_is_read_is_what_was_signed() {
    let mail = signed("shop.example", MAIL);
    // One parser reads each of these as a field without a name, and another one as the beginning of the text.
    for words in ["X: a\r\n \r\n Pay to 123.\r\n", "Pay to 123\n", "Please note: pay to 123\r\n"] {
        for changed in [mail.replace("\r\n\r\n", &format!("\r\n{words}\r\n")), format!("{words}{mail}")] {
            assert!(changed.contains(words) && !is_elins(&changed, &["shop.example"], &[]).await, "{words}");
        }
    }
    for field in ["Subject: Pay", "Message-ID: <a@b.example>\r\nMessage-ID: <c@d.example>"] {
        assert!(!is_elins(&format!("{field}\r\n{mail}"), &["shop.example"], &[]).await, "{field}");
    }
    // The signature does not cover the subject.
    let (bare, _) = sign(&signer(ed25519(), "shop.example", &["From"]), MAIL);
    assert!(!is_elins(&bare, &["shop.example"], &[]).await);
    assert!(is_elins(&bare.replace("Subject: Late\r\n", ""), &["shop.example"], &[]).await);
}

#[tokio::test]
async fn a_part_of_the_body_is_not_enough() {
    let (mail, _) = sign(&signer(ed25519(), "shop.example", &["From", "Subject"]).body_length(true), MAIL);
    assert!(mail.contains(" l="));
    for more in ["", "Pay here: evil.example\r\n"] {
        assert!(!is_elins(&format!("{mail}{more}"), &["shop.example"], &[]).await, "{more}");
    }
}

#[tokio::test]
async fn there_is_one_sender_and_it_is_signed() {
    let mail = signed("shop.example", MAIL);
    for field in ["From: eve@evil.example", "from: elin@shop.example", "From : eve@evil.example", "From:"] {
        assert!(!is_elins(&format!("{field}\r\n{mail}"), &["shop.example"], &[]).await, "{field}");
    }
    for from in
        ["elin@shop.example, eve@evil.example", "eve@shop.example", "elin@shop.example <eve@shop.example>", "Elin"]
    {
        let mail = signed("shop.example", &MAIL.replace("Elin <elin@shop.example>", from));
        assert!(!is_elins(&mail, &["shop.example"], &[]).await, "{from}");
    }
    let hidden = signed("shop.example", &MAIL.replace("From:", "From :"));
    assert!(!is_elins(&hidden, &["shop.example"], &[]).await);
    let (unsigned, _) = sign(&signer(ed25519(), "shop.example", &["Subject"]), MAIL);
    assert!(!is_elins(&unsigned, &["shop.example"], &[]).await);
}

#[tokio::test]
async fn many_signatures_are_not_all_checked() {
    let mut mail = signed("shop.example", MAIL);
    let broken = signed("shop.example", &MAIL.replace("Late", "Never"));
    let broken = broken.strip_suffix(&MAIL.replace("Late", "Never")).unwrap().to_owned();
    for count in 1..=SIGNATURES {
        mail.insert_str(0, &broken);
        assert_eq!(is_elins(&mail, &["shop.example"], &[]).await, count < SIGNATURES, "{count}");
    }
}

#[test]
fn old_and_boundless_signatures_do_not_count() {
    let good = Signature { d: "shop.example".to_owned(), h: vec!["FROM".to_owned()], ..Signature::default() };
    let with = |change: fn(&mut Signature)| {
        let mut signature = good.clone();
        change(&mut signature);
        counts(&mut signature, "shop.example", 0)
    };
    assert!(with(|_| {}));
    // A signature's end is compared with the time when the mail came, not with the time when it is read. The library
    // knows only the machine's time, so the end is removed before the library checks the signature.
    let mut ends = Signature { x: 9, ..good.clone() };
    assert!(counts(&mut ends, "shop.example", 8) && ends.x == 0);
    assert!(!counts(&mut Signature { x: 9, ..good.clone() }, "shop.example", 9));
    assert!(!with(|signature| signature.a = Algorithm::RsaSha1));
    assert!(!with(|signature| signature.h = vec!["from".to_owned(); plain::FIELDS + 1]));
    assert!(!with(|signature| signature.x = u64::MAX));
    assert!(!with(|signature| (signature.t, signature.x) = (9, 9)));
}

#[tokio::test]
async fn rubbish_is_unknown() {
    let checker = Checker::new(&["127.0.0.1".to_owned()]).unwrap();
    let at = DateTime::UNIX_EPOCH;
    for raw in [
        "",
        "\n",
        "From",
        "From: elin@shop.example",
        "DKIM-Signature:\r\n\r\n",
        "DKIM-Signature: v=1; b==;;d=\0\r\nFrom: elin@shop.example\r\n\r\n",
    ] {
        let mail = Arc::new(Mail::read(raw.into()));
        assert_eq!(checker.check(mail, at).await, SenderTrust::Unknown, "{raw:?}");
    }
    for sender in ["", "@", "elin", "elin@", "elin@example"] {
        let mail = signed("shop.example", MAIL);
        assert!(!checker.is_signed(mail.as_bytes(), sender, at, &Nothing).await, "{sender}");
    }
}

#[test]
fn a_name_server_is_an_address() {
    for (place, port) in [("192.0.2.53", 53), ("2001:db8::53", 53), ("192.0.2.53:5353", 5353), ("[::1]:5353", 5353)] {
        let server = name_server(place).unwrap();
        assert!(server.connections.iter().all(|one| one.port == port), "{place}");
    }
    for place in ["", "dns.example", "192.0.2.53:", ":53"] {
        assert!(Checker::new(&[place.to_owned()]).is_err(), "{place}");
    }
}
