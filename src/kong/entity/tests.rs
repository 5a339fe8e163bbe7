use url::Url;

use super::*;
use crate::settings::{Environment, Flags, resolve};

/// The settings of a file, without a flag and a variable.
pub(in crate::kong) fn settings(file: &str) -> Settings {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("f.yaml");
    std::fs::write(&path, file).expect("a file");
    resolve(&Flags::new(), &Environment::default(), Some(&path)).expect("settings")
}

/// The fields of a file's entity in one line, or why there is none.
fn fields(file: &str) -> String {
    let settings = settings(file);
    let address = Url::parse(&settings.vault.address).expect("an address");
    match entity(&settings, &address) {
        Ok(entity) => {
            let fields: Vec<String> = entity
                .fields
                .iter()
                .map(|field| match &field.value {
                    Value::Text(text) => format!("{}={text}", field.name),
                    Value::Port(port) => format!("{}={port}", field.name),
                })
                .collect();
            fields.join(" ")
        }
        Err(error) => format!("{:?} {error}", error.problem),
    }
}

const ACCOUNT: &str = "aws: { region: us-east-1, account_id: \"123456789012\" }\n";

/// A file with an account and a region, and more.
fn with(more: &str) -> String {
    fields(&format!("{ACCOUNT}{more}"))
}

#[test]
fn every_field_of_the_article() {
    assert_eq!(
        with("vault: { address: \"https://vault.internal:8200\" }\n"),
        "protocol=https host=vault.internal port=8200 mount=kv kv=v2 auth_method=aws_iam \
         aws_auth_role=kong-role aws_auth_region=us-east-1 \
         aws_assume_role_arn=arn:aws:iam::123456789012:role/VaultRole aws_role_session_name=kong"
    );
}

#[test]
fn what_each_setting_makes_of_it() {
    let cases = [
        (
            "vault: { address: \"http://vault\" }\n",
            "protocol=http host=vault port=80 ",
        ),
        (
            "vault: { address: \"https://vault/\" }\n",
            "protocol=https host=vault port=443 ",
        ),
        (
            "vault: { address: \"https://[FE80::1]:8200\" }\n",
            "host=[fe80::1] port=8200 ",
        ),
        (
            "vault: { address: \"https://VAULT.Internal\" }\n",
            "host=vault.internal ",
        ),
        (
            "kv: { mount: /team/kv/, version: 1 }\n",
            "mount=team/kv kv=v1 auth_method",
        ),
        ("kv: { version: 2 }\n", "mount=kv kv=v2 auth_method"),
        (
            "vault: { namespace: /team/ }\n",
            "mount=kv kv=v2 namespace=team auth_method",
        ),
        (
            "vault: { namespace: team }\nkv: { namespace: team/edge/a }\n",
            "mount=edge/a/kv kv=v2 namespace=team auth_method",
        ),
        (
            "kv: { namespace: team }\n",
            "mount=team/kv kv=v2 auth_method",
        ),
        (
            "vault: { namespace: root }\nkv: { namespace: team }\n",
            "mount=team/kv kv=v2 auth_method",
        ),
        ("vault: { auth_role: Edge }\n", "aws_auth_role=Edge "),
        (
            "vault: { auth_mount: auth/team/aws/ }\n",
            "aws_auth_role=kong-role aws_login_path=/v1/auth/team/aws/login aws_auth_region",
        ),
        (
            "vault: { sts: regional, sts_region: eu-west-1 }\n",
            "aws_auth_region=eu-west-1 aws_assume_role_arn",
        ),
        (
            "vault: { sts: global }\n",
            "aws_auth_region=us-east-1 aws_sts_endpoint_url=https://sts.amazonaws.com aws_assume",
        ),
        (
            "vault: { aws_sts_endpoint: \"https://vpce-1.sts.example:8443/\" }\n",
            " aws_sts_endpoint_url=https://vpce-1.sts.example:8443 aws_assume",
        ),
        (
            "kong: { session_name: edge }\n",
            "aws_role_session_name=edge",
        ),
    ];
    for (more, expected) in cases {
        let fields = with(more);
        assert!(fields.contains(expected), "{more}{fields}");
    }
}

