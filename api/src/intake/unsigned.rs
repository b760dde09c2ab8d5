//! The replacement of `signed` in a build without the feature `mail-auth`. It checks no signatures.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::kind::SenderTrust;

use super::email::Mail;

/// A checker that cannot exist in this build.
#[derive(Clone)]
pub enum Checker {}

impl Checker {
    /// Cannot make a checker in this build.
    ///
    /// # Errors
    /// Always, because this build does not check signatures.
    pub fn new(_: &[String]) -> Result<Self, String> {
        Err("this build does not check signatures; build it with `--features mail-auth`, or leave the setting out"
            .to_owned())
    }

    /// Never called, because no checker exists in this build.
    #[expect(clippy::unused_async, reason = "it stands for one that asks DNS")]
    pub async fn check(&self, _: Arc<Mail>, _: DateTime<Utc>) -> SenderTrust {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_left_out_is_not_left_out_in_silence() {
        let told = super::Checker::new(&[]).err().unwrap();
        assert!(told.contains("--features mail-auth"), "{told}");
    }
}
