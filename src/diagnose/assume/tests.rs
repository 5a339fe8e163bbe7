use serde_json::json;

use super::*;
use crate::diagnose::looks::RolePolicies;

mod excluded;

const ROLE: &str = "arn:aws:iam::123456789012:role/VaultRole";
const KONG: &str = "arn:aws:iam::123456789012:role/KongRole";

fn call() -> Call {
    Call {
        caller_arn: "arn:aws:sts::123456789012:assumed-role/KongRole/i-1".to_owned(),
        unique_id: Some("AROAKONG".to_owned()),
        role_arn: ROLE.to_owned(),
        session_name: "vaultiam".to_owned(),
        external_id: None,
        region: Some("us-east-1".to_owned()),
        has_long_term_keys: false,
    }
}

fn role(arn: &str, unique_id: &str, trust: Value) -> IamRole {
    let arn = arn.to_owned();
    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
    let path = arn.split_once("role").map_or("/", |(_, rest)| rest);
    IamRole {
        path: path.trim_end_matches(name.as_str()).to_owned(),
        name,
        arn,
        unique_id: unique_id.to_owned(),
        age_seconds: Some(86_400),
        trust,
        max_session_seconds: 3600,
        boundary: None,
        policies: Look::NotMade,
    }
}

fn seen<T>(value: T) -> Look<T> {
    Look::Seen {
        value,
        with: Rights::AdminProfile("admin".to_owned()),
    }
}

fn document(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn trusting(principal: &str, condition: Value) -> Value {
    document(json!([{
        "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "sts:AssumeRole",
        "Condition": condition,
    }]))
}

/// Looks at a VaultRole with this trust policy, and at a KongRole that may do
/// `rights`.
fn looks(trust: Value, rights: Value) -> AwsLooks {
    let mut kong = role(KONG, "AROAKONG", document(json!([])));
    kong.policies = seen(RolePolicies {
        inline: BTreeMap::from([("own".to_owned(), document(rights))]),
        ..RolePolicies::default()
    });
    AwsLooks {
        account: seen("123456789012".to_owned()),
        login_role: seen(Some(role(ROLE, "AROAVAULT", trust))),
        caller_role: seen(Some(kong)),
        ..AwsLooks::default()
    }
}

fn may_assume() -> Value {
    json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE }])
}

fn elsewhere_only() -> Value {
    json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }])
}

fn root() -> Value {
    trusting("arn:aws:iam::123456789012:root", json!({}))
}

/// `refused CODE …`, `open CODE …`, `allowed`, or `nothing`.
fn words(call: &Call, looks: &AwsLooks) -> String {
    let codes = |reasons: &[Reason]| {
        let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.name()).collect();
        codes.join(" ")
    };
    match judge(call, looks) {
        None => "nothing".to_owned(),
        Some(Judgement::Allowed { .. }) => "allowed".to_owned(),
        Some(Judgement::Refused(reasons)) => format!("refused {}", codes(&reasons)),
        Some(Judgement::Open(reasons)) => format!("open {}", codes(&reasons)),
    }
}

#[test]
fn a_role_that_trusts_the_caller_is_allowed_as_far_as_it_was_seen() {
    let looks = looks(trusting(KONG, json!({})), may_assume());
    let Some(Judgement::Allowed { unseen }) = judge(&call(), &looks) else {
        unreachable!("everything that was seen allows it")
    };
    assert!(
        unseen.contains(&"service control policies".to_owned()),
        "{unseen:?}"
    );
    assert!(!unseen.contains(&"the trust policy".to_owned()));
}

