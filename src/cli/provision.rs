//! `vaultiam setup` and `vaultiam teardown`: look, plan, show, ask, change, look
//! again.

mod next;
mod prepare;
mod report;
mod show;

use std::path::PathBuf;

use crate::fault::Side;
use crate::login::Depth;
use crate::output::plan::{Kept, plan_text};
use crate::output::streams::one_line;
use crate::setup::apply::{Stopped, Tools, apply};
use crate::setup::confirm::{Consent, NotPermitted, has_replacements, permit};
use crate::setup::diff::Decisions;
use crate::setup::observe::observe;
use crate::setup::plan::{Plan, Verb};
use crate::setup::rights::{self, Rights};
use crate::setup::teardown::DeleteSecrets;
use crate::setup::verify::{Intent, verify};
use crate::trace::StepId;

use super::args::Format;
use super::ask::Asker;
use super::{Context, DONE, Verbosity};
use next::again;
use prepare::{Prepared, prepare};
use report::Report;
use show::{show_applied, show_plan, show_unplanned};

pub(super) use show::{interrupted, interrupted_text};

/// What was typed behind `setup` or `teardown`.
pub(super) struct ProvisionArguments {
    pub(super) explain: bool,
    pub(super) goal: Goal,
    pub(super) sides: Sides,
    pub(super) stop: Stop,
    pub(super) recreated: Recreated,
    pub(super) record: Option<PathBuf>,
}

impl ProvisionArguments {
    /// What stays is named where things go.
    fn kept(&self) -> Kept {
        match self.goal {
            Goal::SetUp(_) => Kept::Counted,
            Goal::TearDown(_) => Kept::Named,
        }
    }
}

/// Where to.
pub(super) enum Goal {
    SetUp(Decisions),
    TearDown(DeleteSecrets),
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
            Goal::TearDown(secrets) => Intent::TearDown(secrets),
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
    if context.run.depth == Depth::Explained {
        announce(arguments, context);
    }
    super::report::warn_of_settings(context);
    let prepared = match prepare(arguments, context).await {
        Ok(prepared) => prepared,
        Err(report) => return show_unplanned(arguments, context, *report),
    };
    let planned = match plan(arguments, context, &prepared).await {
        Ok(planned) => planned,
        Err(report) => return show_unplanned(arguments, context, *report),
    };
    let report = Report::of_plan(context, arguments, &planned);
    let Planned { plan, rights, .. } = planned;
    for words in plan.notes.iter().chain(&rights.not_seen) {
        context.inform(words);
    }
    if arguments.stop == Stop::AfterPlan {
        return show_plan(arguments, context, &plan, report);
    }
    let report = if plan.is_empty() {
        report
    } else {
        let mut report = report;
        show_before(arguments, context, &prepared, &plan, &mut report);
        carry_out(arguments, context, &prepared, plan, report).await
    };
    show_applied(arguments, context, &prepared, report)
}

fn announce(arguments: &ProvisionArguments, context: &Context) {
    let settings = &context.run.settings;
    let name = format!("vaultiam {}", arguments.goal.command());
    let words = format!(
        "stack {} ({}), Vault at {}",
        settings.provision.stack,
        settings.topology.name(),
        settings.vault.address
    );
    let name = context.streams.stderr_style.strong(&name);
    context
        .streams
        .aside(&format!("{name}  {}\n\n", one_line(&words)));
}

/// Shows the plan before anybody is asked; a document holds what became of it.
fn show_before(
    arguments: &ProvisionArguments,
    context: &Context,
    prepared: &Prepared,
    plan: &Plan,
    report: &mut Report,
) {
    let is_read = arguments.stop == Stop::ToAsk || context.verbosity != Verbosity::Quiet;
    if context.format == Format::Human && is_read {
        context.progress.end();
        let text = plan_text(
            plan,
            &report.missing,
            arguments.kept(),
            context.streams.stderr_style,
        );
        context.streams.aside(&format!("{text}\n"));
        for finding in report.take_notes() {
            context.show(&finding);
        }
        context.inform(&format!("as {}", prepared.who(&context.run.settings)));
    }
}

