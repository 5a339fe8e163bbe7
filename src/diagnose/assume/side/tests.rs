//! Each verdict, and what perturbs it.

use std::collections::BTreeMap;

use super::*;
use crate::diagnose::Code;
use crate::diagnose::assume::{May, Stranger, service_may_have, stranger_may_have};
use crate::diagnose::looks::RolePolicies;
use crate::settings::{Environment, Flags, resolve_without_file};

const KONG: &str = "arn:aws:iam::111122223333:role/KongRole";
const LOGIN: &str = "arn:aws:iam::111122223333:role/VaultRole";

fn settings(flags: &[(crate::settings::Id, &str)]) -> Settings {
    let flags: Flags = flags
        .iter()
        .map(|(id, value)| (*id, (*value).to_owned()))
        .collect();
    let none: Environment = std::iter::empty::<(String, String)>().collect();
    resolve_without_file(&flags, &none, None)
        .unwrap_or_else(|error| unreachable!("settings: {error}"))
}

fn kong() -> Ask {
    kong_with(Some("AROAKONG"))
}

fn kong_with(unique_id: Option<&str>) -> Ask {
    Ask::of_kong(KONG, unique_id, LOGIN, &settings(&[]))
}

fn trust(role: &IamRole, ask: &Ask) -> Side {
    of_trust(role, &Rights::Own, ask)
}

fn may_assume(own: &IamRole, target: Option<&IamRole>, ask: &Ask) -> Side {
    of_caller(own, &Rights::Own, target, ask)
}

fn role(arn: &str, statements: Value) -> IamRole {
    IamRole {
        arn: arn.to_owned(),
        name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        path: "/".to_owned(),
        unique_id: "AROAONE".to_owned(),
        age_seconds: Some(3600),
        trust: json!({ "Version": "2012-10-17", "Statement": statements }),
        max_session_seconds: 3600,
        boundary: None,
        policies: Look::NotMade,
    }
}

fn lets_in(principal: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
}

fn login_role(statements: Value) -> IamRole {
    role(LOGIN, statements)
}

/// KongRole with these inline policies.
fn kong_role(statements: Value) -> IamRole {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let policies = RolePolicies {
        inline: BTreeMap::from([("own".to_owned(), policy)]),
        ..RolePolicies::default()
    };
    IamRole {
        unique_id: "AROAKONG".to_owned(),
        policies: Look::Seen {
            value: policies,
            with: Rights::Own,
        },
        ..role(KONG, json!([]))
    }
}

fn code(side: &Side) -> Option<Code> {
    match side {
        Side::Refuses(reasons) => reasons.first().map(|reason| reason.code),
        Side::Allows(_) | Side::Undecided(_) => None,
    }
}

#[test]
fn the_trust_policy_alone_decides_about_its_side() {
    let named = lets_in(json!({ "AWS": KONG }));
    let of_account = lets_in(json!({ "AWS": "arn:aws:iam::111122223333:root" }));
    let deleted = lets_in(json!({ "AWS": "AROAGONEGONEGONEGONE1" }));
    let other = lets_in(json!({ "AWS": "arn:aws:iam::111122223333:role/Other" }));
    let of_ec2 = lets_in(json!({ "Service": "ec2.amazonaws.com" }));
    let mut with_id = named.clone();
    with_id["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "x" } });
    let mut in_session = named.clone();
    in_session["Condition"] = json!({ "StringEquals": { "sts:RoleSessionName": "nobody" } });
    let deny =
        json!({ "Effect": "Deny", "Principal": { "AWS": KONG }, "Action": "sts:AssumeRole" });
    let cases = [
        (json!([named]), None),
        (json!([of_account]), None),
        (json!([other, named]), None),
        (json!([other]), Some(Code::AWS202)),
        (json!([of_ec2]), Some(Code::AWS202)),
        (json!([deleted]), Some(Code::AWS205)),
        (json!([deleted, named]), None),
        (json!([deleted, of_ec2]), Some(Code::AWS205)),
        (json!([deleted, other]), Some(Code::AWS202)),
        (json!([with_id]), Some(Code::AWS203)),
        (json!([with_id, named]), None),
        (json!([in_session]), Some(Code::AWS204)),
        (json!([named, deny]), Some(Code::AWS207)),
    ];
    for (statements, expected) in cases {
        let judged = trust(&login_role(statements.clone()), &kong());
        assert_eq!(code(&judged), expected, "{statements}: {judged:?}");
        assert_eq!(
            expected.is_none(),
            matches!(judged, Side::Allows(_)),
            "{judged:?}"
        );
    }
}

#[test]
fn what_the_evidence_leaves_open_is_no_verdict() {
    let mut from_address = lets_in(json!({ "AWS": KONG }));
    from_address["Condition"] = json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let judged = trust(&login_role(json!([from_address])), &kong());
    let Side::Undecided(what) = judged else {
        unreachable!("{judged:?}")
    };
    assert!(
        what.contains("aws:sourceip") || what.contains("aws:SourceIp"),
        "{what}"
    );
    let unreadable = IamRole {
        trust: json!({ "Statement": "nothing" }),
        ..login_role(json!([]))
    };
    assert!(matches!(trust(&unreadable, &kong()), Side::Undecided(_)));
    // A bare id that might be KongRole's own says nothing as long as that is not seen.
    let by_id = login_role(json!([lets_in(json!({ "AWS": "AROAKONG" }))]));
    assert!(!matches!(trust(&by_id, &kong_with(None)), Side::Allows(_)));
}

#[test]
fn kong_sends_no_external_id_and_a_person_may() {
    use crate::settings::Id;
    let mut statement = lets_in(json!({ "AWS": KONG }));
    statement["Condition"] = json!({ "StringEquals": { "sts:ExternalId": "x" } });
    let role = login_role(json!([statement]));
    let settings = settings(&[(Id::ExternalId, "x")]);
    let session = "arn:aws:sts::111122223333:assumed-role/KongRole/i-1";
    let person = Ask::of_caller(session, "AROAKONG:i-1", LOGIN, &settings);
    assert!(matches!(trust(&role, &person), Side::Allows(_)));
    assert_eq!(code(&trust(&role, &kong())), Some(Code::AWS203));
}

#[test]
fn the_callers_own_policies_are_judged_apart() {
    let allow = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": LOGIN });
    let other = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": KONG });
    let deny = json!({ "Effect": "Deny", "Action": "sts:*", "Resource": "*" });
    let named = login_role(json!([lets_in(json!({ "AWS": KONG }))]));
    let of_account = login_role(json!([lets_in(json!({ "AWS": "111122223333" }))]));
    let cases = [
        (json!([allow]), Some(&of_account), None),
        (json!([allow]), None, None),
        (json!([other]), Some(&of_account), Some(Code::AWS206)),
        (json!([other]), None, Some(Code::AWS206)),
        // In one account, a trust policy that names the role itself is enough.
        (json!([other]), Some(&named), None),
        (json!([allow, deny]), Some(&named), Some(Code::AWS207)),
        (json!([deny]), Some(&named), Some(Code::AWS207)),
    ];
    for (statements, target, expected) in cases {
        let judged = may_assume(&kong_role(statements.clone()), target, &kong());
        assert_eq!(code(&judged), expected, "{statements}: {judged:?}");
    }
}

#[test]
fn a_boundary_that_was_not_seen_leaves_it_open_and_one_that_was_can_refuse() {
    let allow = json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": LOGIN }]);
    let mut own = kong_role(allow);
    own.boundary = Some("arn:aws:iam::111122223333:policy/Limit".to_owned());
    assert!(!matches!(may_assume(&own, None, &kong()), Side::Refuses(_)));
    let limit = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }],
    });
    if let Look::Seen { value, .. } = &mut own.policies {
        value.boundary = Some(limit);
    }
    assert_eq!(code(&may_assume(&own, None, &kong())), Some(Code::AWS208));
}

