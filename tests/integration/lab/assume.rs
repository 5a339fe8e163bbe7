//! Sessions of roles, and who does not get one.

use std::time::{Duration, SystemTime};

use vaultiam::lab::aws::Keys;

use super::{ACCOUNT, ALL, Asked, LITTLE, Lab, trust, trust_if};

const ROLE: &str = "arn:aws:iam::123456789012:role/Login";

/// The words of a denial behind "User: … on resource: …".
#[track_caller]
fn refused_for(lab: &Lab, keys: &Keys, more: &[(&str, &str)]) -> String {
    let answer = lab.assume_role(keys, &[&[("RoleArn", ROLE)], more].concat());
    let (status, code, words) = answer.refusal();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{words}");
    let arn = lab.send(&Asked::who(keys)).fine().element("Arn");
    let start =
        format!("User: {arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE}");
    let rest = words.strip_prefix(&start);
    rest.unwrap_or_else(|| panic!("{words}")).to_owned()
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
    lab.set_trust("Login", &external);
    assert_eq!(refused_for(&lab, &keys, &[]), "", "no external id");
    assert_eq!(refused_for(&lab, &keys, &[("ExternalId", "wrong")]), "");
    lab.assume(&keys, &[("RoleArn", ROLE), ("ExternalId", "right")]);
    lab.on_role("DeleteRole", "Login", &[]).fine();
    let path = [
        ("Path", "/team/"),
        ("AssumeRolePolicyDocument", external.as_str()),
    ];
    let made = lab.on_role("CreateRole", "Login", &path).fine();
    let elsewhere = made.element("Arn");
    assert_eq!(refused_for(&lab, &keys, &[]), "", "it has another path");
    lab.assume(&keys, &[("RoleArn", &elsewhere), ("ExternalId", "right")]);
}

