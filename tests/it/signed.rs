//! Signed mail: if the mail server reports no finding, the signature is checked.

use ansvar_tests::dns::Names;
use ansvar_tests::{Sink, TestApp, text};

use crate::mail::{HELP, mailbox, reference};

/// RFC 8463, appendix A.
const FOOTBALL: &str = include_str!("../../api/src/intake/signed/football.eml");
const KEY: (&str, &str) =
    ("brisbane._domainkey.football.example.com.", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_vouches_for_the_mail_that_it_signed() {
    let (sink, names) = (Sink::start().await, Names::knowing(&[KEY]).await);
    let (smtp, place) = (sink.url.clone(), names.place.clone());
    let t = TestApp::start_with(move |config| {
        config.mail.lmtp = Some("127.0.0.1:0".to_owned());
        config.mail.smtp = Some(smtp);
        config.mail.authserv_id = Some("mx.shop.example".to_owned());
        config.mail.signatures = true;
        config.mail.nameservers = vec![place];
    })
    .await;
    let shop = t.shop().await;
    mailbox(&shop, HELP).await;
    let football = FOOTBALL.replace('\n', "\r\n");
    let mut count = 0;
    let mut trust = async |raw: &str| {
        assert_eq!(t.hands_over("joe@football.example.com", &[HELP], raw).await, [250]);
        count += 1;
        let letter = sink.letters(count).await[count - 1].clone();
        let case = shop.reads(&reference(&letter), "reports { ... on EmailReport { senderTrust } }").await;
        text(&case["reports"][0]["senderTrust"])
    };
    // A name server that does not answer delays the mail by five seconds. (For a signature two spaces equal one.)
    names.says_nothing(true);
    assert_eq!(trust(&football.replace("lost the", "lost  the")).await, "UNKNOWN");
    names.says_nothing(false);
    assert_eq!(trust(&football).await, "PASSED");
    assert_eq!(trust(&football.replace("hungry", "thirsty")).await, "UNKNOWN", "somebody changed it");
    // The mail server's finding takes precedence, because it knows where the mail came from.
    let failed = football.replace("hungry yet", "hungry  yet");
    assert_eq!(trust(&format!("Authentication-Results: mx.shop.example; dmarc=fail\r\n{failed}")).await, "FAILED");
}
