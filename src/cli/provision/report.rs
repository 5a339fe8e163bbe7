//! How a set-up or its end is told.

use serde_json::Value;

use crate::diagnose::finding::Remedy;
use crate::diagnose::{Code, Evidence, Finding, Severity, Where, explain};
use crate::diagnose::{explain_conflict, explain_missing_rights, explain_settings};
use crate::fault::Fault;
use crate::login::Observations;
use crate::output::json::{self, AppliedDocument, FaultDocument, PlanDocument, mirror};
use crate::output::plan::{WaitingFor, applied_text, plan_text};
use crate::settings::table::setting;
use crate::settings::{Group, Kind, Origin, SettingsError, Topology};
use crate::setup::desired::{Desired, Part};
use crate::setup::ledger::Tally;
use crate::setup::lint::{Refused, RefusedIn};
use crate::setup::plan::{Plan, Resource};
use crate::setup::rights::Right;
use crate::shell;
use crate::trace::Step;

use super::super::Verbosity;
use super::super::exit::{
    AWS_REFUSED, CHANGES_PENDING, DONE, FOUND, OTHER, TOKEN_REFUSED, TRY_AGAIN, USAGE, of_all,
    of_fault,
};
use super::{
    Context, Format, Goal, Planned, Prepared, ProvisionArguments, Sides, StaticKeys, Stop,
    Unconfirmed,
};

/// What a run came to, beside the plan and the ledger.
pub(super) struct Report {
    pub(super) exit_code: u8,
    fault: Option<(String, Box<Fault>)>,
    findings: Vec<Finding>,
    missing: Vec<Right>,
    waiting: Option<WaitingFor>,
}

impl Report {
    fn new(exit_code: u8, findings: Vec<Finding>) -> Self {
        Report {
            exit_code,
            fault: None,
            findings,
            missing: Vec::new(),
            waiting: None,
        }
    }

    /// Looks that were refused or not answered: each is explained.
    pub(super) fn of_faults(context: &Context, seen: &Observations, faults: Vec<Fault>) -> Self {
        let evidence = context.evidence(seen, true);
        let explained: Vec<(Vec<Finding>, u8)> = faults
            .iter()
            .map(|fault| {
                let findings = explain(fault, &evidence);
                let code = of_fault(fault, &findings);
                (findings, code)
            })
            .collect();
        let exit_code = of_all(explained.iter().map(|(_, code)| *code));
        let first = explained.iter().position(|(_, code)| *code == exit_code);
        let fault = first.and_then(|first| faults.into_iter().nth(first));
        let mut findings: Vec<Finding> = Vec::new();
        for finding in explained.into_iter().flat_map(|(findings, _)| findings) {
            // Several looks that lack a right are one thing to say.
            let known = findings
                .iter_mut()
                .find(|known| known.code == finding.code && known.cause == finding.cause);
            match known {
                Some(known) => {
                    for fact in finding.evidence {
                        if !known.evidence.contains(&fact) {
                            known.evidence.push(fact);
                        }
                    }
                }
                None => findings.push(finding),
            }
        }
        Report {
            fault: fault.map(|fault| (fault.step.name().to_owned(), Box::new(fault))),
            ..Report::new(exit_code, findings)
        }
    }

    /// Settings that cannot be set up.
    pub(super) fn of_settings(error: &SettingsError) -> Self {
        let mut finding = explain_settings(error);
        finding.evidence.clear();
        Report::new(USAGE, vec![finding])
    }

    /// AWS was asked for the account alone: then naming it is enough.
    pub(super) fn name_account(&mut self) {
        if let Some(finding) = self.findings.first_mut() {
            finding.remedies.push(Remedy {
                text: "or name the account: AWS is asked for nothing else here".to_owned(),
                command: Some("vaultiam setup --only vault --account-id 123456789012".to_owned()),
                place: Where::Here,
                needs: None,
            });
        }
    }

