//! What real servers said, and what is read in it.

use super::*;

const PRINCIPAL: &str = "arn:aws:sts::123456789012:assumed-role/VaultRole/kong";

#[test]
fn refusals_are_read() {
    use LoginRefusal::*;
    let bound = format!(r#"IAM Principal "{PRINCIPAL}" does not belong to the role "kong""#);
    let cases = [
        (
            bound.as_str(),
            Some(NotBound {
                principal: PRINCIPAL.into(),
            }),
        ),
        ("entry for role kong not found", Some(NoRole)),
        ("auth method iam not allowed for role kong", Some(RoleIsEc2)),
        (
            "unable to get regional STS endpoint for region: mx-central-1",
            Some(UnknownRegion),
        ),
        (
            "invalid request header: X-Amz-Trace-Id",
            Some(HeaderNotAllowed {
                name: "X-Amz-Trace-Id".into(),
            }),
        ),
        (
            "invalid request query param: X-Amz-Expires",
            Some(HeaderNotAllowed {
                name: "X-Amz-Expires".into(),
            }),
        ),
        (
            r#"error parsing arn "arn:aws:iam::123456789012:root": unrecognized arn: "root" contains fewer than 2 slash-separated parts"#,
            Some(PrincipalKind {
                principal: Some("arn:aws:iam::123456789012:root".into()),
            }),
        ),
        (
            r#"failed to verify kong as a valid EC2 instance in region us-east-1: error fetching description for instance ID "kong": InvalidInstanceID.Malformed: Invalid id: "kong""#,
            Some(InstanceUnseen(super::InstanceUnseen {
                id: Some("kong".into()),
                region: Some("us-east-1".into()),
                said: r#"error fetching description for instance ID "kong": InvalidInstanceID.Malformed: Invalid id: "kong""#.into(),
            })),
        ),
        (
            "failed to verify i-0 as a valid EC2 instance in region eu-west-1",
            Some(InstanceUnseen(super::InstanceUnseen {
                id: Some("i-0".into()),
                region: Some("eu-west-1".into()),
                said: String::new(),
            })),
        ),
        (
            "failed to verify i-0 as a valid EC2 instance in region us-east-1: instance is not in 'running' state",
            Some(InstanceNotBound),
        ),
        (
            r#"error validating instance: instance ID "i-0" does not belong to the role "kong""#,
            Some(InstanceNotBound),
        ),
        (
            r#"error validating instance: IAM role ARN "arn:aws:iam::123456789012:role/VaultRole" does not satisfy the constraint role "kong""#,
            Some(InstanceNotBound),
        ),
        (
            "IAM instance profile in the instance description is nil",
            Some(InstanceNotBound),
        ),
        (
            "auth methods cannot create root tokens",
            Some(PolicyOfNoLogin {
                policy: Some("root".into()),
            }),
        ),
        (
            r#"cannot assign policy "response-wrapping""#,
            Some(PolicyOfNoLogin {
                policy: Some("response-wrapping".into()),
            }),
        ),
        (
            r#"error looking up full ARN of entity &{aws 123456789012 assumed-role  VaultRole kong} when attempting login for role "kong": error fetching role "VaultRole": Throttling: Rate exceeded"#,
            Some(LookUp {
                said: r#"error fetching role "VaultRole": Throttling: Rate exceeded"#.into(),
            }),
        ),
        ("something that nobody has seen", None),
        ("permission denied", None),
    ];
    for (words, expected) in cases {
        assert_eq!(read(words, "kong"), expected, "{words}");
    }
}

#[test]
fn an_unbound_principal_is_read_whatever_the_words() {
    let reworded =
        format!(r#"VNZ Cevapvcny "{PRINCIPAL}" qbrf abg orybat gb gur ebyr "Kong-Role""#);
    let is_unbound = |words: &str| {
        matches!(
            read(words, "kong-role"),
            Some(LoginRefusal::NotBound { .. })
        )
    };
    assert!(is_unbound(&reworded));
    // Another role is quoted, or none: then these are words about something else.
    assert!(!is_unbound(&reworded.replace("Kong-Role", "other")));
    assert!(!is_unbound(&format!(r#"reebe "{PRINCIPAL}""#)));
    let of_instance = r#"reebe "arn:aws:iam::123456789012:instance-profile/prof" "kong-role""#;
    assert!(!is_unbound(of_instance));
}

#[test]
fn problems_with_the_server_id_are_told_apart() {
    let cases = [
        (
            r#"missing header "X-Vault-AWS-IAM-Server-ID""#,
            ServerIdProblem::Missing,
        ),
        (
            r#"expected "vault.example.com" but got "other""#,
            ServerIdProblem::Other(Some("vault.example.com".into())),
        ),
        ("vault header wasn't signed", ServerIdProblem::NotSigned),
        ("missing Authorization header", ServerIdProblem::NoSignature),
    ];
    for (words, expected) in cases {
        let words = format!("error validating X-Vault-AWS-IAM-Server-ID header: {words}");
        assert_eq!(read(&words, ""), Some(LoginRefusal::ServerId(expected)));
    }
}

#[test]
fn trouble_between_vault_and_sts_is_told_apart() {
    let post = |tail: &str| {
        format!(
            "error making request: POST https://sts.amazonaws.com// giving up after 4 attempt(s){tail}"
        )
    };
    let dialled = |tail: &str| post(&format!(r#": Post "https://sts.amazonaws.com//": {tail}"#));
    let global = || Some("https://sts.amazonaws.com".to_owned());
    let unreachable = |reason: &str| StsTrouble::Unreachable {
        url: global(),
        reason: reason.into(),
    };
    let bare = |endpoint: &str| {
        format!(
            r#"error making request: POST {endpoint}// giving up after 4 attempt(s): Post "{endpoint}//": unsupported protocol scheme "x""#
        )
    };
    let no_scheme = |endpoint: &str| StsTrouble::NoScheme {
        endpoint: Some(endpoint.to_owned()),
    };
    let cases = [
        (
            "body of GetCallerIdentity is invalid".to_owned(),
            StsTrouble::NotSts,
        ),
        ("error parsing STS response".to_owned(), StsTrouble::NotSts),
        (
            "received error code 302 from STS: moved".to_owned(),
            StsTrouble::NotSts,
        ),
        (
            bare("sts.eu-west-1.amazonaws.com"),
            no_scheme("sts.eu-west-1.amazonaws.com"),
        ),
        (
            bare("htps://sts.amazonaws.com"),
            no_scheme("htps://sts.amazonaws.com"),
        ),
        // Before it was tried several times.
        (
            r#"error making request: Post sts.amazonaws.com//: unsupported protocol scheme """#
                .to_owned(),
            no_scheme("sts.amazonaws.com"),
        ),
        (
            dialled("dial tcp: lookup sts.amazonaws.com on 10.0.0.2:53: no such host"),
            unreachable("dial tcp: lookup sts.amazonaws.com on 10.0.0.2:53: no such host"),
        ),
        (dialled("EOF"), unreachable("EOF")),
        (post(": context canceled"), unreachable("context canceled")),
        (
            "error making request: Post https://sts.amazonaws.com//: net/http: TLS handshake timeout"
                .to_owned(),
            unreachable("net/http: TLS handshake timeout"),
        ),
        (post(""), StsTrouble::OnlyErrors { url: global() }),
        (
            "error making request: POST https://vpce-1.example:8443/sts// giving up after 4 attempt(s)"
                .to_owned(),
            StsTrouble::OnlyErrors {
                url: Some("https://vpce-1.example:8443/sts".to_owned()),
            },
        ),
        // Signed in its query, which logs in by itself.
        (
            "error making request: GET https://sts.amazonaws.com//?X-Amz-Signature=canary giving up after 4 attempt(s)"
                .to_owned(),
            StsTrouble::OnlyErrors { url: global() },
        ),
    ];
    for (words, expected) in cases {
        let words = format!("error making upstream request: {words}");
        let read = read(&words, "kong");
        assert_eq!(read, Some(LoginRefusal::StsUnusable(expected)), "{words}");
    }
    let answered = "error making upstream request: received error code 403 from STS: <ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>";
    assert_eq!(read(answered, "kong"), None);
    let header = dialled(r#"net/http: invalid header field name "a b""#);
    let words = format!("error making upstream request: {header}");
    assert_eq!(read(&words, "kong"), Some(LoginRefusal::Malformed));
}

#[test]
fn a_path_that_takes_no_logins_is_recognised() {
    for (words, expected) in [
        ("missing client token", Unrouted::TokenWanted),
        (
            r#"no handler for route "auth/aws/login". route entry not found."#,
            Unrouted::NothingMounted,
        ),
        (
            "1 error occurred:\n\t* unsupported path\n\n",
            Unrouted::NoLogin,
        ),
    ] {
        assert_eq!(
            read(words, "kong"),
            Some(LoginRefusal::Unrouted(expected)),
            "{words}"
        );
    }
}

#[test]
fn a_request_of_another_form_is_recognised() {
    let texts = [
        "didn't supply required authentication values",
        "supplied auth values for both ec2 and iam auth types",
        r#"Field validation failed: error converting input for field "iam_request_headers": unrecognized type"#,
        "missing iam_http_request_method",
        "failed to base64 decode iam_request_url",
        "invalid request",
        "iam request body is invalid",
        "no action found in request",
        "found multiple actions",
        "unexpected action parameter, AssumeRole",
        "region missing from Authorization header",
    ];
    for words in texts {
        assert_eq!(
            read(words, "kong"),
            Some(LoginRefusal::Malformed),
            "{words}"
        );
    }
}

#[test]
fn a_plugin_that_fell_over_is_recognised() {
    let words = "rpc error: code = Unavailable desc = error reading from server: EOF";
    assert!(is_crash(Some(500), words));
    assert!(!is_crash(Some(400), words));
    assert!(!is_crash(Some(500), "internal error"));
}
