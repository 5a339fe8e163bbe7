//! What is rendered leads to the secret: after `setup`, another program does with
//! the values of the file what Kong does with them.

use std::collections::BTreeMap;
use std::process::Command;

use ::vaultiam::kong::Format;
use serde_json::{Value, json};

use super::environment::{read_by_shell, without_start};
use super::readers::{
    as_kong_conf, fed, fields_of_file, read_by_deck, read_by_kong, read_by_yaml_1_1,
};
use crate::servers::{Nothing, Software, servers};
use crate::setup::{
    create_profile, create_role, document, ec2_may_assume, may_get_role, put_role_policy,
    put_secret, set_up, set_vaults_role, with_settings,
};
use crate::vaultiam::Vaultiam;

type Fields = BTreeMap<String, String>;

/// What Kong would have of a file, read by those who read it for Kong.
fn fields_of_text(text: &str, format: Format, prefix: &str) -> Fields {
    match format {
        Format::Deck => {
            let fields = fields_of_file(&read_by_yaml_1_1(text), prefix);
            assert_eq!(fields_of_file(&read_by_deck(text), prefix), fields);
            fields
        }
        Format::KongConf => read_by_kong(text),
        Format::Env => read_by_kong(&as_kong_conf(&without_start(read_by_shell(text)))),
    }
}

/// The document of a run of `kong render` in the operator's surroundings.
fn render(nothing: &Nothing, settings: &str, format: Format, secret: &str) -> Value {
    let run = with_settings(nothing.as_operator(), settings);
    let words = ["kong", "render", "-o", "json", "--account-id"];
    let more = [&nothing.account, "--format", format.name(), secret];
    let ended = run.run(&[&words[..], &more].concat());
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    ended.json()
}

/// What a program that does as Kong does ends with, on Kong's instance.
fn as_kong(
    nothing: &Nothing,
    fields: &Fields,
    host: &str,
    reference: &str,
) -> Result<String, String> {
    let asked = json!({ "fields": fields, "host": host, "reference": reference, "ca_file": null });
    as_kong_at(&nothing.account, nothing.metadata_endpoint(), &asked)
}

fn as_kong_at(account: &str, metadata_endpoint: &str, asked: &Value) -> Result<String, String> {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/integration/kong/as_kong.py"
    );
    let home = tempfile::tempdir().unwrap();
    let mut python = Command::new(servers().get("VAULTIAM_PYTHON"));
    python
        .arg(script)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata_endpoint)
        .envs(servers().ways_to_aws(account));
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        python.env(name, servers().get(name));
    }
    let output = fed(&mut python, &asked.to_string());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Every format leads to the secret.
