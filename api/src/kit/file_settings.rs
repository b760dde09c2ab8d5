//! The settings of files: how large an upload may be, and the address at which files are read.

use std::sync::{PoisonError, RwLock};

/// The settings of files.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// The most bytes of an upload by the public: a form or a customer.
    pub public_bytes: i64,
    /// The most bytes of an upload by anybody else.
    pub signed_in_bytes: i64,
    /// The address at which files are read, without a slash at its end; the service's public address if none.
    pub base_url: Option<String>,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self { public_bytes: 25 * 1024 * 1024, signed_in_bytes: 100 * 1024 * 1024, base_url: None }
    }
}

/// The settings of files of this service.
#[derive(Default)]
pub struct Files(RwLock<FileSettings>);

impl Files {
    /// Sets the settings.
    pub fn set(&self, settings: FileSettings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// The settings.
    #[must_use]
    pub fn get(&self) -> FileSettings {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
