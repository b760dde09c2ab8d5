//! People sign in with accounts at identity providers.

use ansvar::access::token::{AudienceClaim, PersonClaim};
use ansvar::config::Auth;
use ansvar_tests::issuer::Issuer;
use ansvar_tests::watch::By;
use ansvar_tests::{Shop, TestApp, Watch};
use serde_json::{Value, json};

const WHO: &str = "{ viewer { __typename ... on Staff { id role } ... on PartnerContact { id } } }";

/// A service with a shop, and this issuer for the shop's people.
async fn shop_with(issuer: &Issuer, change: impl FnOnce(&mut Auth)) -> (TestApp, Shop) {
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let mut settings = Auth { person: PersonClaim::Subject, seller: Some(shop.id.clone()), ..issuer.settings() };
    change(&mut settings);
    t.restart_with(|config| config.auth.issuers.push(settings)).await;
    let shop = shop.at(&t);
    (t, shop)
}

/// The id of whoever this token signs in; else the status, and why not.
async fn who(t: &TestApp, token: &str) -> Result<Value, (u16, String)> {
    let (status, answer) = t.anybody().showing(token).post(WHO, json!({})).await;
    if status == 200 {
        return Ok(answer["data"]["viewer"]["id"].clone());
    }
    Err((status, answer["errors"][0]["message"].as_str().unwrap().to_owned()))
}

