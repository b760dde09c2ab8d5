//! A browser without scripts, for the service's own pages.

use std::fmt::Write;

use ansvar_tests::TestApp;

/// The response for an address of the service.
pub struct Shown {
    pub status: u16,
    pub place: String,
    headers: reqwest::header::HeaderMap,
    pub page: String,
}

impl Shown {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The one-time token of the page.
    pub fn once(&self) -> String {
        let (_, after) = self.page.split_once("name=\"once\" value=\"").unwrap_or_else(|| panic!("{}", self.page));
        after.split('"').next().unwrap().to_owned()
    }

    pub fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.page.contains(words), "{words} is not in {}", self.page);
        }
    }

    pub fn is_silent_of(&self, words: &[&str]) {
        for words in words {
            assert!(!self.page.contains(words), "{words} is in {}", self.page);
        }
    }
}

pub async fn shown(request: reqwest::RequestBuilder) -> Shown {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let place = headers.get("location").map_or(String::new(), |place| place.to_str().unwrap().to_owned());
    Shown { status, place, headers, page: answer.text().await.unwrap() }
}

/// A browser without scripts that does not follow redirects.
pub struct Browser {
    pub http: reqwest::Client,
    base: String,
}

impl Browser {
    pub fn new(t: &TestApp) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: t.base() }
    }

    pub async fn opens(&self, path: &str) -> Shown {
        shown(self.http.get(format!("{}{path}", self.base))).await
    }

    /// Posts a form with these fields and files.
    pub async fn posts(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str)]) -> Shown {
        let mut body = String::new();
        for (name, value) in fields {
            write!(body, "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        }
        for (name, value) in files {
            let disposition = format!("form-data; name=\"files\"; filename=\"{name}\"");
            write!(body, "--b\r\nContent-Disposition: {disposition}\r\nContent-Type: image/jpeg\r\n\r\n{value}\r\n")
                .unwrap();
        }
        body += "--b--\r\n";
        let request = self.http.post(format!("{}{path}", self.base));
        shown(request.header("content-type", "multipart/form-data; boundary=b").body(body)).await
    }
}
