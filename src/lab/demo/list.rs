//! The list of the scenarios.

use crate::lab::scenario::GROUPS;
use crate::output::streams::Style;

/// A line for each, below what it breaks.
pub(in crate::lab) fn list(style: Style) -> String {
    let names = GROUPS.iter().flat_map(|(_, scenarios)| *scenarios);
    let width = names.map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (group, scenarios) in GROUPS {
        text.push_str(&format!("{}\n", style.strong(group)));
        for scenario in scenarios {
            text.push_str(&format!(
                "  {:width$}  {}  {}\n",
                scenario.name, scenario.code, scenario.title
            ));
        }
    }
    text.push_str("\nvaultiam-lab demo --break SCENARIO [--fix]\n");
    text
}
