//! Whether one statement applies to a request.

use super::Request;
use super::condition;
use super::decision::{Condition, Doubt, Layer, Mismatch, Place, Unclear};
use super::pattern::{Unresolved, Wildcards, expand, plain};
use super::principal::{self, Frame, Names};
use super::truth::Truth;
use crate::aws::policy::document::{Scope, Statement, Version};

/// A statement, judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) place: Place,
    /// Whether it applies, by how it names the caller. A statement of a policy
    /// that has no principals names whoever has the policy.
    pub(super) applies: Names,
    pub(super) lacks: Vec<Mismatch>,
    /// Why it is not known whether it applies.
    pub(super) doubts: Vec<(Doubt, Option<Condition>)>,
}

impl Judged {
    pub(super) fn truth(&self) -> Truth {
        self.applies.any()
    }
}

pub(super) fn judge(
    place: Place,
    statement: &Statement,
    language: Version,
    request: &Request,
    frame: &Frame<'_>,
) -> Judged {
    let mut lacks = Vec::new();
    let mut doubts: Vec<(Doubt, Option<Condition>)> = Vec::new();
    let names = match (&statement.principal, has_principals(place.layer)) {
        (Some(scope), true) => {
            let judged = principal::judge(scope, statement.effect, frame);
            if judged.names.any() == Truth::False {
                lacks.push(Mismatch::Principal(judged.others));
            }
            if judged.names.is_open() {
                doubts.extend(judged.doubts.into_iter().map(|doubt| (doubt, None)));
            }
            judged.names
        }
        (None, true) => {
            lacks.push(Mismatch::Principal(
                super::decision::OtherPrincipals::default(),
            ));
            Names::NOBODY
        }
        (_, false) => Names::itself(Truth::True),
    };
    let mut truth = judge_action(&statement.action, &request.action);
    if truth == Truth::False {
        lacks.push(Mismatch::Action);
    }
    if let Some(scope) = &statement.resource {
        let mut own_doubts = Vec::new();
        let resource = judge_resource(scope, language, request, &mut own_doubts);
        match resource {
            Truth::False => lacks.push(Mismatch::Resource),
            Truth::Unknown => doubts.extend(own_doubts.into_iter().map(|doubt| (doubt, None))),
            Truth::True => {}
        }
        truth = truth.and(resource);
    }
    for judged in condition::judge(&statement.condition, language, request) {
        truth = truth.and(judged.truth);
        let condition = judged.condition;
        match judged.truth {
            Truth::False => lacks.push(Mismatch::Condition(condition)),
            Truth::Unknown => {
                let own = judged.doubts.into_iter();
                doubts.extend(own.map(|doubt| (doubt, Some(condition.clone()))));
            }
            Truth::True => {}
        }
    }
    Judged {
        place,
        applies: names.and(truth),
        lacks,
        doubts,
    }
}

/// The other policies belong to the caller.
fn has_principals(layer: Layer) -> bool {
    match layer {
        Layer::Trust | Layer::ResourceControl | Layer::Endpoint => true,
        Layer::Identity | Layer::Boundary | Layer::Session | Layer::ServiceControl => false,
    }
}

/// "The prefix and the action name are case insensitive", and wildcards count.
fn judge_action(scope: &Scope<Vec<String>>, action: &str) -> Truth {
    let action = action.to_ascii_lowercase();
    let is_listed = scope
        .listed()
        .iter()
        .any(|listed| plain(&listed.to_ascii_lowercase(), Wildcards::Active).matches(&action));
    match scope {
        Scope::Only(_) => is_listed.into(),
        Scope::AllBut(_) => (!is_listed).into(),
    }
}

fn judge_resource(
    scope: &Scope<Vec<String>>,
    language: Version,
    request: &Request,
    doubts: &mut Vec<Doubt>,
) -> Truth {
    let each = scope.listed().iter().map(|listed| {
        let pattern = match expand(listed, Wildcards::Active, language, request) {
            Ok(pattern) => pattern,
            Err(Unresolved::Unknown(key)) => {
                doubts.push(Doubt::Key(key));
                return Truth::Unknown;
            }
            Err(Unresolved::NoValue) => {
                return match scope {
                    Scope::Only(_) => Truth::False,
                    Scope::AllBut(_) => {
                        doubts.push(Doubt::Reading(Unclear::Variable));
                        Truth::Unknown
                    }
                };
            }
        };
        // IAM takes an ARN that is cut short, and does not say what it means.
        if listed != "*" && pattern.arn_parts().is_none() && !pattern.ends_open() {
            doubts.push(Doubt::Reading(Unclear::ShortArn));
            return Truth::Unknown;
        }
        pattern.of_resource().matches(&request.resource).into()
    });
    let is_listed = Truth::any(each.collect::<Vec<_>>());
    match scope {
        Scope::Only(_) => is_listed,
        Scope::AllBut(_) => is_listed.negate(),
    }
}
