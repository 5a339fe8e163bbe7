//! Vault's own look-up of the principal failed. It asks IAM where the role binds
//! an ARN with a star, and first STS, who it is itself.

use super::{case, may_not_look, vaults_identity, way_to_sts};
use crate::aws::classify::{Denial, Layer, denial, denied_action, denied_caller, sdk_error};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::vault::login_refusal::{LoginRefusal, dialled, without_query};

pub(super) fn explain(
    fault: &Fault,
    refusal: Option<&LoginRefusal>,
    evidence: &Evidence,
) -> Finding {
    let said = match refusal {
        Some(LoginRefusal::LookUp { said }) => said.as_str(),
        _ => fault.message.as_str(),
    };
    let finding = match explained(said, evidence) {
        Some(finding) => finding,
        None => match sdk_error(said) {
            Some(error) => denied(&error.code, &error.message, evidence),
            None => unknown(evidence),
        },
    };
    with_bound(finding, evidence)
}

/// IAM's own words of a refused look-up.
fn denied(code: &str, message: &str, evidence: &Evidence) -> Finding {
    match code {
        "AccessDenied" | "AccessDeniedException" => may_not_look::at_principal(message, evidence),
        "NoSuchEntity" => not_found(evidence),
        _ => unknown(evidence),
    }
}

/// What keeps Vault from any look-up, whatever it looks for; `None` where the words
/// say nothing of the kind.
pub(super) fn explained(said: &str, evidence: &Evidence) -> Option<Finding> {
    let Some(error) = sdk_error(said) else {
        return without_code(said, evidence);
    };
    let (code, message) = (error.code.as_str(), error.message.as_str());
    // Vault asks first who it is itself, and then takes the role of another account.
    let is_about_itself = said.contains("unable to fetch current caller");
    Some(match code {
        "SignatureDoesNotMatch" => vaults_identity::refused_signature(message, evidence),
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => {
            Finding::certain(Code::SIG414)
                .because("AWS asked Vault for fewer requests while Vault looked up who logs in.")
                .remedy(
                    Where::Here,
                    "wait some seconds and log in again",
                    Some(case::login_again(&[])),
                    None,
                )
        }
        "RequestError" | "RequestCanceled" => out_of_reach(said),
        "SerializationError" => Finding::certain(Code::VLT621)
            .because("What Vault asks as AWS for its own calls does not answer as AWS does."),
        "RegionDisabledException" => vaults_identity::region_off(evidence),
        _ if is_about_itself || vaults_identity::is_about_credentials(code) => {
            vaults_identity::refused(code, said, evidence)
        }
        "AccessDenied" | "AccessDeniedException"
            if denied_action(message) == Some("sts:AssumeRole") =>
        {
            refused_role(message, evidence)
        }
        _ => return None,
    })
}

/// Vault's own call did not arrive.
fn out_of_reach(said: &str) -> Finding {
    let finding = Finding::certain(Code::VLT620).because(
        "Vault could not reach AWS for a call of its own: to IAM or EC2, where it looks up who logs in, or to STS.",
    );
    match dialled(said).and_then(without_query) {
        Some(url) => finding.fact("vault", "dialling", &url).remedy(
            Where::Vault,
            "on Vault's server, see what answers there",
            Some(way_to_sts::look_at(&url)),
            Some("a shell on Vault's server"),
        ),
        None => finding,
    }
}

/// Vault itself says what it lacks.
fn without_code(said: &str, evidence: &Evidence) -> Option<Finding> {
    if said.contains("properly configured") {
        return Some(vaults_identity::missing(
            "config/client holds half of a key pair: the access key or the secret key is missing.",
            evidence,
        ));
    }
    if !said.contains("STS configuration") && !said.contains("fetch client for account") {
        return None;
    }
    let own = case::principal(None, evidence).map(|who| who.arn.account);
    let quoted = said.split('"').skip(1).step_by(2);
    let accounts: Vec<&str> = quoted
        .filter(|text| crate::settings::value::is_account(text))
        .collect();
    let account = match accounts.as_slice() {
        [account, ..] => Some((*account).to_owned()),
        [] => None,
    };
    let account = account.or(own)?;
    Some(other_account(&account, evidence))
}

fn unknown(evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    Finding::likely(Code::VLT612, &[Code::VLT613, Code::VLT614])
        .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
}

