//! What is unusual: settings, clocks, tokens and servers. Nothing is claimed of what
//! was not seen.

use serde_json::{Value, json};

use super::{
    ALL_RIGHTS, SOUND, as_auditor, check_of, checked, code_of, ids, whole, with_all_rights,
};
use crate::servers::{Nothing, Software, servers};
use crate::setup::{
    document, ec2_may_assume, put_secret, set_trust, set_up, set_vaults_role, with_settings,
};
use crate::vaultiam::{Vaultiam, ended};

fn because(document: &Value, id: &str) -> String {
    let because = &check_of(document, id)["because"];
    because.as_str().unwrap_or_default().to_owned()
}

fn passes_everything(nothing: &Nothing, settings: &str) {
    let run = with_all_rights(nothing, settings);
    let (ended, outcomes) = checked(&run, &ALL_RIGHTS);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), Vec::<&str>::new(), "{found:#}");
    assert_eq!(ids(&outcomes, "skipped"), Vec::<&str>::new(), "{found:#}");
    assert_eq!(found["kong_can_read"], "yes");
}

#[test]
fn unusual_set_ups_that_are_whole_pass() {
    for settings in [
        "topology: separate\nkv: { version: 1 }\n",
        "topology: separate\nkv: { prefix: \"\" }\n",
        "topology: separate\nvault: { sts: global }\n",
        "topology: separate\naws: { region: us-east-1 }\nvault: { sts: regional }\n",
        "topology: separate\naws: { workload: eks-pod-identity }\n",
        "topology: separate\naws: { workload: ecs }\n",
        "topology: separate\naws: { kong_role: team/Kong }\n",
        "topology: separate\nvault: { resolve_unique_ids: false }\n",
    ] {
        let nothing = servers().nothing();
        set_vaults_role(&nothing, "VaultServerRole");
        set_up(&nothing, settings);
        // Nobody here runs as Kong: the instance of the tests has another role, or none.
        let run = as_auditor(&nothing, settings);
        let (ended, outcomes) = checked(&run, &["--admin"]);
        let found = ended.json();
        assert_eq!(
            ids(&outcomes, "failed"),
            Vec::<&str>::new(),
            "{settings}\n{found:#}"
        );
        assert_eq!(
            ids(&outcomes, "skipped"),
            ["login.assume", "login.read", "login.vault"],
            "{settings}\n{found:#}"
        );
        assert_eq!(found["kong_can_read"], "yes", "{settings}");
    }
}

#[test]
fn namespaces_of_openbao_are_looked_into_and_stand_in_remedies() {
    let bao = servers().nothing_on(Software::OpenBao);
    bao.vault(&["namespace", "create", "team"]);
    let settings =
        "topology: separate\nvault: { namespace: team, auth_type: openbao-plugin-auth-aws }\n";
    set_vaults_role(&bao, "VaultServerRole");
    set_up(&bao, settings);
    let run = with_settings(bao.as_operator(), settings);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), Vec::<&str>::new(), "{found:#}");
    assert_eq!(ids(&outcomes, "warned"), ["sec.root"], "{found:#}");
    assert_eq!(found["kong_can_read"], "yes");

    bao.vault_api(
        "POST",
        "team/auth/aws/role/kong-role",
        &json!({ "token_num_uses": 2 }),
    );
    let (ended, _) = checked(&run, &["--admin", "--only", "auth.tokens"]);
    let check = check_of(&ended.json(), "auth.tokens");
    assert_eq!(
        check["findings"][0]["remedies"][0]["command"],
        "VAULT_NAMESPACE=team vault write auth/aws/role/kong-role token_num_uses=0"
    );
    // A namespace is looked for in the one above.
    let kong = with_settings(bao.on_kongs_instance(), settings);
    let (ended, outcomes) = checked(&kong, &["--namespace", "nope"]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["login.vault"], "{found:#}");
    let finding = &check_of(&found, "login.vault")["findings"][0];
    assert_eq!(finding["code"], "VLT515");
    assert_eq!(finding["remedies"][1]["command"], "vault namespace list");
}

#[test]
fn a_workload_with_web_identity_has_all_but_its_trust_looked_at() {
    let nothing = whole(SOUND);
    let irsa = "topology: separate\naws: { workload: irsa }\n";
    let run = as_auditor(&nothing, irsa);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(ids(&outcomes, "failed"), ["aws.workload"], "{found:#}");
    assert_eq!(code_of(&found, "aws.workload"), "AWS119");
    let provider = format!(
        "arn:aws:iam::{}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/X",
        nothing.account
    );
    let statement = json!({
        "Effect": "Allow", "Principal": { "Federated": provider },
        "Action": "sts:AssumeRoleWithWebIdentity",
    });
    set_trust(&nothing, "KongRole", &document(&[statement]));
    let (ended, outcomes) = checked(&run, &["--admin"]);
    assert_eq!(
        ids(&outcomes, "failed"),
        Vec::<&str>::new(),
        "{}",
        ended.stdout
    );
    let because = because(&ended.json(), "aws.workload");
    assert!(because.contains("service account"), "{because}");
    set_trust(&nothing, "KongRole", &document(&[ec2_may_assume("Ec2")]));
}

