//! Compares files in the repository with what the code generates. `ANSVAR_BLESS=1` rewrites them; then check the diff.

use std::path::{Path, PathBuf};

/// The root directory of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Compares a file of the repository with its expected contents.
pub fn assert_golden(path: &str, says: &str) {
    let file = root().join(path);
    if std::env::var("ANSVAR_BLESS").is_ok_and(|bless| bless == "1") {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, says).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    if known != says {
        let line = known.lines().zip(says.lines()).position(|(known, says)| known != says);
        let line = line.unwrap_or_else(|| known.lines().count().min(says.lines().count()));
        let at = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
        panic!(
            "{path} is not what the code makes, from line {}:\n  file: {}\n  code: {}\nIf the code is right: ANSVAR_BLESS=1 cargo test -p ansvar-tests",
            line + 1,
            at(&known),
            at(says)
        );
    }
}
