//! The arrows of the architecture, checked against the code itself.
//!
//! Every file below `src` is read as tokens, so that a path is seen wherever it
//! stands: in a `use`, an expression, a type, a pattern or a macro's arguments.
//! Not seen is what a type or a macro brings along without being named.

mod source;

use std::collections::BTreeSet;

use source::{Source, Token, paths_of, source, sources};

/// The layers, the lowest first. A module names modules of lower layers only.
/// `lib.rs` and the programs stand outside.
const LAYERS: [&[&str]; 8] = [
    &[
        "secret",
        "shell",
        "private_file",
        "exit_code",
        "fault",
        "trace",
        "signed_request",
    ],
    &["settings"],
    &["http", "aws", "vault"],
    &["login", "secrets", "setup", "kong"],
    &["diagnose"],
    &["output"],
    &["cli"],
    &["lab"],
];

/// The arrows within a layer, each with its reason.
const WITHIN_A_LAYER: [(&str, &str, &str); 7] = [
    ("fault", "secret", "a message is masked where it is kept"),
    ("fault", "trace", "a fault names the step that failed"),
    ("trace", "fault", "a step names the side it talks to"),
    ("signed_request", "secret", "a login request is a secret"),
    ("aws", "http", "the one HTTP stack"),
    ("vault", "http", "the one HTTP stack"),
    ("secrets", "login", "a secret is read within a run, a login"),
];

/// The longest a file may be.
const LINE_LIMIT: usize = 600;

#[test]
fn a_module_names_only_what_lies_below_it() {
    assert_none(&sources(), arrows);
}

#[test]
fn only_output_prints_and_only_main_opens_the_streams() {
    assert_none(&sources(), prints);
}

#[test]
fn only_settings_reads_the_environment_and_only_main_the_arguments() {
    assert_none(&sources(), environment_reads);
}

#[test]
fn only_the_classifier_takes_error_codes_from_the_sdk() {
    assert_none(&sources(), sdk_error_codes);
}

#[test]
fn the_services_of_the_lab_know_nothing_of_how_the_program_asks() {
    assert_none(&sources(), foreign_to_the_lab);
}

#[test]
fn no_file_is_too_long() {
    assert_none(&sources(), length);
}

#[test]
fn every_top_level_module_has_its_place_in_the_layers() {
    let library = syn::parse_file(&source("src/lib.rs").text).unwrap();
    let declared: BTreeSet<String> = library
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect();
    let placed: Vec<String> = LAYERS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(declared, placed.iter().cloned().collect());
    assert_eq!(declared.len(), placed.len(), "a module is placed twice");
}

#[test]
fn no_exception_is_left_over() {
    let arrows: BTreeSet<(String, String)> = sources()
        .iter()
        .flat_map(|source| {
            let from = source.module.first().cloned().unwrap_or_default();
            let paths = paths_of(source);
            let targets = paths.into_iter().filter_map(|path| path.target());
            targets.map(move |to| (from.clone(), to))
        })
        .collect();
    for (from, to, _) in WITHIN_A_LAYER {
        assert_eq!(rank(from), rank(to), "{from} -> {to} is in no layer");
        let arrow = (from.to_owned(), to.to_owned());
        assert!(arrows.contains(&arrow), "{from} -> {to} is gone");
    }
}

