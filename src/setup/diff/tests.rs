//! Build what is there, change one thing, see exactly that in the plan.

mod bound;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::{Decisions, diff};
use crate::aws::roles::{ProfileSeen, RoleSeen};
use crate::settings::KvVersion;
use crate::setup::desired::{self, Desired, DesiredRole};
use crate::setup::observed::{AwsObserved, Observed, VaultObserved};
use crate::setup::plan::{Plan, Verb};
use crate::vault::admin::{AuthMountSeen, SecretsMountSeen};

fn wanted(file: &str) -> Desired {
    desired::tests::wanted(file, "us-east-1").expect("it can be set up")
}

fn seen(role: &DesiredRole) -> RoleSeen {
    RoleSeen {
        arn: role.arn.clone(),
        name: role.name.clone(),
        path: role.path.clone(),
        unique_id: format!("AROA{:0>17}", role.name.to_uppercase()),
        created: SystemTime::UNIX_EPOCH,
        trust: role.trust.clone(),
        inline: role
            .policy
            .iter()
            .map(|policy| (role.own.policy.clone(), policy.clone()))
            .collect(),
        attached: Vec::new(),
        tags: role.tags.clone(),
        permissions_boundary: role.permissions_boundary.clone(),
        max_session: Duration::from_secs(3600),
        description: None,
    }
}

/// What a finished set-up leaves behind.
fn finished(desired: &Desired) -> Observed {
    let vault = &desired.vault;
    let roles: BTreeMap<String, RoleSeen> = desired
        .roles
        .iter()
        .map(|role| (role.name.clone(), seen(role)))
        .collect();
    let mut auth_role = vault.role.clone();
    let ids: Vec<&str> = roles
        .get("VaultRole")
        .map(|role| role.unique_id.as_str())
        .into_iter()
        .collect();
    auth_role.insert("bound_iam_principal_id".to_owned(), json!(ids));
    let aws = AwsObserved {
        profiles: desired
            .profiles
            .iter()
            .map(|profile| {
                let seen = ProfileSeen {
                    arn: profile.arn.clone(),
                    name: profile.name.clone(),
                    path: profile.path.clone(),
                    roles: vec![profile.name.clone()],
                    tags: profile.tags.clone(),
                };
                (profile.name.clone(), seen)
            })
            .collect(),
        roles,
        holders: BTreeMap::new(),
        others_bound: BTreeMap::new(),
    };
    let vault = VaultObserved {
        auth_mount: Some(AuthMountSeen {
            kind: "aws".to_owned(),
            description: vault.description.clone(),
            accessor: "auth_aws_1".to_owned(),
        }),
        auth_blocker: None,
        kv_blocker: None,
        client_config: Some(vault.client_config.clone()),
        auth_role: Some(auth_role),
        auth_roles: vec![vault.role_name.clone()],
        policy: Some(vault.policy.clone()),
        kv_mount: Some(SecretsMountSeen {
            kind: "kv".to_owned(),
            version: Some(KvVersion::Two),
            description: String::new(),
        }),
    };
    Observed {
        aws: Some(aws),
        vault: Some(vault),
    }
}

/// Both sides were looked at and nothing is there.
fn nothing() -> Observed {
    Observed {
        aws: Some(AwsObserved::default()),
        vault: Some(VaultObserved::default()),
    }
}

fn aws(observed: &mut Observed) -> &mut AwsObserved {
    observed.aws.as_mut().expect("AWS was looked at")
}

fn vault(observed: &mut Observed) -> &mut VaultObserved {
    observed.vault.as_mut().expect("Vault was looked at")
}

fn planned(change: impl FnOnce(&mut Observed)) -> Plan {
    let desired = wanted("aws: { tags: { team: edge } }\n");
    let mut observed = finished(&desired);
    change(&mut observed);
    diff(&desired, &observed, &Decisions::default())
}

/// Each change as `verb resource: fields`, each conflict as `conflict resource`.
fn shown(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter().map(|change| {
        let fields: Vec<&str> = change
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let name = change
            .resource
            .name()
            .replace("arn:aws:iam::123456789012:", "");
        format!("{} {name}: {}", change.verb.name(), fields.join(" "))
    });
    let conflicts = plan
        .conflicts
        .iter()
        .map(|conflict| format!("conflict {}: {}", conflict.resource.name(), conflict.found));
    changes.chain(conflicts).collect()
}

fn role<'a>(observed: &'a mut Observed, name: &str) -> &'a mut RoleSeen {
    aws(observed)
        .roles
        .get_mut(name)
        .expect("the role is there")
}

