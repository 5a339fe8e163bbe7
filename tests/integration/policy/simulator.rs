//! A second opinion: a simulator that others wrote, on every case that it can
//! take. Each difference is known, with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Map, Value as Json, json};
use vaultiam::aws::policy::evaluate::{CallerKind, Level, Policy, Request, Sight, Value, Verdict};

use super::cases::{Case, cases};
use crate::generated::of_project;
use crate::kong::readers::fed;
use crate::servers::servers;

/// What the simulator says: it knows no doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Allowed,
    Denied,
    /// It does not take the case.
    Nothing,
}

#[test]
fn another_simulator_decides_the_same_or_differs_for_a_reason() {
    let cases: Vec<Case> = cases().into_iter().filter(is_for_it).collect();
    let said = ask(&cases);
    let known = differences();
    let (mut agreed, mut undecided, mut found) = (0, 0, BTreeMap::new());
    for (case, said) in cases.iter().zip(said) {
        match (case.decide().verdict, said) {
            (_, Said::Nothing) => {
                found.insert(case.id.clone(), "takes it not".to_owned());
            }
            (Verdict::Undecided, _) => undecided += 1,
            (Verdict::Allowed, Said::Allowed) | (Verdict::Denied, Said::Denied) => agreed += 1,
            (ours, said) => {
                found.insert(case.id.clone(), format!("{ours:?} here, {said:?} there"));
            }
        }
    }
    println!(
        "{agreed} agreed, {undecided} undecided here, {} differ",
        found.len()
    );
    let news: Vec<_> = found
        .iter()
        .filter(|(id, _)| !known.contains(*id))
        .collect();
    let gone: Vec<_> = known.iter().filter(|id| !found.contains_key(*id)).collect();
    assert!(
        news.is_empty() && gone.is_empty(),
        "new: {news:#?}\ngone: {gone:#?}"
    );
    assert!(agreed >= 500, "{agreed} agreed");
}

