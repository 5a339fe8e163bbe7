//! Vault's own look-up of the principal failed. It asks IAM where the role binds
//! an ARN with a star, and first STS, who it is itself.

use super::case;
use crate::aws::classify::{SignatureProblem, denied_caller, sdk_error, signature_problem};
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::diagnose::explain::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::vault::login_refusal::LoginRefusal;

pub(super) fn explain(
    fault: &Fault,
    refusal: Option<&LoginRefusal>,
    evidence: &Evidence,
) -> Finding {
    let said = match refusal {
        Some(LoginRefusal::LookUp { said }) => said.as_str(),
        _ => fault.message.as_str(),
    };
    let finding = match sdk_error(said) {
        Some(error) => by_code(&error.code, &error.message, evidence),
        None => without_code(said, evidence),
    };
    with_bound(finding, evidence)
}

/// AWS answered Vault, or Vault's SDK names the problem as AWS would.
pub(super) fn by_code(code: &str, message: &str, evidence: &Evidence) -> Finding {
    match code {
        "NoCredentialProviders" => without_identity(
            "Vault's server has no AWS credentials: no keys in config/client, none from its instance.",
            evidence,
        ),
        "InvalidClientTokenId" | "ExpiredToken" | "UnrecognizedClientException" => without_identity(
            "AWS does not accept the credentials that Vault's server has.",
            evidence,
        ),
        "SignatureDoesNotMatch" => refused_signature(message, evidence),
        "AccessDenied" | "AccessDeniedException" if message.contains("sts:AssumeRole") => {
            refused_role(message, evidence)
        }
        "AccessDenied" | "AccessDeniedException" => may_not_look(message, evidence),
        "NoSuchEntity" => not_found(evidence),
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => {
            Finding::certain(Code::SIG414)
                .because("AWS asked Vault for fewer requests while Vault looked the principal up.")
                .remedy(
                    Where::Here,
                    "wait some seconds and log in again",
                    Some(case::login_again(&[])),
                    None,
                )
        }
        "RequestError" | "RequestCanceled" => Finding::certain(Code::VLT620).because(
            "Vault could not reach AWS for a call of its own: to IAM, which looks principals up, or to STS.",
        ),
        "SerializationError" => Finding::certain(Code::VLT621)
            .because("What Vault asks as IAM or STS for its own calls does not answer as AWS does."),
        _ => unknown(evidence),
    }
}

/// Vault itself says what it lacks.
fn without_code(said: &str, evidence: &Evidence) -> Finding {
    if said.contains("properly configured") {
        return without_identity(
            "config/client holds half of a key pair: the access key or the secret key is missing.",
            evidence,
        );
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
    match account.or_else(|| {
        said.contains("STS configuration")
            .then_some(own.clone())
            .flatten()
    }) {
        Some(account) => other_account(&account, evidence),
        None => unknown(evidence),
    }
}

fn unknown(evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    Finding::likely(Code::VLT612, &[Code::VLT613, Code::VLT614])
        .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
}

/// Vault needs an identity of its own for a look-up, and has none that works.
pub(super) fn without_identity(cause: &str, evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let finding = Finding::certain(Code::VLT614).because(cause);
    let keys = case::client_config(evidence)
        .map(|(fields, rights)| (case::text_of(fields, "access_key"), rights));
    match keys {
        Some((key, rights)) if !key.is_empty() => finding
            .fact_with(rights, &config, "access_key", key)
            .remedy(
                Where::Vault,
                "take the keys out, so that the role of Vault's instance counts; without one, write keys that work. This touches all logins of the mount",
                Some(case::write_config(evidence, &["access_key=", "secret_key="])),
                Some(&format!("update on {config}")),
            ),
        _ => finding.remedy(
            Where::Aws,
            "give the instance of Vault's server its profile",
            Some("aws ec2 associate-iam-instance-profile --instance-id $INSTANCE_ID --iam-instance-profile Name=VaultRole".to_owned()),
            Some("ec2:AssociateIamInstanceProfile and iam:PassRole"),
        ),
    }
}

/// AWS does not accept what Vault signs with its own credentials.
fn refused_signature(message: &str, evidence: &Evidence) -> Finding {
    let clock = |code, how: &str| {
        Finding::certain(code).because(format!(
            "The clock of Vault's server is {how}, so AWS does not accept what Vault signs with its own credentials."
        ))
    };
    match signature_problem(message) {
        SignatureProblem::Region => endpoint_without_region(evidence),
        SignatureProblem::TooOld => clock(Code::SIG403, "behind"),
        SignatureProblem::TooEarly => clock(Code::SIG404, "ahead"),
        SignatureProblem::Mismatch | SignatureProblem::Unread => without_identity(
            "AWS does not accept the secret key that Vault's server has.",
            evidence,
        ),
    }
}

/// Vault's own calls are signed for us-east-1 and go to another region.
fn endpoint_without_region(evidence: &Evidence) -> Finding {
    let config = case::config_path(evidence);
    let Some((fields, rights)) = case::client_config(evidence) else {
        return Finding::likely(Code::VLT629, &[Code::VLT614])
            .not_seen(evidence.looks.vault.client_config.missing("read", &config));
    };
    let endpoint = case::text_of(fields, "sts_endpoint");
    let region = case::text_of(fields, "sts_region");
    let finding = if region.is_empty() {
        Finding::certain(Code::VLT629)
    } else {
        Finding::likely(Code::VLT629, &[Code::VLT614])
            .because("Vault signs its own calls for its sts_region, and its sts_endpoint is of another region.")
    };
    let finding = finding
        .fact_with(rights, &config, "sts_endpoint", endpoint)
        .fact_with(rights, &config, "sts_region", region);
    match crate::diagnose::asked::region_of(endpoint) {
        Some(region) => finding.remedy(
            Where::Vault,
            "name the endpoint's region beside it; this touches all logins of the mount",
            Some(case::write(
                &config,
                &[
                    format!("sts_endpoint={endpoint}"),
                    format!("sts_region={region}"),
                ],
            )),
            Some(&format!("update on {config}")),
        ),
        None => finding,
    }
}

/// IAM does not let Vault look the principal up.
fn may_not_look(message: &str, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT612);
    let finding = match denied_caller(message) {
        Some(vault) => finding.fact("iam, through vault", "vault is", vault),
        None => finding,
    };
    let finding = exact_binding(finding, evidence);
    let who = case::principal(None, evidence);
    let server = denied_caller(message).and_then(PrincipalArn::parse);
    match server.zip(who) {
        Some((server, who)) => {
            let action = if who.is_user() {
                "iam:GetUser"
            } else {
                "iam:GetRole"
            };
            let text = "or let Vault's identity look the principal up; an inline policy of this name is replaced";
            allow(
                finding,
                text,
                &server,
                "vault-lookup",
                action,
                &who.bindable_arn(),
            )
        }
        None => finding,
    }
}

