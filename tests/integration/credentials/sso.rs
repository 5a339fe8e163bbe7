//! AWS SSO (IAM Identity Center): a login in the cache, one that has run out, and
//! what the portal refuses. No server that could be had here plays Identity
//! Center: its two hosts are a stand-in (tests/doubles/sso.py), which gives real
//! credentials of the IAM role behind the permission set. That `aws sso login`
//! writes the cache that is read here is not proved; the cache has its format.

use serde_json::{Value, json};

use super::{Person, may_assume, remedy, step};
use crate::servers::servers;

const START_URL: &str = "https://example.awsapps.com/start";
const EXPIRED: crate::refusals::Refusal = ("credentials", "local", 4, "AWS111");
const REFUSED: crate::refusals::Refusal = ("credentials", "sso", 4, "AWS111");

/// Somebody with the permission set `Operator`, whose IAM role Vault's role trusts.
fn ada() -> Person {
    let person = Person::new();
    let name = "AWSReservedSSO_Operator_0123456789abcdef";
    let path = "/aws-reserved/sso.amazonaws.com/";
    let provider = format!(
        "arn:aws:iam::{}:saml-provider/AWSSSO",
        person.article.account
    );
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
            "Principal": { "Federated": provider },
        },
        // The STS of the tests lets the stand-in act for a service, not for SAML.
        may_assume(&json!({ "Service": "sso.amazonaws.com" })),
    ] });
    let may = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": person.article.login_role_arn,
    }] });
    let (trust, may) = (trust.to_string(), may.to_string());
    person.aws(&[
        "iam",
        "create-role",
        "--role-name",
        name,
        "--path",
        path,
        "--assume-role-policy-document",
        &trust,
    ]);
    person.aws(&[
        "iam",
        "put-role-policy",
        "--role-name",
        name,
        "--policy-name",
        "vault",
        "--policy-document",
        &may,
    ]);
    let arn = format!("arn:aws:iam::{}:role{path}{name}", person.article.account);
    person.trust("VaultRole", &json!([may_assume(&json!({ "AWS": arn }))]));
    let config = format!(
        "[profile session]\nsso_session = acme\nsso_account_id = {account}\nsso_role_name = Operator\n\
         [sso-session acme]\nsso_region = us-east-1\nsso_start_url = {START_URL}\n\
         [profile legacy]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n\
         sso_account_id = {account}\nsso_role_name = Operator\n",
        account = person.article.account
    );
    person.config(&config)
}

/// Logs in as the browser would, and writes the cache with these changes; what
/// the cache holds that is secret is never to be shown.
fn log_in(mut person: Person, key: &str, lifetime: i64, changes: &Value) -> Person {
    let wanted = json!({
        "account": person.article.account, "permission_set": "Operator", "user": "ada",
        "lifetime": lifetime, "key": key,
    });
    let made = servers().control("POST", "sso", &wanted);
    let mut content = made["content"].clone();
    for (name, value) in changes.as_object().unwrap() {
        content[name] = value.clone();
    }
    for name in ["accessToken", "refreshToken", "clientSecret"] {
        if let Some(secret) = content[name].as_str() {
            person = person.secret(secret);
        }
    }
    let file = format!(".aws/sso/cache/{}", made["file"].as_str().unwrap());
    person.file(&file, &content.to_string());
    person
}

#[test]
fn a_login_in_the_cache_gives_the_roles_credentials() {
    let person = log_in(ada(), "acme", 3600, &json!({}));
    let person = log_in(person, START_URL, 3600, &json!({}));
    for profile in ["session", "legacy"] {
        let facts = json!({ "provider": "profile", "profile": profile, "profile_source": "SSO" });
        let line = format!("profile {profile} (SSO), key ASIA");
        let document = person.reads_the_secret_with(&["--profile", profile], &facts, &line);
        let caller = step(&document, "caller")["facts"]["arn"].as_str().unwrap();
        assert!(
            caller.ends_with("AWSReservedSSO_Operator_0123456789abcdef/ada"),
            "{caller}"
        );
        let step = step(&document, "credentials");
        assert_eq!(
            step["endpoint"],
            "https://portal.sso.us-east-1.amazonaws.com"
        );
        assert_ne!(step["facts"]["expires_at"], Value::Null);
    }
}

