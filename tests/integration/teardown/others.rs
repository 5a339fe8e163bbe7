//! What stands in IAM and is not ours, or hangs on what is.

use serde_json::{Value, json};

use super::sides::{assert_nothing_written, mark, sides};
use super::{document, done, make_profile, make_role, may_list, put_policy, run_with, trust_ec2};
use crate::servers::{Nothing, servers};

const ARTICLE: &str = "stack: kong\n";

/// A role of others: two statements of trust, a tag, two policies.
fn make_their_role(nothing: &Nothing, name: &str) {
    let service = |name: &str| {
        json!({
            "Sid": name.replace('-', "").to_uppercase(),
            "Effect": "Allow",
            "Principal": { "Service": format!("{name}.amazonaws.com") },
            "Action": "sts:AssumeRole",
        })
    };
    let statements = [service("lambda"), service("ecs-tasks")];
    let trust = json!({ "Version": "2012-10-17", "Id": "theirs", "Statement": statements });
    make_role(nothing, name, &trust);
    put_policy(nothing, name, "theirs", &may_list());
    attach(nothing, name);
    let tag = ["iam", "tag-role", "--role-name", name];
    nothing.aws(&[&tag[..], &["--tags", "Key=team,Value=edge"]].concat());
}

/// Attaches a managed policy of its own to a role.
fn attach(nothing: &Nothing, role: &str) {
    let policy = format!("of-{role}");
    let text = may_list().to_string();
    let create = ["iam", "create-policy", "--policy-name", &policy];
    let made = nothing.aws(&[&create[..], &["--policy-document", &text]].concat());
    let arn = made["Policy"]["Arn"].as_str().unwrap();
    let attach = ["iam", "attach-role-policy", "--role-name", role];
    nothing.aws(&[&attach[..], &["--policy-arn", arn]].concat());
}

