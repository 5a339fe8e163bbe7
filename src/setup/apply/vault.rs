//! Changes on Vault's side.

use serde_json::{Map, Value, json};

use super::patience::Patience;
use super::{Tools, VaultWriters, look, written};
use crate::aws::classify::denied_caller;
use crate::aws::identity::{PrincipalArn, bare_name};
use crate::fault::{Cause, Fault, SetupProblem, Side};
use crate::setup::desired::{DesiredVault, Part};
use crate::setup::diff::is_same;
use crate::setup::diff::vault::{BOUND_ARNS, BOUND_IDS, is_fixed, texts};
use crate::setup::observe::VaultReaders;
use crate::setup::plan::{Change, Resource, Verb};
use crate::shell;
use crate::trace::{OpenStep, StepId};
use crate::vault::admin::{
    is_aws_access_denied_to_vault, is_aws_throttling_vault, is_path_in_use,
    is_principal_unknown_to_vault,
};
use crate::vault::namespace::with_variable;

type Made = Result<(), Box<Fault>>;

/// Makes a change in Vault.
pub(super) async fn make(change: &Change, tools: &Tools<'_>, step: &mut OpenStep) -> Made {
    let Some(VaultWriters { auth, kv }) = &tools.writers.vault else {
        return Err(without_writer(change));
    };
    refuse_changed(change, tools).await?;
    let wanted = &tools.desired.vault;
    let (verb, is_delete) = (change.verb, change.verb == Verb::Delete);
    let within = |command| with_variable(change.resource.namespace(), command);
    let say = |step: &mut OpenStep, command| step.command(within(command));
    let warnings = match &change.resource {
        Resource::AuthMount { path, .. } if is_delete => {
            say(step, shell::command(["vault", "auth", "disable", path]));
            auth.disable_auth(path).await?
        }
        Resource::AuthMount { path, .. } => {
            let (kind, path_flag) = (&wanted.auth_type, format!("-path={path}"));
            let description = format!("-description={}", wanted.description);
            say(
                step,
                shell::command(["vault", "auth", "enable", &path_flag, &description, kind]),
            );
            match auth.enable_auth(path, kind, &wanted.description).await {
                Err(fault) if is_path_in_use(&fault) => {
                    let readers = readers(tools, change)?;
                    let found = look(step, readers.auth.get_auth_mount(path)).await?;
                    let is_ours = found.is_some_and(|found| {
                        found.kind == *kind && found.description == wanted.description
                    });
                    if !is_ours {
                        return Err(fault);
                    }
                    Vec::new()
                }
                made => made?,
            }
        }
        Resource::ClientConfig { mount, .. } => {
            // Every owned field on every write: writes merge.
            let path = format!("auth/{mount}/config/client");
            say(step, write_command(&path, &wanted.client_config));
            auth.write_client_config(mount, &wanted.client_config)
                .await?
        }
        Resource::AuthRole { mount, name, .. } if is_delete => {
            let path = format!("auth/{mount}/role/{name}");
            say(step, shell::command(["vault", "delete", &path]));
            auth.delete_auth_role(mount, name).await?
        }
        Resource::AuthRole { .. } => return write_role(change, tools, auth, step).await,
        Resource::Policy { name, .. } if is_delete => {
            say(step, shell::command(["vault", "policy", "delete", name]));
            auth.delete_policy(name).await?
        }
        Resource::Policy { name, .. } => {
            let text = shell::quote(&wanted.policy);
            let write = within(shell::command(["vault", "policy", "write", name, "-"]));
            step.command(format!("printf %s {text} | {write}"));
            auth.write_policy(name, &wanted.policy).await?
        }
        Resource::KvMount { path, .. } if is_delete => {
            say(step, shell::command(["vault", "secrets", "disable", path]));
            kv.disable_secrets(path).await?
        }
        Resource::KvMount { path, .. } if verb == Verb::Create => {
            let version = wanted.kv_version;
            let description = format!("-description={}", wanted.description);
            let (path_flag, kind) = (
                format!("-path={path}"),
                format!("-version={}", version.number()),
            );
            say(
                step,
                shell::command([
                    "vault",
                    "secrets",
                    "enable",
                    &path_flag,
                    &description,
                    &kind,
                    "kv",
                ]),
            );
            match kv.enable_kv(path, version, &wanted.description).await {
                Err(fault) if is_path_in_use(&fault) => {
                    let readers = readers(tools, change)?;
                    let found = look(step, readers.kv.get_secrets_mount(path)).await?;
                    if found.is_none_or(|found| found.version != Some(version)) {
                        return Err(fault);
                    }
                    Vec::new()
                }
                made => made?,
            }
        }
        _ => return Err(without_writer(change)),
    };
    note(step, warnings);
    Ok(())
}

/// Looks again directly before a change: what is another than the plan saw stays
/// as it is.
async fn refuse_changed(change: &Change, tools: &Tools<'_>) -> Made {
    let readers = readers(tools, change)?;
    let auth = &readers.auth;
    let is_as_planned = match (&change.resource, change.verb) {
        (Resource::AuthRole { mount, name, .. }, _) => {
            fits(change, auth.get_auth_role(mount, name).await?)
        }
        (Resource::ClientConfig { mount, .. }, _) => {
            let found = auth.get_client_config(mount).await?;
            fits(change, found.map(|config| config.shown()))
        }
        (Resource::Policy { name, .. }, _) => {
            let found = auth.get_policy(name).await?;
            fits(change, found.map(|text| field("policy", text)))
        }
        // Whoever came to the mount meanwhile would go with it.
        (Resource::AuthMount { path, .. }, Verb::Delete) => {
            auth.list_auth_roles(path).await?.is_empty()
        }
        (Resource::KvMount { path, .. }, Verb::Delete) => {
            let found = readers.kv.get_secrets_mount(path).await?;
            found.is_none_or(|found| found.description == tools.desired.vault.description)
        }
        _ => true,
    };
    if is_as_planned {
        return Ok(());
    }
    Err(Box::new(Fault::new(
        StepId::Change,
        Side::Vault,
        "change",
        change.resource.name(),
        Cause::Setup(SetupProblem::ChangedMeanwhile),
        "it is another than when the plan was made; nothing was written to it",
    )))
}

