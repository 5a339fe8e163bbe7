//! Web identity: IRSA's and a CI job's token, exchanged at STS. The STS of the
//! tests evaluates the role's trust with the token's claims, and checks neither
//! its signature nor its age; AWS's refusals for those are played by the front.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Person, step};
use crate::servers::servers;

const ISSUER: &str = "token.actions.githubusercontent.com";

/// A token as GitHub's OIDC provider words it.
fn token(subject: &str, audience: &str) -> String {
    let claims = json!({
        "iss": format!("https://{ISSUER}"), "sub": subject, "aud": audience,
        "exp": 4_102_444_800_u64, "jti": "canary-claim",
    });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims = part(&claims.to_string());
    format!(
        "{header}.{claims}.{}",
        part("canary-signature-of-the-token")
    )
}

/// A job of the repository `acme/kong`, whose token the role trusts.
fn job(role: &str) -> (Person, String) {
    let person = Person::new();
    let provider = format!(
        "arn:aws:iam::{}:oidc-provider/{ISSUER}",
        person.article.account
    );
    person.aws(&[
        "iam",
        "create-open-id-connect-provider",
        "--url",
        &format!("https://{ISSUER}"),
        "--client-id-list",
        "sts.amazonaws.com",
        "--thumbprint-list",
        &"a".repeat(40),
    ]);
    person.trust(
        role,
        &json!([{
            "Effect": "Allow",
            "Principal": { "Federated": provider },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                format!("{ISSUER}:aud"): "sts.amazonaws.com",
                format!("{ISSUER}:sub"): "repo:acme/kong:ref:refs/heads/main",
            } },
        }]),
    );
    let token = token("repo:acme/kong:ref:refs/heads/main", "sts.amazonaws.com");
    let file = person.file("token", &token).display().to_string();
    (person.secret(&token).secret("canary"), file)
}

fn in_environment(person: Person, role: &str, file: &str) -> Person {
    person
        .env("AWS_ROLE_ARN", role)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", file)
}

#[test]
fn a_job_reads_with_its_token() {
    let (person, file) = job("KongRole");
    let role = person.article.kong_role_arn.clone();
    let person = in_environment(person, &role, &file);
    let facts = json!({ "provider": "web identity token" });
    let document = person.reads_the_secret(&facts, "web identity token, key ASIA");
    let step = step(&document, "credentials");
    assert_eq!(step["side"], "sts");
    assert_ne!(step["facts"]["expires_at"], Value::Null);
    // The same by a profile, as people have it.
    let person = person
        .without("AWS_ROLE_ARN")
        .without("AWS_WEB_IDENTITY_TOKEN_FILE")
        .env("AWS_PROFILE", "job")
        .config(&format!(
            "[profile job]\nrole_arn = {role}\nweb_identity_token_file = {file}\n"
        ));
    let facts = json!({ "provider": "profile", "profile_source": "web identity token" });
    person.reads_the_secret(&facts, "profile job (web identity token), key ASIA");
}

#[test]
fn a_token_for_vaults_own_role_needs_no_second_role() {
    let (person, file) = job("VaultRole");
    let role = person.article.login_role_arn.clone();
    let person = in_environment(person, &role, &file);
    let facts = json!({ "provider": "web identity token" });
    let document = person.reads_the_secret(&facts, "web identity token, key ASIA");
    assert_eq!(step(&document, "assume")["outcome"], "skipped");
}

/// What the finding says of the token.
fn claims(document: &Value) -> Vec<(&str, &str)> {
    let evidence = document["findings"][0]["evidence"].as_array().unwrap();
    let of_token = evidence.iter().filter(|fact| fact["source"] == "token");
    of_token
        .map(|fact| {
            (
                fact["fact"].as_str().unwrap(),
                fact["value"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_token_that_the_trust_does_not_name_is_shown_by_its_claims() {
    let (person, file) = job("KongRole");
    let role = person.article.kong_role_arn.clone();
    let person = in_environment(person, &role, &file);
    let refusal = ("credentials", "sts", 4, "AWS113");
    let cases = [
        ("repo:acme/kong:pull_request", "sts.amazonaws.com"),
        (
            "repo:acme/kong:ref:refs/heads/main",
            "https://github.com/acme",
        ),
    ];
    for (subject, audience) in cases {
        let other = token(subject, audience);
        person.file("token", &other);
        let document = person.is_refused(&[], refusal);
        assert_eq!(
            document["fault"]["operation"],
            "sts:AssumeRoleWithWebIdentity"
        );
        assert_eq!(document["fault"]["target"], role.as_str());
        assert_eq!(document["findings"][0]["confidence"], "likely");
        let expected = [
            ("issuer", "https://token.actions.githubusercontent.com"),
            ("subject", subject),
            ("audience", audience),
            ("expires", "2100-01-01T00:00:00Z"),
            ("file", &file),
        ];
        assert_eq!(claims(&document), expected);
    }
}

#[test]
fn what_aws_says_of_the_token_itself_is_certain() {
    let answers = [
        ("InvalidIdentityToken", "Incorrect token audience"),
        (
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com",
        ),
        (
            "ExpiredTokenException",
            "Token expired: current date/time 1 must be before the expiration date/time 0",
        ),
    ];
    for (code, message) in answers {
        let (person, file) = job("KongRole");
        let role = person.article.kong_role_arn.clone();
        let person = in_environment(person, &role, &file);
        let rule = json!({
            "match": { "action": "AssumeRoleWithWebIdentity", "role_arn": role },
            "do": { "error": { "status": 400, "code": code, "message": message } },
        });
        servers().control("POST", "rules", &rule);
        let refusal = ("credentials", "sts", 4, "AWS113");
        person.is_surely_refused(&[], refusal, &[message, "repo:acme/kong"]);
    }
}

#[test]
fn a_token_file_that_is_not_there_is_named() {
    let (person, file) = job("KongRole");
    std::fs::remove_file(&file).unwrap();
    let role = person.article.kong_role_arn.clone();
    let refusal = ("credentials", "local", 4, "AWS120");
    let words = [file.as_str(), "cannot be read"];
    let person = in_environment(person, &role, &file);
    person.is_surely_refused(&[], refusal, &words);
    let person = person
        .without("AWS_ROLE_ARN")
        .without("AWS_WEB_IDENTITY_TOKEN_FILE")
        .env("AWS_PROFILE", "job")
        .config(&format!(
            "[profile job]\nrole_arn = {role}\nweb_identity_token_file = {file}\n"
        ));
    person.is_surely_refused(&[], refusal, &words);
}

#[test]
fn an_sts_that_cannot_be_reached_is_told_as_that() {
    let (person, file) = job("KongRole");
    let role = person.article.kong_role_arn.clone();
    let person = in_environment(person, &role, &file).env("HTTPS_PROXY", "http://127.0.0.1:1");
    let document = person.is_refused(&[], ("credentials", "network", 8, "AWS215"));
    assert_eq!(
        document["fault"]["operation"],
        "sts:AssumeRoleWithWebIdentity"
    );
}
