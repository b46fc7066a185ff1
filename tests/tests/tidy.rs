//! The rules of the house that a compiler does not check. Each check is a function over text, with a test of its own
//! that shows it can fail.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test: what fails here fails the check")]

use std::path::{Path, PathBuf};

/// Longest source file, in lines.
const FILE_LINES_MAX: usize = 500;
/// Longest function, in lines, from its `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Most lines with code in the scripts of the verifier in another language (`tests/verifier`), what it is an example of: a bundle
/// can be checked by a few hundred lines that one reads in an hour. A format that needs many more is too hard to implement.
const VERIFIER_LINES: &[(&str, usize)] = &[("bundle.py", 450), ("events.py", 90), ("vectors.py", 300)];

/// Functions that are tables: exhaustive matches over refusal codes, events or commands, a line or two for each, so that the
/// compiler asks for the line of a new one. Splitting them would lose that.
const TABLES: &[&str] = &[
    "domain/src/refusal/catalogue",
    "domain/src/view/project.rs",
    "domain/src/view/written.rs",
    "domain/src/authority/capability.rs",
    "domain/src/authority/concerned.rs",
    "domain/src/channel/basis.rs",
    "domain/src/hindsight/table.rs",
    "domain/src/erasure/retention.rs",
    "domain/src/case/of_event.rs",
];

/// Which of our crates each crate may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ledger", &["tongcha-domain"]),
    ("node", &["tongcha-domain", "tongcha-ledger"]),
    ("services", &["tongcha-node"]),
    ("audit", &["tongcha-domain", "tongcha-ledger"]),
    ("xtask", &[]),
];

/// What the pure crates may not touch: clocks, randomness of their own, files, network, processes, threads.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "SystemTime",
    "time::Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "thread_rng",
    "rand::rng",
    "OsRng",
    "from_os_rng",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "tokio::",
    "println!",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    waiting.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    let found: Vec<_> =
        files(&root(), "rs").into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect();
    assert!(found.len() > 100, "the sources were not found");
    found
}

/// Functions longer than allowed: name and length.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let words: Vec<&str> = code.split_whitespace().take(5).collect();
        let Some(at) = words.iter().position(|word| *word == "fn") else { continue };
        if !words[..at].iter().all(|word| word.starts_with("pub") || ["async", "const", "default"].contains(word)) {
            continue;
        }
        let indent = line.len() - code.len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| *line == closing).unwrap_or(0);
        let signature_only = lines[start..].iter().position(|line| line.ends_with(';') || line.ends_with('{'));
        if signature_only.is_some_and(|at| lines[start + at].ends_with(';')) {
            continue;
        }
        if end + 1 > FUNCTION_LINES_MAX {
            found.push((words.get(at + 1).unwrap_or(&"?").to_string(), end + 1));
        }
    }
    found
}

/// Our own crates among a manifest's normal dependencies.
fn own_dependencies(manifest: &str) -> Vec<String> {
    let table: toml::Table = manifest.parse().unwrap();
    let Some(dependencies) = table.get("dependencies").and_then(toml::Value::as_table) else { return Vec::new() };
    dependencies.keys().filter(|name| name.starts_with("tongcha-")).cloned().collect()
}

/// Lines of code (not comments) that hold a forbidden call.
fn impure_lines(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter(|line| IMPURE.iter().any(|call| line.contains(call)))
        .collect()
}

/// Lines of a Python script that hold code: no empty lines, comments, or texts in three quotes.
fn python_lines(text: &str) -> usize {
    let quotes = "\"\"\"";
    let mut in_text = false;
    let is_code = |line: &&str| {
        let line = line.trim();
        let marks = line.matches(quotes).count();
        let is_text = in_text || line.starts_with(quotes);
        in_text ^= marks % 2 == 1;
        !(is_text || line.is_empty() || line.starts_with('#'))
    };
    text.lines().filter(is_code).count()
}

#[test]
fn the_verifier_in_another_language_is_short() {
    for path in files(&root().join("tests/verifier"), "py") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, max)) = VERIFIER_LINES.iter().find(|(known, _)| *known == name) else {
            panic!("{name} has no limit")
        };
        let lines = python_lines(&std::fs::read_to_string(&path).unwrap());
        assert!(lines <= *max && lines > max / 2, "{name}: {lines} lines with code, at most {max}");
    }
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        if text.lines().count() > FILE_LINES_MAX {
            long.push(format!("{}: {} lines", path.display(), text.lines().count()));
        }
        if TABLES.iter().any(|table| path.to_string_lossy().contains(table)) {
            continue;
        }
        long.extend(
            long_functions(&text).into_iter().map(|(name, len)| format!("{}: fn {name}: {len} lines", path.display())),
        );
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn dependencies_run_one_way() {
    for (krate, allowed) in MAY_USE {
        let manifest = std::fs::read_to_string(root().join("crates").join(krate).join("Cargo.toml")).unwrap();
        let used = own_dependencies(&manifest);
        let wrong: Vec<_> = used.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "crates/{krate} may not use {wrong:?}");
    }
}

#[test]
fn pure_crates_are_pure() {
    for krate in ["domain", "ledger"] {
        for path in files(&root().join("crates").join(krate).join("src"), "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let test_only = path
                .file_name()
                .is_some_and(|name| name == "testing.rs" || name.to_string_lossy().ends_with("_tests.rs"));
            assert!(test_only || impure_lines(&text).is_empty(), "{}: {:?}", path.display(), impure_lines(&text));
        }
    }
}

#[test]
fn every_module_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} has no module documentation", path.display());
    }
}

#[test]
fn every_party_binary_is_thin() {
    for path in files(&root().join("crates/services/src/bin"), "rs") {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 15, "{}: {lines} lines", path.display());
    }
}

#[test]
fn nothing_unfinished_is_left() {
    let marks = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
    ];
    for (path, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{} holds {mark}", path.display());
        }
    }
}

#[test]
fn the_checks_can_fail() {
    let long = format!("pub async fn long() {{\n{}}}\n", "    work();\n".repeat(FUNCTION_LINES_MAX));
    assert_eq!(long_functions(&long), [("long()".to_owned(), FUNCTION_LINES_MAX + 2)]);
    assert_eq!(long_functions("fn short() {\n}\n"), []);
    let script =
        "\"\"\"About.\n\n# still text\n\"\"\"\nimport os\n\n# why\ndef f():\n    \"\"\"Does.\"\"\"\n    return \"\"\n";
    assert_eq!(python_lines(script), 3);
    assert_eq!(own_dependencies("[dependencies]\ntongcha-node.workspace = true\nserde = \"1\"\n"), ["tongcha-node"]);
    assert_eq!(impure_lines("let t = SystemTime::now();\n// SystemTime\n"), ["let t = SystemTime::now();"]);
}
