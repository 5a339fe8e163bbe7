//! Who is bound: unique ids on and off, several principals, roles that were
//! deleted or made anew.

use serde_json::{Value, json};

use super::{
    add_to_profile, assert_in_place, changes, create_role, delete_made_role, document,
    ec2_may_assume, log_in, may_get_role, plan, put_role_policy, role_may_assume, roles, set_trust,
    set_up, set_up_with, try_set_up, vault_role, whole, with_settings, word,
};
use crate::servers::{Nothing, servers};

const ROLE: &str = "vault:auth/aws/role/kong-role";
const WITHOUT_IDS: &str = "vault: { resolve_unique_ids: false }\n";

fn kong_role(nothing: &Nothing) -> Value {
    vault_role(nothing, "aws", "kong-role")
}

/// The unique id that IAM shows of a role, and when it was made.
fn made_as(nothing: &Nothing, role: &str) -> (String, String) {
    let role = &nothing.aws(&["iam", "get-role", "--role-name", role])["Role"];
    (word(&role["RoleId"]), word(&role["CreateDate"]))
}

/// VaultRole as setup made it, made anew by a person.
fn make_vault_role_anew(nothing: &Nothing) {
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    delete_made_role(nothing, "VaultRole");
    let trust = document(&[role_may_assume(&kong), ec2_may_assume("VaultiamServer")]);
    let tags = [
        "--tags",
        "Key=managed-by,Value=vaultiam",
        "Key=vaultiam:stack,Value=kong",
    ];
    create_role(nothing, "VaultRole", &trust, &tags);
    put_role_policy(nothing, "VaultRole", "vaultiam", &may_get_role(&login));
    add_to_profile(nothing, "VaultRole", "VaultRole");
}

/// Binds somebody else too, by hand, before the one that setup bound.
fn bind_kong_too(nothing: &Nothing) -> Value {
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    may_look_kong_up(nothing);
    let bound = format!("bound_iam_principal_arn={kong},{login}");
    nothing.vault(&["write", "auth/aws/role/kong-role", &bound]);
    json!([kong, login])
}

/// Vault's server looks up whom somebody else bound, too.
fn may_look_kong_up(nothing: &Nothing) {
    let policy = may_get_role(&nothing.role_arn("KongRole"));
    put_role_policy(nothing, "VaultRole", "theirs", &policy);
}

#[test]
fn without_unique_ids_vault_needs_no_identity() {
    let nothing = servers().nothing();
    nothing.set_identity_attached(false);
    set_up(&nothing, WITHOUT_IDS);
    let role = kong_role(&nothing);
    assert_eq!(role["resolve_aws_unique_ids"], false);
    assert_eq!(role["bound_iam_principal_id"], json!([]));
    assert_in_place(&nothing, WITHOUT_IDS);
    log_in(&nothing, WITHOUT_IDS);
}

#[test]
fn unique_ids_are_switched_off_and_on_and_everybody_stays_bound() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let both = bind_kong_too(&nothing);
    for (settings, is_on) in [(WITHOUT_IDS, false), ("", true), (WITHOUT_IDS, false)] {
        let planned = plan(&nothing, settings);
        assert_eq!(planned["exit_code"], 3);
        // Where the role has to be made anew everybody whom it binds is named.
        let fields: &[&str] = if is_on {
            &["resolve_aws_unique_ids"]
        } else {
            &["resolve_aws_unique_ids", "bound_iam_principal_arn"]
        };
        let fields = fields.iter().map(|name| (*name).to_owned()).collect();
        let update = [("update".to_owned(), ROLE.to_owned(), fields)];
        assert_eq!(changes(&planned), update);
        let field = &planned["changes"][0]["fields"][0];
        assert_eq!(
            (&field["before"], &field["after"]),
            (&json!(!is_on), &json!(is_on))
        );
        set_up(&nothing, settings);
        let role = kong_role(&nothing);
        assert_eq!(role["resolve_aws_unique_ids"], is_on);
        assert_eq!(role["bound_iam_principal_arn"], both);
        let ids = if is_on {
            json!([
                made_as(&nothing, "KongRole").0,
                made_as(&nothing, "VaultRole").0
            ])
        } else {
            json!([])
        };
        assert_eq!(role["bound_iam_principal_id"], ids, "{settings}");
        assert_eq!(role["token_policies"], json!(["kong-policy"]));
        assert_in_place(&nothing, settings);
        log_in(&nothing, settings);
    }
}

