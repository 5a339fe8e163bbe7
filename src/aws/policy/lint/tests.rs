mod arns;

use super::*;

/// `place what`, for a document with this statement.
fn problems_of(kind: Kind, statement: &str) -> Vec<String> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    lint(&text, kind)
        .iter()
        .map(|problem| format!("{} {}", problem.place, problem.what))
        .collect()
}

/// Each fragment beside what is wrong with it; empty when nothing is.
fn check_table(kind: Kind, statement: impl Fn(&str) -> String, cases: &[(&str, &str)]) {
    for (fragment, expected) in cases {
        let found = problems_of(kind, &statement(fragment)).join("\n");
        assert_eq!(&found, expected, "{kind:?}: {fragment}");
    }
}

const TRUST: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}"#;
const IDENTITY: &str =
    r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/A"}"#;
const PERMISSIONS: [Kind; 3] = [Kind::Identity, Kind::Managed, Kind::Session];

#[test]
fn right_documents_pass() {
    assert_eq!(problems_of(Kind::Trust, TRUST), Vec::<String>::new());
    for kind in PERMISSIONS {
        assert_eq!(problems_of(kind, IDENTITY), Vec::<String>::new());
    }
}

/// The article's sample: its errors come one after the other, as each hides
/// the next.
#[test]
fn the_sample_of_the_article_is_refused() {
    let commented = r#"{
      "Version": "2026-3-27", // today
      "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/KongRole"},
        "Action": "sts:AssumeRole"
      ]
    }"#;
    let first = |text: &str| lint(text, Kind::Trust).first().map(ToString::to_string);
    assert_eq!(
        first(commented).as_deref(),
        Some(
            "line 2, column 31 is a comment, and JSON has none; remove it; say it in the statement's Sid or beside the document"
        )
    );
    let unclosed = commented.replace(" // today", "");
    assert_eq!(
        first(&unclosed).as_deref(),
        Some(
            "line 7, column 7 is reached while the '{' of line 3, column 21 is still open; add the missing '}'"
        )
    );
    let closed = unclosed.replace("      ]\n", "      }]\n");
    assert_eq!(
        first(&closed).as_deref(),
        Some(
            "Version is \"2026-3-27\", and no version of the policy language; write \"2012-10-17\""
        )
    );
    assert_eq!(first(&closed.replace("2026-3-27", "2012-10-17")), None);
}

