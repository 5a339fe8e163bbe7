//! The policy evaluator against the tables in `tests/policy`, and against those
//! who judge policies beside it.

mod cases;
#[cfg(feature = "real-servers")]
mod simulator;
#[cfg(feature = "real-servers")]
mod sts;

use std::collections::BTreeSet;

use vaultiam::aws::policy::Document;
use vaultiam::aws::policy::evaluate::{
    AssumeRole, Caller, Condition, Decision, Doubt, Layer, Mismatch, Missing, Near, Place,
    Policies, Policy, Refusal, Sight, Value, Verdict, evaluate_assume_role,
};

use cases::cases;

#[test]
fn every_case_is_decided_as_expected_and_for_the_reason() {
    let mut wrong = Vec::new();
    for case in cases() {
        let decision = case.decide();
        let mut told: Vec<String> = decision.refusals.iter().map(refusal).collect();
        told.extend(decision.missing.iter().map(missing));
        let near: Vec<String> = decision.near.iter().map(near).collect();
        let by: Vec<String> = decision.allowed_by.iter().map(place).collect();
        let is_as = |wanted: &Option<Vec<String>>, found: &Vec<String>| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let is_right = decision.verdict == case.expect
            && is_as(&case.facts.because, &told)
            && is_as(&case.facts.near, &near)
            && is_as(&case.facts.by, &by);
        if !is_right {
            let id = &case.id;
            wrong.push(format!(
                "{id}: {:?}, because {told:?}, near {near:?}, by {by:?}",
                decision.verdict
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_table_is_large_and_each_case_has_a_name() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= 150, "{}", cases.len());
    for verdict in [Verdict::Allowed, Verdict::Denied, Verdict::Undecided] {
        let of_verdict = cases.iter().filter(|case| case.expect == verdict);
        assert!(of_verdict.count() >= 25, "{verdict:?}");
    }
}

#[test]
fn allowed_as_far_as_seen_is_what_only_unseen_layers_keep_open() {
    let is_open = |id: &str| decided(id).is_allowed_as_far_as_seen();
    assert!(is_open("unseen/scp"));
    assert!(is_open("user/named"));
    assert!(!is_open("unseen/nothing-seen"));
    assert!(!is_open("source-ip/not-known"));
    assert!(!is_open("external-id/missing"));
}

#[test]
fn a_near_statement_tells_conditions_and_principals_apart() {
    let decision = decided("external-id/wrong");
    let near: Vec<&Near> = decision.near_in(Layer::Trust).collect();
    let conditions = near[0].only_conditions().unwrap();
    let expected = Condition {
        operator: "StringEquals".to_owned(),
        key: "sts:ExternalId".to_owned(),
        wanted: vec!["s3cret".to_owned()],
        has: Value::one("nope"),
    };
    assert_eq!(conditions, [&expected]);
    assert_eq!(near[0].other_principals(), None);
    assert_eq!(decision.near_in(Layer::Identity).count(), 0);

    let decision = decided("external-id/and-another-principal");
    let near = decision.near_in(Layer::Trust).next().unwrap();
    assert_eq!(near.only_conditions(), None);
    let principals = near.other_principals().unwrap();
    assert_eq!(
        principals.names,
        ["arn:aws:iam::123456789012:role/KongRole"]
    );
}

#[test]
fn a_key_id_that_begins_with_akia_tells_that_there_is_no_mfa() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#;
    let policies = Policies {
        trust: Sight::Seen(vec![Policy {
            name: "trust".to_owned(),
            document: Document::parse(text).unwrap(),
        }]),
        ..Policies::default()
    };
    let alice = Caller::parse("arn:aws:iam::123456789012:user/alice", None).unwrap();
    let call = AssumeRole::new(alice, cases::ROLE, "alice");
    let before = evaluate_assume_role(&call, &policies);
    assert_eq!(before.verdict, Verdict::Undecided);
    let after = evaluate_assume_role(&call.with_long_term_keys(), &policies);
    assert_eq!(after.verdict, Verdict::Denied);
}

#[test]
fn what_is_no_caller_is_refused() {
    for arn in [
        "",
        "KongRole",
        "arn:aws:iam::123456789012:group/team",
        "arn:aws:iam::123456789012:oidc-provider/accounts.google.com",
        "arn:aws:s3:::bucket",
    ] {
        assert_eq!(Caller::parse(arn, None), None, "{arn}");
    }
}

fn decided(id: &str) -> Decision {
    let cases = cases();
    cases.iter().find(|case| case.id == id).unwrap().decide()
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Denied(by) => format!("denied by {}", place(by)),
        Refusal::NotAllowed { layer, level: None } => format!("not allowed by {}", name(*layer)),
        Refusal::NotAllowed {
            layer,
            level: Some(level),
        } => format!("not allowed by {} of {level}", name(*layer)),
        Refusal::Caller => "such a caller cannot".to_owned(),
    }
}

fn missing(missing: &Missing) -> String {
    match missing {
        Missing::Layer(layer) => format!("{} not seen", name(*layer)),
        Missing::Fact(fact) => {
            let doubt = match &fact.doubt {
                Doubt::Key(key) => key.clone(),
                Doubt::Reading(unclear) => format!("{unclear:?}"),
                other => format!("{other:?}"),
            };
            format!("{doubt} at {}", place(&fact.at))
        }
    }
}

fn near(near: &Near) -> String {
    let lacks = near.lacks.iter().map(|mismatch| match mismatch {
        Mismatch::Principal(others) if !others.deleted.is_empty() => {
            format!("deleted {}", others.deleted.join(" "))
        }
        Mismatch::Principal(others) if !others.sessions.is_empty() => "other session".to_owned(),
        Mismatch::Principal(_) => "other principal".to_owned(),
        Mismatch::Action => "other action".to_owned(),
        Mismatch::Resource => "other resource".to_owned(),
        Mismatch::Condition(condition) => format!("{} {}", condition.operator, condition.key),
    });
    let lacks: Vec<String> = lacks.collect();
    format!("{}: {}", place(&near.place), lacks.join(", "))
}

fn place(place: &Place) -> String {
    let level = place.level.as_ref();
    let level = level.map_or_else(String::new, |level| format!(" of {level}"));
    let statement = match &place.sid {
        Some(sid) => sid.clone(),
        None => place.index.to_string(),
    };
    format!("{}{level} {} {statement}", name(place.layer), place.policy)
}

fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Trust => "trust",
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::ServiceControl => "scp",
        Layer::ResourceControl => "rcp",
        Layer::Endpoint => "endpoint",
    }
}
