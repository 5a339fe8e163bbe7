//! What the settings ask for, on both sides. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::plan::Resource;
use crate::aws::identity::{Partition, PrincipalArn, PrincipalKind, bare_name, role_arn};
use crate::settings::{
    AssumeTarget, KvVersion, ProvisionSettings, Settings, SettingsError, SettingsProblem, StsMode,
    Topology, Workload,
};

/// The statement ids and the inline policy that are ours in a role of others.
pub const OWN_SID: &str = "VaultiamAssume";
pub const OWN_SERVER_SID: &str = "VaultiamServer";
pub const OWN_POLICY: &str = "vaultiam";

/// The tags that mark what is ours in AWS: what made it, and for which set-up.
pub const MANAGED_BY: (&str, &str) = ("managed-by", "vaultiam");
pub const STACK_TAG: &str = "vaultiam:stack";

/// Everything that a set-up wants to be there.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    pub roles: Vec<DesiredRole>,
    /// Instance profiles, each named as its role.
    pub profiles: Vec<DesiredProfile>,
    pub vault: DesiredVault,
}

/// What a role is to the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Kong runs with it.
    Kong,
    /// It is assumed for the login, and Vault binds it.
    Login,
    /// Vault's servers run with it.
    Server,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredRole {
    pub part: Part,
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: String,
    pub trust: Value,
    /// The name of our inline policy.
    pub policy_name: String,
    /// Our inline policy; `None` where the role needs no permission.
    pub policy: Option<Value>,
    pub tags: BTreeMap<String, String>,
    pub permissions_boundary: Option<String>,
}

/// An instance profile that holds the role of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredProfile {
    pub name: String,
    pub path: String,
    pub arn: String,
    pub tags: BTreeMap<String, String>,
}

/// Vault's side.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredVault {
    pub auth_mount: String,
    pub auth_type: String,
    /// The mark of what is ours: a mount's description.
    pub description: String,
    /// Every field of `config/client` that we own. Writes merge, so each stands
    /// there whether it is set or not.
    pub client_config: Map<String, Value>,
    pub role_name: String,
    /// The ARN of the role that Vault binds.
    pub bound_arn: String,
    /// Every field of the role that we own, likewise.
    pub role: Map<String, Value>,
    pub policy_name: String,
    pub policy: String,
    pub kv_mount: String,
    pub kv_version: KvVersion,
}

/// What the settings may leave open and the run found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The account of the roles for which the settings name none.
    pub account: String,
    pub region: String,
    pub sts: StsMode,
}

/// Works out what the settings ask for.
///
/// # Errors
///
/// The settings contradict themselves, or leave out what is needed.
pub fn desired(settings: &Settings, ground: &Ground) -> Result<Desired, SettingsError> {
    let names = Names::of(settings, &ground.account, &ground.region)?;
    let mut roles = vec![kong_role(settings, &names)?];
    if settings.topology != Topology::Direct {
        roles.push(login_role(settings, &names));
    }
    if settings.topology == Topology::Separate {
        roles.push(server_role(settings, &names));
    }
    let profiles = roles
        .iter()
        .filter(|role| has_instance_profile(role.part, settings))
        .map(|role| DesiredProfile {
            name: role.name.clone(),
            path: role.path.clone(),
            arn: role.arn.replacen(":role/", ":instance-profile/", 1),
            tags: role.tags.clone(),
        })
        .collect();
    Ok(Desired {
        roles,
        profiles,
        vault: vault(settings, &names, ground)?,
    })
}

impl Desired {
    /// Leaves out what lies in other accounts than `account`: one run changes
    /// one account. Returns the ARNs of the roles that were left out.
    pub fn keep_account(&mut self, account: &str) -> Vec<String> {
        let is_here = |arn: &str| arn.split(':').nth(4) == Some(account);
        let (here, elsewhere) = std::mem::take(&mut self.roles)
            .into_iter()
            .partition(|role| is_here(&role.arn));
        self.roles = here;
        self.profiles.retain(|profile| is_here(&profile.arn));
        elsewhere.into_iter().map(|role| role.arn).collect()
    }

