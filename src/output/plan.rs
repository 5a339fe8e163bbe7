//! What people read of a set-up: the plan, and what became of it.

use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

use super::human::trimmed;
use super::streams::{Lines, Style, one_line, printable};
use crate::setup::ledger::Tally;
use crate::setup::plan::{Change, Conflict, FieldChange, Plan, Resource, Verb};
use crate::setup::rights::Right;

/// How wide a table is where nobody knows the width of a terminal.
const WIDTH: u16 = 110;

/// The whole plan: each change with its fields, what stands in the way, which
/// rights are missing, and a last line that counts.
pub fn plan_text(plan: &Plan, missing: &[Right], kept: Kept, style: Style) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        text.push_str(&change_text(change, style));
        text.push('\n');
    }
    for conflict in &plan.conflicts {
        text.push_str(&conflict_text(conflict, style));
        text.push('\n');
    }
    if !missing.is_empty() {
        text.push_str(&style.bad("missing rights"));
        text.push('\n');
        for right in missing {
            text.push_str(&format!(
                "  {}  on {}\n",
                right.action,
                one_line(&right.target)
            ));
        }
        text.push('\n');
    }
    if kept == Kept::Named && !plan.unchanged.is_empty() {
        for resource in &plan.unchanged {
            let why = match resource {
                Resource::KvMount { path, .. } => {
                    format!("  (its secrets stay; --delete-secrets {path} deletes them)")
                }
                _ => String::new(),
            };
            text.push_str(&format!(
                "keep  {}{}\n",
                one_line(&resource.name()),
                printable(&why, Lines::Escaped)
            ));
        }
        text.push('\n');
    }
    text.push_str(&count_line(plan));
    text
}

/// Whether the things that stay as they are get a line each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Counted,
    Named,
}

fn change_text(change: &Change, style: Style) -> String {
    let verb = match change.verb {
        Verb::Create | Verb::Adopt => style.good(change.verb.name()),
        Verb::Update => style.notable(change.verb.name()),
        Verb::Replace | Verb::Delete => style.bad(change.verb.name()),
    };
    let resource = style.strong(&one_line(&change.resource.name()));
    let mut text = format!("{verb}  {resource}\n  {}\n", one_line(&change.why));
    // What is new has no before, and what goes no after.
    let columns: &[&str] = match change.verb {
        Verb::Create => &["after"],
        Verb::Delete => &["before"],
        Verb::Update | Verb::Replace | Verb::Adopt => &["before", "after"],
    };
    text.push_str(&fields_text(&change.fields, columns));
    text
}

/// The fields: short values in a table, documents below each other.
fn fields_text(fields: &[FieldChange], columns: &[&str]) -> String {
    let mut text = String::new();
    let (documents, plain): (Vec<&FieldChange>, Vec<&FieldChange>) =
        fields.iter().partition(|field| is_document(field));
    if !plain.is_empty() {
        let mut table = table();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(table.width().unwrap_or(WIDTH));
        table.set_header(["field"].iter().chain(columns));
        for field in plain {
            let mut row = vec![field.name.clone()];
            for column in columns {
                let value = if *column == "before" {
                    &field.before
                } else {
                    &field.after
                };
                row.push(value_text(value.as_ref()));
            }
            table.add_row(row);
        }
        text.push_str(&indented(&table));
    }
    // Documents stand one below the other, so that no line of them is broken.
    for field in documents {
        let mut table = table();
        let sides = [("before", &field.before), ("after", &field.after)];
        let sides = sides.into_iter().filter(|(_, value)| value.is_some());
        for (index, (side, value)) in sides.enumerate() {
            let name = if index == 0 { field.name.as_str() } else { "" };
            table.add_row([name.to_owned(), side.to_owned(), value_text(value.as_ref())]);
        }
        text.push_str(&indented(&table));
    }
    text
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
}

fn indented(table: &Table) -> String {
    trimmed(table)
        .lines()
        .map(|line| format!("{}\n", format!("  {line}").trim_end()))
        .collect()
}

fn is_document(field: &FieldChange) -> bool {
    [&field.before, &field.after]
        .into_iter()
        .flatten()
        .any(Value::is_object)
}

/// A value as a person reads it: documents over several lines, nothing as `-`.
fn value_text(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::String(text)) => text.trim_end().to_owned(),
        Some(Value::Array(items)) if items.is_empty() => "none".to_owned(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            words.join("\n")
        }
        Some(document @ (Value::Object(_) | Value::Array(_))) => {
            serde_json::to_string_pretty(document).unwrap_or_default()
        }
        Some(other) => other.to_string(),
    };
    printable(&text, Lines::Kept)
}

