//! Vault's role. `auth.role` fails where it does not exist, or does not take signed
//! requests; `auth.binding` where it does not let the identity in that logs in.

use super::aws::unseen;
use super::{Scene, Verdict};
use crate::aws::identity::bare_name;
use crate::diagnose::binding::{Binding, By, Mismatch, Missing, Principal, Reason, binding};
use crate::diagnose::looks::{AuthRole, Look, Rights};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::settings::{Settings, Topology};
use crate::shell;
use crate::vault::namespace::with_variable;

pub(super) async fn role(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let name = &settings.vault.auth_role;
    let look = scene.auth_role().await;
    let Some((role, rights)) = look.seen_with() else {
        return match scene.proved_login().await {
            Some(_) => Verdict::passed(format!("{name}: a login with it succeeded")),
            None => Verdict::skipped(unseen(look)),
        };
    };
    let Some(role) = role else {
        let others = scene.auth_roles().await.seen();
        let finding = absent(settings, rights, others.map(Vec::as_slice));
        return Verdict::found(format!("{name} does not exist"), finding);
    };
    let mut findings = Vec::new();
    if role.auth_type() == "ec2" {
        findings.push(of_type_ec2(settings, rights));
    } else if !role.inferred_entity().is_empty() {
        findings.push(infers(settings, rights, role));
    }
    findings.extend(bound_addresses(settings, rights, role));
    Verdict::of(
        format!("{}, type {}", path(settings), role.auth_type()),
        findings,
    )
}

fn path(settings: &Settings) -> String {
    let vault = &settings.vault;
    format!("auth/{}/role/{}", vault.auth_mount, vault.auth_role)
}

fn absent(settings: &Settings, rights: &Rights, others: Option<&[String]>) -> Finding {
    let path = path(settings);
    let finding = Finding::certain(Code::VLT603)
        .because(format!("There is no role at {path}."))
        .fact_with(rights, &path, "role", "absent");
    let finding = match others {
        Some(others) if !others.is_empty() => {
            let list = format!("auth/{}/roles", settings.vault.auth_mount);
            finding.fact_with(rights, &list, "there are", others.join(", "))
        }
        _ => finding,
    };
    finding.remedy(
        Where::Here,
        "make it, or name the one that exists (vault.auth_role)",
        Some("vaultiam setup --only vault".to_owned()),
        None,
    )
}

fn of_type_ec2(settings: &Settings, rights: &Rights) -> Finding {
    Finding::certain(Code::VLT604)
        .fact_with(rights, &path(settings), "auth_type", "ec2")
        .remedy(
            Where::Vault,
            "the type of a role cannot be changed: delete it, then let setup make it anew",
            Some(with_variable(
                settings.vault.namespace.as_deref(),
                shell::command(["vault", "delete", &path(settings)]),
            )),
            Some(&format!("delete on {}", path(settings))),
        )
}

/// A session that is assumed is no instance.
fn infers(settings: &Settings, rights: &Rights, role: &AuthRole) -> Finding {
    let write = shell::command([
        "vault",
        "write",
        &path(settings),
        "inferred_entity_type=",
        "inferred_aws_region=",
    ]);
    let finding = Finding::certain(Code::VLT615)
        .fact_with(
            rights,
            &path(settings),
            "inferred_entity_type",
            role.inferred_entity(),
        )
        .remedy(
            Where::Vault,
            "take the inferring out",
            Some(with_variable(settings.vault.namespace.as_deref(), write)),
            Some(&format!("update on {}", path(settings))),
        );
    if settings.topology == Topology::Direct {
        // Kong's own session of an instance profile has the instance's id for a name.
        let mut finding = Finding {
            confidence: crate::diagnose::Confidence::Likely,
            ..finding
        };
        finding.severity = Severity::Warning;
        return finding;
    }
    finding
}

/// From where Kong's logins come is not seen from here.
fn bound_addresses(settings: &Settings, rights: &Rights, role: &AuthRole) -> Option<Finding> {
    let bound = role.bound_cidrs();
    let wanted = &settings.provision.bound_cidrs;
    let is_meant = !wanted.is_empty() && bound.len() == wanted.len();
    if bound.is_empty() || is_meant {
        return None;
    }
    let mut finding = Finding::likely(Code::VLT617, &[])
        .because("The role lets in from some addresses only, and whether Kong's is among them was not seen.")
        .fact_with(rights, &path(settings), "token_bound_cidrs", bound.join(", "))
        .would_decide("audit log", "remote_address of a login of Kong");
    finding.severity = Severity::Note;
    Some(finding)
}

pub(super) async fn binding_of(scene: &Scene) -> Verdict {
    let Ok(names) = scene.names().await else {
        return Verdict::skipped("the settings do not name who logs in");
    };
    let arn = names.bound();
    let look = scene.auth_role().await;
    let Some((Some(role), rights)) = look.seen_with() else {
        return match scene.proved_login().await {
            Some(_) => Verdict::passed(format!("{arn}: a login with it succeeded")),
            None => Verdict::skipped(unseen(look)),
        };
    };
    let in_iam = match names.login() {
        Some(_) => scene.login_role().await,
        None => scene.kong_role().await,
    };
    let unique_id = in_iam.present().map(|role| role.unique_id.as_str());
    let Some(who) = Principal::of_arn(arn, unique_id) else {
        return Verdict::skipped(format!("{arn} is nobody whom Vault could bind"));
    };
    match binding(role, &who) {
        Binding::Bound(by) => Verdict::passed(by_words(&by, arn)),
        Binding::Refused(mismatch) => {
            let finding = refused(&mismatch, &who, role, rights, scene.settings());
            Verdict::found(format!("{arn} is not bound"), finding)
        }
        Binding::Undecided(_) if scene.proved_login().await.is_some() => {
            Verdict::passed(format!("{arn}: a login with it succeeded"))
        }
        Binding::Undecided(missing) => Verdict::skipped(format!(
            "{}: {}",
            missing_words(&missing, arn),
            unseen(in_iam)
        )),
    }
}

