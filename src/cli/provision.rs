//! `vaultiam setup` and `vaultiam teardown`: look, plan, show, ask, change, look
//! again.

mod prepare;
mod report;

use crate::fault::{Cause, Fault, SetupProblem, Side};
use crate::output::plan::plan_text;
use crate::setup::apply::{Hands, Stopped, apply};
use crate::setup::confirm::{Consent, NotPermitted, has_replacements, permit};
use crate::setup::diff::Decisions;
use crate::setup::observe::observe;
use crate::setup::plan::Plan;
use crate::setup::rights::{self, Rights};
use crate::setup::teardown::Spoils;
use crate::setup::verify::{Intent, verify};
use crate::trace::StepId;

use super::args::Format;
use super::{Context, DONE, Verbosity};
use prepare::{Prepared, prepare};
use report::{Report, show_applied, show_plan};

pub(super) use report::{interrupted, interrupted_text};

/// What was typed behind `setup` or `teardown`.
pub(super) struct ProvisionArguments {
    pub(super) explain: bool,
    pub(super) goal: Goal,
    pub(super) sides: Sides,
    pub(super) stop: Stop,
    pub(super) recreated: Recreated,
}

/// Where to.
pub(super) enum Goal {
    SetUp(Decisions),
    TearDown(Spoils),
}

impl Goal {
    pub(super) fn command(&self) -> &'static str {
        match self {
            Goal::SetUp(_) => "setup",
            Goal::TearDown(_) => "teardown",
        }
    }

    fn intent(&self) -> Intent<'_> {
        match self {
            Goal::SetUp(decisions) => Intent::SetUp(decisions),
            Goal::TearDown(spoils) => Intent::TearDown(spoils),
        }
    }
}

/// Which sides are looked at and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    Both,
    Aws,
    Vault,
}

impl Sides {
    fn has_aws(self) -> bool {
        self != Sides::Vault
    }

    fn has_vault(self) -> bool {
        self != Sides::Aws
    }
}

/// How far the command goes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// `--plan`: shows it and ends.
    AfterPlan,
    /// Asks before the first change.
    ToAsk,
    /// `--yes`.
    Never,
}

/// Whether roles that were made anew are trusted again without a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recreated {
    Accepted,
    Asked,
}

/// Sets up or tears down.
pub(super) async fn run(arguments: &ProvisionArguments, context: &Context) -> u8 {
    super::report::warn_of_settings(context);
    let prepared = match prepare(arguments, context).await {
        Ok(prepared) => prepared,
        Err(report) => return end(arguments, context, &Plan::default(), *report),
    };
    let (plan, rights) = match plan(arguments, context, &prepared).await {
        Ok(planned) => planned,
        Err(report) => return end(arguments, context, &Plan::default(), *report),
    };
    for words in &rights.not_seen {
        context.inform(words);
    }
    let mut report = Report::of_plan(context, arguments, &plan, &rights);
    if arguments.stop == Stop::AfterPlan {
        return show_plan(arguments, context, &plan, report);
    }
    if plan.is_empty() {
        return show_applied(arguments, context, &prepared, report);
    }
    let is_read = arguments.stop == Stop::ToAsk || context.verbosity != Verbosity::Quiet;
    if context.format == Format::Human && is_read {
        context.progress.end();
        let text = plan_text(&plan, &rights.missing, context.streams.stderr_style);
        context.streams.aside(&format!("{text}\n"));
    }
    if report.exit_code != DONE {
        // A conflict or a right that is missing: nothing is changed at all.
        return show_applied(arguments, context, &prepared, report);
    }
    let consent = match consent(arguments, context, &plan).await {
        Ok(consent) => consent,
        Err(why) => {
            report.refuse(context, why);
            return show_applied(arguments, context, &prepared, report);
        }
    };
    let permit = match permit(plan, consent) {
        Ok(permit) => permit,
        Err(NotPermitted::Conflicts | NotPermitted::RecreatedNotAccepted) => {
            report.refuse(context, Unconfirmed::RecreatedNotAccepted);
            return show_applied(arguments, context, &prepared, report);
        }
    };
    let hands = Hands {
        desired: &prepared.desired,
        readers: &prepared.readers,
        writers: &prepared.writers,
        ledger: &context.ledger,
        trace: &context.run.trace,
    };
    match apply(permit, &hands).await {
        Ok(()) => {
            let intent = arguments.goal.intent();
            let verified = verify(
                &intent,
                &prepared.readers,
                &prepared.desired,
                &context.run.trace,
            );
            if let Err(fault) = verified.await {
                report.fail(context, &prepared, fault);
            }
        }
        Err(Stopped::Failed { resource, fault }) => {
            report.fail_at(context, &prepared, &resource, fault);
        }
        Err(Stopped::Waiting { fault }) => report.wait(context, &prepared, &fault),
    }
    show_applied(arguments, context, &prepared, report)
}

/// Ends a run that came to no plan.
fn end(arguments: &ProvisionArguments, context: &Context, plan: &Plan, report: Report) -> u8 {
    if arguments.stop == Stop::AfterPlan {
        show_plan(arguments, context, plan, report)
    } else {
        report::show_ended(arguments, context, report)
    }
}

/// Observes, plans, and looks which rights the plan lacks.
async fn plan(
    arguments: &ProvisionArguments,
    context: &Context,
    prepared: &Prepared,
) -> Result<(Plan, Rights), Box<Report>> {
    let trace = &context.run.trace;
    let intent = arguments.goal.intent();
    let observed = observe(
        &prepared.readers,
        &prepared.desired,
        intent.purpose(),
        trace,
    )
    .await
    .map_err(|faults| Box::new(Report::of_faults(context, &prepared.seen, faults)))?;
    let mut step = trace.begin(StepId::Plan, Side::Local);
    let plan = intent.plan(&prepared.desired, &observed);
    step.fact("changes", plan.changes.len());
    step.fact("conflicts", plan.conflicts.len());
    let rights = rights::missing(
        &plan,
        &prepared.desired,
        &prepared.readers,
        prepared.principal.as_deref(),
    )
    .await;
    match rights {
        Ok(rights) => {
            step.succeed();
            Ok((plan, rights))
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(Box::new(Report::of_faults(
                context,
                &prepared.seen,
                vec![*fault],
            )))
        }
    }
}

/// Why nobody agreed to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unconfirmed {
    NobodyToAsk,
    RecreatedNotAccepted,
    Declined,
}

/// Asks for the plan, and apart for roles that were made anew.
async fn consent(
    arguments: &ProvisionArguments,
    context: &Context,
    plan: &Plan,
) -> Result<Consent, Unconfirmed> {
    let has_recreated = has_replacements(plan);
    if arguments.stop == Stop::Never {
        return match (has_recreated, arguments.recreated) {
            (true, Recreated::Asked) => Err(Unconfirmed::RecreatedNotAccepted),
            (true, Recreated::Accepted) => Ok(Consent::PlanAndRecreated),
            (false, _) => Ok(Consent::Plan),
        };
    }
    let _ = context;
    Err(Unconfirmed::NobodyToAsk)
}

/// The credentials belong to an account in which nothing is to be done.
fn other_account(arn: &str, account: &str, wanted: &str) -> Box<Fault> {
    Box::new(Fault::new(
        StepId::Caller,
        Side::Local,
        "caller",
        arn,
        Cause::Setup(SetupProblem::OtherAccount),
        format!("{arn} is in the account {account}; the settings name roles in {wanted}"),
    ))
}
