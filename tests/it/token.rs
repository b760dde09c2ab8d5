//! The validation of tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ansvar::config::Auth;
use ansvar_tests::TestApp;
use ansvar_tests::app::{ISSUER, SECRET};
use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

fn sign(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    encode(header, claims, key).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_believed_only_when_everything_about_it_is_right() {
    let t = TestApp::start().await;
    let shop = t.shop().await;
    let now = t.now().timestamp();
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let good = json!({ "iss": ISSUER, "aud": ISSUER, "sub": shop.id_of("anna"), "iat": now, "exp": now + 3600 });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name)
        } else {
            claims.as_object_mut().unwrap().insert(name.to_owned(), value)
        };
        claims
    };
    let hs256 = Header::new(Algorithm::HS256);
    let crit = Header { crit: Some(vec!["b64".into()]), ..hs256.clone() };
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(good.to_string())
    );
    let signed = |claims: &Value| sign(&hs256, claims, &key);
    for (what, token, status) in [
        ("as it should be", signed(&good), 200),
        ("aud in a list", signed(&with("aud", json!(["else", ISSUER]))), 200),
        ("begun half a minute from now", signed(&with("nbf", json!(now + 29))), 200),
        ("no exp", signed(&with("exp", Value::Null)), 401),
        ("no aud", signed(&with("aud", Value::Null)), 401),
        ("no iss", signed(&with("iss", Value::Null)), 401),
        ("no sub", signed(&with("sub", Value::Null)), 401),
        ("no iat", signed(&with("iat", Value::Null)), 401),
        ("aud = 123", signed(&with("aud", json!(123))), 401),
        ("another audience", signed(&with("aud", json!("else"))), 401),
        ("another issuer", signed(&with("iss", json!("else"))), 401),
        ("expired this second", signed(&with("exp", json!(now))), 401),
        ("not begun", signed(&with("nbf", json!(now + 60))), 401),
        ("issued in the future", signed(&with("iat", json!(now + 60))), 401),
        ("for more than a day", signed(&with("exp", json!(now + 86_401))), 401),
        ("until the year 9999", signed(&with("exp", json!(253_370_764_800_i64))), 401),
        ("beyond all time", signed(&with("exp", json!(i64::MAX))), 401),
        ("a critical extension", sign(&crit, &good, &key), 401),
        ("another algorithm", sign(&Header::new(Algorithm::HS384), &good, &key), 401),
        ("another key", sign(&hs256, &good, &EncodingKey::from_secret(b"some other secret of some length")), 401),
        ("alg none", none, 401),
        ("a stranger's id", signed(&with("sub", json!("staff_00000000000000000000000000"))), 401),
        ("a case's id", signed(&with("sub", json!("case_00000000000000000000000000"))), 401),
        ("a seller's id", signed(&with("sub", json!(shop.id))), 401),
        ("rubbish", "rubbish".to_owned(), 401),
        ("nothing", String::new(), 401),
        ("a widget's key that is none", "wk_nonsense".to_owned(), 401),
        ("a tracking token that is none", "trk_nonsense".to_owned(), 401),
    ] {
        let (got, answer) = t.anybody().showing(&token).post("{ viewer { __typename } }", json!({})).await;
        assert_eq!(got, status, "{what}: {answer}");
        if status == 401 {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{what}");
            assert!(answer["extensions"]["requestId"].is_string());
        } else {
            assert_eq!(answer["data"]["viewer"]["__typename"], "Staff", "{what}");
        }
    }
    let basic = t
        .anybody()
        .http()
        .post(format!("{}/graphql", t.base()))
        .header("authorization", "Basic eDp5")
        .json(&json!({ "query": "{ __typename }" }));
    assert_eq!(basic.send().await.unwrap().status(), 401);
}

/// A key pair for these tests.
struct Pair {
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

fn ed25519(seed: u8) -> Pair {
    // RFC 8410's PKCS #8 frame around a 32-byte seed.
    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    der.extend([seed; 32]);
    let private = EncodingKey::from_ed_der(&der);
    let public =
        serde_json::to_value(jsonwebtoken::jwk::Jwk::from_encoding_key(&private, Algorithm::EdDSA).unwrap()).unwrap();
    Pair { algorithm: Algorithm::EdDSA, private, public }
}

impl Pair {
    fn named(&self, kid: &str) -> Value {
        let mut key = self.public.clone();
        key["kid"] = json!(kid);
        key
    }