    /// What AWS or Vault would refuse.
    pub(super) fn of_lint(refused: &[Refused]) -> Self {
        let findings: Vec<Finding> = refused
            .iter()
            .map(|refused| {
                let code = match refused.origin {
                    RefusedIn::Document => Code::AWS305,
                    RefusedIn::Setting => Code::CFG903,
                };
                Finding::certain(code)
                    .because(format!(
                        "{}: {}. Nothing was changed.",
                        refused.place, refused.what
                    ))
                    .remedy(Where::Here, refused.remedy.clone(), None, None)
            })
            .collect();
        Report::new(USAGE, findings)
    }

    /// A plan: what stands in its way, and what is to be said of it.
    pub(super) fn of_plan(
        context: &Context,
        arguments: &ProvisionArguments,
        planned: &Planned,
    ) -> Self {
        let Planned {
            plan,
            rights,
            static_keys,
        } = planned;
        let mut findings: Vec<Finding> = plan.conflicts.iter().map(explain_conflict).collect();
        let missing = explain_missing_rights(&rights.missing);
        let exit_code = if !findings.is_empty() {
            FOUND
        } else {
            match missing.first().map(|finding| finding.code) {
                Some(Code::AWS301) => AWS_REFUSED,
                Some(_) => TOKEN_REFUSED,
                None => DONE,
            }
        };
        findings.extend(missing);
        if *static_keys == StaticKeys::Found {
            findings.push(Finding::certain(Code::SEC006));
        }
        let is_article = context.run.settings.topology == Topology::Article;
        if is_article && matches!(arguments.goal, Goal::SetUp(_)) {
            findings.push(Finding::certain(Code::SEC002).remedy(
                Where::Here,
                "the cure is one word: topology: separate",
                None,
                None,
            ));
        }
        Report {
            missing: rights.missing.clone(),
            ..Report::new(exit_code, findings)
        }
    }

    /// Nobody agreed to the plan.
    pub(super) fn refuse(
        &mut self,
        arguments: &ProvisionArguments,
        context: &Context,
        why: Unconfirmed,
    ) {
        let command = |flags: &str| Some(format!("{} {flags}", again(arguments, context)));
        let finding = match why {
            Unconfirmed::Declined => {
                self.exit_code = OTHER;
                context.inform("nothing was changed");
                return;
            }
            Unconfirmed::NobodyToAsk => Finding::certain(Code::CFG907).remedy(
                Where::Here,
                "read the plan, then say yes beforehand",
                command("--yes"),
                None,
            ),
            Unconfirmed::RecreatedNotAccepted => Finding::certain(Code::CFG907)
                .because("The plan trusts a role again that was made anew; --yes alone does not cover that. Nothing was changed.")
                .remedy(
                    Where::Here,
                    "if you know why it was made anew, accept it",
                    command("--yes --accept-recreated"),
                    None,
                ),
        };
        self.exit_code = USAGE;
        self.findings.insert(0, finding);
    }

    /// A change failed.
    pub(super) fn fail_at(
        &mut self,
        context: &Context,
        prepared: &Prepared,
        resource: &Resource,
        fault: Box<Fault>,
    ) {
        self.fail_as(context, prepared, resource.name(), fault);
    }

    /// What was written does not read back.
    pub(super) fn fail(&mut self, context: &Context, prepared: &Prepared, fault: Box<Fault>) {
        self.fail_as(context, prepared, fault.step.name().to_owned(), fault);
    }

    fn fail_as(&mut self, context: &Context, prepared: &Prepared, step: String, fault: Box<Fault>) {
        let evidence: Evidence = context.evidence(&prepared.seen, true);
        let findings = explain(&fault, &evidence);
        self.exit_code = of_fault(&fault, &findings);
        self.findings.splice(0..0, findings);
        self.fault = Some((step, fault));
    }

    /// Vault's server has no identity yet.
    pub(super) fn wait(&mut self, context: &Context, prepared: &Prepared, fault: Box<Fault>) {
        let waiting = waiting_for(&prepared.desired);
        let resource = prepared.desired.vault.auth_role_resource();
        self.fail_at(context, prepared, &resource, fault);
        if let Some(finding) = self.findings.first_mut() {
            finding.remedies.push(Remedy {
                text: waiting.what.clone(),
                command: Some(waiting.command.clone()),
                place: Where::Aws,
                needs: Some("ec2:AssociateIamInstanceProfile, iam:PassRole".to_owned()),
            });
        }
        self.exit_code = TRY_AGAIN;
        self.waiting = Some(waiting);
    }
}

