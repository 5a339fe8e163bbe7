//! From a fault and the evidence at hand to findings. Pure: nothing is asked.
//!
//! A cause is `certain` only where the evidence excludes the others of the same
//! words; else it is `likely`, and the look that would decide is named.

mod credentials;
mod identity;
mod kv;
mod login;
mod namespace;
mod provision;
mod reach;
mod ruled_out;
mod signature;
mod sts;
mod web_identity;

use std::sync::Arc;

use crate::fault::{Cause, Fault, LocalProblem};
use crate::login::Observations;
use crate::settings::{Settings, SettingsError, SettingsProblem};
use crate::trace::StepId;

use super::{Code, Finding, Looks, Where, flags};

pub(super) use namespace::is_run_in_a_namespace;
pub use provision::{explain_conflict, explain_missing_rights};

/// What is known beside the fault itself.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub settings: Arc<Settings>,
    /// What the steps of the login saw.
    pub seen: Observations,
    /// What the probes saw: nothing, unless an explanation was asked for.
    pub looks: Looks,
    /// The token came from VAULT_TOKEN or the store, not from a login.
    pub foreign_token: bool,
}

/// Explains a fault: the likeliest finding first.
pub fn explain(fault: &Fault, evidence: &Evidence) -> Vec<Finding> {
    let findings = match &fault.cause {
        Cause::Answered if is_sts(fault) => sts::explain(fault, evidence),
        _ => vec![one(fault, evidence)],
    };
    let in_doubt = |finding: Finding| {
        if fault.step != StepId::Write || fault.is_refusal() {
            return finding;
        }
        finding.remedy(
            Where::Here,
            "whether it was written is not known: look before you write again",
            Some(crate::shell::command(["vaultiam", "get", &fault.target])),
            None,
        )
    };
    let in_namespace = |finding| namespace::with_namespace(finding, fault, &evidence.settings);
    findings
        .into_iter()
        .map(in_doubt)
        .map(in_namespace)
        .map(|finding| flags::with_flags(finding, &evidence.settings))
        .collect()
}

/// STS or IAM answered us, and not an operator who sets something up.
fn is_sts(fault: &Fault) -> bool {
    !is_provisioning(fault.step) && is_to_aws(fault)
}

/// The faults that have one finding.
fn one(fault: &Fault, evidence: &Evidence) -> Finding {
    match &fault.cause {
        Cause::Local(problem) => local(*problem, fault, evidence),
        Cause::Credentials(problem) => credentials::explain(*problem, fault, evidence),
        Cause::UnknownNamespace => namespace::unknown(fault, evidence),
        Cause::Kv(problem) if fault.is_of_token() && is_provisioning(fault.step) => {
            provision::token(problem, fault)
        }
        Cause::Kv(problem) => kv::explain(problem, fault, evidence),
        Cause::Setup(problem) => provision::problem(*problem, fault),
        Cause::Transport(kind) if is_to_aws(fault) => reach::sts(*kind, fault, evidence),
        Cause::Transport(kind) => reach::vault(*kind, fault, evidence),
        Cause::Answered if is_provisioning(fault.step) => provision::answered(fault, evidence),
        Cause::Answered if fault.step == StepId::Login => login::explain(fault, evidence),
        Cause::Answered => reach::status(fault, evidence),
    }
}

fn is_to_aws(fault: &Fault) -> bool {
    let is_step = matches!(
        fault.step,
        StepId::Credentials | StepId::Caller | StepId::Assume
    );
    is_step || fault.operation.starts_with("iam:")
}

fn is_provisioning(step: StepId) -> bool {
    matches!(step, StepId::Observe | StepId::Change | StepId::Verify)
}

