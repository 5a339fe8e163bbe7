//! Vault's role. `auth.role` fails where it does not exist, or does not take signed
//! requests; `auth.binding` where it does not let the identity in that logs in.

use super::aws::unseen;
use super::scene::ACCOUNT_UNKNOWN;
use super::{Scene, Verdict};
use crate::aws::identity::bare_name;
use crate::diagnose::again::Again;
use crate::diagnose::binding::{Binding, By, Mismatch, Missing, Principal, Reason, binding, words};
use crate::diagnose::finding::Remedy;
use crate::diagnose::looks::{AuthRole, Look, Rights};
use crate::diagnose::{Code, Confidence, Finding, Severity, Where, vault_role};
use crate::settings::{Settings, Topology};

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
        let finding = absent(scene, rights).await;
        return Verdict::found(format!("{name} does not exist"), finding);
    };
    let who = who(scene).await;
    let mut findings = Vec::new();
    if role.auth_type() == "ec2" {
        findings.push(vault_role::of_type_ec2(
            Some((role, rights)),
            who.as_ref(),
            settings,
            Again::Check,
        ));
    } else if !role.inferred_entity().is_empty() {
        findings.push(infers(settings, rights, role, who.as_ref()));
    }
    findings.extend(bound_addresses(settings, rights, role));
    Verdict::of(
        format!("{}, type {}", settings.vault.role_path(), role.auth_type()),
        findings,
    )
}

async fn absent(scene: &Scene, rights: &Rights) -> Finding {
    let settings = scene.settings();
    let roles = scene.auth_roles().await;
    let finding = vault_role::absent(settings, None, roles, Again::Check).fact_with(
        rights,
        &settings.vault.role_path(),
        "role",
        "absent",
    );
    let make = vault_role::make(&settings.vault.auth_role);
    let is_told = |remedy: &Remedy| remedy.command.as_deref() == Some(&*make);
    if finding.remedies.iter().any(is_told) {
        return finding;
    }
    finding.remedy(Where::Here, "or have it made", Some(make), None)
}

/// Who logs in, as IAM and the settings have it.
async fn who(scene: &Scene) -> Option<Principal> {
    let names = scene.names().await.ok()?;
    if names.account_is_unknown {
        return None;
    }
    let in_iam = match names.login() {
        Some(_) => scene.login_role().await,
        None => scene.kong_role().await,
    };
    let unique_id = in_iam.present().map(|role| role.unique_id.as_str());
    Principal::of_arn(names.bound(), unique_id)
}

/// A session that is assumed is no instance.
fn infers(
    settings: &Settings,
    rights: &Rights,
    role: &AuthRole,
    who: Option<&Principal>,
) -> Finding {
    let finding = vault_role::stop_inferring(
        Finding::certain(Code::VLT615),
        role,
        rights,
        who,
        &settings.vault,
    );
    if settings.topology == Topology::Direct {
        // Kong's own session of an instance profile has the instance's id for a name.
        return Finding {
            confidence: Confidence::Likely,
            severity: Severity::Warning,
            ..finding
        };
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
        .fact_with(rights, &settings.vault.role_path(), "token_bound_cidrs", bound.join(", "))
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
    if names.account_is_unknown {
        return match scene.proved_login().await {
            Some(_) => Verdict::passed("a login succeeded"),
            None => Verdict::skipped(ACCOUNT_UNKNOWN),
        };
    }
    let Some(who) = who(scene).await else {
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
            unseen(match names.login() {
                Some(_) => scene.login_role().await,
                None => scene.kong_role().await,
            })
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
    let code = match &mismatch.reason {
        Reason::OtherPrincipal if binds_login_role(role, settings) => Code::VLT606,
        reason => reason.code(),
    };
    let finding = Finding::certain(code).because(words::cause(mismatch, who));
    let finding = words::facts(finding, role, rights, &settings.vault).fact(
        "settings",
        "logs in",
        who.bindable_arn(),
    );
    let finding = match &who.unique_id {
        Some(id) => finding.fact("iam", "unique id", id),
        None => finding,
    };
    let finding = words::bind(finding, role, who, mismatch, &settings.vault);
    words::set_up(finding, role, mismatch, settings)
}

/// Vault binds the login role while the settings have KongRole log in itself.
fn binds_login_role(role: &AuthRole, settings: &Settings) -> bool {
    let login = bare_name(&settings.aws.login_role);
    let is_bound = |entry: &&str| bare_name(entry) == login;
    settings.topology == Topology::Direct && role.bound_arns().iter().any(is_bound)
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
