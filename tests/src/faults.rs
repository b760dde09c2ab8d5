//! Injects disk errors and a wrong clock into a service that runs as a process of its own. A small C library is
//! preloaded before the C library (`tests/faults/faults.c`). It is built here with the machine's C compiler.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::golden::root;

/// The error "no space left on device".
pub const ENOSPC: i64 = 28;
/// The error "input/output error".
pub const EIO: i64 = 5;

/// The library, built once per process.
pub fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let library = std::env::temp_dir().join(format!("ansvar_faults_{}.so", std::process::id()));
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(root().join("tests/faults/faults.c"))
            .arg("-ldl")
            .status();
        assert!(built.expect("a C compiler").success(), "the library is built");
        library
    })
}

/// Controls the results of one process's writes.
pub struct Disk(File, PathBuf);

impl Disk {
    /// A disk without errors, controlled through this file.
    pub fn at(path: &Path) -> Self {
        let file = File::options().create(true).truncate(true).read(true).write(true).open(path).unwrap();
        file.set_len(4096).unwrap();
        let disk = Self(file, path.to_path_buf());
        disk.works();
        disk
    }

    /// The environment variables of a process that writes to this disk.
    pub fn environment(&self) -> [(String, String); 2] {
        [
            ("LD_PRELOAD".to_owned(), library().display().to_string()),
            ("ANSVAR_FAULTS".to_owned(), self.1.display().to_string()),
        ]
    }

    fn set(&self, place: u64, value: i64) {
        self.0.write_all_at(&value.to_ne_bytes(), place * 8).unwrap();
    }

    /// All writes succeed from now on.
    pub fn works(&self) {
        self.set(0, -1);
    }

    /// Lets this many writes succeed, and the one after them fail with this error.
    pub fn fails_once_after(&self, writes: i64, error: i64) {
        self.set(2, 0);
        self.set(1, error);
        self.set(0, writes);
    }

    /// All writes fail from now on.
    pub fn fails(&self, error: i64) {
        self.set(2, 1);
        self.set(1, error);
        self.set(0, 0);
    }

    /// Whether the requested failure has happened.
    pub fn has_failed_once(&self) -> bool {
        self.read(0) < 0
    }

    /// The number of writes so far.
    pub fn writes(&self) -> i64 {
        self.read(3)
    }

    fn read(&self, place: u64) -> i64 {
        let mut bytes = [0; 8];
        self.0.read_exact_at(&mut bytes, place * 8).unwrap();
        i64::from_ne_bytes(bytes)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.1));
    }
}
