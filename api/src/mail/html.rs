//! HTML that is safe to show: what runs, loads or hides is gone, and what would take too long to clean is not cleaned.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

/// Bytes of HTML at most; a longer one is read as text only, and the raw mail has it all.
const LONGEST: usize = 1024 * 1024;
/// Elements within elements: nested ones cost the cleaner the square of their number.
const DEEPEST: usize = 256;
/// Links in one mail.
const LINKS: usize = 5_000;

/// The cleaned document; none where it is too much.
#[must_use]
pub fn safe(html: &str) -> Option<String> {
    if html.trim().is_empty() || html.len() > LONGEST || !is_modest(html) {
        return None;
    }
    Some(CLEANER.clean(html).to_string()).filter(|html| !html.trim().is_empty())
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    // Pictures are loaded from the sender's server and tell it who reads; those that came along are attachments.
    cleaner
        .rm_tags(["img", "map", "area"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Whether it nests and links no more than mail does. One pass over its tags.
fn is_modest(html: &str) -> bool {
    let (mut depth, mut links) = (0_usize, 0_usize);
    for (at, _) in html.match_indices('<') {
        let rest = html.as_bytes().get(at + 1..).unwrap_or_default();
        match rest.first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(byte) if byte.is_ascii_alphabetic() => {
                let name: Vec<u8> = rest
                    .iter()
                    .take(10)
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .map(u8::to_ascii_lowercase)
                    .collect();
                links += usize::from(name == b"a");
                depth += usize::from(!VOID.contains(&name.as_slice()));
            }
            _ => {}
        }
        if depth > DEEPEST || links > LINKS {
            return false;
        }
    }
    true
}

/// Elements that hold nothing, and those whose end is mostly left out.
const VOID: [&[u8]; 14] =
    [b"br", b"hr", b"img", b"meta", b"link", b"input", b"col", b"base", b"area", b"wbr", b"p", b"li", b"td", b"tr"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_or_loads_is_gone() {
        for html in [
            "<script>alert(1)</script><p>x</p>",
            "<p onclick=\"alert(1)\">x</p>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<img src=\"https://tracker.example/1.gif\">x",
            "<p style=\"background:url(https://tracker.example/)\">x</p>",
            "<iframe src=\"https://evil.example\"></iframe>x",
            "<form action=\"https://evil.example\"><input name=p></form>x",
            "<svg onload=alert(1)>x",
            "<base href=\"https://evil.example\">x",
            "<meta http-equiv=refresh content=\"0;url=https://evil.example\">x",
        ] {
            let clean = safe(html).unwrap();
            assert!(clean.contains('x'), "{clean}");
            for bad in ["alert", "script", "tracker", "evil", "<svg", "<form", "style"] {
                assert!(!clean.contains(bad), "{clean}");
            }
        }
        let link = safe("<a href=\"https://shop.example/\">x</a>").unwrap();
        assert_eq!(link, "<a href=\"https://shop.example/\" rel=\"noopener noreferrer nofollow\">x</a>");
    }

    #[test]
    fn what_would_take_long_is_not_cleaned() {
        assert_eq!(safe(&"<div>".repeat(20_000)), None);
        assert_eq!(safe(&"<a href=x>y</a>".repeat(6_000)), None);
        assert_eq!(safe(&format!("<p>{}</p>", "x".repeat(LONGEST))), None);
        assert!(safe(&"<p>x<p>y<br>".repeat(5_000)).is_some());
    }
}
