//! From the evaluator's decision to finding codes.

use super::{Call, IamRole, Reason, cure};
use crate::aws::identity::bare_name;
use crate::aws::policy::document::Effect;
use crate::aws::policy::evaluate::{
    Condition, Decision, Doubt, Layer, Missing, Near, Place, Refusal, Value,
};
use crate::diagnose::finding::{Fact, Remedy};
use crate::diagnose::looks::Rights;
use crate::diagnose::{Code, Where};

/// The call and what was seen around it.
pub(super) struct Case<'a> {
    pub(super) call: &'a Call,
    pub(super) role: Option<&'a IamRole>,
    pub(super) caller_role: Option<&'a IamRole>,
    /// With whose right the role was seen.
    pub(super) with: &'a Rights,
    /// What IAM's simulator says.
    pub(super) simulated: Option<(&'a bool, &'a Rights)>,
}

const EXTERNAL_ID: &str = "sts:ExternalId";

fn fact(with: &Rights, source: &str, fact: &str, value: impl Into<String>) -> Fact {
    Fact {
        source: source.to_owned(),
        fact: fact.to_owned(),
        value: value.into(),
        seen_with: with.words(),
    }
}

/// IAM has no role of that name.
pub(super) fn absent(call: &Call, with: &Rights) -> Reason {
    let name = bare_name(&call.role_arn);
    Reason {
        code: Code::AWS201,
        cause: format!(
            "IAM has no role named {name} in the account of {}.",
            call.role_arn
        ),
        facts: vec![fact(with, "iam:GetRole", name, "NoSuchEntity")],
        remedies: vec![
            cure::here(
                "make it, with the trust policy that the login needs; Vault has to look up the new one, so both sides are written",
                &["vaultiam", "setup"],
            ),
            cure::advice(
                Where::Here,
                "if it has another name: --login-role NAME, or --assume-role-arn ARN",
                None,
            ),
        ],
    }
}

/// A role of that name lies under another path, and AWS compares the whole ARN.
pub(super) fn other_path(call: &Call, role: &IamRole, with: &Rights) -> Reason {
    Reason {
        code: Code::AWS221,
        cause: format!(
            "The role {} lies under the path {}, and {} was asked for.",
            role.name, role.path, call.role_arn
        ),
        facts: vec![fact(with, "iam:GetRole", "Arn", &role.arn)],
        remedies: vec![cure::here(
            "name the role with its path",
            &[
                "vaultiam",
                "login",
                "--assume-role-arn",
                &role.arn,
                "--explain",
            ],
        )],
    }
}

/// IAM's own simulator does not let the caller assume the role.
pub(super) fn simulator_denies(case: &Case<'_>, with: &Rights) -> Reason {
    Reason {
        code: Code::AWS206,
        cause: "IAM's policy simulator says that the caller's own policies do not let it assume this role.".to_owned(),
        facts: vec![fact(with, "iam:SimulatePrincipalPolicy", "sts:AssumeRole", "denied")],
        remedies: cure::allow_assume(case.call, case.caller_role).into_iter().collect(),
    }
}

/// Each reason for which it is refused.
pub(super) fn refused(case: &Case<'_>, decision: &Decision) -> Vec<Reason> {
    let reasons = decision.refusals.iter();
    reasons
        .map(|refusal| reason(case, decision, refusal))
        .collect()
}

fn reason(case: &Case<'_>, decision: &Decision, refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::Denied(place) => denied(case, place),
        Refusal::NotAllowed {
            layer: Layer::Trust,
            ..
        } => not_trusted(case, decision),
        Refusal::NotAllowed { layer, level } => {
            not_allowed(case, decision, *layer, level.as_deref())
        }
        Refusal::Caller => Reason {
            code: Code::AWS115,
            cause: "STS lets neither the root user nor a federated user assume a role.".to_owned(),
            facts: vec![fact(&Rights::Own, "sts", "caller", &case.call.caller_arn)],
            remedies: vec![cure::advice(
                Where::Here,
                "use the credentials of a role or of an IAM user",
                None,
            )],
        },
    }
}