#[test]
fn every_other_reason_is_told() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let little = lab.user("little", LITTLE);
    let allows = " because no identity-based policy allows the sts:AssumeRole action";
    assert_eq!(refused_for(&lab, &little, &[]), allows);
    let keys = lab.user("kong", ALL);
    lab.assume(&keys, &[("RoleArn", ROLE)]);

    let deny = |more: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"sts:*",{more}}}]}}"#
        )
    };
    let everything = deny(r#""Resource":"*""#);
    let denied = lab.user("denied", &everything);
    let said = refused_for(&lab, &denied, &[]);
    assert_eq!(said, " with an explicit deny in an identity-based policy");

    let by_account = deny(&format!(r#""Principal":{{"AWS":"{ACCOUNT}"}}"#));
    lab.set_trust("Login", &by_account);
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in a resource-based policy");

    lab.set_trust("Login", &trust(&format!(r#""AWS":"{ACCOUNT}""#)));
    lab.aws.set_service_control(&everything).unwrap();
    let said = refused_for(&lab, &keys, &[]);
    assert_eq!(said, " with an explicit deny in a service control policy");
}

#[test]
fn a_role_is_limited_by_its_boundary_and_its_session() {
    let lab = Lab::start();
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    lab.put_policy("Kong", ALL);
    lab.role("Login", &format!(r#""AWS":"{kong}""#));
    let session = lab.assume(&lab.keys, &[("RoleArn", &kong)]);
    lab.assume(&session, &[("RoleArn", ROLE)]);

    let narrow = lab.assume(&lab.keys, &[("RoleArn", &kong), ("Policy", LITTLE)]);
    let said = refused_for(&lab, &narrow, &[]);
    let expected = " because no session policy allows the sts:AssumeRole action";
    assert_eq!(said, expected);

    let boundary = lab.aws.create_policy("Boundary", LITTLE).unwrap();
    lab.aws.set_boundary("Kong", &boundary).unwrap();
    let said = refused_for(&lab, &session, &[]);
    let expected = " because no permissions boundary allows the sts:AssumeRole action";
    assert_eq!(said, expected);
}

#[test]
fn a_role_of_another_account_or_that_does_not_trust_itself_is_not_to_be_had() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let elsewhere = ROLE.replace(ACCOUNT, "111122223333");
    let answer = lab.assume_role(&lab.keys, &[("RoleArn", &elsewhere)]);
    assert_eq!(answer.refusal().1, "AccessDenied");
    let keys = lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
    let operator = format!(r#""AWS":"arn:aws:iam::{ACCOUNT}:user/operator""#);
    lab.set_trust("Login", &trust(&operator));
    assert_eq!(refused_for(&lab, &keys, &[]), "");
    lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
}

#[test]
fn conditions_see_what_aws_knows_of_the_caller() {
    let lab = Lab::start();
    let kong = lab.role("Kong", &format!(r#""AWS":"{ACCOUNT}""#));
    lab.put_policy("Kong", ALL);
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
        lab.set_trust("Login", &document);
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
    let id = lab.unique_id("Login");
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    assert_eq!(
        answer.element("AssumedRoleId"),
        format!("{id}:a+b=c,d.e@f-g_h")
    );
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/Login/a+b=c,d.e@f-g_h");
    assert_eq!(answer.element("Arn"), session);
    assert!(answer.element("AccessKeyId").starts_with("ASIA"));
    assert_eq!(answer.element("SecretAccessKey").len(), 40);
    let ends = vaultiam::http::date::from_rfc3339(&answer.element("Expiration")).unwrap();
    let left = ends.duration_since(SystemTime::now()).unwrap();
    assert!((890..=900).contains(&left.as_secs()), "{left:?}");
    let who = lab.send(&Asked::who(&answer.keys())).fine();
    assert_eq!(who.element("Arn"), session);
    assert_eq!(who.element("UserId"), answer.element("AssumedRoleId"));
    let policy = [("RoleArn", ROLE), ("Policy", "{")];
    let (status, code, words) = lab.assume_role(&lab.keys, &policy).refusal();
    assert_eq!((status, code.as_str()), (400, "MalformedPolicyDocument"));
    assert_eq!(words, "This policy contains invalid Json");
}

#[test]
fn parameters_have_limits() {
    let lab = Lab::start();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let long = "x".repeat(65);
    let cases: [(&[(&str, &str)], &str); 7] = [
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
    let expected = "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null";
    assert_eq!(words, expected);
}

#[test]
fn a_session_gets_an_hour_at_most() {
    let lab = Lab::start();
    let document = trust(&format!(r#""AWS":"{ACCOUNT}""#));
    let long = [
        ("AssumeRolePolicyDocument", document.as_str()),
        ("MaxSessionDuration", "43200"),
    ];
    lab.on_role("CreateRole", "Login", &long).fine();
    let long = [("RoleArn", ROLE), ("DurationSeconds", "43200")];
    lab.assume(&lab.keys, &long);
    lab.put_policy("Login", ALL);
    let session = lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
    let (_, code, words) = lab.assume_role(&session, &long).refusal();
    assert_eq!(code, "ValidationError");
    let expected = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    assert_eq!(words, expected);
}

#[test]
fn a_deleted_principal_stays_in_the_trust_by_its_id() {
    let lab = Lab::start();
    let everybody = format!(r#""AWS":"{ACCOUNT}""#);
    let kong = lab.role("Kong", &everybody);
    lab.role("Login", &format!(r#""AWS":"{kong}""#));
    let session = || lab.assume(&lab.keys, &[("RoleArn", &kong)]);
    lab.assume(&session(), &[("RoleArn", ROLE)]);
    let named = || {
        let role = lab.on_role("GetRole", "Login", &[]).fine();
        let trust = role.document("AssumeRolePolicyDocument");
        let principal = &trust["Statement"][0]["Principal"]["AWS"];
        principal.as_str().unwrap().to_owned()
    };
    assert_eq!(named(), kong);
    let old = lab.unique_id("Kong");
    lab.on_role("DeleteRole", "Kong", &[]).fine();
    assert_eq!(named(), old);
    lab.role("Kong", &everybody);
    assert_ne!(lab.unique_id("Kong"), old);
    assert_eq!(named(), old);
    let session = session();
    assert_eq!(refused_for(&lab, &session, &[]), "");
    lab.set_trust("Login", &trust(&format!(r#""AWS":"{kong}""#)));
    lab.assume(&session, &[("RoleArn", ROLE)]);
}

#[test]
fn what_is_new_is_not_known_everywhere_at_once() {
    let lab = Lab::start();
    lab.aws.set_settling(Duration::from_secs(30));
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    assert_eq!(refused_for(&lab, &lab.keys, &[]), "", "it is new");
    lab.aws.set_settling(Duration::ZERO);
    lab.assume(&lab.keys, &[("RoleArn", ROLE)]);
}
