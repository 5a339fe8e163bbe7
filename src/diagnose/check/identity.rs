//! Who runs this. `aws.credentials` fails where no provider of the chain has
//! credentials, `aws.caller` where STS does not take them. Neither says anything of
//! Kong: a laptop without a key is no fault of the set-up, but most of AWS cannot be
//! looked at from it.

use super::{Scene, Verdict};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::secret::mask_middle;
use crate::trace::StepId;

pub(super) async fn credentials(scene: &Scene) -> Verdict {
    let standing = scene.standing().await;
    match &standing.operator {
        Ok(operator) => Verdict::passed(format!(
            "{}, key {}",
            operator.base.provider.name(),
            mask_middle(operator.base.credentials.access_key_id())
        )),
        Err(fault) if fault.step == StepId::Credentials => Verdict::of(
            fault.message.clone(),
            scene.explained(fault, &standing.seen),
        ),
        // They are there, and STS said something to them.
        Err(_) => Verdict::passed("found"),
    }
}

pub(super) async fn caller(scene: &Scene) -> Verdict {
    let standing = scene.standing().await;
    let operator = match &standing.operator {
        Ok(operator) => operator,
        Err(fault) => {
            return Verdict::of(
                fault.message.clone(),
                scene.explained(fault, &standing.seen),
            );
        }
    };
    let arn = &operator.caller.arn;
    let is_root =
        PrincipalArn::parse(arn).is_some_and(|arn| matches!(arn.kind, PrincipalKind::Root));
    let findings = if is_root { vec![root(arn)] } else { Vec::new() };
    Verdict::of(arn.clone(), findings)
}

/// It works for looking, and no root user can assume a role.
fn root(arn: &str) -> Finding {
    let mut finding = Finding::certain(Code::AWS115)
        .fact("sts", "arn", arn)
        .remedy(
            Where::Here,
            "use the credentials of a role or a user in place of the root user's",
            None,
            None,
        );
    finding.severity = Severity::Warning;
    finding
}