    fn token(&self, t: &TestApp, subject: &str, kid: Option<&str>) -> String {
        let now = t.now().timestamp();
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) };
        sign(
            &header,
            &json!({ "iss": ISSUER, "aud": ISSUER, "sub": subject, "iat": now, "exp": now + 60 }),
            &self.private,
        )
    }
}

fn asymmetric(auth: &mut Auth) {
    auth.algorithm = Algorithm::EdDSA;
    auth.secret = None;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_in_pem_checks_tokens_and_its_own_bytes_sign_none() {
    let pair = ed25519(7);
    let x = URL_SAFE_NO_PAD.decode(pair.public["x"].as_str().unwrap()).unwrap();
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend(x);
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(der)
    );
    let file = std::env::temp_dir().join(format!("ansvar_test_{}.pem", std::process::id()));
    std::fs::write(&file, &pem).unwrap();
    let t = TestApp::start_with(|config| {
        asymmetric(&mut config.auth);
        config.auth.public_key_file = Some(file.clone());
    })
    .await;
    std::fs::remove_file(file).unwrap();
    let words = ansvar::setup::first_seller(t.inside(), "shop", "Elin", "elin@shop.example").await.unwrap();
    let elin = words.split_whitespace().find(|word| word.starts_with("staff_")).unwrap();
    let status = async |token: String| t.anybody().showing(&token).post("{ viewer { __typename } }", json!({})).await.0;
    assert_eq!(status(pair.token(&t, elin, None)).await, 200);
    assert_eq!(status(ed25519(8).token(&t, elin, None)).await, 401);
    // A known attack: the public key is used as a shared secret.
    assert_eq!(
        status(
            Pair {
                algorithm: Algorithm::HS256,
                private: EncodingKey::from_secret(pem.as_bytes()),
                public: Value::Null
            }
            .token(&t, elin, None)
        )
        .await,
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_set_at_an_address_is_fetched_rotated_and_survives_the_issuers_bad_minute() {
    let (old, new) = (ed25519(1), ed25519(2));
    let state = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let sets = [
        json!({ "keys": [old.named("old")] }).to_string(),
        json!({ "keys": [old.named("old"), new.named("new")] }).to_string(),
    ];
    let serve = {
        let state = state.clone();
        move || {
            state.0.fetch_add(1, Ordering::Relaxed);
            let which = state.1.load(Ordering::Relaxed);
            let answer = sets.get(which).cloned().ok_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
            async move { answer }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let issuer = tokio::spawn(async move { axum::serve(listener, Router::new().route("/keys", get(serve))).await });
    let t = TestApp::start_with(|config| {
        asymmetric(&mut config.auth);
        config.auth.jwks_url = Some(url);
    })
    .await;
    let words = ansvar::setup::first_seller(t.inside(), "shop", "Elin", "elin@shop.example").await.unwrap();
    let elin = words.split_whitespace().find(|word| word.starts_with("staff_")).unwrap();
    let status = async |pair: &Pair, kid: Option<&str>| {
        t.anybody().showing(&pair.token(&t, elin, kid)).post("{ viewer { __typename } }", json!({})).await.0
    };
    assert_eq!(status(&old, Some("old")).await, 200);
    assert_eq!(status(&old, None).await, 401, "a key set needs a key id");
    assert_eq!(status(&new, Some("new")).await, 401);
    assert_eq!(status(&new, Some("other")).await, 401);
    assert_eq!(state.0.load(Ordering::Relaxed), 1, "unknown ids do not make us hammer the issuer");
    state.1.store(1, Ordering::Relaxed);
    t.later(chrono::TimeDelta::seconds(60));
    assert_eq!(status(&new, Some("new")).await, 200);
    assert_eq!(status(&new, Some("old")).await, 401, "each key checks its own signatures");
    state.1.store(9, Ordering::Relaxed);
    t.later(chrono::TimeDelta::seconds(60));
    assert_eq!(status(&new, Some("unknown")).await, 401);
    assert_eq!(status(&old, Some("old")).await, 200, "the old set stays when the issuer fails");
    issuer.abort();
}