    /// Everything that is wanted, by name.
    pub fn resources(&self) -> Vec<Resource> {
        let vault = &self.vault;
        let mut all: Vec<Resource> = self
            .roles
            .iter()
            .flat_map(|role| {
                let policy = role.policy.as_ref().map(|_| role.policy_resource());
                [Some(role.resource()), policy].into_iter().flatten()
            })
            .collect();
        all.extend(self.profiles.iter().map(DesiredProfile::resource));
        all.extend([
            vault.auth_mount_resource(),
            vault.client_config_resource(),
            vault.policy_resource(),
            vault.kv_mount_resource(),
            vault.auth_role_resource(),
        ]);
        all
    }
}

impl DesiredRole {
    pub fn resource(&self) -> Resource {
        Resource::Role {
            arn: self.arn.clone(),
        }
    }

    pub fn policy_resource(&self) -> Resource {
        Resource::InlinePolicy {
            role_arn: self.arn.clone(),
            name: self.policy_name.clone(),
        }
    }
}

impl DesiredProfile {
    pub fn resource(&self) -> Resource {
        Resource::InstanceProfile {
            arn: self.arn.clone(),
        }
    }
}

impl DesiredVault {
    pub fn auth_mount_resource(&self) -> Resource {
        Resource::AuthMount {
            path: self.auth_mount.clone(),
        }
    }

    pub fn client_config_resource(&self) -> Resource {
        Resource::ClientConfig {
            mount: self.auth_mount.clone(),
        }
    }

    pub fn auth_role_resource(&self) -> Resource {
        Resource::AuthRole {
            mount: self.auth_mount.clone(),
            name: self.role_name.clone(),
        }
    }

    pub fn policy_resource(&self) -> Resource {
        Resource::Policy {
            name: self.policy_name.clone(),
        }
    }

    pub fn kv_mount_resource(&self) -> Resource {
        Resource::KvMount {
            path: self.kv_mount.clone(),
        }
    }
}

/// Kong's instance needs a profile; so does Vault's own. Where Vault's servers
/// have a role already they have a profile too: then none is planned.
fn has_instance_profile(part: Part, settings: &Settings) -> bool {
    match part {
        Part::Kong => settings.provision.workload == Workload::Ec2,
        Part::Login => settings.topology == Topology::Article,
        Part::Server => true,
    }
}

/// ARNs that several documents name.
struct Names {
    partition: &'static Partition,
    kong: String,
    login: String,
    server: String,
}

impl Names {
    fn of(settings: &Settings, account: &str, region: &str) -> Result<Self, SettingsError> {
        let partition = Partition::of_region(region);
        let aws = &settings.aws;
        let account = aws.account_id.as_deref().unwrap_or(account);
        let arn = |account: &str, name: &str| role_arn(partition.name, account, name);
        let (login_account, login) = match &aws.assume {
            AssumeTarget::Arn(named) => match PrincipalArn::parse(named) {
                Some(PrincipalArn {
                    account,
                    kind: PrincipalKind::Role { .. },
                    ..
                }) => (account, named.clone()),
                _ => {
                    return Err(SettingsError::new(
                        SettingsProblem::WrongValue,
                        "aws.assume_role_arn",
                        format!("must be the ARN of a role, not '{named}'"),
                    ));
                }
            },
            AssumeTarget::LoginRole {
                account: Some(other),
            } => (other.clone(), arn(other, &aws.login_role)),
            AssumeTarget::LoginRole { account: None } | AssumeTarget::None => {
                (account.to_owned(), arn(account, &aws.login_role))
            }
        };
        let server = settings
            .provision
            .server_role
            .as_deref()
            .unwrap_or("VaultServerRole");
        Ok(Names {
            partition,
            kong: arn(account, &aws.kong_role),
            server: arn(&login_account, server),
            login,
        })
    }

    /// A service as a principal: `ec2.amazonaws.com.cn` in China.
    ///
    /// Source: "AWS service principals" in the IAM user guide; only EC2 has a
    /// name of its own there.
    fn ec2(&self) -> String {
        format!("ec2.{}", self.partition.dns_suffix)
    }
}

