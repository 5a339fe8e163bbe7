//! What others have in Vault beside what is ours.

use serde_json::{Value, json};

use super::sides::{assert_nothing_written, mark, sides, written_in_vault};
use super::{
    done, make_profile, make_role, make_server_role, may_look, put_policy, run_with, trust_ec2,
};
use crate::servers::{Nothing, servers};
use crate::vaultiam::Vaultiam;

const SETTINGS: &str = "topology: separate\naws: { server_role: Server }\n";

/// Vault's server with a role that may look at every role, and another team
/// whose instance has a role of its own.
fn with_a_team() -> Nothing {
    let nothing = servers().nothing();
    make_server_role(&nothing, "Server");
    put_policy(&nothing, "Server", "look", &may_look());
    make_role(&nothing, "TeamRole", &trust_ec2());
    make_profile(&nothing, "TeamRole", Some("TeamRole"));
    nothing
}

/// The program on the team's instance.
fn on_the_teams_instance(nothing: &Nothing) -> Vaultiam {
    let endpoint = nothing.start_instance("TeamRole");
    nothing
        .on_kongs_instance()
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
}

/// The team's login, which no end of ours may touch.
fn assert_team_logs_in(nothing: &Nothing, auth_role: &str) {
    let words = ["login", "--no-assume", "--no-store", "--auth-role"];
    let ended = on_the_teams_instance(nothing).run(&[&words[..], &[auth_role]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

fn bind(nothing: &Nothing, auth_role: &str, roles: &[&str]) {
    let arns: Vec<String> = roles.iter().map(|role| nothing.role_arn(role)).collect();
    let body = json!({ "auth_type": "iam", "bound_iam_principal_arn": arns });
    let path = format!("auth/aws/role/{auth_role}");
    let written = nothing.vault_api("POST", &path, &body);
    assert!([200, 204].contains(&written.0), "{}", written.1);
}

/// An auth method that others made, with the team's role.
fn make_their_mount(nothing: &Nothing) {
    nothing.vault(&["auth", "enable", "-description=team's", "aws"]);
    let config = json!({ "use_sts_region_from_client": true });
    let written = nothing.vault_api("POST", "auth/aws/config/client", &config);
    assert_eq!(written.0, 204, "{}", written.1);
    bind(nothing, "team", &["TeamRole"]);
}

#[test]
fn our_mount_stays_while_others_log_in_through_it() {
    let nothing = with_a_team();
    done(&nothing, SETTINGS, &["setup", "--yes"]);
    bind(&nothing, "team", &["TeamRole"]);
    assert_team_logs_in(&nothing, "team");
    let before = sides(&nothing).vault;
    let since = mark(&nothing);
    done(&nothing, SETTINGS, &["teardown", "--yes"]);
    assert_eq!(
        written_in_vault(&nothing, since),
        [
            "delete auth/aws/role/kong-role",
            "delete sys/policies/acl/kong-policy"
        ]
    );
    assert_team_logs_in(&nothing, "team");
    let after = sides(&nothing).vault;
    for kept in [
        "sys/auth/aws/",
        "auth/aws/config/client",
        "auth/aws/role/team",
    ] {
        assert_eq!(after[kept], before[kept]);
    }
}

#[test]
fn of_others_mount_only_our_role_goes() {
    let nothing = with_a_team();
    make_their_mount(&nothing);
    let before = sides(&nothing);
    done(&nothing, SETTINGS, &["setup", "--yes"]);
    assert!(
        sides(&nothing)
            .vault
            .contains_key("auth/aws/role/kong-role")
    );
    done(
        &nothing,
        SETTINGS,
        &["teardown", "--yes", "--delete-secrets", "kv"],
    );
    assert_eq!(sides(&nothing), before);
    assert_team_logs_in(&nothing, "team");
}

#[test]
fn of_a_role_in_our_mount_that_binds_others_only_our_arn_goes() {
    let nothing = with_a_team();
    done(&nothing, SETTINGS, &["setup", "--yes"]);
    bind(&nothing, "kong-role", &["VaultRole", "TeamRole"]);
    let before = sides(&nothing).vault;
    done(&nothing, SETTINGS, &["teardown", "--yes"]);
    let after = sides(&nothing);
    assert_eq!(
        after.vault.get("sys/auth/aws/"),
        before.get("sys/auth/aws/"),
        "the mount of a role that binds others stays"
    );
    let role = &after.vault["auth/aws/role/kong-role"];
    assert_eq!(
        role["bound_iam_principal_arn"],
        json!([nothing.role_arn("TeamRole")])
    );
    for field in ["token_policies", "token_ttl", "resolve_aws_unique_ids"] {
        assert_eq!(role[field], before["auth/aws/role/kong-role"][field]);
    }
    assert_team_logs_in(&nothing, "kong-role");
    // Their logins read what they read before.
    assert_eq!(
        after.vault.get("sys/policies/acl/kong-policy"),
        before.get("sys/policies/acl/kong-policy")
    );
    assert!(!after.roles.contains_key("VaultRole"));
    let since = mark(&nothing);
    done(&nothing, SETTINGS, &["teardown", "--yes"]);
    assert_nothing_written(&nothing, since, "a second end");
}

#[test]
fn of_an_adopted_role_of_vault_only_our_arn_goes() {
    let nothing = with_a_team();
    make_their_mount(&nothing);
    bind(&nothing, "kong-role", &["TeamRole"]);
    let adopt = ["--adopt", "vault:auth/aws/role/kong-role"];
    done(
        &nothing,
        SETTINGS,
        &[&["setup", "--yes"][..], &adopt].concat(),
    );
    let bound = |vault: &std::collections::BTreeMap<String, Value>| {
        let role = &vault["auth/aws/role/kong-role"];
        let arns = role["bound_iam_principal_arn"].as_array().unwrap();
        let mut arns: Vec<String> = arns
            .iter()
            .map(|arn| arn.as_str().unwrap().to_owned())
            .collect();
        arns.sort();
        arns
    };
    let both = [nothing.role_arn("TeamRole"), nothing.role_arn("VaultRole")];
    assert_eq!(bound(&sides(&nothing).vault), both);
    done(&nothing, SETTINGS, &["teardown", "--yes"]);
    assert_eq!(bound(&sides(&nothing).vault), both[..1]);
    assert_team_logs_in(&nothing, "kong-role");
}

#[test]
fn a_policy_without_our_comment_stays() {
    let nothing = servers().nothing();
    done(&nothing, "stack: kong\n", &["setup", "--yes"]);
    let theirs =
        json!({ "policy": "# by hand\npath \"kv/data/kong/*\" { capabilities = [\"read\"] }\n" });
    nothing.vault_api("PUT", "sys/policies/acl/kong-policy", &theirs);
    let before = sides(&nothing).vault;
    done(&nothing, "stack: kong\n", &["teardown", "--yes"]);
    let after = sides(&nothing).vault;
    let path = "sys/policies/acl/kong-policy";
    assert_eq!(after.get(path), before.get(path));
    assert!(!after.contains_key("sys/auth/aws/"));
}

#[test]
fn secrets_in_an_engine_of_others_stay_even_when_it_is_named() {
    let nothing = servers().nothing();
    nothing.vault(&["secrets", "enable", "-path=kv", "-version=2", "kv"]);
    nothing.vault(&["kv", "put", "kv/kong/db", "password=theirs"]);
    done(&nothing, "stack: kong\n", &["setup", "--yes"]);
    let since = mark(&nothing);
    let words = ["teardown", "--yes", "--delete-secrets", "kv"];
    let ended = run_with(&nothing.as_operator(), "stack: kong\n", &words);
    assert_eq!(ended.code, 9, "{}", ended.stderr);
    assert!(ended.stderr.contains("vault:sys/mounts/kv"));
    assert_nothing_written(&nothing, since, "the engine is others'");
    done(&nothing, "stack: kong\n", &["teardown", "--yes"]);
    let secret = nothing.vault(&["kv", "get", "kv/kong/db"]);
    assert_eq!(secret["data"]["data"]["password"], "theirs");
}

#[test]
fn another_method_at_our_path_stays() {
    let nothing = servers().nothing();
    let ours = "-description=managed by vaultiam (stack kong)";
    nothing.vault(&["auth", "enable", ours, "-path=aws", "userpass"]);
    let since = mark(&nothing);
    done(&nothing, "stack: kong\n", &["teardown", "--yes"]);
    assert_nothing_written(&nothing, since, "setup made no userpass method");
}
