//! Uploads, as clients send them.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::PUBLIC_URL;
use crate::client::Client;

/// The bytes of a small picture.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// A request whose body is sent piece by piece.
pub struct Begun(TcpStream);

impl Begun {
    /// Sends a piece. The service may have answered and closed before.
    pub async fn sends(&mut self, bytes: &[u8]) {
        let piece = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        drop(self.0.write_all(&piece).await);
    }

    /// Ends the body; returns the status of the answer.
    pub async fn ends(mut self) -> u16 {
        drop(self.0.write_all(b"0\r\n\r\n").await);
        let mut start = [0; 12];
        self.0.read_exact(&mut start).await.unwrap();
        String::from_utf8_lossy(&start[9..]).parse().unwrap()
    }
}

/// An answer to a request that is no document.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A header of the answer; an empty text without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Client {
    /// Prepares an upload; returns its id and the path to which its bytes are sent.
    pub async fn prepares(&self, name: &str, size: usize) -> (String, String) {
        let input = json!({ "name": name, "size": size });
        let made = self.does("createUpload", input, "upload { id url }").await["upload"].take();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let url = text("url");
        (text("id"), url.strip_prefix(PUBLIC_URL).unwrap_or(&url).to_owned())
    }

    /// Sends a request without a credential to a path of the service; none without an answer.
    pub async fn requests(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Option<Answer> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = path.strip_prefix(PUBLIC_URL).unwrap_or(path);
        let mut request = self.http().request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Some(Answer { status, headers, bytes: response.bytes().await.ok()?.to_vec() })
    }

    /// Sends a portion of an upload as tus says; returns the status.
    pub async fn patches(&self, path: &str, offset: usize, bytes: &[u8]) -> Answer {
        let offset = offset.to_string();
        let headers = [
            ("tus-resumable", "1.0.0"),
            ("upload-offset", offset.as_str()),
            ("content-type", "application/offset+octet-stream"),
        ];
        self.requests("PATCH", path, &headers, bytes.to_vec()).await.unwrap()
    }

    /// Begins a request of this method whose length is not said.
    pub async fn begins(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Begun {
        let host = self.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let more = headers.iter().fold(String::new(), |text, (name, value)| text + name + ": " + value + "\r\n");
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n{more}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        Begun(stream)
    }

    /// Begins a portion of an upload as tus says.
    pub async fn begins_at(&self, path: &str, offset: usize) -> Begun {
        let offset = offset.to_string();
        let kind = ("content-type", "application/offset+octet-stream");
        self.begins("PATCH", path, &[("tus-resumable", "1.0.0"), ("upload-offset", offset.as_str()), kind]).await
    }

    /// Where an upload continues, as tus asks.
    pub async fn offset(&self, path: &str) -> usize {
        let answer = self.requests("HEAD", path, &[("tus-resumable", "1.0.0")], "").await.unwrap();
        assert_eq!(answer.status, 200);
        answer.header("upload-offset").parse().unwrap()
    }

    /// Uploads a file; returns the upload's id.
    pub async fn uploads(&self, name: &str, bytes: &[u8]) -> String {
        let (id, path) = self.prepares(name, bytes.len()).await;
        let answer = self.requests("PUT", &path, &[], bytes.to_vec()).await.unwrap();
        assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.bytes));
        id
    }

    /// Reads a link to a file, without a credential.
    pub async fn follows(&self, url: &Value, headers: &[(&str, &str)]) -> Answer {
        self.requests("GET", url.as_str().unwrap(), headers, "").await.unwrap()
    }
}