#[test]
fn after_a_finished_set_up_nothing_is_planned() {
    for file in ["", "topology: separate\n", "topology: direct\n"] {
        let desired = wanted(file);
        let plan = diff(&desired, &finished(&desired), &Decisions::default());
        assert_eq!(shown(&plan), Vec::<String>::new(), "{file}");
        assert!(plan.is_empty());
    }
}

#[test]
fn from_nothing_everything_is_made_in_order() {
    let plan = diff(&wanted(""), &nothing(), &Decisions::default());
    assert_eq!(
        shown(&plan),
        [
            "create role/KongRole: trust_policy tags",
            "create role/KongRole#policy/vaultiam: policy",
            "create role/VaultRole: trust_policy tags",
            "create role/VaultRole#policy/vaultiam: policy",
            "create instance-profile/KongRole: roles tags",
            "create instance-profile/VaultRole: roles tags",
            "create vault:sys/auth/aws: type description",
            "create vault:auth/aws/config/client: iam_endpoint iam_server_id_header_value sts_endpoint sts_region use_sts_region_from_client",
            "create vault:sys/policies/acl/kong-policy: policy",
            "create vault:sys/mounts/kv: type description",
            "create vault:auth/aws/role/kong-role: auth_type bound_iam_principal_arn resolve_aws_unique_ids inferred_entity_type inferred_aws_region token_policies token_ttl token_max_ttl token_explicit_max_ttl token_period token_bound_cidrs token_no_default_policy token_num_uses token_type",
        ]
    );
}

#[test]
fn one_thing_that_differs_is_exactly_what_is_planned() {
    type Break = fn(&mut Observed);
    let cases: [(Break, &str); 9] = [
        (
            |observed| {
                role(observed, "VaultRole").trust["Statement"][0]["Principal"]["AWS"] = json!("*")
            },
            "update role/VaultRole: trust_policy",
        ),
        (
            |observed| drop(role(observed, "KongRole").inline.remove("vaultiam")),
            "create role/KongRole#policy/vaultiam: policy",
        ),
        (
            |observed| {
                drop(
                    role(observed, "KongRole")
                        .tags
                        .insert("team".to_owned(), "other".to_owned()),
                )
            },
            "update role/KongRole: tags",
        ),
        (
            |observed| {
                aws(observed)
                    .profiles
                    .get_mut("KongRole")
                    .expect("it is there")
                    .roles
                    .clear()
            },
            "update instance-profile/KongRole: roles",
        ),
        (
            |observed| {
                set(
                    &mut vault(observed).client_config,
                    "sts_region",
                    json!("eu-west-1"),
                )
            },
            "update vault:auth/aws/config/client: sts_region",
        ),
        (
            |observed| set(&mut vault(observed).auth_role, "token_ttl", json!(60)),
            "update vault:auth/aws/role/kong-role: token_ttl",
        ),
        (
            |observed| set(&mut vault(observed).auth_role, "token_num_uses", json!(3)),
            "update vault:auth/aws/role/kong-role: token_num_uses",
        ),
        (
            |observed| {
                vault(observed).policy =
                    Some("# managed by vaultiam (stack kong)\npath \"*\" {}\n".to_owned())
            },
            "update vault:sys/policies/acl/kong-policy: policy",
        ),
        (
            |observed| vault(observed).kv_mount = None,
            "create vault:sys/mounts/kv: type description",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(shown(&planned(change)), [expected]);
    }
}

fn set(fields: &mut Option<Map<String, Value>>, name: &str, value: Value) {
    if let Some(fields) = fields {
        fields.insert(name.to_owned(), value);
    }
}

#[test]
fn what_is_written_in_another_way_is_no_difference() {
    let plan = planned(|observed| {
        // As IAM and Vault give it back.
        role(observed, "VaultRole").trust["Statement"][0]["Action"] = json!(["sts:AssumeRole"]);
        set(
            &mut vault(observed).auth_role,
            "token_bound_cidrs",
            Value::Null,
        );
        set(
            &mut vault(observed).auth_role,
            "inferred_entity_type",
            Value::Null,
        );
        role(observed, "KongRole")
            .tags
            .insert("owner".to_owned(), "us".to_owned());
    });
    assert_eq!(shown(&plan), Vec::<String>::new());
}

#[test]
fn what_is_not_ours_and_differs_is_a_conflict_until_it_is_adopted() {
    let foreign = |observed: &mut Observed| {
        role(observed, "VaultRole").tags.clear();
        role(observed, "VaultRole").trust["Statement"] = json!([]);
    };
    let arn = "arn:aws:iam::123456789012:role/VaultRole";
    assert_eq!(
        shown(&planned(foreign)),
        [format!("conflict {arn}: a role without vaultiam's tags")]
    );
    let desired = wanted("");
    let mut observed = finished(&desired);
    foreign(&mut observed);
    let decisions = Decisions {
        adopt: [arn.to_owned()].into(),
    };
    let plan = diff(&desired, &observed, &decisions);
    assert_eq!(shown(&plan), ["adopt role/VaultRole: trust_policy"]);
}

#[test]
fn a_shared_mount_is_not_reconfigured() {
    let plan = planned(|observed| {
        if let Some(mount) = &mut vault(observed).auth_mount {
            mount.description = "team blue".to_owned();
        }
        vault(observed).auth_roles.push("blue".to_owned());
        set(
            &mut vault(observed).client_config,
            "sts_region",
            json!("eu-west-1"),
        );
    });
    assert_eq!(
        shown(&plan),
        [
            "conflict vault:auth/aws/config/client: a mount that vaultiam did not make, whose roles blue log in through it"
        ]
    );
}

#[test]
fn a_role_keeps_the_other_principals_that_it_binds() {
    let other = "arn:aws:iam::123456789012:role/Other";
    let plan = planned(|observed| {
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_arn",
            json!([other, "arn:aws:iam::123456789012:role/VaultRole"]),
        );
        let id = role(observed, "VaultRole").unique_id.clone();
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_id",
            json!(["AROAOTHER0000000000", id]),
        );
    });
    assert_eq!(shown(&plan), Vec::<String>::new());
    let plan = planned(|observed| {
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_arn",
            json!([other]),
        )
    });
    let after = plan.changes[0].fields[0].after.clone();
    assert_eq!(
        after,
        Some(json!([other, "arn:aws:iam::123456789012:role/VaultRole"]))
    );
}

