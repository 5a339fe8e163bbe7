use serde_json::{Value, json};

use super::*;
use crate::aws::policy::lint::{Kind, lint};
use crate::settings::{Environment, resolve};

/// What a settings file asks for in this region.
pub(in crate::setup) fn wanted(file: &str, region: &str) -> Result<Desired, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("f.yaml");
    std::fs::write(&path, file).map_err(|error| error.to_string())?;
    let settings = resolve(&Default::default(), &Environment::default(), Some(&path))
        .map_err(|error| error.to_string())?;
    let ground = Ground {
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        sts: settings.vault.sts.unwrap_or(StsMode::Client),
    };
    desired(&settings, &ground).map_err(|error| error.to_string())
}

fn shown(file: &str, region: &str) -> String {
    match wanted(file, region) {
        Ok(desired) => {
            let roles: Vec<Value> = desired
                .roles
                .iter()
                .map(|role| json!({ "arn": role.arn, "trust": role.trust, "policy": role.policy }))
                .collect();
            let profiles: Vec<&str> = desired
                .profiles
                .iter()
                .map(|profile| profile.arn.as_str())
                .collect();
            let document = json!({
                "roles": roles,
                "profiles": profiles,
                "config/client": desired.vault.client_config,
                "role": desired.vault.role,
                "policy": desired.vault.policy,
            });
            serde_json::to_string_pretty(&document).unwrap_or_default()
        }
        Err(words) => words,
    }
}

#[test]
fn the_article() {
    insta::assert_snapshot!(shown("", "us-east-1"));
}

#[test]
fn a_login_role_of_its_own() {
    let file = "topology: separate\naws: { server_role: infra/VaultServer, kong_role: edge/KongRole }\nvault: { sts: regional }\n";
    insta::assert_snapshot!(shown(file, "cn-north-1"));
}

#[test]
fn the_direct_topology_binds_kongs_role() {
    insta::assert_snapshot!(shown(
        "topology: direct\naws: { workload: eks-pod-identity }\nkv: { version: 1, mount: secret }\n",
        "eu-west-1"
    ));
}

#[test]
fn names_and_policy_know_the_namespaces() {
    let file = "vault: { namespace: team/ }\nkv: { namespace: team/apps }\n";
    let desired = wanted(file, "us-east-1");
    let vault = desired.map(|desired| desired.vault);
    let names = vault.as_ref().map(|vault| {
        let resources = [vault.auth_role_resource(), vault.kv_mount_resource()];
        (
            resources.map(|resource| resource.name()),
            vault.policy.clone(),
        )
    });
    let (names, policy) = names.expect("they can be set up");
    assert_eq!(
        names,
        [
            "vault:team/auth/aws/role/kong-role",
            "vault:team/apps/sys/mounts/kv"
        ]
    );
    assert!(policy.contains("path \"apps/kv/data/kong/*\""), "{policy}");
    let refused = wanted(
        "vault: { namespace: a }\nkv: { namespace: b }\n",
        "us-east-1",
    );
    assert!(refused.is_err_and(|words| words.starts_with("kv.namespace: 'b' must be")));
}

#[test]
fn what_cannot_be_set_up_is_said() {
    let cases = [
        (
            "aws: { workload: irsa }\n",
            "us-east-1",
            "aws.workload: irsa cannot",
        ),
        (
            "vault: { sts: global }\n",
            "cn-north-1",
            "vault.sts: the partition aws-cn has no global",
        ),
    ];
    for (file, region, words) in cases {
        assert!(
            shown(file, region).starts_with(words),
            "{}",
            shown(file, region)
        );
    }
}

#[test]
fn every_document_is_one_that_aws_takes() {
    for topology in ["article", "separate", "direct"] {
        for workload in ["ec2", "ecs", "eks-pod-identity"] {
            for region in ["us-east-1", "cn-north-1", "us-gov-west-1"] {
                let file = format!("topology: {topology}\naws: {{ workload: {workload} }}\n");
                let desired = wanted(&file, region);
                let roles = desired.map(|desired| desired.roles);
                assert!(
                    roles.as_ref().is_ok_and(|roles| !roles.is_empty()),
                    "{roles:?}"
                );
                for role in roles.unwrap_or_default() {
                    assert_eq!(lint(&role.trust.to_string(), Kind::Trust), [], "{file}");
                    if let Some(policy) = role.policy {
                        assert_eq!(lint(&policy.to_string(), Kind::Identity), [], "{file}");
                    }
                }
            }
        }
    }
}
