//! What commands that log in or read report alike.

use crate::diagnose::{Code, Evidence, Finding, Looks, explain};
use crate::fault::{Fault, Side};
use crate::login::Ending;
use crate::trace::StepId;
use crate::vault::namespace::with_variable;

use super::Context;
use super::sight::Sight;

/// A fault with its meaning and exit code.
pub(super) struct Judged {
    pub(super) fault: Box<Fault>,
    pub(super) findings: Vec<Finding>,
    pub(super) exit_code: u8,
    pub(super) looks: Box<Looks>,
    pub(super) foreign_token: bool,
}

/// Explains a fault with what was seen, and what a look for the cause shows.
pub(super) async fn judge(context: &Context, fault: Box<Fault>, sight: &Sight<'_>) -> Judged {
    let looks = sight.look(context, &[&fault]).await.into_iter().next();
    judged(context, fault, looks.unwrap_or_default(), sight)
}

/// Explains each fault among the results of a run, all with the same looks.
pub(super) async fn judge_all<T>(
    context: &Context,
    results: Vec<Result<T, Box<Fault>>>,
    sight: &Sight<'_>,
) -> Vec<Result<T, Judged>> {
    let faults = results.iter().filter_map(|result| result.as_ref().err());
    let faults: Vec<&Fault> = faults.map(|fault| &**fault).collect();
    let mut looks = sight.look(context, &faults).await.into_iter();
    let results = results.into_iter();
    results
        .map(|result| {
            result.map_err(|fault| judged(context, fault, looks.next().unwrap_or_default(), sight))
        })
        .collect()
}

fn judged(context: &Context, fault: Box<Fault>, looks: Looks, sight: &Sight<'_>) -> Judged {
    let evidence = Evidence {
        looks,
        ..context.evidence(sight.seen, sight.foreign_token)
    };
    let findings = explain(&fault, &evidence);
    let exit_code = super::exit::of_fault(&fault, &findings);
    Judged {
        fault,
        findings,
        exit_code,
        looks: Box::new(evidence.looks),
        foreign_token: evidence.foreign_token,
    }
}

/// Revokes the token of this run, as a step of its own, and says how it went.
pub(super) async fn revoke(context: &Context) -> Ending {
    if !context.run.cleanup.has_token() {
        return Ending::Nothing;
    }
    let mut step = context.run.trace.begin(StepId::Revoke, Side::Vault);
    let namespace = context.run.settings.vault.namespace.as_deref();
    let command = "vault token revoke -self".to_owned();
    step.command(with_variable(namespace, command));
    let ending = context.run.cleanup.finish().await;
    match &ending {
        Ending::Failed(words) => {
            step.fail(words);
            context.warn(&format!(
                "the token could not be revoked and lives on until it expires: {words}"
            ));
        }
        Ending::Gone => step.skip("the token is spent or was revoked already"),
        Ending::Batch => step.skip("a batch token cannot be revoked; it ends by itself"),
        Ending::Nothing => step.skip("there is no token any more"),
        Ending::Revoked => {
            step.fact("ending", "the token is revoked");
            step.succeed();
        }
    }
    ending
}

/// The word of the documents for how a token ended.
pub(super) fn revoked_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Revoked => "yes",
        Ending::Gone | Ending::Batch => "not_needed",
        Ending::Nothing | Ending::Failed(_) => "no",
    }
}

/// Says what is dangerous about the settings, each time.
pub(super) fn warn_of_settings(context: &Context) {
    let vault = &context.run.settings.vault;
    if vault.connection.skip_verify {
        context.warn(&format!(
            "{}: Vault's certificate is not checked; whoever sits on the way can read every secret",
            Code::SEC005
        ));
    }
}