#[test]
fn who_is_assumed() {
    let cases = [
        (
            "aws: { region: us-gov-west-1, account_id: \"123456789012\", login_role: edge/VaultRole }\n",
            "aws_assume_role_arn=arn:aws-us-gov:iam::123456789012:role/edge/VaultRole aws_role",
        ),
        (
            "aws: { region: cn-north-1, login_account_id: \"210987654321\" }\n",
            "aws_assume_role_arn=arn:aws-cn:iam::210987654321:role/VaultRole",
        ),
        (
            "aws: { region: us-east-1, assume_role_arn: \"arn:aws:iam::210987654321:role/x/Y\" }\n",
            "aws_assume_role_arn=arn:aws:iam::210987654321:role/x/Y aws_role_session_name=kong",
        ),
    ];
    for (file, expected) in cases {
        let fields = fields(file);
        assert!(fields.contains(expected), "{file}{fields}");
    }
    let direct = fields("topology: direct\naws: { region: us-east-1 }\n");
    assert!(direct.ends_with("aws_auth_region=us-east-1"), "{direct}");
}

#[test]
fn refusals() {
    insta::assert_snapshot!(
        [
            "kong: { enabled: false }\n",
            "kong: { prefix: My_Vault }\n",
            "kong: { prefix: hcv }\n",
            "kong: { session_name: k }\n",
            "vault: { address: \"https://vault/prefix\" }\n",
            "vault: { auth_role: \"arn:aws:iam::123456789012:role/VaultRole\" }\n",
            "vault: { auth_mount: \"my mount\" }\n",
            "vault: { namespace: \"my team\" }\n",
            "vault: { namespace: team }\nkv: { namespace: teams }\n",
            "vault: { namespace: team }\nkv: { namespace: other }\n",
            "kv: { mount: \"k v\" }\n",
            "vault: { sts_region: eastern }\n",
            "vault: { aws_sts_endpoint: nonsense }\n",
        ]
        .map(with)
        .join("\n")
    );
    insta::assert_snapshot!(
        [
            "",
            "aws: { region: us-east-1 }\n",
            "aws: { region: us-east, account_id: \"123456789012\" }\n",
            "aws: { region: cn-north-1, account_id: \"123456789012\" }\nvault: { sts: global }\n",
            "aws: { region: us-east-1, account_id: \"123456789012\", login_role: \"Vault Role\" }\n",
            "aws: { region: us-east-1, assume_role_arn: VaultRole }\n",
            "aws: { region: us-east-1, assume_role_arn: \"arn:aws-cn:iam::123456789012:role/VaultRole\" }\n",
            "topology: direct\naws: { region: us-east-1, assume_role_arn: \"arn:aws:iam::123456789012:role/VaultRole\" }\n",
        ]
        .map(fields)
        .join("\n")
    );
}

#[test]
fn what_a_person_should_know() {
    let notes = |more: &str| {
        let settings = settings(&format!("{ACCOUNT}{more}"));
        let address = Url::parse(&settings.vault.address).expect("an address");
        let entity = entity(&settings, &address).expect("an entity");
        entity.notes.join("\n")
    };
    let address = "address: \"https://vault.internal\"";
    assert_eq!(notes(&format!("vault: {{ {address} }}\n")), "");
    insta::assert_snapshot!(
        [
            String::new(),
            "vault: { address: \"http://localhost:8100\" }\n".to_owned(),
            "vault: { address: \"http://vault.internal\", skip_verify: true }\n".to_owned(),
            format!("vault: {{ {address}, namespace: a, tls_server_name: b }}\nkv: {{ namespace: a/c }}\n"),
            format!("vault: {{ {address}, client_cert: c.pem, client_key: k.pem }}\nkong: {{ prefix: fs }}\n"),
        ]
        .map(|file| notes(&file))
        .join("\n--\n")
    );
}