fn assert_kong_finds(nothing: &Nothing, settings: &str, secret: &str, value: &str) {
    for format in Format::ALL {
        let document = render(nothing, settings, format, secret);
        let host = match format {
            Format::Deck => "my-vault",
            Format::KongConf | Format::Env => "hcv",
        };
        let text = document["text"].as_str().unwrap();
        let fields = fields_of_text(text, format, host);
        let reference = document["references"][0]["reference"].as_str().unwrap();
        let found = as_kong(nothing, &fields, host, reference);
        assert_eq!(found.as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn the_command_that_setup_offers_leads_to_the_secret() {
    let nothing = servers().nothing();
    let words = [
        "setup",
        "--yes",
        "--kv-mount",
        "secrets",
        "--policy",
        "edge",
    ];
    let ended = nothing.as_operator().run(&words);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let start = "next, for Kong's configuration: vaultiam ";
    let offered = ended
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix(start));
    let offered = offered.unwrap_or_else(|| panic!("{}", ended.stderr));
    assert_eq!(
        offered,
        format!(
            "kong render --format deck --account-id {} --kv-mount secrets",
            nothing.account
        )
    );
    put_secret(&nothing, "secrets/kong/db-password", "s3cret of Kong");
    let offered: Vec<&str> = offered.split(' ').collect();
    let rendered = nothing.as_operator().run(&offered);
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let fields = fields_of_text(&rendered.stdout, Format::Deck, "my-vault");
    let role = nothing.role_arn("VaultRole");
    assert_eq!(fields["aws_assume_role_arn"], role);
    let reference = "{vault://my-vault/kong/db-password/value}";
    assert!(rendered.stderr.contains(reference), "{}", rendered.stderr);
    assert!(rendered.stdout.contains(reference), "{}", rendered.stdout);
    let found = as_kong(&nothing, &fields, "my-vault", reference);
    assert_eq!(found.as_deref(), Ok("s3cret of Kong"));

    // Each value is one that matters.
    for (name, other) in [
        ("aws_auth_role", "other-role"),
        ("mount", "kv"),
        ("kv", "v1"),
        ("aws_assume_role_arn", &*nothing.role_arn("KongRole")),
        ("aws_auth_region", "eu-west-1x"),
    ] {
        let mut changed = fields.clone();
        changed.insert(name.to_owned(), other.to_owned());
        let refused = as_kong(&nothing, &changed, "my-vault", reference);
        assert!(refused.is_err(), "{name}: {refused:?}");
    }
    let mut own = fields.clone();
    own.retain(|name, _| !name.starts_with("aws_assume") && !name.starts_with("aws_role"));
    let refused = as_kong(&nothing, &own, "my-vault", reference).unwrap_err();
    assert!(refused.contains("does not belong to the role"), "{refused}");
}

#[test]
fn kongs_own_identity_another_mount_and_version_one_lead_to_the_secret() {
    let nothing = servers().nothing();
    let trust = document(&[ec2_may_assume("Theirs")]);
    create_role(&nothing, "VaultRole", &trust, &[]);
    let may = may_get_role(&nothing.role_arn("KongRole"));
    put_role_policy(&nothing, "VaultRole", "theirs", &may);
    create_profile(&nothing, "VaultRole", "VaultRole");
    let settings = "topology: direct\nvault: { auth_mount: team/aws, auth_role: Edge }\nkv: { mount: team/secrets, version: 1 }\n";
    set_up(&nothing, settings);
    put_secret(&nothing, "team/secrets/kong/a/b", "d");
    assert_kong_finds(&nothing, settings, "team/secrets/kong/a/b#value", "d");
}

#[test]
fn a_login_role_of_its_own_leads_to_the_secret_however_vault_asks_sts() {
    let nothing = servers().nothing();
    set_vaults_role(&nothing, "VaultServerRole");
    for (sts, region, endpoint) in [
        (
            "{ sts: regional, sts_region: eu-west-1 }",
            "eu-west-1",
            None,
        ),
        (
            "{ sts: global }",
            "us-east-1",
            Some("https://sts.amazonaws.com"),
        ),
        ("{ sts: client }", "us-east-1", None),
    ] {
        let settings = format!(
            "topology: separate\naws: {{ login_role: edge-login }}\nvault: {sts}\nkong: {{ session_name: edge-kong }}\n"
        );
        set_up(&nothing, &settings);
        put_secret(&nothing, "kv/kong/edge", "s");
        let document = render(&nothing, &settings, Format::Deck, "kv/kong/edge#value");
        let fields = fields_of_text(document["text"].as_str().unwrap(), Format::Deck, "my-vault");
        assert_eq!(fields["aws_auth_region"], region);
        assert_eq!(
            fields.get("aws_sts_endpoint_url").map(String::as_str),
            endpoint
        );
        assert_eq!(fields["aws_role_session_name"], "edge-kong");
        assert_kong_finds(&nothing, &settings, "kv/kong/edge#value", "s");
    }
}

/// On OpenBao, because a Vault that has namespaces wants a licence.
#[test]
fn one_namespace_and_the_way_below_it_lead_to_the_secret() {
    let nothing = servers().nothing_on(Software::OpenBao);
    nothing.vault(&["namespace", "create", "team"]);
    nothing.vault(&["namespace", "create", "-namespace=team", "apps"]);
    for (namespace, kv_namespace, mount) in [
        ("team", "team", "kv"),
        ("team", "team/apps", "apps/kv"),
        ("root", "team", "team/kv"),
    ] {
        let settings = format!(
            "vault: {{ auth_type: openbao-plugin-auth-aws, namespace: {namespace} }}\nkv: {{ namespace: {kv_namespace} }}\n"
        );
        set_up(&nothing, &settings);
        let within = format!("-namespace={kv_namespace}");
        nothing.vault(&["kv", "put", &within, "kv/kong/a", "value=n"]);
        let document = render(&nothing, &settings, Format::Deck, "kv/kong/a#value");
        let fields = fields_of_text(document["text"].as_str().unwrap(), Format::Deck, "my-vault");
        assert_eq!(fields["mount"], mount);
        let sent = fields.get("namespace").map(String::as_str);
        assert_eq!(sent, (namespace != "root").then_some(namespace));
        assert_kong_finds(&nothing, &settings, "kv/kong/a#value", "n");
    }
}

#[test]
fn the_authority_that_the_comment_names_is_the_one_that_kong_needs() {
    let article = servers().article();
    let run = article
        .on_kongs_instance()
        .env("VAULT_ADDR", servers().get("VAULTIAM_VAULT_TLS"))
        .env("VAULT_CACERT", servers().get("VAULTIAM_VAULT_CA"));
    let secret = format!("{}#value", article.secret_path);
    let words = ["kong", "render", "-q", "--account-id", &article.account];
    let more = ["--kv-mount", &article.kv_mount, "--kv-version", "2"];
    let path = secret
        .strip_prefix(&format!("{}/", article.kv_mount))
        .unwrap();
    let ended = run.run(&[&words[..], &more, &[path]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let line = |start: &str| {
        let found = ended
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix(start));
        found.unwrap_or_else(|| panic!("{}", ended.stdout))
    };
    let fields = fields_of_text(&ended.stdout, Format::Deck, "my-vault");
    let mut asked = json!({
        "fields": fields,
        "host": "my-vault",
        "reference": line("# Name a secret: "),
        "ca_file": line("#   lua_ssl_trusted_certificate = system,"),
    });
    let found = as_kong_at(&article.account, article.metadata_endpoint(), &asked);
    assert_eq!(found.as_deref(), Ok(article.secret_value.as_str()));
    asked["ca_file"] = Value::Null;
    let refused = as_kong_at(&article.account, article.metadata_endpoint(), &asked).unwrap_err();
    assert!(refused.contains("CERTIFICATE_VERIFY_FAILED"), "{refused}");
}

#[test]
fn setup_offers_it_with_what_was_found_out_where_kong_can_use_it() {
    let nothing = servers().nothing();
    let offer = |run: Vaultiam, words: &[&str]| {
        let ended = run.run(&[&["setup", "--yes"], words].concat());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let start = "next, for Kong's configuration: vaultiam kong render --format deck";
        let lines = ended.stderr.lines();
        let offered = lines.filter_map(|line| line.strip_prefix(start));
        offered.map(str::to_owned).collect::<Vec<_>>()
    };
    let account = format!(" --account-id {}", nothing.account);
    let operator = || nothing.as_operator();
    assert_eq!(offer(operator(), &["--only", "aws"]), [""; 0]);
    assert_eq!(offer(operator(), &["--only", "vault"]), [account.as_str()]);
    // The region came from the profile, and is not looked for again.
    let run = operator().without("AWS_REGION");
    let profile = run.file("profiles", "[default]\nregion = eu-west-1\n");
    let run = run.env("AWS_CONFIG_FILE", profile.display().to_string());
    assert_eq!(offer(run, &[]), [format!(" --region eu-west-1{account}")]);
    // A flag that means nothing to Kong is not taken along.
    let more = ["--auth-role", "kong-role", "--ttl", "1h"];
    assert_eq!(
        offer(operator(), &more),
        [format!("{account} --auth-role kong-role")]
    );
    let run = operator();
    let file = run.file(
        "named.yaml",
        &format!("aws: {{ account_id: \"{}\" }}\n", nothing.account),
    );
    let file = file.display().to_string();
    assert_eq!(
        offer(run, &["--config", &file]),
        [format!(" --config {file}")]
    );
    let off = with_settings(operator(), "kong: { enabled: false }\n");
    assert_eq!(offer(off, &[]), [""; 0]);
    assert_eq!(offer(operator(), &["--server-id", "x"]), [""; 0]);
}