#[test]
fn the_version_of_a_managed_policy_is_the_current_one() {
    let old = format!(r#"{{"Version":"2008-10-17","Statement":{IDENTITY}}}"#);
    let none = format!(r#"{{"Statement":{IDENTITY}}}"#);
    for text in [&old, &none] {
        assert_eq!(lint(text, Kind::Managed).len(), 1, "{text}");
        assert_eq!(lint(text, Kind::Identity), []);
        assert_eq!(lint(text, Kind::Session), []);
    }
    let wrong = format!(r#"{{"Version":"2013-10-17","Statement":{IDENTITY}}}"#);
    for kind in PERMISSIONS {
        assert_eq!(lint(&wrong, kind).len(), 1);
    }
}

#[test]
fn each_kind_has_its_elements() {
    let no_place = "Statement[0].Principal has no place in";
    let with_principal =
        r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"a:b","Resource":"*"}"#;
    let names = ["an inline policy", "a managed policy", "a session policy"];
    for (kind, name) in PERMISSIONS.into_iter().zip(names) {
        let found = problems_of(kind, with_principal);
        assert_eq!(found, [format!("{no_place} {name}")]);
        let found = problems_of(kind, r#"{"Effect":"Allow","Action":"a:b"}"#);
        assert_eq!(found, ["Statement[0].Resource is missing"]);
        let not_principal = with_principal.replace("Principal", "NotPrincipal");
        let found = problems_of(kind, &not_principal);
        assert_eq!(
            found,
            [format!("Statement[0].NotPrincipal has no place in {name}")]
        );
    }
    check_table(
        Kind::Trust,
        |more| TRUST.replace("\"Action\"", &format!("{more}\"Action\"")),
        &[
            ("", ""),
            (r#""Sid":"A1","#, ""),
            (
                r#""Resource":"*","#,
                "Statement[0].Resource has no place in a trust policy",
            ),
            (
                r#""NotResource":"*","#,
                "Statement[0].NotResource has no place in a trust policy",
            ),
        ],
    );
    check_table(
        Kind::Trust,
        |principal| format!(r#"{{"Effect":"Deny",{principal}"Action":"sts:AssumeRole"}}"#),
        &[
            (
                "",
                "Statement[0].Principal is missing, and a trust policy says who is trusted",
            ),
            (
                r#""NotPrincipal":{"AWS":"*"},"#,
                "Statement[0].NotPrincipal has no place in a trust policy",
            ),
            (r#""Principal":{"AWS":"*"},"#, ""),
            (
                r#""Principal":"*","#,
                "Statement[0].Principal is \"*\" without a kind, which a trust policy cannot have",
            ),
        ],
    );
}

#[test]
fn sids_are_plain_and_unique() {
    let with = |sid: &str| IDENTITY.replacen('{', &format!("{{\"Sid\":{sid},"), 1);
    check_table(
        Kind::Identity,
        with,
        &[
            (r#""VaultiamAssume1""#, ""),
            (r#""""#, ""),
            (r#""Vault iam""#, "Statement[0].Sid is \"Vault iam\""),
            (r#""vault-iam""#, "Statement[0].Sid is \"vault-iam\""),
        ],
    );
    let two = |first, second| {
        let both = format!("{},{}", with(first), with(second));
        problems_of(Kind::Identity, &both)
    };
    assert!(two(r#""A""#, r#""a""#).is_empty());
    assert!(two(r#""""#, r#""""#).is_empty());
    assert_eq!(
        two(r#""A""#, r#""A""#),
        ["Statement[1].Sid is \"A\", as in an earlier statement"]
    );
}

#[test]
fn actions() {
    let wrong = |action: &str| format!("Statement[0].Action holds {action:?}, which is no action");
    for (action, is_right) in [
        ("*", true),
        ("sts:*", true),
        ("STS:assumerole", true),
        ("s3-s.x:Get*", true),
        ("iam: with spaces ", true),
        ("AssumeRole", false),
        ("", false),
        ("s3:", false),
        (":Get", false),
        ("s3:Get:Object", false),
        ("s*:Get", false),
        ("a a:Get", false),
    ] {
        let statement = IDENTITY.replace("sts:AssumeRole", action);
        let expected = if is_right {
            vec![]
        } else {
            vec![wrong(action)]
        };
        assert_eq!(
            problems_of(Kind::Identity, &statement),
            expected,
            "{action}"
        );
    }
    for (action, is_right) in [
        ("sts:AssumeRole", true),
        ("STS:TagSession", true),
        ("sts:*", true),
        ("*", false),
        ("s3:GetObject", false),
    ] {
        let statement = TRUST.replace("sts:AssumeRole", action);
        let found = problems_of(Kind::Trust, &statement);
        assert_eq!(found.is_empty(), is_right, "{action}: {found:?}");
    }
}

#[test]
fn conditions() {
    let point = |value: &str| {
        format!("Statement[0].Condition.DateLessThan.a:b is {value:?}, which is no point in time")
    };
    let with = |condition: &str| {
        TRUST.replace(
            "\"Action\"",
            &format!("\"Condition\":{condition},\"Action\""),
        )
    };
    check_table(
        Kind::Trust,
        with,
        &[
            ("{}", ""),
            (
                r#"{"StringEquals":{"sts:ExternalId":["a","b"]},"Bool":{"aws:MultiFactorAuthPresent":true}}"#,
                "",
            ),
            (
                r#"{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"a*"}}"#,
                "",
            ),
            (
                r#"{"StringEquals":{"aws:a":"1"},"StringLike":{"aws:a":"1"}}"#,
                "",
            ),
            (
                r#"{"StringEqual":{"a:b":"1"}}"#,
                r#"Statement[0].Condition has an unknown operator "StringEqual""#,
            ),
            (
                r#"{"NullIfExists":{"a:b":true}}"#,
                r#"Statement[0].Condition has an unknown operator "NullIfExists""#,
            ),
            (
                r#"{"StringEquals":{"aws:SourceIp":"1","aws:sourceip":"2"}}"#,
                r#"Statement[0].Condition.StringEquals has both "aws:SourceIp" and "aws:sourceip", which are the same to AWS"#,
            ),
            (
                r#"{"Bool":{"a:b":true},"bool":{"a:c":true}}"#,
                r#"Statement[0].Condition has both "Bool" and "bool", which are the same to AWS"#,
            ),
        ],
    );
    for (value, is_right) in [
        ("2026-01-31T12:00:00Z", true),
        ("2016-12-13T21:20:37.593194+00:00", true),
        ("2016-12-13T21:20:37-05:00", true),
        ("2016-12-13", true),
        ("01T", true),
        ("1700000000", true),
        ("-292275054", true),
        ("9223372036854775808", false),
        ("", false),
        ("tomorrow", false),
        ("234-13", false),
        ("2016-12-32", false),
        ("2016-12-13T24:00:00Z", false),
        ("2016-12-13t2:00:00.593194+23", true),
        ("2016-12-13t2:00:00.593194+1", false),
        ("2016-12-13t2:00:00.1999999999+10:59", false),
        ("2016-12-13T12:00:00ZZ", false),
    ] {
        let statement = with(&format!(r#"{{"DateLessThan":{{"a:b":"{value}"}}}}"#));
        let expected = if is_right { vec![] } else { vec![point(value)] };
        assert_eq!(problems_of(Kind::Trust, &statement), expected, "{value}");
    }
    let remedy = lint(
        &format!(
            r#"{{"Statement":{}}}"#,
            with(r#"{"StringEqual":{"a:b":"1"}}"#)
        ),
        Kind::Trust,
    );
    assert_eq!(
        remedy.first().map(|problem| problem.remedy.as_str()),
        Some("did you mean \"StringEquals\"?")
    );
}

#[test]
fn sizes_are_counted_as_aws_counts() {
    let of = |kind: Kind, size: usize| {
        let statement = if kind == Kind::Trust { TRUST } else { IDENTITY };
        let text = format!(r#"{{"Version":"2012-10-17","Id":"","Statement":[{statement}]}}"#);
        text.replace(
            r#""Id":"""#,
            &format!(r#""Id":"{}""#, "x".repeat(size - text.len())),
        )
    };
    for (kind, limit) in [
        (Kind::Trust, 2048),
        (Kind::Identity, 10_240),
        (Kind::Managed, 6144),
        (Kind::Session, 2048),
    ] {
        assert_eq!(lint(&of(kind, limit), kind), [], "{kind:?}");
        let found = lint(&of(kind, limit + 1), kind);
        assert_eq!(found.len(), 1, "{kind:?}");
        let spaced = of(kind, limit).replace(':', " :\n\t");
        let refusals = usize::from(kind == Kind::Session);
        let found = lint(&spaced, kind);
        assert_eq!(
            found
                .iter()
                .filter(|problem| problem.place == "document")
                .count(),
            refusals
        );
    }
}

#[test]
fn characters_that_no_policy_may_hold() {
    let with = |text: &str| TRUST.replacen('{', &format!("{{\n\t\"Sid\":\"{text}\","), 1);
    let found = problems_of(Kind::Trust, &with("ÿ"));
    assert_eq!(found, ["Statement[0].Sid is \"ÿ\""]);
    let found = problems_of(Kind::Trust, &with("€"));
    assert_eq!(
        found[0],
        "line 2, column 9 holds '€', which no policy may hold"
    );
}
