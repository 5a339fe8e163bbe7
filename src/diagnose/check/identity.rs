//! Who runs this. `aws.credentials` fails where no provider of the chain has
//! credentials, `aws.caller` where STS does not take them. Neither says anything of
//! Kong: a laptop without a key is no fault of the set-up, but most of AWS cannot be
//! looked at from it.

use super::{Scene, Verdict};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::trace::StepId;

pub(super) async fn credentials(scene: &Scene) -> Verdict {
    let standing = scene.standing().await;
    match &standing.who {
        Ok(who) => Verdict::passed(format!("{}, key {}", who.provider.name(), who.key)),
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
    let who = match &standing.who {
        Ok(who) => who,
        Err(fault) => {
            return Verdict::of(
                fault.message.clone(),
                scene.explained(fault, &standing.seen),
            );
        }
    };
    let arn = &who.arn;
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
