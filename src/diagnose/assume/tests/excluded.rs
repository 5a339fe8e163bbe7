//! What the looks at both roles exclude.

use super::*;

/// What is excluded, by its numbers.
fn excluded(call: &Call, looks: &AwsLooks) -> String {
    let codes = EXCLUDABLE.into_iter();
    let codes = codes.filter(|code| why_not(*code, call, looks).is_some());
    let numbers = codes.map(|code| code.name().trim_start_matches("AWS").to_owned());
    numbers.collect::<Vec<_>>().join(" ")
}

/// Each cause is excluded by the look that shows it, and no longer where it holds or
/// where nobody looked.
#[test]
fn what_the_looks_exclude_is_named_and_nothing_else() {
    let base = || looks(trusting(KONG, json!({})), may_assume());
    let id = json!({ "StringEquals": { "sts:ExternalId": "a" } });
    let name = json!({ "StringEquals": { "sts:RoleSessionName": "kong" } });
    let address = json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let without_role = AwsLooks {
        login_role: Look::NotMade,
        ..base()
    };
    let absent = AwsLooks {
        login_role: seen(None),
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
    let without_caller = AwsLooks {
        caller_role: Look::NotMade,
        ..looks(root(), may_assume())
    };
    let simulated = AwsLooks {
        may_assume: seen(true),
        ..without_caller.clone()
    };
    let simulated_no = AwsLooks {
        may_assume: seen(false),
        ..without_caller.clone()
    };
    let of_boundary = |document: Value| {
        let mut looks = looks(root(), may_assume());
        if let Look::Seen {
            value: Some(role), ..
        } = &mut looks.caller_role
        {
            role.boundary = Some("arn:aws:iam::123456789012:policy/edge".to_owned());
            if let Look::Seen { value, .. } = &mut role.policies {
                value.boundary = Some(document);
            }
        }
        looks
    };
    let allows =
        |action: &str| document(json!([{ "Effect": "Allow", "Action": action, "Resource": "*" }]));
    let itself = Call {
        caller_arn: "arn:aws:sts::123456789012:assumed-role/VaultRole/i-1".to_owned(),
        unique_id: Some("AROAVAULT".to_owned()),
        ..call()
    };
    let cases = [
        (call(), base(), "201 221 202 203 204 205 206 208 211"),
        (call(), AwsLooks::default(), "211"),
        (itself, AwsLooks::default(), ""),
        (call(), without_role, "206 208 211"),
        (call(), absent, "206 208 211"),
        (call(), elsewhere, "201 202 203 204 205 206 208 211"),
        (
            call(),
            looks(
                trusting("arn:aws:iam::123456789012:role/Other", json!({})),
                may_assume(),
            ),
            "201 221 203 204 205 206 208 211",
        ),
        (
            call(),
            looks(trusting(KONG, id), may_assume()),
            "201 221 202 204 205 206 208 211",
        ),
        (
            call(),
            looks(trusting(KONG, name), may_assume()),
            "201 221 202 203 205 206 208 211",
        ),
        // Whether the condition is met only AWS sees.
        (
            call(),
            looks(trusting(KONG, address), may_assume()),
            "201 221 203 205 206 208 211",
        ),
        (
            call(),
            looks(trusting("AROADEADDEADDEAD1", json!({})), may_assume()),
            "201 221 203 204 206 208 211",
        ),
        (
            call(),
            looks(root(), elsewhere_only()),
            "201 221 202 203 204 205 208 211",
        ),
        (call(), without_caller, "201 221 202 203 204 205 211"),
        (call(), simulated, "201 221 202 203 204 205 206 211"),
        (call(), simulated_no, "201 221 202 203 204 205 211"),
        (
            call(),
            of_boundary(allows("s3:*")),
            "201 221 202 203 204 205 211",
        ),
        (
            call(),
            of_boundary(allows("sts:*")),
            "201 221 202 203 204 205 206 208 211",
        ),
    ];
    for (number, (call, looks, expected)) in cases.iter().enumerate() {
        assert_eq!(excluded(call, looks), *expected, "case {number}");
    }
}
