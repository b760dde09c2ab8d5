//! Checks where webhooks and pushes may be sent: only to public addresses over https. Pure. The HTTP client's resolver
//! checks the address that is actually connected to, so that a name cannot resolve to another address between check and
//! connection. Anything that is not clearly public is refused (the registries of special addresses: IANA, RFC 6890;
//! IPv4 within IPv6 as in RFC 4291, 6052, 3056, 4380).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::kit::error::{ErrorCode, Problem};
use crate::texts::{self, Text};

/// The maximum number of bytes in an address.
const LONGEST: usize = 2_000;

/// IPv4 networks that are not on the public internet: address and prefix length.
const NOT_PUBLIC_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Networks within IPv6's global unicast (`2000::/3`) that are not on the public internet, or that lead to IPv4.
const NOT_PUBLIC_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether this address is on the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let within = |(network, length): &(Ipv4Addr, u32)| {
                (address.to_bits() ^ network.to_bits()).checked_shr(32 - length) == Some(0)
            };
            !NOT_PUBLIC_V4.iter().any(within)
        }
        IpAddr::V6(address) => {
            let within = |(network, length): &(Ipv6Addr, u32)| {
                (address.to_bits() ^ network.to_bits()).checked_shr(128 - length) == Some(0)
            };
            within(&(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)) && !NOT_PUBLIC_V6.iter().any(within)
        }
    }
}

/// The address of an endpoint, checked as far as possible before its name is resolved.
///
/// # Errors
/// When it is not a URL, or is one that webhooks may not be sent to.
pub fn checked(text: &str, open: bool) -> Result<Url, Problem> {
    let invalid = |text: Text| Problem::new(ErrorCode::Invalid, "url", text);
    let no_url = || invalid(texts::hook::no_url());
    if text.len() > LONGEST {
        return Err(Problem::new(ErrorCode::TooLong, "url", texts::hook::too_long()));
    }
    let url = Url::parse(text.trim()).map_err(|_| no_url())?;
    if !(url.scheme() == "https" || open && url.scheme() == "http") {
        return Err(invalid(texts::hook::not_https()));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(invalid(texts::hook::holds_more()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(no_url());
    }
    if !open && literal(&url).is_some_and(|address| !is_public(address)) {
        return Err(invalid(texts::hook::not_public()));
    }
    Ok(url)
}

/// The IP address that the URL has instead of a host name.
#[must_use]
pub fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_reached() {
        for (address, public) in [
            ("93.184.215.14", true),
            ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("169.254.169.254", false),
            ("172.15.0.1", true),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.168.1.1", false),
            ("198.19.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn an_address_may_be_written_in_many_ways() {
        for refused in [
            "",
            "example.com",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user:pass@example.com/",
            "https://example.com/#x",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert!(checked(refused, false).is_err(), "{refused}");
        }
        for accepted in ["https://example.com/hooks?a=1", "https://example.com:8443/", "https://93.184.215.14/"] {
            assert!(checked(accepted, false).is_ok(), "{accepted}");
        }
        assert!(checked("http://127.0.0.1:9000/", true).is_ok());
    }
}