fn field(name: &str, value: String) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), Value::from(value))])
}

/// Tells whether what is there now is what the plan saw, or what it wants.
fn fits(change: &Change, found: Option<Map<String, Value>>) -> bool {
    let Some(found) = found else {
        // What is gone already needs no deleting.
        return matches!(change.verb, Verb::Create | Verb::Delete);
    };
    change.fields.iter().all(|field| {
        let now = found.get(&field.name);
        let is = |value: &Option<Value>| is_same(value.as_ref().unwrap_or(&Value::Null), now);
        is(&field.before) || is(&field.after)
    })
}

fn readers<'a>(tools: &Tools<'a>, change: &Change) -> Result<&'a VaultReaders, Box<Fault>> {
    let readers = tools.readers.vault.as_ref();
    readers.ok_or_else(|| without_writer(change))
}

fn note(step: &mut OpenStep, warnings: Vec<String>) {
    if !warnings.is_empty() {
        step.fact("warnings", warnings);
    }
}

/// Writes what differs: writes merge. A field that Vault does not let change
/// takes a role made anew, which binds whom the old one bound.
async fn write_role(
    change: &Change,
    tools: &Tools<'_>,
    writer: &crate::vault::admin::VaultWriter,
    step: &mut OpenStep,
) -> Made {
    let DesiredVault {
        auth_mount: mount,
        role_name: name,
        ..
    } = &tools.desired.vault;
    let path = format!("auth/{mount}/role/{name}");
    let fields = if change.fields.iter().any(is_fixed) {
        let fields = whole_role(tools).await?;
        writer.delete_auth_role(mount, name).await?;
        // From here on the old role is gone, whatever becomes of the new one.
        written(step, &mut Vec::new(), "deleted");
        fields
    } else {
        let changed = change.fields.iter().filter(|field| field.name != BOUND_IDS);
        changed
            .filter_map(|field| Some((field.name.clone(), field.after.clone()?)))
            .collect()
    };
    let command = write_command(&path, &fields);
    step.command(with_variable(change.resource.namespace(), command));
    let mut patience = Patience::for_propagation();
    loop {
        match writer.write_auth_role(mount, name, &fields).await {
            Ok(warnings) => {
                note(step, warnings);
                return Ok(());
            }
            Err(fault) => {
                let may_come = may_come_true(&fault, tools).await?;
                if !(may_come && patience.wait(step, &fault.message).await) {
                    return Err(fault);
                }
            }
        }
    }
}

/// Every field that is wanted, and everybody who is bound now.
async fn whole_role(tools: &Tools<'_>) -> Result<Map<String, Value>, Box<Fault>> {
    let wanted = &tools.desired.vault;
    let mut fields = wanted.role.clone();
    if let Some(readers) = &tools.readers.vault {
        let found = readers
            .auth
            .get_auth_role(&wanted.auth_mount, &wanted.role_name)
            .await?;
        let mut bound = texts(found.as_ref().and_then(|found| found.get(BOUND_ARNS)));
        if !bound.contains(&wanted.bound_arn) {
            bound.push(wanted.bound_arn.clone());
        }
        fields.insert(BOUND_ARNS.to_owned(), json!(bound));
    }
    Ok(fields)
}

/// Tells whether what AWS told Vault may be another answer in some seconds: the
/// role is there, or the right to look at it is given.
async fn may_come_true(fault: &Fault, tools: &Tools<'_>) -> Result<bool, Box<Fault>> {
    if is_aws_throttling_vault(fault) {
        return Ok(true);
    }
    if is_principal_unknown_to_vault(fault) {
        let Some(iam) = &tools.readers.iam else {
            return Ok(false);
        };
        let arn = &tools.desired.vault.bound_arn;
        let words = fault.upstream.as_deref().unwrap_or(&fault.message);
        // Vault looks up everybody whom the role binds.
        if !words.contains(bare_name(arn)) {
            return Ok(false);
        }
        let found = iam.get_role(bare_name(arn)).await?;
        return Ok(found.is_some_and(|found| found.arn == *arn));
    }
    Ok(is_aws_access_denied_to_vault(fault) && is_granted(fault, tools))
}

/// Tells whether Vault runs with a role to which the set-up gives the right that
/// it lacks: AWS may only not know of it everywhere yet.
fn is_granted(fault: &Fault, tools: &Tools<'_>) -> bool {
    let words = fault.upstream.as_deref().unwrap_or_default();
    let caller = denied_caller(words).and_then(PrincipalArn::parse);
    let role = caller.as_ref().and_then(PrincipalArn::role_name);
    tools.readers.iam.is_some()
        && tools
            .desired
            .roles
            .iter()
            .any(|wanted| wanted.part != Part::Kong && Some(wanted.name.as_str()) == role)
}

/// `vault write PATH name=value …`; lists as JSON would need a file, so they are
/// joined as the command takes them.
fn write_command(path: &str, fields: &Map<String, Value>) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    let words = ["vault", "write", path].into_iter();
    shell::command(words.chain(pairs.iter().map(String::as_str)))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn without_writer(change: &Change) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Change,
        Side::Local,
        "change",
        change.resource.name(),
        Cause::Setup(SetupProblem::ChangedMeanwhile),
        "the plan does not fit what is wanted any more",
    ))
}
