//! An identity provider for tests, on loopback: it publishes itself and its key (`OpenID` Connect Discovery), and signs
//! what it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ansvar::config::Auth;
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::TestApp;

/// The name under which the service is known to the identity provider.
pub const APPLICATION: &str = "ansvar";

pub struct Issuer {
    pub url: String,
    key: EncodingKey,
    fetched: Arc<AtomicUsize>,
    server: tokio::task::JoinHandle<()>,
}

impl Issuer {
    /// Starts one. Of two with different seeds, neither has the other's key.
    pub async fn start(seed: u8) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(seed, listener, url.clone(), &url)
    }

    /// Starts one that says that it is somebody else.
    pub async fn that_calls_itself(seed: u8, name: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(seed, listener, url, name)
    }

    fn serve(seed: u8, listener: tokio::net::TcpListener, url: String, name: &str) -> Self {
        // RFC 8410's PKCS #8 frame around a 32-byte seed.
        let mut der =
            vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        der.extend([seed; 32]);
        let key = EncodingKey::from_ed_der(&der);
        let mut public = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap()).unwrap();
        public["kid"] = json!("one");
        let fetched = Arc::new(AtomicUsize::new(0));
        let about = json!({ "issuer": name, "jwks_uri": format!("{url}/keys"), "authorization_endpoint": url });
        let counted = Arc::clone(&fetched);
        let keys = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let keys = json!({ "keys": [public] });
            async move { Json(keys) }
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(about.clone())))
            .route("/keys", get(keys));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, key, fetched, server }
    }

    /// The settings for this issuer, which finds its keys by discovery.
    pub fn settings(&self) -> Auth {
        Auth {
            audience: APPLICATION.to_owned(),
            algorithm: Algorithm::EdDSA,
            secret: None,
            discovery: true,
            ..Auth::with_secret(&self.url, String::new())
        }
    }

    /// A token for an hour with these claims besides the usual ones, or in their place.
    pub fn token(&self, t: &TestApp, claims: &Value) -> String {
        let now = t.now().timestamp();
        let mut all = json!({ "iss": self.url, "aud": APPLICATION, "iat": now, "exp": now + 3600 });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &all, &self.key).unwrap()
    }

    /// How often its keys were fetched.
    pub fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}