#[test]
fn each_rule_can_fail() {
    type Rule = fn(&Source) -> Vec<String>;
    let long = "// a line\n".repeat(LINE_LIMIT + 1);
    let wrong: [(Rule, &str, &str); 35] = [
        (arrows, "src/http.rs", "use crate::login::login;"),
        (arrows, "src/http.rs", "use crate::{fault, cli::run};"),
        (arrows, "src/http.rs", "fn f(run: &crate::login::Run) {}"),
        (arrows, "src/http.rs", "fn f() { g::<crate::cli::T>() }"),
        (arrows, "src/http.rs", "const A: &str = crate::cli::A;"),
        (
            arrows,
            "src/http.rs",
            "fn f() { format!(\"{}\", crate::cli::A) }",
        ),
        (
            arrows,
            "src/http.rs",
            "fn f() { tokio::select! { a = g() => vec![super::cli::A] } }",
        ),
        (
            arrows,
            "src/http.rs",
            "fn f(a: A) { match a { crate::cli::A => {}, _ => {} } }",
        ),
        (
            arrows,
            "src/aws/sign.rs",
            "use crate::vault::client::Reply;",
        ),
        (arrows, "src/aws/sign.rs", "use super::super::vault;"),
        (arrows, "src/aws/sign.rs", "use super::{super::vault::kv};"),
        (
            arrows,
            "src/aws/sign.rs",
            "mod tests { use super::super::super::login; }",
        ),
        (arrows, "src/aws.rs", "use self::super::vault;"),
        (arrows, "src/login.rs", "use crate::secrets::SecretPath;"),
        (arrows, "src/login.rs", "use vaultiam::cli;"),
        (arrows, "src/login.rs", "use crate as all;"),
        (arrows, "src/login.rs", "use crate::{self as all};"),
        (arrows, "src/login.rs", "use super::*;"),
        (arrows, "src/login.rs", "use crate::moved::Thing;"),
        (arrows, "src/newcomer.rs", "use crate::secret::Secret;"),
        (arrows, "src/login.rs", "#[path = \"cli.rs\"] mod other;"),
        (prints, "src/cli/get.rs", "fn f() { println!(\"a\") }"),
        (
            prints,
            "src/cli/get.rs",
            "fn f() { anstream::eprint!(\"a\") }",
        ),
        (prints, "src/cli/get.rs", "use std::io::{self, stderr};"),
        (prints, "src/cli/ask.rs", "fn f() { std::io::stdin(); }"),
        (prints, "src/main.rs", "fn main() { print!(\"a\") }"),
        (
            environment_reads,
            "src/cli/get.rs",
            "use std::{env::var as v, io};",
        ),
        (
            environment_reads,
            "src/settings.rs",
            "fn f() { ::std::env::args_os(); }",
        ),
        (
            sdk_error_codes,
            "src/login/step.rs",
            "fn f(e: E) { e.as_service_error(); }",
        ),
        (length, "src/cli/get.rs", &long),
        (arrows, "src/cli/get.rs", "use crate::lab::clock::Clock;"),
        (foreign_to_the_lab, "src/lab/aws/sts.rs", "use crate::aws;"),
        (
            foreign_to_the_lab,
            "src/lab/vault.rs",
            "use crate::vault::{acl, client::Reply};",
        ),
        (foreign_to_the_lab, "src/lab/vault.rs", "use crate::*;"),
        (
            prints,
            "src/bin/vaultiam-lab.rs",
            "fn main() { println!(\"a\") }",
        ),
    ];
    for (rule, name, text) in wrong {
        let found = rule(&Source::new(name, text));
        assert_eq!(found.len(), 1, "{name}: {text}\n{found:?}");
    }
    let right: [(Rule, &str, &str); 12] = [
        (
            arrows,
            "src/login.rs",
            "use crate::{aws::Aws, http, vault};",
        ),
        (arrows, "src/secrets.rs", "use crate::login::Run;"),
        (
            arrows,
            "src/aws/sign.rs",
            "use super::{super::http, identity};",
        ),
        (arrows, "src/aws/sign.rs", "mod tests { use super::*; }"),
        (
            arrows,
            "src/aws/sign.rs",
            "/// See [crate::cli::run].\nfn f() {}",
        ),
        (arrows, "src/main.rs", "use vaultiam::cli::run;"),
        (
            arrows,
            "src/bin/vaultiam-lab.rs",
            "use vaultiam::lab::aws::Aws;",
        ),
        (
            foreign_to_the_lab,
            "src/lab/aws/sts.rs",
            "use super::{state, super::clock}; use crate::aws::policy::lint; use crate::secret::Secret;",
        ),
        (
            foreign_to_the_lab,
            "src/lab/world.rs",
            "use crate::cli::run;",
        ),
        (prints, "src/main.rs", "fn main() { std::io::stdout(); }"),
        (prints, "src/cli/get.rs", "fn f(s: S) { s.stdout.print(1) }"),
        (
            environment_reads,
            "src/settings/environment.rs",
            "fn f() { std::env::vars_os(); }",
        ),
    ];
    for (rule, name, text) in right {
        let found = rule(&Source::new(name, text));
        assert_eq!(found, Vec::<String>::new(), "{name}: {text}");
    }
}

