//! `policy.read`: the policies that the role hands out, and `default`, grant reading
//! each of the paths. It fails where none does, or one denies it; it warns where only
//! some of what lies below the prefix is granted. Where the texts cannot be read, what
//! Vault says that a token of the role may do proves the same.

use std::collections::BTreeMap;

use super::aws::unseen;
use super::scene::{OwnLogin, Reach, Wanted};
use super::{Scene, Verdict};
use crate::diagnose::grant::{Grant, Policies, Refusal, grant, granted_below};
use crate::diagnose::looks::{Look, Rights};
use crate::diagnose::{Code, Confidence, Finding, Severity, Where};
use crate::vault::acl::{Asked, Capability};
use crate::vault::namespace::canonical;

pub(super) async fn read(scene: &Scene) -> Verdict {
    let texts = scene.policies().await;
    let names: Vec<String> = texts.keys().cloned().collect();
    let policies = Policies {
        names: &names,
        texts,
        namespace: canonical(scene.settings().vault.namespace.as_deref()),
    };
    let capabilities = scene.capabilities_if_seen().await;
    let mut said = Vec::new();
    let mut findings = Vec::new();
    let mut undecided = Vec::new();
    for wanted in scene.wanted().await {
        match of_path(scene, &policies, &wanted).await {
            Of::Granted(by) => said.push(format!("{} ({by})", wanted.shown())),
            Of::Found(finding) => {
                said.push(format!("not {}", wanted.shown()));
                findings.push(*finding);
            }
            Of::Undecided(_) if may_read(capabilities, &wanted) => {
                let words = "Vault says so of a token of the role";
                said.push(format!("{} ({words})", wanted.shown()));
            }
            Of::Undecided(what) => undecided.push(format!("{}: {what}", wanted.shown())),
        }
    }
    if findings.is_empty() && !undecided.is_empty() {
        return Verdict::skipped(because(texts, undecided));
    }
    Verdict::of(said.join(", "), findings)
}

/// Where no text was seen, the one reason says it all.
fn because(texts: &BTreeMap<String, Look<Option<String>>>, undecided: Vec<String>) -> String {
    let mut unread = texts.values().filter(|look| look.seen().is_none());
    match unread.next() {
        Some(look) => unseen(look),
        None => undecided.join("; "),
    }
}

enum Of {
    Granted(String),
    Found(Box<Finding>),
    Undecided(String),
}

/// Any name stands for everything below.
const ANY: &str = "vaultiam-any-name";

async fn of_path(scene: &Scene, policies: &Policies<'_>, wanted: &Wanted) -> Of {
    let namespace = canonical(scene.settings().kv.namespace.as_deref());
    let api_path = wanted.at.api_path();
    let path = match wanted.reach {
        Reach::One => api_path.clone(),
        Reach::Below => format!("{api_path}{ANY}"),
    };
    let asked = Asked {
        namespace,
        path: &path,
        capability: Capability::Read,
    };
    match grant(policies, asked) {
        Grant::Granted(by) => Of::Granted(by),
        Grant::Open { because, .. } => Of::Undecided(because),
        Grant::Refused(refusal) => {
            let finding = match some_below(policies, namespace, wanted) {
                Some(finding) => finding,
                None => with_identity(scene, refused(refusal, scene).await).await,
            };
            Of::Found(Box::new(finding))
        }
    }
}

/// Some of what lies below is granted, and not all.
fn some_below(policies: &Policies<'_>, namespace: &str, wanted: &Wanted) -> Option<Finding> {
    if wanted.reach == Reach::One {
        return None;
    }
    let api_path = wanted.at.api_path();
    let prefix = match namespace {
        "" => api_path.clone(),
        namespace => format!("{namespace}/{api_path}"),
    };
    let paths = granted_below(policies, &prefix, Capability::Read);
    if paths.is_empty() {
        return None;
    }
    let mut finding = Finding::likely(Code::VLT702, &[])
        .because(format!(
            "Of what lies below {api_path}, only this is granted: {}. Name the paths that Kong reads (vaultiam check PATH) to know about each.",
            paths.join(", ")
        ))
        .fact("vault", "granted", paths.join(", "));
    finding.severity = Severity::Warning;
    Some(finding.set_up("vault"))
}

async fn refused(refusal: Refusal, scene: &Scene) -> Finding {
    let rights = match scene.auth_role().await.seen_with() {
        Some((_, rights)) => rights.clone(),
        None => Rights::Own,
    };
    let plain = |text: &str| text.replace(ANY, "*");
    let mut finding = Finding::certain(refusal.code).because(plain(&refusal.cause));
    for (place, says) in &refusal.facts {
        finding = finding.fact_with(&rights, "policy", place, says);
    }
    if let Some(cure) = refusal.cure {
        let command = plain(&cure.command);
        finding = finding.remedy(
            Where::Vault,
            plain(&cure.text),
            Some(command),
            Some(&cure.needs),
        );
    }
    finding.set_up("vault")
}

/// A token also has the policies of its entity and of that one's groups. Unless a
/// login showed that there are none, they may grant it.
async fn with_identity(scene: &Scene, mut finding: Finding) -> Finding {
    let has_none = matches!(
        scene.own_login_if_tried().await,
        Some(OwnLogin::Got { identity_policies, .. }) if identity_policies.is_empty()
    );
    if has_none || finding.code == Code::VLT706 {
        return finding;
    }
    finding.confidence = Confidence::Likely;
    finding.would_decide("read", "the identity policies of whoever logs in")
}

/// Whether Vault says that a token of the role may read it, if it was asked.
fn may_read(capabilities: Option<&BTreeMap<String, Vec<String>>>, wanted: &Wanted) -> bool {
    let rights = capabilities.and_then(|all| all.get(&wanted.at.api_path()));
    rights.is_some_and(|rights| {
        rights
            .iter()
            .any(|right| right == "read" || right == "root")
    })
}
