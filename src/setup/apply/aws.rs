//! Changes on AWS's side.

mod principals;
mod profile;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::patience::Patience;
use super::{Tools, look, loses_its_role, written};
use crate::aws::classify::{is_absent, is_already_there, is_concurrent, is_in_use};
use crate::aws::identity::bare_name;
use crate::aws::roles::{IamReader, IamWriter, NewRole};
use crate::fault::{Cause, Fault, SetupProblem, Side};
use crate::setup::desired::DesiredRole;
use crate::setup::diff::aws::has_marks;
use crate::setup::diff::statements::is_same_policy;
use crate::setup::plan::{Change, FieldChange, Resource, Verb};
use crate::trace::{OpenStep, StepId};
use principals::wait_for_principals;
use profile::{delete_profile, put_profile};

type Made = Result<(), Box<Fault>>;

/// Makes a change in IAM.
pub(super) async fn make(change: &Change, tools: &Tools<'_>, step: &mut OpenStep) -> Made {
    let (Some(reader), Some(writer)) = (&tools.readers.iam, &tools.writers.iam) else {
        return Err(not_ours_to_change(change));
    };
    let account = change_account(change);
    let iam = Iam {
        reader,
        writer,
        account,
    };
    match (&change.resource, change.verb) {
        (Resource::Role { arn }, Verb::Create) => {
            let wanted = tools.desired.roles.iter().find(|role| role.arn == *arn);
            match wanted {
                Some(wanted) => create_role(&iam, wanted, step).await,
                None => Err(not_ours_to_change(change)),
            }
        }
        (Resource::Role { arn }, Verb::Delete) => {
            delete_role(&iam, name_of(arn), &change.fields, step).await
        }
        (Resource::Role { arn }, Verb::Update | Verb::Replace | Verb::Adopt) => {
            update_role(&iam, name_of(arn), &change.fields, step).await
        }
        (Resource::InlinePolicy { role_arn, name }, _) => {
            inline_policy(&iam, name_of(role_arn), name, change, step).await
        }
        (Resource::InstanceProfile { arn }, Verb::Update) if loses_its_role(change) => {
            let name = name_of(arn);
            iam.writer
                .remove_role_from_instance_profile(name, name)
                .await
        }
        (Resource::InstanceProfile { arn }, Verb::Delete) => {
            delete_profile(&iam, name_of(arn), change, step).await
        }
        (Resource::InstanceProfile { arn }, _) => {
            let mut profiles = tools.desired.profiles.iter();
            match profiles.find(|profile| profile.arn == *arn) {
                Some(wanted) => put_profile(&iam, wanted, change.verb, step).await,
                None => Err(not_ours_to_change(change)),
            }
        }
        _ => Err(not_ours_to_change(change)),
    }
}

/// IAM, for looking again and for writing.
struct Iam<'a> {
    reader: &'a IamReader,
    writer: &'a IamWriter,
    /// The account of what is changed.
    account: &'a str,
}

fn change_account(change: &Change) -> &str {
    let arn = match &change.resource {
        Resource::Role { arn } | Resource::InstanceProfile { arn } => arn,
        Resource::InlinePolicy { role_arn, .. } => role_arn,
        _ => "",
    };
    arn.split(':').nth(4).unwrap_or_default()
}

fn name_of(arn: &str) -> &str {
    bare_name(arn)
}

/// A plan names only what was looked at; this guards the writers all the same.
fn not_ours_to_change(change: &Change) -> Box<Fault> {
    changed(
        &change.resource.name(),
        "the plan does not fit what is wanted any more",
    )
}

async fn create_role(iam: &Iam<'_>, wanted: &DesiredRole, step: &mut OpenStep) -> Made {
    let new = NewRole {
        name: wanted.name.clone(),
        path: wanted.path.clone(),
        trust: wanted.trust.clone(),
        tags: wanted.tags.clone(),
        permissions_boundary: wanted.permissions_boundary.clone(),
        description: None,
    };
    let command = command_for_role("create-role", &wanted.name, &wanted.trust);
    let tags = tag_words(&wanted.tags);
    step.command(format!(
        "{command} --path {} {tags}",
        crate::shell::quote(&wanted.path)
    ));
    let mut patience = Patience::for_propagation();
    loop {
        match iam.writer.create_role(&new).await {
            Ok(created) => {
                step.fact("unique_id", created.unique_id);
                return Ok(());
            }
            Err(fault) if is_already_there(&fault) => {
                return is_this_ours(iam, wanted, fault, step).await;
            }
            Err(fault) => {
                wait_for_principals(iam, &wanted.trust, fault, &mut patience, step).await?
            }
        }
    }
}

/// The answer to our own request may have been lost, and the SDK asked again:
/// then the role is as wanted. Else somebody made it at this moment.
async fn is_this_ours(
    iam: &Iam<'_>,
    wanted: &DesiredRole,
    fault: Box<Fault>,
    step: &mut OpenStep,
) -> Made {
    let found = look(step, iam.reader.get_role(&wanted.name)).await?;
    let is_ours = found.is_some_and(|found| {
        found.arn == wanted.arn
            && has_marks(&found.tags, &wanted.tags)
            && is_same_policy(&found.trust, &wanted.trust)
    });
    if is_ours {
        return Ok(());
    }
    let mut changed = changed(&wanted.name, "a role of this name was made in the meantime");
    changed.request_id = fault.request_id;
    Err(changed)
}

