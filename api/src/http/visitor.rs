//! What is known about a request before its body is read: its id, the client's address and the language.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use entity::kind::Language;

use super::trace::RequestId;
use crate::access::session::Caller;
use crate::access::share::Asker;
use crate::graphql::context::ReaderLanguage;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client that a request comes from, and its language.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The request's id.
    pub id: RequestId,
    /// The client's address.
    pub address: IpAddr,
    /// The language for responses.
    pub language: Language,
    /// The origin of the page that calls from a browser.
    pub origin: Option<String>,
}

impl Visitor {
    /// Reads a request's head. `proxies` is the number of the company's own proxies in front of the service.
    #[must_use]
    pub fn of(headers: &HeaderMap, extensions: &Extensions, proxies: usize) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
        let id = extensions.get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()));
        let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { id, address: client_address(headers, peer, proxies), language: language(headers), origin }
    }

    /// This visitor combined with a credential.
    #[must_use]
    pub fn asks_as(&self, caller: Caller) -> Asker {
        Asker::new(caller, self.address)
    }

    /// The language in the form that resolvers use.
    #[must_use]
    pub fn reads(&self) -> ReaderLanguage {
        ReaderLanguage(self.language)
    }
}

/// The client's address. Each proxy appends the address that called it to `X-Forwarded-For`. Entries before those of
/// the company's own proxies come from the client, who may write anything.
fn client_address(headers: &HeaderMap, peer: IpAddr, proxies: usize) -> IpAddr {
    // As bytes, so that invalid text from the client does not hide the entries that the proxies append.
    let values =
        headers.get_all(FORWARDED_FOR).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let named: Vec<String> =
        values.flat_map(|value| value.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>()).collect();
    let trusted = named.iter().rev().take(proxies).map_while(|text| address(text));
    trusted.last().unwrap_or(peer)
}

/// Parses an address as proxies write it, possibly with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// The supported language that the client prefers; English when it names none of them.
fn language(headers: &HeaderMap) -> Language {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut best = (0.0, Language::En);
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight: f32 = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let language = match tag.split('-').next() {
            Some("sv") => Language::Sv,
            Some("en") => Language::En,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        for (forwarded, proxies, expected) in [
            (&[][..], 1, "10.0.0.1"),
            (&["192.0.2.7"], 0, "10.0.0.1"),
            (&["192.0.2.7"], 1, "192.0.2.7"),
            (&["198.51.100.1, 192.0.2.7"], 1, "192.0.2.7"),
            (&["198.51.100.1, 192.0.2.7, 10.0.0.2"], 2, "192.0.2.7"),
            (&["198.51.100.1", "192.0.2.7"], 1, "192.0.2.7"),
            (&["192.0.2.7:4711"], 1, "192.0.2.7"),
            (&["[2001:db8::1]:4711"], 1, "2001:db8::1"),
            (&["rubbish"], 1, "10.0.0.1"),
            (&["192.0.2.7"], 3, "192.0.2.7"),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(FORWARDED_FOR, value.parse().unwrap());
            }
            assert_eq!(client_address(&headers, peer, proxies).to_string(), expected, "{forwarded:?} {proxies}");
        }
    }

    #[test]
    fn the_reader_gets_the_language_weighed_highest() {
        for (accepted, expected) in [
            ("", Language::En),
            ("sv", Language::Sv),
            ("sv-FI, en;q=0.5", Language::Sv),
            ("en;q=0.5, sv;q=0.9", Language::Sv),
            ("de, fr;q=0.9", Language::En),
            ("sv;q=0, en;q=0.1", Language::En),
            ("svenska", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(language(&headers), expected, "{accepted}");
        }
    }
}
