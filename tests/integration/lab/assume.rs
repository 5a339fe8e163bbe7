//! Sessions of roles, and who does not get one.

use std::time::{Duration, SystemTime};

use vaultiam::lab::aws::{Control, Keys, Refusal};

use super::{ACCOUNT, ALL, Answer, Asked, LITTLE, Lab, OTHER_ACCOUNT, trust, trust_if};

const ROLE: &str = "arn:aws:iam::123456789012:role/Login";

/// Status and code, and the words behind "User: … on resource: …".
#[track_caller]
fn denied(lab: &Lab, keys: &Keys, answer: &Answer, action: &str) -> String {
    let (status, code, words) = answer.refusal();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{words}");
    let arn = lab.send(&Asked::who(keys)).fine().element("Arn");
    let start = format!("User: {arn} is not authorized to perform: {action} on resource: {ROLE}");
    let rest = words.strip_prefix(&start);
    rest.unwrap_or_else(|| panic!("{words}")).to_owned()
}

#[track_caller]
fn refused_for(lab: &Lab, keys: &Keys, more: &[(&str, &str)]) -> String {
    let answer = lab.assume_role(keys, &[&[("RoleArn", ROLE)], more].concat());
    denied(lab, keys, &answer, "sts:AssumeRole")
}

#[test]
fn the_short_form_is_all_that_is_told_of_a_trust_policy() {
    let lab = Lab::start();
    let keys = lab.user("kong", ALL);
    let kong = format!(r#""AWS":"arn:aws:iam::{ACCOUNT}:user/kong""#);
    assert_eq!(refused_for(&lab, &keys, &[]), "", "there is no such role");
    lab.role("Login", r#""Service":"ec2.amazonaws.com""#);
    assert_eq!(refused_for(&lab, &keys, &[]), "", "it trusts somebody else");
    let external = trust_if(&kong, r#"{"StringEquals":{"sts:ExternalId":"right"}}"#);
    lab.account.set_trust("Login", &external).unwrap();
    assert_eq!(refused_for(&lab, &keys, &[]), "", "no external id");
    assert_eq!(refused_for(&lab, &keys, &[("ExternalId", "wrong")]), "");
    lab.assume(&keys, &[("RoleArn", ROLE), ("ExternalId", "right")]);
    let elsewhere = lab.account.recreate_role("Login", "/team/").unwrap();
    assert_eq!(refused_for(&lab, &keys, &[]), "", "it has another path");
    lab.assume(&keys, &[("RoleArn", &elsewhere), ("ExternalId", "right")]);
}

#[test]
fn within_the_account_every_other_reason_is_told() {
    let lab = Lab::start();
    let account = &lab.account;
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let keys = lab.user("kong", LITTLE);
    let allows = " because no identity-based policy allows the sts:AssumeRole action";
    assert_eq!(refused_for(&lab, &keys, &[]), allows);
    account.set_user_policy("kong", ALL).unwrap();
    lab.assume(&keys, &[("RoleArn", ROLE)]);

    let deny = |more: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"sts:*",{more}}}]}}"#
        )
    };
    let everything = deny(r#""Resource":"*""#);
    account
        .put_control(Control::Service, "NoSts", &everything)
        .unwrap();
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in a service control policy");
    account.delete_control(Control::Service, "NoSts").unwrap();

    let by_everyone = deny(r#""Resource":"*","Principal":"*""#);
    account
        .put_control(Control::Resource, "NoSts", &by_everyone)
        .unwrap();
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in a resource control policy");
    account.delete_control(Control::Resource, "NoSts").unwrap();

    account.set_user_policy("kong", &everything).unwrap();
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in an identity-based policy");
    account.set_user_policy("kong", ALL).unwrap();

    let by_account = deny(&format!(r#""Principal":{{"AWS":"{ACCOUNT}"}}"#));
    account.set_trust("Login", &by_account).unwrap();
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in a resource-based policy");
}

#[test]
fn a_role_is_limited_by_its_boundary_and_its_session() {
    let lab = Lab::start();
    let account = &lab.account;
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    account.put_policy("Kong", "all", ALL).unwrap();
    lab.role("Login", &format!(r#""AWS":"{kong}""#));
    let session = lab.assume(&lab.keys, &[("RoleArn", &kong)]);
    lab.assume(&session, &[("RoleArn", ROLE)]);

    let narrow = lab.assume(&lab.keys, &[("RoleArn", &kong), ("Policy", LITTLE)]);
    let said = refused_for(&lab, &narrow, &[]);
    let expected = " because no session policy allows the sts:AssumeRole action";
    assert_eq!(said, expected);

    let boundary = account.create_policy("Boundary", LITTLE).unwrap();
    account.set_boundary("Kong", &boundary).unwrap();
    let said = refused_for(&lab, &session, &[]);
    let expected = " because no permissions boundary allows the sts:AssumeRole action";
    assert_eq!(said, expected);
}

#[test]
fn the_other_account_is_told_no_reason() {
    let lab = Lab::start();
    let other = lab.aws.administrator(OTHER_ACCOUNT);
    let keys = other.create_user("kong", LITTLE).unwrap();
    lab.role(
        "Login",
        &format!(r#""AWS":"arn:aws:iam::{OTHER_ACCOUNT}:user/kong""#),
    );
    assert_eq!(
        refused_for(&lab, &keys, &[]),
        "",
        "its own account allows nothing"
    );
    other.set_user_policy("kong", ALL).unwrap();
    lab.assume(&keys, &[("RoleArn", ROLE)]);
    // Across accounts the role's own policy alone is not enough, nor the user's.
    lab.account
        .set_trust("Login", &trust(&format!(r#""AWS":"{ACCOUNT}""#)))
        .unwrap();
    assert_eq!(refused_for(&lab, &keys, &[]), "");
}

#[test]
fn root_and_the_role_itself() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let root = lab.account.create_root_key();
    let arn = lab.send(&Asked::who(&root)).fine().element("Arn");
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:root"));
    let (status, code, words) = lab.assume_role(&root, &[("RoleArn", ROLE)]).refusal();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert_eq!(words, "Roles may not be assumed by root accounts.");
    let keys = lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
    let operator = trust(&format!(r#""AWS":"arn:aws:iam::{ACCOUNT}:user/operator""#));
    lab.account.set_trust("Login", &operator).unwrap();
    assert_eq!(
        refused_for(&lab, &keys, &[]),
        "",
        "it does not trust itself"
    );
}

#[test]
fn conditions_see_what_aws_knows_of_the_caller() {
    let lab = Lab::start();
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    lab.account.put_policy("Kong", "all", ALL).unwrap();
    let login = lab.role("Login", &format!(r#""AWS":"{kong}""#));
    let session = lab.assume(
        &lab.keys,
        &[("RoleArn", &kong), ("RoleSessionName", "i-0abc")],
    );
    let cases = [
        // Of a session it is the ARN of its role.
        (r#"{"ArnEquals":{"aws:PrincipalArn":"KONG"}}"#, true),
        (
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:sts::123456789012:assumed-role/Kong/i-0abc"}}"#,
            false,
        ),
        (r#"{"StringEquals":{"sts:RoleSessionName":"test"}}"#, true),
        (
            r#"{"StringEquals":{"sts:RoleSessionName":"i-0abc"}}"#,
            false,
        ),
        (r#"{"StringLike":{"aws:userid":"*:i-0abc"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, false),
        (
            r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#,
            true,
        ),
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, false),
        (
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
            true,
        ),
        (
            r#"{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
            false,
        ),
    ];
    for (condition, is_met) in cases {
        let condition = condition.replace("KONG", &kong);
        let document = trust_if(&format!(r#""AWS":"{kong}""#), &condition);
        lab.account.set_trust("Login", &document).unwrap();
        let answer = lab.assume_role(&session, &[("RoleArn", &login)]);
        assert_eq!(answer.status == 200, is_met, "{condition}: {}", answer.body);
    }
}

#[test]
fn a_session_is_what_was_asked_for() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let asked = [
        ("RoleArn", ROLE),
        ("RoleSessionName", "a+b=c,d.e@f-g_h"),
        ("DurationSeconds", "900"),
    ];
    let answer = lab.assume_role(&lab.keys, &asked).fine();
    let id = lab.account.role("Login").unwrap().unique_id;
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    assert_eq!(
        answer.element("AssumedRoleId"),
        format!("{id}:a+b=c,d.e@f-g_h")
    );
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/Login/a+b=c,d.e@f-g_h");
    assert_eq!(answer.element("Arn"), session);
    assert!(answer.element("AccessKeyId").starts_with("ASIA"));
    assert_eq!(answer.element("SecretAccessKey").len(), 40);
    assert!(!answer.body.contains("PackedPolicySize"));
    let ends = vaultiam::http::date::from_rfc3339(&answer.element("Expiration")).unwrap();
    let left = ends.duration_since(SystemTime::now()).unwrap();
    assert!((890..=900).contains(&left.as_secs()), "{left:?}");
    let who = lab.send(&Asked::who(&answer.keys())).fine();
    assert_eq!(who.element("Arn"), session);
    assert_eq!(who.element("UserId"), answer.element("AssumedRoleId"));
    let with_policy = [("RoleArn", ROLE), ("Policy", LITTLE)];
    let answer = lab.assume_role(&lab.keys, &with_policy).fine();
    assert!(answer.element("PackedPolicySize").parse::<u8>().unwrap() > 0);
}

#[test]
fn parameters_have_limits() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let long = "x".repeat(65);
    let cases: [(&[(&str, &str)], &str); 11] = [
        (
            &[("DurationSeconds", "899")],
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            &[("DurationSeconds", "43201")],
            "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        ),
        (
            &[("DurationSeconds", "3601")],
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            &[("RoleSessionName", "two words")],
            r"1 validation error detected: Value 'two words' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*",
        ),
        (
            &[("RoleSessionName", "a")],
            "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
        (
            &[("RoleSessionName", &long)],
            "Member must have length less than or equal to 64",
        ),
        (
            &[("ExternalId", "x")],
            "1 validation error detected: Value 'x' at 'externalId' failed",
        ),
        (
            &[("ExternalId", "a b")],
            r"Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
        ),
        (
            &[("RoleSessionName", "a b"), ("DurationSeconds", "1")],
            "2 validation errors detected: ",
        ),
        (
            &[("RoleArn", "Login")],
            "1 validation error detected: Value 'Login' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
        ),
        (
            &[("RoleArn", "arn:aws:iam:123456789012:role/Login")],
            "arn:aws:iam:123456789012:role/Login is invalid",
        ),
    ];
    for (parameters, expected) in cases {
        let mut all = parameters.to_vec();
        if !parameters.iter().any(|(name, _)| *name == "RoleArn") {
            all.push(("RoleArn", ROLE));
        }
        let (status, code, words) = lab.assume_role(&lab.keys, &all).refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationError"), "{words}");
        assert!(words.contains(expected), "{words}\n{expected}");
    }
    let (_, _, words) = lab.sts(&lab.keys, &[("Action", "AssumeRole")]).refusal();
    let expected = "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null";
    assert_eq!(words, expected);
    lab.account.set_max_session("Login", 43200).unwrap();
    let long = [("RoleArn", ROLE), ("DurationSeconds", "43200")];
    lab.assume(&lab.keys, &long);
    lab.account.put_policy("Login", "all", ALL).unwrap();
    let session = lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
    let (_, code, words) = lab.assume_role(&session, &long).refusal();
    assert_eq!(code, "ValidationError");
    let expected = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    assert_eq!(words, expected);
}

#[test]
fn session_policies_and_tags_have_limits_of_their_own() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let ask =
        |more: &[(&str, &str)]| lab.assume_role(&lab.keys, &[&[("RoleArn", ROLE)], more].concat());
    let (status, code, words) = ask(&[("Policy", "{")]).refusal();
    assert_eq!((status, code.as_str()), (400, "MalformedPolicyDocument"));
    assert_eq!(words, "This policy contains invalid Json");
    let value = "v".repeat(256);
    let mut tags = Vec::new();
    for number in 1..=9 {
        tags.push((format!("Tags.member.{number}.Key"), format!("k{number}")));
        tags.push((format!("Tags.member.{number}.Value"), value.clone()));
    }
    let tags: Vec<(&str, &str)> = tags
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let (status, code, words) = ask(&tags).refusal();
    assert_eq!((status, code.as_str()), (400, "PackedPolicyTooLarge"));
    let start = "Packed policy consumes ";
    let end = "% of allotted space, please use smaller policy.";
    let percent = words
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    assert!(percent.unwrap().parse::<u32>().unwrap() > 100, "{words}");
    ask(&tags[..4]).fine();
}

#[test]
fn tags_and_source_identity_need_their_own_permission_and_are_handed_on() {
    let lab = Lab::start();
    let account = &lab.account;
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    account.put_policy("Kong", "all", ALL).unwrap();
    let team = [
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "edge"),
        ("TransitiveTagKeys.member.1", "team"),
        ("SourceIdentity", "alice"),
        ("RoleArn", kong.as_str()),
    ];
    let session = lab.assume(&lab.keys, &team);
    let named = format!(r#""AWS":"{kong}""#);
    let tagged =
        r#"{"StringEquals":{"aws:PrincipalTag/team":"edge","aws:SourceIdentity":"alice"}}"#;
    lab.role("Login", &named);
    account
        .set_trust("Login", &trust_if(&named, tagged))
        .unwrap();
    let next = lab.assume(&session, &[("RoleArn", ROLE)]);
    // The next session has them too.
    let further = lab.role("Further", &named);
    let by_login = format!(r#""AWS":"{ROLE}""#);
    account
        .set_trust("Further", &trust_if(&by_login, tagged))
        .unwrap();
    account.put_policy("Login", "all", ALL).unwrap();
    lab.assume(&next, &[("RoleArn", &further)]);
    let only = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{{named}}},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}]}}"#
    );
    account.set_trust("Login", &only).unwrap();
    let answer = lab.assume_role(&session, &[("RoleArn", ROLE)]);
    assert_eq!(denied(&lab, &session, &answer, "sts:TagSession"), "");
}

#[test]
fn a_deleted_principal_stays_in_the_trust_by_its_id() {
    let lab = Lab::start();
    let account = &lab.account;
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    account.put_policy("Kong", "all", ALL).unwrap();
    lab.role("Login", &format!(r#""AWS":"{kong}""#));
    let session = lab.assume(&lab.keys, &[("RoleArn", &kong)]);
    lab.assume(&session, &[("RoleArn", ROLE)]);
    let named = || {
        let trust = account.role("Login").unwrap().trust;
        let principal = &trust["Statement"][0]["Principal"]["AWS"];
        principal.as_str().unwrap().to_owned()
    };
    assert_eq!(named(), kong);
    let old = account.role("Kong").unwrap().unique_id;
    account.recreate_role("Kong", "/").unwrap();
    assert_ne!(account.role("Kong").unwrap().unique_id, old);
    assert_eq!(named(), old);
    let session = lab.assume(&lab.keys, &[("RoleArn", &kong)]);
    assert_eq!(refused_for(&lab, &session, &[]), "");
    account
        .set_trust("Login", &trust(&format!(r#""AWS":"{kong}""#)))
        .unwrap();
    lab.assume(&session, &[("RoleArn", ROLE)]);
    account.delete_role("Kong").unwrap();
    assert!(named().starts_with("AROA"), "{}", named());
}

#[test]
fn what_is_new_is_not_known_everywhere_at_once() {
    let lab = Lab::start();
    lab.aws.set_settling(Duration::from_secs(30));
    lab.aws.clock().shift(-60);
    let kong = lab.role("Kong", r#""Service":"ec2.amazonaws.com""#);
    let document = trust(&format!(r#""AWS":"{kong}""#));
    let refused = lab.account.set_trust("Kong", &document).unwrap_err();
    let Refusal { code, message, .. } = refused;
    assert_eq!(code, "MalformedPolicyDocument");
    assert_eq!(
        message,
        format!(r#"Invalid principal in policy: "AWS":"{kong}""#)
    );
    lab.aws.clock().shift(0);
    lab.account.set_trust("Kong", &document).unwrap();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    assert_eq!(refused_for(&lab, &lab.keys, &[]), "", "it is new");
    lab.aws.set_settling(Duration::ZERO);
    lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
}

#[test]
fn thousands_of_sessions_take_no_more_room() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let mut counts = Vec::new();
    for _ in 0..1500 {
        lab.assume(&lab.keys, &[("RoleArn", ROLE), ("DurationSeconds", "900")]);
        counts.push(lab.aws.count_keys());
    }
    assert_eq!(
        counts.last(),
        Some(&1001),
        "the operator's, and the sessions'"
    );
    assert_eq!(counts.iter().max(), Some(&1001));
    lab.send(&Asked::who(&lab.keys)).fine();
}
