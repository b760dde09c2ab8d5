//! A caller with a credential who posts documents.

use serde_json::{Value, json};

/// A caller: the address of the service, and the credential.
#[derive(Clone, Debug)]
pub struct Client {
    pub base: String,
    pub bearer: Option<String>,
    pub language: &'static str,
    http: reqwest::Client,
}

impl Client {
    pub fn new(base: &str, bearer: Option<&str>) -> Self {
        ansvar::kit::outward::prepare();
        Self { base: base.to_owned(), bearer: bearer.map(str::to_owned), language: "en", http: reqwest::Client::new() }
    }

    #[must_use]
    pub fn reading(&self, language: &'static str) -> Self {
        Self { language, ..self.clone() }
    }

    #[must_use]
    pub fn showing(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self.clone() }
    }

    /// The same caller at another node.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The status of the response for this path; `None` without a response.
    pub async fn answers(&self, path: &str) -> Option<u16> {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.ok()?;
        Some(response.status().as_u16())
    }

    /// Posts a document; returns the status and the response, with or without errors.
    pub async fn post(&self, query: &str, variables: Value) -> (u16, Value) {
        self.post_if_answered(query, variables).await.expect("the service answers")
    }

    /// Like [`Client::post`]; `None` without a response.
    async fn post_if_answered(&self, query: &str, variables: Value) -> Option<(u16, Value)> {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.base))
            .header("accept-language", self.language)
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let answer = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&answer).expect("the answer is JSON")))
    }

    /// Posts a document that must succeed; returns the data.
    pub async fn asks(&self, query: &str, variables: Value) -> Value {
        let (status, mut answer) = self.post(query, variables).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].take()
    }

    /// Posts a document that must fail; returns the code of the first error.
    pub async fn is_refused(&self, query: &str, variables: Value) -> String {
        let (_, answer) = self.post(query, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {answer}")).to_owned()
    }

    /// Runs one mutation that must succeed without user errors; returns its payload. `selection` is selected in it.
    pub async fn does(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.tries(mutation, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        payload
    }

    /// Runs one mutation; returns its payload with its user errors.
    pub async fn tries(&self, mutation: &str, input: Value, selection: &str) -> Value {
        self.tries_if_answered(mutation, input, selection).await.expect("the service answers")
    }

    /// Like [`Client::does`]; `None` without a response, because the service was killed.
    pub async fn does_if_answered(&self, mutation: &str, input: Value, selection: &str) -> Option<Value> {
        let payload = self.tries_if_answered(mutation, input, selection).await?;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        Some(payload)
    }

    async fn tries_if_answered(&self, name: &str, input: Value, selection: &str) -> Option<Value> {
        let kind = name[..1].to_uppercase() + &name[1..];
        let document = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
        );
        let (status, mut answer) = self.post_if_answered(&document, json!({ "input": input })).await?;
        assert!(status == 200 && answer.get("errors").is_none(), "{name}: {answer}");
        Some(answer["data"][name].take())
    }

    /// Runs one mutation that must fail; returns the codes and fields of its user errors.
    pub async fn fails(&self, mutation: &str, input: Value) -> Vec<(String, String)> {
        let payload = self.tries(mutation, input, "").await;
        let errors = payload["userErrors"].as_array().expect("user errors").clone();
        assert!(!errors.is_empty(), "{mutation} was done");
        let field = |error: &Value| {
            let parts =
                error["field"].as_array().map(|parts| parts.iter().filter_map(Value::as_str).collect::<Vec<_>>());
            parts.map(|parts| parts.join(".")).unwrap_or_default()
        };
        errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), field(error))).collect()
    }

    /// Fetches a path of the service with GET.
    pub async fn fetches(&self, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let mut request = self.http.get(format!("{}{path}", self.base));
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        let response = request.send().await.expect("the service answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    /// The HTTP client, for requests that are not documents.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }
}
