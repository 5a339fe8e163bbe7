//! Every code has a test that provokes it: `provoked.txt` names it, and here it
//! is looked up that the test is there and names the code.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens as _;
use syn::{Attribute, Item};
use vaultiam::diagnose::Code;

use crate::generated::of_project;

/// How many codes no test provokes yet. It is only ever made smaller.
const UNPROVOKED: usize = 1;

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
fn every_code_is_provoked_by_a_test_or_known_not_to_be() {
    let provoked: Vec<Code> = provoked().iter().map(|line| line.code).collect();
    let unprovoked: Vec<Code> = lines("tests/integration/unprovoked.txt")
        .iter()
        .map(|line| Code::parse(line).unwrap_or_else(|| panic!("{line} is no code")))
        .collect();
    let all = [provoked, unprovoked.clone()].concat();
    let counted: BTreeSet<Code> = all.iter().copied().collect();
    assert_eq!(counted.len(), all.len(), "a code stands twice");
    for code in Code::ALL {
        assert!(
            counted.contains(code),
            "{code}: no test in provoked.txt provokes it"
        );
    }
    assert_eq!(
        unprovoked.len(),
        UNPROVOKED,
        "the number of codes without a test only ever goes down"
    );
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