#[test]
fn a_wrong_clock_leaves_the_account_unknown_and_nothing_is_made_of_that() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND).under(&["faketime", "-f", "+20m"]);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(
        ids(&outcomes, "failed"),
        ["aws.caller", "clock.skew"],
        "{found:#}"
    );
    for id in ["auth.binding", "aws.kong-role", "aws.login-role"] {
        let because = because(&found, id);
        assert!(
            because.starts_with("nothing tells the AWS account"),
            "{id}: {because}"
        );
    }
    assert!(!found.to_string().contains("000000000000"), "{found:#}");
    assert_eq!(found["kong_can_read"], "unknown");
    // With the account named the rest is judged.
    let (ended, outcomes) = checked(&run, &["--admin", "--account-id", &nothing.account]);
    assert_eq!(outcomes["auth.binding"], "skipped", "{}", ended.stdout);
}

#[test]
fn a_vault_that_is_not_reached_from_here_says_nothing_of_kong() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND).env("VAULT_ADDR", "http://127.0.0.1:9");
    let ended = run.run(&["check", "--admin"]);
    assert_eq!(ended.code, 9);
    assert!(
        ended
            .stdout
            .contains("is not known: vault.reachable failed from here; "),
        "{}",
        ended.stdout
    );
}

#[test]
fn what_answers_and_is_no_vault_is_told() {
    let nothing = servers().nothing();
    let page = json!({
        "status": 200, "body": "<html>Sign in</html>", "headers": { "Content-Type": "text/html" },
    });
    let rules = json!([{ "match": { "path": "/v1/.*" }, "do": { "reply": page } }]);
    let (_, url) = nothing.relay(&rules);
    let run = with_settings(nothing.as_operator().env("VAULT_ADDR", url), SOUND);
    let (ended, outcomes) = checked(&run, &["--admin"]);
    let found = ended.json();
    assert_eq!(code_of(&found, "vault.reachable"), "VLT510", "{found:#}");
    assert_eq!(outcomes["auth.method"], "skipped");
    // Nothing was set up: there is no role to be safe or not.
    assert_eq!(because(&found, "sec.trust"), "neither role was seen");
}

#[test]
fn a_token_that_is_none_is_told_at_once() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND).env("VAULT_TOKEN", "hvs.of-yesterday");
    let ended = run.run(&["check", "--admin", "-o", "json"]);
    assert_eq!(
        ended.stderr,
        "warning: --admin: Vault says that the token is invalid, expired or revoked, so its documents were not read\n"
    );
    let because = because(&ended.json(), "sec.root");
    assert!(
        because.contains("the token is invalid, expired or revoked"),
        "{because}"
    );
}

#[test]
fn a_need_that_is_not_reported_says_why_it_is_not_met() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let (ended, _) = checked(&run, &["--only", "login.read"]);
    let said = because(&ended.json(), "login.read");
    assert!(
        said.starts_with("it needs login.assume, which was skipped: ")
            && said.contains("does not trust it"),
        "{said}"
    );
    let wrong = run.env("VAULT_ADDR", "http://127.0.0.1:9");
    let (ended, _) = checked(&wrong, &["--admin", "--only", "auth.role,kv.engine"]);
    let said = because(&ended.json(), "auth.role");
    assert!(
        said.starts_with("it needs vault.reachable, which failed: VLT502 Connection refused"),
        "{said}"
    );
}

#[test]
fn paths_beside_kongs_own_are_judged_beside_them() {
    let nothing = whole(SOUND);
    let run = as_auditor(&nothing, SOUND);
    let (ended, outcomes) = checked(&run, &["--admin", "other/x", "kv/data/kong/x"]);
    let found = ended.json();
    assert_eq!(
        ids(&outcomes, "failed"),
        ["kv.engine", "policy.read"],
        "{found:#}"
    );
    assert_eq!(outcomes["sec.policy"], "passed", "{found:#}");
    let said = check_of(&found, "policy.read")["said"].to_string();
    assert!(said.contains("not other/x, kv/kong/x"), "{said}");
    // How a path is written for the policy hangs on the engine's version.
    let version = "topology: separate\nkv: { version: 1 }\n";
    let (ended, outcomes) = checked(&as_auditor(&nothing, version), &["--admin"]);
    assert_eq!(ids(&outcomes, "failed"), ["kv.version"], "{}", ended.stdout);
    let said = because(&ended.json(), "policy.read");
    assert_eq!(said, "it needs kv.version, which failed");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_what_was_seen_and_no_token() {
    let nothing = whole(SOUND);
    let rules = json!([{ "match": { "path": "/v1/sys/health" }, "do": { "stall": true } }]);
    let (_, url) = nothing.relay(&rules);
    let run = as_auditor(&nothing, SOUND).env("VAULT_ADDR", url);
    let child = run.spawn(&["check", "--admin"]);
    std::thread::sleep(std::time::Duration::from_secs(4));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = ended(child);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("  ok    aws.kong-role "),
        "{}",
        ended.stdout
    );
    assert!(
        !ended.stdout.contains("vault.reachable"),
        "{}",
        ended.stdout
    );
    assert!(ended.stderr.starts_with("interrupted"), "{}", ended.stderr);
}

#[test]
fn a_whole_set_up_of_the_article_passes() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    put_secret(&nothing, "kv/kong/db-password", "s3cret of Kong");
    passes_everything(&nothing, "");
}

#[test]
fn names_are_taken_with_commas_and_in_capitals_hinted_at() {
    let run = Vaultiam::bare();
    let refused = crate::help::refusal(&run, &["check", "--only", "kv,AWS.TRUST"]);
    assert!(refused.contains("did you mean 'aws.trust'?"), "{refused}");
    let (_, outcomes) = checked(&run, &["--only", "sec.http, sec.tls", "--skip", "sec.tls"]);
    assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), ["sec.http"]);
}
