//! The policy evaluator against the tables in `tests/policy`, and against those
//! who judge policies beside it.

mod cases;
#[cfg(feature = "real-servers")]
mod simulator;
#[cfg(feature = "real-servers")]
mod sts;

use std::collections::BTreeSet;

use vaultiam::aws::policy::evaluate::{
    Doubt, Layer, Mismatch, Missing, Near, Place, Refusal, Verdict,
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
        let is_right = decision.verdict == case.expect
            && case.because.as_ref().is_none_or(|because| *because == told)
            && case.near.as_ref().is_none_or(|wanted| *wanted == near);
        if !is_right {
            let id = &case.id;
            wrong.push(format!(
                "{id}: {:?}, because {told:?}, near {near:?}",
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
        Missing::Fact { doubt, at, .. } => {
            let doubt = match doubt {
                Doubt::Key(key) => key.clone(),
                Doubt::Reading(unclear) => format!("{unclear:?}"),
                other => format!("{other:?}"),
            };
            format!("{doubt} at {}", place(at))
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
