//! IAM's actions, their rules and their words.

use std::time::Duration;

use super::{ACCOUNT, ALL, Answer, LITTLE, Lab, trust, trust_if};

const KONG: &str = "arn:aws:iam::123456789012:role/Kong";

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, words: &str) {
    let expected = (status, code.to_owned(), words.to_owned());
    assert_eq!(answer.refusal(), expected);
}

/// An action on the role `Kong`.
fn on_kong(lab: &Lab, action: &str, more: &[(&str, &str)]) -> Answer {
    lab.on_role(action, "Kong", more)
}

fn ec2() -> String {
    trust(r#""Service":"ec2.amazonaws.com""#)
}

fn create_kong(lab: &Lab, trust: &str) -> Answer {
    on_kong(lab, "CreateRole", &[("AssumeRolePolicyDocument", trust)])
}

#[test]
fn a_role_is_made_shown_changed_and_deleted() {
    let lab = Lab::start();
    let made = on_kong(
        &lab,
        "CreateRole",
        &[
            ("AssumeRolePolicyDocument", &ec2()),
            ("Path", "/team/"),
            ("Description", "Kong & <sons>"),
            ("Tags.member.1.Key", "managed-by"),
            ("Tags.member.1.Value", "vaultiam"),
        ],
    )
    .fine();
    let shown = on_kong(&lab, "GetRole", &[]).fine();
    for name in ["RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"] {
        assert_eq!(made.element(name), shown.element(name), "{name}");
    }
    assert_eq!(
        shown.element("Arn"),
        "arn:aws:iam::123456789012:role/team/Kong"
    );
    assert_eq!(shown.element("Description"), "Kong & <sons>");
    assert_eq!(shown.element("MaxSessionDuration"), "3600");
    assert_eq!(shown.element("Key"), "managed-by");
    let document: serde_json::Value = serde_json::from_str(&ec2()).unwrap();
    assert_eq!(shown.document("AssumeRolePolicyDocument"), document);
    // Names are one in any case of their letters.
    let again = [
        ("Action", "CreateRole"),
        ("RoleName", "KONG"),
        ("AssumeRolePolicyDocument", &ec2()),
    ];
    assert_refused(
        &lab.iam(&lab.keys, &again),
        409,
        "EntityAlreadyExists",
        "Role with name KONG already exists.",
    );
    let policy = [("PolicyName", "p"), ("PolicyDocument", ALL)];
    on_kong(&lab, "PutRolePolicy", &policy).fine();
    let read = on_kong(&lab, "GetRolePolicy", &policy[..1]).fine();
    let all: serde_json::Value = serde_json::from_str(ALL).unwrap();
    assert_eq!(read.document("PolicyDocument"), all);
    let listed = on_kong(&lab, "ListRolePolicies", &[]).fine();
    assert_eq!(listed.element("PolicyNames"), "<member>p</member>");
    assert_eq!(listed.element("IsTruncated"), "false");
    let tag = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    on_kong(&lab, "TagRole", &tag).fine();
    let tags = on_kong(&lab, "GetRole", &[]).element("Tags");
    assert_eq!(tags.matches("<member>").count(), 2, "{tags}");
    let other = trust(&format!(r#""AWS":"{ACCOUNT}""#));
    on_kong(
        &lab,
        "UpdateAssumeRolePolicy",
        &[("PolicyDocument", &other)],
    )
    .fine();
    let shown = on_kong(&lab, "GetRole", &[]).document("AssumeRolePolicyDocument");
    // An account is kept as its root.
    let principal = &shown["Statement"][0]["Principal"]["AWS"];
    assert_eq!(principal, &format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_refused(
        &on_kong(&lab, "DeleteRole", &[]),
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
    );
    on_kong(&lab, "DeleteRolePolicy", &policy[..1]).fine();
    assert_refused(
        &on_kong(&lab, "DeleteRolePolicy", &policy[..1]),
        404,
        "NoSuchEntity",
        "The role policy with name p cannot be found.",
    );
    on_kong(&lab, "DeleteRole", &[]).fine();
    for action in ["GetRole", "DeleteRole", "ListRolePolicies", "TagRole"] {
        assert_refused(
            &on_kong(&lab, action, &[]),
            404,
            "NoSuchEntity",
            "The role with name Kong cannot be found.",
        );
    }
}

#[test]
fn documents_are_refused_as_iam_refuses_them() {
    let lab = Lab::start();
    let with = |statement: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let invalid = |kind: &str, principal: &str| {
        format!(r#"Invalid principal in policy: "{kind}":"{principal}""#)
    };
    let gone = "arn:aws:iam::123456789012:role/Gone";
    let cases = [
        // The document of the article.
        (
            ec2().replace("2012-10-17", "2026-3-27"),
            "Syntax errors in policy.".to_owned(),
        ),
        (
            "{ // a comment\n}".to_owned(),
            "This policy contains invalid Json".to_owned(),
        ),
        (trust(&format!(r#""AWS":"{gone}""#)), invalid("AWS", gone)),
        (
            trust(r#""AWS":"arn:aws:iam::999999999999:root""#),
            invalid("AWS", "arn:aws:iam::999999999999:root"),
        ),
        (
            trust(r#""AWS":"arn:aws-cn:iam::123456789012:root""#),
            invalid("AWS", "arn:aws-cn:iam::123456789012:root"),
        ),
        (
            trust(r#""AWS":"AROAAAAAAAAAAAAAAAAAA""#),
            invalid("AWS", "AROAAAAAAAAAAAAAAAAAA"),
        ),
        (
            trust(r#""Service":"ec3.amazonaws.com""#),
            invalid("SERVICE", "ec3.amazonaws.com"),
        ),
        (
            with(r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}"#),
            r#"AssumeRolepolicy contained an invalid principal: "STAR":"*"."#.to_owned(),
        ),
        (
            with(r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#),
            "Missing required field Principal".to_owned(),
        ),
        (
            with(
                r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"}"#,
            ),
            "Has prohibited field Resource".to_owned(),
        ),
        (
            with(r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject"}"#),
            "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
        ),
    ];
    for (document, words) in cases {
        let answer = create_kong(&lab, &document);
        assert_refused(&answer, 400, "MalformedPolicyDocument", &words);
        assert_eq!(on_kong(&lab, "GetRole", &[]).status, 404);
    }
    let padding = format!(r#"{{"StringEquals":{{"aws:x":"{}"}}}}"#, "x".repeat(2048));
    let large = trust_if(r#""AWS":"*""#, &padding);
    let words = "Cannot exceed quota for ACLSizePerRole: 2048";
    assert_refused(&create_kong(&lab, &large), 409, "LimitExceeded", words);
    create_kong(&lab, &ec2()).fine();
    let put = |name: &str, document: &str| {
        let policy = [("PolicyName", name), ("PolicyDocument", document)];
        on_kong(&lab, "PutRolePolicy", &policy)
    };
    let cases = [
        (
            with(r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#),
            "Policy statement must contain resources.",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Principal":"*"}"#),
            "Policy document should not specify a principal.",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"AssumeRole","Resource":"*"}"#),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            with(r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"VaultRole"}"#),
            "Syntax errors in policy.",
        ),
    ];
    for (document, words) in cases {
        assert_refused(&put("p", &document), 400, "MalformedPolicyDocument", words);
    }
    let large = ALL.replace("\"*\",\"R", &format!("\"sts:{}\",\"R", "x".repeat(10_240)));
    let words = "Maximum policy size of 10240 bytes exceeded";
    assert_refused(&put("p", &large), 409, "LimitExceeded", words);
    put("p", ALL).fine();
}

#[test]
fn a_new_principal_becomes_known_in_time() {
    let lab = Lab::start();
    lab.aws.set_settling(Duration::from_millis(1500));
    create_kong(&lab, &ec2()).fine();
    let document = trust(&format!(r#""AWS":"{KONG}""#));
    let asked = [
        ("Action", "CreateRole"),
        ("RoleName", "Login"),
        ("AssumeRolePolicyDocument", document.as_str()),
    ];
    let words = format!(r#"Invalid principal in policy: "AWS":"{KONG}""#);
    let answer = lab.iam(&lab.keys, &asked);
    assert_refused(&answer, 400, "MalformedPolicyDocument", &words);
    std::thread::sleep(Duration::from_millis(1600));
    lab.iam(&lab.keys, &asked).fine();
}

#[test]
fn an_instance_profile_holds_one_role() {
    let lab = Lab::start();
    create_kong(&lab, &ec2()).fine();
    lab.role("Other", r#""Service":"ec2.amazonaws.com""#);
    let ask = |action: &str, more: &[(&str, &str)]| lab.on_profile(action, more);
    let tag = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    ask("CreateInstanceProfile", &tag).fine();
    let words = "Instance Profile P already exists.";
    let again = ask("CreateInstanceProfile", &[]);
    assert_refused(&again, 409, "EntityAlreadyExists", words);
    ask("AddRoleToInstanceProfile", &[("RoleName", "Kong")]).fine();
    let words = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
    let second = ask("AddRoleToInstanceProfile", &[("RoleName", "Other")]);
    assert_refused(&second, 409, "LimitExceeded", words);
    let shown = ask("GetInstanceProfile", &[]).fine();
    assert_eq!(shown.element("RoleName"), "Kong");
    assert_eq!(shown.element("Key"), "k");
    let of_role = on_kong(&lab, "ListInstanceProfilesForRole", &[]).fine();
    assert_eq!(of_role.element("InstanceProfileName"), "P");
    assert_eq!(of_role.element("Key"), "", "a list has no tags");
    for (answer, words) in [
        (
            on_kong(&lab, "DeleteRole", &[]),
            "Cannot delete entity, must remove roles from instance profile first.",
        ),
        (
            ask("DeleteInstanceProfile", &[]),
            "Cannot delete entity, must remove roles from instance profile first.",
        ),
    ] {
        assert_refused(&answer, 409, "DeleteConflict", words);
    }
    ask("RemoveRoleFromInstanceProfile", &[("RoleName", "Kong")]).fine();
    ask("DeleteInstanceProfile", &[]).fine();
    let words = "Instance Profile P cannot be found.";
    assert_refused(&ask("GetInstanceProfile", &[]), 404, "NoSuchEntity", words);
    on_kong(&lab, "DeleteRole", &[]).fine();
}

#[test]
fn each_action_needs_its_permission() {
    let lab = Lab::start();
    create_kong(&lab, &ec2()).fine();
    let nobody = lab.user("nobody", LITTLE);
    let user = "arn:aws:iam::123456789012:user/nobody";
    type Parameters<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Parameters<'_>, String); 7] = [
        ("GetRole", &[("RoleName", "Kong")], "role Kong".to_owned()),
        ("GetRole", &[("RoleName", "Gone")], "role Gone".to_owned()),
        (
            "PutRolePolicy",
            &[("RoleName", "Kong")],
            "role Kong".to_owned(),
        ),
        (
            "CreateRole",
            &[("RoleName", "New"), ("AssumeRolePolicyDocument", "{}")],
            "arn:aws:iam::123456789012:role/New".to_owned(),
        ),
        (
            "CreateInstanceProfile",
            &[("InstanceProfileName", "P")],
            "arn:aws:iam::123456789012:instance-profile/P".to_owned(),
        ),
        (
            "GetInstanceProfile",
            &[("InstanceProfileName", "P")],
            "instance profile P".to_owned(),
        ),
        (
            "SimulatePrincipalPolicy",
            &[("PolicySourceArn", KONG)],
            KONG.to_owned(),
        ),
    ];
    for (action, parameters, shown) in cases {
        let own = [("Action", action)];
        let answer = lab.iam(&nobody, &[&own, parameters].concat());
        let words = format!(
            "User: {user} is not authorized to perform: iam:{action} on resource: {shown} because no identity-based policy allows the iam:{action} action"
        );
        assert_refused(&answer, 403, "AccessDenied", &words);
    }
}

#[test]
fn a_role_may_have_a_boundary() {
    let lab = Lab::start();
    let boundary = lab.aws.create_policy("Boundary", ALL).unwrap();
    let document = ec2();
    let bounded = [
        ("AssumeRolePolicyDocument", document.as_str()),
        ("PermissionsBoundary", boundary.as_str()),
    ];
    on_kong(&lab, "CreateRole", &bounded).fine();
    let shown = on_kong(&lab, "GetRole", &[]).fine();
    assert_eq!(shown.element("PermissionsBoundaryArn"), boundary);
    let read = |action: &str| {
        let asked = [("Action", action), ("PolicyArn", boundary.as_str())];
        lab.iam(&lab.keys, &asked).fine()
    };
    assert_eq!(read("GetPolicy").element("DefaultVersionId"), "v1");
    let all: serde_json::Value = serde_json::from_str(ALL).unwrap();
    assert_eq!(read("GetPolicyVersion").document("Document"), all);
    let put = |arn: &str| {
        let boundary = [("PermissionsBoundary", arn)];
        on_kong(&lab, "PutRolePermissionsBoundary", &boundary)
    };
    put(&boundary).fine();
    let gone = "arn:aws:iam::123456789012:policy/Gone";
    let words = format!("Scope ARN: {gone} does not exist or is not attachable.");
    assert_refused(&put(gone), 404, "NoSuchEntity", &words);
}

#[test]
fn the_simulator_tells_what_is_denied_and_what_it_was_not_told() {
    let lab = Lab::start();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["iam:GetRole","iam:TagRole","sts:AssumeRole"],"Resource":"*"},
        {"Effect":"Deny","Action":"iam:TagRole","Resource":"*"},
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}
    ]}"#;
    lab.user("some", policy);
    let source = format!("arn:aws:iam::{ACCOUNT}:user/some");
    let elsewhere = KONG.replace(ACCOUNT, "111122223333");
    for (action, resource, decision, missing) in [
        ("iam:GetRole", KONG, "allowed", ""),
        ("iam:TagRole", KONG, "explicitDeny", ""),
        ("iam:PassRole", KONG, "implicitDeny", "iam:passedtoservice"),
        ("iam:DeleteRole", KONG, "implicitDeny", ""),
        // Trust policies are left aside, and whose the role is.
        ("sts:AssumeRole", KONG, "allowed", ""),
        ("sts:AssumeRole", &elsewhere, "allowed", ""),
        ("sts:TagSession", KONG, "implicitDeny", ""),
    ] {
        let asked = [
            ("Action", "SimulatePrincipalPolicy"),
            ("PolicySourceArn", source.as_str()),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
        ];
        let answer = lab.iam(&lab.keys, &asked).fine();
        assert_eq!(answer.element("EvalActionName"), action);
        assert_eq!(answer.element("EvalDecision"), decision, "{action}");
        let told = answer.element("MissingContextValues").to_lowercase();
        assert!(
            told.contains(missing) && told.is_empty() == missing.is_empty(),
            "{told}"
        );
    }
}

#[test]
fn what_iam_does_not_know_is_named() {
    let lab = Lab::start();
    let answer = lab.iam(&lab.keys, &[("Action", "CreateCoffee")]);
    let words = "Could not find operation CreateCoffee for version 2010-05-08";
    assert_refused(&answer, 400, "InvalidAction", words);
    let answer = lab.iam(&lab.keys, &[("Action", "GetRole")]);
    let words = "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null";
    assert_refused(&answer, 400, "ValidationError", words);
}