#[test]
fn a_login_that_has_run_out_is_renewed_where_the_cache_allows_it() {
    let person = log_in(ada(), "acme", -60, &json!({}));
    let facts = json!({ "profile_source": "SSO" });
    person.reads_the_secret_with(&["--profile", "session"], &facts, "(SSO), key ASIA");
    // The new token lies in the cache now.
    let cache = std::fs::read_dir(person.home().join(".aws/sso/cache")).unwrap();
    let file = cache.last().unwrap().unwrap().path();
    let content: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let renewed = content["accessToken"].as_str().unwrap();
    let shown = person.watched(&["login", "--explain", "-v", "--profile", "session"]);
    assert!(!shown.stderr.contains(renewed), "{}", shown.stderr);
}

#[test]
fn without_a_login_that_holds_the_person_is_sent_to_log_in() {
    let person = ada();
    let check = |person: &Person, profile: &str, refusal| {
        let flags = ["--profile", profile];
        let document = person.is_refused(&flags, refusal);
        let command = format!("aws sso login --profile {profile}");
        assert_eq!(remedy(&document), command);
        let cause = document["findings"][0]["cause"].as_str().unwrap();
        assert!(cause.contains("aws sso login"), "{cause}");
        document
    };
    // Nobody ever logged in.
    for profile in ["session", "legacy"] {
        let document = check(&person, profile, EXPIRED);
        assert_eq!(document["findings"][0]["confidence"], "certain");
    }
    // The login ran out, and nothing renews it.
    let person = log_in(person, "acme", -60, &json!({ "refreshToken": null }));
    check(&person, "session", EXPIRED);
    // What should renew it is refused.
    let person = log_in(
        person,
        "acme",
        -60,
        &json!({ "refreshToken": "spent-refresh-token" }),
    );
    check(&person, "session", REFUSED);
    // An old profile's cache says nothing of its age to the SDK: the portal does.
    let person = log_in(person, START_URL, -60, &json!({}));
    let document = check(&person, "legacy", REFUSED);
    assert_eq!(document["fault"]["status"], 401);
    // A cache that is no JSON is no login either.
    let cache = std::fs::read_dir(person.home().join(".aws/sso/cache")).unwrap();
    for file in cache {
        std::fs::write(file.unwrap().path(), "canary-cache").unwrap();
    }
    let person = person.secret("canary-cache");
    for profile in ["session", "legacy"] {
        check(&person, profile, EXPIRED);
    }
}

#[test]
fn a_role_that_was_not_assigned_is_told_from_a_login_that_ran_out() {
    let person = log_in(ada(), START_URL, 3600, &json!({}));
    let account = person.article.account.clone();
    let person = person.env("AWS_PROFILE", "other").config(&format!(
        "[profile other]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n\
         sso_account_id = {account}\nsso_role_name = Admin\n"
    ));
    let refusal = ("credentials", "sso", 4, "AWS121");
    person.is_surely_refused(&[], refusal, &["No access"]);
}

#[test]
fn a_portal_that_cannot_be_reached_or_is_ill_is_told_as_that() {
    let person = log_in(ada(), START_URL, 3600, &json!({})).env("AWS_PROFILE", "legacy");
    let person = person.env("HTTPS_PROXY", "http://127.0.0.1:1");
    let document = person.is_refused(&[], ("credentials", "network", 8, "AWS215"));
    assert_eq!(document["fault"]["operation"], "sso:GetRoleCredentials");
    let cause = document["findings"][0]["cause"].as_str().unwrap();
    assert!(cause.contains("Identity Center"), "{cause}");
}

#[test]
fn a_console_login_that_is_not_there_is_sent_to_log_in() {
    let person = Person::new()
        .env("AWS_PROFILE", "console")
        .config("[profile console]\nlogin_session = arn:aws:iam::123456789012:user/ada\n");
    let document = person.is_refused(&[], EXPIRED);
    assert_eq!(remedy(&document), "aws login --profile console");
}
