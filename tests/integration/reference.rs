//! The reference pages say what the program does: settings, exit codes, JSON.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use ::vaultiam::cli;
use ::vaultiam::diagnose::{Code, Finding};
use ::vaultiam::fault::{Cause, Fault, Side};
use ::vaultiam::settings::{Group, Kind, Setting, TABLE};
use ::vaultiam::trace::StepId;

use crate::generated::assert_current;
use crate::vaultiam::Vaultiam;

const TABLES_BEGIN: &str = "<!-- tables -->\n";
const TABLES_END: &str = "<!-- end of tables -->\n";

#[test]
fn the_settings_page_has_the_tables_of_the_program() {
    let page = page("settings.md");
    let (before, rest) = page.split_once(TABLES_BEGIN).unwrap();
    let (_, after) = rest.split_once(TABLES_END).unwrap();
    let wanted = format!("{before}{TABLES_BEGIN}{}{TABLES_END}{after}", tables());
    assert_current(&path_of("settings.md"), &wanted);
}

#[test]
fn the_sample_of_the_settings_page_is_accepted() {
    let page = page("settings.md");
    let sample = blocks(&page, "yaml").remove(0);
    let run = Vaultiam::bare();
    let file = run.file("sample.yaml", &sample);
    let arguments = ["login", "-o", "json", "--config", file.to_str().unwrap()];
    let ended = run.run(&arguments);
    // Past the settings there are no credentials here.
    assert_eq!(ended.code, i32::from(cli::AWS_REFUSED), "{}", ended.stdout);
    let origins = &ended.json()["steps"][0]["facts"]["origins"];
    assert_eq!(origins["vault.address"]["origin"], "file", "{origins}");
    // The test would not see a sample that is not read.
    let broken = run.file("broken.yaml", &sample.replace("region:", "regoin:"));
    let arguments = ["login", "--config", broken.to_str().unwrap()];
    assert_eq!(run.run(&arguments).code, i32::from(cli::USAGE));
}

/// The order of the tables on the page.
const GROUPS: [Group; 6] = [
    Group::Aws,
    Group::Vault,
    Group::Connection,
    Group::Kv,
    Group::Kong,
    Group::Provision,
];

fn tables() -> String {
    let mut text = String::new();
    let mut count = 0;
    for group in GROUPS {
        text.push_str(&format!("\n### {}\n\n", group.heading()));
        let rows: Vec<&Setting> = TABLE.iter().filter(|row| row.group == group).collect();
        if !rows.iter().any(|row| flag_exists(row)) {
            text.push_str(
                "Checked in the file like all others; no command of this version has a flag for them.\n\n",
            );
        }
        text.push_str("| key | flag | variable | default | accepted | meaning |\n");
        text.push_str("|---|---|---|---|---|---|\n");
        for row in &rows {
            text.push_str(&table_row(row));
        }
        count += rows.len();
    }
    assert_eq!(count, TABLE.len(), "a group is missing");
    text.push('\n');
    text
}

fn table_row(row: &Setting) -> String {
    let code = |word: &str| format!("`{word}`");
    let or_dash = |text: String| if text.is_empty() { "–".into() } else { text };
    let key = if row.key.is_empty() {
        String::new()
    } else {
        code(row.key)
    };
    let flag = row.flag.filter(|_| flag_exists(row));
    let flag = flag.map(|name| code(&format!("--{name}")));
    let variables: Vec<String> = row.environment.iter().map(|name| code(name)).collect();
    let default = match (row.default, row.kind) {
        ("", Kind::Flag) => code("false"),
        ("", _) => String::new(),
        (default, _) => code(default),
    };
    let accepted = match row.kind {
        Kind::Text => String::new(),
        Kind::Lines => "text, with line breaks".to_owned(),
        Kind::Flag => "a truth value".to_owned(),
        Kind::Choice(choices) => {
            let choices: Vec<String> = choices.iter().map(|choice| code(choice)).collect();
            choices.join(", ")
        }
        Kind::Number => "a whole number".to_owned(),
        Kind::Duration => "a duration".to_owned(),
        Kind::Account => "12 digits".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Map => "a mapping".to_owned(),
    };
    format!(
        "| {} | {} | {} | {} | {accepted} | {} |\n",
        or_dash(key),
        or_dash(flag.unwrap_or_default()),
        or_dash(variables.join(", ")),
        or_dash(default),
        row.help
    )
}

/// Tells whether some command takes the flag of a setting.
fn flag_exists(row: &Setting) -> bool {
    cli::command().get_subcommands().any(|command| {
        command
            .get_arguments()
            .any(|argument| argument.get_long() == row.flag && row.flag.is_some())
    })
}

