//! The pages that show the lab's output or name its scenarios.

use std::collections::BTreeMap;

use ::vaultiam::diagnose::Code;
use ::vaultiam::lab::scenario::{all, find};

use super::masked::masked;
use super::shown::lab;
use crate::generated::{assert_current, of_project};

/// What stands before a block that the program fills.
const SHOWN: &str = "<!-- shown by: vaultiam-lab ";

#[test]
fn the_tour_shows_what_the_lab_shows() {
    let path = of_project("docs/tour.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut parts = page.split(SHOWN);
    let mut wanted = parts.next().unwrap().to_owned();
    let mut count = 0;
    for part in parts {
        let (words, rest) = part.split_once(" -->\n").unwrap();
        let (_, after) = rest.split_once("```text\n").unwrap();
        let (_, after) = after.split_once("```\n").unwrap();
        let (stdout, stderr, code) = lab(&words.split(' ').collect::<Vec<_>>());
        assert_eq!((stderr.as_str(), code), ("", 0), "{words}: {stdout}");
        let shown = masked(&stdout);
        wanted.push_str(&format!(
            "{SHOWN}{words} -->\n```text\n{}\n```\n{after}",
            shown.trim_end()
        ));
        count += 1;
    }
    assert!(count >= 3, "the tour shows {count} blocks");
    assert_current(&path, &wanted);
}

/// How a page of a finding names the scenario that provokes it.
const SEE_IT: &str = "To see it: `vaultiam-lab demo --break ";

#[test]
fn the_page_of_a_finding_names_the_scenario_that_provokes_it() {
    let mut first: BTreeMap<Code, &str> = BTreeMap::new();
    for scenario in all() {
        first.entry(scenario.code).or_insert(scenario.name);
    }
    for code in Code::ALL {
        let path = of_project(&format!("docs/findings/{code}.md"));
        let page = std::fs::read_to_string(&path).unwrap();
        let without = without_line(&page);
        let wanted = match first.get(code) {
            None => without,
            Some(name) => {
                let heading = "\n## What tells it apart\n";
                let (before, after) = without.split_once(heading).unwrap();
                format!("{before}\n{SEE_IT}{name}`.\n{heading}{after}")
            }
        };
        assert_current(&path, &wanted);
    }
}

/// The page without the line that names a scenario.
fn without_line(page: &str) -> String {
    let Some((before, after)) = page.split_once(&format!("\n{SEE_IT}")) else {
        return page.to_owned();
    };
    let (_, after) = after.split_once("`.\n").unwrap();
    format!("{before}{after}")
}

#[test]
fn no_page_names_a_scenario_that_is_not_there() {
    let mut named = 0;
    for name in ["README.md", "docs/lab.md", "docs/tour.md"] {
        let page = std::fs::read_to_string(of_project(name)).unwrap();
        for part in page.split("--break ").skip(1) {
            let end = part.find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '-'));
            let scenario = &part[..end.unwrap_or(part.len())];
            if scenario == "SCENARIO" {
                continue;
            }
            assert!(find(scenario).is_some(), "{name} names {scenario}");
            named += 1;
        }
    }
    assert!(named > 3);
}