fn refused(because: Result<Value, (u16, String)>, words: &str) {
    let (status, message) = because.unwrap_err();
    assert_eq!(status, 401);
    assert!(message.contains(words), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_with_a_verified_address_links_the_account_for_good() {
    let issuer = Issuer::start(1).await;
    let (t, shop) = shop_with(&issuer, |_| {}).await;
    let anna = json!(shop.id_of("anna"));
    let claims = |subject: &str, email: &str, verified: Value| {
        let roles = json!({ "roles": ["PLATFORM_ADMINISTRATOR"] });
        json!({ "sub": subject, "email": email, "email_verified": verified, "realm_access": roles, "role": "ADMINISTRATOR" })
    };
    let token = |subject: &str, email: &str, verified: Value| issuer.token(&t, &claims(subject, email, verified));
    let no = "nobody here belongs to this sign-in";
    refused(who(&t, &token("a-1", "anna@shop.example", json!(false))).await, no);
    refused(who(&t, &issuer.token(&t, &json!({ "sub": "a-1" }))).await, no);
    refused(who(&t, &token("a-1", "stranger@shop.example", json!(true))).await, no);
    assert_eq!(who(&t, &token("a-1", "Anna@Shop.example", json!("true"))).await, Ok(anna.clone()));
    // From now on the account is hers, whatever its address.
    assert_eq!(who(&t, &token("a-1", "bo@shop.example", json!(true))).await, Ok(anna.clone()));
    assert_eq!(who(&t, &issuer.token(&t, &json!({ "sub": "a-1" }))).await, Ok(anna.clone()));
    // Somebody who got her address later does not become her.
    refused(who(&t, &token("a-2", "anna@shop.example", json!(true))).await, "already signs in with another account");
    // What the token says about roles does not matter.
    let as_anna = t.anybody().showing(&token("a-1", "anna@shop.example", json!(true)));
    assert_eq!(as_anna.asks(WHO, json!({})).await["viewer"]["role"], "OWNER");
    assert_eq!(issuer.fetched(), 1, "a known key is not fetched again");

    let accounts = "query($id: ID!) { node(id: $id) { ... on Staff { signIns { issuer subject linkedAt } } } }";
    let seen = shop.admin.asks(accounts, json!({ "id": anna })).await;
    let linked =
        json!([{ "issuer": issuer.url, "subject": "a-1", "linkedAt": seen["node"]["signIns"][0]["linkedAt"] }]);
    assert_eq!(seen["node"]["signIns"], linked);
    assert_eq!(shop.staff("anna").asks(accounts, json!({ "id": anna })).await["node"]["signIns"], linked);
    assert!(shop.staff("bo").asks(accounts, json!({ "id": anna })).await["node"]["signIns"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_sign_ins_at_once_link_one_account() {
    let issuer = Issuer::start(1).await;
    let (t, shop) = shop_with(&issuer, |_| {}).await;
    let tokens: Vec<String> = (0..8)
        .map(|number| {
            let subject = format!("a-{}", number % 2);
            issuer.token(&t, &json!({ "sub": subject, "email": "anna@shop.example", "email_verified": true }))
        })
        .collect();
    let all = futures_util::future::join_all(tokens.iter().map(|token| who(&t, token))).await;
    let winners = all.iter().filter(|found| found.is_ok()).count();
    assert_eq!(winners, 4, "{all:?}");
    assert!(all.iter().flatten().all(|id| *id == json!(shop.id_of("anna"))));
    for other in all.into_iter().filter(Result::is_err) {
        refused(other, "already signs in with another account");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_verified_address_is_linked_by_an_administrator_and_unlinked_at_once() {
    let issuer = Issuer::start(1).await;
    let (t, shop) = shop_with(&issuer, |settings| settings.person = PersonClaim::TenantAndObject).await;
    let token =
        issuer.token(&t, &json!({ "sub": "per-application", "tid": "t-1", "oid": "o-7", "email": "bo@shop.example" }));
    refused(who(&t, &token).await, "nobody here belongs");
    let nameless = issuer.token(&t, &json!({ "sub": "per-application", "oid": "o-7" }));
    refused(who(&t, &nameless).await, "does not say who you are");
    let bo = shop.id_of("bo");
    let account = json!({ "personId": bo, "issuer": issuer.url, "subject": "t-1+o-7" });
    assert_eq!(shop.manager.fails("linkSignIn", account.clone()).await[0].0, "FORBIDDEN");
    shop.admin.does("linkSignIn", account.clone(), "person { ... on Staff { id } }").await;
    assert_eq!(who(&t, &token).await, Ok(json!(bo)));
    let not_free = json!({ "personId": shop.id_of("anna"), "issuer": issuer.url, "subject": "t-1+o-7" });
    assert_eq!(shop.admin.fails("linkSignIn", not_free).await, [("TAKEN".to_owned(), "subject".to_owned())]);
    let second = json!({ "personId": bo, "issuer": issuer.url, "subject": "t-1+o-8" });
    assert_eq!(shop.admin.fails("linkSignIn", second).await, [("TAKEN".to_owned(), "subject".to_owned())]);

    let asa = shop.customer("asa", "The broadband is down").await;
    let case = shop.case_id(&asa.reference).await;
    let signed_in = t.anybody().showing(&token);
    let document = "subscription($case: ID!) { caseEvents(caseId: $case, after: 0) { seq } }";
    let mut watch = Watch::start(&signed_in, By::WebSocket, document, json!({ "case": case })).await;
    assert_eq!(watch.next_event().await["seq"], 1);
    assert_eq!(watch.next_event().await["seq"], 2);
    let not_hers = json!({ "personId": shop.id_of("anna"), "issuer": issuer.url, "subject": "t-1+o-7" });
    assert_eq!(shop.admin.fails("unlinkSignIn", not_hers).await[0].0, "NOT_FOUND");
    shop.admin.does("unlinkSignIn", account, "person { ... on Staff { signIns { subject } } }").await;
    shop.staff("anna").does("addNote", json!({ "caseId": case, "text": "not for them" }), "message { id }").await;
    let last = watch.ends().await;
    let code = |message: &Value| message["errors"][0]["extensions"]["code"].clone();
    assert_eq!(last.iter().map(code).collect::<Vec<_>>(), ["UNAUTHENTICATED"], "{last:?}");
    refused(who(&t, &token).await, "nobody here belongs");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_tokens_can_only_be_people_of_its_own_company() {
    let issuer = Issuer::start(1).await;
    let mut t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let theirs = Issuer::start(2).await;
    let ids = Issuer::start(3).await;
    let pretender = Issuer::that_calls_itself(4, &issuer.url).await;
    t.restart_with(|config| {
        let of_shop = |from: &Issuer, person| Auth { person, seller: Some(shop.id.clone()), ..from.settings() };
        config.auth.issuers = vec![
            of_shop(&issuer, PersonClaim::Email),
            of_shop(&ids, PersonClaim::Id),
            of_shop(&pretender, PersonClaim::Email),
            Auth {
                person: PersonClaim::Subject,
                partner: Some(shop.partner_id("fibre-north").to_owned()),
                audience_claim: AudienceClaim::Azp,
                ..theirs.settings()
            },
        ];
    })
    .await;
    let olle = "olle@other.example";
    let proved = |email: &str| json!({ "sub": email, "email": email, "email_verified": true });
    refused(who(&t, &issuer.token(&t, &proved(olle))).await, "nobody here belongs");
    assert_eq!(who(&t, &issuer.token(&t, &proved("anna@shop.example"))).await, Ok(json!(shop.id_of("anna"))));
    // With `email`, the address must stay the person's own.
    let moved = json!({ "sub": "anna@shop.example", "email": "bo@shop.example", "email_verified": true });
    refused(who(&t, &issuer.token(&t, &moved)).await, "nobody here belongs");
    // An issuer whose tokens carry our ids cannot name another company's people either.
    let id = |person: &str| ids.token(&t, &json!({ "sub": person }));
    assert_eq!(who(&t, &id(shop.id_of("bo"))).await, Ok(json!(shop.id_of("bo"))));
    refused(who(&t, &id(other.id_of("anna"))).await, "unknown");
    // Each issuer's keys verify its own tokens, and only these.
    let forged = issuer.token(&t, &json!({ "iss": ids.url, "sub": shop.id_of("bo") }));
    refused(who(&t, &forged).await, "not one we accept");
    // An issuer that publishes another name is not believed.
    refused(who(&t, &pretender.token(&t, &proved("bo@shop.example"))).await, "keys to check the token with");
    // The partner's issuer names the application in `azp`, and signs in the partner's people only.
    let contact = "desk@fibre-north.example";
    let with_azp = |claims: Value, azp: &str| {
        let mut claims = claims;
        claims.as_object_mut().unwrap().extend([("aud".to_owned(), json!("account")), ("azp".to_owned(), json!(azp))]);
        theirs.token(&t, &claims)
    };
    assert!(who(&t, &with_azp(proved(contact), "ansvar")).await.is_ok());
    refused(who(&t, &with_azp(proved(contact), "another application")).await, "not one we accept");
    refused(who(&t, &with_azp(proved("anna@shop.example"), "ansvar")).await, "nobody here belongs");
    // Times with a fraction are read.
    let times = format!(r#"{{ "exp": {0}.5, "iat": {1}.25 }}"#, t.now().timestamp() + 60, t.now().timestamp());
    let mut precise: Value = serde_json::from_str(&times).unwrap();
    precise["sub"] = json!(shop.id_of("bo"));
    assert!(who(&t, &ids.token(&t, &precise)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_administers_one_seller_and_only_a_platform_administrator_makes_another() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let other = shop.another(&t, "other").await;
    let new =
        |seller: &str, role: &str| json!({ "sellerId": seller, "name": "n", "email": "n@n.example", "role": role });
    let of = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
    // Another seller's directory does not exist for an administrator.
    assert_eq!(other.admin.fails("createStaff", new(&shop.id, "OWNER")).await, of("NOT_FOUND", "sellerId"));
    let accountable = json!({ "name": "m", "email": "m@m.example", "role": "ADMINISTRATOR" });
    let third = json!({ "name": "third", "accountable": accountable });
    assert_eq!(other.admin.fails("createSeller", third.clone()).await[0].0, "FORBIDDEN");
    let names = other.admin.asks("{ sellers { name } }", json!({})).await;
    assert_eq!(names["sellers"], json!([{ "name": "other" }]));
    // Nor can they make themselves more than they are, or change somebody who is more.
    assert_eq!(
        other.admin.fails("createStaff", new(&other.id, "PLATFORM_ADMINISTRATOR")).await,
        of("FORBIDDEN", "role")
    );
    let olle = other.admin.asks("{ viewer { ... on Staff { id } } }", json!({})).await["viewer"]["id"].clone();
    let more = json!({ "staffId": olle, "role": "PLATFORM_ADMINISTRATOR" });
    assert_eq!(other.admin.fails("updateStaff", more.clone()).await, of("FORBIDDEN", "role"));
    let made = shop.admin.does("createStaff", new(&other.id, "PLATFORM_ADMINISTRATOR"), "staff { id }").await;
    let platform = made["staff"]["id"].clone();
    let take_over = json!({ "staffId": platform, "email": "olle2@other.example" });
    assert_eq!(other.admin.fails("updateStaff", take_over).await, of("FORBIDDEN", "staffId"));
    assert_eq!(other.admin.fails("deactivateStaff", json!({ "staffId": platform })).await, of("FORBIDDEN", "staffId"));
    let account = json!({ "personId": platform, "issuer": "https://id.example", "subject": "olle" });
    assert_eq!(other.admin.fails("linkSignIn", account).await, of("FORBIDDEN", "personId"));
    // A platform administrator can, and one always stays.
    shop.admin.does("createSeller", third, "seller { id }").await;
    shop.admin.does("deactivateStaff", json!({ "staffId": platform }), "deactivation { staff { active } }").await;
    let elin = shop.admin.asks("{ viewer { ... on Staff { id } } }", json!({})).await["viewer"]["id"].clone();
    let less = json!({ "staffId": elin, "role": "MANAGER" });
    assert_eq!(shop.admin.fails("updateStaff", less.clone()).await, of("IN_USE", "role"));
    let leaves = json!({ "staffId": elin, "successorId": shop.id_of("anna") });
    assert_eq!(shop.admin.fails("deactivateStaff", leaves).await, of("IN_USE", "staffId"));
    shop.admin.does("updateStaff", more, "staff { role }").await;
    shop.admin.does("updateStaff", less, "staff { role }").await;
}