fn waiting_for(desired: &Desired) -> WaitingFor {
    let server = desired
        .roles
        .iter()
        .find(|role| role.part == Part::Server)
        .or_else(|| desired.roles.iter().find(|role| role.part == Part::Login));
    let (profile, name) = match server {
        Some(role) => (
            format!("the instance profile {}", role.name),
            role.name.as_str(),
        ),
        None => ("an instance profile".to_owned(), "VAULTS_PROFILE"),
    };
    WaitingFor {
        what: format!("Vault's server has no AWS identity: attach {profile} to its instance"),
        command: attach_command("VAULTS_INSTANCE_ID", name),
        place: "aws",
    }
}

fn attach_command(instance: &str, profile: &str) -> String {
    format!(
        "aws ec2 associate-iam-instance-profile --instance-id {instance} --iam-instance-profile {}",
        shell::quote(&format!("Name={profile}"))
    )
}

/// Shows why there is no plan, in the document of the command.
pub(super) fn show_unplanned(
    arguments: &ProvisionArguments,
    context: &Context,
    report: Report,
) -> u8 {
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
        for line in next_steps(arguments, context, &prepared.desired) {
            context.inform(&line);
        }
    }
    context.progress.end();
    exit_code
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

/// What is left to people once everything stands.
fn next_steps(arguments: &ProvisionArguments, context: &Context, desired: &Desired) -> Vec<String> {
    let attached = |part: Part| {
        let role = desired.roles.iter().find(|role| role.part == part)?;
        let profile = desired
            .profiles
            .iter()
            .find(|profile| profile.name == role.name)?;
        Some(profile.name.as_str())
    };
    let mut lines = Vec::new();
    if arguments.sides.has_aws() {
        let server = attached(Part::Server).or_else(|| attached(Part::Login));
        let instances = [
            ("Vault's", "VAULTS_INSTANCE_ID", server),
            ("Kong's", "KONGS_INSTANCE_ID", attached(Part::Kong)),
        ];
        for (whose, instance, profile) in instances {
            lines.extend(profile.map(|profile| {
                let command = attach_command(instance, profile);
                format!("next: give {whose} instance its profile, if it has none: {command}")
            }));
        }
    }
    if arguments.sides == Sides::Aws {
        let command = command_with_flags(context, &["setup", "--only", "vault"], &Group::ALL);
        lines.push(format!("next, with a token of Vault: {command}"));
    } else {
        let groups = [Group::Aws, Group::Vault, Group::Connection];
        let login = command_with_flags(context, &["login", "--explain"], &groups);
        lines.push(format!("next, on Kong's host: {login}"));
    }
    lines
}

/// The command of this run with its own flags, for one more run.
pub(super) fn again(arguments: &ProvisionArguments, context: &Context) -> String {
    let mut command = command_with_flags(context, &[arguments.goal.command()], &Group::ALL);
    match arguments.sides {
        Sides::Both => {}
        Sides::Aws => command.push_str(" --only aws"),
        Sides::Vault => command.push_str(" --only vault"),
    }
    if let Goal::SetUp(decisions) = &arguments.goal {
        for name in &decisions.adopt {
            command.push_str(&format!(" --adopt {}", shell::quote(name)));
        }
    }
    command
}

/// A command with the settings file and those flags of this run that belong to
/// `groups`. What a command does not take is left out.
fn command_with_flags(context: &Context, words: &[&str], groups: &[Group]) -> String {
    let settings = &context.run.settings;
    let mut typed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if let Some(file) = &settings.file {
        typed.extend(["--config".to_owned(), file.display().to_string()]);
    }
    for (id, (text, origin)) in &settings.origins {
        let row = setting(*id);
        if let Origin::Flag(flag) = origin
            && groups.contains(&row.group)
        {
            typed.push(format!("--{flag}"));
            if row.kind != Kind::Flag {
                typed.push(text.clone());
            }
        }
    }
    shell::command(
        ["vaultiam"]
            .into_iter()
            .chain(typed.iter().map(String::as_str)),
    )
}