#[test]
fn an_external_id_is_asked_for_where_kong_itself_does_not_log_in() {
    let nothing = servers().nothing();
    let settings = "kong: { enabled: false }\naws: { external_id: edge42 }\n";
    set_up(&nothing, settings);
    let mut by_kong = role_may_assume(&nothing.role_arn("KongRole"));
    by_kong["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "edge42" } });
    let trust = document(&[by_kong, ec2_may_assume("VaultiamServer")]);
    assert_eq!(roles(&nothing)["VaultRole"]["trust"], trust);
    assert_in_place(&nothing, settings);
    log_in(&nothing, settings);
    let without = nothing
        .on_kongs_instance()
        .run(&["login", "--no-store", "-o", "json"]);
    assert_eq!(without.code, 4, "{}", without.stdout);
    assert_eq!(without.failure().0, "assume");
    // Kong cannot send one.
    let settings = "aws: { external_id: edge42 }\n";
    let ended = try_set_up(&nothing, settings, &[]);
    assert_eq!((ended.code, ended.finding().as_str()), (2, "CFG905"));
    // Taken out of the settings, it is taken out of the trust.
    set_up(&nothing, "");
    assert_eq!(log_in(&nothing, "")["exit_code"], 0);
}

#[test]
fn several_principals_stay_bound_through_every_change() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let both = bind_kong_too(&nothing);
    assert_in_place(&nothing, "");
    nothing.vault(&["write", "auth/aws/role/kong-role", "token_ttl=77"]);
    set_up(&nothing, "");
    let role = kong_role(&nothing);
    assert_eq!(
        (&role["bound_iam_principal_arn"], &role["token_ttl"]),
        (&both, &json!(3600))
    );

    let words = [
        "iam",
        "delete-role-policy",
        "--role-name",
        "VaultRole",
        "--policy-name",
    ];
    nothing.aws(&[&words[..], &["theirs"]].concat());
    make_vault_role_anew(&nothing);
    may_look_kong_up(&nothing);
    set_up_with(&nothing, "", &["--accept-recreated"]);
    let role = kong_role(&nothing);
    assert_eq!(role["bound_iam_principal_arn"], both);
    let ids = json!([
        made_as(&nothing, "KongRole").0,
        made_as(&nothing, "VaultRole").0
    ]);
    assert_eq!(role["bound_iam_principal_id"], ids);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
    // Ours taken out by hand comes back beside the other.
    let kong = nothing.role_arn("KongRole");
    let alone = format!("bound_iam_principal_arn={kong}");
    nothing.vault(&["write", "auth/aws/role/kong-role", &alone]);
    set_up(&nothing, "");
    assert_eq!(kong_role(&nothing)["bound_iam_principal_arn"], both);
}

