//! Two set-ups in one account and one Vault.

use serde_json::Value;

use super::{
    assert_in_place, create_role, document, ec2_may_assume, may_get_role, roles, set_up,
    set_vaults_role, whole,
};
use crate::servers::{Nothing, servers};

const FIRST: &str = "stack: first\ntopology: separate\n\
    aws: { server_role: Servers, kong_role: KongRole, login_role: FirstLogin }\n\
    vault: { auth_mount: first, auth_role: first-kong, policy: first-policy }\n\
    kv: { mount: first-kv }\n";

/// The second one shares the role of Vault's servers, and nothing else.
const SECOND: &str = "stack: second\ntopology: separate\n\
    aws: { server_role: Servers, kong_role: SecondKong, login_role: SecondLogin }\n\
    vault: { auth_mount: second, auth_role: second-kong, policy: second-policy }\n\
    kv: { mount: second-kv }\n";

/// The third one shares the first one's auth mount, too.
const THIRD: &str = "stack: third\ntopology: separate\n\
    aws: { server_role: Servers, kong_role: ThirdKong, login_role: ThirdLogin }\n\
    vault: { auth_mount: first, auth_role: third-kong, policy: third-policy }\n\
    kv: { mount: third-kv }\n";

/// Takes out of a whole state what bears one of the names, so that the rest can
/// be compared.
fn without(mut state: Value, names: &[&str]) -> Value {
    let is_named = |value: &Value| names.iter().any(|name| value.to_string().contains(name));
    match &mut state {
        Value::Object(entries) => {
            entries.retain(|key, _| !names.iter().any(|name| key.contains(name)));
            for value in entries.values_mut() {
                *value = without(std::mem::take(value), names);
            }
        }
        Value::Array(items) => items.retain(|item| !is_named(item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    state
}

fn logs_in(nothing: &Nothing, settings: &str, profile: &str) {
    nothing.set_kongs_profile(profile);
    super::log_in(nothing, settings);
}

#[test]
fn set_ups_beside_each_other_do_not_touch_each_other() {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "Servers");
    set_up(&nothing, FIRST);
    let first = whole(&nothing);
    set_up(&nothing, SECOND);
    let names = ["second", "Second"];
    let rest = without(whole(&nothing), &names);
    assert_eq!(rest["vault"], first["vault"]);
    assert_eq!(rest["profiles"], first["profiles"]);
    set_up(&nothing, THIRD);
    for settings in [FIRST, SECOND, THIRD] {
        assert_in_place(&nothing, settings);
    }
    for (settings, profile) in [
        (FIRST, "KongRole"),
        (SECOND, "SecondKong"),
        (THIRD, "ThirdKong"),
    ] {
        logs_in(&nothing, settings, profile);
    }
    let servers_policies = roles(&nothing)["Servers"]["policies"].clone();
    let of = |login: &str| may_get_role(&nothing.role_arn(login));
    let expected = serde_json::json!({
        "vaultiam-first": of("FirstLogin"),
        "vaultiam-second": of("SecondLogin"),
        "vaultiam-third": of("ThirdLogin"),
    });
    assert_eq!(servers_policies, expected);
    assert_eq!(roles(&nothing)["Servers"]["tags"], super::our_tags("first"));
    // A change of one is a change of that one alone.
    let before = whole(&nothing);
    let longer = SECOND.replace("second-policy", "second-policy, ttl: 2h");
    set_up(&nothing, &longer);
    let names = ["second-kong"];
    assert_eq!(without(whole(&nothing), &names), without(before, &names));
    assert_in_place(&nothing, FIRST);
}

#[test]
fn a_stack_does_not_take_what_another_stack_has() {
    let nothing = servers().nothing();
    set_up(&nothing, "");
    let before = whole(&nothing);
    let other = "stack: other\nvault: { ttl: 5m }\nkv: { prefix: other }\n";
    let ended = super::try_set_up(&nothing, other, &[]);
    assert_eq!(ended.code, 9, "{}", ended.stdout);
    assert_eq!(whole(&nothing), before);
    // A role of Vault's servers that is there already gets one policy more.
    let trust = document(&[ec2_may_assume("Theirs")]);
    create_role(&nothing, "Elsewhere", &trust, &[]);
    assert_in_place(&nothing, "");
}

/// Asserts that a second stack either leaves the first one as it is, or is
/// stopped.
fn leaves_the_first(nothing: &Nothing, more: &[&str]) {
    let before = whole(nothing);
    let second = SECOND.replace("SecondKong", "KongRole");
    let ended = super::try_set_up(nothing, &second, more);
    if ended.code == 9 {
        assert_eq!(whole(nothing), before);
    } else {
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_in_place(nothing, &second);
        logs_in(nothing, &second, "KongRole");
    }
    assert_in_place(nothing, FIRST);
    logs_in(nothing, FIRST, "KongRole");
}

#[test]
fn kongs_role_is_not_taken_from_the_stack_that_made_it() {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "Servers");
    set_up(&nothing, FIRST);
    leaves_the_first(&nothing, &[]);
    leaves_the_first(&nothing, &["--adopt", &nothing.role_arn("KongRole")]);
}

#[test]
fn kongs_role_is_not_taken_from_the_stack_that_adopted_it() {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "Servers");
    let theirs = document(&[ec2_may_assume("Theirs")]);
    create_role(&nothing, "KongRole", &theirs, &[]);
    let kong = nothing.role_arn("KongRole");
    super::set_up_with(&nothing, FIRST, &["--adopt", &kong]);
    leaves_the_first(&nothing, &[]);
    leaves_the_first(&nothing, &["--adopt", &kong]);
}
