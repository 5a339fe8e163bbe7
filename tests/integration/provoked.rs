//! Every code has a test that provokes it: `provoked.txt` names it, and here it
//! is looked up that the test is there and names the code. The few that no command
//! ends with are named here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use quote::ToTokens as _;
use syn::{Attribute, Item};
use vaultiam::diagnose::Code;

use crate::generated::of_project;

/// What no command can meet: no code of the program makes these, and their pages say
/// so. They are there for those who meet the words elsewhere, and look them up.
const EXPLAINED_ONLY: [Code; 1] = [
    // Nothing here renews a token: each run logs in, and its token ends with it.
    Code::VLT719,
];

/// How such a page begins to say so.
const NO_COMMAND: &str = "No command of vaultiam ends with this code";

/// A line of the list.
struct Line {
    code: Code,
    how: String,
    file: String,
    test: String,
}

fn lines(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(of_project(name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn provoked() -> Vec<Line> {
    let parse = |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        let [code, how, file, test] = words[..] else {
            panic!("'{line}' is not CODE HOW FILE TEST");
        };
        Line {
            code: Code::parse(code).unwrap_or_else(|| panic!("{code} is no code")),
            how: how.to_owned(),
            file: file.to_owned(),
            test: test.to_owned(),
        }
    };
    lines("tests/integration/provoked.txt")
        .into_iter()
        .map(parse)
        .collect()
}

#[test]
fn every_code_is_provoked_by_a_test_or_is_none_of_a_command() {
    let provoked: Vec<Code> = provoked().iter().map(|line| line.code).collect();
    let all = [&provoked[..], &EXPLAINED_ONLY].concat();
    let counted: BTreeSet<Code> = all.iter().copied().collect();
    assert_eq!(counted.len(), all.len(), "a code stands twice");
    for code in Code::ALL {
        assert!(
            counted.contains(code),
            "{code}: no test in provoked.txt provokes it"
        );
    }
}

#[test]
fn a_code_without_a_test_is_made_by_nothing_and_its_page_says_so() {
    let source = of_project("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    assert!(files.len() > 100, "{}", source.display());
    for code in Code::ALL {
        let says_so = code.page().contains(NO_COMMAND);
        assert_eq!(says_so, EXPLAINED_ONLY.contains(code), "{code}: its page");
        if !says_so {
            continue;
        }
        let makes = |file: &&PathBuf| {
            let text = std::fs::read_to_string(file).unwrap();
            text.contains(&format!("Code::{code}"))
        };
        let made = files.iter().find(makes);
        assert!(
            made.is_none(),
            "{code} is made in {made:?}, and has no test"
        );
    }
}

/// All sources below a directory.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_test_of_the_list_is_there_and_names_its_code() {
    let mut files: BTreeMap<String, Names> = BTreeMap::new();
    for line in provoked() {
        let names = files
            .entry(line.file.clone())
            .or_insert_with(|| Names::of_file(&line.file));
        let place = format!("{}: {} in {}", line.code, line.test, line.file);
        assert!(names.tests.contains(&line.test), "{place} is no test");
        assert!(
            names.reaches(&line.test, line.code.name()),
            "{place} does not name it"
        );
        let is_unit_test = line.file.starts_with("src/");
        assert!(
            match line.how.as_str() {
                "real" | "stub" => !is_unit_test,
                "pure" => true,
                _ => false,
            },
            "{place}: '{}' is no way to provoke it there",
            line.how
        );
    }
}

#[test]
fn a_test_that_does_not_name_the_code_is_seen() {
    let names = Names::of(
        "const TABLE: [&str; 1] = [\"VLT607\"];
         #[test] fn by_table() { for code in TABLE {} }
         #[test] fn by_word() { assert_eq!(code, Code::VLT603) }
         #[test] fn by_text() { assert!(text.contains(\"error[VLT605]\")) }
         fn helper() { \"VLT606\" }
         mod tests { #[test] fn inner() { helper() } }
         // VLT608
         #[test] fn nothing() { /* VLT609 */ }",
    );
    let reaches = [
        ("by_table", "VLT607"),
        ("by_word", "VLT603"),
        ("by_text", "VLT605"),
        ("inner", "VLT606"),
    ];
    for (test, code) in reaches {
        assert!(
            names.tests.contains(test) && names.reaches(test, code),
            "{test}"
        );
    }
    assert!(!names.tests.contains("helper"));
    for code in ["VLT606", "VLT608", "VLT609"] {
        assert!(!names.reaches("nothing", code) && !names.reaches("by_table", code));
    }
}

/// The functions and constants of a file, as tokens.
#[derive(Default)]
struct Names {
    bodies: BTreeMap<String, String>,
    tests: BTreeSet<String>,
}

impl Names {
    fn of_file(name: &str) -> Self {
        let text = std::fs::read_to_string(of_project(name));
        Names::of(&text.unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    fn of(text: &str) -> Self {
        let mut names = Names::default();
        names.add(&syn::parse_file(text).unwrap().items);
        names
    }

    fn add(&mut self, items: &[Item]) {
        for item in items {
            let name = match item {
                Item::Fn(function) => {
                    let name = function.sig.ident.to_string();
                    if function.attrs.iter().any(is_test) {
                        self.tests.insert(name.clone());
                    }
                    name
                }
                Item::Const(constant) => constant.ident.to_string(),
                Item::Static(constant) => constant.ident.to_string(),
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.add(items);
                    }
                    continue;
                }
                _ => continue,
            };
            self.bodies.insert(name, item.to_token_stream().to_string());
        }
    }

    /// Tells whether a test names the code, by itself or in what it uses of its
    /// file.
    fn reaches(&self, test: &str, code: &str) -> bool {
        let mut seen = BTreeSet::from([test.to_owned()]);
        let mut open = vec![test.to_owned()];
        while let Some(name) = open.pop() {
            let Some(body) = self.bodies.get(&name) else {
                continue;
            };
            if body.contains(code) {
                return true;
            }
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            for word in body.split(|character| !is_part(character)) {
                if self.bodies.contains_key(word) && seen.insert(word.to_owned()) {
                    open.push(word.to_owned());
                }
            }
        }
        false
    }
}

/// `#[test]`, `#[tokio::test]`.
fn is_test(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "test")
}
