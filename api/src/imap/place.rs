//! The address of a mail server.

use std::net::IpAddr;
use std::str::FromStr;

/// How a connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// TLS from the first byte (RFC 8314, 3.2).
    Tls,
    /// TLS after `STARTTLS`. If the server refuses that, there is no connection.
    Upgrade,
    /// No encryption, because the server is on this machine.
    Local,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// The host's name or IP address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is kept private.
    pub privacy: Privacy,
}

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "write imaps://host, or imap://host for STARTTLS, with :port if it has another";
        let url = reqwest::Url::parse(text).map_err(|_| SHAPE.to_owned())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SHAPE)?.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err("write the user and the password as `user` and `password_file`".to_owned());
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SHAPE.to_owned());
        }
        let (privacy, port) = match url.scheme() {
            "imaps" => (Privacy::Tls, 993),
            "imap" if is_local(&host) => (Privacy::Local, 143),
            "imap" => (Privacy::Upgrade, 143),
            _ => return Err(SHAPE.to_owned()),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), privacy })
    }
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for (text, port, privacy) in [
            ("imaps://imap.example.com", 993, Privacy::Tls),
            ("imaps://imap.example.com:1993/", 1993, Privacy::Tls),
            ("imaps://127.0.0.1", 993, Privacy::Tls),
            ("imap://imap.example.com", 143, Privacy::Upgrade),
            ("imap://10.0.0.1:1143", 1143, Privacy::Upgrade),
            ("imap://127.0.0.1:1143", 1143, Privacy::Local),
            ("imap://[::1]", 143, Privacy::Local),
            ("imap://localhost", 143, Privacy::Local),
            ("imap://localhost.example.com", 143, Privacy::Upgrade),
        ] {
            let place: ServerAddress = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((place.port, place.privacy), (port, privacy), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "imap.example.com",
            "pop3://a.example",
            "imaps://",
            "imaps://user:secret@a.example",
            "imaps://a.example/INBOX",
            "imaps://a.example?tls=none",
        ] {
            assert!(text.parse::<ServerAddress>().is_err(), "{text}");
        }
    }
}
