//! What is said of a role of Vault's that takes no login: that it is not there, is
//! of another type, or is for instances only. The words of a refused login and of a
//! check alike. Pure.

use serde_json::Value;

use super::again::Again;
use super::binding::Principal;
use super::looks::{AuthRole, Look, Rights};
use super::{Code, Finding, Where};
use crate::aws::identity::bare_name;
use crate::settings::file::closest;
use crate::settings::{ProvisionSettings, Settings, TokenType, VaultSettings};
use crate::shell;

/// There is no such role. `caller` is the name of the IAM role of whoever logs in.
/// Named are those that there are, and the one that was probably meant.
pub(super) fn absent(
    settings: &Settings,
    caller: Option<&str>,
    roles: &Look<Vec<String>>,
    again: Again,
) -> Finding {
    let Settings { aws, vault, .. } = settings;
    let mut names_of_iam = [&*aws.kong_role, &*aws.login_role]
        .into_iter()
        .chain(caller);
    let is_name_of_iam =
        names_of_iam.any(|name| bare_name(name).eq_ignore_ascii_case(&vault.auth_role));
    let finding = if is_name_of_iam {
        Finding::certain(Code::VLT633).because(format!(
            "'{}' is the name of an IAM role. Vault's auth method at auth/{} has no role of that name.",
            vault.auth_role, vault.auth_mount
        ))
    } else {
        Finding::certain(Code::VLT603).because(format!(
            "Vault's auth method at auth/{} has no role '{}'.",
            vault.auth_mount, vault.auth_role
        ))
    };
    let finding = finding
        .fact("settings", "vault.auth_role", &vault.auth_role)
        .fact("settings", "vault.auth_mount", &vault.auth_mount);
    let path = format!("auth/{}/roles", vault.auth_mount);
    let Some((names, rights)) = roles.seen_with() else {
        return finding.not_seen(roles.missing("list", &path)).remedy(
            Where::Vault,
            "see which roles there are",
            Some(shell::command(["vault", "list", &path])),
            Some(&format!("list on {path}")),
        );
    };
    let listed = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    let finding = finding.fact_with(rights, &path, "roles", listed);
    match likely_meant(&vault.auth_role, names) {
        Some(name) => finding.remedy(
            Where::Here,
            format!("did you mean '{name}'? Name it here, in the settings (vault.auth_role) and in Kong (aws_auth_role)"),
            Some(again.with(&[again.role_flag(), name])),
            None,
        ),
        None => finding.remedy(
            Where::Here,
            "name one that is there, or have it made",
            Some(make(&vault.auth_role)),
            None,
        ),
    }
}

/// The command that makes the role.
pub(super) fn make(name: &str) -> String {
    shell::command(["vaultiam", "setup", "--only", "vault", "--auth-role", name])
}

/// The role that was probably meant: one with a name alike, or the only one.
fn likely_meant<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = closest(&name.to_ascii_lowercase(), &known);
    near.or(match known.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}