#[test]
fn policies_that_were_not_read_refuse_nothing() {
    let mut own = kong_role(json!([]));
    own.policies = Look::NotMade;
    assert!(matches!(
        may_assume(&own, None, &kong()),
        Side::Undecided(_)
    ));
    let mut own = kong_role(json!([]));
    if let Look::Seen { value, .. } = &mut own.policies {
        value
            .unread
            .push("arn:aws:iam::111122223333:policy/Hidden".to_owned());
    }
    assert!(matches!(
        may_assume(&own, None, &kong()),
        Side::Undecided(_)
    ));
}

#[test]
fn pods_hand_their_tags_on_which_both_sides_must_allow() {
    use crate::settings::Id;
    let settings = settings(&[(Id::Workload, "eks-pod-identity")]);
    let ask = Ask::of_kong(KONG, Some("AROAKONG"), LOGIN, &settings);
    let mut statement = lets_in(json!({ "AWS": KONG }));
    assert_eq!(
        code(&trust(&login_role(json!([statement])), &ask)),
        Some(Code::AWS222)
    );
    statement["Action"] = json!(["sts:AssumeRole", "sts:TagSession"]);
    let whole = login_role(json!([statement]));
    assert!(matches!(trust(&whole, &ask), Side::Allows(_)));
    let of_account = login_role(json!([{
        "Effect": "Allow", "Principal": { "AWS": "111122223333" },
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }]));
    let own =
        kong_role(json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": LOGIN }]));
    let judged = may_assume(&own, Some(&of_account), &ask);
    assert_eq!(code(&judged), Some(Code::AWS222), "{judged:?}");
}

#[test]
fn strangers_are_let_in_by_wildcards_and_accounts() {
    let cases = [
        (json!({ "AWS": "*" }), true, true),
        (json!("*"), true, true),
        (
            json!({ "AWS": "arn:aws:iam::111122223333:root" }),
            false,
            true,
        ),
        (json!({ "AWS": KONG }), false, false),
        (json!({ "Service": "ec2.amazonaws.com" }), false, false),
    ];
    for (principal, any, account) in cases {
        let role = login_role(json!([lets_in(principal.clone())]));
        let is_in = |which| matches!(stranger_may_have(&role, which), May::Yes(_));
        assert_eq!(is_in(Stranger::OfAnyAccount), any, "{principal}");
        assert_eq!(is_in(Stranger::OfTheAccount), account, "{principal}");
    }
    // A condition that only some meet is no open door.
    let mut narrowed = lets_in(json!({ "AWS": "*" }));
    narrowed["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
    let role = login_role(json!([narrowed]));
    assert!(!matches!(
        stranger_may_have(&role, Stranger::OfAnyAccount),
        May::Yes(_)
    ));
}

#[test]
fn a_service_may_have_the_role_that_names_it() {
    let role = login_role(json!([lets_in(json!({ "Service": "ec2.amazonaws.com" }))]));
    assert!(matches!(
        service_may_have(&role, "ec2.amazonaws.com"),
        May::Yes(_)
    ));
    assert_eq!(service_may_have(&role, "ecs-tasks.amazonaws.com"), May::No);
}
