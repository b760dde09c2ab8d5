//! The store is unavailable for a while.

use ansvar_tests::people::mail;
use ansvar_tests::{Sink, TestApp, text, until};
use chrono::TimeDelta;

use crate::mail::{HELP, cases, mailbox};

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_away_for_a_minute_and_nothing_is_lost() {
    let sink = Sink::start().await;
    let (t, outage) = TestApp::breakable(&sink).await;
    let shop = t.shop().await;
    let mailbox = mailbox(&shop, HELP).await;
    let karin = |id: &str| mail("karin@example.com", &format!("Mail {id}"), &format!("{id}@example.com"), "", "Broken");
    // Stored mails are processed when the store is available again. The loops are held, so that the first attempt is
    // made during the outage.
    t.hold().await;
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &karin("1")).await, [250]);
    outage.begins().await;
    t.release();
    assert_eq!(t.hands_over("karin@example.com", &[HELP], &karin("2")).await, [451], "the mail server is to try again");
    let post = reqwest::Client::new().post(format!("{}{}", t.base(), text(&mailbox["inboundPath"])));
    let post = post.bearer_auth(text(&mailbox["key"])).header("content-type", "message/rfc822").body(karin("3"));
    let refused = post.try_clone().unwrap().send().await.unwrap().status();
    assert_eq!(refused, 503);
    outage.ends().await;

    until("it is taken", async || t.hands_over("karin@example.com", &[HELP], &karin("2")).await == [250]).await;
    assert_eq!(post.send().await.unwrap().status(), 202);
    // A mail or letter that was tried during the outage is tried again within a minute.
    t.settle().await;
    t.later_and_settled(TimeDelta::minutes(1)).await;
    assert_eq!((cases(&shop).await, sink.count()), (3, 3), "each is answered once");
}
