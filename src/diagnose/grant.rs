//! Do the policies of a token grant a request, and if not, why? From the texts of
//! the policies alone. Pure.

use std::collections::BTreeMap;

use super::Code;
use super::looks::Look;
use crate::shell;
use crate::vault::acl::{
    Asked, Capability, Decider, Decision, Doubt, Excess, Held, Near, NearMiss, Need, Policy,
    Source, Verdict, decide, excess, grants_below,
};
use crate::vault::namespace::with_variable;

/// The policies of a token, and where they lie.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    pub names: &'a [String],
    pub texts: &'a BTreeMap<String, Look<Option<String>>>,
    /// The namespace that they lie in; empty for the root namespace.
    pub namespace: &'a str,
}

/// What the policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The stanza that grants it, in words.
    Granted(String),
    Refused(Refusal),
    /// Too little was seen: why, and what the seen part says.
    Open {
        because: String,
        visible: Option<Refusal>,
    },
}

/// Why nothing grants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// A sentence.
    pub cause: String,
    /// The stanzas that it rests on: where it stands, and what it says.
    pub facts: Vec<(String, String)>,
    pub cure: Option<Cure>,
}

/// How the policy is put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    pub text: String,
    pub command: String,
    pub needs: String,
}

/// Judges a request: a capability on an API path of a namespace.
pub fn grant(policies: &Policies<'_>, asked: Asked<'_>) -> Grant {
    let decision = decide(&all_held(policies), asked);
    match decision.verdict {
        Verdict::Allowed => Grant::Granted(by_whom(&decision)),
        Verdict::Denied | Verdict::ExplicitDeny => {
            Grant::Refused(refusal(policies, &decision, asked))
        }
        Verdict::Undecided => Grant::Open {
            because: decision
                .doubts
                .iter()
                .map(doubt)
                .collect::<Vec<_>>()
                .join("; "),
            visible: (decision.visible != Verdict::Allowed)
                .then(|| refusal(policies, &decision, asked)),
        },
    }
}

/// The paths below `prefix` on which the policies that were seen grant a capability.
/// The prefix ends in a slash and is seen from the root namespace.
pub fn granted_below(policies: &Policies<'_>, prefix: &str, capability: Capability) -> Vec<String> {
    let grants = grants_below(&all_held(policies), prefix).into_iter();
    grants
        .filter(|grant| grant.capabilities.contains(&capability))
        .map(|grant| grant.path)
        .collect()
}

/// What the policies that were seen grant beyond the needs.
pub fn beyond(policies: &Policies<'_>, needs: &[Need]) -> Vec<Excess> {
    excess(&all_held(policies), needs)
}

fn all_held(policies: &Policies<'_>) -> Vec<Held> {
    let names = policies.names.iter();
    names.map(|name| held(policies, name)).collect()
}

fn held(policies: &Policies<'_>, name: &str) -> Held {
    let name = name.to_owned();
    let unseen = |because: &str| Held::Unseen {
        name: name.clone(),
        because: because.to_owned(),
    };
    match policies.texts.get(&name) {
        Some(Look::Seen { value: None, .. }) => Held::Absent { name },
        Some(Look::Seen {
            value: Some(text), ..
        }) => match Policy::parse(policies.namespace, &name, text) {
            Ok(policy) => Held::Known(policy),
            Err(malformed) => unseen(&format!("its text cannot be read: {malformed}")),
        },
        Some(Look::Refused(refused)) => unseen(&refused.because),
        Some(Look::NotMade) | None => unseen("it was not looked at"),
    }
}

fn by_whom(decision: &Decision) -> String {
    match &decision.decider {
        Decider::Root => "the policy root".to_owned(),
        Decider::Rule(rule) => rule
            .sources
            .iter()
            .map(place)
            .collect::<Vec<_>>()
            .join(", "),
        Decider::Nothing => String::new(),
    }
}

/// `kong-policy, line 3`.
fn place(source: &Source) -> String {
    format!("policy {}, line {}", source.policy, source.place.line)
}

fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Templated { source, .. } => format!(
            "{} has the path \"{}\", which Vault completes with the caller's identity",
            place(source),
            source.path
        ),
        Doubt::Unseen { policy, because } => format!("policy {policy} was not seen: {because}"),
        Doubt::Limited { source, .. } => format!(
            "{} grants it under conditions that may refuse it (parameters, wrapping, control group)",
            place(source)
        ),
        Doubt::Sentinel { policy } => format!("policy {policy} is Sentinel's and may refuse it"),
    }
}

fn refusal(policies: &Policies<'_>, decision: &Decision, asked: Asked<'_>) -> Refusal {
    let what = format!("{} on {}", asked.capability, asked.path);
    if let (Verdict::ExplicitDeny, Decider::Rule(rule)) = (decision.visible, &decision.decider) {
        return Refusal {
            code: Code::VLT706,
            cause: format!(
                "A rule denies {}: {}.",
                asked.path,
                rule.sources
                    .iter()
                    .map(place)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            facts: rule
                .sources
                .iter()
                .map(|source| fact(source, "deny"))
                .collect(),
            cure: rule.sources.first().map(|source| narrow(policies, source)),
        };
    }
    let is_data = |miss: &&NearMiss| matches!(&miss.near, Near::PartMissing { part } if part == "data" || part == "metadata");
    if let Some(miss) = decision.near.iter().find(is_data) {
        return Refusal {
            code: Code::VLT703,
            cause: format!(
                "The policy {} grants \"{}\", which is how people write it; the engine keeps its secrets below data/, and that is not granted.",
                miss.source.policy, miss.source.path
            ),
            facts: vec![fact(&miss.source, &asked.capability.to_string())],
            cure: Some(rewrite(policies, miss)),
        };
    }
    let own = policies
        .names
        .iter()
        .filter(|name| *name != "default")
        .count();
    if decision.absent.len() == own && own > 0 {
        let names = decision.absent.join(", ");
        return Refusal {
            code: Code::VLT704,
            cause: format!("The token names {names}, and no policy of that name exists."),
            facts: Vec::new(),
            cure: None,
        };
    }
    if own == 0 {
        return Refusal {
            code: Code::VLT705,
            cause: "The token has no policy but default, which lets it look after itself and read no secret.".to_owned(),
            facts: Vec::new(),
            cure: None,
        };
    }
    let miss = decision.near.first();
    let (cause, facts) = match (&decision.decider, miss) {
        (_, Some(miss)) => (
            format!("Nothing grants {what}: {}.", near_words(miss)),
            vec![fact(&miss.source, &asked.capability.to_string())],
        ),
        (Decider::Rule(rule), None) => (
            format!("The rule for this path does not grant {what}."),
            rule.sources
                .iter()
                .map(|source| fact(source, &rule.rights.to_string()))
                .collect(),
        ),
        _ => (
            format!(
                "None of the token's policies has a rule for {}.",
                asked.path
            ),
            Vec::new(),
        ),
    };
    Refusal {
        code: Code::VLT702,
        cause,
        facts,
        cure: miss
            .filter(|miss| is_a_slip(miss))
            .map(|miss| rewrite(policies, miss))
            .or_else(|| append(policies, asked)),
    }
}

fn fact(source: &Source, rights: &str) -> (String, String) {
    (
        format!("{} line {}", source.policy, source.place.line),
        format!("path \"{}\": {rights}", source.path),
    )
}

/// A stanza whose other spelling was plainly meant.
fn is_a_slip(miss: &NearMiss) -> bool {
    match miss.near {
        Near::NoWildcard
        | Near::StarInside
        | Near::ApiVersion
        | Near::NamespaceTooMuch
        | Near::NamespaceMissing
        | Near::Slash => true,
        Near::Case
        | Near::Outweighed { .. }
        | Near::PartMissing { .. }
        | Near::PartTooMuch { .. }
        | Near::OtherPart { .. } => false,
    }
}

fn near_words(miss: &NearMiss) -> String {
    let place = place(&miss.source);
    let path = &miss.source.path;
    match &miss.near {
        Near::Outweighed { by } => {
            format!(
                "{place} grants \"{path}\", but the rule for \"{by}\" is more specific and decides"
            )
        }
        Near::PartMissing { part } => {
            format!("{place} grants \"{path}\", without {part}/ behind the mount")
        }
        Near::PartTooMuch { part } => {
            format!("{place} grants \"{path}\"; this engine has no {part}/ (KV version 1)")
        }
        Near::OtherPart { written, wanted } => {
            format!("{place} grants \"{path}\", which is for {written}/, and {wanted}/ is asked")
        }
        Near::NoWildcard => {
            format!("{place} grants \"{path}\" alone and, without a * at its end, nothing below it")
        }
        Near::StarInside => format!(
            "{place} has \"{path}\": a * counts at the end only, a part between slashes is +"
        ),
        Near::ApiVersion => {
            format!("{place} has \"{path}\": v1/ belongs to the address, not to the path")
        }
        Near::NamespaceMissing => format!(
            "{place} has \"{path}\", which lacks the namespace below its own that the request is for"
        ),
        Near::NamespaceTooMuch => format!(
            "{place} has \"{path}\", which names the namespace that its paths begin in already"
        ),
        Near::Case => format!("{place} grants \"{path}\": capital and small letters differ"),
        Near::Slash => format!("{place} grants \"{path}\": only the slash at the end differs"),
    }
}

/// A rule that denies was written for a reason, which nobody knows here: a person
/// looks at it, and decides.
fn narrow(policies: &Policies<'_>, source: &Source) -> Cure {
    let policy = &source.policy;
    let file = format!("{policy}.hcl");
    let read = in_namespace(policies, &["vault", "policy", "read", policy]);
    let write = in_namespace(policies, &["vault", "policy", "write", policy, &file]);
    let file = shell::command([&*file]);
    Cure {
        text: format!(
            "find out why the rule at line {} of the policy {policy} is there; if it is too wide, narrow its path and keep the other rules",
            source.place.line
        ),
        command: format!("{read} > {file}\n${{EDITOR:-vi}} {file}\n{write}"),
        needs: needs(policy),
    }
}

/// Puts another path into the line of a policy, and keeps all others.
fn rewrite(policies: &Policies<'_>, miss: &NearMiss) -> Cure {
    let policy = &miss.source.policy;
    let script = format!(
        "{}s|{}|{}|",
        miss.source.place.line,
        escaped(&miss.source.path, r".[]*^$\|"),
        escaped(&miss.written, r"&\|")
    );
    let read = in_namespace(policies, &["vault", "policy", "read", policy]);
    let edit = shell::command(["sed", &script]);
    let write = in_namespace(policies, &["vault", "policy", "write", policy, "-"]);
    Cure {
        text: format!(
            "make it \"{}\" in the policy {policy}; its other rules stay",
            miss.written
        ),
        command: format!("{read} | {edit} | {write}"),
        needs: needs(policy),
    }
}

/// Adds a rule to the one policy of the token that is its own.
fn append(policies: &Policies<'_>, asked: Asked<'_>) -> Option<Cure> {
    let mut own = policies.names.iter().filter(|name| *name != "default");
    let (Some(policy), None) = (own.next(), own.next()) else {
        return None;
    };
    let text = policies.texts.get(policy)?.present()?;
    let is_json = text.trim_start().starts_with('{');
    let in_other_namespace =
        asked.namespace.trim_matches('/') != policies.namespace.trim_matches('/');
    if is_json || in_other_namespace {
        return None;
    }
    let rule = format!(
        "path \"{}\" {{ capabilities = [\"{}\"] }}",
        asked.path, asked.capability
    );
    let read = in_namespace(policies, &["vault", "policy", "read", policy]);
    let add = shell::command(["echo", &rule]);
    let write = in_namespace(policies, &["vault", "policy", "write", policy, "-"]);
    Some(Cure {
        text: format!(
            "if the token shall have it: add the rule to the policy {policy}; its other rules stay"
        ),
        command: format!("{{ {read}; {add}; }} | {write}"),
        needs: needs(policy),
    })
}

fn needs(policy: &str) -> String {
    format!("read and update on sys/policies/acl/{policy}")
}

fn in_namespace(policies: &Policies<'_>, words: &[&str]) -> String {
    let command = shell::command(words.iter().copied());
    with_variable(Some(policies.namespace), command)
}

/// A text with a backslash before each of the characters.
fn escaped(text: &str, characters: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if characters.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests;
