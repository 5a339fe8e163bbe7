//! STS confirmed the caller; it is Vault's role that does not fit: absent, of
//! another type, for instances only, or with policies that no login may get.

use super::case;
use crate::aws::identity::bare_name;
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::AuthRole;
use crate::diagnose::{Code, Finding, Where};
use crate::settings::file::closest;
use crate::shell;

/// There is no such role.
pub(super) fn absent(evidence: &Evidence) -> Finding {
    let vault = &evidence.settings.vault;
    let looks = &evidence.looks.vault.auth_roles;
    let roles = format!("auth/{}/roles", vault.auth_mount);
    let is_name_of_iam = {
        let aws = &evidence.settings.aws;
        let caller = case::principal(None, evidence);
        let caller = caller.as_ref().and_then(|who| who.arn.role_name());
        [
            Some(aws.kong_role.as_str()),
            Some(aws.login_role.as_str()),
            caller,
        ]
        .into_iter()
        .flatten()
        .any(|name| bare_name(name).eq_ignore_ascii_case(&vault.auth_role))
    };
    let finding = if is_name_of_iam {
        Finding::certain(Code::VLT633).because(format!(
            "'{}' is the name of an IAM role. Vault's auth method at auth/{} has no role of that name.",
            vault.auth_role, vault.auth_mount
        ))
    } else {
        Finding::certain(Code::VLT603).because(format!(
            "Vault's auth method at auth/{} has no role '{}'.",
            vault.auth_mount, vault.auth_role
        ))
    };
    let finding = finding
        .fact("settings", "vault.auth_role", &vault.auth_role)
        .fact("settings", "vault.auth_mount", &vault.auth_mount);
    let Some((names, rights)) = looks.seen_with() else {
        return finding.not_seen(looks.missing("list", &roles)).remedy(
            Where::Vault,
            "see which roles there are",
            Some(shell::command(["vault", "list", &roles])),
            Some(&format!("list on {roles}")),
        );
    };
    let finding = finding.fact_with(
        rights,
        &roles,
        "roles",
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        },
    );
    match likely_meant(&vault.auth_role, names) {
        Some(name) => finding.remedy(
            Where::Here,
            format!("did you mean '{name}'? Name it here, in the settings (vault.auth_role) and in Kong (aws_auth_role)"),
            Some(case::login_again(&["--role", name])),
            None,
        ),
        None => finding.remedy(
            Where::Here,
            "name one that is there, or have it made",
            Some(shell::command([
                "vaultiam",
                "setup",
                "--only",
                "vault",
                "--auth-role",
                &vault.auth_role,
            ])),
            None,
        ),
    }
}

/// The role that was probably meant: one with a name alike, or the only one.
fn likely_meant<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = closest(&name.to_ascii_lowercase(), &known);
    near.or(match known.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}

/// The role takes instance documents. Its type cannot be changed.
pub(super) fn is_ec2(evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT604);
    let finding = match case::vault_role(evidence) {
        Some((role, rights)) => finding.fact_with(rights, &path, "auth_type", role.auth_type()),
        None => finding,
    };
    let Some(who) = case::principal(None, evidence) else {
        return finding;
    };
    let name = format!("{}-iam", evidence.settings.vault.auth_role);
    let other = format!("auth/{}/role/{name}", evidence.settings.vault.auth_mount);
    let mut fields = vec![
        "auth_type=iam".to_owned(),
        format!("bound_iam_principal_arn={}", who.bindable_arn()),
    ];
    if let Some((role, _)) = case::vault_role(evidence) {
        fields.extend(token_fields(role));
    }
    finding
        .remedy(
            Where::Vault,
            "the type of a role cannot be changed: make a second one beside it",
            Some(case::write(&other, &fields)),
            Some(&format!("create on {other}, and iam:GetRole for Vault's server")),
        )
        .remedy(
            Where::Here,
            "then log in with that one, and name it in the settings (vault.auth_role) and in Kong (aws_auth_role)",
            Some(case::login_again(&["--role", &name])),
            None,
        )
}

/// What a role hands out, to be written into another one.
fn token_fields(role: &AuthRole) -> Vec<String> {
    let mut fields = Vec::new();
    let policies = role.token_policies();
    if !policies.is_empty() {
        fields.push(format!("token_policies={}", policies.join(",")));
    }
    let cidrs = role.bound_cidrs();
    if !cidrs.is_empty() {
        fields.push(format!("token_bound_cidrs={}", cidrs.join(",")));
    }
    for name in [
        "token_ttl",
        "token_max_ttl",
        "token_period",
        "token_num_uses",
    ] {
        let seconds = role.seconds(name);
        if seconds > 0 {
            fields.push(format!("{name}={seconds}"));
        }
    }
    fields
}