/// A statement denies it, whatever else allows it.
fn denied(case: &Case<'_>, place: &Place) -> Reason {
    let code = match place.layer {
        Layer::ServiceControl => Code::AWS209,
        Layer::ResourceControl => Code::AWS223,
        Layer::Endpoint => Code::AWS224,
        Layer::Trust | Layer::Identity | Layer::Boundary | Layer::Session => Code::AWS207,
    };
    let whose = whose(case, place.layer);
    Reason {
        code,
        cause: format!(
            "{} of {whose} denies it: an explicit deny goes before everything that allows.",
            statement(place)
        ),
        facts: vec![fact(case.with, "policy", &place.policy, statement(place))],
        remedies: vec![cure::advice(
            Where::Aws,
            format!(
                "find out why {} of {whose} is there, and narrow it if it is too wide",
                statement(place)
            ),
            None,
        )],
    }
}

fn whose(case: &Case<'_>, layer: Layer) -> String {
    match layer {
        Layer::Trust => format!("the trust policy of {}", bare_name(&case.call.role_arn)),
        Layer::Identity => "the caller's policies".to_owned(),
        Layer::Boundary => "the caller's permissions boundary".to_owned(),
        Layer::Session => "the session's policy".to_owned(),
        Layer::ServiceControl => "the organisation's service control policies".to_owned(),
        Layer::ResourceControl => "the organisation's resource control policies".to_owned(),
        Layer::Endpoint => "the VPC endpoint's policy".to_owned(),
    }
}

/// `statement "Sid"`, or its number as AWS counts, in its policy.
fn statement(place: &Place) -> String {
    let effect = match place.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    match &place.sid {
        Some(sid) => format!("statement \"{sid}\" ({effect}) in \"{}\"", place.policy),
        None => format!(
            "Statement[{}] ({effect}) in \"{}\"",
            place.index, place.policy
        ),
    }
}

/// What handing tags on takes beside `sts:AssumeRole`.
const TAG_SESSION: &str = "sts:TagSession";

/// The calling session has tags that are handed on. `who` does not let it.
fn tags_refused(who: &str) -> Reason {
    Reason {
        code: Code::AWS222,
        cause: format!("The session hands on tags, and {who} not allow sts:TagSession."),
        facts: Vec::new(),
        remedies: vec![cure::advice(
            Where::Aws,
            "allow sts:TagSession beside sts:AssumeRole, in the trust policy and in the caller's own",
            None,
        )],
    }
}

/// The trust policy does not allow it: which of the reasons?
fn not_trusted(case: &Case<'_>, decision: &Decision) -> Reason {
    if decision.action == TAG_SESSION {
        return tags_refused("the trust policy does");
    }
    let near: Vec<&Near> = decision.near_in(Layer::Trust).collect();
    let conditional: Vec<(&Near, Vec<&Condition>)> = near
        .iter()
        .filter_map(|near| Some((*near, near.only_conditions()?)))
        .filter(|(_, conditions)| !conditions.is_empty())
        .collect();
    if let Some((near, conditions)) = conditional
        .iter()
        .min_by_key(|(_, conditions)| conditions.len())
    {
        return condition_unmet(case, near, conditions);
    }
    let others = || near.iter().filter_map(|near| near.other_principals());
    let names: Vec<String> = others().flat_map(|others| others.names.clone()).collect();
    let mut deleted = others().flat_map(|others| &others.deleted);
    let mut sessions = others().flat_map(|others| &others.sessions);
    let principal = cure::principal(case.call, case.caller_role);
    let role = bare_name(&case.call.role_arn);
    let named = if names.is_empty() {
        "nobody for sts:AssumeRole".to_owned()
    } else {
        names.join(" ")
    };
    let facts = vec![
        fact(case.with, "trust policy", "principals", named),
        fact(&Rights::Own, "sts", "caller", &case.call.caller_arn),
    ];
    // A dead id beside living roles and users may have been anybody's; services
    // stand in most trust policies and say nothing.
    if let Some(dead) = deleted.next()
        && others().all(|others| others.living.is_empty())
    {
        return Reason {
            code: Code::AWS205,
            cause: format!(
                "The trust policy of {role} names {dead}, the id of a role or user that was deleted. One of the same name that is made later is not trusted by it."
            ),
            facts,
            remedies: case
                .role
                .map(|role| cure::replace_dead(role, dead, &principal))
                .into_iter()
                .collect(),
        };
    }
    let cause = if let Some(session) = sessions.next() {
        format!(
            "The trust policy of {role} names the one session {session}, and the caller is another session of that role."
        )
    } else {
        format!("The trust policy of {role} does not name the caller.")
    };
    Reason {
        code: Code::AWS202,
        cause,
        facts,
        remedies: case
            .role
            .and_then(|role| cure::trust_also(case.call, role, &principal))
            .into_iter()
            .chain([cure::here(
                "or let setup write it, if these are the roles of the settings",
                &["vaultiam", "setup", "--only", "aws"],
            )])
            .collect(),
    }
}

