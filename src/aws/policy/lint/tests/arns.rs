//! What stands in `Resource` and `Principal`.

use super::*;

/// What is accepted here although it is odd was accepted by IAM.
#[test]
fn resources() {
    let cases = [
        ("*", ""),
        ("arn:aws:iam::123456789012:role/VaultRole", ""),
        ("arn:aws-cn:iam::123456789012:role/team/*", ""),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
        ("arn:aws:iam:::user/x", ""),
        ("arn:aws:iam::*:user/${aws:username}", ""),
        ("arn:aws:iam::123456789012:*", ""),
        ("arn:aws:iam:*:123456789012:role/A", ""),
        ("arn:aws:s3:::bucket/*", ""),
        ("arn:aws:s3:eu-central-1:123456789012:accesspoint/a", ""),
        ("arn:aws:s3", ""),
        ("arn:aws:ec2:region:account-id:instance/*", ""),
        ("arn:*:ec2:*:*:instance/*", ""),
        ("arn:aws:logs:eu-central-1:123456789012:log-group:a:*", ""),
        ("", "is no ARN"),
        ("VaultRole", "is no ARN"),
        ("aws:s3:::bucket", "is no ARN"),
        ("arn", "is no ARN"),
        ("arn:error:s3:::bucket", "names no partition of AWS"),
        (
            "arn:iam::123456789012:role/VaultRole",
            "names no partition of AWS",
        ),
        ("arn:aws", "names no service"),
        ("arn:aws::::bucket", "names no service"),
        ("arn:aws:s3::bucket", "has too few parts"),
        (
            "arn:aws:iam:us-east-1:123456789012:role/A",
            "names a region, and such an ARN has none",
        ),
        (
            "arn:aws:s3:us-east-1::bucket",
            "names a region, and such an ARN has none",
        ),
        ("arn:aws:iam::12345678901:role/A", "names no account"),
        (
            "arn:aws:iam::123456789012:VaultRole",
            "names nothing that IAM has",
        ),
        (
            "arn:aws:iam::123456789012:*/*",
            "names nothing that IAM has",
        ),
    ];
    for (resource, what) in cases {
        let statement = IDENTITY.replace("arn:aws:iam::123456789012:role/A", resource);
        let expected = match what {
            "" => Vec::new(),
            what => vec![format!(
                "Statement[0].Resource holds {resource:?}, which {what}"
            )],
        };
        assert_eq!(
            problems_of(Kind::Identity, &statement),
            expected,
            "{resource}"
        );
    }
}

#[test]
fn principals() {
    let cases = [
        ("AWS", "*", ""),
        ("AWS", "123456789012", ""),
        ("AWS", "arn:aws:iam::123456789012:root", ""),
        (
            "AWS",
            "arn:aws-us-gov:iam::123456789012:role/team/KongRole",
            "",
        ),
        ("AWS", "arn:aws:iam::123456789012:user/a.b@c", ""),
        (
            "AWS",
            "arn:aws:sts::123456789012:assumed-role/KongRole/i-0abc",
            "",
        ),
        ("AWS", "arn:aws:sts::123456789012:federated-user/bob", ""),
        (
            "AWS",
            "arn:aws:iam::123456789012:role/*",
            "has a wildcard in it",
        ),
        ("AWS", "arn:aws:iam::*:root", "has a wildcard in it"),
        (
            "AWS",
            "arn:aws:sts::123456789012:assumed-role/KongRole/*",
            "has a wildcard in it",
        ),
        ("AWS", "12345678901", "is no account"),
        (
            "AWS",
            "AROAEXAMPLEID12345678",
            "is the id of a principal that was deleted",
        ),
        ("AWS", "KongRole", "is no ARN of a principal"),
        ("AWS", "", "is no account"),
        (
            "AWS",
            "arn:aws:iam::12345678901:role/A",
            "is no ARN of a principal",
        ),
        (
            "AWS",
            "arn:aws:iam:eu-central-1:123456789012:role/A",
            "is no ARN of a principal",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:role/",
            "is no ARN of a principal",
        ),
        ("AWS", "arn:aws:s3:::bucket", "is no ARN of a principal"),
        (
            "AWS",
            "arn:amazon:iam::123456789012:root",
            "names no partition of AWS",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:role/a b",
            "has a name or a path that IAM does not allow",
        ),
        (
            "AWS",
            "arn:aws:sts::123456789012:assumed-role/A/b/c",
            "has a name or a path that IAM does not allow",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:instance-profile/A",
            "is an instance profile, and that is no principal",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:group/A",
            "is a group, and that is no principal",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:assumed-role/A/b",
            "is no ARN of a session",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:federated-user/bob",
            "is no principal",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:oidc-provider/x.y",
            "is an identity provider",
        ),
        (
            "AWS",
            "arn:aws:iam::123456789012:policy/A",
            "is no principal",
        ),
        ("Service", "ec2.amazonaws.com", ""),
        ("Service", "ecs-tasks.amazonaws.com", ""),
        ("Service", "pods.eks.amazonaws.com", ""),
        ("Service", "ec2.amazonaws.com.cn", ""),
        ("Service", "*", "has a wildcard in it"),
        ("Service", "ec2", "is no service"),
        ("Service", "ec2.amazonaws.org", "is no service"),
        ("Service", ".amazonaws.com", "is no service"),
        ("Federated", "accounts.google.com", ""),
        (
            "Federated",
            "arn:aws:iam::123456789012:saml-provider/Okta",
            "",
        ),
        (
            "Federated",
            "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A1",
            "",
        ),
        (
            "Federated",
            "arn:aws:iam::123456789012:oidc-provider/*",
            "has a wildcard in it",
        ),
        (
            "Federated",
            "arn:aws:iam::123456789012:oidc-provider/",
            "is no identity provider",
        ),
        (
            "Federated",
            "arn:aws:iam::123456789012:role/A",
            "is no identity provider",
        ),
        ("Federated", "google", "is no identity provider"),
        (
            "Federated",
            "cognito-identity.amazonaws.com",
            "needs a condition",
        ),
        ("CanonicalUser", "79a5", "is for S3's policies only"),
    ];
    for (kind, principal, what) in cases {
        let statement = TRUST.replace(
            r#""AWS":"123456789012""#,
            &format!(r#""{kind}":["{principal}"]"#),
        );
        let expected = match what {
            "" => Vec::new(),
            what => vec![format!(
                "Statement[0].Principal.{kind} holds {principal:?}, which {what}"
            )],
        };
        assert_eq!(
            problems_of(Kind::Trust, &statement),
            expected,
            "{principal}"
        );
    }
}

/// Without one it would trust the identity pools of everybody.
#[test]
fn cognito_is_trusted_under_a_condition() {
    let cognito = TRUST.replace(
        r#""AWS":"123456789012""#,
        r#""Federated":"cognito-identity.amazonaws.com""#,
    );
    assert_eq!(problems_of(Kind::Trust, &cognito).len(), 1);
    let condition =
        r#""Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"pool"}},"Action""#;
    let scoped = cognito.replace("\"Action\"", condition);
    assert_eq!(problems_of(Kind::Trust, &scoped), Vec::<String>::new());
}
