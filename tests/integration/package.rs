//! What `cargo package` takes along, and whether its pages hold together.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::generated::of_project;

/// The files of the package.
fn files() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(of_project(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let listed = String::from_utf8(output.stdout).unwrap();
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn the_package_has_what_is_built_and_installed_and_nothing_else() {
    let files = files();
    for needed in [
        "Cargo.lock",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "src/main.rs",
        "docs/findings/VLT607.md",
        "docs/man/vaultiam.1",
        "docs/setup/operator-iam-policy.json",
        "completions/_vaultiam",
    ] {
        assert!(files.contains(needed), "{needed} is missing");
    }
    let allowed = |file: &&String| {
        let directories = ["src/", "docs/", "completions/"];
        let own = [
            "Cargo.toml",
            "Cargo.lock",
            "CHANGELOG.md",
            "LICENSE",
            "README.md",
        ];
        // What cargo itself adds.
        let added = ["Cargo.toml.orig", ".cargo_vcs_info.json"];
        directories.iter().any(|name| file.starts_with(name))
            || own.contains(&file.as_str())
            || added.contains(&file.as_str())
    };
    let other: Vec<&String> = files.iter().filter(|file| !allowed(file)).collect();
    assert_eq!(other, Vec::<&String>::new());
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let files = files();
    let pages: Vec<&String> = files.iter().filter(|file| file.ends_with(".md")).collect();
    let mut count = 0;
    for page in &pages {
        let text = std::fs::read_to_string(of_project(page)).unwrap();
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() {
                (*page).clone()
            } else {
                beside(page, path)
            };
            let is_there = files.contains(&target)
                || files
                    .iter()
                    .any(|file| file.starts_with(&format!("{target}/")));
            assert!(is_there, "{page}: {link}");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(of_project(&target)).unwrap();
                assert!(anchors(&text).contains(anchor), "{page}: {link}");
            }
            count += 1;
        }
    }
    assert!(count > 150, "only {count} links are seen");
}

/// The targets of a page's links, outside its blocks of code.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let targets = prose.split("](").skip(1);
    targets
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// The names by which a page's headings are linked.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|character| {
                character.is_alphanumeric() || matches!(character, ' ' | '-' | '_')
            });
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// The path that `link` means on `page`.
fn beside(page: &str, link: &str) -> String {
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.to_str().unwrap().to_owned()
}