/// Sets up with something taken over, and tears down; IAM is as it was.
fn adopted_there_and_back(nothing: &Nothing, arns: &[String]) {
    let before = sides(nothing);
    let mut words = vec!["setup", "--yes"];
    for arn in arns {
        words.extend(["--adopt", arn]);
    }
    done(nothing, ARTICLE, &words);
    let again = run_with(&nothing.as_operator(), ARTICLE, &["setup", "--plan"]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    done(nothing, ARTICLE, &["teardown", "--yes"]);
    let after = sides(nothing);
    assert_eq!(after.roles, before.roles);
    assert_eq!(after.profiles, before.profiles);
    assert_eq!(after.policies, before.policies);
}

#[test]
fn an_unmarked_set_up_stays() {
    let nothing = servers().nothing();
    for role in ["KongRole", "VaultRole"] {
        make_role(&nothing, role, &trust_ec2());
        put_policy(&nothing, role, "vaultiam", &may_list());
        make_profile(&nothing, role, Some(role));
    }
    nothing.vault(&["auth", "enable", "aws"]);
    let policy = json!({ "policy": "path \"kv/*\" { capabilities = [\"read\"] }" });
    nothing.vault_api("PUT", "sys/policies/acl/kong-policy", &policy);
    nothing.vault(&["secrets", "enable", "-path=kv", "-version=2", "kv"]);
    let before = sides(&nothing);
    let since = mark(&nothing);
    done(&nothing, ARTICLE, &["teardown", "--yes"]);
    assert_nothing_written(&nothing, since, "nothing of it is ours");
    assert_eq!(sides(&nothing), before);
}

#[test]
fn of_an_adopted_role_only_our_part_goes() {
    let nothing = servers().nothing();
    for role in ["KongRole", "VaultRole"] {
        make_their_role(&nothing, role);
        make_profile(&nothing, role, Some(role));
    }
    let arns = ["KongRole", "VaultRole"].map(|role| nothing.role_arn(role));
    adopted_there_and_back(&nothing, &arns);
}

#[test]
fn the_profile_that_setup_made_for_an_adopted_role_goes() {
    let nothing = servers().nothing();
    make_their_role(&nothing, "KongRole");
    adopted_there_and_back(&nothing, &[nothing.role_arn("KongRole")]);
}

#[test]
fn our_policy_goes_from_an_adopted_role_whose_trust_was_as_wanted() {
    let nothing = servers().nothing();
    make_role(&nothing, "KongRole", &trust_ec2());
    put_policy(&nothing, "KongRole", "theirs", &may_list());
    make_profile(&nothing, "KongRole", Some("KongRole"));
    adopted_there_and_back(&nothing, &[nothing.role_arn("KongRole")]);
}

#[test]
fn an_unmarked_instance_profile_stays_and_is_empty_again() {
    let nothing = servers().nothing();
    make_profile(&nothing, "KongRole", None);
    let since = mark(&nothing);
    let ended = run_with(&nothing.as_operator(), ARTICLE, &["setup", "--yes"]);
    assert_eq!(ended.code, 9, "{}{}", ended.stdout, ended.stderr);
    assert_nothing_written(&nothing, since, "the profile is somebody else's");
    let profile = nothing.role_arn("KongRole");
    let profile = profile.replace(":role/", ":instance-profile/");
    adopted_there_and_back(&nothing, &[profile]);
}

#[test]
fn what_is_another_stacks_stays() {
    let nothing = servers().nothing();
    done(&nothing, "stack: first\n", &["setup", "--yes"]);
    let before = sides(&nothing);
    let since = mark(&nothing);
    let words = ["teardown", "--yes", "--delete-secrets", "kv"];
    let ended = run_with(&nothing.as_operator(), "stack: second\n", &words);
    assert_nothing_written(&nothing, since, &ended.stdout);
    // The KV engine was named, and is another stack's.
    assert_eq!(ended.code, 9, "{}", ended.stderr);
    assert!(ended.stderr.contains("VLT638"), "{}", ended.stderr);
    let kept = done(
        &nothing,
        "stack: second\n",
        &["teardown", "--yes", "-o", "json"],
    );
    assert_eq!(kept.json()["done"], json!([]), "{}", kept.stdout);
    assert_eq!(sides(&nothing), before);
}

/// Hangs one thing of others on a role that setup made.
type Hang = fn(&Nothing, &str);

fn hang_policy(nothing: &Nothing, role: &str) {
    put_policy(nothing, role, "theirs", &may_list());
}

fn hang_profile(nothing: &Nothing, role: &str) {
    make_profile(nothing, "theirs", Some(role));
}

#[test]
fn what_hangs_on_our_role_keeps_everything_as_it_is() {
    let cases: [(&str, &str, Hang); 4] = [
        ("VaultRole", "policy/of-VaultRole", attach),
        ("KongRole", "the inline policy theirs", hang_policy),
        ("VaultRole", "the inline policy theirs", hang_policy),
        ("KongRole", "the instance profile theirs", hang_profile),
    ];
    for (role, what, hang) in cases {
        let nothing = servers().nothing();
        done(&nothing, ARTICLE, &["setup", "--yes"]);
        hang(&nothing, role);
        let before = sides(&nothing);
        let since = mark(&nothing);
        let words = ["teardown", "--yes", "-o", "json"];
        let ended = run_with(&nothing.as_operator(), ARTICLE, &words);
        assert_eq!(
            (ended.code, ended.finding().as_str()),
            (9, "AWS307"),
            "{}",
            ended.stdout
        );
        for list in ["done", "not_done", "unknown"] {
            assert_eq!(ended.json()[list], json!([]), "{}", ended.stdout);
        }
        let human = run_with(&nothing.as_operator(), ARTICLE, &["teardown", "--yes"]);
        assert_eq!(human.code, 9, "{}", human.stderr);
        for words in [what, "AWS307", &nothing.role_arn(role)] {
            assert!(human.stderr.contains(words), "{words}: {}", human.stderr);
        }
        let plan = run_with(
            &nothing.as_operator(),
            ARTICLE,
            &["teardown", "--plan", "-o", "json"],
        );
        assert_eq!(plan.code, 9, "{}", plan.stdout);
        let conflict = plan.json()["conflicts"][0].clone();
        assert_eq!(conflict["resource"], nothing.role_arn(role));
        assert!(conflict["found"].as_str().unwrap().contains(what));
        assert_nothing_written(&nothing, since, what);
        assert_eq!(sides(&nothing), before);
    }
}

#[test]
fn a_role_of_others_is_not_taken_out_of_our_profile() {
    let nothing = servers().nothing();
    done(&nothing, ARTICLE, &["setup", "--yes"]);
    make_role(&nothing, "Theirs", &trust_ec2());
    let profile = ["--instance-profile-name", "KongRole", "--role-name"];
    for (action, role) in [
        ("remove-role-from-instance-profile", "KongRole"),
        ("add-role-to-instance-profile", "Theirs"),
    ] {
        nothing.aws(&[&["iam", action][..], &profile, &[role]].concat());
    }
    let since = mark(&nothing);
    let ended = run_with(&nothing.as_operator(), ARTICLE, &["teardown", "--yes"]);
    assert_eq!(ended.code, 9, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("Theirs"), "{}", ended.stderr);
    assert_nothing_written(&nothing, since, "somebody's instance runs with it");
}

#[test]
fn a_role_that_trusts_nobody_but_us_is_not_left_without_trust() {
    let nothing = servers().nothing();
    make_their_role(&nothing, "KongRole");
    make_profile(&nothing, "KongRole", Some("KongRole"));
    let arn = nothing.role_arn("KongRole");
    done(&nothing, ARTICLE, &["setup", "--yes", "--adopt", &arn]);
    // Since then its owner took everything else out of it.
    let ours = |role: &Value| {
        let statements = role["AssumeRolePolicyDocument"]["Statement"].as_array();
        let mut ours = statements.unwrap().clone();
        ours.retain(|statement| statement["Sid"] == "VaultiamAssume");
        document(&ours[0])
    };
    let trust = ours(&sides(&nothing).roles["KongRole"]).to_string();
    let update = ["iam", "update-assume-role-policy", "--role-name"];
    let words = ["KongRole", "--policy-document", &trust];
    nothing.aws(&[&update[..], &words].concat());
    let since = mark(&nothing);
    let ended = run_with(&nothing.as_operator(), ARTICLE, &["teardown", "--yes"]);
    assert_eq!(ended.code, 9, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains(&arn), "{}", ended.stderr);
    assert_nothing_written(&nothing, since, "a role must trust somebody");
}
