//! What stands for `signed` in a build without the feature `mail-auth`: no signature is checked.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::email::Mail;
use crate::mail::trust::Trust;

/// There is none.
#[derive(Clone)]
pub enum Checker {}

impl Checker {
    /// # Errors
    /// Always.
    pub fn new(_: &[String]) -> Result<Self, String> {
        Err("this build does not check signatures; build it with `--features mail-auth`, or leave the setting out"
            .to_owned())
    }

    /// Never called: there is none to call it on.
    #[expect(clippy::unused_async, reason = "it stands for one that asks DNS")]
    pub async fn check(&self, _: Arc<Mail>, _: DateTime<Utc>) -> Trust {
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
