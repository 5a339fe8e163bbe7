//! Instance profiles.

use serde_json::Value;

use super::{Iam, Made, changed, tag_words, wait_for_role};
use crate::aws::classify::{is_already_there, is_in_use};
use crate::setup::apply::patience::Patience;
use crate::setup::apply::{look, written};
use crate::setup::desired::DesiredProfile;
use crate::setup::diff::aws::has_marks;
use crate::setup::plan::{Change, Verb};
use crate::trace::OpenStep;

pub(super) async fn put_profile(
    iam: &Iam<'_>,
    wanted: &DesiredProfile,
    verb: Verb,
    step: &mut OpenStep,
) -> Made {
    let DesiredProfile {
        name, path, tags, ..
    } = wanted;
    let tag_flag = tag_words(tags);
    step.command(format!(
        "aws iam create-instance-profile --instance-profile-name {name} {tag_flag} && aws iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}"
    ));
    let mut so_far = Vec::new();
    if verb == Verb::Create {
        match iam.writer.create_instance_profile(name, path, tags).await {
            Err(fault) if is_already_there(&fault) => {
                let found = look(step, iam.reader.get_instance_profile(name)).await?;
                let is_ours = found.is_some_and(|found| has_marks(&found.tags, tags));
                if !is_ours {
                    return Err(changed(
                        name,
                        "an instance profile of this name was made in the meantime",
                    ));
                }
            }
            made => made?,
        }
        written(step, &mut so_far, "tags");
    }
    let mut patience = Patience::for_propagation();
    loop {
        match iam.writer.add_role_to_instance_profile(name, name).await {
            Ok(()) => {
                written(step, &mut so_far, "roles");
                return Ok(());
            }
            Err(fault) => {
                // Our own request may have come through before its answer was lost.
                let Ok(found) = look(step, iam.reader.get_instance_profile(name)).await else {
                    return Err(fault);
                };
                if found.is_some_and(|found| found.roles == [name.clone()]) {
                    return Ok(());
                }
                wait_for_role(iam, name, fault, &mut patience, step).await?;
            }
        }
    }
}

pub(super) async fn delete_profile(
    iam: &Iam<'_>,
    name: &str,
    change: &Change,
    step: &mut OpenStep,
) -> Made {
    let roles = change.fields.iter().find(|field| field.name == "roles");
    let roles = roles
        .and_then(|field| field.before.as_ref())
        .and_then(Value::as_array);
    let mut so_far = Vec::new();
    for role in roles.into_iter().flatten().filter_map(Value::as_str) {
        iam.writer
            .remove_role_from_instance_profile(name, role)
            .await?;
        written(step, &mut so_far, "roles");
    }
    let words = [
        "aws",
        "iam",
        "delete-instance-profile",
        "--instance-profile-name",
        name,
    ];
    step.command(crate::shell::command(words));
    let mut patience = Patience::for_propagation();
    loop {
        match iam.writer.delete_instance_profile(name).await {
            Err(fault) if is_in_use(&fault) && patience.wait(step, &fault.message).await => {}
            ended => return ended,
        }
    }
}
