//! The architecture holds: who may import whom, and every path that ARCHITECTURE.md names exists.

use std::path::{Path, PathBuf};

const NOUNS: &[&str] = &[
    "bandwidth",
    "cells",
    "counts",
    "drawing",
    "error",
    "events",
    "findings",
    "frame",
    "grid",
    "image",
    "interaction",
    "journal",
    "kernel",
    "matrix",
    "page",
    "placed",
    "provenance",
    "tile",
    "track",
    "tracing",
    "tree",
    "world",
];
const VERBS: &[&str] = &["accumulate", "analyse", "arrange", "estimate", "figure", "land", "paint", "scale", "trace"];
const DOORS: &[&str] = &["sink", "source"];

/// What each room of the house may import beside itself.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    let of = |rooms: &[&[&'static str]]| Some(rooms.concat());
    match room {
        "lib" | "main" => None,
        "cli" => of(&[NOUNS, &["style", "lines", "source", "sink", "paint", "scale", "figure", "serve"]]),
        "serve" => of(&[NOUNS, &["style", "lines", "source", "sink", "paint", "scale", "figure"]]),
        "lines" => of(&[NOUNS, VERBS, DOORS, &["style"]]),
        "style" => of(&[NOUNS, VERBS]),
        room if NOUNS.contains(&room) => of(&[NOUNS, &[]]),
        room if VERBS.contains(&room) || DOORS.contains(&room) => of(&[NOUNS]),
        room => panic!("src/{room} is in no room of the house: name it in tests/house.rs and ARCHITECTURE.md"),
    }
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that the code of a file imports from: the word after each `crate::` outside tests and comments.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|room| room.starts_with(char::is_lowercase))
        .collect()
}

#[test]
fn every_room_imports_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut broken = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).expect("in src");
        let room = inside.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(allowed) = allowed(&room) else { continue };
        let text = std::fs::read_to_string(&file).expect("a source file");
        for import in imports(&text).iter().filter(|i| **i != room && !allowed.contains(&i.as_str())) {
            broken.push(format!("{} imports {import}", inside.display()));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_path_that_the_architecture_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.starts_with("src/") || word.starts_with("tests/") || word.starts_with("benches/"))
        .collect();
    assert!(named.len() > 15, "ARCHITECTURE.md names the rooms: {named:?}");
    let missing: Vec<&&str> = named.iter().filter(|path| !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what does not exist: {missing:?}");
}