/// The cases on which the two differ, by the reason for it.
fn differences() -> BTreeSet<String> {
    let path = of_project("tests/policy/simulator.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let by_reason: BTreeMap<String, Vec<String>> = serde_yaml::from_str(&text).unwrap();
    by_reason.into_values().flatten().collect()
}

/// It sees everything or nothing of the policies, and knows what every key holds.
fn is_for_it(case: &Case) -> bool {
    let policies = &case.policies;
    let is_seen = |sight: &Sight<Policy>| matches!(sight, Sight::Seen(_));
    let are_seen = |sight: &Sight<Level>| matches!(sight, Sight::Seen(_));
    let is_known = case.requests().iter().all(|request| {
        let keys = keys(case);
        keys.iter().all(|key| request.value(key) != Value::Unknown)
    });
    is_known
        && is_seen(&policies.trust)
        && is_seen(&policies.identity)
        && is_seen(&policies.boundary)
        && is_seen(&policies.session)
        && is_seen(&policies.endpoint)
        && are_seen(&policies.service_control)
        && are_seen(&policies.resource_control)
}

/// Of a call that needs several actions, all have to be allowed.
fn ask(cases: &[Case]) -> Vec<Said> {
    let simulations: Vec<Vec<Json>> = cases.iter().map(simulations).collect();
    let all: Vec<&Json> = simulations.iter().flatten().collect();
    let mut node = Command::new("node");
    let script = of_project("tests/integration/policy/simulate.mjs");
    node.arg(script).arg(servers().get("VAULTIAM_SIMULATOR"));
    let output = fed(&mut node, &json!(all).to_string());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    let mut answers = answers.into_iter();
    let said = simulations.iter().zip(cases).map(|(simulations, case)| {
        let answers: Vec<Json> = answers.by_ref().take(simulations.len()).collect();
        let verdicts = answers.iter().map(|answer| {
            if answer["ignored"] != json!([]) {
                return None;
            }
            answer["verdict"]
                .as_str()
                .map(|verdict| verdict == "Allowed")
        });
        let verdicts: Option<Vec<bool>> = verdicts.collect();
        match verdicts.map(|verdicts| verdicts.iter().all(|is_allowed| *is_allowed)) {
            Some(true) => Said::Allowed,
            Some(false) => Said::Denied,
            None => {
                println!("{}: {}", case.id, json!(answers));
                Said::Nothing
            }
        }
    });
    said.collect()
}

fn simulations(case: &Case) -> Vec<Json> {
    let requests = case.requests();
    requests
        .iter()
        .map(|request| simulation(case, request))
        .collect()
}

fn simulation(case: &Case, request: &Request) -> Json {
    let policies = &case.policies;
    let mut simulation = json!({
        "request": {
            "principal": principal(case),
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": account(request)},
            "contextVariables": context(case, request),
        },
        "identityPolicies": named(&policies.identity),
        "serviceControlPolicies": levels(&policies.service_control),
        "resourceControlPolicies": levels(&policies.resource_control),
    });
    let optional = [
        ("permissionBoundaryPolicies", &policies.boundary),
        ("vpcEndpointPolicies", &policies.endpoint),
    ];
    for (name, sight) in optional {
        if !seen(sight).is_empty() {
            simulation[name] = named(sight);
        }
    }
    for (name, sight) in [
        ("resourcePolicy", &policies.trust),
        ("sessionPolicy", &policies.session),
    ] {
        if let Some(document) = merged(sight) {
            simulation[name] = document;
        }
    }
    simulation
}

fn seen<T>(sight: &Sight<T>) -> &[T] {
    match sight {
        Sight::Seen(seen) => seen,
        Sight::NotSeen | Sight::Partly(_) => &[],
    }
}

fn named(sight: &Sight<Policy>) -> Json {
    json!(seen(sight).iter().map(one).collect::<Vec<_>>())
}

fn one(policy: &Policy) -> Json {
    json!({"name": policy.name, "policy": policy.document.to_value()})
}

fn levels(sight: &Sight<Level>) -> Json {
    let levels = seen(sight).iter().map(|level| {
        let policies: Vec<Json> = level.policies.iter().map(one).collect();
        json!({"orgIdentifier": level.name, "policies": policies})
    });
    json!(levels.collect::<Vec<_>>())
}

/// It takes one document where there may be several.
fn merged(sight: &Sight<Policy>) -> Option<Json> {
    let policies = seen(sight);
    let mut document = policies.first()?.document.clone();
    for policy in &policies[1..] {
        document
            .statements
            .extend(policy.document.statements.clone());
    }
    Some(document.to_value())
}

fn principal(case: &Case) -> String {
    match &case.caller.kind {
        CallerKind::Service { principal } => principal.clone(),
        CallerKind::Federated { provider } => provider.clone(),
        CallerKind::Role {
            account,
            name,
            session,
            ..
        } => format!(
            "arn:{}:sts::{}:assumed-role/{name}/{}",
            account.partition,
            account.id,
            session.as_deref().unwrap_or("any")
        ),
        CallerKind::User {
            account,
            path,
            name,
        } => format!(
            "arn:{}:iam::{}:user{path}{name}",
            account.partition, account.id
        ),
        CallerKind::Root { account } => {
            format!("arn:{}:iam::{}:root", account.partition, account.id)
        }
        CallerKind::FederatedUser { account, name } => format!(
            "arn:{}:sts::{}:federated-user/{name}",
            account.partition, account.id
        ),
    }
}

fn account(request: &Request) -> String {
    let of_resource = request.resource.split(':').nth(4).unwrap_or_default();
    match (of_resource, request.caller.account()) {
        ("", Some(account)) => account.id.clone(),
        (of_resource, _) => of_resource.to_owned(),
    }
}

/// The keys that the policies of a case ask for.
fn context(case: &Case, request: &Request) -> Json {
    let mut context = Map::new();
    for key in keys(case) {
        if let Value::Values(values) = request.value(&key) {
            let value = match values.as_slice() {
                [value] if !is_list(&key) => json!(value),
                values => json!(values),
            };
            context.insert(key, value);
        }
    }
    Json::Object(context)
}

fn is_list(key: &str) -> bool {
    let lists = [
        "aws:tagkeys",
        "sts:transitivetagkeys",
        "aws:principalorgpaths",
    ];
    lists.contains(&key.to_ascii_lowercase().as_str())
}

fn keys(case: &Case) -> BTreeSet<String> {
    let policies = &case.policies;
    let mut documents: Vec<&Policy> = Vec::new();
    for sight in [
        &policies.trust,
        &policies.identity,
        &policies.boundary,
        &policies.session,
        &policies.endpoint,
    ] {
        documents.extend(seen(sight));
    }
    for sight in [&policies.service_control, &policies.resource_control] {
        documents.extend(seen(sight).iter().flat_map(|level| &level.policies));
    }
    let mut keys = BTreeSet::new();
    for policy in documents {
        for statement in &policy.document.statements {
            keys.extend(
                statement
                    .condition
                    .values()
                    .flat_map(|keys| keys.keys().cloned()),
            );
        }
        let text = policy.document.to_string();
        let variables = text.split("${").skip(1);
        let named = variables.filter_map(|rest| rest.split(['}', ',']).next());
        keys.extend(named.filter(|name| name.contains(':')).map(str::to_owned));
    }
    keys
}