/// Has the plan confirmed, makes the changes, and reads everything back.
async fn carry_out(
    arguments: &ProvisionArguments,
    context: &Context,
    prepared: &Prepared,
    plan: Plan,
    mut report: Report,
) -> Report {
    if report.exit_code != DONE {
        // A conflict or a right that is missing: nothing is changed at all.
        return report;
    }
    let count = plan.changes.len();
    let consent = consent(arguments, context, &plan).await;
    let permit = consent.and_then(|consent| permit(plan, consent).map_err(Unconfirmed::from));
    let permit = match permit {
        Ok(permit) => permit,
        Err(why) => {
            report.refuse(arguments, context, why);
            return report;
        }
    };
    context.progress.count(count);
    let tools = Tools {
        desired: &prepared.desired,
        readers: &prepared.readers,
        writers: &prepared.writers,
        ledger: &context.ledger,
        trace: &context.run.trace,
    };
    match apply(permit, &tools).await {
        Ok(()) => {
            let intent = arguments.goal.intent();
            let Tools {
                desired,
                readers,
                ledger,
                trace,
                ..
            } = tools;
            if let Err(fault) = verify(&intent, readers, desired, ledger, trace).await {
                report.fail(context, prepared, fault);
            }
        }
        Err(Stopped::Failed { resource, fault }) => {
            report.fail_at(context, prepared, &resource, fault);
        }
        Err(Stopped::Waiting { fault }) => report.wait(context, prepared, fault),
    }
    report
}

/// A plan, and what is to be said of it.
struct Planned {
    plan: Plan,
    rights: Rights,
    static_keys: StaticKeys,
}

/// Whether `config/client` holds static AWS keys. They are left alone: they may
/// be the only identity that Vault has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StaticKeys {
    Found,
    None,
}

/// Observes, plans, and looks which rights the plan lacks.
async fn plan(
    arguments: &ProvisionArguments,
    context: &Context,
    prepared: &Prepared,
) -> Result<Planned, Box<Report>> {
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
    let static_keys = if observed.has_static_keys() {
        StaticKeys::Found
    } else {
        StaticKeys::None
    };
    let mut plan = intent.plan(&prepared.desired, &observed);
    for conflict in &mut plan.conflicts {
        if conflict.remedy.starts_with("--") {
            conflict.remedy = format!("{} {}", again(arguments, context), conflict.remedy);
        }
    }
    step.fact("changes", plan.changes.len());
    step.fact("conflicts", plan.conflicts.len());
    if !plan.notes.is_empty() {
        step.fact("notes", plan.notes.clone());
    }
    let rights = rights::missing(
        &plan,
        &prepared.desired,
        &prepared.readers,
        prepared.principal.as_deref(),
    )
    .await;
    match rights {
        Ok(rights) => {
            if !rights.not_seen.is_empty() {
                step.fact("not_seen", rights.not_seen.clone());
            }
            step.succeed();
            Ok(Planned {
                plan,
                rights,
                static_keys,
            })
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
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unconfirmed {
    NobodyToAsk,
    /// The replacements that nobody agreed to: what, and why.
    RecreatedNotAccepted(Vec<String>),
    Declined,
}

impl From<NotPermitted> for Unconfirmed {
    fn from(why: NotPermitted) -> Self {
        match why {
            NotPermitted::Conflicts => Unconfirmed::Declined,
            NotPermitted::RecreatedNotAccepted => Unconfirmed::RecreatedNotAccepted(Vec::new()),
        }
    }
}

/// What is bound by its id, and would be by its name again: what, and why.
fn replaced(plan: &Plan) -> Vec<String> {
    let replaced = plan.changes.iter();
    replaced
        .filter(|change| change.verb == Verb::Replace)
        .map(|change| format!("{}: {}", change.resource.name(), change.why))
        .collect()
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
            (true, Recreated::Asked) => Err(Unconfirmed::RecreatedNotAccepted(replaced(plan))),
            (true, Recreated::Accepted) => Ok(Consent::PlanAndRecreated),
            (false, _) => Ok(Consent::Plan),
        };
    }
    let Some(asker) = Asker::of(context) else {
        return Err(Unconfirmed::NobodyToAsk);
    };
    for change in &plan.changes {
        context.inform(&format!(
            "  {:<8} {}",
            change.verb.name(),
            change.resource.name()
        ));
    }
    if !asker.agrees("Make these changes? [y/N]").await {
        return Err(Unconfirmed::Declined);
    }
    if !has_recreated {
        return Ok(Consent::Plan);
    }
    if arguments.recreated == Recreated::Accepted {
        return Ok(Consent::PlanAndRecreated);
    }
    for words in replaced(plan) {
        context.inform(&words);
    }
    let words = "Trust whoever has these names now? [y/N]";
    if asker.agrees(words).await {
        Ok(Consent::PlanAndRecreated)
    } else {
        Err(Unconfirmed::Declined)
    }
}