/// The role takes instance documents. Its type cannot be changed, and who logs in
/// with it now still must.
pub(super) fn of_type_ec2(
    role: Option<(&AuthRole, &Rights)>,
    who: Option<&Principal>,
    settings: &Settings,
    again: Again,
) -> Finding {
    let vault = &settings.vault;
    let path = vault.role_path();
    let finding = Finding::certain(Code::VLT604);
    let finding = match role {
        Some((role, rights)) => finding.fact_with(rights, &path, "auth_type", role.auth_type()),
        None => finding,
    };
    let Some(who) = who else {
        return finding;
    };
    let name = format!("{}-iam", vault.auth_role);
    let other = format!("auth/{}/role/{name}", vault.auth_mount);
    let mut fields = vec![
        "auth_type=iam".to_owned(),
        format!("bound_iam_principal_arn={}", who.bindable_arn()),
    ];
    let text = "the type of a role cannot be changed: make a second one beside it, which lets this principal in";
    let (finding, text) = match role {
        Some((role, _)) => {
            fields.extend(token_fields(role));
            (finding, text.to_owned())
        }
        None => {
            fields.extend(wanted_token_fields(&settings.provision));
            let finding = finding.remedy(
                Where::Vault,
                "see what the old role hands out, and within which limits",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
            let text = format!(
                "{text}. The old one was not seen: policies and lifetimes are those of the settings, and its other fields are left out"
            );
            (finding, text)
        }
    };
    let then = format!(
        "then {} with that one, and name it in the settings (vault.auth_role) and in Kong (aws_auth_role)",
        again.words()
    );
    finding
        .remedy(
            Where::Vault,
            text,
            Some(write(&other, &fields)),
            Some(&format!(
                "create on {other}, and iam:GetRole for Vault's server"
            )),
        )
        .remedy(
            Where::Here,
            then,
            Some(again.with(&[again.role_flag(), &name])),
            None,
        )
}

/// All that a role hands out and how, to be written into another one.
fn token_fields(role: &AuthRole) -> Vec<String> {
    let fields = role.0.iter().filter(|(name, _)| name.starts_with("token_"));
    fields
        .filter_map(|(name, value)| {
            let value = match value {
                Value::Array(items) if !items.is_empty() => {
                    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    items.join(",")
                }
                Value::Bool(true) => "true".to_owned(),
                Value::Number(number) if number.as_u64() != Some(0) => number.to_string(),
                Value::String(text) if !text.is_empty() && text != "default" => text.clone(),
                _ => return None,
            };
            Some(format!("{name}={value}"))
        })
        .collect()
}

/// What the settings have a role hand out.
fn wanted_token_fields(provision: &ProvisionSettings) -> Vec<String> {
    let mut fields = vec![
        format!("token_policies={}", provision.policy.to_lowercase()),
        format!("token_ttl={}", provision.ttl.as_secs()),
        format!("token_max_ttl={}", provision.max_ttl.as_secs()),
    ];
    if !provision.bound_cidrs.is_empty() {
        fields.push(format!(
            "token_bound_cidrs={}",
            provision.bound_cidrs.join(",")
        ));
    }
    if provision.num_uses > 0 {
        fields.push(format!("token_num_uses={}", provision.num_uses));
    }
    if provision.token_type == TokenType::Batch {
        fields.push(format!("token_type={}", provision.token_type.name()));
    }
    if !provision.resolve_unique_ids {
        fields.push("resolve_aws_unique_ids=false".to_owned());
    }
    fields
}

/// A login of Kong's needs no instance. What is bound of it goes with it.
pub(super) fn stop_inferring(
    finding: Finding,
    role: &AuthRole,
    rights: &Rights,
    who: Option<&Principal>,
    vault: &VaultSettings,
) -> Finding {
    let path = vault.role_path();
    let mut fields = vec![
        "inferred_entity_type=".to_owned(),
        "inferred_aws_region=".to_owned(),
    ];
    let bounds = role.instance_bounds();
    fields.extend(bounds.iter().map(|(name, _)| format!("{name}=")));
    // Somebody must be bound, once the instance is not.
    if role.bound_arns().is_empty()
        && let Some(who) = who
    {
        fields.push(format!("bound_iam_principal_arn={}", who.bindable_arn()));
    }
    finding
        .fact_with(rights, &path, "inferred_entity_type", role.inferred_entity())
        .fact_with(rights, &path, "inferred_aws_region", role.inferred_region())
        .remedy(
            Where::Vault,
            "if it need not be an instance, stop inferring one; what is bound of instances must go with it",
            Some(write(&path, &fields)),
            Some(&format!("update on {path}")),
        )
}

fn write(path: &str, fields: &[String]) -> String {
    let words = ["vault", "write", path].into_iter();
    shell::command(words.chain(fields.iter().map(String::as_str)))
}
