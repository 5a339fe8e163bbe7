//! From nothing to a login, and the documents that tell of it.

use serde_json::{Value, json};

use super::{
    assert_in_place, assert_kong_reads, codes, document, plan, put_secret, role_may_assume,
    set_trust, set_up,
};
use crate::servers::servers;

#[test]
fn one_command_is_enough_for_kong_to_log_in_without_any_key() {
    let nothing = servers().nothing();
    let ended = nothing.as_operator().run(&["setup", "--yes"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    put_secret(&nothing, "kv/kong/db-password", "s3cret of Kong");
    assert_kong_reads(&nothing, "", "kv/kong/db-password", "s3cret of Kong");
    let run = nothing.on_kongs_instance();
    let other = run.run(&["get", "kv/other/db-password", "-o", "json"]);
    assert_eq!(other.code, 6, "{}", other.stdout);
    assert_in_place(&nothing, "");
    let again = nothing.as_operator().run(&["setup", "--yes"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (0, "nothing to change\n")
    );
    let again = nothing.as_operator().run(&["setup", "--plan"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert_eq!(again.stdout, "plan: nothing to change, 11 unchanged\n");
}

#[test]
fn what_a_person_reads() {
    let nothing = servers().nothing();
    let masked = |text: &str| text.replace(&nothing.account, "111122223333");
    let planned = nothing.as_operator().run(&["setup", "--plan"]);
    assert_eq!(planned.code, 3, "{}", planned.stderr);
    insta::assert_snapshot!(masked(&planned.stderr), @r"
    note[SEC002]: Kong shares the Vault server's identity
      In this topology VaultRole is both the identity that Kong logs in with and the role of Vault's own
      server. Kong can therefore do whatever that server may do in AWS.
    fix: the cure is one word: topology: separate
    more: vaultiam explain SEC002
    to make these changes: vaultiam setup
    ");
    let last = planned.stdout.lines().next_back();
    assert_eq!(last, Some("plan: 11 to create, 0 unchanged"));
    let applied = nothing.as_operator().run(&["setup", "--yes", "-q"]);
    assert_eq!((applied.code, applied.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(masked(&applied.stdout), @r"
    done      arn:aws:iam::111122223333:role/KongRole
    done      arn:aws:iam::111122223333:role/KongRole#policy/vaultiam
    done      arn:aws:iam::111122223333:role/VaultRole
    done      arn:aws:iam::111122223333:role/VaultRole#policy/vaultiam
    done      arn:aws:iam::111122223333:instance-profile/KongRole
    done      arn:aws:iam::111122223333:instance-profile/VaultRole
    done      vault:sys/auth/aws
    done      vault:auth/aws/config/client
    done      vault:sys/policies/acl/kong-policy
    done      vault:sys/mounts/kv
    done      vault:auth/aws/role/kong-role
    ");

    nothing.vault(&["write", "auth/aws/role/kong-role", "token_ttl=2h"]);
    nothing.vault(&["secrets", "enable", "-path=old", "-version=1", "kv"]);
    let run = nothing.as_operator();
    let planned = run.run(&["setup", "--plan", "--kv-mount", "old"]);
    assert_eq!(planned.code, 9, "{}", planned.stderr);
    insta::assert_snapshot!(masked(&planned.stdout), @r#"
    update  vault:sys/policies/acl/kong-policy
      it differs from the settings
      field   before                              after
      policy  # managed by vaultiam (stack kong)  # managed by vaultiam (stack kong)
              path "kv/data/kong/*" {             path "old/data/kong/*" {
                capabilities = ["read"]             capabilities = ["read"]
              }                                   }

    update  vault:auth/aws/role/kong-role
      it differs from the settings
      field      before  after
      token_ttl  7200    3600

    conflict  vault:sys/mounts/old
      found   a KV engine of another version
      wanted  version 2
      remedy  an engine is never converted: set kv.version to its version, or choose another path

    plan: 2 to update, 8 unchanged, 1 in conflict: nothing will be changed at all
    "#);
    insta::assert_snapshot!(masked(&planned.stderr), @r"
    note[SEC002]: Kong shares the Vault server's identity
      In this topology VaultRole is both the identity that Kong logs in with and the role of Vault's own
      server. Kong can therefore do whatever that server may do in AWS.
    fix: the cure is one word: topology: separate
    more: vaultiam explain SEC002
    error[VLT637]: the path is in use by another kind of mount
      vault:sys/mounts/old: a KV engine of another version; wanted is version 2. Nothing was changed.
      found vault:sys/mounts/old  a KV engine of another version
    fix: an engine is never converted: set kv.version to its version, or choose another path
    more: vaultiam explain VLT637
    ");
}

#[test]
fn a_document_below_another_keeps_its_form() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let mut theirs = role_may_assume("arn:aws:iam::111122223333:root");
    theirs["Sid"] = json!("Theirs");
    let trust = document(&[theirs, role_may_assume(&nothing.role_arn("KongRole"))]);
    set_trust(&nothing, "VaultRole", &trust);
    let planned = nothing.as_operator().run(&["setup", "--plan"]);
    assert_eq!(planned.code, 3, "{}", planned.stderr);
    let lines: Vec<&str> = planned.stdout.lines().collect();
    let wanted = format!("\"AWS\": \"{}\"", nothing.role_arn("KongRole"));
    let places = (1..lines.len()).filter(|index| lines[*index].contains(&wanted));
    let mut count = 0;
    for index in places {
        let above = lines[index - 1].find("\"Principal\": {");
        let here = lines[index].find(&wanted);
        assert_eq!(above.map(|column| column + 2), here, "{}", planned.stdout);
        count += 1;
    }
    assert_eq!(count, 2, "{}", planned.stdout);
}

#[test]
fn a_shared_identity_is_noted_and_its_cure_is_one_word() {
    let nothing = servers().nothing();
    for (settings, expected) in [
        ("", vec!["SEC002".to_owned()]),
        ("topology: separate\n", vec![]),
        ("topology: direct\n", vec![]),
    ] {
        let document = plan(&nothing, settings);
        assert_eq!(codes(&document), expected, "{settings}");
        assert_eq!(document["exit_code"], 3);
    }
    let document = plan(&nothing, "");
    let note = &document["findings"][0];
    assert_eq!(note["severity"], "note");
    let cure = note["remedies"][0]["text"].as_str().unwrap();
    assert!(cure.contains("topology: separate"), "{note}");
    let ended = nothing.as_operator().run(&["setup", "--plan"]);
    assert!(ended.stderr.contains("note[SEC002]"), "{}", ended.stderr);
}

fn keys(document: &Value) -> Vec<&str> {
    let entries = document.as_object().unwrap().keys();
    let mut names: Vec<&str> = entries.map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
}

fn step_ids(document: &Value) -> Vec<&str> {
    let steps = document["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["id"].as_str().unwrap())
        .collect()
}

#[test]
fn the_documents_are_those_of_the_contract() {
    let nothing = servers().nothing();
    let planned = nothing
        .as_operator()
        .run(&["setup", "--plan", "-o", "json"]);
    let document = planned.json();
    assert_eq!(planned.code, 3, "{document:#}");
    let expected = sorted([
        "schema",
        "stack",
        "topology",
        "exit_code",
        "steps",
        "changes",
        "conflicts",
        "unchanged",
        "missing_rights",
        "fault",
        "findings",
    ]);
    assert_eq!(keys(&document), expected);
    assert_eq!(document["schema"], "vaultiam/v1/plan");
    assert_eq!(
        (&document["stack"], &document["topology"]),
        (&json!("kong"), &json!("article"))
    );
    assert_eq!(document["missing_rights"], json!([]));
    assert_eq!(document["fault"], Value::Null);
    let resources: Vec<&str> = document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            assert_eq!(keys(change), ["action", "fields", "resource", "why"]);
            assert_eq!(change["action"], "create");
            for field in change["fields"].as_array().unwrap() {
                assert_eq!(keys(field), ["after", "before", "name"]);
                assert_eq!(field["before"], Value::Null);
            }
            change["resource"].as_str().unwrap()
        })
        .collect();
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let expected = [
        kong.clone(),
        format!("{kong}#policy/vaultiam"),
        login.clone(),
        format!("{login}#policy/vaultiam"),
        kong.replacen(":role/", ":instance-profile/", 1),
        login.replacen(":role/", ":instance-profile/", 1),
        "vault:sys/auth/aws".to_owned(),
        "vault:auth/aws/config/client".to_owned(),
        "vault:sys/policies/acl/kong-policy".to_owned(),
        "vault:sys/mounts/kv".to_owned(),
        "vault:auth/aws/role/kong-role".to_owned(),
    ];
    assert_eq!(resources, expected);
    let looked = [
        "settings",
        "credentials",
        "caller",
        "vault",
        "observe",
        "plan",
    ];
    let mut ids = step_ids(&document);
    ids.dedup();
    let mut unordered = ids.clone();
    unordered.sort_unstable();
    assert_eq!(unordered, sorted(looked), "{ids:?}");

    let applied = nothing.as_operator().run(&["setup", "--yes", "-o", "json"]);
    assert_eq!(applied.code, 0, "{}\n{}", applied.stdout, applied.stderr);
    let document = applied.json();
    let names = sorted([
        "schema",
        "exit_code",
        "steps",
        "done",
        "not_done",
        "unknown",
        "waiting_for",
        "fault",
        "findings",
    ]);
    assert_eq!(keys(&document), names);
    assert_eq!(document["schema"], "vaultiam/v1/applied");
    assert_eq!(document["done"], json!(expected));
    for empty in ["not_done", "unknown"] {
        assert_eq!(document[empty], json!([]), "{empty}");
    }
    assert_eq!(
        (&document["fault"], &document["waiting_for"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(codes(&document), ["SEC002"]);
    let ids = step_ids(&document);
    let made = ids.iter().position(|id| *id == expected[0]).unwrap();
    assert_eq!(ids[made - 1], "plan");
    assert_eq!(ids[made..made + expected.len()], expected);
    assert_eq!(ids[made + expected.len()..], ["verify"]);
    for step in document["steps"].as_array().unwrap() {
        let expected = sorted([
            "id",
            "side",
            "outcome",
            "because",
            "endpoint",
            "request_id",
            "started_ms",
            "duration_ms",
            "facts",
            "command",
            "retries",
        ]);
        assert_eq!(keys(step), expected);
        assert_eq!(step["outcome"], "succeeded", "{step}");
    }
    assert_eq!(applied.stderr, "");
}

#[test]
fn nothing_that_is_told_holds_a_secret() {
    let nothing = servers().nothing();
    for words in [
        &["setup", "--plan", "--explain", "-v"][..],
        &["setup", "--yes", "--explain", "-v", "-o", "json"],
        &["setup", "--yes", "--explain", "-v"],
    ] {
        let ended = nothing.as_operator().run(words);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(ended.code == 0 || ended.code == 3, "{told}");
        assert!(told.contains("KongRole"), "{told}");
        for secret in [
            &nothing.vault_token,
            &nothing.operator.0,
            &nothing.operator.1,
        ] {
            assert!(!told.contains(secret.as_str()), "{words:?}: {told}");
        }
    }
}

#[test]
fn a_set_up_is_not_made_without_a_yes() {
    let nothing = servers().nothing();
    let ended = nothing.as_operator().run(&["setup", "-o", "json"]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (2, "CFG907"),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.json()["done"], json!([]));
    assert_eq!(plan(&nothing, "")["unchanged"], json!([]));
    set_up(&nothing, "");
}