#[test]
fn a_role_that_was_made_anew_is_a_replacement() {
    let plan = planned(|observed| {
        role(observed, "VaultRole").unique_id = "AROANEW000000000000".to_owned()
    });
    assert_eq!(
        shown(&plan),
        ["replace vault:auth/aws/role/kong-role: bound_iam_principal_id bound_iam_principal_arn"]
    );
    assert_eq!(plan.changes[0].verb, Verb::Replace);
    let plan = planned(|observed| {
        role(observed, "VaultRole").trust["Statement"][0]["Principal"]["AWS"] =
            json!("AROADEAD00000000000");
    });
    assert_eq!(shown(&plan), ["replace role/VaultRole: trust_policy"]);
}

#[test]
fn mounts_of_another_kind_or_version_are_conflicts() {
    type Break = fn(&mut Observed);
    let cases: [(Break, &str); 4] = [
        (
            |observed| {
                vault(observed)
                    .auth_mount
                    .iter_mut()
                    .for_each(|mount| mount.kind = "approle".to_owned())
            },
            "conflict vault:sys/auth/aws: an auth method of type approle",
        ),
        (
            |observed| {
                vault(observed)
                    .kv_mount
                    .iter_mut()
                    .for_each(|mount| mount.kind = "pki".to_owned())
            },
            "conflict vault:sys/mounts/kv: a secrets engine of type pki",
        ),
        (
            |observed| {
                vault(observed)
                    .kv_mount
                    .iter_mut()
                    .for_each(|mount| mount.version = Some(KvVersion::One))
            },
            "conflict vault:sys/mounts/kv: a KV engine of another version",
        ),
        (
            |observed| {
                aws(observed)
                    .profiles
                    .get_mut("KongRole")
                    .expect("it is there")
                    .roles = vec!["Else".to_owned()]
            },
            "conflict arn:aws:iam::123456789012:instance-profile/KongRole: it holds Else",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(shown(&planned(change)), [expected]);
    }
}

#[test]
fn the_servers_own_role_only_gets_our_policy() {
    let desired = wanted("topology: separate\n");
    let mut observed = finished(&desired);
    let server = role(&mut observed, "VaultServerRole");
    server.tags.clear();
    server.trust = json!({ "Version": "2012-10-17", "Statement": [] });
    server.inline.clear();
    let plan = diff(&desired, &observed, &Decisions::default());
    assert_eq!(
        shown(&plan),
        ["create role/VaultServerRole#policy/vaultiam: policy"]
    );
}

#[test]
fn an_adopted_role_is_managed_by_statement() {
    let desired = wanted("");
    let mut observed = finished(&desired);
    let theirs = json!({ "Sid": "Theirs", "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:AssumeRole" });
    let kong = role(&mut observed, "KongRole");
    kong.tags = BTreeMap::from([("owner".to_owned(), "them".to_owned())]);
    kong.trust = json!({ "Version": "2012-10-17", "Statement": theirs });
    kong.inline.clear();
    let arn = "arn:aws:iam::123456789012:role/KongRole";
    let decisions = Decisions {
        adopt: [arn.to_owned()].into(),
    };
    let plan = diff(&desired, &observed, &decisions);
    assert_eq!(
        shown(&plan),
        [
            "adopt role/KongRole: trust_policy",
            "create role/KongRole#policy/vaultiam: policy"
        ]
    );
    let after = plan.changes[0].fields[0].after.clone().unwrap_or_default();
    assert_eq!(after["Statement"][0], theirs);
    assert_eq!(after["Statement"][1]["Sid"], "VaultiamAssume");
    // The next run knows it by its statement, and asks no more.
    let kong = role(&mut observed, "KongRole");
    kong.trust = after;
    let policy = desired.roles[0].policy.clone().unwrap_or_default();
    kong.inline.insert("vaultiam".to_owned(), policy);
    let plan = diff(&desired, &observed, &Decisions::default());
    assert_eq!(shown(&plan), Vec::<String>::new());
    // What others do with their own statements is their business.
    role(&mut observed, "KongRole").trust["Statement"][0]["Principal"]["AWS"] =
        json!("AROADEAD00000000000");
    let plan = diff(&desired, &observed, &Decisions::default());
    assert_eq!(shown(&plan), Vec::<String>::new());
    role(&mut observed, "KongRole").trust["Statement"][1]["Action"] = json!("sts:*");
    let plan = diff(&desired, &observed, &Decisions::default());
    assert_eq!(shown(&plan), ["update role/KongRole: trust_policy"]);
}

#[test]
fn an_unmarked_role_that_is_as_wanted_is_left_alone() {
    let plan = planned(|observed| role(observed, "VaultRole").tags.clear());
    // Its statements are ours by their Sid, so nothing is to be done.
    assert_eq!(shown(&plan), Vec::<String>::new());
    let plan = planned(|observed| {
        let found = role(observed, "VaultRole");
        found.tags = BTreeMap::from([
            ("managed-by".to_owned(), "vaultiam".to_owned()),
            ("vaultiam:stack".to_owned(), "blue".to_owned()),
        ]);
        found.trust["Statement"][0]["Action"] = json!("sts:*");
    });
    let conflict = "conflict arn:aws:iam::123456789012:role/VaultRole: a role of the stack blue";
    assert_eq!(shown(&plan), [conflict]);
}

#[test]
fn a_role_that_is_to_be_made_anew_makes_the_bound_id_stale() {
    let plan = planned(|observed| drop(aws(observed).roles.remove("VaultRole")));
    assert_eq!(
        shown(&plan),
        [
            "create role/VaultRole: trust_policy tags",
            "create role/VaultRole#policy/vaultiam: policy",
            "replace vault:auth/aws/role/kong-role: bound_iam_principal_id bound_iam_principal_arn",
        ]
    );
    // Who did not look at AWS knows nothing of it.
    let plan = planned(|observed| observed.aws = None);
    assert_eq!(shown(&plan), Vec::<String>::new());
}

#[test]
fn what_vault_does_not_let_change_is_known() {
    let plan = planned(|observed| set(&mut vault(observed).auth_role, "auth_type", json!("ec2")));
    assert_eq!(
        shown(&plan),
        ["update vault:auth/aws/role/kong-role: auth_type"]
    );
    let plan = planned(|observed| {
        set(&mut vault(observed).auth_role, "auth_type", json!("ec2"));
        set(
            &mut vault(observed).auth_role,
            "bound_iam_principal_arn",
            json!(["arn:aws:iam::123456789012:role/Blue"]),
        );
        if let Some(mount) = &mut vault(observed).auth_mount {
            mount.description.clear();
        }
    });
    assert_eq!(
        shown(&plan),
        [
            "conflict vault:auth/aws/role/kong-role: a role that binds arn:aws:iam::123456789012:role/Blue"
        ]
    );
}

#[test]
fn a_trust_policy_that_would_be_too_long_is_a_conflict() {
    let desired = wanted("");
    let mut observed = finished(&desired);
    let arn = desired.roles[0].arn.clone();
    let kong = role(&mut observed, "KongRole");
    kong.tags.clear();
    kong.trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": vec!["arn:aws:iam::123456789012:role/SomebodyElse"; 45] },
        "Action": "sts:AssumeRole",
    }] });
    let decisions = Decisions {
        adopt: [arn].into(),
    };
    let plan = diff(&desired, &observed, &decisions);
    assert!(plan.conflicts[0].found.contains("2048"), "{plan:?}");
}

#[test]
fn that_vaults_servers_lose_their_role_is_noted() {
    let article = wanted("");
    let observed = finished(&article);
    let desired = wanted("topology: separate\n");
    let plan = diff(&desired, &observed, &Decisions::default());
    let note = plan.notes.join("\n");
    assert!(note.contains("no longer serve as the role of Vault's servers"));
}
