use serde_json::{Value, json};

use super::*;

fn document(value: &Value) -> Document {
    Document::from_value(value).expect("a document")
}

/// A trust policy, to be varied.
fn trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "VaultiamAssume",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::123456789012:role/KongRole", "arn:aws:iam::123456789012:root"]},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": {
                    "StringEquals": {"sts:ExternalId": ["a", "b"], "aws:PrincipalTag/Team": "5"},
                    "Bool": {"aws:MultiFactorAuthPresent": "true"}
                }
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "sts:AssumeRole",
                "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
            }
        ]
    })
}

fn identity() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": "arn:aws:iam::123456789012:role/VaultRole"
        }
    })
}

fn changed(mut value: Value, pointer: &str, to: Value) -> Value {
    *value.pointer_mut(pointer).expect("the element is there") = to;
    value
}

#[test]
fn a_difference_of_form_is_none_of_meaning() {
    let principals = "/Statement/0/Principal/AWS";
    let conditions = "/Statement/0/Condition";
    let mut swapped = trust();
    swapped["Statement"]
        .as_array_mut()
        .expect("the element is there")
        .reverse();
    let mut twice = trust();
    let copy = changed(twice["Statement"][0].clone(), "/Sid", json!("Other"));
    twice["Statement"]
        .as_array_mut()
        .expect("the element is there")
        .push(copy);
    let same = [
        swapped,
        twice,
        changed(trust(), "/Statement/0/Sid", json!("Else")),
        changed(
            trust(),
            principals,
            json!(["123456789012", "arn:aws:iam::123456789012:role/KongRole"]),
        ),
        changed(
            trust(),
            "/Statement/0/Action",
            json!(["STS:tagsession", "sts:assumerole", "sts:AssumeRole"]),
        ),
        changed(trust(), "/Statement/1/Principal/AWS", json!(["*"])),
        changed(
            trust(),
            conditions,
            json!({
                "bool": {"AWS:multifactorauthpresent": true},
                "stringEQUALS": {"aws:principaltag/team": [5, "5"], "STS:externalid": ["b", "a", "a"]}
            }),
        ),
    ];
    for other in same {
        assert!(
            same_meaning(&document(&trust()), &document(&other)),
            "{other}"
        );
    }
    let listed = changed(
        identity(),
        "/Statement/Resource",
        json!(["arn:aws:iam::123456789012:role/VaultRole"]),
    );
    assert!(same_meaning(&document(&identity()), &document(&listed)));
    let mut with_id = identity();
    with_id["Id"] = json!("x");
    with_id["Statement"] = json!([with_id["Statement"]]);
    with_id["Statement"][0]["Condition"] = json!({});
    assert!(same_meaning(&document(&identity()), &document(&with_id)));
}

#[test]
fn a_difference_of_meaning_is_seen() {
    let conditions = "/Statement/0/Condition";
    let different = [
        changed(trust(), "/Version", json!("2008-10-17")),
        changed(trust(), "/Statement/0/Effect", json!("Deny")),
        changed(
            trust(),
            "/Statement/0/Principal/AWS",
            json!("arn:aws:iam::123456789012:role/KongRole"),
        ),
        // Names of principals are case-sensitive.
        changed(
            trust(),
            "/Statement/0/Principal/AWS/0",
            json!("arn:aws:iam::123456789012:role/kongrole"),
        ),
        changed(
            trust(),
            "/Statement/0/Principal/AWS/1",
            json!("arn:aws-cn:iam::123456789012:root"),
        ),
        changed(
            trust(),
            "/Statement/0/Principal/AWS/1",
            json!("arn:aws:sts::123456789012:root"),
        ),
        changed(
            trust(),
            "/Statement/0/Principal",
            json!({"Service": ["arn:aws:iam::123456789012:role/KongRole", "123456789012"]}),
        ),
        changed(trust(), "/Statement/1/Principal", json!("*")),
        changed(trust(), "/Statement/0/Action", json!("sts:AssumeRole")),
        changed(trust(), "/Statement/0/Action", json!("sts:*")),
        changed(trust(), conditions, json!({})),
        changed(
            trust(),
            "/Statement/0/Condition/StringEquals/sts:ExternalId",
            json!(["a", "B"]),
        ),
        changed(
            trust(),
            "/Statement/0/Condition/StringEquals/sts:ExternalId",
            json!("a"),
        ),
        changed(
            trust(),
            "/Statement/0/Condition/Bool/aws:MultiFactorAuthPresent",
            json!(false),
        ),
        changed(
            trust(),
            conditions,
            json!({
                "StringEqualsIfExists": {"sts:ExternalId": ["a", "b"], "aws:PrincipalTag/Team": "5"},
                "Bool": {"aws:MultiFactorAuthPresent": "true"}
            }),
        ),
        json!({"Version": "2012-10-17", "Statement": trust()["Statement"][0]}),
    ];
    for other in different {
        assert!(
            !same_meaning(&document(&trust()), &document(&other)),
            "{other}"
        );
    }
}

#[test]
fn the_negative_elements_are_other_elements() {
    let mut not_action = identity();
    let statement = not_action["Statement"]
        .as_object_mut()
        .expect("the element is there");
    statement.remove("Action");
    statement.insert("NotAction".into(), json!("sts:AssumeRole"));
    let mut not_resource = identity();
    let statement = not_resource["Statement"]
        .as_object_mut()
        .expect("the element is there");
    let resource = statement.remove("Resource").expect("the element is there");
    statement.insert("NotResource".into(), resource);
    let mut no_version = identity();
    no_version
        .as_object_mut()
        .expect("the element is there")
        .remove("Version");
    for other in [&not_action, &not_resource, &no_version] {
        assert!(
            !same_meaning(&document(&identity()), &document(other)),
            "{other}"
        );
    }
    let old = changed(identity(), "/Version", json!("2008-10-17"));
    assert!(same_meaning(&document(&no_version), &document(&old)));
}

/// What one key written in two ways means is not told by AWS: such a document
/// is equal to itself and to nothing else.
#[test]
fn keys_that_fall_together_are_left_alone() {
    let of = |condition: Value| {
        let mut value = identity();
        value["Statement"]["Condition"] = condition;
        document(&value)
    };
    let doubled = of(json!({"StringEquals": {"aws:a": "1", "AWS:A": "2"}}));
    assert!(same_meaning(&doubled, &doubled));
    for other in [
        json!({"StringEquals": {"aws:a": "1"}}),
        json!({"StringEquals": {"aws:a": "2"}}),
        json!({"StringEquals": {"aws:a": ["1", "2"]}}),
    ] {
        assert!(!same_meaning(&doubled, &of(other)));
    }
    let operators = of(json!({"StringEquals": {"aws:a": "1"}, "stringequals": {"aws:b": "2"}}));
    assert!(same_meaning(&operators, &operators));
    for other in [
        json!({"StringEquals": {"aws:a": "1"}}),
        json!({"StringEquals": {"aws:a": "1", "aws:b": "2"}}),
    ] {
        assert!(!same_meaning(&operators, &of(other)));
    }
}