/// A statement names the caller, under a condition that the call does not meet.
fn condition_unmet(case: &Case<'_>, near: &Near, conditions: &[&Condition]) -> Reason {
    let is_id = |condition: &&Condition| condition.key.eq_ignore_ascii_case(EXTERNAL_ID);
    let only_id = conditions.iter().all(is_id);
    let facts: Vec<Fact> = conditions
        .iter()
        .flat_map(|condition| {
            let wanted = format!("{} {}", condition.operator, condition.wanted.join(" or "));
            [
                fact(case.with, "trust policy", &condition.key, wanted),
                fact(&Rights::Own, "request", &condition.key, has(&condition.has)),
            ]
        })
        .collect();
    let words: Vec<String> = conditions
        .iter()
        .map(|condition| format!("{} {}", condition.operator, condition.key))
        .collect();
    let role = bare_name(&case.call.role_arn);
    if only_id {
        return Reason {
            code: Code::AWS203,
            cause: match &case.call.external_id {
                None => {
                    format!("The trust policy of {role} wants an external id, and none was sent.")
                }
                Some(_) => format!(
                    "The trust policy of {role} wants another external id than the one that was sent."
                ),
            },
            facts,
            remedies: external_id(case, near, conditions),
        };
    }
    Reason {
        code: Code::AWS204,
        cause: format!(
            "{} names the caller, and its condition is not met: {}.",
            statement(&near.place),
            words.join(", ")
        ),
        facts,
        remedies: condition_advice(conditions),
    }
}

fn has(value: &Value) -> String {
    match value {
        Value::Values(values) => values.join(" "),
        Value::Absent => "not in the request".to_owned(),
        Value::Unknown => "not known here".to_owned(),
    }
}

fn external_id(case: &Case<'_>, near: &Near, conditions: &[&Condition]) -> Vec<Remedy> {
    let mut wanted = conditions.iter().flat_map(|condition| &condition.wanted);
    let plain = wanted.find(|id| !id.contains(['*', '?', '$']));
    let send = match plain {
        Some(id) => cure::here(
            "send the id that it wants; Kong cannot send one",
            &["vaultiam", "login", "--external-id", id, "--explain"],
        ),
        None => cure::advice(
            Where::Here,
            "send an id that fits (--external-id); Kong cannot send one",
            None,
        ),
    };
    let drop = case
        .role
        .and_then(|role| cure::drop_condition(role, near.place.index, EXTERNAL_ID));
    [Some(send), drop].into_iter().flatten().collect()
}

fn condition_advice(conditions: &[&Condition]) -> Vec<Remedy> {
    let advice = conditions.iter().map(|condition| {
        let key = condition.key.to_ascii_lowercase();
        if key == "sts:rolesessionname" && !condition.operator.contains("Not") {
            return session_name(&condition.wanted);
        }
        let wanted = condition.wanted.join(" or ");
        let text = match key.as_str() {
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => "the policy wants a second factor, which no workload has: take the condition out for the workload's role".to_owned(),
            "aws:sourceip" => format!("call from an address that the policy lists ({wanted}); through a VPC endpoint it wants aws:VpcSourceIp"),
            "aws:sourcevpc" | "aws:sourcevpce" => format!("call through the VPC endpoint that the policy names ({wanted})"),
            "aws:principalorgid" | "aws:principalorgpaths" => format!("the caller's account is not in the organisation that the policy names ({wanted})"),
            _ => format!("meet the condition {} {} {wanted}, or change it in the trust policy", condition.operator, condition.key),
        };
        cure::advice(Where::Aws, text, None)
    });
    advice.collect()
}

