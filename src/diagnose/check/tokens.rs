//! What the role hands out. `auth.policies` fails where one of its policies does not
//! exist, or where it hands out none; `auth.tokens` warns where a token is spent
//! after a few uses, which Kong's are soon.

use super::aws::unseen;
use super::role::look_or_reason;
use super::{Scene, Verdict};
use crate::diagnose::looks::{AuthRole, Rights};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::http::date::lifetime_text;
use crate::settings::Settings;
use crate::shell;

pub(super) async fn policies(scene: &Scene) -> Verdict {
    let (role, rights) = match look_or_reason(scene.auth_role().await) {
        Ok(seen) => seen,
        Err(because) => return Verdict::skipped(because),
    };
    let names = role.token_policies();
    if names.is_empty() {
        return Verdict::found("none but default", none(scene.settings(), rights));
    }
    let texts = scene.policies().await;
    let of_name = |name: &&str| texts.get(*name);
    let absent: Vec<&str> = names
        .iter()
        .filter(|name| of_name(name).is_some_and(|look| look.is_absent()))
        .copied()
        .collect();
    if !absent.is_empty() {
        let kept: Vec<&str> = names
            .iter()
            .filter(|name| !absent.contains(name))
            .copied()
            .collect();
        let finding = missing(scene.settings(), &absent, &kept, rights);
        return Verdict::found(format!("{} do not exist", absent.join(", ")), finding);
    }
    let unread = names
        .iter()
        .find_map(|name| of_name(name).filter(|look| look.seen().is_none()));
    match unread {
        Some(look) => Verdict::skipped(unseen(look)),
        None => Verdict::passed(names.join(", ")),
    }
}

fn none(settings: &Settings, rights: &Rights) -> Finding {
    let path = settings.vault.role_path();
    Finding::certain(Code::VLT705)
        .because(format!(
            "{path} hands out no policy, so its tokens have default alone."
        ))
        .fact_with(rights, &path, "token_policies", "none")
        .set_up("vault")
}

fn missing(settings: &Settings, absent: &[&str], kept: &[&str], rights: &Rights) -> Finding {
    let path = settings.vault.role_path();
    let finding = Finding::certain(Code::VLT704)
        .because(format!(
            "{path} hands out {}, and Vault has no policy of that name.",
            absent.join(", ")
        ))
        .fact_with(rights, &path, "absent", absent.join(", "))
        .set_up("vault");
    if kept.is_empty() {
        return finding.remedy(
            Where::Vault,
            "or see which policies there are, and give the role one of them",
            Some("vault policy list".to_owned()),
            Some("list on sys/policies/acl"),
        );
    }
    let list = format!("token_policies={}", kept.join(","));
    finding.remedy(
        Where::Vault,
        "or take out what is not there, and keep the others",
        Some(shell::command(["vault", "write", &path, &list])),
        Some(&format!("update on {path}")),
    )
}

pub(super) async fn tokens(scene: &Scene) -> Verdict {
    let (role, rights) = match look_or_reason(scene.auth_role().await) {
        Ok(seen) => seen,
        Err(because) => return Verdict::skipped(because),
    };
    let uses = role.seconds("token_num_uses");
    let findings = if uses > 0 {
        vec![few_uses(scene.settings(), rights, uses)]
    } else {
        Vec::new()
    };
    Verdict::of(lifetimes(role), findings)
}

fn lifetimes(role: &AuthRole) -> String {
    let words = |name: &str, none: &str| match role.seconds(name) {
        0 => none.to_owned(),
        seconds => lifetime_text(i64::try_from(seconds).unwrap_or(i64::MAX)),
    };
    format!(
        "they live {}, renewed {} at most",
        words("token_ttl", "as long as the method says"),
        words("token_max_ttl", "as long as the method says")
    )
}

fn few_uses(settings: &Settings, rights: &Rights, uses: u64) -> Finding {
    let path = settings.vault.role_path();
    let write = shell::command(["vault", "write", &path, "token_num_uses=0"]);
    let mut finding = Finding::certain(Code::VLT720)
        .because(format!(
            "A token of this role can be used {uses} times; Kong reads many secrets with one."
        ))
        .fact_with(rights, &path, "token_num_uses", uses.to_string())
        .remedy(
            Where::Vault,
            "let tokens be used as often as Kong needs (vault.num_uses in the settings)",
            Some(write),
            Some(&format!("update on {path}")),
        );
    finding.severity = Severity::Warning;
    finding
}
