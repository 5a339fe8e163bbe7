//! AssumeRole that AWS denies: with the caller's own rights, and with an
//! administrator's profile, which makes the cause certain.

use serde_json::{Value, json};

use crate::refusals::add_rule;
use crate::servers::{Article, servers};
use crate::vaultiam::Vaultiam;

/// What a login says of its failure.
struct Verdict {
    codes: Vec<String>,
    confidence: String,
    alternatives: Vec<String>,
    commands: Vec<String>,
    document: Value,
}

impl Verdict {
    fn first(&self) -> (&str, &str) {
        let code = self.codes.first().map_or("", String::as_str);
        (code, &self.confidence)
    }
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn explained(run: &Vaultiam, words: &[&str]) -> Verdict {
    let ended = run.run(&[&["login", "--explain", "-o", "json", "--no-store"], words].concat());
    let document = ended.json();
    let findings = document["findings"].as_array().cloned().unwrap_or_default();
    let first = findings.first().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Verdict {
        codes: findings
            .iter()
            .map(|finding| text(&finding["code"]))
            .collect(),
        confidence: text(&first["confidence"]),
        alternatives: texts(&first["alternatives"]),
        commands: first["remedies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|remedy| remedy["command"].as_str().map(str::to_owned))
            .collect(),
        document,
    }
}

/// Kong's instance, where a profile of an administrator is there too.
fn with_profile(article: &Article) -> Vaultiam {
    let run = article.on_kongs_instance();
    let (key, secret) = &article.operator;
    let file = run.file(
        "profiles",
        &format!("[admin]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"),
    );
    run.env("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string())
}

fn as_admin(article: &Article) -> Verdict {
    explained(&with_profile(article), &["--admin-profile", "admin"])
}

fn aws(article: &Article, words: &[&str]) {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    article
        .as_operator()
        .paste(&format!("aws {}", quoted.join(" ")));
}

fn set_trust(article: &Article, statements: &Value) {
    let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let words = [
        "iam",
        "update-assume-role-policy",
        "--role-name",
        "VaultRole",
    ];
    aws(
        article,
        &[&words[..], &["--policy-document", &document]].concat(),
    );
}

fn set_rights(article: &Article, statements: &Value) {
    let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let words = [
        "iam",
        "put-role-policy",
        "--role-name",
        "KongRole",
        "--policy-name",
        "KongRole",
    ];
    aws(
        article,
        &[&words[..], &["--policy-document", &document]].concat(),
    );
}

fn comes_through(article: &Article) {
    let ended = article
        .on_kongs_instance()
        .run(&["login", "--no-store", "--explain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

fn trusts(principal: &str, condition: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "sts:AssumeRole",
    });
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    json!([statement])
}

#[test]
fn without_a_right_to_look_the_one_look_that_decides_is_named() {
    let article = servers().article();
    let other = format!("arn:aws:iam::{}:role/OtherRole", article.account);
    let trust = json!({ "Version": "2012-10-17", "Statement": trusts(&article.kong_role_arn, &Value::Null) });
    let make = ["iam", "create-role", "--role-name", "OtherRole"];
    let document = ["--assume-role-policy-document", &trust.to_string()];
    aws(&article, &[&make[..], &document].concat());
    set_trust(&article, &trusts(&other, &Value::Null));
    let own = explained(&article.on_kongs_instance(), &[]);
    assert_eq!(own.first(), ("AWS219", "likely"), "{:#}", own.document);
    assert!(own.alternatives.contains(&"AWS202".to_owned()));
    let look = &own.document["findings"][0]["not_seen"][0];
    assert_eq!(
        (&look["action"], &look["refused_by"]),
        (&json!("iam:GetRole"), &json!("iam")),
        "{:#}",
        own.document
    );
}

#[test]
fn the_trust_policy_tells_which_of_its_reasons_it_is_and_the_cure_works() {
    let article = servers().article();
    let kong = article.kong_role_arn.clone();
    let other = format!("arn:aws:iam::{}:role/OtherRole", article.account);
    let external = json!({ "StringEquals": { "sts:ExternalId": "other-id" } });
    let session = json!({ "StringEquals": { "sts:RoleSessionName": "kong" } });
    // The trust policy, what it is called, and the remedy that cures it.
    let cases = [
        (trusts(&other, &Value::Null), "AWS202", Some(0)),
        (
            trusts("AROAEXAMPLEDEADROLE01", &Value::Null),
            "AWS205",
            Some(0),
        ),
        (trusts(&kong, &external), "AWS203", Some(1)),
        (trusts(&kong, &session), "AWS204", None),
        (
            json!([
                trusts(&kong, &Value::Null)[0],
                { "Sid": "NoKong", "Effect": "Deny", "Principal": { "AWS": kong }, "Action": "sts:*" },
            ]),
            "AWS207",
            None,
        ),
    ];
    for (trust, code, cure) in cases {
        set_trust(&article, &trust);
        let seen = as_admin(&article);
        assert_eq!(
            seen.first(),
            (code, "certain"),
            "{trust}\n{:#}",
            seen.document
        );
        assert!(seen.alternatives.is_empty());
        if let Some(index) = cure {
            article.as_operator().paste(&seen.commands[index]);
            comes_through(&article);
        }
    }
}

#[test]
fn what_the_looks_exclude_is_told_and_no_alternative_any_more() {
    let article = servers().article();
    let ruled_out = |verdict: &Verdict| -> Vec<String> {
        let causes = verdict.document["findings"][0]["ruled_out"].as_array();
        let codes = causes.into_iter().flatten().map(|cause| &cause["code"]);
        codes
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect()
    };
    let external = json!({ "StringEquals": { "sts:ExternalId": "other-id" } });
    set_trust(&article, &trusts(&article.kong_role_arn, &external));
    // Without rights only who calls is known.
    let own = explained(&article.on_kongs_instance(), &[]);
    assert_eq!(ruled_out(&own), ["AWS211"], "{:#}", own.document);
    let seen = as_admin(&article);
    assert_eq!(seen.first(), ("AWS203", "certain"));
    assert_eq!(
        ruled_out(&seen),
        [
            "AWS201", "AWS221", "AWS202", "AWS204", "AWS205", "AWS206", "AWS208", "AWS211"
        ],
        "{:#}",
        seen.document
    );
    // A person reads the same.
    let words = [
        "login",
        "--explain",
        "--no-store",
        "--admin-profile",
        "admin",
    ];
    let ended = with_profile(&article).run(&words);
    let told =
        "it is not:\n  AWS201 the role does not exist in this account: IAM has a role VaultRole\n";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    // AWS refuses although both sides allow it: what was seen is no alternative.
    set_trust(&article, &trusts(&article.kong_role_arn, &Value::Null));
    add_rule(
        &article,
        "AssumeRole",
        &json!({ "answer": "access_denied" }),
    );
    let allowed = as_admin(&article);
    let excluded = ruled_out(&allowed);
    assert!(
        excluded.contains(&"AWS206".to_owned()),
        "{:#}",
        allowed.document
    );
    for code in excluded {
        assert!(
            !allowed.alternatives.contains(&code),
            "{:#}",
            allowed.document
        );
    }
}

#[test]
fn a_role_that_is_not_there_or_lies_elsewhere_is_told() {
    let article = servers().article();
    let absent = explained(
        &with_profile(&article),
        &["--admin-profile", "admin", "--login-role", "NoSuchRole"],
    );
    // The caller has no right on it either, which is what AWS says.
    assert_eq!(absent.codes, ["AWS201", "AWS206"], "{:#}", absent.document);
    assert_eq!(absent.confidence, "certain");
    set_rights(
        &article,
        &json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" }]),
    );
    let allowed = explained(
        &with_profile(&article),
        &["--admin-profile", "admin", "--login-role", "NoSuchRole"],
    );
    assert_eq!(allowed.codes, ["AWS201"], "{:#}", allowed.document);
    // The STS of the tests does not compare the path, as AWS does.
    add_rule(
        &article,
        "AssumeRole",
        &json!({ "answer": "access_denied" }),
    );
    let elsewhere = explained(
        &with_profile(&article),
        &["--admin-profile", "admin", "--login-role", "team/VaultRole"],
    );
    assert_eq!(
        elsewhere.first(),
        ("AWS221", "certain"),
        "{:#}",
        elsewhere.document
    );
    assert!(elsewhere.commands[0].contains(&article.login_role_arn));
}

#[test]
fn what_was_seen_allows_it_and_aws_refuses() {
    let article = servers().article();
    add_rule(
        &article,
        "AssumeRole",
        &json!({ "answer": "access_denied" }),
    );
    // The role was made a moment ago.
    let young = as_admin(&article);
    assert_eq!(young.first(), ("AWS216", "likely"), "{:#}", young.document);
    assert!(young.alternatives.contains(&"AWS209".to_owned()));
    let own = explained(&article.on_kongs_instance(), &[]);
    assert_eq!(own.first(), ("AWS219", "likely"), "{:#}", own.document);
}

#[test]
fn keys_that_are_good_in_another_region_only() {
    let article = servers().article();
    let matching = json!({
        "account": article.account, "host": "sts.eu-south-2.amazonaws.com",
    });
    let rule = json!({ "match": matching, "do": { "answer": "invalid_token" } });
    servers().control("POST", "rules", &rule);
    let run = article.on_kongs_instance().env("AWS_REGION", "eu-south-2");
    let seen = explained(&run, &[]);
    assert_eq!(seen.first(), ("AWS218", "certain"), "{:#}", seen.document);
    let home =
        json!({ "match": { "account": article.account }, "do": { "answer": "invalid_token" } });
    servers().control("POST", "rules", &home);
    let unknown = explained(&run, &[]);
    assert_eq!(
        unknown.first(),
        ("AWS106", "likely"),
        "{:#}",
        unknown.document
    );
    assert_eq!(unknown.alternatives, ["SIG411"]);
}

#[test]
fn the_callers_own_policies_are_looked_at_too() {
    let article = servers().article();
    let root = format!("arn:aws:iam::{}:root", article.account);
    // The trust policy leaves it to the caller's own policies.
    set_trust(&article, &trusts(&root, &Value::Null));
    set_rights(
        &article,
        &json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]),
    );
    let seen = as_admin(&article);
    assert_eq!(seen.first(), ("AWS206", "certain"), "{:#}", seen.document);
    let by_hand = seen.commands.iter().find(|line| line.starts_with("aws "));
    article.as_operator().paste(by_hand.unwrap());
    comes_through(&article);
    set_rights(
        &article,
        &json!([
            { "Effect": "Allow", "Action": "sts:*", "Resource": "*" },
            { "Sid": "Never", "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": article.login_role_arn },
        ]),
    );
    let denied = as_admin(&article);
    assert_eq!(
        denied.first(),
        ("AWS207", "certain"),
        "{:#}",
        denied.document
    );
    let text = denied.document["findings"][0]["cause"].to_string();
    assert!(text.contains("Never"), "{text}");
}

#[test]
fn a_boundary_that_lacks_the_action_is_told_with_its_name() {
    let article = servers().article();
    let boundary = format!("arn:aws:iam::{}:policy/edge", article.account);
    let document = |action: &str| {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let create = [
        "iam",
        "create-policy",
        "--policy-name",
        "edge",
        "--policy-document",
    ];
    aws(&article, &[&create[..], &[&document("s3:*")]].concat());
    let bound = [
        "iam",
        "put-role-permissions-boundary",
        "--role-name",
        "KongRole",
    ];
    let bound = [&bound[..], &["--permissions-boundary", &boundary]].concat();
    aws(&article, &bound);
    // The STS of the tests refuses too, and blames another policy: with its reason made
    // unreadable the documents decide, and then AWS's own words.
    for said in [
        json!({ "reword": true }),
        json!({ "answer": "denied_by_boundary" }),
    ] {
        let matching = json!({ "account": article.account, "action": "AssumeRole" });
        let rule = json!({ "match": matching, "do": said });
        let rule = servers().control("POST", "rules", &rule);
        let seen = as_admin(&article);
        assert_eq!(seen.first(), ("AWS208", "certain"), "{:#}", seen.document);
        assert!(seen.document["findings"][0].to_string().contains(&boundary));
        let rule = format!("rules/{}", rule["id"].as_str().unwrap());
        servers().control("DELETE", &rule, &Value::Null);
    }
    let refused = article.on_kongs_instance().run(&["login", "--no-store"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    // With the action in it the call comes through.
    let version = [
        "iam",
        "create-policy-version",
        "--set-as-default",
        "--policy-arn",
        &boundary,
    ];
    let wide = document("sts:*");
    aws(
        &article,
        &[&version[..], &["--policy-document", &wide]].concat(),
    );
    comes_through(&article);
}

#[test]
fn another_identity_than_the_one_that_is_trusted() {
    let article = servers().article();
    let run = with_profile(&article)
        .env("AWS_ACCESS_KEY_ID", &article.operator.0)
        .env("AWS_SECRET_ACCESS_KEY", &article.operator.1);
    let words = ["--admin-profile", "admin", "--kong-role", "KongRole"];
    let seen = explained(&run, &words);
    assert_eq!(seen.first(), ("AWS114", "certain"), "{:#}", seen.document);
    assert_eq!(
        seen.commands,
        ["unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"]
    );
    let unset = run.without("AWS_ACCESS_KEY_ID");
    let unset = unset.without("AWS_SECRET_ACCESS_KEY");
    let unset = unset.without("AWS_EC2_METADATA_DISABLED");
    assert_eq!(unset.run(&["login", "--no-store"]).code, 0);
    // Nobody said who was meant.
    let run = with_profile(&article)
        .env("AWS_ACCESS_KEY_ID", &article.operator.0)
        .env("AWS_SECRET_ACCESS_KEY", &article.operator.1);
    let unnamed = explained(&run, &words[..2]);
    assert_eq!(
        unnamed.first(),
        ("AWS114", "likely"),
        "{:#}",
        unnamed.document
    );
    assert_eq!(unnamed.alternatives, ["AWS202"]);
    assert!(unnamed.commands[1].contains("update-assume-role-policy"));
}