/// What bounds the role comes before what opens it.
async fn update_role(
    iam: &Iam<'_>,
    role: &str,
    fields: &[FieldChange],
    step: &mut OpenStep,
) -> Made {
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    let mut so_far = Vec::new();
    if let Some(Value::String(boundary)) =
        field("permissions_boundary").and_then(|field| field.after.as_ref())
    {
        iam.writer.put_permissions_boundary(role, boundary).await?;
        written(step, &mut so_far, "permissions_boundary");
    }
    if let Some((field, after)) =
        field("trust_policy").and_then(|field| Some((field, field.after.as_ref()?)))
    {
        step.command(command_for_role("update-assume-role-policy", role, after));
        update_trust(iam, role, field, after, step).await?;
        written(step, &mut so_far, "trust_policy");
    }
    if let Some(field) = field("tags") {
        let new = new_tags(field);
        iam.writer.tag_role(role, &new).await?;
        written(step, &mut so_far, "tags");
    }
    Ok(())
}

/// Writes a trust policy, unless it is another by now than the plan saw.
async fn update_trust(
    iam: &Iam<'_>,
    role: &str,
    field: &FieldChange,
    after: &Value,
    step: &mut OpenStep,
) -> Made {
    let mut patience = Patience::for_propagation();
    loop {
        let found = iam.reader.get_role(role).await?;
        let Some(found) = found else {
            return Err(changed(role, "the role is gone since the plan was made"));
        };
        let is_as_planned = field
            .before
            .as_ref()
            .is_some_and(|before| is_same_policy(before, &found.trust));
        if !is_as_planned {
            let words =
                "its trust policy is another than when the plan was made; nothing was written";
            let mut fault = changed(role, words);
            fault.upstream = Some(found.trust.to_string());
            return Err(fault);
        }
        match iam.writer.update_trust(role, after).await {
            Ok(()) => return Ok(()),
            Err(fault) => wait_for_principals(iam, after, fault, &mut patience, step).await?,
        }
    }
}

fn changed(target: &str, words: &str) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Change,
        Side::Iam,
        "change",
        target,
        Cause::Setup(SetupProblem::ChangedMeanwhile),
        words,
    ))
}

fn new_tags(field: &FieldChange) -> BTreeMap<String, String> {
    let before = field.before.as_ref();
    let after = field.after.as_ref().and_then(Value::as_object);
    after
        .into_iter()
        .flatten()
        .filter(|(name, value)| before.and_then(|before| before.get(name.as_str())) != Some(*value))
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

async fn inline_policy(
    iam: &Iam<'_>,
    role: &str,
    name: &str,
    change: &Change,
    step: &mut OpenStep,
) -> Made {
    let document = change.fields.iter().find_map(|field| field.after.as_ref());
    let Some(document) = document else {
        let words = [
            "aws",
            "iam",
            "delete-role-policy",
            "--role-name",
            role,
            "--policy-name",
            name,
        ];
        step.command(crate::shell::command(words));
        return iam.writer.delete_inline_policy(role, name).await;
    };
    let text = document.to_string();
    let words = [
        "aws",
        "iam",
        "put-role-policy",
        "--role-name",
        role,
        "--policy-name",
        name,
        "--policy-document",
        &text,
    ];
    step.command(crate::shell::command(words));
    let mut patience = Patience::for_propagation();
    loop {
        match iam.writer.put_inline_policy(role, name, document).await {
            Ok(()) => return Ok(()),
            Err(fault) => wait_for_role(iam, role, fault, &mut patience, step).await?,
        }
    }
}

/// Waits when IAM does not know a role *yet* that it shows already.
async fn wait_for_role(
    iam: &Iam<'_>,
    role: &str,
    fault: Box<Fault>,
    patience: &mut Patience,
    step: &mut OpenStep,
) -> Made {
    let may_come =
        is_concurrent(&fault) || (is_absent(&fault) && iam.reader.get_role(role).await?.is_some());
    if may_come && patience.wait(step, &fault.message).await {
        Ok(())
    } else {
        Err(fault)
    }
}

/// Deletes a role from which all that is ours was taken. IAM may need a moment
/// to see that.
async fn delete_role(
    iam: &Iam<'_>,
    role: &str,
    fields: &[FieldChange],
    step: &mut OpenStep,
) -> Made {
    if let Some(found) = iam.reader.get_role(role).await? {
        let before = |name: &str| {
            let mut fields = fields.iter();
            fields.find(|field| field.name == name)?.before.clone()
        };
        let is_as_planned = before("tags") == Some(json!(found.tags))
            && before("trust_policy").is_some_and(|trust| is_same_policy(&trust, &found.trust));
        if !is_as_planned {
            return Err(changed(
                role,
                "the role is another than when the plan was made",
            ));
        }
    }
    step.command(crate::shell::command([
        "aws",
        "iam",
        "delete-role",
        "--role-name",
        role,
    ]));
    let mut patience = Patience::for_propagation();
    loop {
        match iam.writer.delete_role(role).await {
            Err(fault)
                if (is_concurrent(&fault) || is_in_use(&fault))
                    && patience.wait(step, &fault.message).await => {}
            ended => return ended,
        }
    }
}

fn tag_words(tags: &BTreeMap<String, String>) -> String {
    let pairs = tags
        .iter()
        .map(|(key, value)| crate::shell::quote(&format!("Key={key},Value={value}")));
    format!("--tags {}", pairs.collect::<Vec<_>>().join(" "))
}

fn command_for_role(action: &str, role: &str, trust: &Value) -> String {
    let flag = if action == "create-role" {
        "--assume-role-policy-document"
    } else {
        "--policy-document"
    };
    crate::shell::command([
        "aws",
        "iam",
        action,
        "--role-name",
        role,
        flag,
        &trust.to_string(),
    ])
}