/// Explains settings that cannot be used.
pub fn explain_settings(error: &SettingsError) -> Finding {
    let code = match error.problem {
        SettingsProblem::UnreadableFile => Code::CFG901,
        SettingsProblem::UnknownKey => Code::CFG902,
        SettingsProblem::WrongValue => Code::CFG903,
        SettingsProblem::Contradiction => Code::CFG905,
        SettingsProblem::Usage => Code::CFG906,
        SettingsProblem::FileOpenToOthers => Code::SEC011,
        SettingsProblem::Missing => Code::CFG904,
    };
    Finding::certain(code)
        .because(error.to_string())
        .fact("settings", "place", &error.place)
}

fn local(problem: LocalProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    let code = match problem {
        LocalProblem::TemporaryKeyWithoutToken => Code::AWS107,
        LocalProblem::MalformedKeyId => Code::AWS109,
        LocalProblem::CredentialsExpired => Code::AWS105,
        LocalProblem::NoRegion | LocalProblem::UnknownRegion => Code::AWS116,
        LocalProblem::MalformedRoleArn => Code::AWS210,
        LocalProblem::MalformedSessionName | LocalProblem::MalformedExternalId => Code::AWS214,
        LocalProblem::MalformedAddress => Code::VLT520,
        LocalProblem::PlainHttp => Code::SEC004,
        LocalProblem::TlsFiles | LocalProblem::MalformedSetting => Code::CFG903,
        LocalProblem::IamNameAsVaultRole => Code::VLT633,
        LocalProblem::MalformedToken => Code::VLT701,
        LocalProblem::NoToken => Code::CFG904,
    };
    if problem == LocalProblem::MalformedAddress {
        return reach::malformed_address(fault, evidence);
    }
    let finding = Finding::certain(code).because(fault.message.clone()).fact(
        "settings",
        "value",
        &fault.target,
    );
    match problem {
        LocalProblem::NoRegion | LocalProblem::UnknownRegion => finding.remedy(
            Where::Here,
            "name the region of your STS endpoint",
            Some("export AWS_REGION=us-east-1".to_owned()),
            None,
        ),
        LocalProblem::TemporaryKeyWithoutToken => finding.remedy(
            Where::Here,
            "give the session token too (AWS_SESSION_TOKEN, aws_session_token in a profile): it came together with the key",
            None,
            None,
        ),
        LocalProblem::MalformedKeyId => finding.remedy(
            Where::Here,
            "compare the key id (20 characters, AKIA… or ASIA…) with the secret key (40 characters)",
            None,
            None,
        ),
        LocalProblem::NoToken if fault.target == "VAULT_TOKEN" => finding
            .remedy(
                Where::Here,
                "log in to Vault as an operator; the token is stored where this looks for it",
                Some("vault login".to_owned()),
                None,
            )
            .remedy(
                Where::Here,
                "or give the token in the environment",
                Some("export VAULT_TOKEN=$TOKEN".to_owned()),
                None,
            ),
        LocalProblem::PlainHttp => finding.remedy(
            Where::Here,
            "use the https address of Vault; on a network that nobody else can read, --allow-http",
            None,
            None,
        ),
        LocalProblem::MalformedRoleArn => finding.remedy(
            Where::Here,
            "give the ARN of the role, or its name and account",
            Some(crate::shell::command([
                "vaultiam",
                "login",
                "--explain",
                "--account-id",
                "123456789012",
                "--login-role",
                &evidence.settings.aws.login_role,
            ])),
            None,
        ),
        LocalProblem::IamNameAsVaultRole => finding.remedy(
            Where::Here,
            "give the name of Vault's role; the IAM role goes into --assume-role-arn",
            Some("vaultiam login --role kong-role --explain".to_owned()),
            None,
        ),
        _ => finding,
    }
}

/// Shows a skew as a person says it.
fn skew_words(milliseconds: i64) -> String {
    let seconds = (milliseconds.unsigned_abs() + 500) / 1000;
    let amount = if seconds >= 120 {
        format!("{} min", (seconds + 30) / 60)
    } else {
        format!("{seconds} s")
    };
    // The services' clocks are taken to be right.
    if milliseconds > 0 {
        format!("this machine is {amount} behind")
    } else {
        format!("this machine is {amount} ahead")
    }
}
