//! The same cases, played to the STS of the test servers as far as it knows what
//! they are about. Each difference is known, with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value as Json, json};
use vaultiam::aws::policy::evaluate::{CallerKind, Policy, Sight, Verdict};

use super::cases::{Case, ROLE, Rest, cases};
use crate::generated::of_project;
use crate::kong::readers::fed;
use crate::servers::{new_account, servers};

#[test]
fn sts_decides_the_same_or_differs_for_a_reason() {
    let accounts = [
        ("123456789012", new_account()),
        ("111122223333", new_account()),
    ];
    let played: Vec<(Case, Json)> = cases()
        .into_iter()
        .filter_map(|case| {
            let scene = scene(&case)?;
            Some((case, scene))
        })
        .collect();
    let scenes: Vec<&Json> = played.iter().map(|(_, scene)| scene).collect();
    let mut text = json!(scenes).to_string();
    for (written, account) in &accounts {
        text = text.replace(written, account);
    }
    let servers = servers();
    let mut python = Command::new(servers.get("VAULTIAM_PYTHON"));
    python
        .arg(of_project("tests/integration/policy/ask_sts.py"))
        .env("HTTPS_PROXY", servers.get("HTTPS_PROXY"))
        .env("AWS_CA_BUNDLE", servers.get("AWS_CA_BUNDLE"));
    let output = fed(&mut python, &text);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let said: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    let mut found = BTreeMap::new();
    for ((case, _), said) in played.iter().zip(said) {
        let ours = match case.decide().verdict {
            Verdict::Allowed => "allowed",
            Verdict::Denied => "denied",
            Verdict::Undecided => continue,
        };
        if said != ours {
            found.insert(case.id.clone(), format!("{ours} here, {said} there"));
        }
    }
    println!("{} played, {} differ", played.len(), found.len());
    let known = differences();
    let news: Vec<_> = found
        .iter()
        .filter(|(id, _)| !known.contains(*id))
        .collect();
    let gone: Vec<_> = known.iter().filter(|id| !found.contains_key(*id)).collect();
    assert!(
        news.is_empty() && gone.is_empty(),
        "new: {news:#?}\ngone: {gone:#?}"
    );
    assert!(played.len() >= 80, "{} played", played.len());
}

fn differences() -> BTreeSet<String> {
    let text = std::fs::read_to_string(of_project("tests/policy/sts.yaml")).unwrap();
    let by_reason: BTreeMap<String, Vec<String>> = serde_yaml::from_str(&text).unwrap();
    by_reason.into_values().flatten().collect()
}

/// What has to be put in place for a case; `None` where that cannot be done.
fn scene(case: &Case) -> Option<Json> {
    let (facts, policies) = (&case.facts, &case.policies);
    let is_plain = facts.action.is_none()
        && facts.context.is_empty()
        && facts.is_rest_unknown == Rest::Absent
        && facts.call.inherited.is_empty()
        && [&facts.scp, &facts.rcp, &facts.endpoint]
            .iter()
            .all(|json| json.is_null());
    let trust = documents(&policies.trust)?;
    let [trust] = trust.as_slice() else {
        return None;
    };
    // Ids are drawn by IAM, which takes no NotPrincipal in a trust policy.
    let text = trust.to_string();
    let has_others = ["AROA", "AIDA", "NotPrincipal"];
    if !is_plain || has_others.iter().any(|other| text.contains(other)) {
        return None;
    }
    let mut caller = json!({
        "identity": documents(&policies.identity)?,
        "boundary": documents(&policies.boundary)?,
        "policies": documents(&policies.session)?,
    });
    let account = match &case.caller.kind {
        CallerKind::User {
            account,
            path,
            name,
        } => {
            caller["path"] = json!(path);
            caller["name"] = json!(name);
            account
        }
        CallerKind::Role {
            account,
            path: Some(path),
            name,
            session: Some(session),
        } => {
            caller["path"] = json!(path);
            caller["name"] = json!(name);
            caller["session"] = json!(session);
            account
        }
        _ => return None,
    };
    if account.partition != "aws" {
        return None;
    }
    caller["account"] = json!(account.id);
    let role_arn = facts.resource.as_deref().unwrap_or(ROLE);
    let (path, name) = role_arn.rsplit_once(":role")?.1.rsplit_once('/')?;
    let call = &facts.call;
    let mut arguments = json!({
        "RoleArn": role_arn,
        "RoleSessionName": call.session_name.as_deref().unwrap_or("vaultiam"),
    });
    if let Some(external_id) = &call.external_id {
        arguments["ExternalId"] = json!(external_id);
    }
    if let Some(source_identity) = &call.source_identity {
        arguments["SourceIdentity"] = json!(source_identity);
    }
    if !call.tags.is_empty() {
        let tags = call
            .tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        arguments["Tags"] = json!(tags.collect::<Vec<_>>());
        arguments["TransitiveTagKeys"] = json!(call.transitive);
    }
    Some(json!({
        "caller": caller,
        "trust": trust,
        "role": {"account": "123456789012", "path": format!("{path}/"), "name": name},
        "arguments": arguments,
    }))
}

fn documents(sight: &Sight<Policy>) -> Option<Vec<Json>> {
    match sight {
        Sight::Seen(policies) => Some(
            policies
                .iter()
                .map(|policy| policy.document.to_value())
                .collect(),
        ),
        Sight::NotSeen | Sight::Partly(_) => None,
    }
}
