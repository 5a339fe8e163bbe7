//! Profiles: keys, roles with a source, and what is missing in them.

use serde_json::{Value, json};

use super::{Person, may_assume, remedy, step};
use crate::servers::servers;

/// Kong's role may also be assumed by the administrator.
fn trust_the_operator(person: &Person) {
    let operator = may_assume(&json!({ "AWS": person.operator_arn() }));
    person.trust("KongRole", &json!([operator]));
}

#[test]
fn keys_of_a_profile_and_its_region_are_used() {
    let person = Person::new().without("AWS_REGION");
    let (key, secret, token) = person.article.kong_keys();
    let person = person
        .secret(&secret)
        .secret(&token)
        .config("[profile kong]\nregion = eu-west-1\n")
        .credentials(&format!(
            "[kong]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        ));
    let facts = json!({
        "provider": "profile", "profile": "kong", "profile_source": "access keys",
        "assumed_roles": [], "expires_at": null,
    });
    let line = "profile kong (access keys), key ASIA";
    // A flag, a variable, and files that lie elsewhere.
    person.reads_the_secret_with(&["--profile", "kong"], &facts, line);
    let person = person.env("AWS_PROFILE", "kong");
    let document = person.reads_the_secret(&facts, line);
    let tried = &step(&document, "credentials")["facts"]["tried"];
    assert_eq!(tried[0]["provider"], "environment", "{tried}");
    assert_eq!(tried.as_array().unwrap().len(), 1, "{tried}");
    let region = &step(&document, "settings")["facts"]["origins"]["aws.region"];
    assert_eq!(
        region,
        &json!({ "value": "eu-west-1", "origin": "profile kong" })
    );
    assert_eq!(
        step(&document, "sign")["facts"]["host"],
        "sts.eu-west-1.amazonaws.com"
    );
    let home = person.home().join(".aws");
    std::fs::rename(&home, person.home().join("elsewhere")).unwrap();
    let place = |name: &str| format!("{}/elsewhere/{name}", person.home().display());
    let (config, credentials) = (place("config"), place("credentials"));
    let person = person
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_SHARED_CREDENTIALS_FILE", credentials);
    person.reads_the_secret(&facts, line);
}

#[test]
fn a_region_in_the_environment_goes_before_that_of_the_profile() {
    let person = Person::new();
    let lines = person.operators_lines();
    trust_the_operator(&person);
    let role = person.article.kong_role_arn.clone();
    let person = person.env("AWS_PROFILE", "kong").config(&format!(
        "[profile kong]\nregion = eu-west-1\nrole_arn = {role}\nsource_profile = me\n[profile me]\n{lines}"
    ));
    let document = person.reads_the_secret(&json!({ "profile": "kong" }), "profile kong");
    let region = &step(&document, "settings")["facts"]["origins"]["aws.region"];
    assert_eq!(
        region,
        &json!({ "value": "us-east-1", "origin": "AWS_REGION" })
    );
}

#[test]
fn a_role_is_assumed_with_the_keys_of_another_profile() {
    let person = Person::new();
    trust_the_operator(&person);
    let (role, lines) = (
        person.article.kong_role_arn.clone(),
        person.operators_lines(),
    );
    let person = person
        .env("AWS_PROFILE", "kong")
        .config(&format!(
            "[profile kong]\nrole_arn = {role}\nsource_profile = me\nrole_session_name = ada\n"
        ))
        .credentials(&format!("[me]\n{lines}"));
    let facts = json!({
        "provider": "profile", "profile": "kong", "profile_source": "access keys",
        "assumed_roles": [role],
    });
    let line = "profile kong (access keys, then role KongRole), key ASIA";
    let document = person.reads_the_secret(&facts, line);
    assert_ne!(
        step(&document, "credentials")["facts"]["expires_at"],
        Value::Null
    );
    let caller = step(&document, "caller")["facts"]["arn"].as_str().unwrap();
    assert!(caller.ends_with("assumed-role/KongRole/ada"), "{caller}");
}

#[test]
fn a_profile_that_leads_to_vaults_own_role_assumes_nothing_twice() {
    let person = Person::new();
    trust_the_operator(&person);
    let (kong, login) = (
        person.article.kong_role_arn.clone(),
        person.article.login_role_arn.clone(),
    );
    let lines = person.operators_lines();
    let person = person.env("AWS_PROFILE", "vault").config(&format!(
        "[profile vault]\nrole_arn = {login}\nsource_profile = kong\n\
         [profile kong]\nrole_arn = {kong}\nsource_profile = me\n[profile me]\n{lines}"
    ));
    let facts = json!({ "assumed_roles": [kong, login] });
    let line = "(access keys, then role KongRole, then role VaultRole)";
    let document = person.reads_the_secret(&facts, line);
    assert_eq!(step(&document, "assume")["outcome"], "skipped");
    // Where the second of the roles is refused, it is the one that is named.
    person.trust(
        "VaultRole",
        &json!([may_assume(&json!({ "Service": "ec2.amazonaws.com" }))]),
    );
    let document = person.is_refused(&[], ("credentials", "sts", 4, "AWS219"));
    assert_eq!(document["fault"]["operation"], "sts:AssumeRole");
    assert_eq!(document["fault"]["target"], login.as_str());
    assert_eq!(document["fault"]["code"], "AccessDenied");
    assert_ne!(document["fault"]["request_id"], Value::Null);
}

#[test]
fn a_source_can_be_the_environment_or_the_instance() {
    let person = Person::new();
    trust_the_operator(&person);
    let role = person.article.kong_role_arn.clone();
    let (key, secret) = person.article.operator.clone();
    let person = person
        .config(&format!(
            "[profile kong]\nrole_arn = {role}\ncredential_source = Environment\n"
        ))
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret);
    let facts = json!({ "profile_source": "environment", "assumed_roles": [role] });
    let line = "profile kong (environment, then role KongRole)";
    person.reads_the_secret_with(&["--profile", "kong"], &facts, line);
    let person = person
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY");
    let refusal = ("credentials", "local", 4, "AWS112");
    let words = ["credential_source", "AWS_ACCESS_KEY_ID"];
    person.is_surely_refused(&["--profile", "kong"], refusal, &words);

    let person = Person::new().without("AWS_EC2_METADATA_DISABLED");
    let role = person.article.login_role_arn.clone();
    let person = person.env("AWS_PROFILE", "kong").config(&format!(
        "[profile kong]\nrole_arn = {role}\ncredential_source = Ec2InstanceMetadata\n"
    ));
    let facts = json!({
        "provider": "profile", "profile_source": "instance metadata", "instance_role": "KongRole",
    });
    let line = "profile kong (instance metadata, then role VaultRole)";
    person.reads_the_secret(&facts, line);
    let path = format!("imds/{}", person.article.metadata_id);
    servers().control("PATCH", &path, &json!({ "mode": "no-profile" }));
    person.is_refused(&[], ("credentials", "metadata", 4, "AWS103"));
}

#[test]
fn a_profile_that_only_names_a_region_leaves_the_chain_to_go_on() {
    let person = Person::new()
        .without("AWS_EC2_METADATA_DISABLED")
        .env("AWS_PROFILE", "kong")
        .config("[profile kong]\nregion = us-east-1\n");
    let facts = json!({ "provider": "instance metadata", "instance_role": "KongRole" });
    person.reads_the_secret(&facts, "instance metadata: KongRole, key ASIA");
    // Whoever names it by a flag means this profile and no other source.
    let refusal = ("credentials", "local", 4, "AWS112");
    let words = ["profile 'kong' is there", "no line of it"];
    person.is_surely_refused(&["--profile", "kong"], refusal, &words);
}

#[test]
fn what_is_wrong_with_a_profile_is_named() {
    let role = "role_arn = arn:aws:iam::123456789012:role/KongRole";
    let cases = [
        (String::new(), "profile 'a' stands neither in"),
        (
            format!("[profile a]\n{role}\nsource_profile = b\n"),
            "profile 'a' has the source_profile 'b', which stands neither in",
        ),
        (
            format!(
                "[profile a]\n{role}\nsource_profile = b\n[profile b]\n{role}\nsource_profile = a\n"
            ),
            "lead in a circle: a → b → a",
        ),
        (
            format!("[profile a]\n{role}\n"),
            "neither source_profile nor credential_source",
        ),
        (
            "[profile a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n".into(),
            "missing: aws_secret_access_key",
        ),
        (
            "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n".into(),
            "no section [sso-session s]",
        ),
        (
            "[profile a]\nsso_region = us-east-1\n".into(),
            "missing: sso_account_id",
        ),
        ("[profile a]\nregion\n".into(), "line 2"),
    ];
    let mut person = Person::new().env("AWS_PROFILE", "a");
    let asked = |person: &Person| servers().aws_requests(&person.article.account).len();
    let before = asked(&person);
    for (config, words) in cases {
        person = person.config(&config);
        let refusal = ("credentials", "local", 4, "AWS112");
        person.is_surely_refused(&[], refusal, &[words]);
        person.is_surely_refused(&["--profile", "a"], refusal, &[words]);
    }
    assert_eq!(asked(&person), before);
    // The files that were read are those that are named.
    let document = person
        .config("")
        .is_refused(&[], ("credentials", "local", 4, "AWS112"));
    let message = document["fault"]["message"].as_str().unwrap();
    for file in [".aws/config", ".aws/credentials"] {
        assert!(message.contains(file), "{message}");
    }
    assert_eq!(remedy(&document), "aws configure list-profiles");
}

#[test]
fn a_role_that_wants_an_mfa_code_is_told_from_other_refusals() {
    let person = Person::new();
    let mut statement = may_assume(&json!({ "AWS": person.operator_arn() }));
    statement["Condition"] = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
    person.trust("KongRole", &json!([statement]));
    let device = format!("arn:aws:iam::{}:mfa/ada", person.article.account);
    let (role, lines) = (
        person.article.kong_role_arn.clone(),
        person.operators_lines(),
    );
    let person = person.env("AWS_PROFILE", "kong").config(&format!(
        "[profile kong]\nrole_arn = {role}\nsource_profile = me\nmfa_serial = {device}\n[profile me]\n{lines}"
    ));
    let document = person.is_refused(&[], ("credentials", "sts", 4, "AWS204"));
    let finding = &document["findings"][0];
    assert_eq!(finding["confidence"], "likely");
    assert!(finding["cause"].as_str().unwrap().contains("mfa_serial"));
    assert_eq!(finding["evidence"][0]["value"], device.as_str());
    assert!(
        remedy(&document).contains("aws configure export-credentials --profile kong --format env"),
        "{finding:#}"
    );
    // A role that does not insist gets no code and gives its session.
    trust_the_operator(&person);
    person.reads_the_secret(&json!({ "assumed_roles": [role] }), "role KongRole");
}