fn kong_role(settings: &Settings, names: &Names) -> Result<DesiredRole, SettingsError> {
    let pod_identity = settings.provision.workload == Workload::EksPodIdentity;
    let (service, actions) = match settings.provision.workload {
        Workload::Ec2 => (names.ec2(), json!("sts:AssumeRole")),
        Workload::Ecs => (
            "ecs-tasks.amazonaws.com".to_owned(),
            json!("sts:AssumeRole"),
        ),
        Workload::EksPodIdentity => (
            "pods.eks.amazonaws.com".to_owned(),
            json!(["sts:AssumeRole", "sts:TagSession"]),
        ),
        Workload::Irsa => {
            return Err(SettingsError::new(
                SettingsProblem::WrongValue,
                "aws.workload",
                "irsa needs the cluster's OIDC provider and service account, which no setting names: make KongRole by hand and adopt it",
            ));
        }
    };
    let trust = document(vec![json!({
        "Sid": OWN_SID,
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": actions,
    })]);
    // The tags of a pod's session are transitive, so passing them on is needed.
    let policy_actions = if pod_identity {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        json!("sts:AssumeRole")
    };
    let policy = (settings.topology != Topology::Direct).then(|| {
        document(vec![json!({
            "Sid": OWN_SID,
            "Effect": "Allow",
            "Action": policy_actions,
            "Resource": names.login,
        })])
    });
    Ok(role(settings, Part::Kong, &names.kong, trust, policy))
}

fn login_role(settings: &Settings, names: &Names) -> DesiredRole {
    let actions = if settings.provision.workload == Workload::EksPodIdentity {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        json!("sts:AssumeRole")
    };
    let mut by_kong = json!({
        "Sid": OWN_SID,
        "Effect": "Allow",
        "Principal": { "AWS": names.kong },
        "Action": actions,
    });
    if let Some(id) = &settings.aws.external_id {
        by_kong["Condition"] = json!({ "StringEquals": { "sts:ExternalId": id } });
    }
    let mut statements = vec![by_kong];
    // In the article's topology Vault's own server runs with this role too.
    let is_servers_own = settings.topology == Topology::Article;
    if is_servers_own {
        statements.push(json!({
            "Sid": OWN_SERVER_SID,
            "Effect": "Allow",
            "Principal": { "Service": names.ec2() },
            "Action": "sts:AssumeRole",
        }));
    }
    let policy = is_servers_own.then(|| may_get_role(&names.login));
    role(
        settings,
        Part::Login,
        &names.login,
        document(statements),
        policy,
    )
}

/// The role that Vault's servers already have: one more inline policy.
fn server_role(settings: &Settings, names: &Names) -> DesiredRole {
    let trust = document(vec![json!({
        "Sid": OWN_SERVER_SID,
        "Effect": "Allow",
        "Principal": { "Service": names.ec2() },
        "Action": "sts:AssumeRole",
    })]);
    role(
        settings,
        Part::Server,
        &names.server,
        trust,
        Some(may_get_role(&names.login)),
    )
}