/// Each verdict, and what it is once the fact that it rests on is another, or was
/// not seen.
#[test]
fn a_verdict_falls_with_the_fact_that_it_rests_on() {
    let base = || looks(trusting(KONG, json!({})), may_assume());
    let without_role = AwsLooks {
        login_role: Look::NotMade,
        ..base()
    };
    let elsewhere = AwsLooks {
        login_role: seen(Some(role(
            "arn:aws:iam::123456789012:role/team/VaultRole",
            "AROAVAULT",
            trusting(KONG, json!({})),
        ))),
        ..base()
    };
    let absent = AwsLooks {
        login_role: seen(None),
        ..base()
    };
    let absent_in_another_account = AwsLooks {
        account: seen("999999999999".to_owned()),
        ..absent.clone()
    };
    let absent_somewhere = AwsLooks {
        account: Look::NotMade,
        ..absent.clone()
    };
    let id = |id: &str| json!({ "StringEquals": { "sts:ExternalId": id } });
    let sent = |id: &str| Call {
        external_id: Some(id.to_owned()),
        ..call()
    };
    let name = |name: &str| json!({ "StringEquals": { "sts:RoleSessionName": name } });
    let address = json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let dead_and_living = document(json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": ["AROADEADDEADDEAD1", "arn:aws:iam::123456789012:role/Other"] },
    }]));
    let deny = |sid: &str, effect: &str| {
        document(json!([
            { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": KONG } },
            { "Sid": sid, "Effect": effect, "Action": "sts:AssumeRole", "Principal": { "AWS": KONG } },
        ]))
    };
    let unseen_rights = {
        let mut looks = looks(root(), elsewhere_only());
        looks.caller_role = Look::NotMade;
        looks
    };
    let bounded = |document: Option<Value>| {
        let mut looks = looks(root(), may_assume());
        if let Look::Seen {
            value: Some(role), ..
        } = &mut looks.caller_role
        {
            role.boundary = Some("arn:aws:iam::123456789012:policy/edge".to_owned());
            if let Look::Seen { value, .. } = &mut role.policies {
                value.boundary = document;
            }
        }
        looks
    };
    let edge = document(json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]));
    let wide = document(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let other = "arn:aws:iam::123456789012:role/Other";
    let cases = [
        (
            call(),
            looks(trusting(other, json!({})), may_assume()),
            "refused AWS202",
        ),
        (call(), base(), "allowed"),
        (call(), without_role, "open "),
        (call(), absent, "refused AWS201"),
        (call(), absent_in_another_account, "nothing"),
        (call(), absent_somewhere, "nothing"),
        (call(), elsewhere, "refused AWS221"),
        (
            call(),
            looks(trusting(KONG, id("a")), may_assume()),
            "refused AWS203",
        ),
        (
            sent("b"),
            looks(trusting(KONG, id("a")), may_assume()),
            "refused AWS203",
        ),
        (
            sent("a"),
            looks(trusting(KONG, id("a")), may_assume()),
            "allowed",
        ),
        (
            call(),
            looks(trusting(KONG, name("kong")), may_assume()),
            "refused AWS204",
        ),
        (
            call(),
            looks(trusting(KONG, name("vaultiam")), may_assume()),
            "allowed",
        ),
        (
            call(),
            looks(trusting(KONG, address), may_assume()),
            "open AWS204",
        ),
        (
            call(),
            looks(trusting("AROADEADDEADDEAD1", json!({})), may_assume()),
            "refused AWS205",
        ),
        (
            call(),
            looks(dead_and_living, may_assume()),
            "refused AWS202",
        ),
        (call(), looks(root(), elsewhere_only()), "refused AWS206"),
        (call(), looks(root(), may_assume()), "allowed"),
        (call(), unseen_rights, "allowed"),
        (
            call(),
            looks(deny("No", "Deny"), may_assume()),
            "refused AWS207",
        ),
        (call(), looks(deny("No", "Allow"), may_assume()), "allowed"),
        (call(), bounded(Some(edge)), "refused AWS208"),
        (call(), bounded(Some(wide)), "allowed"),
        (call(), bounded(None), "allowed"),
    ];
    for (number, (call, looks, expected)) in cases.iter().enumerate() {
        assert_eq!(words(call, looks), *expected, "case {number}");
    }
}

#[test]
fn the_look_at_another_role_of_that_name_says_nothing_about_the_caller() {
    let mut looks = looks(root(), elsewhere_only());
    if let Look::Seen {
        value: Some(role), ..
    } = &mut looks.caller_role
    {
        // Made anew since, or in the account of the administrator.
        role.unique_id = "AROANEW".to_owned();
    }
    assert_eq!(words(&call(), &looks), "allowed");
}

#[test]
fn what_is_in_a_trust_policy_stays_in_it() {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": { "Sid": "Keep", "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
    });
    let looks = looks(trust, may_assume());
    let Some(Judgement::Refused(reasons)) = judge(&call(), &looks) else {
        unreachable!("the caller is not named")
    };
    let commands: Vec<&str> = reasons
        .iter()
        .flat_map(|reason| &reason.remedies)
        .filter_map(|remedy| remedy.command.as_deref())
        .collect();
    let first = commands.first().copied().unwrap_or_default();
    assert!(
        first.contains("\"Sid\":\"Keep\"") && first.contains(KONG),
        "{first}"
    );
}
