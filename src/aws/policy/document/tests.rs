use serde_json::json;

use super::*;

#[test]
fn a_document_with_everything_is_read() {
    let text = r#"{
      "Version": "2012-10-17",
      "Id": "x",
      "Statement": [
        {
          "Sid": "One",
          "Effect": "Allow",
          "Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:role/A"],
                        "Service": "ec2.amazonaws.com",
                        "Federated": "accounts.google.com",
                        "CanonicalUser": "79a5"},
          "Action": "sts:AssumeRole",
          "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true},
                        "NumericLessThan": {"aws:MultiFactorAuthAge": [3600, "60"]}}
        },
        {"Effect": "Deny", "NotPrincipal": "*", "NotAction": ["sts:*"], "NotResource": "*"}
      ]
    }"#;
    let lists = PrincipalLists {
        aws: vec![
            "123456789012".into(),
            "arn:aws:iam::123456789012:role/A".into(),
        ],
        service: vec!["ec2.amazonaws.com".into()],
        federated: vec!["accounts.google.com".into()],
        canonical_user: vec!["79a5".into()],
    };
    let values = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let condition = |operator: &str, key: &str, list: &[&str]| {
        (
            operator.to_owned(),
            BTreeMap::from([(key.to_owned(), values(list))]),
        )
    };
    let expected = Document {
        version: Some(Version::Current),
        id: Some("x".into()),
        statements: vec![
            Statement {
                sid: Some("One".into()),
                effect: Effect::Allow,
                principal: Some(Scope::Only(Principals::Listed(lists))),
                action: Scope::Only(values(&["sts:AssumeRole"])),
                resource: None,
                condition: BTreeMap::from([
                    condition("Bool", "aws:MultiFactorAuthPresent", &["true"]),
                    condition("NumericLessThan", "aws:MultiFactorAuthAge", &["3600", "60"]),
                ]),
            },
            Statement {
                sid: None,
                effect: Effect::Deny,
                principal: Some(Scope::AllBut(Principals::Everyone)),
                action: Scope::AllBut(values(&["sts:*"])),
                resource: Some(Scope::AllBut(values(&["*"]))),
                condition: BTreeMap::new(),
            },
        ],
    };
    let read = Document::parse(text);
    assert_eq!(read, Ok(expected.clone()));
    assert_eq!(
        Document::from_value(&serde_json::from_str(text).expect("JSON")),
        read
    );
    assert_eq!(Document::parse(&expected.to_string()), Ok(expected));
}

#[test]
fn the_text_is_in_the_order_of_aws() {
    let text = concat!(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":"*"},"#,
        r#""Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}"#
    );
    assert_eq!(Document::parse(text).expect("a document").to_string(), text);
}