/// The principal is of an account that Vault was not told how to look into.
fn other_account(account: &str, evidence: &Evidence) -> Finding {
    let path = format!("auth/{}/config/sts", evidence.settings.vault.auth_mount);
    let looks = &evidence.looks.vault.sts_accounts;
    let finding = match looks.seen_with() {
        Some((accounts, rights)) if accounts.iter().any(|known| known == account) => {
            Finding::likely(Code::VLT613, &[Code::VLT612]).fact_with(
                rights,
                &path,
                "accounts",
                accounts.join(", "),
            )
        }
        Some((accounts, rights)) => Finding::certain(Code::VLT613).fact_with(
            rights,
            &path,
            "accounts",
            if accounts.is_empty() {
                "none".to_owned()
            } else {
                accounts.join(", ")
            },
        ),
        None => Finding::certain(Code::VLT613),
    };
    let entry = format!("{path}/{account}");
    finding
        .because(format!(
            "Vault has to look up who logs in, in the account {account}, and it was not told which role to take for that."
        ))
        .remedy(
            Where::Vault,
            "name a role of that account that trusts Vault's server and may call iam:GetRole",
            Some(case::write(
                &entry,
                &[format!("sts_role=arn:aws:iam::{account}:role/VaultLookup")],
            )),
            Some(&format!("create on {entry}")),
        )
}

/// The role of `config/sts` does not let Vault in.
fn refused_role(message: &str, evidence: &Evidence) -> Finding {
    let path = format!("auth/{}/config/sts", evidence.settings.vault.auth_mount);
    let resource = message.split("on resource: ").nth(1);
    let arn = resource.and_then(|rest| rest.split_whitespace().next());
    let role = arn.and_then(PrincipalArn::parse);
    let vault = denied_caller(message);
    let mut finding = Finding::certain(Code::VLT641);
    if let Some(vault) = vault {
        finding = finding.fact("sts, through vault", "vault is", vault);
    }
    if let Some(arn) = arn {
        finding = finding.fact(&path, "sts_role", arn);
    }
    let reason = match denial(message) {
        Denial::NotAllowedBy(Layer::Identity) => {
            Some("The policies of Vault's own identity do not allow sts:AssumeRole on that role.")
        }
        Denial::NotAllowedBy(Layer::Resource) => {
            Some("The trust policy of that role does not let Vault's identity in.")
        }
        Denial::DeniedBy(_) => Some("A policy denies it: AWS's words name its kind."),
        Denial::NotAllowedBy(_) | Denial::Unexplained => None,
    };
    if let Some(reason) = reason {
        finding = finding.because(reason);
    }
    if let (Denial::NotAllowedBy(Layer::Identity), Some(arn)) = (denial(message), arn) {
        let text = "let Vault's identity assume it; an inline policy of this name is replaced";
        let right = ("vault-lookup-role", "sts:AssumeRole", arn);
        finding = may_not_look::allow(finding, message, text, right);
    }
    let own = || case::principal(None, evidence).map(|who| who.arn.account);
    let Some(account) = role.as_ref().map(|role| role.account.clone()).or_else(own) else {
        return finding;
    };
    if let Some(name) = role.as_ref().and_then(PrincipalArn::role_name) {
        let words = ["aws", "iam", "get-role", "--role-name", name, "--query"];
        finding = finding.remedy(
            Where::Aws,
            format!("in the account {account}, see whether that role is there, whether its trust policy names Vault's identity, and whether it wants an external id"),
            Some(shell::command([&words[..], &["Role.AssumeRolePolicyDocument"]].concat())),
            Some("iam:GetRole"),
        );
    }
    let entry = format!("{path}/{account}");
    finding.remedy(
        Where::Vault,
        "see the role, and the external id that Vault sends (external_id, from 1.17 on)",
        Some(shell::command(["vault", "read", &entry])),
        Some(&format!("read on {entry}")),
    )
}

/// IAM does not find the principal that STS has just named.
fn not_found(evidence: &Evidence) -> Finding {
    let path = format!("auth/{}/config/sts", evidence.settings.vault.auth_mount);
    if evidence.looks.aws.login_role.is_absent() {
        return Finding::certain(Code::AWS201)
            .because("The role behind this session was deleted, so IAM does not find it when Vault looks it up.");
    }
    Finding::likely(Code::VLT613, &[Code::AWS201])
        .because("IAM does not find the principal when Vault looks it up: Vault asks in another account, or it was deleted.")
        .not_seen(evidence.looks.vault.sts_accounts.missing("list", &path))
        .remedy(
            Where::Vault,
            "see for which accounts Vault was told a role; all others it looks up in its own",
            Some(shell::command(["vault", "list", &path])),
            Some(&format!("list on {path}")),
        )
}

/// What the role binds is why Vault looks anything up.
fn with_bound(finding: Finding, evidence: &Evidence) -> Finding {
    match case::vault_role(evidence) {
        Some((role, rights)) => finding.fact_with(
            rights,
            &case::role_path(evidence),
            "bound_iam_principal_arn",
            role.bound_arns().join(", "),
        ),
        None => finding,
    }
}
