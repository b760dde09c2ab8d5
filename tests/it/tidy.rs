//! The structure of the code: the order of the layers, the size of files, and the purity of decisions.

use std::path::{Path, PathBuf};

use ansvar_tests::golden::root;

/// The layers from the lowest to the highest. A layer may only use layers of earlier entries.
const LAYERS: &[&[&str]] = &[
    &["texts"],
    &["kit"],
    &["calendar"],
    &["legal", "mail"],
    &["event"],
    &["access"],
    &["directory", "upload"],
    &["ownership"],
    &["timer"],
    &["letter"],
    &["message", "task"],
    &["case", "hook"],
    &["push"],
    &["notice", "task_mail"],
    &["intake"],
    &["agenda", "jobs", "search", "web"],
    &["graphql"],
    &["http", "imap", "lmtp"],
    &["config"],
    &["serve", "setup", "check", "import"],
    &["demo"],
];

pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

fn all_sources() -> Vec<PathBuf> {
    ["api/src", "entity/src", "migration/src", "tests"]
        .iter()
        .flat_map(|folder| sources(&root().join(folder)))
        .collect()
}

fn level(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|level| level.contains(&layer))
}

#[test]
fn layers_import_one_way() {
    let source = root().join("api/src");
    let mut wrong = Vec::new();
    for file in sources(&source) {
        let own = file
            .strip_prefix(&source)
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let Some(height) = level(&own) else {
            assert!(["main", "lib"].contains(&own.as_str()), "{own} has no place among the layers");
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (line, words) in code.lines().enumerate().filter(|(_, words)| !words.trim_start().starts_with("//")) {
            for used in words.split("crate::").skip(1) {
                let layer: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let allowed = layer == own || level(&layer).is_some_and(|used| used < height);
                if !allowed {
                    wrong.push(format!("{}:{} uses {layer}", file.display(), line + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point the wrong way:\n{}", wrong.join("\n"));
}

/// Only the layers that speak GraphQL know the library for it. Enums that the contract shows stand in `entity::kind`.
#[test]
fn the_domain_does_not_know_graphql() {
    let source = root().join("api/src");
    let speaks = |file: &Path| ["graphql", "http"].iter().any(|layer| file.starts_with(source.join(layer)));
    let wrong: Vec<String> = sources(&source)
        .into_iter()
        .filter(|file| !speaks(file) && std::fs::read_to_string(file).unwrap().contains("async_graphql"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "they use async_graphql: {wrong:?}");
}

#[test]
fn decisions_are_pure() {
    let pure = [
        "ownership/decide.rs",
        "ownership/rules.rs",
        "task/decide.rs",
        "hook/decide.rs",
        "hook/address.rs",
        "hook/sign.rs",
        "case/decide.rs",
        "kit/money.rs",
        "kit/sniff.rs",
        "kit/text.rs",
        "kit/contact.rs",
        "kit/search/numbers.rs",
        "kit/search/terms.rs",
        "kit/search/words.rs",
        "search/ask.rs",
        "search/excerpt.rs",
        "search/rank.rs",
    ];
    for file in pure {
        let text = std::fs::read_to_string(root().join("api/src").join(file)).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["async ", ".await", "sea_orm", "Work", "App", ".now()"] {
            assert!(!code.contains(word), "{file} is pure and must not contain `{word}`");
        }
    }
}

#[test]
fn files_stay_small_enough_to_be_read() {
    for file in all_sources() {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines: split it by meaning", file.display());
    }
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    for file in all_sources() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what it is for", file.display());
    }
}

#[test]
fn nothing_is_left_for_later_or_silenced_without_a_reason() {
    let marks = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["FIX", "ME"].concat(),
        ["#[ig", "nore"].concat(),
        ["#[al", "low("].concat(),
    ];
    for file in all_sources() {
        let text = std::fs::read_to_string(&file).unwrap();
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} contains {mark}", file.display());
        }
    }
}

#[test]
fn crates_depend_one_way() {
    for (krate, forbidden) in
        [("entity", &["ansvar", "migration"][..]), ("migration", &["ansvar", "entity"]), ("api", &["ansvar-tests"])]
    {
        let manifest = std::fs::read_to_string(root().join(krate).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
        for name in forbidden {
            assert!(!dependencies.lines().any(|line| line.starts_with(name)), "{krate} must not depend on {name}");
        }
    }
}
