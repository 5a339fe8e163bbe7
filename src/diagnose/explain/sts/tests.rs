//! What a refused AssumeRole is not, and by which fact.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnose::explain::{Evidence, explain};
use crate::diagnose::looks::{AwsLooks, IamRole, Look, Refused, Rights, RolePolicies};
use crate::diagnose::{Code, Confidence, Finding, Looks};
use crate::fault::{Cause, Fault, Side};
use crate::login::Observations;
use crate::trace::StepId;

const ROLE: &str = "arn:aws:iam::123456789012:role/VaultRole";
const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/KongRole/i-1";

fn seen<T>(value: T) -> Look<T> {
    Look::Seen {
        value,
        with: Rights::Own,
    }
}

fn document(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn role(name: &str, trust: Value) -> IamRole {
    IamRole {
        arn: format!("arn:aws:iam::123456789012:role/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        unique_id: "AROAKONG".to_owned(),
        age_seconds: Some(86_400),
        trust,
        max_session_seconds: 3600,
        boundary: None,
        policies: Look::NotMade,
    }
}

/// A KongRole that may do `action` on everything.
fn kong(action: &str) -> IamRole {
    let rights = document(&json!({ "Effect": "Allow", "Action": action, "Resource": "*" }));
    IamRole {
        policies: seen(RolePolicies {
            inline: BTreeMap::from([("own".to_owned(), rights)]),
            ..RolePolicies::default()
        }),
        ..role("KongRole", document(&json!({})))
    }
}

/// A VaultRole that trusts KongRole.
fn vault_role() -> IamRole {
    let principal = json!({ "AWS": "arn:aws:iam::123456789012:role/KongRole" });
    let trust = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
    role("VaultRole", document(&trust))
}

/// What AssumeRole's refusal means, in the light of these looks.
fn findings(because: &str, aws: AwsLooks) -> Vec<Finding> {
    refused("sts:AssumeRole", because, aws)
}

/// The same where AWS names the action that is not allowed.
fn refused(action: &str, because: &str, aws: AwsLooks) -> Vec<Finding> {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    let evidence = Evidence {
        settings: Arc::new(settings.expect("the defaults are valid")),
        seen: Observations {
            caller: Some(CALLER.to_owned()),
            ..Observations::default()
        },
        looks: Looks {
            aws,
            ..Looks::default()
        },
        foreign_token: false,
    };
    let message = format!(
        "User: {CALLER} is not authorized to perform: {action} on resource: {ROLE}{because}"
    );
    let (step, operation) = (StepId::Assume, "sts:AssumeRole");
    let mut fault = Fault::new(step, Side::Sts, operation, ROLE, Cause::Answered, message);
    fault.status = Some(403);
    fault.code = Some("AccessDenied".to_owned());
    explain(&fault, &evidence)
}

fn codes(finding: &Finding) -> Vec<Code> {
    finding.ruled_out.iter().map(|cause| cause.code).collect()
}

fn first(because: &str, aws: AwsLooks) -> Finding {
    let findings = findings(because, aws);
    findings.into_iter().next().expect("a fault has a finding")
}

#[test]
fn what_a_look_excludes_is_no_alternative_any_more() {
    use Code::*;
    let unseen = first("", AwsLooks::default());
    assert_eq!((unseen.code, codes(&unseen)), (AWS219, vec![AWS211]));
    assert!(unseen.alternatives.contains(&AWS206), "{unseen:#?}");
    // The caller's side was seen, and the role's was not.
    let half = AwsLooks {
        caller_role: seen(Some(kong("sts:*"))),
        login_role: Look::Refused(Refused {
            action: "iam:GetRole".to_owned(),
            target: ROLE.to_owned(),
            by: "iam".to_owned(),
            because: String::new(),
            with: Rights::Own,
        }),
        ..AwsLooks::default()
    };
    let half = first("", half);
    assert_eq!((half.code, half.confidence), (AWS219, Confidence::Likely));
    assert_eq!(codes(&half), [AWS206, AWS208, AWS211], "{half:#?}");
    assert_eq!(
        half.alternatives,
        [AWS202, AWS201, AWS203, AWS204, AWS221, AWS205, AWS209],
        "{half:#?}"
    );
    // Both sides allow it, and AWS refuses.
    let both = AwsLooks {
        caller_role: seen(Some(kong("sts:*"))),
        login_role: seen(Some(vault_role())),
        ..AwsLooks::default()
    };
    let both = first("", both);
    assert_eq!((both.code, both.confidence), (AWS209, Confidence::Likely));
    assert_eq!(
        codes(&both),
        [
            AWS201, AWS221, AWS202, AWS203, AWS204, AWS205, AWS206, AWS208, AWS211
        ],
        "{both:#?}"
    );
    for cause in &both.ruled_out {
        assert!(!both.alternatives.contains(&cause.code), "{cause:?}");
    }
}

#[test]
fn what_was_found_is_not_ruled_out() {
    use Code::*;
    let absent = AwsLooks {
        account: seen("123456789012".to_owned()),
        login_role: seen(None),
        caller_role: seen(Some(kong("s3:*"))),
        ..AwsLooks::default()
    };
    let because = " because no identity-based policy allows the sts:AssumeRole action";
    let found = findings(because, absent);
    let numbers: Vec<Code> = found.iter().map(|finding| finding.code).collect();
    assert_eq!(numbers, [AWS201, AWS206]);
    for finding in &found {
        assert_eq!(codes(finding), [AWS208, AWS211], "{finding:#?}");
    }
    // AWS says that the right is missing, and what was seen has it: it is told all the same.
    let contradicted = AwsLooks {
        caller_role: seen(Some(kong("sts:*"))),
        ..AwsLooks::default()
    };
    let told = first(because, contradicted);
    assert_eq!((told.code, codes(&told)), (AWS206, vec![AWS208, AWS211]));
}

#[test]
fn the_action_that_aws_names_tells_tags_from_the_role() {
    let cases = [
        ("", Code::AWS222),
        (
            " because no identity-based policy allows the sts:TagSession action",
            Code::AWS222,
        ),
        (
            " because no resource-based policy allows the sts:TagSession action",
            Code::AWS222,
        ),
        (
            " because no permissions boundary allows the sts:TagSession action",
            Code::AWS208,
        ),
        (
            " with an explicit deny in a service control policy",
            Code::AWS209,
        ),
        (
            " with an explicit deny in an identity-based policy",
            Code::AWS207,
        ),
    ];
    for (because, code) in cases {
        let found = refused("sts:TagSession", because, AwsLooks::default());
        let first = found.first().expect("a fault has a finding");
        let told = (first.code, first.confidence);
        assert_eq!(told, (code, Confidence::Certain), "{because}");
        let of_role = first.code == Code::AWS222;
        let again = findings(because, AwsLooks::default());
        let again = again.first().expect("a fault has a finding");
        assert!(!of_role || again.code != Code::AWS222, "{because}");
    }
}