/// Lets Vault's identity do something, by an inline policy of this name.
pub(super) fn allow(
    finding: Finding,
    text: &str,
    server: &PrincipalArn,
    policy: &str,
    action: &str,
    resource: &str,
) -> Finding {
    let document = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }],
    })
    .to_string();
    let (command, name, right) = match &server.kind {
        PrincipalKind::User { name, .. } => (
            ["put-user-policy", "--user-name"],
            name,
            "iam:PutUserPolicy",
        ),
        PrincipalKind::AssumedRole { role: name, .. } | PrincipalKind::Role { name, .. } => (
            ["put-role-policy", "--role-name"],
            name,
            "iam:PutRolePolicy",
        ),
        PrincipalKind::Root | PrincipalKind::Other(_) => return finding,
    };
    let words = [
        "aws",
        "iam",
        command[0],
        command[1],
        name,
        "--policy-name",
        policy,
        "--policy-document",
        &document,
    ];
    finding.remedy(Where::Aws, text, Some(shell::command(words)), Some(right))
}

/// With exact ARNs alone no look-up takes place at a login.
fn exact_binding(finding: Finding, evidence: &Evidence) -> Finding {
    let Some(((role, _), who)) = case::vault_role(evidence).zip(case::principal(None, evidence))
    else {
        return finding;
    };
    let own = who.bindable_arn();
    let mut arns = role.bound_arns();
    if !arns.contains(&own.as_str()) {
        arns.insert(0, &own);
    }
    let path = case::role_path(evidence);
    let (text, needs) = if role.resolves_ids() {
        (
            "bind the exact ARN beside the one with the star: then this login needs no look-up, but writing it needs one",
            format!("update on {path}, and iam:GetRole for Vault's server"),
        )
    } else {
        (
            "bind the exact ARN beside the one with the star: then this login needs no look-up",
            format!("update on {path}"),
        )
    };
    finding.remedy(
        Where::Vault,
        text,
        Some(case::write_role(
            evidence,
            &[format!("bound_iam_principal_arn={}", arns.join(","))],
        )),
        Some(&needs),
    )
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
            "The role binds an ARN with a star, so Vault looks the caller up in the account {account}, and it was not told which role to take for that."
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
    let role = resource.and_then(|rest| rest.split_whitespace().next());
    let finding = Finding::likely(Code::VLT613, &[Code::VLT612])
        .because("For this account Vault was told to assume a role, and AWS refuses that: the role does not trust Vault's identity, wants an external id, or is not there.");
    let finding = match denied_caller(message) {
        Some(vault) => finding.fact("iam, through vault", "vault is", vault),
        None => finding,
    };
    match role {
        Some(role) => finding.fact(&path, "sts_role", role),
        None => finding,
    }
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
