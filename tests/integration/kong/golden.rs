//! The files, as they were read and agreed, in three formats for three settings.

use ::vaultiam::kong::Format;

use super::{rendered, run};
use crate::vaultiam::Vaultiam;

pub(super) const ARTICLE: &str = r#"
stack: kong-prod
aws:   { region: us-east-1, account_id: "123456789012" }
vault: { address: "https://vault.internal:8200" }
"#;

const DIRECT: &str = r#"
topology: direct
aws:   { region: eu-central-1 }
vault: { address: "https://vault.edge.example", namespace: edge, auth_mount: team/aws, auth_role: edge-kong }
kv:    { mount: secrets, version: 1, prefix: gateway }
"#;

const SEPARATE: &str = r#"
topology: separate
aws:   { region: cn-north-1, account_id: "123456789012", login_account_id: "210987654321", login_role: edge/VaultLogin }
vault:
  address: "https://[2001:db8::8]:8200"
  sts: regional
  aws_sts_endpoint: https://vpce-0abc.sts.cn-north-1.vpce.amazonaws.com.cn
  namespace: platform
  ca_cert: /etc/kong/vault-ca.pem
kv:    { namespace: platform/edge }
kong:  { prefix: edge-vault, session_name: edge-kong }
"#;

#[cfg(feature = "real-servers")]
pub(super) const ALL: [&str; 3] = [ARTICLE, DIRECT, SEPARATE];

#[test]
fn three_formats_for_three_settings() {
    for (name, settings) in [
        ("article", ARTICLE),
        ("direct", DIRECT),
        ("separate", SEPARATE),
    ] {
        for format in Format::ALL {
            let text = rendered(settings, format);
            assert_eq!(text, rendered(settings, format));
            insta::assert_snapshot!(format!("{name}_{}", format.name()), text);
        }
    }
}

#[test]
fn what_a_person_reads_beside_the_file() {
    let mut said = String::new();
    for format in Format::ALL {
        let ended = run(ARTICLE, &["--format", format.name()]);
        said.push_str(&ended.stderr);
    }
    insta::assert_snapshot!(said);
    let quiet = run(ARTICLE, &["-q"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    let deck = run(ARTICLE, &[]);
    assert_eq!(deck.stdout, quiet.stdout);
}

#[test]
fn what_is_used_and_what_is_against_it_is_named() {
    let run = Vaultiam::bare()
        .env("VAULT_ADDR", "http://127.0.0.1:8200")
        .env("AWS_PROFILE", "other")
        .env("AWS_REGION", "us-east-1");
    run.file(
        "vaultiam.yaml",
        &format!("{ARTICLE}kv: {{ prefix: \"\" }}\n")
            .replace("aws:   {", "aws:   { profile: mine,"),
    );
    let words = ["kong", "render", "--config", "vaultiam.yaml"];
    let more = ["--auth-role", "edge", "kv/other/db@2#user"];
    let ended = run.run(&[&words[..], &more].concat());
    assert_eq!(ended.code, 0);
    insta::assert_snapshot!(ended.stderr);
    assert!(ended.stdout.contains("host: \"127.0.0.1\"\n"));
}

#[test]
fn the_document_has_the_file_and_the_references() {
    let more = ["-o", "json", "kv/kong/db#user", "kv/elsewhere/a b@3#c"];
    let ended = run(ARTICLE, &more);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let mut document = ended.json();
    let text = document["text"].take();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    let written = run(ARTICLE, &more[2..]);
    assert_eq!(text, written.stdout.as_str());
}
