//! Whether a mail comes from its sender's domain, as the company's own mail server found (RFC 8601). What others wrote
//! about that into the mail is not believed.

use entity::kind::SenderTrust;

use super::header::Header;

/// Reads the finding of this server, and of no other, in the header. The first such field counts, because it was added
/// last.
#[must_use]
pub fn read(header: &Header, server: &str) -> SenderTrust {
    let ours = header.all("authentication-results").find(|field| {
        let id = field.split([';', ' ']).next().unwrap_or_default();
        id.eq_ignore_ascii_case(server)
    });
    let Some(field) = ours else { return SenderTrust::Unknown };
    let result = |method: &str| {
        field.split(';').map(str::trim).find_map(|part| {
            part.strip_prefix(method)?.trim_start().strip_prefix('=').map(|rest| {
                rest.trim_start()
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase()
            })
        })
    };
    match result("dmarc").as_deref() {
        Some("pass") => SenderTrust::Passed,
        Some("fail") => SenderTrust::Failed,
        _ => SenderTrust::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_server_is_believed() {
        let mail = |fields: &str| Header::of(&format!("{fields}\nSubject: x"));
        for (fields, trust) in [
            (
                "Authentication-Results: mx.shop.example; spf=pass; dmarc=pass header.from=x.example",
                SenderTrust::Passed,
            ),
            ("Authentication-Results: MX.shop.example 1; dmarc = fail (p=reject)", SenderTrust::Failed),
            ("Authentication-Results: mx.evil.example; dmarc=pass", SenderTrust::Unknown),
            ("Authentication-Results: mx.shop.example; none", SenderTrust::Unknown),
            (
                "Authentication-Results: mx.shop.example; dmarc=fail\nAuthentication-Results: mx.shop.example; dmarc=pass",
                SenderTrust::Failed,
            ),
            ("X: y", SenderTrust::Unknown),
        ] {
            assert_eq!(read(&mail(fields), "mx.shop.example"), trust, "{fields}");
        }
    }
}
