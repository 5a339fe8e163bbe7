//! What is printed of a set-up: the plan, what became of it, documents.

use serde_json::Value;

use crate::diagnose::record::RecordedFailure;
use crate::diagnose::{Code, Evidence, Finding, Severity, explain};
use crate::output::json::{self, AppliedDocument, FaultDocument, PlanDocument, mirror};
use crate::output::plan::{applied_text, plan_text};
use crate::setup::ledger::Tally;
use crate::setup::plan::{Plan, Resource};
use crate::trace::Step;

use super::super::Verbosity;
use super::super::exit::{CHANGES_PENDING, DONE, FOUND, USAGE, of_all};
use super::super::record::{Recording, record};
use super::next::{again, next_steps};
use super::report::Report;
use super::{Context, Format, Goal, Prepared, ProvisionArguments, Stop};

/// Shows why there is no plan, in the document of the command.
pub(super) fn show_unplanned(
    arguments: &ProvisionArguments,
    context: &Context,
    mut report: Report,
) -> u8 {
    report.exit_code = recorded(arguments, context, &report, report.exit_code);
    show_findings(context, &report);
    context.progress.end();
    if context.format != Format::Json {
        return report.exit_code;
    }
    let text = if arguments.stop == Stop::AfterPlan {
        plan_document(context, &Plan::default(), &report, report.exit_code)
    } else {
        document(context, &report)
    };
    context.answer(&text, report.exit_code)
}

/// Shows the plan and ends with the code that a script asks for. Rights that
/// are missing are told; a plan is no failure for it.
pub(super) fn show_plan(
    arguments: &ProvisionArguments,
    context: &Context,
    plan: &Plan,
    report: Report,
) -> u8 {
    let exit_code = if !plan.conflicts.is_empty() {
        FOUND
    } else if !plan.changes.is_empty() {
        CHANGES_PENDING
    } else {
        DONE
    };
    let exit_code = recorded(arguments, context, &report, exit_code);
    show_findings(context, &report);
    if context.format == Format::Json {
        let text = plan_document(context, plan, &report, exit_code);
        return context.answer(&text, exit_code);
    }
    let text = plan_text(
        plan,
        &report.missing,
        arguments.kept(),
        context.streams.stdout_style,
    );
    let code = context.answer(&text, exit_code);
    if code == CHANGES_PENDING {
        let command = again(arguments, context);
        context.inform(&format!("to make these changes: {command}"));
    }
    code
}

fn plan_document(context: &Context, plan: &Plan, report: &Report, exit_code: u8) -> String {
    let settings = &context.run.settings;
    let document = PlanDocument {
        schema: "vaultiam/v1/plan",
        stack: settings.provision.stack.clone(),
        topology: settings.topology.name(),
        exit_code,
        steps: mirror(&context.run.trace.steps()),
        changes: mirror(&plan.changes),
        conflicts: mirror(&plan.conflicts),
        unchanged: plan.unchanged.iter().map(Resource::name).collect(),
        missing_rights: mirror(&report.missing),
        fault: fault_document(report),
        findings: mirror(&report.findings),
    };
    json::render(&document, &context.run.redactor, &[])
}

/// Shows what became of the changes, and what to do next.
pub(super) fn show_applied(
    arguments: &ProvisionArguments,
    context: &Context,
    prepared: &Prepared,
    report: Report,
) -> u8 {
    for warning in warnings(context) {
        context.warn(&warning);
    }
    // A note belongs to a plan that changes something.
    let mut report = report;
    if context.ledger.tally() == Tally::default() && report.exit_code == DONE {
        report
            .findings
            .retain(|finding| finding.severity != Severity::Note);
    }
    report.exit_code = recorded(arguments, context, &report, report.exit_code);
    show_findings(context, &report);
    let exit_code = report.exit_code;
    if context.format == Format::Json {
        return context.answer(&document(context, &report), exit_code);
    }
    let tally = context.ledger.tally();
    if tally != Tally::default() || exit_code == DONE {
        let style = context.streams.stdout_style;
        let text = applied_text(&tally, report.waiting.as_ref(), style);
        let code = context.answer(&text, exit_code);
        if code != exit_code {
            return code;
        }
    }
    if exit_code == DONE && matches!(arguments.goal, Goal::SetUp(_)) {
        for line in next_steps(arguments, context, prepared) {
            context.inform(&line);
        }
    }
    context.progress.end();
    exit_code
}

