//! Cursors of feeds. A cursor is opaque to clients and sealed for one viewer, so that a cursor that is invented or
//! belongs to somebody else is refused. A cursor gives no rights: access is checked at every read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::kit::secret::Secret;

const SEAL: usize = 12;

/// Makes the cursor of this position in a feed for this viewer.
#[must_use]
pub fn seal(secret: &Secret, viewer: &str, seq: i64) -> String {
    let mut bytes = seq.to_be_bytes().to_vec();
    bytes.extend(mac(secret, viewer, seq));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position that a cursor of this viewer stands for; none when the cursor is not valid for this viewer.
#[must_use]
pub fn open(secret: &Secret, viewer: &str, cursor: &str) -> Option<i64> {
    use subtle::ConstantTimeEq;
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (seq, seal) = bytes.split_first_chunk::<8>()?;
    let seq = i64::from_be_bytes(*seq);
    let good: bool = mac(secret, viewer, seq).as_slice().ct_eq(seal).into();
    good.then_some(seq)
}

fn mac(secret: &Secret, viewer: &str, seq: i64) -> Vec<u8> {
    secret.mac("cursor", format!("{viewer}:{seq}").as_bytes()).into_iter().take(SEAL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_viewer_and_nobody_else() {
        let secret = Secret::new(*b"test");
        let cursor = seal(&secret, "partner_1", 41);
        assert_eq!(open(&secret, "partner_1", &cursor), Some(41));
        assert_eq!(open(&secret, "partner_2", &cursor), None);
        assert_eq!(open(&Secret::new(*b"other"), "partner_1", &cursor), None);
        for rubbish in ["", "x", "åäö", &cursor[1..], &format!("{cursor}A")] {
            assert_eq!(open(&secret, "partner_1", rubbish), None, "{rubbish}");
        }
    }
}
