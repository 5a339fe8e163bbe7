//! Namespaces: one that is not there, rights within them, and commands that say
//! where they are to be run.

use serde_json::{Value, json};

use super::{PLUGIN, done, openbao, plan, put_secret, run_with, settings, with_namespaces};
use crate::servers::{Nothing, servers};
use crate::vaultiam::Ended;

/// Finding, step, side and exit code of a failure.
fn failure(ended: &Ended) -> (String, String, String, i32) {
    let (step, side, code) = ended.failure();
    (ended.finding(), step, side, code)
}

fn expected(step: &str, code: i32) -> (String, String, String, i32) {
    let words = ["VLT515", step, "vault"].map(str::to_owned);
    let [finding, step, side] = words;
    (finding, step, side, code)
}

#[test]
fn one_that_is_not_there_is_named_whatever_was_asked() {
    let nothing = openbao();
    let elsewhere = settings(", namespace: nowhere", "");
    let secrets_elsewhere = settings("", "kv: { namespace: team/nowhere }\n");
    for (file, words) in [
        (&elsewhere, &["setup", "--plan"][..]),
        (&elsewhere, &["teardown", "--plan"]),
        (&secrets_elsewhere, &["setup", "--plan"]),
    ] {
        let words = [words, &["-o", "json"]].concat();
        let ended = run_with(nothing.as_operator(), file, &words);
        assert_eq!(
            failure(&ended),
            expected("observe", 6),
            "{file}{}",
            ended.stdout
        );
        assert_eq!(ended.json()["findings"].as_array().unwrap().len(), 1);
    }
    let words = ["setup", "--plan"];
    let ended = run_with(nothing.as_operator(), &secrets_elsewhere, &words);
    insta::assert_snapshot!(ended.stderr, @r"
    error[VLT515]: the namespace is missing or unknown
      sys/mounts kv
      There is no namespace 'team/nowhere'.
      settings kv.namespace  team/nowhere
      vault said             namespace not found
    fix: name one that is there: --kv-namespace, or kv.namespace in the settings file
    fix (on Vault, needs list on sys/namespaces): see which there are
      VAULT_NAMESPACE=team vault namespace list
    fix (on Vault, needs create on sys/namespaces): or make it first: setup makes none
      VAULT_NAMESPACE=team vault namespace create nowhere
    more: vaultiam explain VLT515
    ");

    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    let kong = || nothing.on_kongs_instance();
    let login = kong().run(&["login", "--namespace", "nowhere", "-o", "json"]);
    assert_eq!(failure(&login), expected("login", 5), "{}", login.stdout);
    let words = ["get", "kv/kong/a", "-o", "json"];
    let get = run_with(kong(), &secrets_elsewhere, &words);
    assert_eq!(failure(&get), expected("read", 6), "{}", get.stdout);
    assert_eq!(get.json()["token_source"], "aws");
    let as_root = run_with(nothing.as_operator(), &elsewhere, &words);
    assert_eq!(failure(&as_root), expected("read", 6), "{}", as_root.stdout);
}

#[test]
fn a_policy_reaches_no_namespace_beside_its_own() {
    let nothing = with_namespaces(&["team", "other"]);
    let beside = settings(", namespace: team", "kv: { namespace: other }\n");
    let words = ["setup", "--yes", "-o", "json"];
    let ended = run_with(nothing.as_operator(), &beside, &words);
    assert_eq!((ended.code, ended.finding().as_str()), (2, "CFG905"));
    assert_eq!(nothing.aws(&["iam", "list-roles"])["Roles"], json!([]));
}

#[test]
fn the_root_has_a_name_too() {
    let nothing = with_namespaces(&["team"]);
    let named = settings(", namespace: root", "kv: { namespace: team }\n");
    done(&nothing, &named, &["setup", "--yes"]);
    let (_, policy) = nothing.vault_api("GET", "sys/policies/acl/kong-policy", &Value::Null);
    let text = policy["data"]["policy"].as_str().unwrap();
    assert!(text.contains("path \"team/kv/data/kong/*\""), "{text}");
    put_secret(&nothing, "team", "kv/kong/a", "found");
    let words = ["get", "kv/kong/a", "-f", "value"];
    let read = run_with(nothing.on_kongs_instance(), &named, &words);
    assert_eq!(
        (read.code, read.stdout.as_str()),
        (0, "found"),
        "{}",
        read.stderr
    );
}

#[test]
fn an_explained_read_shows_what_the_token_may_do_below() {
    let nothing = with_namespaces(&["team", "team/apps"]);
    let file = settings(", namespace: team", "kv: { namespace: team/apps }\n");
    done(&nothing, &file, &["setup", "--yes"]);
    put_secret(&nothing, "team/apps", "kv/kong/a", "found");
    for (path, right, code) in [("kv/kong/a", "read", 0), ("kv/other", "deny", 6)] {
        let words = ["get", path, "--explain", "-o", "json"];
        let ended = run_with(nothing.on_kongs_instance(), &file, &words);
        assert_eq!(ended.code, code, "{}", ended.stdout);
        let document = ended.json();
        let steps = document["steps"].as_array().unwrap();
        let token = steps.iter().find(|step| step["id"] == "token").unwrap();
        let api_path = path.replacen("kv/", "kv/data/", 1);
        assert_eq!(token["facts"]["capabilities"], json!({ api_path: [right] }));
    }
}

/// A token of a namespace with one policy, which lets it look at itself too.
fn token_of(nothing: &Nothing, namespace: &str, policy: &str) -> String {
    let at = |path: &str| match namespace {
        "" => path.to_owned(),
        namespace => format!("{namespace}/{path}"),
    };
    let text = json!({ "policy": policy });
    let written = nothing.vault_api("PUT", &at("sys/policies/acl/operator"), &text);
    assert_eq!(written.0, 204, "{}", written.1);
    let wanted = json!({ "policies": ["operator"], "ttl": "1h" });
    let (status, made) = nothing.vault_api("POST", &at("auth/token/create"), &wanted);
    assert_eq!(status, 200, "{made}");
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

/// The documented rights, seen from a namespace above the two that they concern.
fn operator_policy(auth: &str, kv: &str) -> String {
    let documented = include_str!("../../../docs/setup/operator-vault-policy.hcl");
    documented
        .replace("path \"sys/mounts", &format!("path \"{kv}sys/mounts"))
        .replace("path \"sys/auth", &format!("path \"{auth}sys/auth"))
        .replace("path \"sys/policies", &format!("path \"{auth}sys/policies"))
        .replace("path \"auth/", &format!("path \"{auth}auth/"))
}

#[test]
fn the_documented_rights_are_enough_from_the_namespace_and_from_above() {
    let file = settings(", namespace: team", "kv: { namespace: team/apps }\n");
    for (home, auth, kv) in [("team", "", "apps/"), ("", "team/", "team/apps/")] {
        let nothing = with_namespaces(&["team", "team/apps"]);
        let policy = operator_policy(auth, kv);
        let token = token_of(&nothing, home, &policy);
        let run = |words: &[&str]| {
            let run = nothing.as_operator().env("BAO_TOKEN", &token);
            run_with(run, &file, words)
        };
        let planned = run(&["setup", "--plan", "-o", "json"]);
        assert_eq!(planned.code, 3, "{}", planned.stdout);
        assert_eq!(planned.json()["missing_rights"], json!([]));
        assert!(!planned.stderr.contains("beforehand"), "{}", planned.stderr);
        let made = run(&["setup", "--yes"]);
        assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
        let gone = run(&["teardown", "--yes"]);
        assert_eq!(gone.code, 0, "{}{}", gone.stdout, gone.stderr);

        // Without one of them the plan knows, and says in which namespace.
        let less = policy.replace("capabilities = [\"update\"]", "capabilities = [\"read\"]");
        assert_ne!(less, policy);
        let token = token_of(&nothing, home, &less);
        let run = nothing.as_operator().env("BAO_TOKEN", &token);
        let planned = run_with(run, &file, &["setup", "--plan", "-o", "json"]);
        // The engine is still there: teardown leaves secrets alone.
        assert_eq!(planned.json()["missing_rights"], json!([]));
        nothing.vault_api("DELETE", "team/apps/sys/mounts/kv", &Value::Null);
        let run = nothing.as_operator().env("BAO_TOKEN", &token);
        let planned = run_with(run, &file, &["setup", "--plan", "-o", "json"]);
        let missing = json!([{ "action": "update", "target": "vault:team/apps/sys/mounts/kv" }]);
        assert_eq!(
            planned.json()["missing_rights"],
            missing,
            "{}",
            planned.stdout
        );
    }
}

#[test]
fn a_command_that_is_shown_runs_where_it_was_meant() {
    let nothing = with_namespaces(&["team", "team/apps"]);
    let file = settings(", namespace: team", "kv: { namespace: team/apps }\n");
    done(&nothing, &file, &["setup", "--yes"]);
    let planned = plan(&nothing, &file);
    let steps = planned["steps"].as_array().unwrap().iter();
    let looks: Vec<&str> = steps
        .filter(|step| step["id"] == "observe" && step["side"] == "vault")
        .map(|step| step["command"].as_str().unwrap())
        .collect();
    assert_eq!(looks.len(), 6, "{planned:#}");
    // The page says that OpenBao's command takes the same words.
    let as_bao = looks
        .iter()
        .map(|command| command.replace(" vault ", " bao "));
    let looks = looks.iter().map(ToString::to_string).chain(as_bao);
    for command in looks {
        let output = std::process::Command::new("/bin/sh")
            .args(["-c", &command])
            .env("PATH", servers().get("VAULTIAM_BIN"))
            .env("VAULT_ADDR", &nothing.vault_address)
            .env("VAULT_TOKEN", &nothing.vault_token)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{said}");
        let shown = String::from_utf8_lossy(&output.stdout);
        let ours = ["kong", PLUGIN, "use_sts_region_from_client"];
        assert!(
            ours.iter().any(|word| shown.contains(word)),
            "{command}\n{shown}"
        );
    }
}