/// Vault looks the bound role up, to bind its unique id.
fn may_get_role(arn: &str) -> Value {
    document(vec![json!({
        "Sid": "VaultiamGetRole",
        "Effect": "Allow",
        "Action": "iam:GetRole",
        "Resource": arn,
    })])
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn role(
    settings: &Settings,
    part: Part,
    arn: &str,
    trust: Value,
    policy: Option<Value>,
) -> DesiredRole {
    let name = arn.split_once(":role/").map_or(arn, |(_, name)| name);
    let path = match name.rsplit_once('/') {
        Some((path, _)) => format!("/{path}/"),
        None => "/".to_owned(),
    };
    DesiredRole {
        part,
        name: bare_name(name).to_owned(),
        path,
        arn: arn.to_owned(),
        trust,
        // Several set-ups may share the role that Vault's servers have.
        policy_name: match part {
            Part::Kong | Part::Login => OWN_POLICY.to_owned(),
            Part::Server => format!("{OWN_POLICY}-{}", settings.provision.stack),
        },
        policy,
        tags: tags(&settings.provision),
        permissions_boundary: settings.provision.permissions_boundary.clone(),
    }
}

/// The marks of what is ours, and the tags that the settings add.
pub fn tags(provision: &ProvisionSettings) -> BTreeMap<String, String> {
    let mut tags = provision.tags.clone();
    tags.insert(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned());
    tags.insert(STACK_TAG.to_owned(), provision.stack.clone());
    tags
}

fn vault(
    settings: &Settings,
    names: &Names,
    ground: &Ground,
) -> Result<DesiredVault, SettingsError> {
    let provision = &settings.provision;
    let bound = match settings.topology {
        Topology::Direct => &names.kong,
        Topology::Article | Topology::Separate => &names.login,
    };
    let kv_version = settings.kv.version.unwrap_or(KvVersion::Two);
    Ok(DesiredVault {
        auth_mount: settings.vault.auth_mount.clone(),
        auth_type: provision.auth_type.clone(),
        description: format!("managed by vaultiam (stack {})", provision.stack),
        client_config: client_config(settings, names, ground)?,
        // Vault writes the names of roles and policies small.
        role_name: settings.vault.auth_role.to_lowercase(),
        bound_arn: bound.clone(),
        role: auth_role(provision, bound),
        policy_name: provision.policy.to_lowercase(),
        policy: policy_text(provision, &settings.kv.prefix, kv_version),
        kv_mount: provision.kv_mount.clone(),
        kv_version,
    })
}

/// The fields of `config/client` for the way in which Vault is to ask STS. No
/// keys: Vault's server has an identity of its own.
fn client_config(
    settings: &Settings,
    names: &Names,
    ground: &Ground,
) -> Result<Map<String, Value>, SettingsError> {
    let vault = &settings.vault;
    let (endpoint, sts_region, from_client) = match ground.sts {
        StsMode::Client => (String::new(), String::new(), true),
        StsMode::Regional => {
            let region = vault.sts_region.as_deref().unwrap_or(&ground.region);
            let host = Partition::of_region(region).sts_host(region);
            let endpoint = vault
                .aws_sts_endpoint
                .clone()
                .unwrap_or(format!("https://{host}"));
            (endpoint, region.to_owned(), false)
        }
        StsMode::Global if names.partition.name != "aws" => {
            return Err(SettingsError::new(
                SettingsProblem::Contradiction,
                "vault.sts",
                format!(
                    "the partition {} has no global STS endpoint; use client or regional",
                    names.partition.name
                ),
            ));
        }
        StsMode::Global => (String::new(), String::new(), false),
    };
    let mut fields = Map::new();
    fields.insert(
        "iam_endpoint".to_owned(),
        json!(
            settings
                .provision
                .aws_iam_endpoint
                .clone()
                .unwrap_or_default()
        ),
    );
    fields.insert(
        "iam_server_id_header_value".to_owned(),
        json!(vault.server_id.clone().unwrap_or_default()),
    );
    fields.insert("sts_endpoint".to_owned(), json!(endpoint));
    fields.insert("sts_region".to_owned(), json!(sts_region));
    fields.insert("use_sts_region_from_client".to_owned(), json!(from_client));
    Ok(fields)
}

fn auth_role(provision: &ProvisionSettings, bound: &str) -> Map<String, Value> {
    let fields = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": [bound],
        "resolve_aws_unique_ids": provision.resolve_unique_ids,
        "inferred_entity_type": "",
        "inferred_aws_region": "",
        "token_policies": [provision.policy.to_lowercase()],
        "token_ttl": whole_seconds(provision.ttl),
        "token_max_ttl": whole_seconds(provision.max_ttl),
        "token_explicit_max_ttl": 0,
        "token_period": 0,
        "token_bound_cidrs": provision.bound_cidrs,
        "token_no_default_policy": false,
        "token_num_uses": provision.num_uses,
        "token_type": provision.token_type.name(),
    });
    fields.as_object().cloned().unwrap_or_default()
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

/// The policy of the token: reading what lies below the prefix, nothing else.
fn policy_text(provision: &ProvisionSettings, prefix: &str, version: KvVersion) -> String {
    let data = match version {
        KvVersion::One => "",
        KvVersion::Two => "data/",
    };
    let prefix = prefix.trim_matches('/');
    let below = if prefix.is_empty() {
        "*".to_owned()
    } else {
        format!("{prefix}/*")
    };
    format!(
        "# managed by vaultiam (stack {})\npath \"{}/{data}{below}\" {{\n  capabilities = [\"read\"]\n}}\n",
        provision.stack, provision.kv_mount
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::lint::{Kind, lint};
    use crate::settings::{Environment, resolve};

    fn wanted(file: &str, region: &str) -> Result<Desired, String> {
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
    fn what_cannot_be_set_up_is_said() {
        let cases = [
            (
                "aws: { workload: irsa }\n",
                "us-east-1",
                "aws.workload: irsa needs",
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
}