/// Modules that lie above or beside the one that names them.
fn arrows(source: &Source) -> Vec<String> {
    let Some(from) = source.module.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if rank(from).is_none() {
        found.push(source.complain("its module has no place in the layers"));
    }
    if source.has_path_attribute() {
        found.push(source.complain("#[path] puts a module where nobody looks for it"));
    }
    for path in paths_of(source) {
        let Some(to) = path.target() else { continue };
        let listed = WITHIN_A_LAYER
            .iter()
            .any(|(one, other, _)| (one, other) == (&from.as_str(), &to.as_str()));
        match (rank(from), rank(&to)) {
            (Some(_), None) => {
                found.push(source.complain(&format!("{path} names no module of the layers")))
            }
            (Some(own), Some(other)) if *from != to && other >= own && !listed => {
                found.push(source.complain(&format!("{path} lies above or beside {from}")));
            }
            _ => {}
        }
    }
    found
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Printing macros, and the standard streams.
fn prints(source: &Source) -> Vec<String> {
    const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
    if source.is_in("output") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for pair in source.tokens.windows(2) {
        if let [Token::Word(word), Token::Sign('!')] = pair
            && MACROS.contains(&word.as_str())
        {
            found.push(source.complain(&format!("{word}! prints")));
        }
    }
    if !source.is_program() {
        found.extend(source.forbidden(&[("io", "stdin"), ("io", "stdout"), ("io", "stderr")]));
        found.extend(source.forbidden(&[("anstream", "stdout"), ("anstream", "stderr")]));
    }
    found
}

/// Readers and writers of the environment. The home and temporary directories
/// are variables too.
fn environment_reads(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if !source.is_in("settings") {
        found.extend(source.forbidden(&[
            ("env", "*"),
            ("env", "var"),
            ("env", "var_os"),
            ("env", "vars"),
            ("env", "vars_os"),
            ("env", "set_var"),
            ("env", "remove_var"),
            ("env", "home_dir"),
            ("env", "temp_dir"),
        ]));
    }
    if !source.is_program() {
        found.extend(source.forbidden(&[("env", "args"), ("env", "args_os")]));
    }
    found
}

/// Where the SDK's errors are opened. (What a Vault answer says, and what a
/// code means, cannot be told from the tokens.)
fn sdk_error_codes(source: &Source) -> Vec<String> {
    const NAMES: [&str; 3] = [
        "ProvideErrorMetadata",
        "as_service_error",
        "into_service_error",
    ];
    if source.name == "src/aws/classify.rs" {
        return Vec::new();
    }
    let words = source.tokens.iter().filter_map(|token| match token {
        Token::Word(word) if NAMES.contains(&word.as_str()) => Some(word),
        _ => None,
    });
    words
        .map(|word| source.complain(&format!("{word} is for aws/classify alone")))
        .collect()
}

/// What the services of the lab take from the program beside its rules: what
/// they answer must not come from what the program expects.
fn foreign_to_the_lab(source: &Source) -> Vec<String> {
    const SERVICES: [&str; 4] = ["aws", "vault", "server", "clock"];
    const RULES: [&[&str]; 6] = [
        &["lab"],
        &["aws", "identity"],
        &["aws", "policy"],
        // How a time is written.
        &["http", "date"],
        &["settings", "value"],
        &["vault", "acl"],
    ];
    let is_service = matches!(source.module.as_slice(), [lab, name, ..]
        if lab == "lab" && SERVICES.contains(&name.as_str()));
    if !is_service {
        return Vec::new();
    }
    let is_allowed = |path: &[String]| {
        let below = |rule: &&[&str]| {
            path.len() >= rule.len() && path.iter().zip(*rule).all(|(own, rule)| own == rule)
        };
        path.first().is_some_and(|first| rank(first) == Some(0)) || RULES.iter().any(below)
    };
    let paths = paths_of(source);
    let foreign = paths
        .iter()
        .filter(|path| path.path_from_root().is_some_and(|path| !is_allowed(&path)));
    foreign
        .map(|path| source.complain(&format!("{path} is not for the lab's services")))
        .collect()
}

fn length(source: &Source) -> Vec<String> {
    let count = source.text.lines().count();
    if count > LINE_LIMIT {
        vec![source.complain(&format!("{count} lines; {LINE_LIMIT} is the limit"))]
    } else {
        Vec::new()
    }
}

fn assert_none(sources: &[Source], rule: fn(&Source) -> Vec<String>) {
    let found: Vec<String> = sources.iter().flat_map(rule).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
