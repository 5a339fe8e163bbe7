//! The rules for a document and its statements, by kind of policy.

use super::super::document::read::Draft;
use super::super::document::{Principals, Problem, Scope, Statement, Version};
use super::{Kind, conditions, principals, resources};

pub(super) fn check(draft: &Draft, kind: Kind) -> Vec<Problem> {
    let mut problems = Vec::new();
    // "Policy document must be version 2012-10-17 or greater.": only for managed
    // policies. Where the version is wrong, the reader has said so.
    let misread = draft
        .problems
        .iter()
        .any(|problem| problem.place == "Version");
    if kind == Kind::Managed && draft.document.language() == Version::Old && !misread {
        problems.push(Problem::new(
            "Version",
            "is not the current one, and a managed policy must have that",
            "write \"Version\": \"2012-10-17\"",
        ));
    }
    let statements = draft.document.statements.iter().zip(&draft.places);
    let mut seen: Vec<&str> = Vec::new();
    for (statement, place) in statements {
        check_sid(&mut problems, place, statement, &seen);
        seen.extend(statement.sid.as_deref());
        check_actions(&mut problems, place, statement, kind);
        check_principal(&mut problems, place, statement, kind);
        check_resource(&mut problems, place, statement, kind);
        conditions::check(&mut problems, place, &statement.condition);
    }
    problems
}

/// "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies
/// the regular expression [0-9A-Za-z]*" and "Statement IDs (SID) in a single
/// policy must be unique."; an empty one may be there more than once.
fn check_sid(problems: &mut Vec<Problem>, place: &str, statement: &Statement, seen: &[&str]) {
    let Some(sid) = statement.sid.as_deref() else {
        return;
    };
    let place = format!("{place}.Sid");
    if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        problems.push(Problem::new(
            &place,
            format!("is {sid:?}"),
            "use letters and digits only",
        ));
    }
    if !sid.is_empty() && seen.contains(&sid) {
        problems.push(Problem::new(
            &place,
            format!("is {sid:?}, as in an earlier statement"),
            "give each statement its own, or none",
        ));
    }
}

fn check_actions(problems: &mut Vec<Problem>, place: &str, statement: &Statement, kind: Kind) {
    let (name, actions) = statement.action.element("Action", "NotAction");
    let place = format!("{place}.{name}");
    for action in actions {
        if let Some(problem) = check_action(&place, action) {
            problems.push(problem);
        } else if kind == Kind::Trust && !is_of_sts(action) {
            // "AssumeRole policy may only specify STS AssumeRole actions."
            problems.push(Problem::new(
                &place,
                format!("holds {action:?}, and a trust policy is about STS's actions only"),
                "write \"sts:AssumeRole\"; permissions belong in a policy of the role",
            ));
        }
    }
}

/// "Actions/Conditions must be prefaced by a vendor", "Actions/Condition can
/// contain only one colon.", "Vendor … is not valid".
fn check_action(place: &str, action: &str) -> Option<Problem> {
    if action == "*" {
        return None;
    }
    let is_right = action.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty()
            && service
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            && !name.is_empty()
            && !name.contains(':')
    });
    (!is_right).then(|| {
        Problem::new(
            place,
            format!("holds {action:?}, which is no action"),
            "write \"*\" or the service and the action, as \"sts:AssumeRole\"",
        )
    })
}

fn is_of_sts(action: &str) -> bool {
    action
        .split_once(':')
        .is_some_and(|(service, _)| service.eq_ignore_ascii_case("sts"))
}

fn check_principal(problems: &mut Vec<Problem>, place: &str, statement: &Statement, kind: Kind) {
    match (&statement.principal, kind) {
        (None, Kind::Trust) => problems.push(Problem::new(
            format!("{place}.Principal"),
            "is missing, and a trust policy says who is trusted",
            "add {\"AWS\": …}, {\"Service\": …} or {\"Federated\": …}",
        )),
        // "Has prohibited field Principal", "Policy document should not specify
        // a principal."
        (Some(scope), Kind::Identity | Kind::Managed | Kind::Session) => {
            let (name, _) = scope.element("Principal", "NotPrincipal");
            problems.push(Problem::new(
                format!("{place}.{name}"),
                format!("has no place in {}", kind.name()),
                "remove it: the principal is the one that has the policy",
            ));
        }
        // "You cannot use the NotPrincipal element in an IAM identity-based
        // policy nor in an IAM role trust policy."
        (Some(Scope::AllBut(_)), Kind::Trust) => problems.push(Problem::new(
            format!("{place}.NotPrincipal"),
            "has no place in a trust policy",
            "deny with Principal {\"AWS\": \"*\"} and the condition ArnNotLike on aws:PrincipalArn",
        )),
        // "AssumeRolepolicy contained an invalid principal: "STAR":"*"."
        (Some(Scope::Only(Principals::Everyone)), Kind::Trust) => problems.push(Problem::new(
            format!("{place}.Principal"),
            "is \"*\" without a kind, which a trust policy cannot have",
            "write {\"AWS\": \"*\"}, and a condition beside it",
        )),
        (Some(Scope::Only(Principals::Listed(lists))), Kind::Trust) => {
            principals::check(
                problems,
                &format!("{place}.Principal"),
                lists,
                &statement.condition,
            );
        }
        (None, Kind::Identity | Kind::Managed | Kind::Session) => {}
    }
}

fn check_resource(problems: &mut Vec<Problem>, place: &str, statement: &Statement, kind: Kind) {
    match (&statement.resource, kind) {
        // "Has prohibited field Resource"
        (Some(scope), Kind::Trust) => {
            let (name, _) = scope.element("Resource", "NotResource");
            problems.push(Problem::new(
                format!("{place}.{name}"),
                "has no place in a trust policy",
                "remove it: the role itself is the resource",
            ));
        }
        // "Policy statement must contain resources."
        (None, Kind::Identity | Kind::Managed | Kind::Session) => problems.push(Problem::new(
            format!("{place}.Resource"),
            "is missing",
            "add the ARNs that the actions are allowed on, or \"*\"",
        )),
        (Some(scope), Kind::Identity | Kind::Managed | Kind::Session) => {
            let (name, listed) = scope.element("Resource", "NotResource");
            let place = format!("{place}.{name}");
            problems.extend(
                listed
                    .iter()
                    .filter_map(|resource| resources::check(&place, resource)),
            );
        }
        (None, Kind::Trust) => {}
    }
}
