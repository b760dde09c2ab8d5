//! The address at which the service's own pages are reached from outside.

use std::sync::{PoisonError, RwLock};

/// The public address, without a slash at its end; none when the service was given none.
#[derive(Default)]
pub struct PublicUrl(RwLock<Option<String>>);

impl PublicUrl {
    /// Sets the address.
    pub fn set(&self, url: Option<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// The address.
    #[must_use]
    pub fn get(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