/// Vault took the session's name for an instance and could not look it up.
pub(super) fn instance_unseen(said: &str, evidence: &Evidence) -> Finding {
    let who = case::principal(None, evidence);
    let session = who.as_ref().and_then(|who| who.session());
    let is_instance = session.is_some_and(|session| session.starts_with("i-"));
    let finding = if !is_instance {
        Finding::certain(Code::VLT615)
    } else if said.contains("Unauthorized") || said.contains("AccessDenied") {
        Finding::likely(Code::VLT615, &[Code::VLT612, Code::VLT616])
            .because("The session's name is an instance's id, but EC2 does not let Vault look the instance up: its identity lacks ec2:DescribeInstances.")
    } else if said.contains("NotFound") || said.contains("no reservations") {
        Finding::likely(Code::VLT615, &[Code::VLT616])
            .because("The session's name is an instance's id, but EC2 does not know that instance in the region and account in which Vault asks (inferred_aws_region).")
    } else {
        Finding::likely(Code::VLT615, &[Code::VLT612, Code::VLT614, Code::VLT616])
            .because("Vault could not look up the instance whose id is the session's name.")
    };
    let finding = match session {
        Some(session) => finding.fact("sts", "session name", session),
        None => finding,
    };
    stop_inferring(finding.fact("ec2, through vault", "said", said), evidence)
}

/// A login of Kong's needs no instance. What is bound of it goes with it.
fn stop_inferring(finding: Finding, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see what the role binds; with inferred_entity_type only EC2 instances can log in",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let finding = finding
        .fact_with(
            rights,
            &path,
            "inferred_entity_type",
            role.inferred_entity(),
        )
        .fact_with(rights, &path, "inferred_aws_region", role.inferred_region());
    let mut fields = vec![
        "inferred_entity_type=".to_owned(),
        "inferred_aws_region=".to_owned(),
    ];
    fields.extend(
        role.instance_bounds()
            .iter()
            .map(|(name, _)| format!("{name}=")),
    );
    // Somebody must be bound, once the instance is not.
    if role.bound_arns().is_empty()
        && let Some(who) = case::principal(None, evidence)
    {
        fields.push(format!("bound_iam_principal_arn={}", who.bindable_arn()));
    }
    finding.remedy(
        Where::Vault,
        "if it need not be an instance, stop inferring one; what is bound of instances must go with it",
        Some(case::write_role(evidence, &fields)),
        Some(&format!("update on {path}")),
    )
}

/// The instance lacks something that the role binds.
pub(super) fn instance_not_bound(evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT616);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding.remedy(
            Where::Vault,
            "see what the role binds, and compare it with the instance",
            Some(shell::command(["vault", "read", &path])),
            Some(&format!("read on {path}")),
        );
    };
    let bounds = role.instance_bounds();
    let finding = bounds.iter().fold(finding, |finding, (name, values)| {
        finding.fact_with(rights, &path, name, values.join(", "))
    });
    let who = case::principal(None, evidence);
    match who.as_ref().and_then(|who| who.session()) {
        Some(session) if session.starts_with("i-") => finding.remedy(
            Where::Aws,
            "compare it with the instance; if the instance is right, add its value to the list and keep the others",
            Some(shell::command([
                "aws",
                "ec2",
                "describe-instances",
                "--instance-ids",
                session,
            ])),
            Some("ec2:DescribeInstances"),
        ),
        _ => finding,
    }
}

/// The role or the identity hands out a policy that no login may get.
pub(super) fn forbidden_policy(policy: Option<&str>, evidence: &Evidence) -> Finding {
    let path = case::role_path(evidence);
    let finding = Finding::certain(Code::VLT632);
    let Some((role, rights)) = case::vault_role(evidence) else {
        return finding
            .not_seen(evidence.looks.vault.auth_role.missing("read", &path))
            .remedy(
                Where::Vault,
                "see whether the role names it; if not, an entity or a group does",
                Some(shell::command(["vault", "read", &path])),
                Some(&format!("read on {path}")),
            );
    };
    let policies = role.token_policies();
    let finding = finding.fact_with(rights, &path, "token_policies", policies.join(", "));
    let kept: Vec<&str> = policies
        .iter()
        .copied()
        .filter(|name| Some(*name) != policy)
        .collect();
    if kept.len() == policies.len() {
        return finding.because("The role does not name that policy, so the entity of this login, or a group of it, does.");
    }
    finding.remedy(
        Where::Vault,
        "take it out, and keep the others",
        Some(case::write_role(
            evidence,
            &[format!("token_policies={}", kept.join(","))],
        )),
        Some(&format!("update on {path}")),
    )
}

/// STS named somebody whom Vault cannot bind.
pub(super) fn unbindable(principal: Option<&str>, evidence: &Evidence) -> Finding {
    let finding = Finding::certain(Code::VLT630);
    let finding = match principal {
        Some(arn) => finding.fact("sts, through vault", "caller", arn),
        None => finding,
    };
    let account = principal
        .and_then(crate::aws::identity::PrincipalArn::parse)
        .and_then(|arn| case::login_role(&arn, evidence));
    let flags: Vec<String> = match account {
        Some(role) => vec![
            "--assume-role-arn".to_owned(),
            role.full_arn.clone().unwrap_or_else(|| role.bindable_arn()),
        ],
        None => Vec::new(),
    };
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    finding.remedy(
        Where::Here,
        "log in as a role: assume it first, with credentials of a role or a user",
        Some(case::login_again(&flags)),
        None,
    )
}
