//! How a set-up or its end is told.

use crate::diagnose::finding::Remedy;
use crate::diagnose::record::RecordedFailure;
use crate::diagnose::{Code, Evidence, Finding, Looks, Severity, Where, explain};
use crate::diagnose::{explain_conflict, explain_missing_rights, explain_settings};
use crate::fault::Fault;
use crate::login::Observations;
use crate::output::plan::WaitingFor;
use crate::settings::{SettingsError, Topology};
use crate::setup::desired::{Desired, Part};
use crate::setup::lint::{Refused, RefusedIn};
use crate::setup::plan::Resource;
use crate::setup::rights::Right;

use super::super::exit::{
    AWS_REFUSED, DONE, FOUND, OTHER, TOKEN_REFUSED, TRY_AGAIN, USAGE, of_all, of_fault,
};
use super::next::{again, attach_command};
use super::{Context, Goal, Planned, Prepared, ProvisionArguments, StaticKeys, Unconfirmed};

/// What a run came to, beside the plan and the ledger.
pub(super) struct Report {
    pub(super) exit_code: u8,
    pub(super) fault: Option<(String, Box<Fault>)>,
    pub(super) findings: Vec<Finding>,
    pub(super) missing: Vec<Right>,
    pub(super) waiting: Option<WaitingFor>,
    /// What the steps saw, and what failed, for a trace.
    pub(super) seen: Observations,
    pub(super) failures: Vec<RecordedFailure>,
}

impl Report {
    pub(super) fn new(exit_code: u8, findings: Vec<Finding>) -> Self {
        Report {
            exit_code,
            fault: None,
            findings,
            missing: Vec::new(),
            waiting: None,
            seen: Observations::default(),
            failures: Vec::new(),
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
        let failures = faults
            .iter()
            .zip(&explained)
            .map(|(fault, (_, code))| of_operator(fault, *code))
            .collect();
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
            seen: seen.clone(),
            failures,
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
        let is_setting = |refused: &&Refused| refused.origin == RefusedIn::Setting;
        // A bad name also spoils the documents that hold it: it is said once.
        let has_settings = refused.iter().any(|refused| is_setting(&refused));
        let findings: Vec<Finding> = refused
            .iter()
            .filter(|refused| !has_settings || is_setting(refused))
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
        let exit_code = if has_settings { USAGE } else { AWS_REFUSED };
        Report::new(exit_code, findings)
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
        let missing = explain_missing_rights(rights);
        let exit_code = if !findings.is_empty() {
            FOUND
        } else {
            match missing.first().map(|finding| finding.code) {
                Some(Code::AWS301 | Code::AWS309) => AWS_REFUSED,
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
            missing: [&rights.missing[..], &rights.without_boundary].concat(),
            ..Report::new(exit_code, findings)
        }
    }

    /// The notes, which are then said and said no more.
    pub(super) fn take_notes(&mut self) -> Vec<Finding> {
        let is_note = |finding: &mut Finding| finding.severity == Severity::Note;
        self.findings.extract_if(.., is_note).collect()
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
            Unconfirmed::RecreatedNotAccepted(replaced) => Finding::certain(Code::CFG907)
                .because(format!(
                    "--yes alone does not let somebody be trusted by name who was bound by id. Nothing was changed. {}.",
                    replaced.join("; ")
                ))
                .remedy(
                    Where::Here,
                    "if whoever has these names now is meant, accept it",
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
        self.seen = prepared.seen.clone();
        self.failures.push(of_operator(&fault, self.exit_code));
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

/// A failure that nobody looked into; the token is the operator's own.
fn of_operator(fault: &Fault, exit_code: u8) -> RecordedFailure {
    RecordedFailure {
        fault: fault.clone(),
        looks: Looks::default(),
        foreign_token: true,
        exit_code,
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
