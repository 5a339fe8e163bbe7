//! One right less at a time: what is missing is told before anything is
//! written, with its name; and no documented right is one too many.

use serde_json::{Value, json};

use super::rights::{
    CHANGED, VaultPolicy, as_restricted, iam_statements, may_ask, token, vault_policy,
};
use crate::servers::{Nothing, servers};
use crate::teardown::sides::{mark, written_in_aws, written_in_vault};
use crate::teardown::{done, run_with};
use crate::vaultiam::Vaultiam;

const SETTINGS: &str = "stack: kong\n";

/// A right that is taken away, and how a refusal of it ends.
struct Taken<'a> {
    name: &'a str,
    target: &'a str,
    code: i32,
    finding: &'static str,
}

/// Runs everything that an operator does without one right. Returns what is
/// wrong about it.
fn live_without(nothing: &Nothing, run: &Vaultiam, taken: &Taken) -> Vec<String> {
    let delete = ["teardown", "--yes", "--delete-secrets", "kv"];
    let mut wrong = Vec::new();
    let mut is_needed = false;
    done(nothing, CHANGED, &delete);
    for (settings, words) in [
        (SETTINGS, &["setup", "--yes"][..]),
        (CHANGED, &["setup", "--yes"]),
        (CHANGED, &["teardown", "--yes"]),
    ] {
        if settings == CHANGED && words[0] == "setup" {
            done(nothing, SETTINGS, &["setup", "--yes"]);
        } else if words[0] == "teardown" {
            done(nothing, CHANGED, &["setup", "--yes"]);
        }
        let since = mark(nothing);
        let json = [words, &["-o", "json"]].concat();
        let ended = run_with(run, settings, &json);
        if ended.code == 0 {
            continue;
        }
        is_needed = true;
        let Taken { name, target, .. } = taken;
        let what = format!("{} without {name} on {target}", words.join(" "));
        let written = [
            written_in_aws(nothing, since),
            written_in_vault(nothing, since),
        ]
        .concat();
        if !written.is_empty() {
            wrong.push(format!("{what}: written before it was told: {written:?}"));
        }
        if (ended.code, ended.finding().as_str()) != (taken.code, taken.finding) {
            wrong.push(format!("{what}: {} {}", ended.code, ended.finding()));
        }
        let is_look = ended.json()["fault"].is_object();
        let is_named = ended.stdout.contains(target) && (is_look || ended.stdout.contains(name));
        if !is_named {
            wrong.push(format!("{what}: not named: {}", ended.stdout));
        }
    }
    if !is_needed {
        wrong.push(format!("nothing needs {} on {}", taken.name, taken.target));
    }
    wrong
}

#[test]
fn a_right_of_vault_that_is_missing_is_told_before_anything_is_written() {
    let nothing = servers().nothing();
    let whole = vault_policy();
    let mut wrong = Vec::new();
    for (path, capabilities) in &whole {
        for capability in capabilities {
            let mut policy: VaultPolicy = whole.clone();
            policy
                .get_mut(path)
                .unwrap()
                .retain(|held| held != capability);
            if policy[path].is_empty() {
                policy.remove(path);
            }
            let name = format!("no-{capability}-{}", path.replace('/', "-"));
            let token = token(&nothing, &name, &policy);
            let run = nothing.as_operator().env("VAULT_TOKEN", &token);
            let taken = Taken {
                name: capability,
                target: path,
                code: 6,
                finding: "VLT636",
            };
            wrong.extend(live_without(&nothing, &run, &taken));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_right_of_aws_that_is_missing_is_told_before_anything_is_written() {
    let nothing = servers().nothing();
    let token = token(&nothing, "operator", &vault_policy());
    let whole = iam_statements(&nothing);
    let mut wrong = Vec::new();
    for statement in &whole {
        let action = statement["Action"].as_str().unwrap();
        let rest: Vec<Value> = whole
            .iter()
            .filter(|other| other["Action"] != action)
            .cloned()
            .chain([may_ask()])
            .collect();
        let keys = nothing.with_user(&action.replace(':', "-"), &rest);
        let run = as_restricted(&nothing, &keys, &token);
        let taken = Taken {
            name: action,
            target: action,
            code: 4,
            finding: "AWS301",
        };
        wrong.extend(live_without(&nothing, &run, &taken));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_plan_names_the_rights_that_it_lacks() {
    let nothing = servers().nothing();
    let statements: Vec<Value> = iam_statements(&nothing)
        .into_iter()
        .filter(|statement| statement["Action"] != "iam:CreateRole")
        .chain([may_ask()])
        .collect();
    let keys = nothing.with_user("restricted", &statements);
    let mut policy = vault_policy();
    policy
        .get_mut("sys/auth/aws")
        .unwrap()
        .retain(|held| held != "sudo");
    policy.remove("sys/mounts/kv");
    let token = token(&nothing, "operator", &policy);
    let run = as_restricted(&nothing, &keys, &token);
    let since = mark(&nothing);
    let plan = run_with(&run, SETTINGS, &["setup", "--plan", "-o", "json"]);
    assert_eq!(plan.code, 3, "{}{}", plan.stdout, plan.stderr);
    let document = plan.json();
    let right = |action: &str, target: String| json!({ "action": action, "target": target });
    assert_eq!(
        document["missing_rights"],
        json!([
            right("iam:CreateRole", nothing.role_arn("KongRole")),
            right("iam:CreateRole", nothing.role_arn("VaultRole")),
            right("sudo", "vault:sys/auth/aws".to_owned()),
            right("update", "vault:sys/mounts/kv".to_owned()),
        ])
    );
    let codes = document["findings"].to_string();
    assert!(codes.contains("AWS301") && codes.contains("VLT636"));
    let human = run_with(&run, SETTINGS, &["setup", "--plan"]);
    assert_eq!(human.code, 3, "{}", human.stderr);
    for words in ["missing rights", "iam:CreateRole", "sudo", "sys/mounts/kv"] {
        assert!(human.stdout.contains(words), "{}", human.stdout);
    }
    let applied = run_with(&run, SETTINGS, &["setup", "--yes", "-o", "json"]);
    assert_eq!((applied.code, applied.finding().as_str()), (4, "AWS301"));
    assert_eq!(written_in_aws(&nothing, since), [""; 0]);
    assert_eq!(written_in_vault(&nothing, since), [""; 0]);
}