fn by_words(by: &By, arn: &str) -> String {
    match by {
        By::Id(id) => format!("{arn}, by its unique id {id}"),
        By::Arn(entry) => format!("{arn}, by {entry}"),
        By::Wildcard(entry) => format!("{arn}, by {entry}"),
        By::Nobody => {
            "no principal is bound: whoever the role's other conditions let in".to_owned()
        }
    }
}

fn missing_words(missing: &Missing, arn: &str) -> String {
    match missing {
        Missing::UniqueId { entry, bound_id } => format!(
            "{entry} is bound{}, and the unique id of {arn} was not seen",
            bound_id
                .as_ref()
                .map(|id| format!(" with the unique id {id}"))
                .unwrap_or_default()
        ),
        Missing::Path { entry } => format!("{entry} is bound, and the path of {arn} was not seen"),
        Missing::Session => "the role infers an EC2 instance from the session's name".to_owned(),
    }
}

fn refused(
    mismatch: &Mismatch,
    who: &Principal,
    role: &AuthRole,
    rights: &Rights,
    settings: &Settings,
) -> Finding {
    let path = path(settings);
    let arn = who.bindable_arn();
    let code = match &mismatch.reason {
        Reason::OtherPrincipal if binds_login_role(role, settings) => Code::VLT606,
        reason => reason.code(),
    };
    let finding = Finding::certain(code)
        .because(because(mismatch, &arn, &path))
        .fact_with(
            rights,
            &path,
            "bound_iam_principal_arn",
            role.bound_arns().join(", "),
        )
        .fact_with(
            rights,
            &path,
            "bound_iam_principal_id",
            role.bound_ids().join(", "),
        )
        .fact("settings", "logs in", &arn);
    let finding = match &who.unique_id {
        Some(id) => finding.fact("iam", "unique id", id),
        None => finding,
    };
    let bound = bound_after(mismatch, role, &arn);
    let list = format!("bound_iam_principal_arn={}", bound.join(","));
    let write = shell::command(["vault", "write", &path, &list]);
    finding.set_up("vault").remedy(
        Where::Vault,
        "or by hand; the list is replaced as a whole, and this one keeps what is in it",
        Some(with_variable(settings.vault.namespace.as_deref(), write)),
        Some(&format!("update on {path}")),
    )
}

/// What is to be bound: what is bound stays bound, but an entry that was meant for this
/// principal and cannot match it. Written again, an ARN is looked up anew.
fn bound_after<'a>(mismatch: &'a Mismatch, role: &'a AuthRole, arn: &'a str) -> Vec<&'a str> {
    let mut bound = role.bound_arns();
    match mismatch.reason {
        Reason::OtherId(_) => return bound,
        Reason::PathWithoutIds | Reason::SessionArn => {
            bound.retain(|entry| Some(*entry) != mismatch.entry.as_deref());
        }
        _ => {}
    }
    bound.push(arn);
    bound
}

/// Vault binds the login role while the settings have KongRole log in itself.
fn binds_login_role(role: &AuthRole, settings: &Settings) -> bool {
    let login = bare_name(&settings.aws.login_role);
    let is_bound = |entry: &&str| bare_name(entry) == login;
    settings.topology == Topology::Direct && role.bound_arns().iter().any(is_bound)
}

fn because(mismatch: &Mismatch, arn: &str, path: &str) -> String {
    let entry = mismatch.entry.as_deref().unwrap_or("what is bound");
    match &mismatch.reason {
        Reason::OtherId(Some(id)) => format!(
            "{path} binds {entry} with the unique id {id}; the role {arn} was made anew and has another."
        ),
        Reason::OtherId(None) => {
            format!("{path} binds {entry} with another unique id: the role {arn} was made anew.")
        }
        Reason::PathWithoutIds => format!(
            "{path} binds {entry} with its path while unique ids are off; Vault compares with {arn}, which has none."
        ),
        Reason::SessionArn => {
            format!("{path} binds {entry}, a session; Vault compares with {arn}.")
        }
        Reason::OtherAccount => format!("{path} binds {entry}, in another account than {arn}."),
        Reason::OtherPartition => format!("{path} binds {entry}, in another partition than {arn}."),
        Reason::Wildcard(_) => format!("{path} binds {entry}, which does not match {arn}."),
        Reason::Capitals => format!("{path} binds {entry}, which differs from {arn} in capitals."),
        Reason::TypeEc2 | Reason::OtherKind | Reason::OtherPrincipal | Reason::NoInstance => {
            format!("{path} does not bind {arn}.")
        }
    }
}

/// What a look at the role shows besides, for those that need one.
pub(super) fn look_or_reason(
    look: &Look<Option<AuthRole>>,
) -> Result<(&AuthRole, &Rights), String> {
    match look.seen_with() {
        Some((Some(role), rights)) => Ok((role, rights)),
        _ => Err(unseen(look)),
    }
}