/// The session is to have another name.
fn session_name(wanted: &[String]) -> Remedy {
    let words = wanted.join(" or ");
    let text = format!(
        "name the session as the policy wants it ({words}); Kong's own name is aws_role_session_name in its vault"
    );
    let mut plain = wanted.iter().filter(|name| !name.contains(['*', '?', '$']));
    match plain.next() {
        Some(name) => cure::here(
            &text,
            &["vaultiam", "login", "--session-name", name, "--explain"],
        ),
        None => cure::advice(Where::Here, format!("{text}: --session-name"), None),
    }
}

/// Another layer than the trust policy does not allow it.
fn not_allowed(case: &Case<'_>, decision: &Decision, layer: Layer, level: Option<&str>) -> Reason {
    if (layer, decision.action.as_str()) == (Layer::Identity, TAG_SESSION) {
        return tags_refused("the caller's own policies do");
    }
    let code = match layer {
        Layer::Boundary => Code::AWS208,
        Layer::ServiceControl => Code::AWS209,
        Layer::ResourceControl => Code::AWS223,
        Layer::Endpoint => Code::AWS224,
        Layer::Identity | Layer::Session | Layer::Trust => Code::AWS206,
    };
    let place = level
        .map(|level| format!(" at {level}"))
        .unwrap_or_default();
    let near: Vec<String> = decision
        .near_in(layer)
        .filter(|near| near.lacks.len() == 1)
        .map(|near| statement(&near.place))
        .collect();
    let mut facts = vec![fact(&Rights::Own, "sts", "caller", &case.call.caller_arn)];
    if !near.is_empty() {
        facts.push(fact(
            case.with,
            "policy",
            "nearly allows it",
            near.join(", "),
        ));
    }
    if let (Layer::Boundary, Some(arn)) = (
        layer,
        case.caller_role.and_then(|role| role.boundary.as_ref()),
    ) {
        facts.push(fact(case.with, "iam:GetRole", "permissions boundary", arn));
    }
    let remedies = match layer {
        Layer::Identity => cure::allow_assume(case.call, case.caller_role)
            .into_iter()
            .collect(),
        Layer::Boundary => vec![cure::advice(
            Where::Aws,
            format!(
                "add sts:AssumeRole on {} to the boundary policy",
                case.call.role_arn
            ),
            Some("iam:CreatePolicyVersion on the boundary".to_owned()),
        )],
        _ => vec![cure::advice(
            Where::Aws,
            "have it allowed there; it cannot be changed in this account alone",
            None,
        )],
    };
    Reason {
        code,
        cause: format!(
            "Nothing in {}{place} allows sts:AssumeRole on {}.",
            whose(case, layer),
            case.call.role_arn
        ),
        facts,
        remedies,
    }
}

/// What may keep it from being allowed, where something is not known.
pub(super) fn open(case: &Case<'_>, decision: &Decision) -> Vec<Reason> {
    let unknown = decision.missing.iter().filter_map(|missing| match missing {
        Missing::Fact(fact) => match &fact.doubt {
            Doubt::Key(key) => Some((key, &fact.at, &fact.condition)),
            _ => None,
        },
        _ => None,
    });
    unknown
        .map(|(key, at, condition)| {
            let wanted = condition.as_ref().map(|condition| {
                fact(
                    case.with,
                    "trust policy",
                    key,
                    format!("{} {}", condition.operator, condition.wanted.join(" or ")),
                )
            });
            Reason {
                code: if at.effect == Effect::Deny {
                    Code::AWS207
                } else {
                    Code::AWS204
                },
                cause: format!("{} depends on {key}, which only AWS sees.", statement(at)),
                facts: wanted.into_iter().collect(),
                remedies: condition
                    .iter()
                    .flat_map(|condition| condition_advice(&[condition]))
                    .collect(),
            }
        })
        .collect()
}

/// The kinds of policies that were not seen.
pub(super) fn unseen(decision: &Decision) -> Vec<String> {
    let mut names = Vec::new();
    for missing in &decision.missing {
        if let Missing::Layer(layer) = missing {
            let name = match layer {
                Layer::Trust => "the trust policy",
                Layer::Identity => "the caller's policies",
                Layer::Boundary => "the caller's permissions boundary",
                Layer::Session => "a policy of the calling session",
                Layer::ServiceControl => "service control policies",
                Layer::ResourceControl => "resource control policies",
                Layer::Endpoint => "a VPC endpoint's policy",
            };
            names.push(name.to_owned());
        }
    }
    names
}