/// Each with the one problem that it has.
#[test]
fn what_is_no_document_is_refused_with_place_and_remedy() {
    let statement = |inside: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{inside}]}}"#);
    let base = r#""Effect":"Allow","Action":"a:b""#;
    let with = |more: &str| statement(&format!("{{{base},{more}}}"));
    let cases = [
        ("[]".to_owned(), r#"document is a list; write an object"#),
        (
            r#"{"Version":"2012-10-17"}"#.to_owned(),
            "Statement is missing; add it with at least one statement",
        ),
        (
            r#"{"Statement":[]}"#.to_owned(),
            "Statement is empty; name at least one, or drop the statement",
        ),
        (
            r#"{"Statement":"x"}"#.to_owned(),
            "Statement is a string; write a list of objects",
        ),
        (
            format!(r#"{{"Version":"2026-3-27","Statement":{{{base}}}}}"#),
            "Version is \"2026-3-27\", and no version of the policy language; write \"2012-10-17\"",
        ),
        (
            format!(r#"{{"Version":"2012-10-17","Version":"2012-10-17","Statement":{{{base}}}}}"#),
            "document has \"Version\" twice; keep one of them; a list takes several values",
        ),
        (
            format!(r#"{{"Id":{{}},"Statement":{{{base}}}}}"#),
            "Id is an object; write a string",
        ),
        (
            format!(r#"{{"statement":[],"Statement":{{{base}}}}}"#),
            "document has an unknown element \"statement\"; did you mean \"Statement\"?",
        ),
        (
            r#"{"Statement":{"Action":"a:b"}}"#.to_owned(),
            "Statement.Effect is missing; add \"Allow\" or \"Deny\"",
        ),
        (
            statement(&format!(r#"{{{base}}},"x""#)),
            "Statement[1] is a string; write an object",
        ),
        (
            statement(r#"{"Effect":"allow","Action":"a:b"}"#),
            "Statement[0].Effect is \"allow\"; write \"Allow\" or \"Deny\", with the capital",
        ),
        (
            statement(r#"{"Effect":"Allow"}"#),
            "Statement[0].Action is missing; add the actions that the statement is about",
        ),
        (
            statement(r#"{"Effect":"Allow","Action":[]}"#),
            "Statement[0].Action is empty; name at least one, or drop the statement",
        ),
        (
            statement(r#"{"Effect":"Allow","Action":["a:b",[]]}"#),
            "Statement[0].Action[1] is a list; write a string",
        ),
        (
            statement(r#"{"Effect":"Allow","Action":{}}"#),
            "Statement[0].Action is an object; write a string or a list of strings",
        ),
        (
            with(r#""NotAction":"c:d""#),
            "Statement[0] has both Action and NotAction; keep one of them; two statements can say both",
        ),
        (
            with(r#""Resource":"*","NotResource":"*""#),
            "Statement[0] has both Resource and NotResource; keep one of them; two statements can say both",
        ),
        (
            with(r#""Principals":{"AWS":"*"}"#),
            "Statement[0] has an unknown element \"Principals\"; did you mean \"Principal\"?",
        ),
        (
            with(r#""Zzz":1"#),
            "Statement[0] has an unknown element \"Zzz\"; known here: Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition",
        ),
        (
            with(r#""Sid":1"#),
            "Statement[0].Sid is a number; write a string",
        ),
        (
            with(r#""Resource":null"#),
            "Statement[0].Resource is null; write a string or a list of strings",
        ),
        (
            with(r#""Principal":"arn:aws:iam::123456789012:root""#),
            "Statement[0].Principal is \"arn:aws:iam::123456789012:root\" without a kind; say what it is: {\"AWS\": …}, {\"Service\": …} or {\"Federated\": …}",
        ),
        (
            with(r#""Principal":["*"]"#),
            "Statement[0].Principal is a list; write an object",
        ),
        (
            with(r#""Principal":{}"#),
            "Statement[0].Principal is empty; name at least one, or drop the statement",
        ),
        (
            with(r#""Principal":{"AWS":[]}"#),
            "Statement[0].Principal.AWS is empty; name at least one, or drop the statement",
        ),
        (
            with(r#""Principal":{"Aws":"*"}"#),
            "Statement[0].Principal has an unknown element \"Aws\"; did you mean \"AWS\"?",
        ),
        (
            with(r#""Condition":[]"#),
            "Statement[0].Condition is a list; write an object",
        ),
        (
            with(r#""Condition":{"Bool":"x"}"#),
            "Statement[0].Condition.Bool is a string; write an object",
        ),
        (
            with(r#""Condition":{"Bool":{"a:b":null}}"#),
            "Statement[0].Condition.Bool.a:b is null; write a string, number or Boolean",
        ),
        (
            with(r#""Condition":{"Bool":{"a:b":"1","a:b":"2"}}"#),
            "Statement[0].Condition.Bool has \"a:b\" twice; keep one of them; a list takes several values",
        ),
        (
            with(r#""Condition":{"NumericEquals":{"a:b":0.10}}"#),
            "Statement[0].Condition.NumericEquals.a:b holds a number whose digits do not survive reading; write it in quotes",
        ),
    ];
    for (text, expected) in cases {
        let problems = Document::parse(&text).map_err(|error| error.to_string());
        assert_eq!(problems, Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let malformed = Document::from_value(&json!({"Version": 1, "Statement": [{"Sid": []}, {}]}));
    let problems = malformed.map_err(|malformed| malformed.problems.len());
    assert_eq!(problems, Err(6));
}

#[test]
fn without_a_version_it_is_the_old_language() {
    let language = |text: &str| Document::parse(text).map(|document| document.language());
    let statement = r#""Statement":{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let cases = [
        (format!("{{{statement}}}"), Version::Old),
        (
            format!(r#"{{"Version":"2008-10-17",{statement}}}"#),
            Version::Old,
        ),
        (
            format!(r#"{{"Version":"2012-10-17",{statement}}}"#),
            Version::Current,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(language(&text), Ok(expected));
    }
}

/// The documents that the evaluator's cases are about.
#[test]
fn the_documents_of_the_assume_role_cases_are_read() {
    let trusts = [
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}),
        json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com", "AWS": "arn:aws:iam::123456789012:user/vault"}, "Action": "sts:AssumeRole"}),
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/src/s2"}, "Action": "sts:*",
               "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/src"}}}),
    ];
    for trust in trusts {
        let value = json!({"Version": "2012-10-17", "Statement": [trust]});
        assert_eq!(
            Document::from_value(&value).map(|document| document.to_value()),
            Ok(value)
        );
    }
}