#[test]
fn a_role_that_was_made_anew_is_trusted_again_by_a_decision_only() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let (old, _) = made_as(&nothing, "VaultRole");
    make_vault_role_anew(&nothing);
    let (new, _) = made_as(&nothing, "VaultRole");
    assert_ne!(old, new);
    let refused = nothing.on_kongs_instance().run(&["login", "--no-store"]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);

    let planned = plan(&nothing, "");
    assert_eq!(planned["exit_code"], 3);
    let fields = ["bound_iam_principal_id", "bound_iam_principal_arn"];
    let fields = fields.map(str::to_owned).to_vec();
    assert_eq!(
        changes(&planned),
        [("replace".to_owned(), ROLE.to_owned(), fields)]
    );
    let change = &planned["changes"][0];
    let ids = &change["fields"][0];
    assert_eq!(
        (&ids["before"], &ids["after"]),
        (&json!([old]), &json!([new]))
    );
    let why = word(&change["why"]);
    let year = &made_as(&nothing, "VaultRole").1[..10];
    for part in [&old, &new, year] {
        assert!(why.contains(part), "{part}: {why}");
    }

    let before = whole(&nothing);
    let ended = try_set_up(&nothing, "", &[]);
    assert_eq!(
        (ended.code, ended.finding().as_str()),
        (2, "CFG907"),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.json()["done"], json!([]));
    assert_eq!(whole(&nothing), before);
    let ended = nothing.as_operator().run(&["setup", "--yes"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("--yes --accept-recreated"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stdout, "");

    set_up_with(&nothing, "", &["--accept-recreated"]);
    assert_eq!(kong_role(&nothing)["bound_iam_principal_id"], json!([new]));
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn a_dead_principal_in_the_trust_is_replaced_by_a_decision_only() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let whole_trust = roles(&nothing)["VaultRole"]["trust"].clone();
    // What AWS leaves of a principal that was deleted.
    let dead = "AROAEXAMPLEDEADROLE42";
    let ended = document(&[role_may_assume(dead), ec2_may_assume("VaultiamServer")]);
    set_trust(&nothing, "VaultRole", &ended);

    let planned = plan(&nothing, "");
    assert_eq!(planned["exit_code"], 3);
    let login = nothing.role_arn("VaultRole");
    let field = vec!["trust_policy".to_owned()];
    assert_eq!(changes(&planned), [("replace".to_owned(), login, field)]);
    let change = &planned["changes"][0];
    let field = &change["fields"][0];
    assert_eq!((&field["before"], &field["after"]), (&ended, &whole_trust));
    let why = word(&change["why"]);
    let (kong_id, kong_made) = made_as(&nothing, "KongRole");
    for part in [dead, &kong_id, &kong_made[..10]] {
        assert!(why.contains(part), "{part}: {why}");
    }

    let before = whole(&nothing);
    let refused = try_set_up(&nothing, "", &[]);
    assert_eq!((refused.code, refused.finding().as_str()), (2, "CFG907"));
    assert_eq!(whole(&nothing), before);
    set_up_with(&nothing, "", &["--accept-recreated"]);
    assert_eq!(roles(&nothing)["VaultRole"]["trust"], whole_trust);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn roles_that_were_deleted_are_made_again() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let expected = roles(&nothing);
    delete_made_role(&nothing, "KongRole");
    let kong = nothing.role_arn("KongRole");
    let planned = plan(&nothing, "");
    let resources: Vec<String> = changes(&planned)
        .into_iter()
        .map(|change| change.1)
        .collect();
    let profile = kong.replacen(":role/", ":instance-profile/", 1);
    assert_eq!(
        resources,
        [kong.clone(), format!("{kong}#policy/vaultiam"), profile]
    );
    set_up(&nothing, "");
    assert_eq!(roles(&nothing), expected);
    assert_in_place(&nothing, "");
    log_in(&nothing, "");

    // Vault binds the id of the one that is gone: the new one is another.
    delete_made_role(&nothing, "VaultRole");
    let planned = plan(&nothing, "");
    let last = changes(&planned).pop().unwrap();
    assert_eq!(
        (last.0.as_str(), last.1.as_str()),
        ("replace", ROLE),
        "{planned:#}"
    );
    let before = whole(&nothing);
    let refused = try_set_up(&nothing, "", &[]);
    assert_eq!((refused.code, refused.finding().as_str()), (2, "CFG907"));
    assert_eq!(whole(&nothing), before);
    set_up_with(&nothing, "", &["--accept-recreated"]);
    assert_eq!(roles(&nothing), expected);
    let (id, _) = made_as(&nothing, "VaultRole");
    assert_eq!(kong_role(&nothing)["bound_iam_principal_id"], json!([id]));
    assert_in_place(&nothing, "");
    log_in(&nothing, "");
}

#[test]
fn a_boundary_that_the_settings_name_is_set_on_every_role() {
    let nothing = servers().nothing();
    let anything = document(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
    let words = [
        "iam",
        "create-policy",
        "--policy-name",
        "Edge",
        "--policy-document",
    ];
    let made = nothing.aws(&[&words[..], &[&anything.to_string()]].concat());
    let boundary = word(&made["Policy"]["Arn"]);
    let settings = format!("aws: {{ permissions_boundary: \"{boundary}\" }}\n");
    set_up(&nothing, &settings);
    for role in ["KongRole", "VaultRole"] {
        let seen = nothing.aws(&["iam", "get-role", "--role-name", role]);
        let seen = &seen["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"];
        assert_eq!(*seen, boundary.as_str(), "{role}");
    }
    assert_in_place(&nothing, &settings);
    log_in(&nothing, &settings);
    // What the settings do not name is somebody else's guard, and stays.
    assert_in_place(&nothing, "");
    let words = [
        "iam",
        "delete-role-permissions-boundary",
        "--role-name",
        "KongRole",
    ];
    nothing.aws(&words);
    let planned = plan(&nothing, &settings);
    let field = vec!["permissions_boundary".to_owned()];
    assert_eq!(
        changes(&planned),
        [("update".to_owned(), nothing.role_arn("KongRole"), field)]
    );
    let field = &planned["changes"][0]["fields"][0];
    assert_eq!(
        (&field["before"], &field["after"]),
        (&Value::Null, &json!(boundary))
    );
    let run = with_settings(nothing.as_operator(), &settings);
    assert_eq!(run.run(&["setup", "-y"]).code, 0);
    assert_in_place(&nothing, &settings);
}

#[test]
fn a_session_that_is_bound_gives_way_to_its_role_before_ids_are_switched_on() {
    let nothing = servers().nothing();
    set_up(&nothing, WITHOUT_IDS);
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let session = format!(
        "arn:aws:sts::{}:assumed-role/VaultRole/kong",
        nothing.account
    );
    let bound = format!("bound_iam_principal_arn={kong},{session}");
    nothing.vault(&["write", "auth/aws/role/kong-role", &bound]);
    may_look_kong_up(&nothing);
    let settings = "stack: kong\n";
    let ended = try_set_up(&nothing, settings, &[]);
    assert_eq!(
        ended.finding(),
        "VLT630",
        "{}\n{}",
        ended.stdout,
        ended.stderr
    );
    let document = ended.json();
    let finding = &document["findings"][0];
    let cure = word(&finding["remedies"][0]["command"]);
    let directory = tempfile::tempdir().unwrap();
    let mut shell = nothing.operators_shell(directory.path(), &cure);
    assert!(shell.status().unwrap().success(), "{cure}");
    set_up(&nothing, settings);
    assert_eq!(
        kong_role(&nothing)["bound_iam_principal_arn"],
        json!([kong, login])
    );
}
