//! Links to the page of one task, for people at partners who have no system. A link needs no stored secret: it is
//! sealed, and names the task and the letter that contains it. The letter determines the holder of the link and when it
//! expires.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{LetterId, TaskId, TypedId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::kit::entropy::Entropy;
use crate::kit::secret::Secret;

/// How long a link is valid after its letter was written.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);
/// The length of the MAC in bytes.
const SEAL: usize = 16;
const ID: usize = 16;

/// The token of a link in this letter to this task.
#[must_use]
pub fn seal(secret: &Secret, letter: LetterId, task: TaskId) -> String {
    let mut bytes = [*letter.uuid().as_bytes(), *task.uuid().as_bytes()].concat();
    bytes.extend(mac(secret, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The letter and the task of a token; `None` when it was not made by this service.
#[must_use]
pub fn open(secret: &Secret, token: &str) -> Option<(LetterId, TaskId)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (ids, given) = bytes.split_at_checked(2 * ID)?;
    if !bool::from(given.ct_eq(&mac(secret, ids))) {
        return None;
    }
    let (letter, task) = ids.split_at_checked(ID)?;
    Some((LetterId(Uuid::from_slice(letter).ok()?), TaskId(Uuid::from_slice(task).ok()?)))
}

/// How long a page may be open before its forms are posted.
pub const PAGE: TimeDelta = TimeDelta::hours(12);

/// The one-time token of a page that is shown now for this link. The acts that are posted with it are done once.
#[must_use]
pub fn page_token(secret: &Secret, link: &str, entropy: &dyn Entropy, now: DateTime<Utc>) -> String {
    let mut bytes = [0; 12].to_vec();
    entropy.fill(&mut bytes);
    bytes.extend(now.timestamp().to_be_bytes());
    bytes.extend(page_mac(secret, link, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a page with this one-time token was shown for this link, not too long ago.
#[must_use]
pub fn is_page_token(secret: &Secret, link: &str, token: &str, now: DateTime<Utc>) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((shown, given)) = bytes.split_at_checked(20) else { return false };
    if !bool::from(given.ct_eq(&page_mac(secret, link, shown))) {
        return false;
    }
    let at = shown.last_chunk::<8>().map(|at| i64::from_be_bytes(*at));
    let at = at.and_then(|at| DateTime::from_timestamp(at, 0));
    at.is_some_and(|at| now - at < PAGE)
}

fn page_mac(secret: &Secret, link: &str, shown: &[u8]) -> Vec<u8> {
    let text = [link.as_bytes(), shown].concat();
    secret.mac("a page of a task", &text).into_iter().take(SEAL).collect()
}

fn mac(secret: &Secret, ids: &[u8]) -> Vec<u8> {
    secret.mac("a link to a task", ids).into_iter().take(SEAL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same;

    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_page_is_posted_for_its_own_link_and_within_its_time() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let shown = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let token = page_token(&secret, "link", &Same, shown);
        assert!(token.len() <= 128, "it is an idempotency key");
        for (link, token, later, expected) in [
            ("link", token.as_str(), TimeDelta::zero(), true),
            ("link", token.as_str(), PAGE - TimeDelta::seconds(1), true),
            ("link", token.as_str(), PAGE, false),
            ("other", token.as_str(), TimeDelta::zero(), false),
            ("link", &token[1..], TimeDelta::zero(), false),
            ("link", "", TimeDelta::zero(), false),
        ] {
            assert_eq!(is_page_token(&secret, link, token, shown + later), expected, "{link} {token} {later}");
        }
    }

    #[test]
    fn a_link_opens_one_task_and_no_changed_one_opens_anything() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let (letter, task) = (LetterId(Uuid::from_u128(1)), TaskId(Uuid::from_u128(2)));
        let token = seal(&secret, letter, task);
        assert_eq!(open(&secret, &token), Some((letter, task)));
        assert_eq!(open(&Secret::new(*b"another secret of thirty-two byte"), &token), None);
        for place in 0..token.len() - 1 {
            let other = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            assert_eq!(open(&secret, &changed), None, "{changed}");
        }
        for rubbish in ["", "x", "åäö", &token[1..], &format!("{token}A")] {
            assert_eq!(open(&secret, rubbish), None, "{rubbish}");
        }
    }
}