fn conflict_text(conflict: &Conflict, style: Style) -> String {
    let mut text = format!(
        "{}  {}\n  found   {}\n  wanted  {}\n  remedy  {}\n",
        style.bad("conflict"),
        style.strong(&one_line(&conflict.resource.name())),
        one_line(&conflict.found),
        one_line(&conflict.wanted),
        one_line(&conflict.remedy),
    );
    text.push_str(&fields_text(&conflict.fields, &["before", "after"]));
    text
}

fn count_line(plan: &Plan) -> String {
    let counted = |verb: Verb| {
        let changes = plan.changes.iter();
        let count = changes.filter(|change| change.verb == verb).count();
        (count > 0).then(|| format!("{count} to {}", verb.name()))
    };
    let mut parts: Vec<String> = [
        Verb::Create,
        Verb::Update,
        Verb::Adopt,
        Verb::Replace,
        Verb::Delete,
    ]
    .into_iter()
    .filter_map(counted)
    .collect();
    if parts.is_empty() {
        parts.push("nothing to change".to_owned());
    }
    parts.push(format!("{} unchanged", plan.unchanged.len()));
    let conflicts = plan.conflicts.len();
    if conflicts > 0 {
        parts.push(format!(
            "{conflicts} in conflict: nothing will be changed at all"
        ));
    }
    format!("plan: {}\n", parts.join(", "))
}

/// What a person has to do before the set-up can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFor {
    pub what: String,
    pub command: String,
    pub place: &'static str,
}

/// What became of every change.
pub fn applied_text(tally: &Tally, waiting: Option<&WaitingFor>, style: Style) -> String {
    let mut text = String::new();
    let lists = [
        (style.good("done    "), &tally.done),
        (style.bad("not done"), &tally.not_done),
        (style.notable("unknown "), &tally.unknown),
    ];
    for (label, names) in lists {
        for name in names {
            text.push_str(&format!("{label}  {}\n", one_line(name)));
        }
    }
    if text.is_empty() {
        text.push_str("nothing to change\n");
    }
    if !tally.unknown.is_empty() {
        text.push_str("unknown: whether it was carried out, wholly or in part, is not known; the next run looks at it again\n");
    }
    if let Some(waiting) = waiting {
        text.push_str(&format!(
            "\n{}  {}\n  {}\n  then run this again\n",
            style.notable("waiting for"),
            waiting.what,
            waiting.command
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::plan::ConflictKind;
    use serde_json::json;

    const PLAIN: Style = Style {
        colour: false,
        terminal: false,
        columns: None,
    };

    #[test]
    fn a_plan_shows_before_and_after_of_each_field() {
        let role = Resource::Role {
            arn: "arn:aws:iam::123456789012:role/VaultRole".to_owned(),
        };
        let plan = Plan {
            changes: vec![Change {
                verb: Verb::Update,
                resource: role,
                why: "it differs from the settings".to_owned(),
                fields: vec![
                    FieldChange {
                        name: "trust_policy".to_owned(),
                        before: Some(json!({ "Statement": [] })),
                        after: Some(json!({ "Statement": [{ "Effect": "Allow" }] })),
                    },
                    FieldChange::new("permissions_boundary", "arn:aws:iam::aws:policy/X"),
                ],
            }],
            conflicts: vec![Conflict {
                resource: Resource::KvMount {
                    namespace: None,
                    path: "kv".to_owned(),
                },
                kind: ConflictKind::OtherKindOfMount,
                found: "a secrets engine of type pki\u{1b}[31m".to_owned(),
                wanted: "a KV engine of version 2".to_owned(),
                remedy: "choose another path: --kv-mount".to_owned(),
                fields: Vec::new(),
            }],
            unchanged: vec![Resource::Policy {
                namespace: None,
                name: "kong-policy".to_owned(),
            }],
            notes: Vec::new(),
        };
        let missing = [Right {
            action: "iam:TagRole".to_owned(),
            target: "arn:aws:iam::123456789012:role/VaultRole".to_owned(),
        }];
        insta::assert_snapshot!(plan_text(&plan, &missing, Kept::Named, PLAIN));
    }

    #[test]
    fn the_account_of_a_run_names_everything() {
        let tally = Tally {
            done: vec!["vault:sys/auth/aws".to_owned()],
            not_done: vec!["vault:sys/mounts/kv".to_owned()],
            unknown: vec!["vault:auth/aws/config/client".to_owned()],
        };
        let waiting = WaitingFor {
            what: "Vault's server has no AWS identity".to_owned(),
            command: "aws ec2 associate-iam-instance-profile".to_owned(),
            place: "aws",
        };
        insta::assert_snapshot!(applied_text(&tally, Some(&waiting), PLAIN));
        assert_eq!(
            applied_text(&Tally::default(), None, PLAIN),
            "nothing to change\n"
        );
    }
}
