//! A demo that was stopped while its store was made. A file in the demo's folder stands for "not finished": nobody has
//! used the store yet, so the next start makes it anew. A store that was finished without cases (`--empty`) may have been
//! used, and is never removed.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The demo's store, in its folder.
#[must_use]
pub fn store(data: &Path) -> PathBuf {
    data.join("ansvar.db")
}

fn marker(data: &Path) -> PathBuf {
    data.join("unfinished")
}

/// Before the store is opened: removes one that was not finished, and notes that a new one is being made. A finished
/// store is left as it is.
///
/// # Errors
/// When the folder cannot be written.
pub fn begin(data: &Path) -> io::Result<()> {
    let store = store(data);
    if marker(data).try_exists()? {
        for ending in ["", "-wal", "-shm"] {
            let mut file = store.clone().into_os_string();
            file.push(ending);
            remove(Path::new(&file))?;
        }
    } else if store.try_exists()? {
        return Ok(());
    }
    std::fs::write(
        marker(data),
        "The demo's store is being made. If the demo is stopped now, the next start makes it anew.\n",
    )
}

/// Notes that the store is finished.
///
/// # Errors
/// When the folder cannot be written.
pub fn end(data: &Path) -> io::Result<()> {
    remove(&marker(data))
}

fn remove(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
