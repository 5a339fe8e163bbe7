//! The lab's `vault` beside the real one, on the real server: the same answers,
//! the same exit codes, the same state.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::servers::servers;

/// A directory in which the lab's program bears these names.
pub(crate) fn shims(names: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in names {
        symlink(
            env!("CARGO_BIN_EXE_vaultiam-lab"),
            directory.path().join(name),
        )
        .unwrap();
    }
    directory
}

/// What a line printed on both streams, and how it ended.
fn run(line: &str, programs: &Path) -> String {
    let output = Command::new("sh")
        .args(["-uc", line])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("VAULT_ADDR", servers().get("VAULT_ADDR"))
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"))
        .output()
        .unwrap();
    format!(
        "{}{}exit {:?}\n",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code()
    )
}

/// A refusal without the words for what was being done: each command of the real
/// one has its own.
fn without_doing(ended: &str) -> String {
    match ended.find("Error making API request.") {
        Some(index) => ended.get(index..).unwrap_or_default().to_owned(),
        None => ended.to_owned(),
    }
}

/// Lines in which `MINE` stands for what the client has for itself.
const LINES: &[&str] = &[
    "vault auth enable -path=MINE -description='of a test' aws",
    "vault auth enable -path=MINE aws",
    "vault write auth/MINE/config/client sts_endpoint= sts_region= use_sts_region_from_client=true",
    "vault read auth/MINE/config/client",
    "vault read -field=use_sts_region_from_client auth/MINE/config/client",
    "vault write auth/MINE/role/kong-role auth_type=iam resolve_aws_unique_ids=false \
     bound_iam_principal_arn=arn:aws:iam::123456789012:role/A,arn:aws:iam::123456789012:role/B \
     token_policies=kong-policy token_ttl=1h",
    "vault write auth/MINE/role/kong-role bound_iam_principal_arn=",
    "vault write auth/MINE/role/kong-role token_bound_cidrs=10.0.0.0/8 token_ttl=90m",
    "vault read -field=bound_iam_principal_arn auth/MINE/role/kong-role",
    "vault read -field=nothing auth/MINE/role/kong-role",
    "vault read auth/MINE/role/kong-role | grep -v role_id",
    "vault list auth/MINE/roles",
    "vault read auth/MINE/role/nobody",
    "vault delete auth/MINE/role/kong-role",
    "vault write auth/MINE/role/kong-role",
    "vault write sys/nothing-like-it a=b",
    "printf 'path \"MINE/data/kong/*\" { capabilities = [\"read\"] }\\n' | vault policy write MINE -",
    "vault policy read MINE",
    "vault policy read nobodys",
    "vault token capabilities MINE/data/kong/x",
    "vault write -field=keys sys/capabilities-self paths=MINE/data/kong/x",
    "vault write sys/capabilities-self paths=MINE/data/kong/x",
    "vault secrets enable -path=MINE -version=2 -description='of a test' kv; sleep 1",
    "vault secrets enable -path=MINE-one kv",
    "vault kv put -mount=MINE kong/db value=1 other=2 | grep -v created_time",
    "printf secret | vault kv put MINE/kong/other value=- >/dev/null",
    "vault kv get -field=value -mount=MINE kong/db",
    "vault kv get -field=value MINE/kong/other",
    "vault kv get -mount=MINE kong/db | grep -v created_time",
    "vault kv get -field=nothing -mount=MINE kong/db",
    "vault kv list -mount=MINE kong",
    "vault kv list MINE/kong",
    "vault kv get MINE/kong/nothing",
    "vault kv delete -mount=MINE kong/db",
    "vault kv get -mount=MINE kong/db | head -10 | tail -1",
    "vault kv undelete -versions=1 -mount=MINE kong/db",
    "vault kv destroy -versions=1 -mount=MINE kong/db",
    "vault kv metadata delete -mount=MINE kong/db",
    "vault kv put MINE-one/kong/db value=1",
    "vault kv get MINE-one/kong/db",
    "vault kv get -field=value MINE-one/kong/db",
    "vault secrets list | grep MINE-one | tr -s ' ' | cut -d ' ' -f 1,2,4,5",
    "vault auth list | grep MINE | tr -s ' ' | cut -d ' ' -f 1,2,4,5,6",
    "vault read -format=json auth/MINE/config/client | sed -n '/\"data\"/,/}/p'",
    "vault secrets disable MINE; vault secrets disable MINE-one; vault auth disable MINE",
    "vault policy delete MINE",
    "VAULT_TOKEN=nobodys vault read sys/auth",
    "VAULT_TOKEN=nobodys vault token lookup",
];

#[test]
fn the_small_vault_prints_what_the_real_one_prints() {
    let small = shims(&["vault"]);
    let real = tempfile::tempdir().unwrap();
    symlink(
        servers().get("VAULTIAM_VAULT_CLI"),
        real.path().join("vault"),
    )
    .unwrap();
    let mut differing = String::new();
    for line in LINES {
        let of_real = run(&line.replace("MINE", "client-of-real"), real.path());
        let of_small = run(&line.replace("MINE", "client-of-tiny"), small.path());
        let of_real = without_doing(&of_real).replace("client-of-real", "MINE");
        let of_small = without_doing(&of_small).replace("client-of-tiny", "MINE");
        if of_real != of_small {
            differing.push_str(&format!(
                "{line}\n  real: {of_real:?}\n  lab:  {of_small:?}\n"
            ));
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

#[test]
fn the_small_vault_asks_nobody_but_this_machine() {
    let small = shims(&["vault", "aws"]);
    for line in [
        "VAULT_ADDR=https://vault.example.com vault policy list",
        "VAULT_ADDR=http://192.0.2.1:8200 vault policy list",
        "AWS_ENDPOINT_URL=https://iam.amazonaws.com AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b aws sts get-caller-identity",
    ] {
        let ended = run(line, small.path());
        assert!(ended.contains("is not of this machine"), "{line}: {ended}");
        assert!(ended.ends_with("exit Some(2)\n"), "{line}: {ended}");
    }
    for line in ["vault plugin list auth", "vault read -wrap-ttl=1m sys/auth"] {
        let ended = run(line, small.path());
        assert!(ended.ends_with("exit Some(2)\n"), "{line}: {ended}");
    }
    let token = run("vault token lookup -field=display_name", small.path());
    assert_eq!(token, "tokenexit Some(0)\n");
}