#[test]
fn the_page_has_the_exit_codes_of_the_program() {
    let page = page("exit-codes.md");
    let table: BTreeSet<u8> = rows(&page, "| code |")
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    let all = [
        cli::DONE,
        cli::OTHER,
        cli::USAGE,
        cli::CHANGES_PENDING,
        cli::AWS_REFUSED,
        cli::LOGIN_REFUSED,
        cli::TOKEN_REFUSED,
        cli::NOT_FOUND,
        cli::UNREACHABLE,
        cli::FOUND,
        cli::TRY_AGAIN,
        cli::INTERRUPTED,
        cli::TERMINATED,
    ];
    assert_eq!(table, BTreeSet::from(all));
    let fixed = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130, 143];
    assert_eq!(all, fixed, "an exit code is a promise");
}

#[test]
fn the_page_has_the_precedence_of_the_program() {
    let page = page("exit-codes.md");
    let line = page.lines().find(|line| line.starts_with("8, ")).unwrap();
    let order: Vec<u8> = line
        .split(", ")
        .map(|number| number.parse().unwrap())
        .collect();
    for (index, graver) in order.iter().enumerate() {
        for other in &order[index..] {
            assert_eq!(cli::of_all([*other, *graver]), *graver, "{other} {graver}");
        }
    }
    let several = [
        cli::OTHER,
        cli::USAGE,
        cli::AWS_REFUSED,
        cli::LOGIN_REFUSED,
        cli::TOKEN_REFUSED,
        cli::NOT_FOUND,
        cli::UNREACHABLE,
        cli::TRY_AGAIN,
    ];
    assert_eq!(BTreeSet::from(several), order.into_iter().collect());
}