/// Writes the trace, if it was asked for. Several failures may have one finding,
/// which a remedy was added to: what a failure leads to is what bears its code.
fn recorded(
    arguments: &ProvisionArguments,
    context: &Context,
    report: &Report,
    exit_code: u8,
) -> u8 {
    let evidence = |failure: &RecordedFailure| Evidence {
        looks: failure.looks.clone(),
        ..context.evidence(&report.seen, failure.foreign_token)
    };
    let codes: Vec<Code> = report
        .failures
        .iter()
        .flat_map(|failure| explain(&failure.fault, &evidence(failure)))
        .map(|finding| finding.code)
        .collect();
    let (explained, findings) = report
        .findings
        .iter()
        .cloned()
        .partition(|finding| codes.contains(&finding.code));
    let recording = Recording {
        failures: report.failures.clone(),
        explained,
        findings,
        ..Recording::of(arguments.goal.command(), exit_code, &report.seen, &[])
    };
    match record(context, arguments.record.as_deref(), recording) {
        Ok(()) => exit_code,
        Err(finding) => {
            context.show(&finding);
            of_all([exit_code, USAGE])
        }
    }
}

/// What Vault remarked on writes that it carried out.
fn warnings(context: &Context) -> Vec<String> {
    let steps = context.run.trace.steps();
    let of_step = |step: &Step| {
        let warnings = step.facts.get("warnings").and_then(Value::as_array);
        let words: Vec<String> = warnings
            .into_iter()
            .flatten()
            .filter_map(|words| Some(format!("{}: {}", step.label(), words.as_str()?)))
            .collect();
        words
    };
    steps.iter().flat_map(of_step).collect()
}

fn document(context: &Context, report: &Report) -> String {
    let tally = context.ledger.tally();
    let document = AppliedDocument {
        schema: "vaultiam/v1/applied",
        exit_code: report.exit_code,
        steps: mirror(&context.run.trace.steps()),
        done: tally.done,
        not_done: tally.not_done,
        unknown: tally.unknown,
        waiting_for: report.waiting.as_ref().map(Into::into),
        fault: fault_document(report),
        findings: mirror(&report.findings),
    };
    json::render(&document, &context.run.redactor, &[])
}

/// What became of the changes of a run that a signal ended; nothing where none
/// was begun.
pub(in crate::cli) fn interrupted_text(context: &Context) -> String {
    let tally = context.ledger.tally();
    if tally == Tally::default() {
        return String::new();
    }
    applied_text(&tally, None, context.streams.stdout_style)
}

/// The document of a run that a signal ended.
pub(in crate::cli) fn interrupted(context: &Context, exit_code: u8) -> String {
    document(context, &Report::new(exit_code, Vec::new()))
}

fn fault_document(report: &Report) -> Option<FaultDocument> {
    let (step, fault) = report.fault.as_ref()?;
    Some(FaultDocument::at(step, fault))
}

fn show_findings(context: &Context, report: &Report) {
    let fault = report.fault.as_ref().map(|(_, fault)| &**fault);
    let is_explained = |finding: &Finding| {
        fault.is_some()
            && report
                .findings
                .first()
                .is_some_and(|first| first == finding)
    };
    // What matters most stands last on the screen.
    let (notes, others): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Note);
    let notes = notes
        .into_iter()
        .filter(|_| context.verbosity != Verbosity::Quiet);
    for finding in notes.chain(others) {
        match fault {
            Some(fault) if is_explained(finding) => {
                context.show_fault(fault, std::slice::from_ref(finding));
            }
            _ => context.show(finding),
        }
    }
}