#[test]
fn the_page_has_the_exit_code_of_every_finding() {
    let page = page("exit-codes.md");
    let rows = rows(&page, "| findings |");
    for code in Code::ALL {
        let name = code.name();
        let by_name = rows.iter().find(|row| is_listed(&row[0], name));
        let by_family = rows.iter().find(|row| {
            let family = row[0].strip_prefix("other ");
            family.is_some_and(|family| name.starts_with(family))
        });
        let Some(row) = by_name.or(by_family) else {
            // What only `check` finds: it ends with 9 whatever it finds.
            assert!(name.starts_with("SEC"), "{name} is on no line");
            continue;
        };
        let numbers: BTreeSet<String> = [StepId::Login, StepId::Read, StepId::Change]
            .map(|step| {
                let fault = Fault::new(step, Side::Vault, "", "", Cause::Answered, "");
                cli::of_fault(&fault, &[Finding::certain(*code)]).to_string()
            })
            .into();
        let said: BTreeSet<String> = row[1]
            .split(|character: char| !character.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        assert_eq!(numbers, said, "{name}");
    }
}

/// Tells whether `AWS216, VLT701–VLT706` holds a code.
fn is_listed(list: &str, name: &str) -> bool {
    list.split(", ").any(|item| match item.split_once('–') {
        Some((first, last)) => first <= name && name <= last && name.len() == first.len(),
        None => item == name,
    })
}

#[test]
fn the_page_has_the_fields_of_the_documents() {
    let page = page("json.md");
    let samples: Vec<Value> = blocks(&page, "json")
        .iter()
        .map(|block| serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}")))
        .collect();
    let sample = |key: &str, value: &str| {
        let found = samples
            .iter()
            .find(|sample| sample[key].as_str() == Some(value));
        found.unwrap_or_else(|| panic!("no sample with {key} {value}"))
    };
    let step = sample("id", "assume");
    let fault = sample("step", "login");
    let finding = sample("code", "VLT603");

    let run = Vaultiam::bare();
    let error = run.run(&["login", "--nonsense", "-o", "json"]).json();
    same_keys(sample("schema", "vaultiam/v1/error"), &error);
    same_keys(finding, &error["findings"][0]);

    // Port 1 of this machine: nobody listens there.
    let secrets = Vaultiam::bare()
        .env("VAULT_ADDR", "http://127.0.0.1:1")
        .env("VAULT_MAX_RETRIES", "0")
        .env("VAULT_TOKEN", "not-a-token")
        .run(&["get", "kv/kong/db-password", "-o", "json"]);
    let refused = ("read".to_owned(), "network".to_owned(), 8);
    assert_eq!(secrets.failure(), refused);
    let secrets = secrets.json();
    let secrets_sample = sample("schema", "vaultiam/v1/secrets");
    same_keys(secrets_sample, &secrets);
    let failed = &secrets["failed"][0];
    same_keys(&secrets_sample["failed"][0], failed);
    same_keys(fault, &failed["fault"]);
    same_keys(finding, &failed["findings"][0]);

    let written = Vaultiam::bare()
        .env("VAULT_ADDR", "http://127.0.0.1:1")
        .env("VAULT_TOKEN", "not-a-token")
        .run(&["put", "kv/kong/db-password", "value=x", "-o", "json"]);
    same_keys(sample("schema", "vaultiam/v1/written"), &written.json());

    let file = run.home().join("trace.json");
    let arguments = [
        "login",
        "--region",
        "us-east-1",
        "--record",
        file.to_str().unwrap(),
        "-o",
        "json",
    ];
    let login = run.run(&arguments).json();
    same_keys(sample("schema", "vaultiam/v1/login"), &login);
    same_keys(step, &login["steps"][0]);
    same_keys(fault, &login["fault"]);
    let trace = std::fs::read_to_string(file).unwrap();
    let trace: Value = serde_json::from_str(&trace).unwrap();
    let trace_sample = sample("schema", "vaultiam/v1/trace");
    same_keys(trace_sample, &trace);
    same_keys(
        &trace_sample["settings"]["aws.region"],
        &trace["settings"]["aws.region"],
    );

    let evidence = &trace_sample["evidence"];
    same_keys(evidence, &trace["evidence"]);
    same_keys(&evidence["failures"][0], &trace["evidence"]["failures"][0]);
    let explained = run.run(&["explain", "trace.json", "-o", "json"]).json();
    let explained_sample = sample("schema", "vaultiam/v1/explained");
    same_keys(explained_sample, &explained);
    same_keys(&explained_sample["recorded"], &explained["recorded"]);
    same_keys(&explained_sample["failures"][0], &explained["failures"][0]);
    let code = run.run(&["explain", "VLT607", "-o", "json"]).json();
    same_keys(sample("schema", "vaultiam/v1/code"), &code);
    let codes = run.run(&["explain", "--list", "-o", "json"]).json();
    let codes_sample = sample("schema", "vaultiam/v1/codes");
    same_keys(codes_sample, &codes);
    same_keys(&codes_sample["codes"][0], &codes["codes"][0]);

    let arguments = ["init", "--region", "us-east-1", "-o", "json"];
    let initialised = Vaultiam::bare().run(&arguments).json();
    let initialised_sample = sample("schema", "vaultiam/v1/initialised");
    same_keys(initialised_sample, &initialised);
    same_keys(
        &initialised_sample["settings"]["aws.region"],
        &initialised["settings"]["aws.region"],
    );
    let arguments = [
        "kong",
        "render",
        "--topology",
        "direct",
        "--region",
        "us-east-1",
        "-o",
        "json",
    ];
    let kong = Vaultiam::bare().run(&arguments).json();
    let kong_sample = sample("schema", "vaultiam/v1/kong");
    same_keys(kong_sample, &kong);
    same_keys(&kong_sample["references"][0], &kong["references"][0]);
    same_keys(
        &kong_sample["settings"]["aws.region"],
        &kong["settings"]["aws.region"],
    );
    for (arguments, schema) in [
        (["setup", "--plan", "-o", "json"], "vaultiam/v1/plan"),
        (["setup", "--yes", "-o", "json"], "vaultiam/v1/applied"),
    ] {
        same_keys(sample("schema", schema), &run.run(&arguments).json());
    }
    let check = Vaultiam::bare().run(&["check", "--only", "sec.tls", "-o", "json"]);
    let check = check.json();
    let check_sample = sample("schema", "vaultiam/v1/check");
    same_keys(check_sample, &check);
    same_keys(&check_sample["checks"][0], &check["checks"][0]);
    let list = Vaultiam::bare()
        .run(&["check", "--list", "-o", "json"])
        .json();
    let list_sample = sample("schema", "vaultiam/v1/checks");
    same_keys(list_sample, &list);
    same_keys(&list_sample["checks"][0], &list["checks"][0]);
    assert_eq!(samples.len(), 17, "a sample is compared with nothing");
}

/// The same keys, in the same order, as readers will meet them.
fn same_keys(sample: &Value, real: &Value) {
    let keys = |value: &Value| -> Vec<String> {
        let entries = value.as_object();
        let entries = entries.unwrap_or_else(|| panic!("no object: {value}"));
        entries.keys().cloned().collect()
    };
    assert_eq!(keys(sample), keys(real));
}

fn path_of(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

pub(crate) fn page(name: &str) -> String {
    std::fs::read_to_string(path_of(name)).unwrap()
}

/// The fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    page.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The cells of the table whose head begins with `head`.
pub(crate) fn rows(page: &str, head: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head));
    lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}
